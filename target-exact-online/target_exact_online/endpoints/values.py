"""Values of columns: from a record to the body of a request, to a filter, and whether two of them are the same."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tap_exact_online import odata
from transfer_ledger.records import Unfit, is_empty

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?")
LARGEST = 2**63
DIGITS = 28

WIDTHS: dict[tuple[str, str], Callable[[str], str]] = {
    ("crm/Accounts", "Code"): odata.account_code,
    ("vat/VATCodes", "Code"): lambda code: code.strip().ljust(3),
}
"""Codes that Exact compares with their padding (picqer/exact-php-client#129); others were seen without."""


def sent(kind: str, value: Any) -> Any:
    """Return a value as Exact takes it: nothing is converted, cut or guessed.

    Raises:
        Unfit: It is none for a column of this kind; the message goes after the value.
    """
    return SENT[kind](value)


def same(kind: str, one: Any, other: Any) -> bool:
    """Return whether two values mean the same: one from a record, the other from a row."""
    if is_empty(one) or is_empty(other):
        return is_empty(one) and is_empty(other)
    return bool(_plain(kind, one) == _plain(kind, other))


def _plain(kind: str, value: Any) -> Any:
    """Return a value of a record or of a row in one form; texts lose Exact's padding and the case of a GUID."""
    if isinstance(value, str) and value.startswith("/Date("):
        moment = odata.wall_clock(value)
        return moment if kind in MOMENTS else value
    if kind in MOMENTS and isinstance(value, str) and (DAY.fullmatch(value) or MOMENT.fullmatch(value)):
        return dt.datetime.fromisoformat(value)
    if kind == "guid":
        return str(value).strip("{}").lower()
    if kind in NUMBERS and not isinstance(value, bool):
        return Decimal(str(value))
    return value.strip() if kind in TEXTS and isinstance(value, str) else value


def literal(resource: str, column: str, kind: str, value: Any) -> str:
    """Return a key's value as it stands in a filter.

    Raises:
        Unfit: Rows cannot be looked up by it.
    """
    if kind == "guid":
        return odata.literal(UUID(sent(kind, value)))
    if kind in TEXTS:
        pad = WIDTHS.get((resource, column), str)
        return odata.literal(pad(sent(kind, value)))
    if kind == "integer":
        return odata.literal(sent(kind, value))
    raise Unfit(f"is of the kind {kind}, by which rows are not looked up")


def _guid(value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise Unfit("is no id, which is a GUID") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("is no text")
    if "\0" in value:
        raise Unfit("holds a NUL character")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, Decimal) and abs(value) < LARGEST and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit("is no whole number")
    if not -LARGEST <= value < LARGEST:
        raise Unfit("is too large")
    return value


def _number(value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unfit("is no number")
    if value and abs(Decimal(value).adjusted()) > DIGITS:
        raise Unfit("is out of all proportion")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("is neither true nor false")
    return value


def _moment(value: Any) -> str:
    """Return a day, or a time on the wall of Exact's server; one with a zone Exact would shift (sent to it as Z)."""
    if not isinstance(value, str) or not (DAY.fullmatch(value) or MOMENT.fullmatch(value)):
        raise Unfit("is no day such as 2026-11-30, or time on Exact's wall such as 2026-11-30T09:00:00, without a zone")
    try:
        dt.datetime.fromisoformat(value)
    except ValueError:
        raise Unfit("is not in the calendar") from None
    return value.replace(" ", "T")


def _binary(value: Any) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise Unfit("is not base64") from None
    return str(value)


NUMBERS, TEXTS, MOMENTS = {"integer", "number"}, {"code", "string"}, {"date", "stamp", "local"}
SENT: dict[str, Callable[[Any], Any]] = {
    "guid": _guid,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "binary": _binary,
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(MOMENTS, _moment),
}
"""By the kinds of `tap_exact_online.columns`."""
