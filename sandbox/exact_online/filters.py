"""The ``$filter`` language: OData v2 as far as Exact's users have it in use.

``parse`` gives a tree, ``literals`` reads a list of values; what a tree means for rows is in `predicates`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.exact_online import times
from sandbox.exact_online.errors import query_syntax

if TYPE_CHECKING:
    from collections.abc import Callable

GUID = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
TOKEN = re.compile(
    rf"""\s*(?:
    (?P<guid>guid'(?P<guid_value>{GUID.pattern})')
    |(?P<datetime>datetime'(?P<datetime_value>[^']*)')
    |(?P<string>'(?P<string_value>(?:[^']|'')*)')
    |(?P<number>(?P<number_value>-?[0-9]{{1,19}}(?:\.[0-9]{{1,19}})?)(?P<suffix>[lmdf]?)(?!\w))
    |(?P<word>[a-z_][a-z0-9_]*)
    |(?P<mark>[(),])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
CONSTANTS: dict[str, tuple[str, Any]] = {"true": ("boolean", True), "false": ("boolean", False), "null": ("null", None)}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value, with its kind: guid, datetime, string, number, boolean or null."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Field:
    """A property of the row."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function call."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left eq right`` and its kin."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be."""

    term: Node


@dataclass(frozen=True, slots=True)
class Terms:
    """All of them (``and``) or any of them (``or``)."""

    operator: str
    terms: tuple[Node, ...]


Node = Literal | Field | Function | Comparison | Not | Terms

COMPARISONS = {"eq", "ne", "gt", "ge", "lt", "le"}
MAX_DEPTH = 50
MAX_INT32 = 2**31 - 1


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.position = 0
        self.depth = 0

    def peek(self) -> tuple[str, Any]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", None)

    def take(self, kind: str, value: Any = None) -> Any:
        token = self.peek()
        if token[0] != kind or value not in (None, token[1]):
            raise query_syntax()
        self.position += 1
        return token[1]

    def accept(self, kind: str, value: str) -> bool:
        found = self.peek() == (kind, value)
        self.position += found
        return found

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise query_syntax()
        node = self.terms("or", lambda: self.terms("and", self.comparison))
        self.depth -= 1
        return node

    def terms(self, word: str, part: Callable[[], Node]) -> Node:
        found = [part()]
        while self.accept("word", word):
            found.append(part())
        return found[0] if len(found) == 1 else Terms(word, tuple(found))

    def comparison(self) -> Node:
        if self.accept("word", "not"):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise query_syntax()
            return Not(self.comparison())
        left = self.operand()
        kind, word = self.peek()
        if kind == "word" and word in COMPARISONS:
            self.position += 1
            return Comparison(word, left, self.operand())
        return left

    def operand(self) -> Node:
        kind, value = self.peek()
        if kind == "mark":
            self.take("mark", "(")
            node = self.expression()
            self.take("mark", ")")
            return node
        if kind == "end":
            raise query_syntax()
        self.position += 1
        if kind == "word":
            return self.call(value) if self.peek() == ("mark", "(") else Field(value)
        return Literal(kind, value)

    def call(self, name: str) -> Node:
        self.take("mark", "(")
        arguments = [self.expression()]
        while self.accept("mark", ","):
            arguments.append(self.expression())
        self.take("mark", ")")
        return Function(name, tuple(arguments))


def _tokens(text: str) -> list[tuple[str, Any]]:
    found, position = [], 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise query_syntax()
        found.append(_token(match))
        position = match.end()
    return found


def _token(match: re.Match[str]) -> tuple[str, Any]:
    groups = match.groupdict()
    kind = next(name for name in ("guid", "datetime", "string", "number", "word", "mark") if groups[name] is not None)
    text = groups.get(f"{kind}_value") or groups[kind]
    if kind == "datetime":
        try:
            return kind, times.read(text)
        except ValueError as error:
            raise query_syntax() from error
    if kind == "string":
        return kind, groups["string_value"].replace("''", "'")
    if kind == "number":
        return kind, _number(text, groups["suffix"])
    if kind == "guid":
        return kind, text.lower()
    return CONSTANTS.get(text, (kind, text))


def _number(text: str, suffix: str) -> int | Decimal:
    """Read a number; beyond 32 bits it needs the L of an Int64 (Exact REST docs, Sync API)."""
    if "." in text:
        return Decimal(text)
    value = int(text)
    if not suffix and abs(value) > MAX_INT32:
        raise query_syntax()
    return value


def parse(text: str) -> Node:
    """Read a filter.

    Raises:
        Refusal: It cannot be understood.
    """
    parser = _Parser(text)
    node = parser.expression()
    parser.take("end")
    return node


def literals(text: str) -> tuple[Literal, ...]:
    """Read a list of values, as a ``$skiptoken`` has them: ``datetime'2018-09-21T04:18:55.617',guid'...'``.

    Raises:
        Refusal: It is no such list.
    """
    tokens = _tokens(text)
    if any(token != ("mark", ",") for token in tokens[1::2]) or any(kind == "mark" for kind, _ in tokens[::2]):
        raise query_syntax()
    return tuple(Literal(kind, value) for kind, value in tokens[::2])


def literal(value: Any) -> str:
    """Write a value as a filter has it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int():
            return f"{value}L" if abs(value) > MAX_INT32 else str(value)
        case dt.datetime():
            return f"datetime'{times.to_literal(value)}'"
        case str():
            quoted = value.replace("'", "''")
            return f"guid'{value}'" if GUID.fullmatch(value) else f"'{quoted}'"
    return str(value)
