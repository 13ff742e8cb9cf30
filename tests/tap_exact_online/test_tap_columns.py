from __future__ import annotations

import datetime as dt
import logging
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_exact_online import odata
from tap_exact_online.columns import RowReader, moment, properties, stamp
from tap_exact_online.exceptions import StopRun

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LOGGER = logging.getLogger("test")


def read(kind: str, value: Any, **more: Any) -> Any:
    return RowReader({"X": kind}, AMSTERDAM, "rows", LOGGER, **more).read({"X": value})["X"]


def wire(wall: dt.datetime) -> str:
    return f"/Date({round(wall.replace(tzinfo=dt.UTC).timestamp() * 1000)})/"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("guid", "5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10", "5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10"),
        ("code", "               255", "255"),
        ("code", "2  ", "2"),
        ("code", "", ""),
        ("string", "  kept as it is ", "  kept as it is "),
        ("string", "no\0thing", "nothing"),
        ("code", "A\0  ", "A"),
        ("string", 12, "12"),
        ("integer", "8812345901", 8812345901),
        ("integer", 3, 3),
        ("integer", Decimal("3.0"), 3),
        ("integer", "", None),
        ("number", Decimal("121.10"), Decimal("121.10")),
        ("number", 5, 5),
        ("boolean", False, False),
        ("binary", "aGk=", "aGk="),
        ("date", "/Date(1791936000000)/", "2026-10-14"),
        ("stamp", "/Date(1782405060220)/", "2026-06-25T14:31:00.220Z"),
        ("stamp", "/Date(1768000000000)/", "2026-01-09T22:06:40.000Z"),
        ("stamp", "/Date(-62135596800000)/", "0001-01-01T00:00:00.000Z"),
        ("local", "/Date(1782405060220)/", "2026-06-25T16:31:00.220"),
    ],
)
def test_values_are_normalised(kind: str, value: Any, expected: Any) -> None:
    """Codes lose their padding, texts their NUL, and every other value comes as its kind says."""
    found = read(kind, value)
    assert found == expected
    assert type(found) is type(expected)


def test_null_stays_null() -> None:
    """A column without a value is null, and so is one that Exact left out."""
    kinds = {kind: kind for kind in ("guid", "code", "string", "date", "stamp", "local", "integer", "number")}
    reader = RowReader(kinds, AMSTERDAM, "rows", LOGGER)
    assert set(reader.read(dict.fromkeys(kinds)).values()) == {None}
    assert reader.read({}) == reader.read(dict.fromkeys(kinds))


@pytest.mark.parametrize(
    ("kind", "value"),
    [("date", "2026-10-14"), ("stamp", 12), ("integer", "many"), ("integer", Decimal("3.5")), ("local", "/Date()/")],
)
def test_a_value_of_another_kind_stops_with_its_place(kind: str, value: Any) -> None:
    """The message names the stream, the column and the value."""
    with pytest.raises(StopRun, match=r"^rows: column X cannot be read \("):
        read(kind, value)


@given(st.datetimes(min_value=dt.datetime(1900, 1, 1), max_value=dt.datetime(2100, 1, 1)))  # noqa: DTZ001 - on the wall
def test_stamps_are_the_true_moment_at_one_width(wall: dt.datetime) -> None:
    """A stamp is the time on the wall turned into UTC, always of the same width and in the order of the wall."""
    text = stamp(wire(wall), AMSTERDAM)
    assert len(text) == len("2026-06-25T14:31:00.220Z")
    back = moment(text).astimezone(AMSTERDAM).replace(tzinfo=None)
    skipped = wall.replace(tzinfo=AMSTERDAM).astimezone(dt.UTC).astimezone(AMSTERDAM).replace(tzinfo=None) != wall
    assert skipped or abs(back - wall) < dt.timedelta(milliseconds=1)


