"""Which version of a row went out, and the bookmark that follows from it."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_exact_online.columns import moment, utc_text

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOK_BACK = dt.timedelta(hours=2)
"""How far behind the bookmark ``Modified`` is read again: an hour is repeated when the clock goes back, and rows may
become visible late."""

A_DAY_BACK = dt.timedelta(hours=26)
"""How far behind the last reading at least, whose time is that of another clock: that of the server in UTC, while
``Modified`` is the time on a wall whose zone is taken from the address."""

REMEMBERED = 20_000
TOLD_AGAIN = 1000
"""How many rows near the bookmark the state holds at most; beyond it the oldest may be emitted once more."""


class Versions:
    """The newest version of each row that went out: an older one does not follow it.

    A row that changes while a feed is read comes twice (fretje/exactonline-api-dotnet-client, FilterDoubles). The last
    20,000 rows are remembered.
    """

    def __init__(self, newest: Mapping[str, Any] | None = None) -> None:
        self._newest: OrderedDict[str, Any] = OrderedDict(newest or {})

    def is_newer(self, key: str, version: Any) -> bool:
        """Tell whether a row has news, and remember it."""
        before = self._newest.get(key)
        if before is not None and version <= before:
            return False
        self._newest[key] = version
        self._newest.move_to_end(key)
        if len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)
        return True

    def keep(self, state: dict[str, Any], column: str, version: Any) -> None:
        """Move the bookmark to a version of this column, never back."""
        before = state.get("replication_key_value")
        if before is None or version > before:
            state.update(replication_key=column, replication_key_value=version)

    def since(self, version: Any) -> dict[str, Any]:
        """Return what went out with at least this version, the last of it if it is much."""
        found = [(key, each) for key, each in self._newest.items() if each >= version]
        return dict(found[-TOLD_AGAIN:])


class RecentVersions(Versions):
    """Versions that are dates of change, of which the last ones are read again by the next run.

    Args:
        state: Holds as ``recent`` those that will be read again, so that they are told once, and as ``read_at`` when
            Exact was last read to the end.
    """

    def __init__(self, state: Mapping[str, Any]) -> None:
        super().__init__(state.get("recent"))

    @override
    def keep(self, state: dict[str, Any], column: str, version: Any) -> None:
        super().keep(state, column, version)
        self._keep_recent(state)

    def finish(self, state: dict[str, Any], read_at: dt.datetime) -> None:
        """Note that all was read that had changed by then: what is older need not be looked at again."""
        state["read_at"] = utc_text(read_at)
        self._keep_recent(state)

    def _keep_recent(self, state: dict[str, Any]) -> None:
        lower = changed_since(state)
        state["recent"] = self.since(utc_text(lower)) if lower else {}


def changed_since(state: Mapping[str, Any]) -> dt.datetime | None:
    """Return from when on a stream by date of change is read; None: everything.

    Two hours before the newest row known, or a day before the last reading, when nothing changed for long.
    """
    backs = {"replication_key_value": LOOK_BACK, "read_at": A_DAY_BACK}
    bounds = [moment(state[name]) - back for name, back in backs.items() if state.get(name)]
    return max(bounds, default=None)
