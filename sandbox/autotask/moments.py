"""Dates and times as the API writes them: UTC, to the millisecond, trailing zeros dropped."""

from __future__ import annotations

import datetime as dt

MIDNIGHT = "T00:00:00.000Z"


def wire(moment: dt.datetime) -> str:
    """Write a moment: ``2026-09-05T09:47:15.27Z``, and ``.000Z`` at midnight (captured responses)."""
    utc = moment.astimezone(dt.UTC)
    text = f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}"
    if text.endswith("T00:00:00.000"):
        return text + "Z"
    fraction = text[20:].rstrip("0") or "0"
    return f"{text[:20]}{fraction}Z"


def wire_date(day: dt.date) -> str:
    """Write a date without a time: midnight, which must not be shifted by a time zone."""
    return day.isoformat() + MIDNIGHT


def parse(text: str) -> dt.datetime:
    """Read a moment in any usual form; without a zone it is UTC.

    Raises:
        ValueError: It is not a moment.
    """
    moment = dt.datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment


def sortable(text: str) -> str:
    """Return a moment as `wire` writes it in a form that sorts."""
    return text[:20] + text[20:-1].ljust(3, "0")
