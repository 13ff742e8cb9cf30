"""The report: how things stand, what a period brought, what is to be done. Every format is made from this."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
import hashlib
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.report.documents import GROUPS, ROW_COLUMNS, Row, by_standing, count
from transfer_ledger.report.problems import Told, read_groups, with_members
from transfer_ledger.report.runs import RunRow, read_since
from transfer_ledger.schema import ATTENTION, OPEN, listing, transfers

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from transfer_ledger.wording import Words

NAMED = 50
"""Documents of one cause that a report names; the rest is counted."""


class Report(msgspec.Struct, kw_only=True, frozen=True):
    """What is told, in one language."""

    made_at: dt.datetime
    since: dt.datetime
    looked_at: dt.datetime
    """When somebody looked last: a run that failed before is no news."""
    counts: Counter[str]
    """How many documents have each standing now."""
    told: list[Told]
    """What is open or waits for a person now, by cause."""
    rows: list[Row]
    """What changed since, and what is open or waits for a person; newest first."""
    runs: list[RunRow]
    """Those that began since, oldest first."""
    exit_code: int | None = None
    """What the job answered, where that is known: it may have failed before anything could be written down."""
    page_url: str | None = None
    """Where the page is, so that each document can be opened there."""

    @property
    def over(self) -> list[Row]:
        """What went over since."""
        return [row for row in self.rows if row.standing in GROUPS["over"] and self._is_new(row)]

    @property
    def open(self) -> int:
        """How many documents did not go over."""
        return sum(self.counts[state] for state in OPEN)

    @property
    def attention(self) -> int:
        """How many went over and wait for a person."""
        return self.counts[ATTENTION]

    @property
    def amounts(self) -> dict[str, Decimal]:
        """Currency to the sum of what went over since."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.over:
            if row.gross is not None:
                sums[row.currency or ""] += row.gross
        return dict(sums)

    @property
    def failed_runs(self) -> list[RunRow]:
        """Runs that did not come to their end."""
        return [row for row in self.runs if row.end in {"stopped", "broken off"}]

    @property
    def failed_before(self) -> bool:
        """Whether the job failed without any run that could say why."""
        known = (row.failed and row.run.heartbeat_at > self.looked_at for row in self.runs)
        return bool(self.exit_code) and not any(known)

    @property
    def well(self) -> bool:
        """Whether nobody has to do anything."""
        return not (self.open or self.attention or self.failed_runs or self.failed_before)

    @property
    def digest(self) -> str:
        """Changes with what is to be done, and with nothing else."""
        waiting = sorted((row.id, row.standing, row.problems) for row in self.rows if row.standing in GROUPS["waiting"])
        return hashlib.sha256(msgspec.json.encode(waiting)).hexdigest()

    def _is_new(self, row: Row) -> bool:
        return row.settled_at is not None and row.settled_at >= self.since


def read(
    engine: Engine,
    clock: Callable[[], dt.datetime],
    words: Words,
    since: dt.datetime,
    *,
    looked_at: dt.datetime | None = None,
    exit_code: int | None = None,
    page_url: str | None = None,
) -> Report:
    """Return the report of what happened since a moment."""
    return Report(
        made_at=clock(),
        since=since,
        looked_at=looked_at or since,
        counts=by_standing(count(engine)),
        told=with_members(engine, read_groups(engine, words), NAMED),
        rows=_rows(engine, since),
        runs=read_since(engine, clock, since),
        exit_code=exit_code,
        page_url=page_url.rstrip("/") if page_url else None,
    )


def _rows(engine: Engine, since: dt.datetime) -> list[Row]:
    query = (
        sa.select(*ROW_COLUMNS)
        .select_from(transfers.join(listing, listing.c.transfer_id == transfers.c.id))
        .where(sa.or_(transfers.c.updated_at >= since, listing.c.standing.in_(GROUPS["waiting"])))
        .order_by(transfers.c.id.desc())
    )
    with engine.connect().execution_options(**READING) as connection:
        return [Row(**row) for row in connection.execute(query).mappings()]
