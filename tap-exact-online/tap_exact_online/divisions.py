"""The administrations that are read: the client of each, and what every stream wants to know of it once a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tap_exact_online import odata
from tap_exact_online.columns import stamp
from tap_exact_online.exceptions import Forbidden, StopRun, advised
from tap_exact_online.transport import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_exact_online.client import Client

TERMS = 40
"""So many terms fit in a filter (ossobv/exactonline reads 40 keys at once; 300 were refused)."""

ALL = 1
"""``Timestamp gt 1`` asks for every row of a feed (Exact REST docs, Sync API)."""

ZONES = {
    "nl": "Europe/Amsterdam",
    "be": "Europe/Brussels",
    "de": "Europe/Berlin",
    "uk": "Europe/London",
    "es": "Europe/Madrid",
    "fr": "Europe/Paris",
}
"""Where the server's clock hangs, by the last part of its address; seen live at .fr only, the others are inferred."""


class Deletion(NamedTuple):
    """A row that is gone: its key, when it was deleted in UTC, and the rowversion of its deletion."""

    key: str
    at: str | None
    timestamp: int


class _Log(NamedTuple):
    """What sync/Deleted tells after a rowversion, up to the highest, by EntityType."""

    since: int
    highest: int
    deletions: dict[int, list[Deletion]]


class Divisions:
    """The administrations of one run.

    Args:
        config: The settings of the tap.
        connect: Makes the client that settings describe.
    """

    def __init__(self, config: Mapping[str, Any], connect: Callable[[Mapping[str, Any]], Client]) -> None:
        self.codes: list[int] = list(dict.fromkeys([config["division"], *config["divisions"]]))
        self.origin = origin_of(config["api_url"])
        self.zone = zone_of(config)
        self.skip_forbidden: bool = config["skip_forbidden"]
        self._config = config
        self._connect = connect
        self._clients: dict[int, Client] = {}
        self._moves: dict[int, str | None] | None = None
        self._logs: dict[int, _Log] = {}

    def client(self, code: int) -> Client:
        """Return the client of an administration; limits are counted for each by itself."""
        if code not in self._clients:
            self._clients[code] = self._connect({**self._config, "division": code})
        return self._clients[code]

    def moved(self, code: int) -> str | None:
        """Return when Exact moved an administration to another database, after which all its rowversions are new.

        Raises:
            StopRun: The consent does not give access to it.
        """
        if self._moves is None:
            rows = self.client(code).read("system/Divisions", select=("Code", "DivisionMoveDate"), where=self._these())
            self._moves = {row["Code"]: _optional_stamp(row.get("DivisionMoveDate"), self.zone) for row in rows}
        if code not in self._moves:
            raise StopRun(
                f"The signed-in user has no access to division {code}: correct `division` or `divisions`, or have "
                "access given in Exact Online. `tap-exact-online-login --refresh` lists the administrations there are."
            )
        return self._moves[code]

    def _these(self) -> str:
        """Return the filter for the administrations of this run, out of the hundreds that an accountant may have."""
        return " or ".join(f"Code eq {code}" for code in self.codes) if len(self.codes) <= TERMS else ""

    def deleted(self, code: int, entity_type: int, since: int) -> tuple[list[Deletion], int]:
        """Return what was deleted of one kind after a rowversion, and the highest rowversion of the whole log.

        The log is read once for all kinds.

        Raises:
            Forbidden: The user may not read it.
        """
        log = self._logs.get(code)
        if log is None or since < log.since:
            log = self._logs[code] = self._read_log(code, since)
        found = [deletion for deletion in log.deletions.get(entity_type, ()) if deletion.timestamp > since]
        return found, max(log.highest, since)

    def _read_log(self, code: int, since: int) -> _Log:
        highest, deletions = since, dict[int, list[Deletion]]()
        columns = ("Timestamp", "EntityKey", "EntityType", "DeletedDate")
        try:
            for row in self.client(code).read("sync/Deleted", select=columns, where=after(since)):
                at = _optional_stamp(row["DeletedDate"], self.zone)
                deletion = Deletion(row["EntityKey"], at, int(row["Timestamp"]))
                deletions.setdefault(row["EntityType"], []).append(deletion)
                highest = max(highest, deletion.timestamp)
        except Forbidden as error:
            advice = (
                "It takes the right Organization administration; to go on without it, set `deleted_records` to false."
            )
            raise advised(error, "What was deleted", advice) from error
        return _Log(since, highest, deletions)


def after(timestamp: int) -> str:
    """Return the filter for the rows of a feed with a higher rowversion."""
    return f"Timestamp gt {odata.literal(timestamp)}"


def zone_of(config: Mapping[str, Any]) -> ZoneInfo:
    """Return the zone of Exact's clock: the setting ``time_zone``, else that of the address.

    Raises:
        StopRun: This machine knows no such zone.
    """
    country = (urlsplit(config["api_url"]).hostname or "").rpartition(".")[2]
    name = config.get("time_zone") or ZONES.get(country, ZONES["nl"])
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StopRun(f"There is no time zone {name!r}: set `time_zone` to one such as {ZONES['nl']}") from error


def _optional_stamp(value: Any, zone: ZoneInfo) -> str | None:
    return None if value is None else stamp(value, zone)
