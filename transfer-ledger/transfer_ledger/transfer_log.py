"""The transfer log: the ledger, for people to read in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from transfer_ledger.database import READING
from transfer_ledger.receipts import CENT
from transfer_ledger.schema import ATTENTION, OPEN, STATES, transfers
from transfer_ledger.summary import printable, sentences
from transfer_ledger.transfers import called

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from rich.console import RenderableType
    from sqlalchemy import Engine

NO_PROBLEMS = "[]"

STYLES = {
    "transferred": "green",
    "skipped": "dim",
    "failed": "red",
    "unknown": "yellow",
    "sent": "cyan",
    ATTENTION: "yellow",
}

_WANTED: dict[str, sa.ColumnElement[bool]] = {
    **{state: transfers.c.state == state for state in STATES},
    "open": transfers.c.state.in_(OPEN),
    ATTENTION: sa.and_(transfers.c.state == "transferred", transfers.c.problems != NO_PROBLEMS),
}

WANTED = tuple(_WANTED)
"""What can be asked for: a state, ``open`` (any that is not settled) or ``attention`` (transferred, with a problem)."""


class Filter(msgspec.Struct, kw_only=True, frozen=True):
    """Which transfers to show; an empty field does not restrict."""

    wanted: Sequence[str] = ()
    kind: str | None = None
    since: dt.datetime | None = None
    """Changed at or after this moment."""
    number: str | None = None
    """What the document is called, whole: its number here or there, its reference, or the id of its record."""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the filter as conditions of a query."""
        conditions = []
        if self.wanted:
            conditions.append(sa.or_(*(_WANTED[name] for name in self.wanted)))
        if self.kind is not None:
            conditions.append(transfers.c.kind == self.kind)
        if self.since is not None:
            conditions.append(transfers.c.updated_at >= self.since)
        if self.number is not None:
            conditions.append(called(self.number.strip()))
        return conditions


class Entry(msgspec.Struct, kw_only=True, frozen=True):
    """One line of the transfer log."""

    updated_at: dt.datetime
    administration: str
    source_id: str
    number: str | None
    customer_name: str | None
    currency: str | None
    gross: Decimal | None
    state: str
    receipt_number: str | None
    receipt_id: str | None
    reason: str | None
    advice: str | None
    problems: str


def entries(engine: Engine, chosen: Filter, limit: int) -> tuple[list[Entry], int]:
    """Return the transfers that changed last, oldest first, at most ``limit`` (0: all), and how many there are."""
    columns = [transfers.c[name] for name in Entry.__struct_fields__]
    newest = (
        sa.select(*columns).where(*chosen.conditions()).order_by(transfers.c.updated_at.desc(), transfers.c.id.desc())
    )
    count = sa.select(sa.func.count()).select_from(transfers).where(*chosen.conditions())
    with engine.connect().execution_options(**READING) as connection:
        rows = connection.execute(newest.limit(limit) if limit else newest).mappings().all()
        total = connection.execute(count).scalar_one()
    return [Entry(**row) for row in reversed(rows)], total


def table(shown: Sequence[Entry]) -> Table:
    """Return the entries as a table that folds what does not fit, so that nothing is cut."""
    several = len({entry.administration for entry in shown}) > 1
    result = Table(show_edge=False, pad_edge=False, header_style="bold")
    for heading in ("When", *(["Administration"] if several else []), "Document", "Customer"):
        result.add_column(heading, overflow="fold")
    result.add_column("Amount", overflow="fold", justify="right")
    for heading in ("State", "Received as"):
        result.add_column(heading, overflow="fold")
    result.add_column("Reason and advice", overflow="fold", ratio=1)
    for entry in shown:
        result.add_row(*_cells(entry, several=several))
    return result


def paragraphs(shown: Sequence[Entry]) -> Iterator[RenderableType]:
    """Yield the entries for a narrow terminal: a line each, the reason below it."""
    several = len({entry.administration for entry in shown}) > 1
    for entry in shown:
        *cells, reason = _cells(entry, several=several)
        yield Text("  ", overflow="fold").join(cell for cell in cells if cell)
        if reason:
            yield Padding(reason, (0, 0, 0, 4))


def _cells(entry: Entry, *, several: bool) -> list[Text]:
    attention = entry.state == "transferred" and entry.problems != NO_PROBLEMS
    state = ATTENTION if attention else entry.state
    return [
        _text(f"{entry.updated_at.astimezone():%Y-%m-%d %H:%M}"),
        *([_text(entry.administration)] if several else []),
        _text(entry.number or entry.source_id),
        _text(entry.customer_name),
        _text(_amount(entry)),
        _text(f"transferred, {ATTENTION}" if attention else state, STYLES.get(state, "")),
        _text(entry.receipt_number or entry.receipt_id),
        _text(sentences(entry.reason, entry.advice)),
    ]


def _amount(entry: Entry) -> str:
    """Return the amount with two decimals, or all it has when there are more."""
    if entry.gross is None:
        return ""
    gross = entry.gross
    cents = gross.quantize(CENT)
    return f"{entry.currency} {cents if cents == gross else gross:,f}"


def _text(value: str | None, style: str = "") -> Text:
    """Return text that Rich takes literally, whatever is in it."""
    return Text(printable(value or ""), style=style, overflow="fold")
