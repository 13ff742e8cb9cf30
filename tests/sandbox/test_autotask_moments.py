"""Dates and times as the Autotask half writes and reads them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.autotask import moments

MOMENTS = st.integers(-(2**41), 2**42).map(
    lambda milliseconds: dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(milliseconds=milliseconds, microseconds=7)
)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (dt.datetime(2026, 9, 5, 9, 47, 15, 227000, dt.UTC), "2026-09-05T09:47:15.227Z"),
        (dt.datetime(2026, 9, 5, 9, 47, 15, 270000, dt.UTC), "2026-09-05T09:47:15.27Z"),
        (dt.datetime(2026, 9, 5, 9, 47, 15, 500000, dt.UTC), "2026-09-05T09:47:15.5Z"),
        (dt.datetime(2026, 9, 5, 9, 47, 15, 0, dt.UTC), "2026-09-05T09:47:15.0Z"),
        (dt.datetime(2026, 9, 5, 0, 0, 0, 0, dt.UTC), "2026-09-05T00:00:00.000Z"),
        (dt.datetime(2026, 9, 5, 1, 0, 0, 0, dt.timezone(dt.timedelta(hours=2))), "2026-09-04T23:00:00.0Z"),
    ],
)
def test_wire(moment: dt.datetime, expected: str) -> None:
    """Moments are in UTC, to the millisecond, zeros dropped at the end but at midnight."""
    assert moments.wire(moment) == expected


@given(MOMENTS)
def test_read_back(moment: dt.datetime) -> None:
    """What was written reads back to the millisecond."""
    read = moments.parse(moments.wire(moment))
    assert dt.timedelta(0) <= moment - read < dt.timedelta(milliseconds=1)


@given(MOMENTS, MOMENTS)
def test_sortable(one: dt.datetime, other: dt.datetime) -> None:
    """The sortable form compares as the moments do."""
    texts = [moments.wire(moment) for moment in (one, other)]
    first, second = (moments.parse(text) for text in texts)
    assert (moments.sortable(texts[0]) < moments.sortable(texts[1])) == (first < second)


def test_without_a_zone() -> None:
    """A moment without a zone is UTC, and a day is its midnight."""
    assert moments.wire(moments.parse("2026-09-05T10:00:00")) == "2026-09-05T10:00:00.0Z"
    assert moments.wire(moments.parse("2026-09-05")) == moments.wire_date(dt.date(2026, 9, 5))
