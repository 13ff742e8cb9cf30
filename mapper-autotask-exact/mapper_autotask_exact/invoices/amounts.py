"""Arithmetic with amounts: exact in, cents out."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal

from mapper_autotask_exact.templates import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ZERO = Decimal(0)
CENT = Decimal("0.01")
PRICE = Decimal("0.0000001")
"""Autotask carries quantities and prices with up to seven decimals (Wise-Sync 4.6.7 release notes)."""

VatRounding = Literal["code", "line"]


def exact(value: Any) -> Decimal:
    """Return a JSON number as ``Decimal``; null is zero.

    Raises:
        ArithmeticError: the value is no number.
    """
    if value is None:
        return ZERO
    return value if isinstance(value, Decimal) else Decimal(str(value))


def cents(amount: Decimal) -> Decimal:
    """Round to cents, half away from zero, as invoices do."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def spread(total: Decimal, amounts: Sequence[Decimal]) -> list[Decimal] | None:
    """Round amounts to cents so that they add up to ``total``.

    Each is rounded half up. What is then left over goes, a cent each, to the amounts that rounding changed most the
    other way, so none moves as much as a cent and one that was in whole cents stays as it is.

    Args:
        total: In whole cents.
        amounts: With any number of decimals.

    Returns:
        As many amounts in whole cents; None when ``total`` is out of reach.
    """
    rounded = [cents(amount) for amount in amounts]
    left = total - sum(rounded, ZERO)
    if not left:
        return rounded
    step = CENT.copy_sign(left)
    residues = [(amount - near) * step for amount, near in zip(amounts, rounded, strict=True)]
    movable = sorted(
        (place for place, residue in enumerate(residues) if residue > 0), key=lambda place: -residues[place]
    )
    steps = int(left / step)
    if steps > len(movable):
        return None
    for place in movable[:steps]:
        rounded[place] += step
    return rounded


def predicted_vat(lines: Iterable[tuple[str, Decimal, Decimal]], rounding: VatRounding) -> Decimal:
    """Return the VAT that the receiving system will compute.

    Args:
        lines: VAT code, rate as a fraction, and net amount of each line.
        rounding: Whether it rounds once per VAT code or on every line.
    """
    if rounding == "line":
        return sum((cents(rate * amount) for _, rate, amount in lines), ZERO)
    bases: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for code, rate, amount in lines:
        bases[code, rate] += amount
    return sum((cents(rate * base) for (_, rate), base in bases.items()), ZERO)


def unit_price(quantity: Decimal, price: Decimal, amount: Decimal) -> tuple[Decimal, Decimal]:
    """Return a quantity and a unit price whose product, rounded to cents, is the amount.

    Autotask's own are kept when they give it; otherwise (a discount, a cent moved by rounding) the price follows
    from the amount; otherwise it is one times the amount.
    """
    if cents(quantity * price) == amount:
        return quantity, price
    if quantity:
        derived = Decimal(plain((amount / quantity).quantize(PRICE, ROUND_HALF_UP)))
        if cents(quantity * derived) == amount:
            return quantity, derived
    return Decimal(1), amount
