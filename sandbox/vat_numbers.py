"""Made-up VAT numbers that pass the countries' own checks."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def vat_number(country: str, number: int) -> str:
    """Return the VAT number of a company, another one for every number; empty where the country has none."""
    maker = MAKERS.get(country)
    return maker(1_234_567 + 7919 * number) if maker else ""


def _dutch(base: int) -> str:
    """Eleven test; a base whose check digit would be 10 is passed over."""
    for digits in (f"{candidate:08d}" for candidate in count(base)):
        check = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), digits, strict=True)) % 11
        if check < 10:
            return f"NL{digits}{check}B01"
    raise AssertionError


def _belgian(base: int) -> str:
    return f"BE{base:08d}{97 - base % 97:02d}"


def _german(base: int) -> str:
    """ISO 7064, modulus 11, 10."""
    digits, product = f"{base + 10**7:08d}", 10
    for digit in digits:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return f"DE{digits}{(11 - product) % 10}"


def _british(base: int) -> str:
    digits = f"{base % 10_000_000:07d}"
    total = sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), digits, strict=True))
    return f"GB{digits}{97 - total % 97:02d}"


MAKERS: dict[str, Callable[[int], str]] = {"NL": _dutch, "BE": _belgian, "DE": _german, "GB": _british}
