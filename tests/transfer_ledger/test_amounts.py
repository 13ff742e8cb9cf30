from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.target_exact_online.papers import line
from transfer_ledger.amounts import Taxed, cents, predicted, priced

quantities = st.decimals(min_value=-1000, max_value=1000, places=7, allow_nan=False)
prices = st.decimals(min_value=-10_000, max_value=10_000, places=7, allow_nan=False)
amounts = st.decimals(min_value=-100_000, max_value=100_000, places=2, allow_nan=False)
RATES = (Decimal("0.21"), Decimal("0.09"), Decimal(0))


@given(quantities, prices, amounts, st.integers(0, 7), st.none() | st.integers(0, 4))
def test_what_is_sent_gives_the_amount(
    quantity: Decimal,
    price: Decimal,
    amount: Decimal,
    decimals: int,
    held: int | None,
) -> None:
    """Whatever quantity and price are, what is sent multiplies to the line's amount to the cent."""
    one = priced(line(quantity=quantity, unit_price=price, amount=amount), decimals, quantity_decimals=held)
    assert cents(one.quantity * one.price) == amount
    assert one.uneven or one.quantity == quantity
    assert held is None or one.quantity == one.quantity.quantize(Decimal(1).scaleb(-held))
    assert one.price == one.price.quantize(Decimal(1).scaleb(-max(decimals, 2)))


@given(quantities, st.decimals(min_value=-10_000, max_value=10_000, places=2, allow_nan=False))
def test_an_even_line_goes_as_it_is(quantity: Decimal, price: Decimal) -> None:
    """A line whose quantity times price is its amount keeps both."""
    one = priced(line(quantity=quantity, unit_price=price, amount=cents(quantity * price)), 4)
    assert one == (quantity, price, False)


@given(st.lists(st.tuples(amounts, st.sampled_from(RATES))), st.sampled_from(["code", "line"]))
def test_predicted_totals_add_up(rows: list[tuple[Decimal, Decimal]], rounding: str) -> None:
    """Net is the sum of the lines, gross is net and VAT, and the roundings differ by at most a cent a line."""
    taxed = [Taxed(amount, str(rate), rate) for amount, rate in rows]
    there = predicted(taxed, rounding)  # type: ignore[arg-type]
    assert there.net == sum((amount for amount, _ in rows), Decimal(0))
    assert there.gross == there.net + there.vat
    exact = sum((amount * rate for amount, rate in rows), Decimal(0))
    assert abs(there.vat - exact) <= Decimal("0.005") * max(len(rows), len(RATES))


@given(st.lists(st.tuples(amounts, st.sampled_from(RATES))))
def test_a_credit_mirrors_its_invoice(rows: list[tuple[Decimal, Decimal]]) -> None:
    """Turning every line round turns every total round."""
    there = predicted([Taxed(amount, str(rate), rate) for amount, rate in rows], "code")
    back = predicted([Taxed(-amount, str(rate), rate) for amount, rate in rows], "code")
    assert (back.net, back.vat, back.gross) == (-there.net, -there.vat, -there.gross)


@pytest.mark.parametrize(("rounding", "vat"), [("code", "0.21"), ("line", "0.21")])
def test_three_thirds(rounding: str, vat: str) -> None:
    """Three lines of 0.33 at 21 % bear 0.2079: 0.21 at once, and three times 0.07 line by line."""
    taxed = [Taxed(Decimal("0.33"), "2", Decimal("0.21"))] * 3
    assert predicted(taxed, rounding).vat == Decimal(vat)  # type: ignore[arg-type]


def test_roundings_differ() -> None:
    """Ten lines of 0.12 at 21 % bear 0.25 at once, and 0.30 line by line."""
    taxed = [Taxed(Decimal("0.12"), "2", Decimal("0.21"))] * 10
    assert predicted(taxed, "code").vat == Decimal("0.25")
    assert predicted(taxed, "line").vat == Decimal("0.30")


def test_an_amount_overrides() -> None:
    """A VAT amount that is sent along is the one that counts."""
    taxed = [Taxed(Decimal(100), "2", Decimal("0.21"), Decimal("21.01")), Taxed(Decimal(100), "2", Decimal("0.21"))]
    assert predicted(taxed, "code").vat == Decimal("42.01")
