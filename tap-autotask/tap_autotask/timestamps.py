"""Timestamps of one fixed width, so that their order as text is their order in time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = len("2025-09-05T09:47:15.227Z")


def stamp(moment: dt.datetime) -> str:
    """Return a moment as Autotask writes it, in UTC, with three digits after the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> dt.datetime:
    """Read a timestamp; without a zone it is UTC (Autotask REST docs).

    Raises:
        ValueError: The text is no timestamp.
    """
    value = dt.datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=dt.UTC)


def fixed_width(text: str) -> str:
    """Return a timestamp of the wire at full width.

    Autotask drops trailing zeros (``.27Z``), and in 2020 left out the Z (apigrate/autotask-restapi). What is no
    timestamp stays as it is.
    """
    try:
        return stamp(moment(text))
    except (ValueError, OverflowError):
        return text


def widen(rows: Iterable[dict[str, Any]], fields: Sequence[str]) -> None:
    """Give the timestamps of rows their full width, in place."""
    for row in rows:
        for field in fields:
            value = row.get(field)
            if value.__class__ is str and (len(value) != WIDTH or value[-1] != "Z"):
                row[field] = fixed_width(value)
