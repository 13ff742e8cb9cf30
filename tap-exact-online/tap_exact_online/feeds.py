"""Streams of sync feeds: what changed by rowversion, and what was deleted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from typing_extensions import override

from tap_exact_online import odata
from tap_exact_online.columns import moment, utc_text
from tap_exact_online.divisions import ALL, after
from tap_exact_online.exceptions import Forbidden, StopRun
from tap_exact_online.streams import DELETED_AT, DIVISION, FollowedStream
from tap_exact_online.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_exact_online.columns import Row
    from tap_exact_online.divisions import Deletion
    from tap_exact_online.endpoints import Endpoint
    from tap_exact_online.tap import TapExactOnline

DELETED = "sync/Deleted"
DELETIONS_KEPT = dt.timedelta(days=55)
"""Exact tells of deletions for two months (Exact REST docs, SyncDeleted)."""

Deletions = dict[str, "Deletion"]


class FeedStream(FollowedStream):
    """Rows whose rowversion grew since the last run, and the keys of those that were deleted since.

    Beside the bookmark the state of an administration holds ``division_move_date``, ``deleted_timestamp`` (up to where
    the log of deletions was read) and ``read_at`` (when this stream was last read to its end).
    """

    def __init__(self, tap: TapExactOnline, name: str, endpoint: Endpoint) -> None:
        super().__init__(tap, name, endpoint)
        self.replication_key = "Timestamp"

    @override
    def version(self, record: Row) -> int:
        return int(record["Timestamp"])

    @override
    def records(self, division: int) -> Iterator[Row]:
        state = self.bookmark(division)
        starts = not {"read_at", "replication_key_value"} & state.keys()
        self._note_move(division, state)
        began = self.divisions.client(division).now()
        self._warn_of_age(state, began)
        deletions, log_end = self._deletions(division, state)
        if starts:  # whoever reads the records has none of the rows that are gone
            state |= log_end
            deletions = {}
        yield from self.told(division, state, deletions)
        for deletion in deletions.values():
            yield self.gone(deletion.key, division, deletion.at or utc_text(began))
        state |= {"read_at": utc_text(began), **log_end}

    def told(self, division: int, state: dict[str, Any], deletions: Deletions) -> Iterator[Row]:
        """Yield the records of what changed; what the deletions still hold afterwards is gone."""
        for page in self.changes(division, state, deletions):
            yield from page

    def changes(self, division: int, state: dict[str, Any], deletions: Deletions) -> Iterator[list[Row]]:
        """Yield the changed rows page by page; a row that came back after its deletion is no longer deleted."""
        since = self._since(division, state)
        for page in self.follow(division, state, Versions(), after(since)) if since is not None else ():
            for record in page:
                key = self._key(record)
                if key in deletions and self.version(record) > deletions[key].timestamp:
                    del deletions[key]
            yield page

    def _note_move(self, division: int, state: dict[str, Any]) -> None:
        """Forget the bookmark when Exact moved the administration to another database, and say so."""
        moved = self.divisions.moved(division)
        if state.get("division_move_date", moved) != moved:
            self.logger.warning(
                "%s: Exact Online moved division %d to another database (%s), so all its rowversions are new: "
                "everything is read again.",
                self.name,
                division,
                moved,
            )
            for name in ("replication_key", "replication_key_value", "deleted_timestamp", "related"):
                state.pop(name, None)
        state["division_move_date"] = moved

    def _warn_of_age(self, state: Mapping[str, Any], now: dt.datetime) -> None:
        """Warn when deletions may be missing, because the last run is longer ago than Exact remembers them."""
        tells = self.endpoint.resource == DELETED or self._tells_deletions(self.config)
        read_at = state.get("read_at")
        if tells and read_at and now - moment(read_at) > DELETIONS_KEPT:
            self.logger.warning(
                "%s was last read at %s. Exact Online tells of deletions for two months only: what was deleted before "
                "that is not known here. Compare with a full refresh, and run more often.",
                self.name,
                read_at,
            )

    def _deletions(self, division: int, state: Mapping[str, Any]) -> tuple[Deletions, dict[str, int]]:
        """Return what was deleted since the last run, by key, and for the state where the log ends."""
        if not self.endpoint.deleted_as or not self._tells_deletions(self.config):
            return {}, {}
        since = state.get("deleted_timestamp", ALL)
        try:
            found, end = self.divisions.deleted(division, self.endpoint.deleted_as, since)
        except Forbidden as error:
            if not self.config["skip_forbidden"]:
                raise
            self.logger.warning("%s: %s", self.name, error)
            return {}, {}
        return {each.key: each for each in found}, {"deleted_timestamp": end}

    def gone(self, key: str, division: int | None, at: str) -> Row:
        """Return the record of a row that is gone: its key, when it went or that was noticed, and nothing else."""
        (name,) = self.endpoint.key
        nothing = dict.fromkeys(self.schema["properties"])
        return {**nothing, name: key, DIVISION: division, DELETED_AT: at}

    def _since(self, division: int, state: dict[str, Any]) -> int | None:
        """Return after which rowversion to read; None when nothing has changed since ``start_date``.

        Raises:
            StopRun: The state holds no rowversion.
        """
        bookmark, start = state.get("replication_key_value"), self.config.get("start_date")
        if bookmark is not None:
            since = state["replication_key_value"] = rowversion(bookmark, self.name)
            return since
        if start and self.endpoint.dated:
            return self._dated(division, moment(start))
        if start:
            self.logger.info("%s is read whole: Exact Online cannot tell where start_date begins in it.", self.name)
        return ALL

    def _dated(self, division: int, start: dt.datetime) -> int | None:
        """Return the rowversion before the first one on or after a date (Exact REST docs, SyncTimestamp)."""
        wall = odata.literal(odata.as_wall_clock(start, self.divisions.zone))
        function = f"read/sync/Sync/SyncTimestamp?modified={wall}&endPoint={odata.literal(self.endpoint.name)}"
        rows = self.divisions.client(division).read(function, select=())
        return next((int(row["TimeStampAsBigInt"]) - 1 for row in rows), None)


class AskedFeed(FeedStream):
    """A feed of which a target may ask rows again, by their keys under ``open`` in the state of the stream."""

    noun: ClassVar[str]
    """What a row is called, for messages."""

    def __init__(self, tap: TapExactOnline, name: str, endpoint: Endpoint) -> None:
        super().__init__(tap, name, endpoint)
        self._asked: set[str] | None = None

    def open_keys(self) -> set[str]:
        """Return the keys a target wants again that were not found in an earlier administration.

        Raises:
            StopRun: The state holds something that is no GUID.
        """
        if self._asked is None:
            keys = self.stream_state.get("open", ())
            wrong = [item for item in keys if not is_guid(item)]
            if wrong:
                raise StopRun(
                    f"The state names {wrong[:5]} under bookmarks.{self.name}.open, which are no ids of "
                    f"{self.noun.lower()}s. Correct the state; Meltano shows it with `meltano state get`."
                )
            self._asked = {str(UUID(item)) for item in keys}
        return set(self._asked)

    def vanished(self, division: int, missing: set[str]) -> Iterator[Row]:
        """Keep what was not found for the next administration; after the last, tell that it is gone."""
        self._asked = missing
        if division != self.divisions.codes[-1]:
            return
        at = utc_text(self.divisions.client(division).now())
        for key in sorted(missing):
            self.logger.warning("%s %s was asked for, but Exact Online does not show it any more.", self.noun, key)
            if DELETED_AT in self.schema["properties"]:
                # In which administration it was cannot be told any more, so it is gone from each.
                yield from (self.gone(key, code, at) for code in self.divisions.codes)


def is_guid(text: Any) -> bool:
    """Tell whether something is a GUID."""
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


def rowversion(bookmark: Any, stream: str) -> int:
    """Return the rowversion that a state holds, as a number whatever it was written as.

    Raises:
        StopRun: It holds none.
    """
    try:
        return int(str(bookmark))
    except ValueError:
        raise StopRun(
            f"The state of {stream} holds {bookmark!r} where a rowversion should be. Correct the state, or run once "
            "with a full refresh."
        ) from None
