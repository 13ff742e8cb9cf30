"""Entity streams: plain rows of one entity each, followed over time in one of three ways."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.singerlib import RecordMessage
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from typing_extensions import override

from tap_autotask.entities import INVOICES
from tap_autotask.exceptions import Refused, StopRun
from tap_autotask.timestamps import moment, stamp, widen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from singer_sdk.helpers.types import Context, Record

    from tap_autotask.client import AutotaskClient, Condition, Row
    from tap_autotask.entities import Entity
    from tap_autotask.tap import TapAutotask


class AutotaskStream(Stream):
    """All rows of an entity, each time.

    Args:
        tap: The tap.
        entity: What is read.
        schema: JSON Schema of the records.
        name: The stream's name where it is not the entity's.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    STATE_MSG_FREQUENCY = 1000

    def __init__(self, tap: TapAutotask, entity: Entity, schema: dict[str, Any], name: str | None = None) -> None:
        self.entity = entity
        super().__init__(tap, schema=schema, name=name or entity.stream)
        self.primary_keys = ("id",)
        self._timestamps = timestamps(schema)

    @property
    def tap(self) -> TapAutotask:
        """The tap."""
        return cast("TapAutotask", self._tap)

    @property
    def client(self) -> AutotaskClient:
        """The tap's one client."""
        return self.tap.client

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        if self.replication_method == REPLICATION_FULL_TABLE:
            return self.read(self.wanted)
        return self.changes()

    @cached_property
    def progress(self) -> dict[str, Any]:
        """The stream's state; where everything is read each time, one that begins empty and is forgotten."""
        return {} if self.replication_method == REPLICATION_FULL_TABLE else self.stream_state

    def changes(self) -> Iterator[Row]:
        """Yield what is new or changed since the last run; a stream without a bookmark has no such thing."""
        return self.read(self.wanted)

    @property
    def wanted(self) -> list[Condition]:
        """The conditions of the setting ``filters`` for this stream."""
        dated = within(self.config.get("dated_from"), self.config.get("dated_until")) if self.entity is INVOICES else []
        return [*self.config.get("filters", {}).get(self.name, []), *dated]

    def read(self, conditions: Sequence[Condition], after: int = -1) -> Iterator[Row]:
        """Yield rows by ascending id, checked against the server's own count.

        Args:
            conditions: What rows have to meet.
            after: Only ids greater than this.

        Raises:
            StopRun: Fewer rows came than there are.
        """
        expected = self.client.count(self.entity.name, conditions, after=after) if self.config["check_counts"] else None
        yield from self.read_expected(conditions, after, expected)

    def read_expected(self, conditions: Sequence[Condition], after: int, expected: int | None) -> Iterator[Row]:
        """Yield rows by ascending id; `StopRun` where fewer come than expected and are still there."""
        count = 0
        for page in self.client.pages(self.entity.name, conditions, after=after) if expected != 0 else ():
            count += len(page)
            widen(page, self._timestamps)
            yield from page
            self.log("%d of %s read, %d calls so far.", count, expected or "?", self.client.calls)
        if expected:
            self.check(conditions, after, count, expected)

    def check(self, conditions: Sequence[Condition], after: int, count: int, expected: int) -> None:
        """Raise `StopRun` where fewer rows came than expected and did not go away meanwhile, unless a setting says no.

        Args:
            conditions: What the rows had to meet.
            after: Only ids greater than this were read.
            count: How many came.
            expected: How many Autotask had counted.
        """
        if count >= expected or not self.config["check_counts"]:
            return
        there = self.client.count(self.entity.name, conditions, after=after)
        if count < there:
            raise StopRun(
                f"{self.name}: Autotask counts {there} rows but sent {count}. Run again; if it stays so, the security"
                " level of the API user may hide rows: then set check_counts to false."
            )

    def remember(self, row: Row) -> None:
        """Move the stream's state past a row that was written."""

    @override
    def _increment_stream_state(self, latest_record: Record, *, context: Context | None = None) -> None:
        self.remember(latest_record)
        self.tap.stop_if_told()

    @override
    def _write_state_message(self) -> None:
        # What a period leaves out would never come once the state is past it.
        if not (self.config.get("dated_from") or self.config.get("dated_until")):
            super()._write_state_message()
        self.tap.stop_if_told()

    @override
    def generate_child_contexts(self, record: Record, context: Context | None) -> Iterable[Context | None]:
        return ()

    @cached_property
    def _deselected(self) -> list[str]:
        return [name for name in self.schema["properties"] if not self.mask["properties", name]]

    @cached_property
    def _partly_selected(self) -> bool:
        return any(not selected and len(path) > 2 for path, selected in self.mask.items())  # noqa: PLR2004

    @override
    def _generate_record_messages(self, record: Record) -> Iterator[RecordMessage]:  # type: ignore[override]
        # The SDK walks through every column of every record to leave out what is not selected, which costs more than
        # the rest of the tap together; where only whole columns are left out, those are known beforehand.
        if self._partly_selected:
            yield from super()._generate_record_messages(record)
            return
        for name in self._deselected:
            record.pop(name, None)
        extracted = dt.datetime.now(dt.UTC)
        for stream_map in self.stream_maps:
            mapped = stream_map.transform(record)
            if mapped is not None:
                yield RecordMessage(
                    stream_map.stream_alias, mapped, version=self._stream_version, time_extracted=extracted
                )


