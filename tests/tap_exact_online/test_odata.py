# ruff: noqa: DTZ001 - stamps of Exact are wall clock times
from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_exact_online import odata

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Jansen", "'Jansen'"),
        ("'t Hoen & Zn", "'''t Hoen & Zn'"),
        (True, "true"),
        (7, "7"),
        (8812345678, "8812345678L"),
        (Decimal("1E+2"), "100"),
        (UUID("5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10"), "guid'5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10'"),
        (dt.date(2026, 10, 1), "datetime'2026-10-01T00:00:00'"),
        (dt.datetime(2026, 10, 1, 9, 30), "datetime'2026-10-01T09:30:00'"),
    ],
    ids=repr,
)
def test_literal(value: odata.Literal, expected: str) -> None:
    """Every kind of value gets the notation that Exact's filters want."""
    assert expected == odata.literal(value)


@given(st.text())
def test_text_cannot_leave_its_quotes(text: str) -> None:
    """Whatever the text, undoing the doubling gives it back and no single quote is left alone."""
    inside = odata.literal(text)[1:-1]
    assert "'" not in inside.replace("''", "")
    assert text == inside.replace("''", "'")


def test_literal_refuses_a_moment_with_a_zone() -> None:
    """Filters compare wall clock times, so a moment with a zone would silently be off by hours."""
    with pytest.raises(ValueError, match="wall clock"):
        odata.literal(dt.datetime(2026, 10, 1, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("body", "rows", "following"),
    [
        ({"d": [{"ID": 1}]}, [{"ID": 1}], None),
        ({"d": []}, [], None),
        ({"d": {"results": [{"ID": 1, "__metadata": {}}], "__next": "there"}}, [{"ID": 1}], "there"),
        ({"d": {"results": []}}, [], None),
        ({"d": {"ID": 1, "__metadata": {}}}, [{"ID": 1}], None),
    ],
    ids=["bare list", "bare empty list", "page", "empty page", "one entity"],
)
def test_page(body: object, rows: list[dict[str, int]], following: str | None) -> None:
    """All three envelopes of `d` are unwrapped, without the metadata."""
    assert (rows, following) == odata.page(body)


@pytest.mark.parametrize("body", [{}, None, {"d": None}, {"d": "x"}, {"d": ["x"]}, [], {"error": {}}])
def test_page_refuses_anything_else(body: object) -> None:
    """An answer without rows is no empty page."""
    with pytest.raises(ValueError, match="no rows"):
        odata.page(body)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=7, min_value=-(10**9), max_value=10**9))
def test_amounts_keep_every_digit(amount: Decimal) -> None:
    """An amount written and read is the same amount, not the nearest double."""
    assert str(amount) == str(Decimal(odata.decode(odata.encode({"a": amount}))["a"]))


def test_dates_go_out_without_a_zone() -> None:
    """A date is written as a date: with `Z` Exact would shift it."""
    assert odata.encode({"InvoiceDate": dt.date(2026, 10, 1)}) == b'{"InvoiceDate":"2026-10-01"}'


@given(st.datetimes(min_value=dt.datetime(1900, 1, 1), max_value=dt.datetime(2200, 1, 1)))
def test_wall_clock(moment: dt.datetime) -> None:
    """A stamp is the wall clock time written as if it were UTC, whatever zone this machine has."""
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    milliseconds = (moment - dt.datetime(1970, 1, 1)) // dt.timedelta(milliseconds=1)
    assert moment == odata.wall_clock(f"/Date({milliseconds})/")
    assert moment.date() == odata.calendar_date(f"/Date({milliseconds})/")


def test_stamps_are_read_as_captured() -> None:
    """The recorded answer of 14:31:00 GMT in summer said 16:31:00, and dates are their own midnight."""
    created = odata.wall_clock("/Date(1782405060220)/")
    assert created == dt.datetime(2026, 6, 25, 16, 31, 0, 220_000)
    assert odata.as_utc(created, ZoneInfo("Europe/Paris")) == dt.datetime(
        2026, 6, 25, 14, 31, 0, 220_000, tzinfo=dt.UTC
    )
    assert odata.calendar_date("/Date(1790812800000)/") == dt.date(2026, 10, 1)
    assert odata.wall_clock(None) is None
    assert odata.calendar_date(None) is None


@pytest.mark.parametrize("stamp", ["", "2026-10-01", "/Date(x)/", "/Date(1)/x", "/Date(99999999999999999999)/"])
def test_other_stamps_are_refused(stamp: str) -> None:
    """A text that is no stamp is an error, not a missing date."""
    with pytest.raises(ValueError, match=r"Date|calendar"):
        odata.wall_clock(stamp)


@given(
    st.datetimes(min_value=dt.datetime(2000, 1, 1), max_value=dt.datetime(2099, 1, 1), timezones=st.just(dt.UTC)),
)
def test_utc_and_back(moment: dt.datetime) -> None:
    """Turning a moment into wall clock time and back loses at most the hour that the clock repeats."""
    back = odata.as_utc(odata.as_wall_clock(moment, AMSTERDAM), AMSTERDAM)
    assert moment - back in (dt.timedelta(), dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("code", "padded"), [("255", " " * 15 + "255"), (" D10042 ", " " * 12 + "D10042"), ("", " " * 18)]
)
def test_account_code(code: str, padded: str) -> None:
    """An account code is 18 wide with its text on the right."""
    assert padded == odata.account_code(code)
    assert code.strip() == odata.trimmed(padded)


def test_trimmed() -> None:
    """Padding on either side goes, and no code is an empty one."""
    assert [odata.trimmed(code) for code in ("2  ", "FR ", "  11", None)] == ["2", "FR", "11", ""]
