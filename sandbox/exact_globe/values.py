"""Values on their way in and out: types, padding, decimals, defaults."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.exact_globe.company import DIVISION
from sandbox.exact_globe.errors import Fault
from sandbox.exact_online import times
from sandbox.exact_online.errors import request_stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.exact_globe.catalogue import Column, Entity
    from sandbox.exact_globe.company import Company
    from sandbox.exact_globe.switches import Switches
    from sandbox.store import Row

GUID = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
LARGEST = Decimal(10) ** 15
LARGEST_INT = 2**31 - 1
ADDITIONAL = re.compile(r"AdditionalField\d\d")
USER_ID = 1
"""The number of the employee who signs in, in `Resource`."""
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def read_body(body: bytes, entity: Entity, switches: Switches) -> Row:
    """Read a JSON body into a row as it is stored.

    Raises:
        Refusal: It is malformed, names an unknown property or has a value of another type.
        Fault: A text is too long, or has more decimals than are kept.
    """
    try:
        data = _decoder.decode(body)
    except (msgspec.DecodeError, InvalidOperation, RecursionError) as error:
        raise request_stream("The value is not a valid JSON object.") from error
    if not isinstance(data, dict):
        raise request_stream("The value is not a valid JSON object.")
    return read_values({name: value for name, value in data.items() if name != "__metadata"}, entity, switches)


def read_values(data: dict[str, Any], entity: Entity, switches: Switches) -> Row:
    """Read values that came in, by name; null and the empty text are no value."""
    row: Row = {}
    for name, value in data.items():
        if name not in entity.columns:
            raise request_stream(f"The property name '{name}' specified for type '{entity.type_name}' is not valid.")
        row[name] = None if value in (None, "") else read_value(value, entity.columns[name], switches)
    return row


def read_value(value: Any, column: Column, switches: Switches) -> Any:
    """Read one value.

    Raises:
        Refusal: It is of another type.
        Fault: It does not fit.
    """
    try:
        converted = READERS[column.type](value)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise request_stream(
            f"Error encountered in converting the value from request payload for property '{column.name}' to type "
            f"'Edm.{column.type}', which is the property's expected type."
        ) from error
    if isinstance(converted, Decimal):
        return _fit_number(converted, column, switches)
    return fit_text(converted, column, switches) if column.type == "String" else converted


def fit_text(text: str, column: Column, switches: Switches) -> str:
    """Return a text as its column keeps it: in capitals, padded on the left, not too long.

    Raises:
        Fault: It is too long.
    """
    text = text.upper() if column.upper_case else text
    if column.length is not None and len(text.strip()) > column.length:
        if switches.long_text == "refuse":
            raise Fault(f"Too long: {column.name} ({column.length})", column.name)
        text = text.strip()[: column.length]
    padded = column.is_padded and (switches.pad_additional_fields or not ADDITIONAL.fullmatch(column.name))
    return text.strip().rjust(column.length or 0) if padded and text.strip() else text


def _fit_number(number: Decimal, column: Column, switches: Switches) -> Decimal:
    """Return a number with the decimals its column keeps.

    Raises:
        Fault: It has more, and they are not rounded.
    """
    if column.scale is None or switches.excess_decimals == "keep":
        return number
    rounded = number.quantize(Decimal(1).scaleb(-column.scale), ROUND_HALF_UP)
    if rounded != number and switches.excess_decimals == "refuse":
        raise Fault(f"Invalid: {column.name} ({number})", column.name)
    return rounded


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _guid(value: Any) -> str:
    guid = _text(value).strip("{}").lower()
    if not GUID.fullmatch(guid):
        raise ValueError(value)
    return guid


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise TypeError(value)
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= LARGEST:
        raise ValueError(value)
    return number


def _integer(value: Any) -> int:
    number = _number(value)
    if number != int(number) or abs(number) > LARGEST_INT:
        raise ValueError(value)
    return int(number)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


READERS: dict[str, Callable[[Any], Any]] = {
    "Binary": _text,
    "Boolean": _boolean,
    "DateTime": lambda value: times.read(_text(value)),
    "Double": _number,
    "Guid": _guid,
    "Int32": _integer,
    "String": _text,
}


def with_defaults(row: Row, entity: Entity, company: Company) -> Row:
    """Return a new row with the entity reference's defaults where nothing was sent."""
    given = {name: value for name, value in row.items() if value is not None}
    return {
        column.name: _default(column, company)
        for column in entity.columns.values()
        if column.default is not None and column.name not in given
    } | given


def _default(column: Column, company: Company) -> Any:
    text = column.default or ""
    if text == "NOW":
        return company.now()
    if text == "HUMRESID":
        return USER_ID
    if text == "Company":
        return fit_text(DIVISION, column, company.switches)
    if column.type == "Boolean":
        return text == "1"
    if column.type == "Double":
        return Decimal(text)
    return int(text) if column.type == "Int32" else text
