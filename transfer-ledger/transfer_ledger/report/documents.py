"""Documents in a list: counted, filtered, searched, and read page by page."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from collections import Counter
from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations at run time
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import CHUNK, READING
from transfer_ledger.schema import ATTENTION, OPEN, listing, transfers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

PAGE = 50
"""Documents on one page."""

MOST_WORDS = 8
"""Words of a search that are looked for; the page says so when there are more."""

GROUPS: dict[str, tuple[str, ...]] = {
    "open": OPEN,
    "waiting": (*OPEN, ATTENTION),
    "over": ("transferred", ATTENTION),
}
"""Names for several standings at once."""


class Row(msgspec.Struct, kw_only=True, frozen=True):
    """One document in a list."""

    id: int
    administration: str
    kind: str
    standing: str
    number: str | None
    source_id: str
    reference: str | None
    customer_name: str | None
    currency: str | None
    gross: Decimal | None
    invoice_date: dt.date | None
    receipt_number: str | None
    receipt_id: str | None
    source_url: str | None
    receipt_url: str | None
    reason: str | None
    problems: str
    updated_at: dt.datetime
    settled_at: dt.datetime | None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.number or self.source_id


ROW_COLUMNS = [
    listing.c[name] if name in {"standing", "problems"} else transfers.c[name] for name in Row.__struct_fields__
]


class Chosen(msgspec.Struct, kw_only=True, frozen=True):
    """Which documents to show; an empty field does not restrict."""

    standing: str = ""
    """A standing, or one of ``GROUPS``."""
    kind: str = ""
    administration: str = ""
    search: str = ""

    @property
    def words(self) -> list[str]:
        """What is looked for: each word must be found."""
        return self.search.replace("\0", "").casefold().split()

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the choice as conditions on ``listing``."""
        equal = ((listing.c.kind, self.kind), (listing.c.administration, self.administration))
        conditions = [column == value for column, value in equal if value]
        if self.standing:
            conditions.append(listing.c.standing.in_(GROUPS.get(self.standing, (self.standing,))))
        for word in self.words[:MOST_WORDS]:
            found = (column.contains(word, autoescape=True) for column in (listing.c.words, listing.c.receipt_words))
            conditions.append(sa.or_(*found))
        return conditions


class Page(msgspec.Struct, kw_only=True, frozen=True):
    """Some documents, newest first, and by which keys the pages beside it begin; None where there is none."""

    rows: list[Row]
    older: int | None
    newer: int | None


def read_page(engine: Engine, chosen: Chosen, *, before: int | None = None, after: int | None = None) -> Page:
    """Return the newest documents before, or the oldest after, the one with this number; the newest of all without.

    A page is found by the number it begins at, so the last page takes no longer than the first.
    """
    upwards = after is not None and before is None
    key = listing.c.transfer_id
    query = sa.select(key).where(*chosen.conditions()).limit(PAGE + 1)
    query = query.order_by(key.asc() if upwards else key.desc())
    if upwards:
        query = query.where(key > after)
    elif before is not None:
        query = query.where(key < before)
    with engine.connect().execution_options(**READING) as connection:
        ids = list(connection.execute(query).scalars())
        more, ids = len(ids) > PAGE, sorted(ids[:PAGE], reverse=True)
        rows = connection.execute(_by_id(ids)).mappings().all()
    found = [Row(**row) for row in rows]
    beyond = bool(ids) and (more if upwards else before is not None)
    return Page(
        rows=found,
        older=ids[-1] if ids and (upwards or more) else None,
        newer=ids[0] if beyond else None,
    )


def read_rows(engine: Engine, ids: Sequence[int]) -> list[Row]:
    """Return the documents with these numbers, newest first."""
    found: list[Row] = []
    remaining = iter(sorted(ids, reverse=True))
    with engine.connect().execution_options(**READING) as connection:
        while chunk := list(islice(remaining, CHUNK)):
            found += [Row(**row) for row in connection.execute(_by_id(chunk)).mappings()]
    return found


def count(engine: Engine) -> Counter[tuple[str, str, str]]:
    """Return how many documents there are by (administration, kind, standing)."""
    by = (listing.c.administration, listing.c.kind, listing.c.standing)
    with engine.connect().execution_options(**READING) as connection:
        rows = connection.execute(sa.select(*by, sa.func.count()).group_by(*by))
        return Counter({(row[0], row[1], row[2]): row[3] for row in rows})


def by_standing(counts: Counter[tuple[str, str, str]]) -> Counter[str]:
    """Return how many documents have each standing."""
    found: Counter[str] = Counter()
    for (_, _, standing), number in counts.items():
        found[standing] += number
    return found


def _by_id(ids: Sequence[int]) -> sa.Select[Any]:
    return (
        sa.select(*ROW_COLUMNS)
        .select_from(transfers.join(listing, listing.c.transfer_id == transfers.c.id))
        .where(transfers.c.id.in_(ids))
        .order_by(transfers.c.id.desc())
    )