@given(st.dates(min_value=dt.date(1, 1, 1), max_value=dt.date(9999, 12, 31)))
def test_dates_never_shift(day: dt.date) -> None:
    """A date comes as the date that Exact shows, whatever the zones."""
    wall = dt.datetime.combine(day, dt.time())
    assert read("date", f"/Date({(wall - odata._EPOCH) // dt.timedelta(milliseconds=1)})/") == day.isoformat()


def test_the_hour_that_is_repeated() -> None:
    """When the clock goes back the earlier of the two moments is taken; when it goes forward nothing fails."""
    assert read("stamp", wire(dt.datetime(2026, 10, 25, 2, 30))) == "2026-10-25T00:30:00.000Z"  # noqa: DTZ001
    assert read("stamp", wire(dt.datetime(2026, 3, 29, 2, 30))) == "2026-03-29T01:30:00.000Z"  # noqa: DTZ001


def test_a_date_with_a_time_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The day is kept, and the log says, once, that there was more."""
    reader = RowReader({"DueDate": "date"}, AMSTERDAM, "rows", LOGGER)
    row = {"DueDate": wire(dt.datetime(2026, 10, 1, 9, 30))}  # noqa: DTZ001
    assert [reader.read(row)["DueDate"] for _ in range(2)] == ["2026-10-01"] * 2
    assert caplog.text.count("DueDate is a date, but 2026-10-01 09:30:00 has a time of day") == 1


ROWS = [{"Code": " 1 ", "Unasked": 5}]


@pytest.mark.parametrize("value", [ROWS, {"results": ROWS}])
def test_lines_are_read_as_records(value: Any) -> None:
    """A nested collection is read by its own columns, in either form."""
    reader = RowReader({}, AMSTERDAM, "rows", LOGGER, ("Lines", {"Code": "code"}))
    assert reader.read({"Lines": value}) == {"Lines": [{"Code": "1"}]}
    assert reader.read({"Lines": None}) == {"Lines": None}


def test_lines_that_are_not_given_along_are_null(caplog: pytest.LogCaptureFixture) -> None:
    """No lines and lines that are not shown are two things; the log tells of the second, once."""
    reader = RowReader({}, AMSTERDAM, "rows", LOGGER, ("Lines", {"Code": "code"}))
    assert reader.read({"Lines": {"results": []}}) == {"Lines": []}
    assert [reader.read({"Lines": {"__deferred": {"uri": "x"}}}) for _ in range(2)] == [{"Lines": None}] * 2
    assert caplog.text.count("rows: Lines was asked for, but Exact Online does not give it along") == 1


@pytest.mark.parametrize(
    ("value", "why"), [("x", "expected rows"), ({"results": [], "__next": "y"}, "extra_endpoints")]
)
def test_lines_that_are_not_whole_stop_with_their_place(value: Any, why: str) -> None:
    """Something else than rows, or only the first of them, is named with its place."""
    reader = RowReader({}, AMSTERDAM, "rows", LOGGER, ("Lines", {"Code": "code"}))
    with pytest.raises(StopRun, match=f"rows: column Lines cannot be read .*{why}"):
        reader.read({"Lines": value})


def test_only_keys_are_never_null() -> None:
    """Every column may be null but the key."""
    found = properties({"ID": "guid", "Name": "string"}, key=("ID",))
    assert found == {"ID": {"type": "string", "format": "uuid"}, "Name": {"type": ["string", "null"]}}


@given(st.dictionaries(st.sampled_from("ABC"), st.none() | st.booleans() | st.integers() | st.text()))
def test_any_row_is_a_record_or_a_named_stop(row: dict[str, Any]) -> None:
    """Whatever comes, a row becomes a record with all columns, or the run stops with a message."""
    reader = RowReader({"A": "code", "B": "integer", "C": "stamp"}, AMSTERDAM, "rows", LOGGER)
    assert outcome(reader, row) in (["A", "B", "C"], "rows: column A", "rows: column B", "rows: column C")


def outcome(reader: RowReader, row: dict[str, Any]) -> list[str] | str:
    try:
        return list(reader.read(row))
    except StopRun as error:
        return str(error)[: len("rows: column A")]
