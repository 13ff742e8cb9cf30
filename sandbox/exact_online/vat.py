"""VAT as Exact Online computes it: pure functions on amounts in one currency.

By default once per VAT code over the whole document, from net amounts in cents. The vendor does not document whether
it rounds per document or per line, so the switch ``vat_rounding`` chooses.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Rounding = Literal["code", "line"]
CENT = Decimal("0.01")
ZERO = Decimal("0.00")
INCLUSIVE, EXCLUSIVE = "I", "E"


def cents(amount: Decimal) -> Decimal:
    """Round to cents, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """Round to so many decimals, halves away from zero."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Taxed:
    """The amount of a line and what VAT it bears.

    Args:
        amount: In cents; VAT is inside it when ``kind`` is "I".
        code: The VAT code.
        rate: A fraction: 0.21 is 21 %.
        kind: The type of the code: E excluding, I including, B and N without VAT (Exact REST docs, vat/VATCodes).
        override: A VAT amount that replaces the computed one (Exact REST docs, SalesEntryLines.VATAmountFC).
    """

    amount: Decimal
    code: str = ""
    rate: Decimal = Decimal(0)
    kind: str = EXCLUSIVE
    override: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document amounts to. ``net_lines`` and ``vat_lines`` hold each line's own amounts, in cents."""

    net: Decimal
    vat: Decimal
    net_lines: tuple[Decimal, ...]
    vat_lines: tuple[Decimal, ...]
    vat_by_code: dict[str, Decimal]

    @property
    def gross(self) -> Decimal:
        """Return the amount including VAT."""
        return self.net + self.vat


def vat_of(amount: Decimal, rate: Decimal, kind: str) -> Decimal:
    """Return the VAT on, or inside, an amount, in cents."""
    if kind == EXCLUSIVE:
        return cents(amount * rate)
    if kind == INCLUSIVE:
        return cents(amount * rate / (1 + rate))
    return ZERO


def line_vat(line: Taxed) -> Decimal:
    """Return the VAT of one line by itself."""
    return vat_of(line.amount, line.rate, line.kind) if line.override is None else cents(line.override)


def totals(lines: list[Taxed], rounding: Rounding = "code") -> Totals:
    """Add up a document.

    Args:
        lines: Its lines, amounts in cents.
        rounding: Whether VAT is rounded once per code or line by line.
    """
    vat_lines = tuple(line_vat(line) for line in lines)
    vat_by_code: dict[str, Decimal] = defaultdict(lambda: ZERO)
    bases: dict[tuple[str, Decimal, str], Decimal] = defaultdict(lambda: ZERO)
    for line, vat in zip(lines, vat_lines, strict=True):
        if line.override is None and rounding == "code":
            bases[line.code, line.rate, line.kind] += line.amount
        else:
            vat_by_code[line.code] += vat
    for (code, rate, kind), base in bases.items():
        vat_by_code[code] += vat_of(base, rate, kind)
    inclusive = {line.code for line in lines if line.kind == INCLUSIVE}
    inside = sum((vat for code, vat in vat_by_code.items() if code in inclusive), ZERO)
    return Totals(
        net=sum((line.amount for line in lines), ZERO) - inside,
        vat=sum(vat_by_code.values(), ZERO),
        net_lines=tuple(
            line.amount - vat if line.kind == INCLUSIVE else line.amount
            for line, vat in zip(lines, vat_lines, strict=True)
        ),
        vat_lines=vat_lines,
        vat_by_code=dict(vat_by_code),
    )
