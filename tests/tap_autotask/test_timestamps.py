from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_autotask.timestamps import fixed_width, moment, stamp

MOMENTS = st.datetimes(timezones=st.just(dt.UTC)).map(lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000))


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("2025-09-05T09:47:15.227Z", "2025-09-05T09:47:15.227Z"),
        ("2025-09-05T09:47:15.27Z", "2025-09-05T09:47:15.270Z"),
        ("2025-09-05T09:47:15.0Z", "2025-09-05T09:47:15.000Z"),
        ("2025-09-05T09:47:15Z", "2025-09-05T09:47:15.000Z"),
        ("2020-09-05T09:47:15.5", "2020-09-05T09:47:15.500Z"),
        ("2025-09-05T11:47:15+02:00", "2025-09-05T09:47:15.000Z"),
        ("2025-09-05T00:00:00", "2025-09-05T00:00:00.000Z"),
        ("0001-01-01T00:00:00+02:00", "0001-01-01T00:00:00+02:00"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_timestamps_get_one_width(wire: str, expected: str) -> None:
    """Every spelling of a moment becomes the same text; a date at midnight never shifts; other text stays."""
    assert fixed_width(wire) == expected


@given(MOMENTS, MOMENTS)
def test_their_order_as_text_is_their_order_in_time(one: dt.datetime, other: dt.datetime) -> None:
    """Bookmarks are compared as text."""
    assert (stamp(one) < stamp(other)) == (one < other)


@given(MOMENTS)
def test_what_is_written_is_read_back(at: dt.datetime) -> None:
    """Nothing is lost beyond the millisecond."""
    assert moment(stamp(at)) == at
    assert fixed_width(stamp(at)) == stamp(at)
