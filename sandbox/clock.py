"""The sandbox's clock: real time plus an offset that tests move."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Clock:
    """Tells the time in UTC, and how long a span of the vendor's lasts here.

    Args:
        now: Where the clock starts; None: real time.
        time_scale: Seconds of the vendor's that pass in one second here. It shortens windows and lives of tokens, not
            the clock itself: a reset time in a header stays comparable with the Date header.
    """

    def __init__(self, now: dt.datetime | None = None, time_scale: float = 1.0) -> None:
        self.time_scale = time_scale
        self._offset = dt.timedelta()
        if now is not None:
            self.set(now)

    def now(self) -> dt.datetime:
        """Return the sandbox's time, in UTC."""
        return dt.datetime.now(dt.UTC) + self._offset

    def epoch(self) -> float:
        """Return the sandbox's time in seconds since 1970."""
        return self.now().timestamp()

    def today(self) -> dt.date:
        """Return the sandbox's date, in UTC."""
        return self.now().date()

    def move(self, seconds: float) -> None:
        """Move the clock on, or back with a negative number."""
        self._offset += dt.timedelta(seconds=seconds)

    def set(self, now: dt.datetime) -> None:
        """Set the clock to a moment, from where it runs on."""
        self._offset = now - dt.datetime.now(dt.UTC)

    @contextmanager
    def at(self, moment: dt.datetime) -> Iterator[None]:
        """Let it be a moment for a while: what is played then is dated so."""
        offset = self._offset
        self.set(moment)
        try:
            yield
        finally:
            self._offset = offset

    def span(self, seconds: float) -> float:
        """Return how many seconds of this clock a span of the vendor's lasts: ``span(60)`` is a minute's limit."""
        return seconds / self.time_scale

    def http_date(self) -> str:
        """Return the time as the Date header wants it."""
        return format_datetime(self.now(), usegmt=True)