class MarkedStream(AutotaskStream):
    """Rows whose change marker moved since the last run, read by id so that an interrupted run can go on.

    The bookmark is the server's time when the reading began, not the highest marker seen: what changes meanwhile is
    read again by the next run. The state of a reading under way is ``scan``: {"from", "to", "after"}.
    """

    def __init__(self, tap: TapAutotask, entity: Entity, schema: dict[str, Any], name: str | None = None) -> None:
        super().__init__(tap, entity, schema, name)
        self.replication_key = entity.marker

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        return None

    @override
    def changes(self) -> Iterator[Row]:
        interrupted = "scan" in self.progress
        yield from self._scan()
        if interrupted:
            yield from self._scan()

    def _scan(self) -> Iterator[Row]:
        state = self.progress
        scan = state.setdefault("scan", {"from": self._lower(), "to": stamp(self.client.now()), "after": -1})
        yield from self.scanned(scan)
        state.update(replication_key=self.replication_key, replication_key_value=scan["to"])
        del state["scan"]

    def scanned(self, scan: dict[str, Any]) -> Iterator[Row]:
        """Yield what changed within the bounds of a reading."""
        return self.read([*self.wanted, *changed_since(self.entity, scan["from"])], scan["after"])

    def _lower(self) -> str | None:
        start, bookmark = self.config.get("start_date"), self.progress.get("replication_key_value")
        overlap = dt.timedelta(minutes=self.config["overlap_minutes"])
        bounds = [moment(start)] if start else []
        bounds += [moment(bookmark) - overlap] if bookmark else []
        return stamp(max(bounds)) if bounds else None

    @override
    def read(self, conditions: Sequence[Condition], after: int = -1) -> Iterator[Row]:
        try:
            yield from super().read(conditions, after)
        except Refused as refusal:
            if f"unable to find {self.replication_key}".lower() not in str(refusal).lower():
                raise
            self.logger.warning("%s. This tenant has no such field, so the whole table is read.", refusal)
            yield from super().read(self.wanted)

    @override
    def remember(self, row: Row) -> None:
        if scan := self.progress.get("scan"):
            scan["after"] = row["id"]


class AppendedStream(AutotaskStream):
    """Rows by ascending id; those of the last months, and those with a late change, are read again.

    The state holds the highest id read as the bookmark and, as ``upper_bound``, the server's time at the start of the
    last run that went through all earlier rows.
    """

    def __init__(self, tap: TapAutotask, entity: Entity, schema: dict[str, Any], name: str | None = None) -> None:
        super().__init__(tap, entity, schema, name)
        self.replication_key = "id"
        self._position = -1

    @property
    @override
    def is_sorted(self) -> bool:
        return True

    @property
    @override
    def wanted(self) -> list[Condition]:
        start = self.config.get("start_date")
        dated = [{"op": "gte", "field": self.entity.dated, "value": stamp(moment(start))}] if start else []
        return super().wanted + dated

    @override
    def changes(self) -> Iterator[Row]:
        state, until = self.progress, self.client.now()
        self._position = state.get("replication_key_value", -1)
        yield from self._earlier(until)
        state["upper_bound"] = stamp(until)
        for row in self.read(self.wanted, self._position):
            self._position = row["id"]
            yield row

    def _earlier(self, until: dt.datetime) -> Iterator[Row]:
        """Yield the rows up to the bookmark that may have changed."""
        if self._position < 0 or not self.entity.late:
            return
        since = moment(self.progress.get("upper_bound", stamp(until)))
        recent = until - dt.timedelta(days=self.config["rescan_days"])
        changed = [{"op": "gte", "field": self.entity.dated, "value": stamp(recent)}]
        changed += [{"op": "gte", "field": field, "value": day_before(since)} for field in self.entity.late]
        yield from self.read([*self.wanted, up_to(self._position), {"op": "or", "items": changed}])

    @override
    def remember(self, row: Row) -> None:
        if self._position >= 0:
            self.progress.update(replication_key=self.replication_key, replication_key_value=self._position)


def changed_since(entity: Entity, lower: str | None) -> list[Condition]:
    """Return the condition for rows edited or created since; rows without a marker are never left out."""
    if lower is None:
        return []
    edited = {"op": "gte", "field": entity.marker, "value": lower}
    created = {"op": "gte", "field": entity.dated, "value": lower}
    unmarked = {"op": "notExist", "field": entity.marker}
    return [{"op": "or", "items": [edited, created if entity.dated else unmarked]}]


def timestamps(schema: dict[str, Any]) -> list[str]:
    """Return the columns of a schema that hold timestamps."""
    return [name for name, column in schema["properties"].items() if column.get("format") == "date-time"]


def up_to(position: int) -> Condition:
    """Return the condition for ids that were read before."""
    return {"op": "lte", "field": "id", "value": position}


def day_before(moment: dt.datetime) -> str:
    """Return the midnight a day before: date fields have no time, and tell no time zone."""
    midnight = moment.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return stamp(midnight - dt.timedelta(days=1))


def within(first: str | None, last: str | None) -> list[Condition]:
    """Return the conditions for invoices dated on these days or between; None leaves that side open."""
    until = None if last is None else (dt.date.fromisoformat(last) + dt.timedelta(days=1)).isoformat()
    bounds = (("gte", first), ("lt", until))
    return [{"op": op, "field": "invoiceDateTime", "value": day} for op, day in bounds if day]
