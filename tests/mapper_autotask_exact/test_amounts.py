from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper_autotask_exact.invoices.amounts import CENT, ZERO, cents, exact, predicted_vat, spread, unit_price
from tests.mapper_autotask_exact.records import ROUNDING, line, mapped
from transfer_ledger.documents import fingerprint

if TYPE_CHECKING:
    from mapper_autotask_exact.invoices.amounts import VatRounding

SEVEN = Decimal("0.0000001")
money = st.decimals(-50_000, 50_000, places=7)
quantities = st.decimals(-1_000, 1_000, places=7)
rates = st.sampled_from([Decimal("0.21"), Decimal("0.09"), ZERO])


@given(st.lists(money, min_size=1, max_size=30))
def test_rounded_lines_add_up(amounts: list[Decimal]) -> None:
    """Amounts rounded to cents add up to their own rounded sum, and none moves by as much as a cent."""
    total = cents(sum(amounts, ZERO))
    rounded = spread(total, amounts)
    assert rounded is not None
    assert sum(rounded) == total
    assert all(abs(near - amount) < CENT for near, amount in zip(rounded, amounts, strict=True))


@given(st.lists(money, min_size=1, max_size=30))
def test_lines_are_rounded_half_up_where_the_sum_allows(amounts: list[Decimal]) -> None:
    """Only as many lines as it takes differ from their amount rounded half up."""
    half_up = [amount.quantize(CENT, ROUND_HALF_UP) for amount in amounts]
    total = cents(sum(amounts, ZERO))
    rounded = spread(total, amounts)
    assert rounded is not None
    moved = sum(near != usual for near, usual in zip(rounded, half_up, strict=True))
    assert moved == abs(total - sum(half_up)) / CENT


@pytest.mark.parametrize(
    ("total", "amounts", "expected"),
    [
        ("20.01", ["10.005", "10.005"], ["10.00", "10.01"]),
        ("0.10", ["0.033", "0.033", "0.034"], ["0.03", "0.03", "0.04"]),
        ("10.00", ["10.00", "0"], ["10.00", "0.00"]),
        ("-20.01", ["-10.005", "-10.005"], ["-10.00", "-10.01"]),
    ],
)
def test_the_cent_left_over_goes_to_the_line_that_rounding_changed_most(
    total: str, amounts: list[str], expected: list[str]
) -> None:
    """A cent too many or too few is taken from or given to the line with the largest remainder, the first of equals."""
    assert spread(Decimal(total), list(map(Decimal, amounts))) == list(map(Decimal, expected))


def test_whole_cents_are_never_changed() -> None:
    """A total that only a change of exact amounts would reach is out of reach."""
    assert spread(Decimal("20.01"), [Decimal("10.00"), Decimal("10.00")]) is None


@given(quantities, money, money)
def test_quantity_times_price_is_the_amount(quantity: Decimal, price: Decimal, amount: Decimal) -> None:
    """Whatever Autotask's quantity and price, those of the line give its amount when multiplied and rounded."""
    amount = cents(amount)
    shown_quantity, shown_price = unit_price(quantity, price, amount)
    assert cents(shown_quantity * shown_price) == amount


def test_autotasks_own_price_is_kept_when_it_fits() -> None:
    """A quantity and price that give the amount stay as they are, with all their decimals."""
    assert unit_price(Decimal("1.2345678"), Decimal("42.1667"), Decimal("52.06")) == (
        Decimal("1.2345678"),
        Decimal("42.1667"),
    )


@pytest.mark.parametrize(("rounding", "vat"), [("code", "0.05"), ("line", "0.04")])
def test_vat_is_predicted_as_the_receiver_rounds_it(rounding: VatRounding, vat: str) -> None:
    """VAT per code is rounded over the sum, VAT per line on each line."""
    lines = [("2", Decimal("0.21"), Decimal("0.11")), ("2", Decimal("0.21"), Decimal("0.11"))]
    assert predicted_vat(lines, rounding) == Decimal(vat)


def test_null_is_zero_and_text_is_no_number() -> None:
    """A field without a value counts as zero; one that holds no number is an error."""
    assert exact(None) == ZERO
    assert exact(95) == Decimal(95)
    with pytest.raises(ArithmeticError):
        exact("ninety-five")


@given(st.lists(st.tuples(quantities, money, rates), min_size=1, max_size=12))
def test_totals_agree_to_the_cent_or_the_difference_is_named(lines: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    """The lines and the VAT that will be computed add up to Autotask's gross total, or a problem says both figures."""
    names = {Decimal("0.21"): "Hoog", Decimal("0.09"): "Laag", ZERO: "Nul"}
    items = []
    for number, (quantity, price, rate) in enumerate(lines):
        amount = (quantity * price).quantize(SEVEN)
        items.append(
            line(
                id=number,
                quantity=quantity,
                rate=price,
                extendedPrice=amount,
                taxDollars=amount * rate,
                tax_category={"name": names[rate]},
            )
        )
    document = mapped(*items, with_settings={"rounding": ROUNDING})
    rows = [(row.vat_code or "", row.vat_rate or ZERO, row.amount) for row in document.lines]
    booked = sum((row.amount for row in document.lines), ZERO) + predicted_vat(rows, "code")
    assert booked == document.totals.gross
    assert document.problems == []
    own = [row.amount for row in document.lines if not row.rounding]
    assert sum(own, ZERO) == document.totals.net
    assert document.totals.net + document.totals.vat == document.totals.gross


@given(st.permutations(["id", "quantity", "rate", "extendedPrice", "itemName"]), st.integers(0, 5))
def test_the_same_invoice_has_the_same_fingerprint(order: list[str], zeros: int) -> None:
    """Neither the order of fields nor zeros behind the decimal point make it another document."""
    item = line()
    again = {name: item[name] for name in order} | item
    again["extendedPrice"] = item["extendedPrice"].quantize(Decimal(1).scaleb(-1 - zeros))
    assert fingerprint(mapped(again, offered=7)) == fingerprint(mapped(item, offered=8))
    assert fingerprint(mapped(line(quantity=2))) != fingerprint(mapped(item))
