"""What the columns of Exact Online are in a record: their JSON Schema, and how a row is read.

Codes come trimmed, rowversions and other long integers as integers, a date as a date. A stamp is a moment, in UTC and
with three digits after the second; Exact writes it as the time on the wall of its server.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_exact_online import odata
from tap_exact_online.exceptions import StopRun

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterable, Mapping
    from zoneinfo import ZoneInfo

Row = dict[str, Any]

KINDS: dict[str, dict[str, Any]] = {
    "guid": {"type": ["string", "null"], "format": "uuid"},
    "code": {"type": ["string", "null"]},
    "string": {"type": ["string", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "stamp": {"type": ["string", "null"], "format": "date-time"},
    "local": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "binary": {"type": ["string", "null"], "contentEncoding": "base64"},
}
"""JSON Schema by kind. ``local`` is for columns that hold a date at one endpoint and a time of day at another: the
time on the wall, without a zone."""


def properties(columns: Mapping[str, str], key: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON Schema of columns: each may be null but those of the key."""
    schemas = {name: dict(KINDS[kind]) for name, kind in columns.items()}
    for name in key:
        schemas[name]["type"] = schemas[name]["type"][0]
    return schemas


def row_object(columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON Schema of a row within a record."""
    return {"type": ["object", "null"], "properties": properties(columns)}


def row_list(columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON Schema of a list of rows within a record."""
    return {"type": ["array", "null"], "items": {"type": "object", "properties": properties(columns)}}


def utc_text(moment: dt.datetime) -> str:
    """Return a moment in UTC at one fixed width, so that its order as text is its order in time."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> dt.datetime:
    """Read a date or a moment; without a zone it is in UTC.

    Raises:
        ValueError: It is neither.
    """
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def text(value: Any) -> str:
    """Return a text without NUL, which no database takes."""
    return str(value).replace("\0", "")


def code(value: Any) -> str:
    """Return a code without Exact's padding."""
    return odata.trimmed(text(value))


def integer(value: Any) -> int | None:
    """Return an integer, which Exact writes as text when it is long.

    Raises:
        ValueError: It is none.
    """
    if value == "":
        return None
    number = int(value)
    if isinstance(value, Decimal) and value != number:
        raise ValueError(f"{value} is no integer")
    return number


def local_text(value: Any) -> str:
    """Return the time on the wall of Exact's server, without a zone."""
    return _moment(value).isoformat(timespec="milliseconds")


def stamp(value: Any, zone: ZoneInfo) -> str:
    """Return the true moment of a stamp."""
    moment = _moment(value)
    try:
        return utc_text(odata.as_utc(moment, zone))
    except OverflowError:  # the first or the last day of the calendar stands for "none"
        return f"{moment.isoformat(timespec='milliseconds')}Z"


def _moment(value: Any) -> dt.datetime:
    moment = odata.wall_clock(value if isinstance(value, str) else repr(value))
    assert moment is not None  # only None gives None
    return moment


class RowReader:
    """Reads rows of one endpoint: ``names`` are the columns to ask for, ``nested`` the one among them to expand.

    Args:
        columns: Those that were asked for, each with its kind.
        zone: Where the clock on Exact's wall hangs.
        name: What is read, for messages.
        logger: Is told once of each column that is not what it should be.
        lines: The name of the nested collection and the columns of its rows.
    """

    def __init__(
        self,
        columns: Mapping[str, str],
        zone: ZoneInfo,
        name: str,
        logger: logging.Logger,
        lines: tuple[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.columns = columns
        self.nested = lines[0] if lines else ""
        self.names = [*columns, *filter(None, [self.nested])]
        self._name = name
        self._logger = logger
        self._warned: set[str] = set()
        by_kind: dict[str, Callable[[Any], Any]] = {
            "code": code,
            "string": text,
            "integer": integer,
            "local": local_text,
            "stamp": lambda value: stamp(value, zone),
        }
        self._readers = [
            (column, self._date(column) if kind == "date" else by_kind.get(kind)) for column, kind in columns.items()
        ]
        if lines is not None:
            nested = RowReader(lines[1], zone, f"{name}.{lines[0]}", logger)
            self._readers.append((lines[0], self._rows(lines[0], nested)))

    def read(self, row: Mapping[str, Any]) -> Row:
        """Return a record with every column that was asked for.

        Raises:
            StopRun: A value is not what Exact documents; the message names the column.
        """
        record: Row = {}
        for column, read in self._readers:
            value = row.get(column)
            try:
                record[column] = value if value is None or read is None else read(value)
            except (ValueError, TypeError) as error:
                raise StopRun(
                    f"{self._name}: column {column} cannot be read ({error}). Deselect the column to go on without it."
                ) from error
        return record

    def _warn(self, column: str, what: str) -> None:
        if column not in self._warned:
            self._warned.add(column)
            self._logger.warning("%s: %s %s", self._name, column, what)

    def _date(self, column: str) -> Callable[[Any], str]:
        def read(value: Any) -> str:
            moment = _moment(value)
            if moment.time() != moment.min.time():
                self._warn(column, f"is a date, but {moment} has a time of day, which is left out.")
            return moment.date().isoformat()

        return read

    def _rows(self, column: str, nested: RowReader) -> Callable[[Any], list[Row] | None]:
        def read(value: Any) -> list[Row] | None:
            rows = rows_within(value)
            if rows is None:
                self._warn(column, "was asked for, but Exact Online does not give it along: it is null.")
                return None
            return [nested.read(row) for row in rows]

        return read


def rows_within(value: Any) -> list[Row] | None:
    """Return the rows of a nested collection, or None of one that was not expanded.

    Raises:
        TypeError: It is no collection.
        ValueError: It has more rows than are given along.
    """
    if isinstance(value, dict) and "__deferred" in value:
        return None
    if isinstance(value, dict) and "__next" in value:
        raise ValueError("only its first rows are given along; read them all by a stream of `extra_endpoints`")
    found = value.get("results") if isinstance(value, dict) else value
    if not isinstance(found, list):
        raise TypeError(f"expected rows, not {found!r}")
    return found
