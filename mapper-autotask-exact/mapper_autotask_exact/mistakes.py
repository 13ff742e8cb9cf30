"""What is wrong with settings, in sentences: the path, the value, and what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from mapper_autotask_exact.templates import hint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jsonschema import ValidationError

_TOP = "the settings"
_SHOWN = 60
_TYPES = {
    "string": "text",
    "array": "a list",
    "object": "a group of settings",
    "boolean": "true or false",
    "number": "a number",
}


def explain(error: ValidationError) -> list[str]:
    """Return a mistake against the schema in sentences."""
    path = _path(error.absolute_path)
    sentences = _EXPLAIN.get(str(error.validator))
    return sentences(path, error) if sentences else [f"{path}: {error.message}"]


def _path(steps: Iterable[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".") or _TOP


def _unknown_key(path: str, error: ValidationError) -> list[str]:
    schema_of_node: Any = error.schema
    known = schema_of_node["properties"]
    return [
        f"{_under(path, name)}: unknown{hint(name, known) or '; known here: ' + ', '.join(known)}"
        for name in _instance(error)
        if name not in known
    ]


def _under(path: str, name: str) -> str:
    return name if path == _TOP else f"{path}.{name}"


def _instance(error: ValidationError) -> dict[str, Any]:
    return cast("dict[str, Any]", error.instance)


def _wrong_type(path: str, error: ValidationError) -> list[str]:
    wanted: Any = error.validator_value
    value = json.dumps(error.instance, default=str)
    if "string" in wanted and not isinstance(error.instance, dict | list):
        return [f'{path}: {value} is not text; write it between quotes, "{value}", so that it stays as it is']
    names = " or ".join(_TYPES[name] for name in ([wanted] if isinstance(wanted, str) else wanted))
    return [f"{path}: {_short(value)} is not {names}"]


def _not_a_choice(path: str, error: ValidationError) -> list[str]:
    words: Any = error.validator_value
    value = json.dumps(error.instance, default=str)
    meant = hint(error.instance, words) if isinstance(error.instance, str) else ""
    return [f"{path}: {_short(value)} is none of {', '.join(words)}{meant}"]


def _missing(path: str, error: ValidationError) -> list[str]:
    needed: Any = error.validator_value
    return [
        f"{_under(path, name)}: missing; {_wanted(error.schema, name)}"
        for name in needed
        if name not in _instance(error)
    ]


def _wanted(node: Any, name: str) -> str:
    description = node["properties"][name].get("description")
    return f"say it here: {description}" if description else "say it here"


def _too_few(path: str, error: ValidationError) -> list[str]:
    schema_of_node: Any = error.schema
    areas = ", ".join(schema_of_node["properties"]) if path == _TOP else ""
    return [f"{path}: empty; fill in at least one{f' of {areas}' if areas else ''}"]


def _names_none(path: str, error: ValidationError) -> list[str]:
    choices: Any = error.validator_value
    names = [name for choice in choices for name in choice["required"]]
    if len(names) == 2:  # noqa: PLR2004 - a pair reads otherwise
        return [f"{path}: names neither {names[0]} nor {names[1]}; name one of them, or both"]
    return [f"{path}: names none of {', '.join(names)}; name at least one"]


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


_EXPLAIN: dict[str, Callable[[str, ValidationError], list[str]]] = {
    "additionalProperties": _unknown_key,
    "anyOf": _names_none,
    "enum": _not_a_choice,
    "minItems": _too_few,
    "minLength": lambda path, _: [f"{path}: empty; fill it in, or leave it out"],
    "minProperties": _too_few,
    "pattern": lambda path, error: [f"{path}: {error.instance!r} is no two-letter country code such as NL"],
    "required": _missing,
    "type": _wrong_type,
}
