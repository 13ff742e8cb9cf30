"""Whether a record is what the eExact schema says: order, attributes, types, lengths.

`elements.json` is the element tree of the vendor's schema (tim-online/go-exactglobe, docs/eExact-Schema.xsd 4.0.310.1),
as far as accounts, orders and invoices reach. A child is written ``name type flags length``: a type is a simple one,
its values, or ``@`` and the node that describes it; flags: ``*`` any number, ``!`` always there, ``r`` there if its
parent has content, ``c`` one of a choice with its neighbours. An attribute is ``type length``, with ``!`` in front when
it is needed. The schema has no lengths; they are those of the columns it names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
PATTERNS = {
    "base64Binary": re.compile(r"[\w+/=\s]*"),
    "boolean": re.compile("true|false|1|0"),
    "date": re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
    "dateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"),
    "float": FLOAT,
    "integer": re.compile(r"[+-]?\d+"),
    "string": re.compile(r".*", re.DOTALL),
    "token": re.compile(r"\S*"),
    "empty": re.compile(r"\s*"),
}


@dataclass(frozen=True)
class Child:
    """What may stand at one place of a sequence."""

    name: str
    type: str
    flags: str = ""
    length: int | None = None


@dataclass(frozen=True)
class Node:
    """An element with attributes or children."""

    attributes: dict[str, tuple[str, int | None]]
    required: frozenset[str]
    children: tuple[Child, ...]
    text: str


def violations(element: etree._Element, name: str) -> list[str]:
    """Return what is wrong with an element and all below it, each with its place; empty: it is valid.

    Args:
        element: The record.
        name: The node that describes it, such as "Order".
    """
    return list(_of_node(element, _nodes()[name], str(element.tag)))


def _of_node(element: etree._Element, node: Node, place: str) -> Iterator[str]:
    yield from _of_attributes(element, node, place)
    children = list(element)
    if not children and node.text:
        yield from _of_text(element.text or "", node.text, None, place)
    yield from _missing(node, {str(child.tag) for child in children}, place)
    position, seen = 0, ""
    for child in children:
        found = next((at for at in range(position, len(node.children)) if node.children[at].name == child.tag), None)
        if found is None:
            yield f"{place}/{child.tag!s}: not expected here"
            continue
        spec = node.children[found]
        if seen == child.tag and "*" not in spec.flags:
            yield f"{place}/{child.tag!s}: more than one"
        position, seen = found, str(child.tag)
        yield from _of_child(child, spec, f"{place}/{child.tag!s}")


def _of_child(element: etree._Element, spec: Child, place: str) -> Iterator[str]:
    if spec.type.startswith("@"):
        yield from _of_node(element, _nodes()[spec.type[1:]], place)
    else:
        yield from (f"{place}/@{name!s}: not expected here" for name in element.attrib)
        yield from _of_text(element.text or "", spec.type, spec.length, place)


def _of_attributes(element: etree._Element, node: Node, place: str) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name not in node.attributes:
            yield f"{place}/@{name!s}: not expected here"
        else:
            kind, length = node.attributes[str(name)]
            yield from _of_text(str(value), kind, length, f"{place}/@{name!s}")
    yield from (f"{place}/@{name}: missing" for name in sorted(node.required - set(map(str, element.attrib))))


def _of_text(text: str, kind: str, length: int | None, place: str) -> Iterator[str]:
    pattern = PATTERNS.get(kind)
    is_valid = pattern.fullmatch(text) if pattern else text in kind.split("|")
    if not is_valid:
        yield f"{place}: {text!r} is no {kind}"
    if length is not None and len(text) > length:
        yield f"{place}: longer than {length}"


def _missing(node: Node, present: set[str], place: str) -> Iterator[str]:
    """Tell what must be there and is not: always, or because the element has content."""
    for is_choice, group in groupby(node.children, lambda child: "c" in child.flags):
        specs = list(group)
        if is_choice and present and any("r" in spec.flags for spec in specs):
            names = [spec.name for spec in specs]
            if len(present.intersection(names)) != 1:
                yield f"{place}: one of {', '.join(names)} is needed"
        for spec in specs if not is_choice else ():
            needed = "!" in spec.flags or ("r" in spec.flags and present)
            if needed and spec.name not in present:
                yield f"{place}/{spec.name}: missing"


@cache
def _nodes() -> dict[str, Node]:
    raw = msgspec.json.decode(Path(__file__).with_name("elements.json").read_bytes(), type=dict[str, dict[str, object]])
    return {name: _node(node) for name, node in raw.items()}


def _node(raw: dict[str, object]) -> Node:
    attributes = msgspec.convert(raw.get("attributes", {}), dict[str, str])
    children = msgspec.convert(raw.get("children", []), list[str])
    return Node(
        attributes={name: _typed(spec.lstrip("!")) for name, spec in attributes.items()},
        required=frozenset(name for name, spec in attributes.items() if spec.startswith("!")),
        children=tuple(map(_child, children)),
        text=str(raw.get("text", "")),
    )


def _typed(spec: str) -> tuple[str, int | None]:
    kind, _, length = spec.partition(" ")
    return kind, int(length) if length else None


def _child(spec: str) -> Child:
    name, kind, flags, length = (*spec.split(), "", "", "")[:4]
    return Child(name, kind or "empty", flags.strip("-"), int(length) if length else None)
