"""Writing one order into a file, and following what the importer makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from target_exact_globe.elements import TOPICS, order_element
from target_exact_globe.outbox import OPEN, SEEN
from target_exact_globe.service_steps import CREATE
from transfer_ledger.exceptions import Awaited
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

    def told(self, reference: str, name: str) -> Receipt | None:
        """Return the receipt of a document in a file, once anything says what became of it.

        Raises:
            Rejected: it was refused.
        """
        record = self.outbox.record_of(name)
        seen = record / SEEN if record is not None else None
        since = seen.read_text(encoding="utf-8").split("\n") if seen is not None and seen.is_file() else []
        told = self.results.told(reference, name.partition("_")[0], since)
        return told or self.results.acknowledged(reference, self.outbox.path_of(name))

    def where(self, name: str) -> tuple[str, str]:
        """Return where a file is, in a sentence, and what to do."""
        record, path = self.outbox.record_of(name), self.outbox.path_of(name)
        if record is not None and record.suffix == OPEN:
            return f"It is in file {name}, which is handed over when it is full or the run ends.", ""
        if self.importer.interrupted(name):
            return (
                f"The import of {path.name} was begun and did not end, so it may have arrived in part.",
                "Look in Globe, then `transfers confirm` each of its documents.",
            )
        if path.exists():
            return f"{path.name} is in the folder; nothing says yet that it was imported.", _CONFIRM
        return f"{path.name} was picked up; nothing says yet what became of it.", _CONFIRM


_CONFIRM = "It is followed up on each run; `transfers confirm` settles it by hand."


def steps(desk: Desk, order: Order, tokens: tuple[str, str], read_back: Callable[[], Receipt | None]) -> list[Step]:
    """Return the steps of an order.

    Args:
        desk: the folder and its importer.
        order: what is written.
        tokens: names of this attempt and of the last one.
        read_back: looks it up in Globe, where Globe can be asked.
    """
    return [
        putting(desk, TOPICS[order.kind].name, order.reference, tokens, lambda: order_element(order)),
        following(desk, order.reference, read_back),
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


def following(desk: Desk, reference: str, read_back: Callable[[], Receipt | None]) -> Step:
    """Return the step that waits for a document in a file to be in Globe; it writes nothing itself."""

    def find(done: Receipts) -> Receipt | None:
        told = desk.told(reference, done[FILE].id) if FILE in done else None
        return told or read_back()

    def write(done: Receipts) -> Receipt:
        receipt = find(done)
        if receipt is None:
            raise Awaited(*desk.where(done[FILE].id))
        return receipt

    return Step(name=CREATE, find=find, write=write)
