"""Writing one order into a file, and following what the importer makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from target_exact_globe.elements import TOPICS, order_element
from target_exact_globe.importer import ENDED, KILLED, STARTED
from target_exact_globe.outbox import OPEN, OUT, SEEN
from target_exact_globe.service_steps import CREATE
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Awaited, Rejected
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_exact_globe.importer import Importer
    from target_exact_globe.orders import Order
    from target_exact_globe.outbox import Outbox
    from target_exact_globe.results import Results

FILE = "file"


class Desk:
    """What the steps work with.

    Args:
        outbox: takes the documents.
        importer: imports what was handed over.
        results: what the importer says.
    """

    def __init__(self, outbox: Outbox, importer: Importer, results: Results) -> None:
        self.outbox = outbox
        self.importer = importer
        self.results = results

    def hand_over(self) -> None:
        """Give the importer everything that waits for it.

        Raises:
            StopRun: the folder or the import program cannot be used.
        """
        for _ in self.outbox.hand_over():
            self.importer.run()
        self.importer.run()

    def is_filling(self, name: str) -> bool:
        """Tell whether a file still takes documents, so that nobody has it: what is said was said of an earlier one."""
        record = self.outbox.record_of(name)
        return record is not None and record.suffix == OPEN

    def told(self, reference: str, name: str) -> Receipt | None:
        """Return the receipt of a document in a file, once anything says what became of it.

        Raises:
            Rejected: it was refused.
        """
        if self.is_filling(name):
            return None
        record = self.outbox.record_of(name)
        seen = record / SEEN if record is not None else None
        since = seen.read_text(encoding="utf-8").split("\n") if seen is not None and seen.is_file() else []
        told = self.results.told(reference, name.partition("_")[0], since)
        return told or self.results.acknowledged(reference, self.outbox.path_of(name))

    def where(self, name: str) -> tuple[str, str]:
        """Return where a file is, in a sentence, and what to do."""
        record, path = self.outbox.record_of(name), self.outbox.path_of(name)
        sentence, advice = _SAID.get(record.suffix if record is not None else "", _SAID[OUT])
        if path.exists():
            sentence = "{file} is in the folder; nothing says yet that it was imported."
        return sentence.format(file=path.name), advice


_CONFIRM = "It is followed up on each run; `transfers confirm` settles it by hand."
_SAID = {
    OPEN: ("It is in file {file}, which is handed over when it is full or the run ends.", ""),
    OUT: ("{file} was picked up; nothing says yet what became of it.", _CONFIRM),
    STARTED: (
        "The import of {file} was begun and its end not seen, so it may have arrived in part.",
        "Look in Globe, then `transfers confirm` each of its documents.",
    ),
    ENDED: ("The import of {file} has ended; nothing says yet what became of it.", _CONFIRM),
    KILLED: (
        "The import of {file} was cut short, so it may have arrived in part.",
        "The next run sends again what Globe does not hold. Without services_url: look, then `transfers confirm`.",
    ),
}
"""By how far a file is: what is said of it, and what to do."""


def steps(
    desk: Desk, order: Order, tokens: tuple[str, str], read_back: Callable[[], Receipt | None], *, conclusive: bool
) -> list[Step]:
    """Return the steps of an order.

    Args:
        desk: the folder and its importer.
        order: what is written.
        tokens: names of this attempt and of the last one.
        read_back: looks it up in Globe, where Globe can be asked.
        conclusive: whether an order that was handed over by an earlier run, and is not found, is not there.
    """
    return [
        putting(desk, TOPICS[order.kind].name, order.reference, tokens, lambda: order_element(order)),
        following(desk, order, read_back, conclusive=conclusive),
    ]


def putting(desk: Desk, topic: str, name: str, tokens: tuple[str, str], element: Callable[[], etree._Element]) -> Step:
    """Return the step that puts a document into a file."""

    def find(_: Receipts) -> Receipt | None:
        file = desk.outbox.file_of(tokens[1])
        return None if file is None else Receipt(id=file)

    def write(_: Receipts) -> Receipt:
        file = desk.outbox.put(topic, tokens[0], name, element())
        if desk.outbox.is_full():
            desk.hand_over()
        return Receipt(id=file)

    def shows(_: Receipts) -> Mapping[str, str]:
        return {topic: etree.tostring(element(), encoding="unicode", pretty_print=True)}

    return Step(name=FILE, find=find, write=write, precedes=True, shows=shows)


def following(desk: Desk, order: Order, read_back: Callable[[], Receipt | None], *, conclusive: bool) -> Step:
    """Return the step that waits for a document in a file to be in Globe; it writes nothing itself."""

    def find(done: Receipts) -> Receipt | None:
        name = done[FILE].id if FILE in done else None
        if name and desk.is_filling(name):
            return None
        try:
            receipt = (desk.told(order.reference, name) if name else None) or read_back()
        except Rejected as refused:
            # What is refused when its file is picked up a second time came in with the first.
            receipt = read_back()
            if receipt is None:
                raise _refused(order, refused) from None
        if receipt is None and conclusive and name and desk.importer.killed(name):
            raise _not_reached(order, name)
        return receipt

    def write(done: Receipts) -> Receipt:
        receipt = find(done)
        if receipt is None:
            raise Awaited(*desk.where(done[FILE].id))
        return receipt

    return Step(name=CREATE, find=find, write=write)


def _refused(order: Order, refused: Rejected) -> Rejected:
    """Return what is said of a refusal that may be that of a second import, when nobody could be asked."""
    if order.number is None:
        return refused
    message = f"If it is refused because order {order.number} exists, its file may have been imported twice"
    twice = Problem(field="reference", value=str(order.number), message=message)
    advice = (
        f"Look at order {order.number} in Globe. Is it this one, then say `transfers confirm {order.reference} "
        f"--received-as {order.number}`. Is it not: {refused.advice}"
    )
    return Rejected([*refused.problems, twice], advice)


def _not_reached(order: Order, name: str) -> Rejected:
    message = f"The import of {name} was cut short before it came to {order.reference}: Globe does not hold it"
    problem = Problem(field="exact_globe", value=order.reference, message=message)
    return Rejected([problem], "It is sent again on the next run.")
