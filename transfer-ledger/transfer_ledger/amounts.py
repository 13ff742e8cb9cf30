"""What Exact will make of the amounts of a document: quantities, prices, and the totals it computes."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from transfer_ledger.documents import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transfer_ledger.documents import Line

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
Rounding = Literal["code", "line"]


class Priced(NamedTuple):
    """Quantity and price as they are sent; ``uneven`` when they are not those of the document."""

    quantity: Decimal
    price: Decimal
    uneven: bool


class Taxed(NamedTuple):
    """A line as far as VAT goes: amount without VAT, code, rate as a fraction, and an amount that overrides it."""

    amount: Decimal
    code: str
    rate: Decimal
    vat_amount: Decimal | None = None


def cents(amount: Decimal) -> Decimal:
    """Round to cents, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def priced(line: Line, price_decimals: int, *, quantity_decimals: int | None = None) -> Priced:
    """Return quantity and price that give the line's amount to the cent, the amount itself at worst.

    Args:
        line: of the document.
        price_decimals: how many decimals of a price are sent.
        quantity_decimals: how many decimals a quantity may have; 0 for an item that is not sold in parts.
    """
    rounded = _rounded(line.unit_price, price_decimals)
    price = line.unit_price if rounded == line.unit_price else rounded
    held = quantity_decimals is None or line.quantity == _rounded(line.quantity, quantity_decimals)
    if held and cents(line.quantity * price) == cents(line.amount):
        return Priced(line.quantity, price, uneven=False)
    one = Decimal(1).copy_sign(line.amount)
    return Priced(one, cents(abs(line.amount)), uneven=True)


def _rounded(amount: Decimal, decimals: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def predicted(lines: Iterable[Taxed], rounding: Rounding) -> Totals:
    """Return the totals that Exact will compute: VAT once per code, or line by line."""
    net = vat = ZERO
    bases: defaultdict[tuple[str, Decimal], Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        amount = cents(line.amount)
        net += amount
        if line.vat_amount is not None:
            vat += cents(line.vat_amount)
        elif rounding == "line":
            vat += cents(amount * line.rate)
        else:
            bases[line.code, line.rate] += amount
    vat += sum((cents(base * rate) for (_, rate), base in bases.items()), ZERO)
    return Totals(net=net, vat=vat, gross=net + vat)
