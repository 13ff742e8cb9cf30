"""Bodies of POST and PUT: JSON, checked property by property, turned into the values that tables hold.

Unknown properties are refused, read-only ones silently ignored (picqer/exact-php-client#461; recorded live,
NangoHQ/integration-templates). Texts of conversion errors follow WCF Data Services and were not tried live.
"""

from __future__ import annotations

import base64
import binascii
import sys
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.exact_online import times
from sandbox.exact_online.catalogue import Property, Resource, collections
from sandbox.exact_online.errors import Invalid, not_simulated, request_stream
from sandbox.exact_online.filters import GUID
from sandbox.exact_online.relations import REFERENCES
from sandbox.exact_online.vat import ZERO

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from sandbox.exact_online.switches import Switches

Values = dict[str, Any]
NO_OBJECT = "The request should be a valid top-level resource object."

_decoder = msgspec.json.Decoder(float_hook=Decimal)

LIMITS = {"Byte": (0, 255), "Int16": (-(2**15), 2**15 - 1), "Int32": (-(2**31), 2**31 - 1), "Int64": (-(2**63), 2**63)}
LARGEST_AMOUNT = Decimal(10) ** 12
SMALLEST_EXPONENT = -20
"""Amounts within which arithmetic in 28 digits cannot fail; a double could hold more."""
DATE_ONLY = {
    "DeliveryDate",
    "DocumentDate",
    "DueDate",
    "EndDate",
    "EndTime",
    "EntryDate",
    "From",
    "InvoiceDate",
    "OrderDate",
    "ReceiptDate",
    "StartDate",
    "StartTime",
    "To",
}
"""Dates that have no time of day."""

WIDTHS: dict[str, Callable[[str], str]] = {
    "Country": lambda text: text.strip().ljust(3),
    "PurchaseVATCode": lambda text: text.strip().ljust(3),
    "SalesVATCode": lambda text: text.strip().ljust(3),
    "SalesVatCode": lambda text: text.strip().ljust(3),
    "VATCode": lambda text: text.strip().ljust(3),
    "Accounts.Code": lambda text: text.strip().rjust(18),
    "VATCodes.Code": lambda text: text.strip().ljust(3),
}
"""Texts of fixed width, padded with spaces (seen live: account codes on the left, VAT codes and countries on the
right)."""


def read(body: bytes, resource: Resource, switches: Switches, *, verb: str) -> Values:
    """Read a body.

    Args:
        body: JSON.
        resource: What is written.
        switches: What becomes of texts that are too long.
        verb: "post" or "put".

    Returns:
        Values of the properties that the verb accepts; collections as lists of the same.

    Raises:
        Refusal: It is malformed or names an unknown property.
        Invalid: A text is too long.
    """
    try:
        data = _decoder.decode(body)
    except (msgspec.DecodeError, InvalidOperation, RecursionError) as error:
        raise request_stream(NO_OBJECT) from error
    return _values(data, resource, switches, verb)


def _values(data: Any, resource: Resource, switches: Switches, verb: str) -> Values:
    if not isinstance(data, dict):
        raise request_stream(NO_OBJECT)
    found: Values = {}
    for name, value in data.items():
        column = resource.properties.get(name)
        if column is None:
            if name == "__metadata":
                continue
            raise request_stream(f"The property name '{name}' specified for type '{resource.type_name}' is not valid.")
        if column.is_collection:
            found[name] = _lines(value, column, switches, verb)
        elif column.post if verb == "post" else column.put:
            found[name] = _value(value, column, resource, switches)
    return found


def _lines(value: Any, column: Property, switches: Switches, verb: str) -> list[Values]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise request_stream(NO_OBJECT)
    if column.type not in collections():
        if value:
            raise not_simulated(column.name)
        return []
    return [_values(line, collections()[column.type], switches, verb) for line in value]


def _value(value: Any, column: Property, resource: Resource, switches: Switches) -> Any:
    if value is None:
        return None
    try:
        converted = READERS[column.type](value, column)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise request_stream(
            "Error encountered in converting the value from request payload for property "
            f"'{column.name}' to type 'Edm.{column.type}', which is the property's expected type."
        ) from error
    return _text(converted, column, resource, switches) if isinstance(converted, str) else converted


def _text(text: str, column: Property, resource: Resource, switches: Switches) -> str:
    """Fit a text into its column; what many rows have in common is kept once."""
    if column.length is not None and len(text.strip()) > column.length:
        if switches.long_text == "refuse":
            raise Invalid([("too_long", column.name)])
        if switches.long_text == "cut":
            text = text[: column.length]
    pad = WIDTHS.get(f"{resource.table}.{column.name}") or WIDTHS.get(column.name)
    padded = pad(text) if pad and text.strip() else text
    return sys.intern(padded) if column.name in REFERENCES else padded


def _read_number(value: Any, column: Property) -> Decimal | int:
    """Read a number, or a text that holds one: amounts are accepted as text (ossobv/exactonline sends them so)."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise TypeError(value)
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= LARGEST_AMOUNT:
        raise ValueError(value)
    if column.type == "Double":
        return number if number and number.adjusted() >= SMALLEST_EXPONENT else ZERO
    lowest, highest = LIMITS[column.type]
    if number != int(number) or not lowest <= number <= highest:
        raise ValueError(value)
    return int(number)


def _read_text(value: Any, column: Property) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    if column.type == "Guid":
        guid = value.strip("{}").lower()
        if not GUID.fullmatch(guid):
            raise ValueError(value)
        return guid
    return value


def _read_date(value: Any, column: Property) -> dt.datetime:
    if not isinstance(value, str):
        raise TypeError(value)
    moment = times.read(value)
    return times.midnight(moment) if column.name in DATE_ONLY else moment


def _read_flag(value: Any, _column: Property) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _read_bytes(value: Any, _column: Property) -> bytes:
    if not isinstance(value, str):
        raise TypeError(value)
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


READERS: dict[str, Callable[[Any, Property], Any]] = {
    **dict.fromkeys(("Byte", "Int16", "Int32", "Int64", "Double"), _read_number),
    "Binary": _read_bytes,
    "Boolean": _read_flag,
    "DateTime": _read_date,
    "Guid": _read_text,
    "String": _read_text,
}
