"""One record on its way to a document: its facts, what tables say of them, and what was found missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from mapper_autotask_exact.facts import HEADER_FACTS, LINE_FACTS, Facts, LineVat, shown
from mapper_autotask_exact.tables import Row, Table, find
from mapper_autotask_exact.templates import clean
from transfer_ledger.documents import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


class Lookup(msgspec.Struct, frozen=True):
    """A question put to a table: for which field and line, and which row answered."""

    field: str
    table: Table
    facts: Facts
    row: Row | None
    line: str | None = None


class Case:
    """What mapping one record works with.

    Args:
        record: A row of an expanded stream.
        facts: What tables can ask about it.
        lookups: Takes every look into a table, for those who want to know why.
    """

    line_noun = "billing item"
    """What a line is made of, for messages."""

    def __init__(self, record: Mapping[str, Any], facts: Facts, lookups: list[Lookup] | None = None) -> None:
        self.record = record
        self.facts = facts
        self.lookups = lookups
        self.rules: dict[str, str] = {}
        self._problems: dict[tuple[str, str, str, str | None, str | None], list[str]] = {}

    def look(self, field: str, table: Table, facts: Facts | None = None, line: str | None = None) -> Row | None:
        """Return the first row of a table that fits the record, or one of its lines."""
        facts = self.facts if facts is None else facts
        row = find(table, facts)
        if self.lookups is not None:
            self.lookups.append(Lookup(field, table, facts, row, line))
        if row is not None and line is None:
            self.rules[field] = row.path
        return row

    def need(self, field: str, table: Table, facts: Facts | None = None, line: str | None = None) -> Row | None:
        """Return the first row that fits; that none does is a problem."""
        row = self.look(field, table, facts, line)
        if row is None:
            facts = self.facts if facts is None else facts
            found = described(table, facts)
            self.problem(
                field if line is None else f"lines.{field}",
                found,
                f"no row of {table.path} fits" + (f" {{{found}}}; add one for it" if found else "; add one"),
                table.path,
                line,
                paste=row_for(table, facts, field),
            )
        return row

    def chosen(self, name: str, table: Table, default: Any) -> Any:
        """Return what a setting says that is one value or a table."""
        row = self.need(name, table) if table.rows else None
        return default if row is None else row.result[name]

    def problem(
        self,
        field: str,
        value: str,
        message: str,
        setting: str | None = None,
        line: str | None = None,
        *,
        paste: str | None = None,
    ) -> None:
        """Note a gap; the same gap on several lines is one problem."""
        lines = self._problems.setdefault((field, clean(value), clean(message), setting, paste), [])
        if line is not None:
            lines.append(line)

    @property
    def problems(self) -> list[Problem]:
        """All gaps, each with the billing items that have it."""
        return [
            Problem(
                field=field,
                value=value,
                message=message + (f" ({self.line_noun} {', '.join(lines)})" if lines else ""),
                setting=setting,
                paste=paste,
            )
            for (field, value, message, setting, paste), lines in self._problems.items()
        ]


def described(table: Table, facts: Facts) -> str:
    """Return what a table could ask about these facts, as the conditions of a row are written."""
    return ", ".join(f"{name}: {text}" for name in table.names if (text := shown(facts[name])))


def row_for(table: Table, facts: Facts, field: str) -> str:
    """Return the row that is missing, as YAML to paste into the table: ``?`` stands for what it is to give."""
    asked = {name: _asked(name, facts[name]) for name in table.names if shown(facts[name])}
    given = [row.result.keys() for row in table.rows]
    results = [name for name in given[0] if name != "rate" and all(name in row for row in given)] if given else [field]
    row = {name: value for name, value in asked.items() if value is not None} | dict.fromkeys(results, "?")
    return f"- {yaml.safe_dump(row, **ONE_LINE).strip()}"


def _asked(name: str, fact: Any) -> Any:
    """Return a fact as the condition of a row asks it: a percentage as a number, a yes or no as such."""
    if isinstance(fact, LineVat):
        return None if fact.percentage is None else _number(fact.percentage)
    known = {**HEADER_FACTS, **LINE_FACTS}.get(name)
    text = shown(fact)
    return text == "true" if known is not None and known.flag else text


def _number(percentage: Decimal) -> float:
    return int(percentage) if percentage == int(percentage) else float(percentage)


ONE_LINE: dict[str, Any] = {
    "default_flow_style": True,
    "sort_keys": False,
    "allow_unicode": True,
    "width": float("inf"),
}
"""How a row is written in one line of YAML."""
