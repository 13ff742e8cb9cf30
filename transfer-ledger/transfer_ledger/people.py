"""What people decide about documents, and the trail of it: retry, dismiss, settle, confirm, release.

Each decision is one change of the ledger, made only if nobody changed the document since it was looked at, and stands
in ``actions`` in the same transaction. What a living run is sending is never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from transfer_ledger import confirmation
from transfer_ledger.confirmation import REFERENCE, SENDING, Undecidable, can_confirm
from transfer_ledger.database import READING
from transfer_ledger.documents import STREAMS, Voucher
from transfer_ledger.schema import NAME_LENGTH, actions, transfers
from transfer_ledger.transfers import Key, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_ledger.ledger import Ledger
    from transfer_ledger.transfers import Transfer

RETRIED = "A person asked for it to be sent again."


class Person(msgspec.Struct, frozen=True):
    """Somebody who decides; in the ledger in the place of a run."""

    name: str

    @property
    def person(self) -> str:
        """Under which name it stands in the trail of actions."""
        return self.name

    @property
    def id(self) -> str:
        """What the ledger writes down."""
        return f"person {self.name}"[:NAME_LENGTH]


def transfer_of(ledger: Ledger, transfer_id: int, version: int) -> Transfer:
    """Return a transfer as it was looked at.

    Raises:
        Undecidable: it is not there, changed since, or is being sent.
    """
    query = sa.select(*(transfers.c[name] for name in Key.__struct_fields__)).where(transfers.c.id == transfer_id)
    with ledger.engine.connect().execution_options(**READING) as connection:
        row = connection.execute(query).mappings().one_or_none()
    transfer = None if row is None else ledger.transfer(Key(**row))
    if transfer is None:
        raise Undecidable("There is no such document.")
    transfer = untouched(ledger, transfer)
    if transfer.version != version:
        raise Undecidable("It changed since you looked at it. Look again.")
    return transfer


def untouched(ledger: Ledger, transfer: Transfer) -> Transfer:
    """Return a transfer that no run is sending; what a run that died was sending is in doubt.

    Raises:
        Undecidable: a living run is sending it.
    """
    if transfer.state == SENDING:
        owner = ledger.runs.get(transfer.run_id)
        if owner is not None and ledger.runs.alive(owner):
            raise Undecidable("It is being sent at this moment. Look again when the run is over.")
        transfer.state = "unknown"
    return transfer


def retry(ledger: Ledger, person: Person, transfer: Transfer, detail: str = "") -> None:
    """Let a document be offered again that failed, or that was left out or dismissed.

    Raises:
        Undecidable: it stands otherwise.
        Taken: a run changed it meanwhile.
    """
    _must(transfer, can_retry)
    transfer.state, transfer.dismissed_by = "pending", None
    transfer.reason, transfer.advice, transfer.problems = RETRIED, "", []
    ledger.save(transfer, person, event="retried", detail=detail, durable=True)


def dismiss(ledger: Ledger, person: Person, transfer: Transfer, detail: str) -> None:
    """Let a document be settled by hand: it is left out, also when it changes, until it is retried.

    Of an invoice or order that is there already, what was left to do is given up.

    Raises:
        Undecidable: it stands otherwise, or no reason is given.
        Taken: a run changed it meanwhile.
    """
    _must(transfer, can_dismiss)
    if not detail:
        raise Undecidable("Say why it is not to go over.")
    if transfer.receipt is not None and issubclass(STREAMS[transfer.key.kind], Voucher):
        transfer.state, transfer.reason = "transferred", ""
    else:
        transfer.state, transfer.dismissed_by, transfer.reason = "skipped", person.name[:NAME_LENGTH], detail
    transfer.advice, transfer.problems = "", []
    ledger.save(transfer, person, event="dismissed", detail=detail, durable=True)


def settle(ledger: Ledger, person: Person, transfer: Transfer, detail: str = "") -> None:
    """Write down that a person looked at what is asked of a transferred document; it is not asked again.

    Raises:
        Undecidable: nothing is asked.
        Taken: a run changed it meanwhile.
    """
    _must(transfer, can_settle)
    transfer.answered = [*transfer.answered, *transfer.problems]
    transfer.reason, transfer.advice, transfer.problems = "", "", []
    ledger.save(transfer, person, event="answered", detail=detail, durable=True)


def confirm(ledger: Ledger, person: Person, transfer: Transfer, number: str) -> None:
    """Write down that the receiving system holds a document whose outcome is not known, under this number.

    Raises:
        Undecidable: its outcome is known, no number is given, or another document has the number.
        Taken: a run changed it meanwhile.
    """
    _must(transfer, can_confirm)
    if not number:
        raise Undecidable("Give the number it has there.")
    try:
        confirmation.confirm(ledger, person, transfer, number)
    except Undecidable:
        raise Undecidable("Another document has that number there already.") from None


def release(ledger: Ledger, person: Person, transfer: Transfer, detail: str = "") -> None:
    """Write down that the receiving system does not hold a document: it is sent again.

    Raises:
        Undecidable: its outcome is known.
        Taken: a run changed it meanwhile.
    """
    _must(transfer, can_confirm)
    transfer.answered = [*transfer.answered, *(each for each in transfer.problems if each.field == REFERENCE)]
    transfer.problems = []
    confirmation.release(ledger, person, transfer, detail)


def can_retry(transfer: Transfer) -> bool:
    """Whether a document may be asked for again."""
    return transfer.state in {"failed", "skipped"}


def can_dismiss(transfer: Transfer) -> bool:
    """Whether a document may be settled by hand; of one in doubt it must first be said whether it is there."""
    return transfer.state in {"failed", "pending"}


def can_settle(transfer: Transfer) -> bool:
    """Whether something is asked of a person."""
    return transfer.state == "transferred" and bool(transfer.problems)


CHOICES: dict[str, Callable[[Transfer], bool]] = {
    "retry": can_retry,
    "dismiss": can_dismiss,
    "settle": can_settle,
    "confirm": can_confirm,
    "release": can_confirm,
}
"""What a person can decide, and when."""

DECISIONS: dict[str, Callable[[Ledger, Person, Transfer, str], None]] = {
    "retry": retry,
    "dismiss": dismiss,
    "settle": settle,
    "confirm": confirm,
    "release": release,
}
"""What each does; the text is a reason, or the number."""


def note(ledger: Ledger, who: str, action: str, detail: str, transfer_id: int | None = None) -> None:
    """Write down what somebody did, or tried, that changed no document."""
    row = {"at": ledger.clock(), "who": plain(who), "action": action, "transfer_id": transfer_id}
    with ledger.engine.begin() as connection:
        connection.execute(sa.insert(actions).values(row | {"detail": plain(detail)}))


def _must(transfer: Transfer, can: Callable[[Transfer], bool]) -> None:
    if not can(transfer):
        raise Undecidable("That cannot be done with it as it stands now. Look again.")
