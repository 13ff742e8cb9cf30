"""Runs: when, how long, what became of the documents, how many calls, and how they ended."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.report.documents import PAGE
from transfer_ledger.runs import Run, Runs
from transfer_ledger.schema import events, listing, runs, transfers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Engine, RowMapping

End = Literal["working", "settled", "open", "stopped", "broken off"]
"""How a run ended: it did not yet; all is settled; something is open; by a signal; nobody wrote down its end."""

SIGNALS = 128
"""A run that a signal stopped answers 128 and the signal."""

OVER = ("transferred", "adopted")
LEFT = ("failed", "unknown", "pending", "busy")
"""Results of a run, by whether the document is there; see ``transfer_ledger.summary.WORDS``."""


class RunRow(msgspec.Struct, kw_only=True, frozen=True):
    """One run in a list."""

    run: Run
    counts: dict[str, int]
    calls: int | None
    exit_code: int | None
    end: End

    @property
    def over(self) -> int:
        """How many documents went over."""
        return sum(self.counts.get(result, 0) for result in OVER)

    @property
    def left(self) -> int:
        """How many documents stayed open."""
        return sum(self.counts.get(result, 0) for result in LEFT)

    @property
    def duration(self) -> dt.timedelta | None:
        """How long it took; None while it is not over."""
        return None if self.run.finished_at is None else self.run.finished_at - self.run.started_at

    @property
    def failed(self) -> bool:
        """Whether a person should know how it ended."""
        return self.end not in ("working", "settled")


class RunPage(msgspec.Struct, kw_only=True, frozen=True):
    """Some runs, newest first, and where the next page begins."""

    rows: list[RunRow]
    older: str | None


class Step(msgspec.Struct, kw_only=True, frozen=True):
    """What happened to a document in a run."""

    id: int
    at: dt.datetime
    event: str
    detail: str | None
    transfer_id: int
    number: str | None
    source_id: str
    customer_name: str | None
    standing: str


def read_page(engine: Engine, clock: Callable[[], dt.datetime], before: str | None = None) -> RunPage:
    """Return the newest runs, or those before the run with this key."""
    query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        began = sa.select(runs.c.started_at).where(runs.c.id == before).scalar_subquery()
        query = query.where(sa.or_(runs.c.started_at < began, sa.and_(runs.c.started_at == began, runs.c.id < before)))
    found = _rows(engine, clock, query)
    return RunPage(rows=found[:PAGE], older=found[PAGE - 1].run.id if len(found) > PAGE else None)


def read_since(engine: Engine, clock: Callable[[], dt.datetime], since: dt.datetime) -> list[RunRow]:
    """Return the runs that began since a moment, oldest first."""
    return _rows(engine, clock, sa.select(runs).where(runs.c.started_at >= since).order_by(runs.c.started_at))


def read_run(engine: Engine, clock: Callable[[], dt.datetime], run_id: str) -> RunRow | None:
    """Return the run with this key."""
    return next(iter(_rows(engine, clock, sa.select(runs).where(runs.c.id == run_id))), None)


def read_steps(engine: Engine, run_id: str, after: int = 0) -> list[Step]:
    """Return what happened in a run, a page of it after the event with this number."""
    query = (
        sa.select(*_STEP_COLUMNS)
        .select_from(
            events.join(transfers, transfers.c.id == events.c.transfer_id).join(
                listing, listing.c.transfer_id == transfers.c.id
            )
        )
        .where(events.c.run_id == run_id, events.c.id > after)
        .order_by(events.c.id)
        .limit(PAGE + 1)
    )
    with engine.connect().execution_options(**READING) as connection:
        return [Step(**row) for row in connection.execute(query).mappings()]


_STEP_COLUMNS = [
    *(events.c[name] for name in ("id", "at", "event", "detail", "transfer_id")),
    *(transfers.c[name] for name in ("number", "source_id", "customer_name")),
    listing.c.standing,
]


def _rows(engine: Engine, clock: Callable[[], dt.datetime], query: sa.Select[Any]) -> list[RunRow]:
    with engine.connect().execution_options(**READING) as connection:
        found = connection.execute(query).mappings().all()
    known = Runs(engine, clock)
    return [_row(row, known) for row in found]


def _row(row: RowMapping, known: Runs) -> RunRow:
    run = Run(**{name: row[name] for name in Run.__struct_fields__})
    counts = msgspec.json.decode(row["counts"] or "{}", type=dict[str, int])
    end = _end(run, row["exit_code"], counts, known)
    return RunRow(run=run, counts=counts, calls=row["calls"], exit_code=row["exit_code"], end=end)


def _end(run: Run, code: int | None, counts: Mapping[str, int], known: Runs) -> End:
    if run.finished_at is None:
        return "working" if known.alive(run) else "broken off"
    if code is not None and code > SIGNALS:
        return "stopped"
    return "open" if code or any(counts.get(result) for result in LEFT) else "settled"
