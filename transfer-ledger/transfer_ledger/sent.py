"""What the ledger knows of documents by what the receiving system calls them: the way back."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations at run time
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import CHUNK, READING
from transfer_ledger.schema import transfers
from transfer_ledger.transfers import ROW_COLUMNS, Key, Transfer, from_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Engine

MENTIONS = 50
"""Texts that are looked for in documents with one statement."""


class Sent(msgspec.Struct, kw_only=True, frozen=True):
    """A document that the receiving system holds: whose it is, and what both sides call it."""

    source_system: str
    source_tenant: str
    source_id: str
    number: str | None
    reference: str | None
    customer_name: str | None
    currency: str | None
    gross: Decimal | None
    receipt_id: str
    receipt_number: str | None


class Whose(msgspec.Struct, kw_only=True, frozen=True):
    """The transfers of one stream of one tenant, of one kind, to one administration."""

    administration: str
    kind: str
    source_system: str
    source_tenant: str
    source_stream: str

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return this as conditions of a query."""
        return [transfers.c[name] == getattr(self, name) for name in self.__struct_fields__]

    def key(self, source_id: str) -> Key:
        """Return the key of one of them."""
        return Key(**msgspec.structs.asdict(self), source_id=source_id)


def sent(engine: Engine, administration: str, kind: str, column: str, values: Iterable[str]) -> list[Sent]:
    """Return the documents that an administration holds of which ``receipt_id`` or ``reference`` is one of these."""
    columns = [transfers.c[name] for name in Sent.__struct_fields__]
    found: list[Sent] = []
    with engine.connect().execution_options(**READING) as connection:
        for chunk in _chunks(values, CHUNK):
            query = sa.select(*columns).where(
                transfers.c.administration == administration,
                transfers.c.kind == kind,
                transfers.c.receipt_id.is_not(None),
                transfers.c[column].in_(chunk),
            )
            found += [Sent(**row) for row in connection.execute(query.order_by(transfers.c.id)).mappings()]
    return found


def known(engine: Engine, whose: Whose, source_ids: Iterable[str]) -> dict[str, Transfer]:
    """Return the transfers of these source records, by their ids."""
    columns = [transfers.c[name] for name in ("source_id", *ROW_COLUMNS)]
    found: dict[str, Transfer] = {}
    with engine.connect().execution_options(**READING) as connection:
        for chunk in _chunks(source_ids, CHUNK):
            query = sa.select(*columns).where(*whose.conditions(), transfers.c.source_id.in_(chunk))
            for row in connection.execute(query).mappings():
                found[row["source_id"]] = from_row(whose.key(row["source_id"]), row)
    return found


def mentioning(engine: Engine, whose: Whose, texts: Iterable[str]) -> dict[str, str]:
    """Return for texts that stand in a document, such as a key within it, the id of its source record."""
    found: dict[str, str] = {}
    with engine.connect().execution_options(**READING) as connection:
        for chunk in _chunks(texts, MENTIONS):
            within = sa.or_(*(transfers.c.document.contains(text, autoescape=True) for text in chunk))
            query = sa.select(transfers.c.source_id, transfers.c.document).where(*whose.conditions(), within)
            for source_id, document in connection.execute(query):
                found |= {text: source_id for text in chunk if text in document}
    return found


def _chunks(values: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    remaining = iter(sorted(set(values)))
    while chunk := list(islice(remaining, size)):
        yield chunk
