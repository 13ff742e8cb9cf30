"""The dialect of Exact Online's OData: literals, envelopes, dates and codes, each handled here and nowhere else."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ACCOUNT_CODE_WIDTH = 18
"""Account codes are right-aligned in 18 characters (picqer/exact-php-client#129)."""

_INT32 = 2**31
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - Exact's stamps are wall clock times
_STAMP = re.compile(r"/Date\((-?\d+)\)/")

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")

Literal = str | bool | int | Decimal | UUID | dt.date
"""What can stand in a filter; ``dt.datetime`` is a ``dt.date``."""


class Page(NamedTuple):
    """The rows of one answer, and where the next ones are."""

    rows: list[dict[str, Any]]
    next: str | None


def decode(body: bytes) -> Any:
    """Read JSON with every number that has a point as ``Decimal``.

    Raises:
        ValueError: the bytes are not JSON, or nested deeper than any answer is.
    """
    try:
        return _decoder.decode(body)
    except RecursionError:
        raise ValueError("nested too deep") from None


def encode(body: dict[str, Any]) -> bytes:
    """Write JSON: ``Decimal`` digit for digit, dates without a zone, since ``Z`` would shift the day."""
    return _encoder.encode(body)


def literal(value: Literal) -> str:
    """Return a value as it stands in a filter: the only way values get into a URL.

    >>> literal("'t Hoen")
    "'''t Hoen'"
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if -_INT32 <= value < _INT32 else f"{value}L"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, UUID):
        return f"guid'{value}'"
    if isinstance(value, dt.date):
        return f"datetime'{_wall(value)}'"
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def page(body: Any) -> Page:
    """Unwrap ``d``: a list when ``$top`` fits one page, an object with ``results``, or one entity.

    Raises:
        ValueError: there is no ``d`` with rows in it.
    """
    content = body.get("d") if isinstance(body, dict) else None
    following = content.get("__next") if isinstance(content, dict) else None
    rows = content.get("results", [content]) if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("the answer has no rows under `d`")
    return Page([{k: v for k, v in row.items() if k != "__metadata"} for row in rows], following)


def account_code(code: str) -> str:
    """Return the code of an account as Exact compares it, padded to its width."""
    return code.strip().rjust(ACCOUNT_CODE_WIDTH)


def trimmed(code: str | None) -> str:
    """Return a code without Exact's padding (accounts on the left, VAT codes and countries on the right)."""
    return (code or "").strip()


def wall_clock(stamp: str | None) -> dt.datetime | None:
    """Read ``/Date(ms)/``: the time on the wall of Exact's server, written as if it were UTC.

    Raises:
        ValueError: the text is not such a stamp.
    """
    if stamp is None:
        return None
    found = _STAMP.fullmatch(stamp)
    if not found:
        raise ValueError(f"{stamp!r} is not a date of Exact Online, such as /Date(1790812800000)/")
    try:
        return _EPOCH + dt.timedelta(milliseconds=int(found[1]))
    except OverflowError as error:
        raise ValueError(f"{stamp!r} lies outside the calendar") from error


def calendar_date(stamp: str | None) -> dt.date | None:
    """Read ``/Date(ms)/`` of a column without a time.

    Raises:
        ValueError: the text is not such a stamp.
    """
    moment = wall_clock(stamp)
    return moment.date() if moment else None


def as_utc(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the true UTC of a wall clock time; in the hour that the clock repeats, the earlier of the two."""
    return moment.replace(tzinfo=zone).astimezone(dt.UTC)


def as_wall_clock(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the wall clock time of a moment with a zone, as filters on ``Modified`` want it."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _wall(value: dt.date) -> str:
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            raise ValueError(f"{value} has a zone; Exact Online compares wall clock times (as_wall_clock)")
        return value.isoformat()
    return f"{value.isoformat()}T00:00:00"
