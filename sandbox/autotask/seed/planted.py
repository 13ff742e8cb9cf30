"""The invoices that are odd or broken on purpose, each once. README.md lists them for people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.world import BROKEN_PLACES, DOLLARS, PLACES, PLAIN, REVERSE_CHARGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.autotask.seed.lines import Line
    from sandbox.world import Company, Place, World

ROOM = 20
"""Fewer invoices than this hold no planted ones."""

ODD_TEXTS = (
    ('Kabel 1" x 3/4" (d\'r zit \'n "quote" in)', "Prijs < € 5 & > € 3; <b>geen</b> opmaak ]]> \\ {x}"),
    ("Emoji 🚀👩‍💻 en accenten éëïõü ŁŠŽ", "Regel 1\r\nRegel 2\tmet tab en harde\u00a0spatie"),
    ("NUL\x00teken middenin", "Ook\x00hier\x00 en een \u202eomgekeerde\u202c tekst"),
    ("  spaties rondom  ", "=1+1;DROP TABLE x;--"),
)
LONG_NAME, LONG_TEXT, FULL_TEXT = 255, 2000, 4000
SENTENCE = "Uitgebreide omschrijving van de werkzaamheden, zoals de klant die op de factuur wil zien. "


@dataclass(frozen=True)
class Plant:
    """One planted invoice.

    Args:
        place: What kind of customer it is for.
        kinds: The kinds of its lines; empty: as chance has it.
        payment_term: Instead of the customer's own.
        off_by: How much the invoice's total differs from its lines.
        voided: Whether it was voided after it was made.
        unnumbered: Whether its number is empty, so that Autotask shows the id.
        edit: What happens to the lines.
    """

    place: Place = PLAIN
    kinds: tuple[str, ...] = ()
    payment_term: int = 0
    off_by: Decimal = Decimal(0)
    voided: bool = False
    unnumbered: bool = False
    edit: Callable[[list[Line]], list[Line]] = list


def _credited(lines: list[Line]) -> list[Line]:
    return [replace(line, quantity=-line.quantity) for line in lines]


def _odd(lines: list[Line]) -> list[Line]:
    texts = (ODD_TEXTS * len(lines))[: len(lines)]
    return [
        replace(line, row=line.row | {"itemName": name, "description": text})
        for line, (name, text) in zip(lines, texts, strict=True)
    ]


def _long(lines: list[Line]) -> list[Line]:
    text = SENTENCE * (FULL_TEXT // len(SENTENCE) + 1)
    row = {"itemName": text[:LONG_NAME], "description": text[:LONG_TEXT], "lineItemFullDescription": text[:FULL_TEXT]}
    return [replace(lines[0], row=lines[0].row | row), *lines[1:]]


PLANTS: dict[str, Plant] = {
    "account missing": Plant(BROKEN_PLACES[0]),
    "account is a prospect": Plant(BROKEN_PLACES[1]),
    "tax region without VAT row": Plant(BROKEN_PLACES[2], kinds=("labour", "goods")),
    "payment term without condition": Plant(payment_term=5),
    "item missing": Plant(kinds=("labour", "missing_product")),
    "total off by one": Plant(off_by=Decimal("1.00")),
    "voided": Plant(voided=True),
    "credit": Plant(kinds=("goods", "labour"), edit=_credited),
    "dollars": Plant(DOLLARS, kinds=("service", "senior_labour", "licences", "minutes")),
    "pounds": Plant(PLACES[4], kinds=("service", "goods")),
    "EU": Plant(PLACES[5]),
    "reverse charge": Plant(REVERSE_CHARGE, kinds=("project_labour", "project_goods", "milestone")),
    "odd texts": Plant(kinds=("goods", "labour", "travel", "service"), edit=_odd),
    "long texts": Plant(kinds=("labour", "service"), edit=_long),
    "seven decimals": Plant(kinds=("usage", "minutes", "minutes", "usage")),
    "zero lines": Plant(kinds=("labour", "covered", "free_of_charge")),
    "three rates": Plant(kinds=("labour", "low_rate_expense", "untaxed_expense", "expense", "discount")),
    "unnumbered": Plant(unnumbered=True),
}

BROKEN = tuple(PLANTS)[:6]
"""Those that must fail, and nothing else does."""


def positions(invoices: int) -> dict[int, Plant]:
    """Return which invoice, counted from 0, is planted: spread evenly, the rest is left to chance."""
    if invoices < ROOM:
        return {}
    return {(number * invoices + invoices // 2) // len(PLANTS): plant for number, plant in enumerate(PLANTS.values())}


def customer(world: World, place: Place, number: int) -> Company:
    """Return a customer of a kind, another one for another number where there are several."""
    found = [company for company in world.of_kind("customer") if company.place == place]
    return found[number % len(found)]
