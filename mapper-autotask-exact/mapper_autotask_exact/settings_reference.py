"""The settings as Markdown tables, for the README: `python -m mapper_autotask_exact.settings_reference AREA`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from mapper_autotask_exact import schema
from mapper_autotask_exact.facts import HEADER_FACTS, LINE_FACTS
from mapper_autotask_exact.parties.facts import ACCOUNT_FACTS, COMPANY_FACTS
from mapper_autotask_exact.parties.schema import ACCOUNT_AREAS, ACCOUNTS, COMPANIES, COMPANY_AREAS
from mapper_autotask_exact.payments.facts import PAYMENT_FACTS
from mapper_autotask_exact.payments.schema import PAYMENT_AREAS, PAYMENTS
from mapper_autotask_exact.purchases import schema as purchases
from mapper_autotask_exact.purchases.facts import LINE_FACTS as ROW_FACTS
from mapper_autotask_exact.purchases.facts import RECEIPT_FACTS
from mapper_autotask_exact.schema_parts import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapper_autotask_exact.facts import Fact

_WORDS = {"boolean": "`true` or `false`", "number": "number"}


class Chapter(NamedTuple):
    """One area of the settings, for its part of the README."""

    area: str
    groups: dict[str, dict[str, Any]]
    required: list[str]
    facts: dict[str, Fact]
    about: str
    """What a row of its tables is about."""
    of_lines: dict[str, Fact] | None = None
    """Those of the facts that only tables about lines ask."""
    explained: tuple[str, ...] = ()
    """Tables whose results are explained one by one."""


CHAPTERS = {
    "invoices": Chapter("invoices", schema.AREAS, schema.INVOICES["required"], schema.ANY_FACT, "an invoice",
                        LINE_FACTS, ("vat_codes", "items", "currencies")),
    "accounts": Chapter("accounts", ACCOUNT_AREAS, ACCOUNTS["required"], COMPANY_FACTS, "a company"),
    "companies": Chapter("companies", COMPANY_AREAS, COMPANIES["required"], ACCOUNT_FACTS, "an account"),
    "payments": Chapter("payments", PAYMENT_AREAS, PAYMENTS["required"], PAYMENT_FACTS, "an invoice in the books"),
    "purchases": Chapter(
        "purchases", purchases.AREAS, purchases.PURCHASES["required"], purchases.ANY_FACT, "a receipt", ROW_FACTS,
        ("items", "currencies"),
    ),
}  # fmt: skip


def markdown(area: str = "invoices") -> str:
    """Return all settings of an area, by group, and the conditions that its tables know."""
    chapter = CHAPTERS[area]
    conditions = _conditions(chapter) if chapter.of_lines else _party_conditions(chapter)
    return "\n".join([*_areas(chapter), *_tables(chapter), *conditions])


def _areas(chapter: Chapter) -> Iterator[str]:
    for group, settings in chapter.groups.items():
        yield from (f"### {group}", "", "| setting | value | default | meaning |", "|---|---|---|---|")
        for name, node in settings.items():
            yield from _setting(name, node, chapter.required)
        yield ""


def _setting(name: str, node: dict[str, Any], needed: list[str]) -> Iterator[str]:
    """Write a setting, or the settings of a group."""
    if "properties" not in node:
        required = "required" if name in needed else _default(node)
        yield _cells(f"`{name}`", _value(node), required, node["description"])
        return
    yield _cells(f"`{name}`", "group", "", node["description"])
    for sub, inner in node["properties"].items():
        if not inner["description"]:
            continue
        required = "required" if sub in node.get("required", ()) else _default(inner)
        yield _cells(f"`{name}.{sub}`", _value(inner), required, inner["description"])


def _value(node: dict[str, Any]) -> str:
    if "if" in node and node["then"].get("type") == "array" and "properties" in node["then"]["items"]:
        return f"{_value(node['else'])}, or a table"
    if node.get("type") == "array":
        return "table"
    if "enum" in node:
        return ", ".join(f"`{word}`" for word in node["enum"])
    if node["type"] == TEMPLATES["type"]:
        return "text, or a list of texts"
    if node["type"] == "object":
        return "names and templates"
    return _WORDS.get(node["type"], "text")


def _default(node: dict[str, Any]) -> str:
    if "default" not in node:
        return ""
    value = node["default"]
    if node.get("type") == TEMPLATES["type"] and isinstance(value, list):
        return ", ".join(f"`{text}`" for text in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "see *Tables*" if isinstance(value, list) else f"`{value}`"


def _tables(chapter: Chapter) -> Iterator[str]:
    yield from ("### Tables", "", "| table | a row is about | and gives |", "|---|---|---|")
    for settings in chapter.groups.values():
        for name, node in settings.items():
            rows = node.get("then", node)
            if rows.get("type") == "array" and "properties" in rows["items"]:
                yield _cells(f"`{name}`", *_row(rows["items"], chapter))
    yield ""
    if chapter.explained:
        yield from _results(chapter)


def _results(chapter: Chapter) -> Iterator[str]:
    yield from ("### What rows give", "", "| table | result | value | meaning |", "|---|---|---|---|")
    nodes = {name: node for settings in chapter.groups.values() for name, node in settings.items()}
    for name in chapter.explained:
        for result, inner in nodes[name]["items"]["properties"].items():
            if "description" in inner and result not in {*chapter.facts, "rate"}:
                yield _cells(f"`{name}`", f"`{result}`", _value(inner), inner["description"])
    yield ""


def _row(row: dict[str, Any], chapter: Chapter) -> tuple[str, str]:
    about = "a line" if chapter.of_lines and chapter.of_lines.keys() <= row["properties"].keys() else chapter.about
    results = [name for name in row["properties"] if name not in chapter.facts and name != "rate"]
    marked = [f"`{name}`" + (" (required)" if name in row["required"] else "") for name in results]
    return about, ", ".join(marked) or "nothing: the row is enough"


def _party_conditions(chapter: Chapter) -> Iterator[str]:
    yield from ("### Conditions", "", "| condition | asks |", "|---|---|")
    for name, fact in chapter.facts.items():
        yield _cells(f"`{name}`", fact.about + (" (`true` or `false`)" if fact.flag else ""))


def _conditions(chapter: Chapter) -> Iterator[str]:
    yield from ("### Conditions", "", "| condition | in tables about | asks |", "|---|---|---|")
    whole = {"invoices": ("invoices", HEADER_FACTS), "purchases": ("receipts", RECEIPT_FACTS)}
    noun, of_header = whole[chapter.area]
    for name, fact in of_header.items():
        yield _condition(name, f"{noun} and lines", fact)
    for name, fact in (chapter.of_lines or {}).items():
        if name not in of_header:
            yield _condition(name, "lines", fact)
    if chapter.area == "invoices":
        yield from _rate()


def _rate() -> Iterator[str]:
    rate = schema.VAT["vat_codes"]["items"]["properties"]["rate"]
    yield _cells("`rate`", "`vat_codes`", f"{rate['description']} (number)")


def _condition(name: str, tables: str, fact: Fact) -> str:
    return _cells(f"`{name}`", tables, fact.about + (" (`true` or `false`)" if fact.flag else ""))


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    print(markdown(*sys.argv[1:]))  # noqa: T201 - this is what the command is for
