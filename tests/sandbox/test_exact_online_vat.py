"""VAT as the Exact Online half computes it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.exact_online.vat import Rounding, Taxed, totals

HIGH = Decimal("0.21")
CENTS = st.integers(-(10**9), 10**9).map(lambda number: Decimal(number) / 100)
LINES = st.lists(
    st.builds(
        Taxed,
        amount=CENTS,
        code=st.sampled_from(["1", "2", "3", "4"]),
        rate=st.just(HIGH),
        kind=st.just("E"),
    )
)


def line(amount: str, code: str = "2", rate: str = "0.21", kind: str = "E", override: str | None = None) -> Taxed:
    """Return a line in short."""
    return Taxed(Decimal(amount), code, Decimal(rate), kind, None if override is None else Decimal(override))


def test_vat_is_rounded_once_per_code() -> None:
    """Three lines of 0.02 bear one cent together, and nothing each."""
    lines = [line("0.02")] * 3
    assert (totals(lines, "code").vat, totals(lines, "line").vat) == (Decimal("0.01"), Decimal("0.00"))


def test_codes_are_rounded_apart() -> None:
    """Half cents of two codes are rounded up for each of them."""
    summed = totals([line("0.50", "1", "0.09"), line("0.50", "2", "0.21")])
    assert summed.vat_by_code == {"1": Decimal("0.05"), "2": Decimal("0.11")}
    assert summed.gross == Decimal("1.16")


def test_halves_are_rounded_away_from_zero() -> None:
    """A credit is the mirror of its invoice."""
    assert totals([line("0.50", rate="0.09")]).vat == Decimal("0.05")
    assert totals([line("-0.50", rate="0.09")]).vat == Decimal("-0.05")


def test_vat_inside_the_price_is_taken_out() -> None:
    """With an inclusive code the amount is what the customer pays."""
    summed = totals([line("121.00", "3", kind="I"), line("1.00", "3", kind="I")])
    assert (summed.net, summed.vat, summed.gross) == (Decimal("100.83"), Decimal("21.17"), Decimal("122.00"))
    assert summed.net_lines == (Decimal("100.00"), Decimal("0.83"))


@pytest.mark.parametrize("kind", ["N", "B"])
def test_codes_without_vat(kind: str) -> None:
    """No VAT and base amount only bear nothing, whatever the rate says."""
    assert totals([line("100.00", kind=kind)]).vat == 0


def test_a_posted_vat_amount_replaces_the_computed_one() -> None:
    """Only the line that has one is fixed; the rest of its code is computed."""
    assert totals([line("100.00", override="20.99"), line("100.00")]).vat == Decimal("41.99")


@given(LINES, st.sampled_from(["code", "line"]))
def test_documents_add_up(lines: list[Taxed], rounding: Rounding) -> None:
    """Net and VAT are in cents, make the gross, and differ from exact VAT by at most half a cent per rounding."""
    summed = totals(lines, rounding)
    exact = sum((one.amount * one.rate for one in lines), Decimal(0))
    roundings = len({one.code for one in lines}) if rounding == "code" else len(lines)
    assert summed.net == sum(one.amount for one in lines)
    assert summed.gross == summed.net + summed.vat
    assert summed.vat == summed.vat.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert abs(summed.vat - exact) <= roundings * Decimal("0.005")


@given(CENTS)
def test_inclusive_amounts_stay_what_they_are(amount: Decimal) -> None:
    """Taking VAT out of a price never changes what is paid."""
    assert totals([Taxed(amount, "3", HIGH, "I")]).gross == amount
