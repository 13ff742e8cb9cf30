"""How far goods receipts were offered: what the state of their stream holds, and how it moves on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_autotask.receipts import Rule, received_at
from tap_autotask.timestamps import moment, stamp

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping

    from tap_autotask.client import Row
    from tap_autotask.receipts import Receipt


class Standing:
    """What was offered before this run, and in it.

    Args:
        state: The stream's state; it is changed in place when a record was written.
        until: Autotask's time when the run began.
        overlap: How long before a run rows are looked at again, since they may have become visible late.
        settling: How long no row of a receipt may have come.
        rule: By what rows belong together today; its ``after`` does not count.
    """

    def __init__(
        self,
        state: dict[str, Any],
        until: dt.datetime,
        *,
        overlap: dt.timedelta,
        settling: dt.timedelta,
        rule: Rule,
    ) -> None:
        self._state, self._until, self._settling = state, until, settling
        self._lookback = lookback = max(overlap, settling)
        self.bookmark: int = state.get("replication_key_value", -1)
        self.known = frozenset[int](state.get("recent", ()))
        self.since = moment(state.get("upper_bound", stamp(until))) - lookback
        if "recent_since" in state:  # what was offered before then is not known any more, whatever the settings say
            self.since = max(self.since, moment(state["recent_since"]))
        self.late = {int(row): receipt for row, receipt in state.get("late", {}).items()}
        self.rules = _with_todays(state.get("rules", ()), rule._replace(after=max(self.bookmark, *self.known, -1)))
        self._recent: dict[int, dt.datetime] = {}
        self._position, self._limit = self.bookmark, self.bookmark
        self._upper = moment(state["upper_bound"]) if "upper_bound" in state else None
        self._next_upper = until

    def is_settled(self, latest: dt.datetime) -> bool:
        """Tell whether a receipt whose latest row was made then is complete."""
        return latest < self._until - self._settling

    def fresh(self, rows: Mapping[int, Row], asked: Collection[int]) -> set[int]:
        """Return which of the rows that were read were never offered."""
        self._recent = {number: received_at(row) for number, row in rows.items() if number in self.known}
        return {row for row in rows if row not in self.known and (row > self.bookmark or row not in asked)}

    def wait_for(self, waiting: Iterable[Row], highest: int) -> None:
        """Hold the state at rows that are not settled: the bookmark before those ahead, the bound before the others.

        Args:
            waiting: The rows that are not offered yet.
            highest: The highest id that was read.
        """
        rows = list(waiting)
        ahead = [row["id"] - 1 for row in rows if row["id"] > self.bookmark]
        behind = [received_at(row) + self._lookback for row in rows if row["id"] <= self.bookmark]
        self._limit = max(self.bookmark, min(ahead, default=highest))
        self._next_upper = min([self._until, *behind])

    def written(self, receipt: Receipt, late: Mapping[int, int]) -> None:
        """Move on past a new receipt; they come by ascending id.

        Args:
            receipt: What was written.
            late: Rows that make receipts of their own.
        """
        self._recent |= {row["id"]: received_at(row) for row in receipt.rows}
        self.late |= {row["id"]: late[row["id"]] for row in receipt.rows if row["id"] in late}
        if receipt.id > self.bookmark:
            self._upper, self._position = self._next_upper, min(receipt.id, self._limit)
        self._keep()

    def finished(self) -> None:
        """Move on past all that was read."""
        self._upper, self._position = self._next_upper, self._limit
        self._keep()

    def _keep(self) -> None:
        since = max(self.since, self._upper - self._lookback) if self._upper else self.since
        self._recent = {row: at for row, at in self._recent.items() if row > self._position or at >= since}
        self._state.update(rules=[[*rule] for rule in self.rules], recent=sorted(self._recent))
        if self.late:
            self._state["late"] = {str(row): receipt for row, receipt in self.late.items()}
        if self._upper:
            self._state.update(upper_bound=stamp(self._upper), recent_since=stamp(since))
        if self._position >= 0:
            self._state.update(replication_key="id", replication_key_value=self._position)


def _with_todays(kept: Iterable[Any], today: Rule) -> list[Rule]:
    """Return the rules of earlier runs, and today's for the rows to come where it is another."""
    rules = [Rule(after, seconds, tuple(by)) for after, seconds, by in kept]
    if not rules:
        return [today._replace(after=-1)]
    if rules[-1][1:] == today[1:]:
        return rules
    return [*(rule for rule in rules if rule.after < today.after), today]
