"""Codes, amounts and texts of the Exact Globe half, for any input."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sandbox.exact_globe import amounts, envelopes, schema
from sandbox.exact_globe.catalogue import entities
from sandbox.exact_globe.errors import Fault
from sandbox.exact_globe.switches import Switches
from sandbox.exact_globe.values import fit_text

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
