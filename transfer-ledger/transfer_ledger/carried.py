"""Which rows of the source system went over within a document: none of them goes over again within another one.

A tap puts rows together as its settings say. When its state is lost, rows may be put together otherwise than before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed
from transfer_ledger.schema import transfers
from transfer_ledger.sent import Whose

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from transfer_ledger.documents import PurchaseOrder

ADVICE = (
    "The tap puts rows together otherwise than it did, as it may when its state is lost: set `receipt_seconds` and "
    "`receipt_by` back to what they were, or put this one aside."
)


class _Line(msgspec.Struct):
    source_ids: list[str] = []


class _Lines(msgspec.Struct):
    lines: list[_Line] = []


_decode = msgspec.json.Decoder(_Lines).decode


def carried(engine: Engine, whose: Whose) -> dict[str, str]:
    """Return the rows in lines of documents that the receiver holds or may hold, each with its document's source id."""
    may_be_there = sa.or_(transfers.c.receipt_id.is_not(None), transfers.c.step.is_not(None))
    query = sa.select(transfers.c.source_id, transfers.c.document).where(
        *whose.conditions(), may_be_there, transfers.c.document.is_not(None)
    )
    with engine.connect().execution_options(**READING) as connection:
        return {
            row: source_id
            for source_id, document in connection.execute(query.order_by(transfers.c.id))
            for line in _decode(document).lines
            for row in line.source_ids
        }


class Carried:
    """Refuses documents of one kind to one administration that bring rows which went over already.

    Args:
        engine: Of the ledger.
        administration: Where they go.
        kind: What they are.
    """

    def __init__(self, engine: Engine, administration: str, kind: str) -> None:
        self._engine, self._administration, self._kind = engine, administration, kind
        self._rows: dict[Whose, dict[str, str]] = {}

    def check(self, document: PurchaseOrder) -> None:
        """Look a document's rows up.

        Raises:
            DocumentFailed: some of them went over with another document, or came with one before it in this run.
        """
        source = document.source
        whose = Whose(
            administration=self._administration,
            kind=self._kind,
            source_system=source.system,
            source_tenant=source.tenant,
            source_stream=source.stream,
        )
        if whose not in self._rows:
            self._rows[whose] = carried(self._engine, whose)
        own = [row for line in document.lines for row in line.source_ids]
        found = {row: other for row in own if (other := self._rows[whose].setdefault(row, source.id)) != source.id}
        if found:
            told = ", ".join(f"row {row} with receipt {other}" for row, other in found.items())
            message = f"Goods of {document.number} stand in another receipt too: {told}"
            raise DocumentFailed([Problem(field="lines.source_ids", value=", ".join(found), message=message)], ADVICE)
