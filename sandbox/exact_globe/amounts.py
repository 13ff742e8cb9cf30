"""What a document adds up to.

A line is price times quantity less discount, in cents, halves away from zero (*inferred*). VAT is taken once per code
over the document, or line by line by switch; a code that is not marked as excluded has it inside the price.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sandbox.exact_globe.switches import Switches
    from sandbox.store import Row

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
INCLUDED = "I"


class Line(NamedTuple):
    """An amount in cents, and the VAT code it stands under."""

    amount: Decimal
    vat: Row


class Totals(NamedTuple):
    """What a document comes to."""

    excluding: Decimal
    vat: Decimal


def cents(amount: Decimal) -> Decimal:
    """Round to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def line_amount(price: Decimal, quantity: Decimal, discount: Decimal) -> Decimal:
    """Return what a line comes to, as its price is meant: with VAT or without."""
    return cents(price * quantity * (HUNDRED - discount) / HUNDRED)


def split(amount: Decimal, vat: Row) -> Totals:
    """Return an amount without VAT, and its VAT."""
    rate = vat["Percentage"] / HUNDRED
    if vat["Excluded"] == INCLUDED:
        excluding = cents(amount / (1 + rate))
        return Totals(excluding, amount - excluding)
    return Totals(amount, Decimal(0) if vat["VATCharged"] else cents(amount * rate))


def totals(lines: list[Line], switches: Switches) -> Totals:
    """Return what lines come to."""
    codes = {line.vat["VATCode"]: line.vat for line in lines}
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for line in lines:
        amounts[line.vat["VATCode"]].append(line.amount)
    if switches.vat_rounding == "code":
        parts = [split(sum(found, Decimal(0)), codes[code]) for code, found in amounts.items()]
    else:
        parts = [split(line.amount, line.vat) for line in lines]
    return Totals(sum((part.excluding for part in parts), Decimal(0)), sum((part.vat for part in parts), Decimal(0)))
