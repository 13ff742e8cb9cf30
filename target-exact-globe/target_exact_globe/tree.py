"""The element tree of eExact documents: what an element may hold, in which order, of which type, how long.

``schemas/eexact.json`` says it, from the vendor's schema (version 4.0.310.1); it defines the elements that this target
writes and reads, and names the others where they stand in a sequence. What must be there is told by ``min`` and, for
what the schema groups, by ``requiredIfParentHasContent``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from transfer_ledger import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

ROOT = "eExact"
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_LIKE = {"InvoiceLine": "OrderLine", "Invoice": "Order"}
"""Most lengths are given for orders and their lines; columns of the same names hold those of invoices."""

Definition = dict[str, Any]


@cache
def _schema() -> dict[str, Any]:
    path = Path(__file__).parent / "schemas" / "eexact.json"
    schema: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    return schema


def violations(document: etree._Element) -> list[str]:
    """Return what is wrong with a whole eExact document, each with the path of the element; none: it is valid."""
    if document.tag != ROOT:
        return [f"{document.tag}: the root must be {ROOT}"]
    definition = {
        "attributes": {_SCHEMA_LOCATION: {"type": "string"}, "schemaVersion": {"type": "string"}},
        "children": [{"name": name, "ref": name} for name in _schema()["roots"]],
    }
    return list(_element(document, definition, ROOT))


def _element(element: etree._Element, definition: Definition, path: str) -> Iterator[str]:
    definition = {**_referred(definition), **definition}
    yield from _attributes(element, definition.get("attributes", {}), path)
    kind = definition.get("text") or definition.get("type")
    if "children" in definition:
        yield from _children(element, definition["children"], path)
        if kind is None and (element.text or "").strip():
            yield f"{path}: holds text beside its elements"
    elif len(element):
        yield f"{path}: may not hold {element[0].tag}"
    if kind is not None:
        yield from _value(element.text or "", definition | {"type": kind}, path)


def _referred(definition: Definition) -> Definition:
    known: Definition = _schema()["elements"].get(definition.get("ref"), {})
    return known


def _attributes(element: etree._Element, allowed: dict[str, Definition], path: str) -> Iterator[str]:
    for name, value in element.attrib.items():
        known = allowed.get(str(name))
        if known is None:
            yield f"{path}/@{name!s}: is no attribute of {element.tag}"
        else:
            yield from _value(str(value), known, f"{path}/@{name!s}")
    yield from (
        f"{path}/@{name}: is missing"
        for name, definition in allowed.items()
        if definition.get("use") == "required" and name not in element.attrib
    )


def _children(element: etree._Element, sequence: list[Definition], path: str) -> Iterator[str]:
    places = {definition["name"]: place for place, definition in enumerate(sequence)}
    reached = 0
    for child in element.iterchildren("*"):
        place, below = places.get(child.tag), f"{path}/{child.tag}"
        if place is None:
            yield f"{below}: is no element of {element.tag}"
            continue
        if place < reached:
            yield f"{below}: stands behind {sequence[reached]['name']}, it must stand before it"
        reached = max(reached, place)
        if not _is_defined(sequence[place]):
            yield f"{below}: is not defined here"
        else:
            yield from _element(child, sequence[place], below)
    yield from _counts(element, sequence, path)


def _is_defined(definition: Definition) -> bool:
    return "ref" not in definition or bool(_referred(definition)) or "type" in definition


def _counts(element: etree._Element, sequence: list[Definition], path: str) -> Iterator[str]:
    counts = Counter(child.tag for child in element.iterchildren("*"))
    for definition in sequence:
        name, most = definition["name"], definition.get("max", 1)
        if most != "unbounded" and counts[name] > int(most):
            yield f"{path}/{name}: stands there {counts[name]} times"
        needed = definition.get("min") or (
            definition.get("requiredIfParentHasContent") and not definition.get("choice")
        )
        if needed and len(element) and not counts[name]:
            yield f"{path}/{name}: is missing"
    chosen = [definition["name"] for definition in sequence if definition.get("choice") and counts[definition["name"]]]
    if len(chosen) > 1:
        yield f"{path}: holds {' and '.join(chosen)}, where it may hold one of them"


def _value(value: str, definition: Definition, path: str) -> Iterator[str]:
    kind = definition.get("type", "string")
    if kind == "enum":
        if value not in definition["enum"]:
            yield f"{path}: {value!r} is none of {', '.join(definition['enum'])}"
    elif not _CHECKS.get(kind, _is_text)(value):
        yield f"{path}: {value!r} is no {kind}"
    length = _length(path) or definition.get("maxLength")
    if length is not None and texts.width(value) > length:
        yield f"{path}: {texts.width(value)} characters, Globe holds {length}"


@cache
def _lengths() -> dict[tuple[str, ...], int]:
    return {tuple(path.split("/")): length for path, length in _schema()["lengths"].items()}


@cache
def _length(path: str) -> int | None:
    """Return the length that is given for an element in its place in an order or invoice."""
    parts = tuple(path.split("/"))
    for own in (parts, tuple(_LIKE.get(part, part) for part in parts)):
        found = [length for known, length in _lengths().items() if own[-len(known) :] == known]
        if found:
            return min(found)
    return None


def _is_text(_: str) -> bool:
    return True


def _is_date(value: str) -> bool:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == len("2026-01-31")


_CHECKS = {
    "integer": lambda value: re.fullmatch(r"[+-]?\d+", value) is not None,
    "int": lambda value: re.fullmatch(r"[+-]?\d{1,10}", value) is not None,
    "float": lambda value: _NUMBER.fullmatch(value) is not None,
    "boolean": lambda value: value in ("0", "1", "true", "false"),
    "date": _is_date,
}
