"""The settings as Markdown tables, for the README: `python -m mapper_autotask_exact.settings_reference`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import schema
from mapper_autotask_exact.facts import HEADER_FACTS, LINE_FACTS
from mapper_autotask_exact.schema_parts import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapper_autotask_exact.facts import Fact

_WORDS = {"boolean": "`true` or `false`", "number": "number"}


def markdown() -> str:
    """Return all settings under ``invoices``, by area, and the conditions that tables know."""
    return "\n".join([*_areas(), *_tables(), *_conditions()])


def _areas() -> Iterator[str]:
    for area, settings in schema.AREAS.items():
        yield from (f"### {area}", "", "| setting | value | default | meaning |", "|---|---|---|---|")
        for name, node in settings.items():
            yield from _setting(name, node)
        yield ""


def _setting(name: str, node: dict[str, Any]) -> Iterator[str]:
    """Write a setting, or the settings of a group."""
    if "properties" not in node:
        required = "required" if name in schema.INVOICES["required"] else _default(node)
        yield _cells(f"`{name}`", _value(node), required, node["description"])
        return
    yield _cells(f"`{name}`", "group", "", node["description"])
    for sub, inner in node["properties"].items():
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
    return _WORDS.get(node["type"], "text")


def _default(node: dict[str, Any]) -> str:
    if "default" not in node:
        return ""
    value = node["default"]
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "see *Tables*" if isinstance(value, list) else f"`{value}`"


def _tables() -> Iterator[str]:
    yield from ("### Tables", "", "| table | a row is about | and gives |", "|---|---|---|")
    for settings in schema.AREAS.values():
        for name, node in settings.items():
            rows = node.get("then", node)
            if rows.get("type") == "array" and "properties" in rows["items"]:
                yield _cells(f"`{name}`", *_row(rows["items"]))
    yield from ("", "### What rows give", "", "| table | result | value | meaning |", "|---|---|---|---|")
    for name in ("vat_codes", "items", "currencies"):
        node = {**schema.VAT, **schema.LINES, **schema.PAYMENT}[name]
        for result, inner in node["items"]["properties"].items():
            if "description" in inner and result not in {*schema.ANY_FACT, "rate"}:
                yield _cells(f"`{name}`", f"`{result}`", _value(inner), inner["description"])
    yield ""


def _row(row: dict[str, Any]) -> tuple[str, str]:
    about = "a line" if "billing_item_type" in row["properties"] else "an invoice"
    results = [name for name in row["properties"] if name not in schema.ANY_FACT and name != "rate"]
    marked = [f"`{name}`" + (" (required)" if name in row["required"] else "") for name in results]
    return about, ", ".join(marked) or "nothing: the row is enough"


def _conditions() -> Iterator[str]:
    yield from ("### Conditions", "", "| condition | in tables about | asks |", "|---|---|---|")
    for name, fact in HEADER_FACTS.items():
        yield _condition(name, "invoices and lines", fact)
    for name, fact in LINE_FACTS.items():
        if name not in HEADER_FACTS:
            yield _condition(name, "lines", fact)
    rate = schema.VAT["vat_codes"]["items"]["properties"]["rate"]
    yield _cells("`rate`", "`vat_codes`", f"{rate['description']} (number)")


def _condition(name: str, tables: str, fact: Fact) -> str:
    return _cells(f"`{name}`", tables, fact.about + (" (`true` or `false`)" if fact.flag else ""))


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    print(markdown())  # noqa: T201 - this is what the command is for
