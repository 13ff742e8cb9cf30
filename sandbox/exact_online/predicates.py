"""What a filter means for rows, and by which index the rows that may match are found.

Codes are compared as they are stored, padding and all (Exact REST docs, crm/Accounts: the filter must contain the
leading spaces). Null is less than and greater than nothing, and equals null alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.exact_online.catalogue import NUMBERS, Resource
from sandbox.exact_online.errors import query_syntax
from sandbox.exact_online.filters import Comparison, Field, Function, Literal, Node, Not, Terms

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sandbox.store import Row

Getter = Callable[["Row"], Any]
Getters = Callable[[str], Getter]

KINDS = {"Guid": "guid", "String": "string", "DateTime": "datetime", "Boolean": "boolean"} | dict.fromkeys(
    NUMBERS, "number"
)
"""Kind of a property's value, by its type."""

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
FUNCTIONS: dict[str, tuple[tuple[str, ...], str, Callable[..., Any]]] = {
    "startswith": (("string", "string"), "boolean", str.startswith),
    "endswith": (("string", "string"), "boolean", str.endswith),
    "substringof": (("string", "string"), "boolean", lambda part, text: part in text),
    "trim": (("string",), "string", str.strip),
    "tolower": (("string",), "string", str.lower),
    "toupper": (("string",), "string", str.upper),
    "length": (("string",), "number", len),
    "year": (("datetime",), "number", lambda moment: moment.year),
    "month": (("datetime",), "number", lambda moment: moment.month),
    "day": (("datetime",), "number", lambda moment: moment.day),
}
"""Name to the kinds of the arguments, the kind of the result, and how it is done. Only ``trim`` is known to work at
Exact (basvanbeek.nl/exact-online-tips); the rest is standard OData v2, not tried live."""


def fields(node: Node) -> set[str]:
    """Return the names of the properties that a filter speaks of."""
    match node:
        case Field(name):
            return {name}
        case Comparison(_, left, right):
            return fields(left) | fields(right)
        case Not(term):
            return fields(term)
        case Function(_, parts) | Terms(_, parts):
            return set().union(*map(fields, parts))
    return set()


def matcher(node: Node, resource: Resource, getters: Getters) -> Callable[[Row], bool]:
    """Return a predicate over the rows of a resource.

    Args:
        node: The filter.
        resource: Whose properties it speaks of.
        getters: Gives the function that reads a property from a row.

    Raises:
        Refusal: A property is unknown, or values of different kinds are compared.
    """
    kind, get = _compile(node, resource, getters)
    if kind != "boolean":
        raise query_syntax()
    return lambda row: get(row) is True


def _compile(node: Node, resource: Resource, getters: Getters) -> tuple[str, Getter]:
    match node:
        case Literal(kind, value):
            return kind, lambda _row: value
        case Field(name):
            if name not in resource.properties or resource.properties[name].type not in KINDS:
                raise query_syntax()
            return KINDS[resource.properties[name].type], getters(name)
        case Comparison():
            return "boolean", _comparison(node, resource, getters)
        case Function():
            return _function(node, resource, getters)
        case Not(term):
            negated = matcher(term, resource, getters)
            return "boolean", lambda row: not negated(row)
        case Terms(word, terms):
            predicates = [matcher(term, resource, getters) for term in terms]
            quantifier = all if word == "and" else any
            return "boolean", lambda row: quantifier(predicate(row) for predicate in predicates)


def _comparison(node: Comparison, resource: Resource, getters: Getters) -> Getter:
    left_kind, left = _compile(node.left, resource, getters)
    right_kind, right = _compile(node.right, resource, getters)
    if "null" not in (left_kind, right_kind) and left_kind != right_kind:
        raise query_syntax()
    compare = COMPARISONS[node.operator]
    if node.operator in ("eq", "ne"):
        return lambda row: compare(left(row), right(row))

    def ordered(row: Row) -> bool:
        one, other = left(row), right(row)
        return one is not None and other is not None and compare(one, other)

    return ordered


def _function(node: Function, resource: Resource, getters: Getters) -> tuple[str, Getter]:
    if node.name not in FUNCTIONS:
        raise query_syntax()
    kinds, result, function = FUNCTIONS[node.name]
    compiled = [_compile(argument, resource, getters) for argument in node.arguments]
    if tuple(kind for kind, _ in compiled) != kinds:
        raise query_syntax()

    def call(row: Row) -> Any:
        values = [get(row) for _, get in compiled]
        return None if None in values else function(*values)

    return result, call


def candidates(node: Node | None, indexed: AbstractSet[str]) -> tuple[str, set[Any]] | None:
    """Return a property and its values, such that every match has one of them; None: all rows may match.

    Args:
        node: The filter.
        indexed: The properties that can be looked up.
    """
    match node:
        case Comparison("eq", Field(name), Literal(_, value)) | Comparison("eq", Literal(_, value), Field(name)):
            return (name, {value}) if name in indexed and value is not None else None
        case Terms("and", terms):
            found = [hit for term in terms if (hit := candidates(term, indexed))]
            return min(found, key=lambda hit: len(hit[1]), default=None)
        case Terms("or", terms):
            hits = [candidates(term, indexed) for term in terms]
            names = {hit[0] if hit else None for hit in hits}
            if len(names) == 1 and None not in names:
                return str(names.pop()), set().union(*(hit[1] for hit in hits if hit))
    return None


def lower_bound(node: Node | None, name: str) -> int:
    """Return the number that the property of every match exceeds; 0 when the filter does not say."""
    match node:
        case Comparison("gt", Field(field), Literal("number", value)) if field == name:
            return int(value)
        case Terms("and", terms):
            return max(lower_bound(term, name) for term in terms)
    return 0
