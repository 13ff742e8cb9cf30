"""The limits of an app in a division: calls a minute, calls a day, errors an hour.

The minute is the one on the wall clock and the day ends at 00:00 UTC; both are told in headers, times in milliseconds
(picqer/exact-php-client#609, #646). Ten answers 400, 401, 403 or 404 of one endpoint within an hour block it, longer
at every repetition (docs.maesn.com/rate-limits); how the block looks is not documented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.exact_online.errors import Refusal

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.exact_online.switches import Switches

MINUTE, HOUR, DAY = 60, 3600, 86_400
COUNTED_ERRORS = {400, 401, 403, 404}


@dataclass
class Quota:
    """So many calls in each window of the clock."""

    prefix: str
    limit: int
    window: float
    used: int = 0
    number: int = -1

    def roll(self, epoch: float) -> None:
        """Begin a new window when the old one is over."""
        number = int(epoch // self.window)
        if number != self.number:
            self.number, self.used = number, 0

    def headers(self) -> dict[str, str]:
        """Return the headers that tell it."""
        return {
            f"{self.prefix}Limit": str(self.limit),
            f"{self.prefix}Remaining": str(max(self.limit - self.used, 0)),
            f"{self.prefix}Reset": str(round((self.number + 1) * self.window * 1000)),
        }


@dataclass
class ErrorCount:
    """Errors of one endpoint, and until when it is blocked."""

    times: list[float] = field(default_factory=list)
    blocks: int = 0
    until: float = float("-inf")


class Limits:
    """All limits of the one app in the one division."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._day = Quota("X-RateLimit-", switches.day_limit, clock.span(DAY))
        self._minute = Quota("X-RateLimit-Minutely-", switches.minute_limit, clock.span(MINUTE))
        self._errors: dict[str, ErrorCount] = {}

    def count(self) -> dict[str, str] | None:
        """Count a call. Return the headers of the limit that it exceeds, or None."""
        if not self._switches.limits:
            return None
        self._roll()
        exceeded = next((quota for quota in (self._minute, self._day) if quota.used >= quota.limit), None)
        if exceeded is None or self._switches.refused_calls_count:
            self._minute.used += 1
            self._day.used += 1
        return exceeded.headers() if exceeded else None

    def headers(self) -> dict[str, str]:
        """Return the headers of every answer."""
        if not self._switches.limits:
            return {}
        self._roll()
        return self._day.headers() | self._minute.headers()

    def _roll(self) -> None:
        epoch = self._clock.epoch()
        self._day.roll(epoch)
        self._minute.roll(epoch)

    def check_block(self, endpoint: str) -> None:
        """Refuse a call of an endpoint that gave too many errors.

        Raises:
            Refusal: It is blocked.
        """
        count = self._errors.get(endpoint)
        if count is not None and self._clock.epoch() < count.until:
            raise Refusal(self._switches.error_block_status, "Too many errors; the endpoint is blocked for this app.")

    def note(self, endpoint: str, status: int) -> None:
        """Note how a call of an endpoint ended."""
        if status not in COUNTED_ERRORS or not self._switches.error_limit:
            return
        now, hour = self._clock.epoch(), self._clock.span(HOUR)
        count = self._errors.setdefault(endpoint, ErrorCount())
        count.times = [*(time for time in count.times if time > now - hour), now]
        if len(count.times) >= self._switches.error_limit:
            count.blocks += 1
            count.until = now + count.blocks * hour
            count.times.clear()
