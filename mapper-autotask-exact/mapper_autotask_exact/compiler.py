"""Compiles settings into tables and templates, and gathers what is wrong with them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.tables import Row, Table, condition
from mapper_autotask_exact.templates import Style, Template, TemplateError, parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mapper_autotask_exact.fields import Words


class Compiler:
    """Compiles the settings of one area.

    Args:
        area: The key that the settings stand under.
        values: The settings, with defaults.
        conditions: The names in a row of a table that ask; the others give.
        words: The names that templates may use.
        style: How templates write dates and numbers.
    """

    codes: Collection[str] = ()
    """Results of rows that are a template."""
    texts: Collection[str] = ()
    """Results of rows that are one or several templates."""
    about_lines = False
    """Whether templates in rows are about lines."""

    def __init__(
        self, area: str, values: dict[str, Any], conditions: Collection[str], words: Words, style: Style | None = None
    ) -> None:
        self.area = area
        self.values = values
        self.conditions = conditions
        self.words = words
        self.style = style
        self.errors: list[str] = []

    def choice(self, name: str, result: str) -> Table:
        """Compile a setting that is one value for all records, or a table."""
        value = self.values.get(name, [])
        if isinstance(value, list):
            return self.table(name)
        path = f"{self.area}.{name}"
        return Table(path, (Row(path, (), {result: self.result(path, result, value)}),))

    def table(self, name: str) -> Table:
        """Compile a table, and look for rows that can never count."""
        path = f"{self.area}.{name}"
        rows = self.values.get(name, [])
        self.errors += self._unreachable(path, rows)
        return Table(path, tuple(self.row(f"{path}[{place}]", row) for place, row in enumerate(rows)))

    def table_or_none(self, name: str) -> Table | None:
        """Compile a table that does nothing when it is left out."""
        return self.table(name) if name in self.values else None

    def row(self, path: str, row: Mapping[str, Any]) -> Row:
        """Compile a row: what it asks, and what it gives."""
        conditions = tuple(condition(name, wanted) for name, wanted in row.items() if name in self.conditions)
        result = {
            name: self.result(f"{path}.{name}", name, value)
            for name, value in row.items()
            if name not in self.conditions
        }
        if "rate" in row:
            result["rate"] = Decimal(str(row["rate"])) / 100
        return Row(path, conditions, result)

    def result(self, path: str, name: str, value: Any) -> Any:
        """Compile what a row gives: a template, several, or a plain value."""
        if name in self.codes:
            return self.template(path, value, line=self.about_lines)
        return self.templates(path, value, line=self.about_lines) if name in self.texts else value

    def templates(self, path: str, sources: str | list[str], *, line: bool = False) -> tuple[Template, ...]:
        """Compile one or several templates."""
        if isinstance(sources, str):
            return (self.template(path, sources, line=line),)
        return tuple(self.template(f"{path}[{place}]", source, line=line) for place, source in enumerate(sources))

    def template(self, path: str, source: str, *, line: bool = False) -> Template:
        """Compile a template; one that is wrong is noted and left empty."""
        try:
            return parse(source, line=line, style=self.style, words=self.words)
        except TemplateError as error:
            self.errors.append(f"{path}: {error}")
            return Template(source, ())

    def _unreachable(self, path: str, rows: list[dict[str, Any]]) -> Iterator[str]:
        """Name the rows below one that asks nothing, or the same."""
        seen: dict[str, int] = {}
        for place, row in enumerate(rows):
            asked = repr(sorted((name, wanted) for name, wanted in row.items() if name in self.conditions))
            above = seen.get("[]", seen.get(asked))
            if above is not None:
                why = "asks nothing and always fits" if "[]" in seen else "asks the same"
                yield f"{path}[{place}]: never counts, since {path}[{above}] above it {why}; move it up or take one out"
            seen.setdefault(asked, place)


def with_defaults(node: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in defaults, also of groups that are left out."""
    filled = dict(values)
    for name, sub in node["properties"].items():
        if "properties" in sub and (name in values or "required" not in sub):
            filled[name] = with_defaults(sub, values.get(name, {}))
        elif "default" in sub:
            filled.setdefault(name, sub["default"])
    return filled
