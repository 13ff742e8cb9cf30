from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_autotask.entities import Choice, Field
from target_autotask.values import same, sent, wire
from transfer_ledger.records import Unfit, shown

TYPES = ("string", "boolean", "short", "integer", "long", "decimal", "double", "float", "datetime", "byte[]")
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KINDS = (
    Choice("1", "Customer", active=True, parent=""),
    Choice("3", "Prospect", active=True, parent=""),
    Choice("4", "Prospect", active=False, parent=""),
    Choice("5", "Dead", active=False, parent=""),
    Choice("7", "Twin", active=True, parent="1"),
    Choice("8", "twin ", active=True, parent="2"),
    Choice("9", "1", active=True, parent=""),
)
KIND = Field(name="companyType", type="integer", choices=KINDS, chosen_by="category")
GROUP = Field(name="Group", udf=True, choices=(Choice("NPO", "Non-profit", active=True, parent=""),))


def field(kind: str, length: int = 0, *, udf: bool = False) -> Field:
    return Field(name="it", type=kind, length=length, udf=udf)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "Ærø 🚀", "Ærø 🚀"),
        ("string", "", ""),
        ("boolean", False, False),
        ("integer", 5, 5),
        ("integer", Decimal("5.0"), 5),
        ("long", -(2**63), -(2**63)),
        ("decimal", Decimal("0.10"), Decimal("0.10")),
        ("double", 3, 3),
        ("datetime", "2026-11-30", "2026-11-30T00:00:00.000Z"),
        ("datetime", "2026-11-30T09:00:00", "2026-11-30T09:00:00.000Z"),
        ("datetime", "2026-11-30T09:00:00.27Z", "2026-11-30T09:00:00.270Z"),
        ("datetime", "2026-11-30T00:30:00+01:00", "2026-11-29T23:30:00.000Z"),
        ("byte[]", "QUJD", "QUJD"),
    ],
)
def test_values_that_fit(kind: str, value: Any, expected: Any) -> None:
    """A value that fits goes as Autotask has it: days at midnight, moments in UTC, numbers with their own digits."""
    result = sent(field(kind), value)
    assert (result, type(result), str(result)) == (expected, type(expected), str(expected))


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("string", 5, "is no text"),
        ("string", "a\0b", "holds a NUL character"),
        ("string", "1234567890a", "has 11 characters, the field takes 10"),
        ("string", "🚀" * 6, "has 12 characters, the field takes 10"),
        ("boolean", 1, "is neither true nor false"),
        ("boolean", "true", "is neither true nor false"),
        ("integer", True, "is no whole number"),
        ("integer", "5", "is no whole number"),
        ("integer", Decimal("5.5"), "is no whole number"),
        ("integer", Decimal("1E+999999"), "is no whole number"),
        ("integer", 2**31, "is too large for a field of the type integer"),
        ("short", 2**15, "is too large for a field of the type short"),
        ("decimal", "12.50", "is no number"),
        ("decimal", False, "is no number"),
        ("decimal", Decimal("1E+999999"), "is out of all proportion"),
        ("decimal", Decimal("1E-999999"), "is out of all proportion"),
        ("datetime", "30-11-2026", "is no date such as 2026-11-30"),
        ("datetime", "2026-02-30", "is no date such as 2026-11-30"),
        ("datetime", "0001-01-01T00:00:00+14:00", "is no date such as 2026-11-30"),
        ("datetime", 20261130, "is no date such as 2026-11-30"),
        ("datetime", "2026-W10-1", "is no date such as 2026-11-30"),
    ],
)
def test_values_that_do_not_fit(kind: str, value: Any, said: str) -> None:
    """A value of another type, too long, too large or no date is refused with what is wrong with it."""
    with pytest.raises(Unfit, match=f"^{said}"):
        sent(field(kind, 10 if kind == "string" else 0), value)


@pytest.mark.parametrize(
    ("value", "parent", "expected"),
    [(1, None, 1), ("3", None, 3), ("customer", None, 1), (" Prospect", None, 3), ("Dead", None, 5), ("Twin", 2, 8)],
)
def test_picklists_take_values_and_labels(value: Any, parent: Any, expected: int) -> None:
    """A picklist takes its value as number or text and its label, active before inactive, below the right parent."""
    assert sent(KIND, value, parent) == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Twin", "is the name of several values of the picklist: 7, 8"),
        ("1", "is the name of several values of the picklist: 1, 9"),
        ("Klant", "is not in the picklist: 1 Customer, 3 Prospect, 7 Twin"),
        (99, "is not in the picklist"),
        (False, "is not in the picklist"),
        ([1], "is not in the picklist"),
    ],
)
def test_picklists_refuse_what_is_not_one_value(value: Any, said: str) -> None:
    """What names no value of a picklist, or several, is refused with what there is."""
    with pytest.raises(Unfit, match=f"^({said})"):
        sent(KIND, value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "12345678", "12345678"),
        ("string", 123, "123"),
        ("double", Decimal("12.50"), "12.50"),
        ("double", "12.5", "12.5"),
        ("datetime", "2026-11-30", "2026-11-30T00:00:00.000Z"),
    ],
)
def test_user_defined_fields_are_texts(kind: str, value: Any, expected: str) -> None:
    """A user-defined field goes as text whatever its type, and a list takes the export text or the label."""
    assert sent(field(kind, udf=True), value) == expected
    assert sent(GROUP, "non-profit") == sent(GROUP, "NPO") == "NPO"


