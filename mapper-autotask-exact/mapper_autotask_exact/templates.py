"""Text templates such as ``{itemName} ({billing_code.name})``: read once, filled in for every line."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from string import Formatter
from typing import Any

import msgspec

from mapper_autotask_exact.fields import INVOICES, Words

_NAME = re.compile(r"(\w+)((?:\.\w+|\[[^\[\]]+\])*)")
_COMMA_AND_POINT = str.maketrans(",.", ".,")
_STEP = re.compile(r"\.(\w+)|\[([^\[\]]+)\]")

Scopes = Sequence[Mapping[str, Any]]
"""What a template takes its values from: the invoice, and for a line also the billing item."""


class Style(msgspec.Struct, frozen=True):
    """How dates and numbers are written in texts."""

    date_format: str = "%d-%m-%Y"
    decimal_mark: str = ","


class Field(msgspec.Struct, frozen=True):
    """One field of a template: where its value is found and how it is written."""

    source: str
    level: int
    path: tuple[str, ...]
    write: Callable[[Any], str]


class Template(msgspec.Struct, frozen=True):
    """A text with fields."""

    source: str
    parts: tuple[str | Field, ...]


class TemplateError(ValueError):
    """A template that cannot be used; the message says what to write instead."""


def parse(source: str, *, line: bool, style: Style | None = None, words: Words = INVOICES) -> Template:
    """Read a template.

    Args:
        source: Text with fields between braces.
        line: Whether it is about a line; otherwise about the whole invoice.
        style: How dates and numbers are written.
        words: The names it may use.

    Raises:
        TemplateError: its braces do not match, or a field does not exist.
    """
    try:
        pieces = list(Formatter().parse(source))
    except ValueError as error:
        raise TemplateError(f"{error}; write a literal brace twice: {{{{ or }}}}") from error
    parts: list[str | Field] = []
    for text, name, spec, conversion in pieces:
        if text:
            parts.append(text)
        if conversion:
            raise TemplateError(f"{{{name}!{conversion}}} has a conversion; leave out !{conversion}")
        if name is not None:
            parts.append(_field(name, spec or "", words, line=line, style=style or Style()))
    return Template(source, tuple(parts))


def fill(template: Template, scopes: Scopes) -> tuple[str, list[str]]:
    """Return the text and the fields that turned out empty."""
    texts: list[str] = []
    empty: list[str] = []
    for part in template.parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        text = part.write(_dig(scopes[part.level], part.path))
        if not text:
            empty.append(part.source)
        texts.append(text)
    return "".join(texts).strip(), empty


def first_filled(templates: Sequence[Template], scopes: Scopes) -> str:
    """Return the text of the first template whose fields all have a value; a single one may have blanks."""
    for template in templates:
        text, empty = fill(template, scopes)
        if not empty or len(templates) == 1:
            return text
    return ""


def clean(text: str) -> str:
    """Leave out NUL, which databases and XML refuse and Autotask may send."""
    return text.replace("\0", "").strip()


def one_line(text: str) -> str:
    """Return a text on one line, for a terminal or a remark: whatever is in it cannot end the line or be obeyed."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _field(name: str, spec: str, words: Words, *, line: bool, style: Style) -> Field:
    match = _NAME.fullmatch(name)
    if match is None:
        raise TemplateError(f"{{{name}}} is no field name; write {{field}}, {{row.field}} or {{row[field]}}")
    root = match[1]
    _check_root(name, root, words, line=line)
    path = [root]
    for listed, unlisted in _STEP.findall(match[2]):
        _check_step(name, path, words, listed, unlisted)
        path.append(listed or unlisted)
    level = 1 if line and root in words.line_roots else 0
    return Field(name, level, tuple(path[1:] if root == words.itself else path), _writer(path[-1], spec, style))


def _check_root(name: str, root: str, words: Words, *, line: bool) -> None:
    known = words.roots | words.line_roots | {words.itself} if line else words.roots
    if root not in known:
        raise TemplateError(f"{{{name}}}: there is no field {root!r}{hint(root, known)}")


def _check_step(name: str, path: list[str], words: Words, listed: str, unlisted: str) -> None:
    row = path[-1]
    known = words.rows.get(row)
    if known is None and row != "userDefinedFields":
        raise TemplateError(f"{{{name}}}: {row} is a value, it has no field {listed or unlisted!r}")
    if listed and listed not in (known or ()):
        raise TemplateError(
            f"{{{name}}}: {row} has no field {listed!r}{hint(listed, known or ())}; "
            f"a field that is not known here is written {{{'.'.join(path)}[{listed}]}}"
        )


def hint(word: str, known: Iterable[str]) -> str:
    """Return a did-you-mean for a misspelt word, or nothing."""
    lowered = {name.lower(): name for name in sorted(known)}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean {lowered[close[0]]}?" if close else ""


def _dig(scope: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = scope
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list):
            value = next((row.get("value") for row in value if row.get("name") == key), None)
        else:
            return None
    return value


def _writer(name: str, spec: str, style: Style) -> Callable[[Any], str]:
    """Return what writes the value of a field; a name that ends in date or DateTime holds a date."""
    if name.lower().endswith(("date", "datetime", "ontime")):
        date_format = spec or style.date_format
        return lambda value: _date_text(value, date_format)
    try:
        format(Decimal(0), spec)
    except ValueError as error:
        raise TemplateError(f"{{...:{spec}}}: {error}; write for instance {{quantity:.2f}}") from error
    return lambda value: _text(value, spec, style.decimal_mark)


def _date_text(value: Any, date_format: str) -> str:
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value[:10])
        except ValueError:
            return clean(value)
    return value.strftime(date_format) if isinstance(value, dt.date) else ""


def _text(value: Any, spec: str, decimal_mark: str) -> str:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | Decimal):
        return ""
    number = format(Decimal(value), spec) if spec else plain(Decimal(value))
    return number.translate(_COMMA_AND_POINT) if decimal_mark == "," else number


def plain(number: Decimal) -> str:
    """Write a number without trailing zeros and without an exponent."""
    return format(number.normalize() if number else Decimal(0), "f")
