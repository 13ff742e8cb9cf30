"""Values of fields: from a record to the wire, and whether two of them are the same. No value is bent to fit."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from transfer_ledger.records import SHOWN, Unfit, is_empty

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_autotask.entities import Choice, Field

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
DIGITS = 28
BITS = {"short": 15, "integer": 31, "long": 63}
NUMBERS = {"decimal", "double", "float", "number"}
MOMENTS = {"datetime", "date"}
TICK = dt.timedelta(milliseconds=4)
"""SQL Server's datetime counts in steps of 3.3 ms (Microsoft docs), so a moment may come back that much off."""


def sent(field: Field, value: Any, parent: Any = None) -> Any:
    """Return a value of a record as Autotask takes it.

    Args:
        field: The field it is for.
        value: Text, number, boolean: what JSON knows. Picklists take a value or a label.
        parent: The value of the field that the picklist depends on.

    Raises:
        Unfit: It does not fit; the message says what of it, and goes after the value.
    """
    if field.choices is not None:
        value = _chosen(field, value, parent)
    if field.udf:
        return _udf(field, value)
    return SENT.get(field.type, _as_it_is)(field, value)


def same(field: Field, one: Any, other: Any) -> bool:
    """Return whether two values mean the same; both may come from a record or from a row."""
    if is_empty(one) or is_empty(other):
        return is_empty(one) and is_empty(other)
    if field.type in MOMENTS:
        moments = _moment(one), _moment(other)
        if moments[0] and moments[1]:
            return abs(moments[0] - moments[1]) < TICK
    if field.udf and field.type in NUMBERS:
        numbers = _decimal(one), _decimal(other)
        if None not in numbers:
            return numbers[0] == numbers[1]
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def wire(value: Any) -> Any:
    """Return a value for the body of a request: ``Decimal`` becomes a number of exactly its digits."""
    return msgspec.Raw(format(value, "f").encode()) if isinstance(value, Decimal) else value


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("is no text")
    if "\0" in value:
        raise Unfit("holds a NUL character")
    length = len(value.encode("utf-16-le")) // 2  # .NET and SQL Server count an emoji as two
    if 0 < field.length < length:
        raise Unfit(f"has {length} characters, the field takes {field.length}")
    return value


def _whole(field: Field, value: Any) -> int:
    if isinstance(value, Decimal) and abs(value) < 2 ** BITS["long"] and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit("is no whole number")
    if not -(2 ** BITS[field.type]) <= value < 2 ** BITS[field.type]:
        raise Unfit(f"is too large for a field of the type {field.type}")
    return value


def _number(_field: Field, value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unfit("is no number")
    if value and abs(Decimal(value).adjusted()) > DIGITS:
        raise Unfit("is out of all proportion")
    return value


def _boolean(_field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("is neither true nor false")
    return value


def _date(_field: Field, value: Any) -> str:
    """Return a moment as Autotask writes it; a day is its midnight, which no time zone shifts (Autotask REST docs)."""
    moment = _moment(value)
    if moment is None:
        raise Unfit("is no date such as 2026-11-30, or moment such as 2026-11-30T09:00:00Z")
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_it_is(_field: Field, value: Any) -> Any:
    return value


SENT: dict[str, Callable[[Field, Any], Any]] = {
    "string": _text,
    "boolean": _boolean,
    **dict.fromkeys(BITS, _whole),
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(MOMENTS, _date),
}
"""By type in the metadata; what else there is goes as it came."""


def _udf(field: Field, value: Any) -> str:
    """Return the value of a user-defined field: a text whatever its type (Autotask REST docs, UserDefinedField)."""
    if field.type in MOMENTS:
        return _date(field, value)
    if field.type in NUMBERS and _decimal(value) is None:
        raise Unfit("is no number")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format(_number(field, value), "f" if isinstance(value, Decimal) else "d")
    return _text(field, value)


def _chosen(field: Field, value: Any, parent: Any) -> Any:
    """Return the value of a picklist that a record names by its value or its label."""
    choices = field.choices or ()
    if field.chosen_by and parent is not None:
        choices = tuple(each for each in choices if each.parent in ("", str(parent)))
    named = {each.value for each in choices if each.value == str(value)}
    if isinstance(value, str):
        labelled = [each for each in choices if each.label.strip().casefold() == value.strip().casefold()]
        named |= {each.value for each in labelled if each.active} or {each.value for each in labelled}
    if isinstance(value, bool) or len(named) != 1:
        raise Unfit(_not_chosen(choices, named))
    (chosen,) = named
    return int(chosen) if field.type in BITS and re.fullmatch(r"-?\d+", chosen) else chosen


def _not_chosen(choices: tuple[Choice, ...], named: set[str]) -> str:
    if named:
        return f"is the name of several values of the picklist: {', '.join(sorted(named))}"
    listed = ", ".join(f"{each.value} {each.label}" for each in choices if each.active)
    return f"is not in the picklist: {listed if len(listed) <= 10 * SHOWN else listed[: 10 * SHOWN] + '…'}"


def _moment(value: Any) -> dt.datetime | None:
    """Read a day or a moment; without a zone it is UTC (Autotask REST docs)."""
    if not isinstance(value, str) or not (DAY.fullmatch(value) or MOMENT.fullmatch(value)):
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
