"""What a person says became of a document whose outcome no system tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from transfer_ledger.database import READING
from transfer_ledger.outcomes import IN_DOUBT
from transfer_ledger.receipts import Receipt
from transfer_ledger.schema import transfers
from transfer_ledger.transfers import Key

if TYPE_CHECKING:
    from collections.abc import Collection

    from transfer_ledger.ledger import Author, Ledger
    from transfer_ledger.transfers import Transfer

REFERENCE = "reference"
"""The field of the problem that something in the receiving system could be this document."""
SENDING = "sending"
CONFIRMED = "confirmed"
"""The step that a person's word counts as."""


class Undecidable(Exception):  # noqa: N818 - named by what it says
    """What was said of a document cannot be written down; the message says why."""


def can_confirm(transfer: Transfer) -> bool:
    """Whether a person may say if a document is there."""
    asked = any(problem.field == REFERENCE for problem in transfer.problems)
    return transfer.state in IN_DOUBT or (transfer.state == "failed" and asked)


def in_doubt(ledger: Ledger, named: Collection[str], kind: str | None) -> list[Transfer]:
    """Return the transfers that may or may not have arrived and have one of these numbers, references or source ids.

    One that is being sent is among them: a run that died may have left it so.
    """
    names = (transfers.c.number, transfers.c.reference, transfers.c.source_id)
    query = (
        sa.select(*(transfers.c[name] for name in Key.__struct_fields__))
        .where(transfers.c.state.in_((*IN_DOUBT, SENDING, "failed")), sa.or_(*(name.in_(named) for name in names)))
        .order_by(transfers.c.id)
    )
    with ledger.engine.connect().execution_options(**READING) as connection:
        keys = [Key(**row) for row in connection.execute(query).mappings()]
    found = (ledger.transfer(key) for key in keys if kind in (None, key.kind))
    return [each for each in found if each is not None and (each.state == SENDING or can_confirm(each))]


def confirm(ledger: Ledger, run: Author, transfer: Transfer, number: str | None) -> None:
    """Write down that the receiving system holds a document, under this number if a person knows it.

    Raises:
        Undecidable: another transfer has that number.
        Taken: a run changed it meanwhile.
    """
    key = transfer.key
    if number and _owned(ledger, key, number):
        raise Undecidable(f"Another transfer was received as {number} already.")
    transfer.receipt = Receipt(id=number or f"{key.source_stream}/{key.source_id}", number=number, adopted=True)
    transfer.steps[CONFIRMED] = transfer.receipt
    transfer.state, transfer.reason, transfer.advice, transfer.problems = "transferred", "", "", []
    try:
        ledger.save(transfer, run, event="confirmed", detail=number or "", durable=True)
    except IntegrityError as error:
        raise Undecidable(f"Another transfer was received as {number} already.") from error


def _owned(ledger: Ledger, key: Key, number: str) -> bool:
    same = (transfers.c.administration == key.administration, transfers.c.kind == key.kind)
    query = sa.select(transfers.c.id).where(*same, transfers.c.receipt_number == number).limit(1)
    with ledger.engine.connect().execution_options(**READING) as connection:
        return connection.execute(query).first() is not None


def release(ledger: Ledger, run: Author, transfer: Transfer, detail: str = "") -> None:
    """Write down that the receiving system does not hold a document: it is sent again when it is offered next.

    Raises:
        Taken: a run changed it meanwhile.
    """
    transfer.step, transfer.steps, transfer.state = None, {}, "failed"
    transfer.reason = "A person said that it did not arrive."
    transfer.advice = "It is sent again on the next run."
    ledger.save(transfer, run, event="released", detail=detail, durable=True)
