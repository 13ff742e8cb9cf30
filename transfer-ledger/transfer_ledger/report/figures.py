"""Figures over time: what went over and what stayed open by day, amounts by month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.report.documents import GROUPS
from transfer_ledger.schema import listing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

    from transfer_ledger.report.runs import RunRow

INVOICES = "sales_invoices"
DAYS = 30
MONTHS = 12
ZERO = Decimal(0)


class Day(msgspec.Struct, kw_only=True):
    """What the runs of one day did."""

    day: dt.date
    over: int = 0
    left: int = 0
    """How many documents the last run of each target left open."""


class Month(msgspec.Struct, kw_only=True, frozen=True):
    """Amounts of the invoices of one month, by currency."""

    first: dt.date
    over: dict[str, Decimal]
    waiting: dict[str, Decimal]


def by_day(rows: Iterable[RunRow], until: dt.datetime, days: int = DAYS) -> list[Day]:
    """Return the last days, oldest first, from their runs, oldest first. Days are those of this machine's clock."""
    last = until.astimezone().date()
    found = {day: Day(day=day) for day in (last - dt.timedelta(days=back) for back in reversed(range(days)))}
    left: dict[dt.date, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in rows:
        day = row.run.started_at.astimezone().date()
        if day in found:
            found[day].over += row.over
            if row.counts:
                left[day][row.run.administration, row.run.target] = row.left
    for day, counts in left.items():
        found[day].left = sum(counts.values())
    return list(found.values())


def by_month(engine: Engine, kind: str, until: dt.date, months: int = MONTHS) -> list[Month]:
    """Return the last months, oldest first, by the date of the invoice and with VAT."""
    firsts = [_back(until, back) for back in reversed(range(months))]
    over: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    waiting: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for day, currency, standing, cents in _sums(engine, kind, firsts[0]):
        sums = over if standing in GROUPS["over"] else waiting
        sums[f"{day:%Y-%m}"][currency or ""] += Decimal(int(cents)) / 100
    return [
        Month(first=first, over=dict(over[f"{first:%Y-%m}"]), waiting=dict(waiting[f"{first:%Y-%m}"]))
        for first in firsts
    ]


def _sums(engine: Engine, kind: str, since: dt.date) -> list[sa.Row[Any]]:
    """Return (day, currency, standing, hundredths); by day, since working out the month of each row takes longer."""
    by = (listing.c.invoice_date, listing.c.currency, listing.c.standing)
    query = (
        sa.select(*by, sa.func.sum(listing.c.cents))
        .where(
            listing.c.kind == kind,
            listing.c.invoice_date >= since,
            listing.c.standing != "skipped",
            listing.c.cents.is_not(None),
        )
        .group_by(*by)
    )
    with engine.connect().execution_options(**READING) as connection:
        return list(connection.execute(query))


def _back(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month so many months ago."""
    number = day.year * 12 + day.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)
