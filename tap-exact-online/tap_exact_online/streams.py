"""Streams of one endpoint each: all of its rows, or those that changed by their ``Modified``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast
from uuid import UUID

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from typing_extensions import override

from tap_exact_online import odata
from tap_exact_online.columns import KINDS, Row, RowReader, moment, properties, row_list
from tap_exact_online.endpoints import known
from tap_exact_online.exceptions import Malformed, advised
from tap_exact_online.reading import pages, permitted
from tap_exact_online.versions import RecentVersions, changed_since

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any
    from zoneinfo import ZoneInfo

    from singer_sdk.helpers.types import Context, Record

    from tap_exact_online.divisions import Divisions
    from tap_exact_online.endpoints import Endpoint
    from tap_exact_online.tap import TapExactOnline
    from tap_exact_online.versions import Versions

NO_GUID = UUID(int=0)
DIVISION = "Division"
DELETED_AT = "_sdc_deleted_at"
"""With a value, the row is gone; targets of the SDK know this column."""

WITHOUT_DIVISION = {"current/Me", "system/Divisions", "system/GetMostRecentlyUsedDivisions", "system/Users"}
"""What is the same in whatever administration it is read."""


class ExactStream(Stream):
    """All rows of an endpoint, each time.

    Args:
        tap: The tap.
        name: The stream's name.
        endpoint: What is read.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    STATE_MSG_FREQUENCY = 1000

    def __init__(self, tap: TapExactOnline, name: str, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.per_division = endpoint.resource not in WITHOUT_DIVISION
        self.columns = {
            column: kind
            for column, kind in endpoint.columns.items()
            if kind != "binary" or tap.config["binary_columns"]
        }
        self.lines = known()[f"{endpoint.resource.rpartition('/')[0]}/{endpoint.lines}"] if endpoint.lines else None
        shared_key = self.per_division and endpoint.key and not endpoint.has_guid
        key = tuple(dict.fromkeys((*endpoint.key, DIVISION))) if shared_key else endpoint.key
        super().__init__(tap, schema=self.build_schema(tap.config, key), name=name)
        self.primary_keys = key

    def build_schema(self, config: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
        """Return the JSON Schema of the records."""
        columns = {**self.columns, DIVISION: "integer"} if self.per_division else self.columns
        found = properties(columns, key)
        if self.lines is not None:
            found[self.lines.name] = row_list(self.lines.columns)
        if self._tells_deletions(config):
            found[DELETED_AT] = dict(KINDS["stamp"])
        return {"type": "object", "properties": found}

    def _tells_deletions(self, config: Mapping[str, Any]) -> bool:
        return bool(self.endpoint.is_feed and self.endpoint.deleted_as and config["deleted_records"])

    @property
    def tap(self) -> TapExactOnline:
        """The tap."""
        return cast("TapExactOnline", self._tap)

    @property
    def divisions(self) -> Divisions:
        """The administrations of this run."""
        return self.tap.divisions

    @property
    @override
    def partitions(self) -> list[dict[str, Any]] | None:
        return [{DIVISION: code} for code in self.divisions.codes] if self.per_division else None

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        division = context[DIVISION] if context else self.divisions.codes[0]
        for record in self.records(division):
            self.tap.leave_if_asked()
            yield record

    def records(self, division: int) -> Iterator[Row]:
        """Yield the records of one administration."""
        for page in self.pages(division, self.every_row):
            yield from page

    @property
    def every_row(self) -> str:
        """The filter that lets every row through: none, or where one is demanded, any key."""
        (key,) = self.endpoint.key if self.endpoint.must_filter else ("",)
        return f"{key} gt {odata.literal(NO_GUID)}" if key else ""

    def wanted(self, column: str) -> bool:
        """Tell whether a column is selected."""
        return column in self.effective_schema["properties"] and self.mask["properties", column]

    @cached_property
    def reader(self) -> RowReader:
        """What reads the selected columns."""
        columns = {column: kind for column, kind in self.columns.items() if self.wanted(column)}
        lines = (self.lines.name, self.lines.columns) if self.lines and self.wanted(self.lines.name) else None
        return RowReader(columns, self.divisions.zone, self.name, self.logger, lines)

    def pages(self, division: int, where: str, order: str = "") -> Iterator[list[Row]]:
        """Yield the rows of an administration as records, page by page; none where rights are lacking and may be."""
        client, logger = self.divisions.client(division), self.logger
        found = pages(client, self.endpoint.address, self.reader, logger, where, order)
        about, advice = f"{self.name} in division {division}", "Deselect the stream, or set `skip_forbidden`."
        try:
            for page in permitted(found, about, advice, logger, skip=self.config["skip_forbidden"]):
                yield [self._complete(record, division) for record in page]
        except Malformed as error:
            raise advised(error, self.name, "Deselect the stream to go on without it.") from error

    def _complete(self, record: Row, division: int) -> Row:
        if self.per_division and record.get(DIVISION) is None:
            record[DIVISION] = division
        if DELETED_AT in self.schema["properties"]:
            record[DELETED_AT] = None
        return record


class FollowedStream(ExactStream):
    """Rows that changed since the last run, by the version that a column of theirs tells.

    The bookmark moves after each page that went out, so that an interrupted run can go on; should rows not come in
    the order of their versions, it moves at the end only.
    """

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        return None

    @override
    def _increment_stream_state(self, latest_record: Record, *, context: Context | None = None) -> None:
        pass  # `follow` moves the bookmark, page by page

    def bookmark(self, division: int) -> dict[str, Any]:
        """Return the state of one administration, which changes to it change; nothing is kept of a full refresh."""
        if self.replication_method == REPLICATION_FULL_TABLE:
            return {}
        return self.get_context_state({DIVISION: division})

    def version(self, record: Row) -> Any:
        """Return what grows with every change of a row."""
        return record[self.replication_key or ""] or ""

    def follow(
        self, division: int, state: dict[str, Any], versions: Versions, where: str, order: str = ""
    ) -> Iterator[list[Row]]:
        """Yield what changed page by page, of a row that comes twice the newest version, and move the bookmark."""
        column, last, in_order = self.replication_key or "", None, True
        for page in self.pages(division, where, order):
            rows = sorted(page, key=self.version)
            in_order = in_order and (last is None or not rows or self.version(rows[0]) >= last)
            newest = {self._key(row): row for row in rows}
            yield [row for key, row in newest.items() if versions.is_newer(key, self.version(row))]
            if rows:
                last = self.version(rows[-1]) if last is None else max(last, self.version(rows[-1]))
            if in_order and last is not None:
                versions.keep(state, column, last)
        if last is not None:
            versions.keep(state, column, last)

    def _key(self, record: Row) -> str:
        return "/".join(str(record[column]) for column in self.endpoint.key)


class ModifiedStream(FollowedStream):
    """Rows by their date of change.

    Beside the bookmark the state of an administration holds ``read_at``, when it was last read to its end, and
    ``recent``, the rows that the next run reads again: it tells them again when they changed.
    """

    def __init__(self, tap: TapExactOnline, name: str, endpoint: Endpoint) -> None:
        super().__init__(tap, name, endpoint)
        self.replication_key = "Modified"

    @override
    def records(self, division: int) -> Iterator[Row]:
        state = self.bookmark(division)
        versions, read_at = RecentVersions(state), None
        order = "Modified" if self.endpoint.is_single else ""
        for page in self.follow(division, state, versions, self._changed(state), order):
            read_at = read_at or self.divisions.client(division).now()
            yield from page
        if read_at is not None:
            versions.finish(state, read_at)

    def _changed(self, state: Mapping[str, Any]) -> str:
        """Return the filter for what changed since the last run, or since ``start_date``."""
        start, since = self.config.get("start_date"), changed_since(state)
        bounds = [*([moment(start)] if start else []), *([since] if since else [])]
        return modified_since(max(bounds), self.divisions.zone) if bounds else self.every_row


def modified_since(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Return the filter for rows that changed at this moment or later, by the clock on Exact's wall."""
    wall = odata.as_wall_clock(moment.replace(microsecond=0), zone)
    return f"Modified ge {odata.literal(wall)}"
