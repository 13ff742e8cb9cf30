"""The $filter language of the Exact Online half."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.exact_online import filters, predicates
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.errors import Refusal

FIRST, LAST = dt.datetime.fromisoformat("1800-01-01"), dt.datetime.fromisoformat("8000-01-01")
GUID = "5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10"
ACCOUNT = {
    "ID": GUID,
    "Code": "               255",
    "Name": "Café 't Hoekje",
    "Status": "C",
    "Blocked": False,
    "CreditLineSales": Decimal("1250.50"),
    "SecurityLevel": 10,
    "Modified": dt.datetime.fromisoformat("2026-09-30T16:21:04.260"),
}


def matches(text: str, row: dict[str, Any] = ACCOUNT) -> bool:
    """Tell whether an account matches a filter."""
    predicate = predicates.matcher(
        filters.parse(text), resource("crm/Accounts"), lambda name: lambda account: account.get(name)
    )
    return predicate(row)


@pytest.mark.parametrize(
    "text",
    [
        "Code eq '               255'",
        "trim(Code) eq '255'",
        f"ID eq guid'{GUID}'",
        f"ID eq GUID'{GUID.upper()}'",
        "Name eq 'Café ''t Hoekje'",
        "substringof('Hoek',Name) eq true",
        "substringof('Hoek', Name)",
        "startswith(tolower(Name), 'café')",
        "endswith(Name,'je') and not (Blocked eq true)",
        "Blocked eq false",
        "CreditLineSales gt 1250",
        "CreditLineSales eq 1250.5",
        "SecurityLevel ge 10L",
        "Modified gt datetime'2026-09-30T16:21:04.259'",
        "Modified le DateTime'2026-09-30T16:21:04.26'",
        "year(Modified) eq 2026",
        "VATNumber eq null",
        "VATNumber ne 'NL001234560B01'",
        "Status eq 'X' or Status eq 'C' and SecurityLevel eq 10",
        "(Status eq 'X' or Status eq 'C') and SecurityLevel eq 10",
        "'C' eq Status",
        "length(Status) eq 1",
    ],
)
def test_what_matches(text: str) -> None:
    """The forms in use find the account."""
    assert matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "Code eq '255'",
        "Code eq '255               '",
        "Status eq 'c'",
        "CreditLineSales gt 1250.5",
        "Modified gt datetime'2026-09-30T16:21:04.26'",
        "VATNumber gt 'A'",
        "VATNumber eq 'NL001234560B01'",
        "startswith(VATNumber,'NL')",
        "Status eq 'C' and Status eq 'P'",
        "not (Status eq 'C')",
    ],
)
def test_what_does_not_match(text: str) -> None:
    """An unpadded code finds nothing, silently, and null is neither more nor less than anything."""
    assert not matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "Code",
        "Code eq",
        "eq '255'",
        "Code = '255'",
        "Code eq 255",
        "Code eq '255",
        "(Code eq '255'",
        "Code eq '255')",
        "Klant eq '255'",
        "ID eq '5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10'",
        "ID eq guid'5b1f'",
        "Modified gt '2026-09-30'",
        "Modified gt datetime'gisteren'",
        "concat(Code,'x') eq 'y'",
        "trim(Code,'x') eq 'y'",
        "SecurityLevel gt 99999999999",
        "Code eq 'a' xor Code eq 'b'",
        "Blocked and 5",
        "BankAccounts eq 'x'",
        "not " * 60 + "Blocked",
        "(" * 60 + "Blocked" + ")" * 60,
    ],
)
def test_what_is_refused(text: str) -> None:
    """What cannot be understood, or compares different kinds, is an error in query syntax."""
    with pytest.raises(Refusal, match=r"^Bad Request - Error in query syntax\.$") as caught:
        matches(text)
    assert caught.value.status == 400


@given(st.text(max_size=60) | st.text("Code eqandort'()0123 guid", max_size=60))
def test_no_filter_breaks_the_parser(text: str) -> None:
    """Whatever a client sends is either understood or refused."""
    try:
        outcome = 200 if matches(text) in (True, False) else 500
    except Refusal as refusal:
        outcome = refusal.status
    assert outcome in (200, 400)


@given(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.text().filter(lambda text: filters.GUID.fullmatch(text) is None)
    | st.uuids().map(str)
    | st.datetimes(FIRST, LAST).map(lambda wall: wall.replace(microsecond=5000))
)
def test_values_survive_being_written(value: Any) -> None:
    """A value written into a link is read from it again."""
    (literal,) = filters.literals(filters.literal(value))
    assert literal.value == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Code eq 'a'", ("Code", {"a"})),
        ("Code eq 'a' or 'b' eq Code", ("Code", {"a", "b"})),
        ("Code eq 'a' and Status eq 'C'", ("Code", {"a"})),
        ("Status eq 'C' and (Code eq 'a' or Code eq 'b')", ("Code", {"a", "b"})),
        ("Code eq 'a' or Status eq 'C'", None),
        (f"Code eq 'a' or ID eq guid'{GUID}'", None),
        ("not (Code eq 'a')", None),
        ("Code ne 'a'", None),
        ("Code eq null", None),
        ("trim(Code) eq 'a'", None),
    ],
)
def test_what_an_index_can_find(text: str, expected: tuple[str, set[str]] | None) -> None:
    """A lookup replaces a search only where every match has one of the values."""
    assert predicates.candidates(filters.parse(text), {"Code", "ID"}) == expected


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("Timestamp gt 5", 5),
        ("Timestamp gt 5L and EntityType eq 2", 5),
        ("Timestamp ge 5", 0),
        ("not (Timestamp gt 5)", 0),
    ],
)
def test_where_a_walk_by_rowversion_begins(text: str, bound: int) -> None:
    """Only what every match exceeds may be skipped."""
    assert predicates.lower_bound(filters.parse(text), "Timestamp") == bound
