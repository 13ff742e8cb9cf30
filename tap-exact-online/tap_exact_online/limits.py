"""The limits of Exact Online, as its headers tell them: calls a minute and a day, errors an hour, and its clock.

Windows are those of the server's clock: the full minute and the UTC day (picqer/exact-php-client#609, #646). Other
programs may share them, so nothing is counted here that a header says.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_exact_online.exceptions import Blocked, DayLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ERRORS_BEFORE_STOP = 8
"""Exact blocks a key for an hour after 10 errors at one endpoint within an hour (docs.maesn.com/rate-limits)."""
ERROR_WINDOW = 3600.0
LONGEST_MINUTE = 120.0
"""No wait for a new minute is longer; a reset further ahead is not believed (picqer/exact-php-client#255)."""

_WHOLE_NUMBER = re.compile("[0-9]{1,15}")


class ServerClock:
    """Exact's clock, learned from ``Date`` headers.

    Each header bounds the difference with the local clock, so the estimate sharpens with every answer although the
    header counts whole seconds. ``now`` never runs ahead of the server, ``latest`` never behind it.
    """

    def __init__(self, local: Callable[[], float], difference: float = 0.0) -> None:
        self.local = local
        self._low = self._high = difference

    def now(self) -> float:
        """Return seconds since 1970, at most those of the server."""
        return self.local() + self._low

    def latest(self) -> float:
        """Return seconds since 1970, at least those of the server."""
        return self.local() + self._high

    def assume(self, difference: float) -> None:
        """Start from a difference learned by another process, unless an answer told better."""
        if self._low >= self._high:
            self._low = self._high = difference

    @property
    def difference(self) -> float:
        """Seconds to add to the local clock."""
        return self._low

    def observe(self, date: str | None, sent: float, received: float) -> None:
        """Learn from the ``Date`` of an answer to a request sent and received at these local times."""
        try:
            stamp = email.utils.parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return
        low, high = stamp - received, stamp + 1.0 - sent
        narrowed = max(low, self._low), min(high, self._high)
        self._low, self._high = narrowed if self._low < self._high and narrowed[0] <= narrowed[1] else (low, high)


@dataclass
class Window:
    """One limit: how many calls, how many are left, and the server time at which it starts anew."""

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None

    def read(self, headers: Mapping[str, str], prefix: str) -> None:
        """Take over what these headers say; absent ones change nothing (a 429 shows the limit it hit only)."""
        limit, remaining, reset = (_number(headers.get(f"{prefix}{name}")) for name in ("Limit", "Remaining", "Reset"))
        self.limit = self.limit if limit is None else limit
        self.remaining = self.remaining if remaining is None else remaining
        self.reset = self.reset if reset is None else reset / 1000

    def spent(self, now: float, reserve: int) -> bool:
        """Whether no call is left in the window that runs, beside the reserve."""
        running = self.reset is not None and now < self.reset
        return running and self.remaining is not None and self.remaining <= reserve


@dataclass
class Limits:
    """What the headers said last, and what is kept free for other programs on the same quota."""

    minute_reserve: int = 0
    day_reserve: int = 0
    minute: Window = field(default_factory=Window)
    day: Window = field(default_factory=Window)

    def observe(self, headers: Mapping[str, str]) -> None:
        """Take over what an answer says."""
        self.minute.read(headers, "X-RateLimit-Minutely-")
        self.day.read(headers, "X-RateLimit-")

    def wait(self, now: float) -> float:
        """Return the seconds to wait before the next call.

        Raises:
            DayLimit: the calls of this day are used up.
        """
        if self.day.spent(now, self.day_reserve):
            raise self.day_limit()
        if not self.minute.spent(now, self.minute_reserve) or self.minute.reset is None:
            return 0.0
        return min(self.minute.reset - now, LONGEST_MINUTE)

    def day_limit(self, status: int | None = None) -> DayLimit:
        """Return the error that today's calls are used up."""
        resets_at = None if self.day.reset is None else dt.datetime.fromtimestamp(self.day.reset, dt.UTC)
        until = "the next day in UTC" if resets_at is None else f"{resets_at:%Y-%m-%d %H:%M} UTC"
        kept = f", {self.day_reserve} of them kept free by `day_reserve`" if self.day_reserve else ""
        return DayLimit(
            f"Exact Online allows {self.day.limit or 'no more'} calls a day{kept}, and today's are used up until "
            f"{until}. What is left stays open: run again after that.",
            resets_at=resets_at,
            status=status,
        )


def spent_window(headers: Mapping[str, str]) -> str | None:
    """Tell from a 429 which limit was hit: ``day``, ``minute``, or None when no header says so.

    The headers of the other limit are absent then (picqer/exact-php-client#646); at times all are (#255).
    """
    if _number(headers.get("X-RateLimit-Remaining")) == 0:
        return "day"
    return "minute" if _number(headers.get("X-RateLimit-Minutely-Remaining")) == 0 else None


def check_errors(endpoint: str, times: list[float], now: float) -> None:
    """Refuse another call to an endpoint that gave too many of the errors that Exact counts.

    Raises:
        Blocked: it gave 8 of them (400, 401, 403, 404) within an hour.
    """
    counted = recent(times, now)
    if len(counted) < ERRORS_BEFORE_STOP:
        return
    until = dt.datetime.fromtimestamp(counted[-ERRORS_BEFORE_STOP] + ERROR_WINDOW, dt.UTC)
    raise Blocked(
        f"{endpoint} gave {len(counted)} errors within an hour; at 10 Exact Online blocks this app for an hour, "
        f"longer each time. Mend the cause, shown above, and run again after {until:%H:%M} UTC."
    )


def recent(times: list[float], now: float) -> list[float]:
    """Return the times within the last hour."""
    return [at for at in times if abs(now - at) < ERROR_WINDOW]


def _number(text: str | None) -> int | None:
    return int(text) if text and _WHOLE_NUMBER.fullmatch(text) else None