@pytest.mark.parametrize(
    ("kind", "value"), [("double", "many"), ("double", True), ("datetime", "soon"), ("string", [])]
)
def test_user_defined_fields_have_types(kind: str, value: Any) -> None:
    """A user-defined field refuses what its type does not take."""
    with pytest.raises(Unfit):
        sent(field(kind, udf=True), value)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("string", None, ""),
        ("integer", Decimal("5.0"), 5),
        ("decimal", Decimal("1.50"), Decimal("1.5")),
        ("datetime", "2026-11-30", "2026-11-30T00:00:00Z"),
        ("datetime", "2026-11-30T09:00:00+01:00", "2026-11-30T08:00:00.003Z"),
        ("datetime", "2020-05-01T10:00:00", "2020-05-01T10:00:00.000Z"),
    ],
)
def test_values_that_mean_the_same(kind: str, one: Any, other: Any) -> None:
    """Null and empty text, numbers of other digits, and moments less than a tick of SQL Server apart are the same."""
    assert same(field(kind), one, other)
    assert same(field(kind), other, one)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("string", "a", "A"),
        ("string", "a", "a "),
        ("boolean", True, 1),
        ("boolean", False, None),
        ("integer", 0, None),
        ("integer", 1, True),
        ("string", "5", 5),
        ("datetime", "2026-11-30", "2026-12-01"),
        ("datetime", "2026-11-30T09:00:00Z", "2026-11-30T09:00:00.004Z"),
        ("datetime", "2026-11-30", "soon"),
    ],
)
def test_values_that_differ(kind: str, one: Any, other: Any) -> None:
    """Case, spaces, types, zero and nothing, and moments a tick apart are differences."""
    assert not same(field(kind), one, other)
    assert not same(field(kind), other, one)


def test_user_defined_numbers_and_dates_compare_by_value() -> None:
    """The text of a user-defined number or date may be written otherwise and mean the same."""
    assert same(field("double", udf=True), "12.50", "12.5")
    assert same(field("datetime", udf=True), "2026-11-30", "2026-11-30T00:00:00")
    assert not same(field("double", udf=True), "12.5", "twelve")


@given(st.sampled_from(TYPES), st.booleans(), JSON)
def test_any_value_fits_or_is_refused(kind: str, udf: bool, value: Any) -> None:  # noqa: FBT001 - hypothesis gives it
    """Whatever JSON holds is taken, and then the same as itself on the wire, or refused; nothing else happens."""
    for it in (field(kind, 10, udf=udf), KIND):
        same(it, value, "x")
        try:
            taken = sent(it, value)
        except Unfit:
            continue
        assert same(it, taken, taken)
        msgspec.json.encode(wire(taken) if not isinstance(taken, list | dict) else None)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=7))
def test_money_keeps_its_digits(amount: Decimal) -> None:
    """An amount arrives on the wire as a number with exactly its own digits."""
    text = msgspec.json.encode({"price": wire(sent(field("decimal"), amount))}).decode()
    read = msgspec.json.decode(text, type=dict[str, Decimal])["price"]
    assert (read, read.as_tuple().exponent) == (amount, amount.as_tuple().exponent)
    assert "E" not in text


@given(st.datetimes(min_value=dt.datetime(1, 1, 2), max_value=dt.datetime(9999, 12, 30)), st.timezones())  # noqa: DTZ001
def test_moments_keep_their_instant(moment: dt.datetime, zone: dt.tzinfo) -> None:
    """A moment with a zone is the same instant on the wire, to the millisecond, and a day stays that day."""
    aware = moment.replace(tzinfo=zone)
    told = sent(field("datetime"), aware.isoformat())
    assert told.endswith("Z")
    assert abs(dt.datetime.fromisoformat(told) - aware) < dt.timedelta(milliseconds=1)
    assert sent(field("datetime"), moment.date().isoformat()) == f"{moment.date().isoformat()}T00:00:00.000Z"


def test_long_values_are_shown_short() -> None:
    """A message holds the beginning of a long value and says that it goes on."""
    assert shown("x" * 500) == "'" + "x" * 59 + "…"
    assert shown(Decimal("1.50")) == "1.50"
