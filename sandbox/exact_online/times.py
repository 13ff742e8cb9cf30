"""Dates as Exact Online has them: local wall-clock time, written in JSON as if it were UTC.

A sales invoice whose HTTP answer was dated 14:31 GMT carried a Created of "16:31 UTC" (recorded live,
NangoHQ/integration-templates, integrations/exact-online). Dates without a time are midnight.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a wall-clock time, as all in this module
MILLISECOND = dt.timedelta(milliseconds=1)
FIRST_YEAR, LAST_YEAR = 1753, 9000
"""A column of SQL Server begins at 1753; the end leaves room to add payment days."""
WIRE = re.compile(r"/Date\((-?[0-9]{1,15})\)/")


def local(moment: dt.datetime) -> dt.datetime:
    """Return the wall-clock time of the server at a moment, to the millisecond."""
    wall = moment.astimezone(ZONE).replace(tzinfo=None)
    return wall.replace(microsecond=wall.microsecond // 1000 * 1000)


def offset_seconds(moment: dt.datetime) -> int:
    """Return how far the server's clock is ahead of UTC, as ``Me.ServerUtcOffset`` says it."""
    offset = moment.astimezone(ZONE).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def to_wire(wall: dt.datetime) -> str:
    """Write a wall-clock time: ``/Date(1790812800000)/``."""
    return f"/Date({(wall - EPOCH) // MILLISECOND})/"


def to_literal(wall: dt.datetime) -> str:
    """Write a wall-clock time as in a filter: ``2018-09-21T04:18:55.617``, without trailing zeros."""
    text = wall.isoformat(timespec="milliseconds")
    return text.rstrip("0").rstrip(".") if "." in text else text


def read(text: str) -> dt.datetime:
    """Read a date that a client sent.

    A zone is accepted and shifts the time to the server's own (picqer/exact-php-client's users saw days move by it).

    Raises:
        ValueError: It is no date.
    """
    wire = WIRE.fullmatch(text)
    try:
        parsed = EPOCH + int(wire[1]) * MILLISECOND if wire else dt.datetime.fromisoformat(text)
        wall = parsed if parsed.tzinfo is None else local(parsed)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise ValueError(f"{text!r} is out of range")
    return wall


def midnight(wall: dt.datetime) -> dt.datetime:
    """Return the day of a time."""
    return wall.replace(hour=0, minute=0, second=0, microsecond=0)


def due_date(invoice_date: dt.datetime, month_ends: int, days: int) -> dt.datetime:
    """Return when an invoice is due: so many month ends on, then days.

    17 January with 2 month ends and 15 days is 15 April (Exact REST docs, cashflow/PaymentConditions).
    """
    day = invoice_date
    if month_ends:
        year, month = divmod(day.year * 12 + day.month - 1 + month_ends, 12)
        day = day.replace(year=year, month=month + 1, day=calendar.monthrange(year, month + 1)[1])
    return day + dt.timedelta(days=days)
