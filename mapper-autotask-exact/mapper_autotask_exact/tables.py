"""Tables of settings: rows with conditions and results, of which the first that fits counts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from mapper_autotask_exact.facts import shown, text_test

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Condition(msgspec.Struct, frozen=True):
    """What one row asks of one fact."""

    name: str
    wanted: str
    test: Callable[[Any], bool]


class Row(msgspec.Struct, frozen=True):
    """A row: its place in the settings, what it asks, and what it gives."""

    path: str
    conditions: tuple[Condition, ...]
    result: Mapping[str, Any]


class Table(msgspec.Struct, frozen=True):
    """Rows in order, and the facts they ask about."""

    path: str
    rows: tuple[Row, ...] = ()

    @property
    def names(self) -> list[str]:
        """The facts that its conditions ask about, in the order in which they first occur."""
        return list(dict.fromkeys(condition.name for row in self.rows for condition in row.conditions))


class Miss(msgspec.Struct, frozen=True):
    """Why a row does not fit: each condition that fails, as (fact, wanted, found)."""

    path: str
    failed: list[tuple[str, str, str]]


def condition(name: str, wanted: Any) -> Condition:
    """Compile one condition: a text, a list of texts, a yes or no, or the percentage of ``rate``."""
    if name == "rate":
        percentage = Decimal(str(wanted))
        return Condition(name, str(wanted), lambda vat: bool(vat.fits(percentage)))
    if isinstance(wanted, bool):
        wanted = str(wanted).lower()
    words = wanted if isinstance(wanted, list) else [wanted]
    return Condition(name, " or ".join(word or "(empty)" for word in words), text_test(words))


def find(table: Table, facts: Mapping[str, Any]) -> Row | None:
    """Return the first row whose conditions all hold."""
    for row in table.rows:
        if all(condition.test(facts[condition.name]) for condition in row.conditions):
            return row
    return None


def misses(table: Table, facts: Mapping[str, Any]) -> list[Miss]:
    """Return for every row that does not fit why not, those that fail least first."""
    found = [
        Miss(
            row.path,
            [(c.name, c.wanted, shown(facts[c.name])) for c in row.conditions if not c.test(facts[c.name])],
        )
        for row in table.rows
    ]
    return sorted((miss for miss in found if miss.failed), key=lambda miss: len(miss.failed))
