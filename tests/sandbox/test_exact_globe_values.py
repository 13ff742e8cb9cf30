"""Codes, amounts and texts of the Exact Globe half, for any input."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sandbox.exact_globe import amounts, envelopes, schema
from sandbox.exact_globe.catalogue import entities
from sandbox.exact_globe.errors import Fault
from sandbox.exact_globe.switches import Switches
from sandbox.exact_globe.values import fit_text

if TYPE_CHECKING:
    from tests.sandbox.exact_globe_calls import Globe

ACCOUNT = entities(415)["Account"]
CODES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30)
VATS = [
    {"VATCode": "2", "Percentage": Decimal(21), "Excluded": "E", "VATCharged": False},
    {"VATCode": "1", "Percentage": Decimal(9), "Excluded": "E", "VATCharged": False},
    {"VATCode": "3", "Percentage": Decimal(21), "Excluded": "I", "VATCharged": False},
]
AMOUNTS = st.decimals(-100_000, 100_000, places=2)


@given(CODES, st.integers(0, 5))
def test_codes_are_padded_once(code: str, spaces: int) -> None:
    """A code is stored at its full width, with whatever padding it comes in; a longer one is refused."""
    column = ACCOUNT.columns["AccountCode"]
    try:
        stored = fit_text(" " * spaces + code, column, Switches())
    except Fault:
        assert len(code) > 20
    else:
        assert (len(stored), stored.strip()) == (20, code)
        assert fit_text(stored, column, Switches()) == stored


@given(st.lists(st.builds(amounts.Line, AMOUNTS, st.sampled_from(VATS)), min_size=1, max_size=30))
def test_totals(lines: list[amounts.Line]) -> None:
    """Inside a price nothing is lost; rounded by code or by line, VAT differs by half a cent a line at most."""
    by_code, by_line = (amounts.totals(lines, Switches(vat_rounding=rounding)) for rounding in ("code", "line"))
    included = [line for line in lines if line.vat["Excluded"] == "I"]
    alone = amounts.totals(included, Switches())
    assert alone.excluding + alone.vat == sum((line.amount for line in included), Decimal(0))
    assert abs(by_code.vat - by_line.vat) <= amounts.CENT * (len(lines) + 3) / 2


@given(st.text())
def test_any_text_goes_through_soap(text: str) -> None:
    """Whatever a row holds, the answer is XML that can be read, and what XML can hold is in it."""
    answer = envelopes.response("Retrieve")
    envelopes.write_entity(answer, "row", {"AccountName": text}, ACCOUNT, {"AccountName"})
    read = etree.fromstring(envelopes.envelope(answer))
    value = next(read.iter(f"{{{envelopes.ENTITIES}}}Value")).text or ""
    assert value.replace("\r\n", "\n") == "".join(filter(envelopes.is_allowed, text)).replace("\r\n", "\n")


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_numbers_of_the_schema(number: Decimal) -> None:
    """Every finite decimal is a number of the schema, in plain notation and with an exponent."""
    assert schema.FLOAT.fullmatch(str(number))
    assert schema.FLOAT.fullmatch(f"{number:f}")


WRITTEN = [entity for entity in entities(415).values() if "POST" in entity.methods]
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(["ARBEID", "D10004", "2", "14", "NL", "EUR", "C", "A", "/Date(1773273600000)/", "2026-03-12"]),
    st.lists(st.none(), max_size=1),
)
BODIES = st.sampled_from(WRITTEN).flatmap(
    lambda entity: st.tuples(
        st.just(entity.path), st.dictionaries(st.sampled_from(sorted(entity.columns)), ANYTHING, max_size=8)
    )
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BODIES)
def test_whatever_is_sent(globe: Globe, sent: tuple[str, dict[str, Any]]) -> None:
    """Any body is answered with a row or with a refusal, never with a failure of the sandbox itself."""
    answer = globe.send("POST", *sent)
    assert answer.status_code in (201, 400, 500)
    assert set(answer.json()) == {"d"} if answer.ok else {"error"}
