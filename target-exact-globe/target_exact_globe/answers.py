"""What entity services answer: JSON of OData v2, the text of a refusal, codes without their padding."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode
"""Write a body: amounts as JSON numbers with all their digits."""
_MOMENT = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TAG = re.compile(rb"<(?:\w+:)?message[^>]*>([^<]*)<")

Row = dict[str, Any]


def decoded(content: bytes) -> Any:
    """Read JSON, numbers with a point as `Decimal`; None when it is none."""
    try:
        return _decode(content)
    except (msgspec.DecodeError, RecursionError, ArithmeticError):
        return None


def row_of(content: bytes) -> Row | None:
    """Return the row in ``{"d": {…}}``; None when the answer holds none."""
    answer = decoded(content)
    row = answer.get("d") if isinstance(answer, dict) else None
    return row if isinstance(row, dict) and "results" not in row else None


def page_of(content: bytes) -> tuple[list[Row], str | None] | None:
    """Return the rows of one page and the query of the next page; None when the answer holds no list.

    Of the address of the next page only the query is used: the server may know itself by another name.
    """
    answer = decoded(content)
    page = answer.get("d") if isinstance(answer, dict) else None
    rows, following = (page.get("results"), page.get("__next")) if isinstance(page, dict) else (page, None)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return rows, urlsplit(following).query if isinstance(following, str) and following else None


def refusal_of(content: bytes) -> tuple[str, bool]:
    """Return the most specific text of an error answer, and whether Globe itself gave it.

    Shape of the JSON: ``error.message.value`` with ``error.innererror.internalexception.message`` beneath
    (omniboost/go-exactglobe-webservices); of the XML: ``m:error`` with ``message`` (leapforce go_exactglobe).
    """
    answer = decoded(content)
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        tagged = _TAG.search(content)
        return (tagged[1].decode("utf-8", "replace").strip(), False) if tagged else ("", False)
    inner = _part(error, "innererror")
    own = _part(inner, "internalexception").get("message")
    if isinstance(own, str) and own:
        return own, True
    message = error.get("message")
    general = message.get("value") if isinstance(message, dict) else message
    return str(inner.get("message") or general or ""), False


def _part(value: Row, name: str) -> Row:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def trimmed(code: Any) -> str:
    """Return a code without the spaces that Globe stores before and behind it."""
    return str(code).strip() if code is not None else ""


def padded(code: str, length: int) -> str:
    """Return a right-aligned code as Globe stores and compares it (jovana/exact-globe-api pads before it filters)."""
    return code.strip().rjust(length)


def literal(value: str | UUID | int) -> str:
    """Return a value as it stands in a filter or a key (OData v2)."""
    if isinstance(value, UUID):
        return f"guid'{value}'"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def calendar_date(value: Any) -> dt.date | None:
    """Return the date in ``/Date(ms)/`` or ISO text, as it stands on Globe's calendar."""
    if not isinstance(value, str):
        return None
    moment = _MOMENT.fullmatch(value)
    if moment:
        return (_EPOCH + dt.timedelta(milliseconds=int(moment[1]))).date()
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        return None
