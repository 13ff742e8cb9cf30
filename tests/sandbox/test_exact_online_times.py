"""Dates and times of the Exact Online half."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.exact_online import times

WALL = st.datetimes(dt.datetime.fromisoformat("1753-01-02"), dt.datetime.fromisoformat("8999-01-01")).map(
    lambda wall: wall.replace(microsecond=wall.microsecond // 1000 * 1000)
)


def utc(text: str) -> dt.datetime:
    """Return a moment."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("moment", "wire", "offset"),
    [
        ("2026-06-25T14:31:00.220", "/Date(1782405060220)/", 7200),  # as in a recorded answer
        ("2026-10-25T00:30:00", "/Date(1792895400000)/", 7200),
        ("2026-10-25T01:30:00", "/Date(1792895400000)/", 3600),  # the hour that summer time's end repeats
        ("2026-11-02T09:00:00", "/Date(1793613600000)/", 3600),
    ],
)
def test_local_time_is_written_as_if_it_were_utc(moment: str, wire: str, offset: int) -> None:
    """The wall clock's hands are written, so that two moments of one autumn night look alike."""
    assert times.to_wire(times.local(utc(moment))) == wire
    assert times.offset_seconds(utc(moment)) == offset


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2026-10-01", "2026-10-01T00:00:00"),
        ("2026-10-01T12:34:56.789", "2026-10-01T12:34:56.789"),
        ("2026-10-01T23:00:00Z", "2026-10-02T01:00:00"),
        ("/Date(1790812800000)/", "2026-10-01T00:00:00"),
    ],
)
def test_dates_are_read(text: str, wall: str) -> None:
    """Dates without a zone stay as they are; a zone shifts them to the server's time."""
    assert times.read(text) == dt.datetime.fromisoformat(wall)


@pytest.mark.parametrize("text", ["", "gisteren", "01-10-2026", "/Date(x)/", "1700-01-01", "9999-12-31", "2026-13-01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    """Nonsense and years that no column holds are errors."""
    with pytest.raises(ValueError, match=r"."):
        times.read(text)


@given(WALL)
def test_times_survive_the_wire(wall: dt.datetime) -> None:
    """What is written is read back, in both forms."""
    assert times.read(times.to_wire(wall)) == wall
    assert times.read(times.to_literal(wall)) == wall


@pytest.mark.parametrize(
    ("date", "month_ends", "days", "due"),
    [
        ("2026-01-17", 2, 15, "2026-04-15"),  # the vendor's own example
        ("2026-10-01", 0, 14, "2026-10-15"),
        ("2026-12-31", 1, 0, "2027-01-31"),
        ("2027-01-31", 1, 30, "2027-03-30"),
        ("2026-10-01", 0, 0, "2026-10-01"),
    ],
)
def test_due_dates(date: str, month_ends: int, days: int, due: str) -> None:
    """First to the end of a month, then days on."""
    assert times.due_date(dt.datetime.fromisoformat(date), month_ends, days) == dt.datetime.fromisoformat(due)
