"""Who may call, and how much: sign-in with lock-out, the thread limit and the hourly threshold."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from starlette.responses import Response

from sandbox.autotask.answers import RefusedError, refuse
from sandbox.wire import IN_FLIGHT

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.autotask.switches import Switches
    from sandbox.clock import Clock

HOUR = 3600
DELAYS = ((0.75, 1.0), (0.5, 0.5))
"""From which part of the threshold a request takes how many seconds more."""
FREE_OF_THREADS = "zoneinformation"


class Gate:
    """Judges requests before they are worked on, and remembers what it must."""

    def __init__(self, switches: Switches, clock: Clock) -> None:
        self.switches = switches
        self.clock = clock
        self.failures = 0
        self._recent: deque[float] = deque()

    async def admit(self, request: Request) -> None:
        """Let a request in, or raise `RefusedError`; takes the time that the request takes."""
        self._check_credentials(request)
        self._recent.append(self.clock.epoch())
        self._check_threshold()
        self._check_threads(request)
        await asyncio.sleep(self.switches.latency + self._delay())

    def used(self) -> int:
        """Return how many requests the last hour has seen, over all integrations."""
        start = self.clock.epoch() - self.clock.span(HOUR)
        while self._recent and self._recent[0] <= start:
            self._recent.popleft()
        return len(self._recent) + self.switches.threshold_used

    def _check_credentials(self, request: Request) -> None:
        if request.headers.get("ApiIntegrationCode", "") != self.switches.integration_code:
            raise refuse("IntegrationCode is invalid.")
        offered = request.headers.get("UserName", ""), request.headers.get("Secret", "")
        locked = 0 < self.switches.lock_out <= self.failures
        if locked or offered != (self.switches.username, self.switches.secret):
            self.failures += 1
            raise self._unauthorized()
        self.failures = 0

    def _unauthorized(self) -> RefusedError:
        if self.switches.unauthorized_body == "empty":
            return RefusedError(Response(status_code=401))
        return refuse("Authentication failed", status=401)

    def _check_threshold(self) -> None:
        if 0 < self.switches.threshold < self.used():
            raise refuse(
                f"The Autotask API request threshold of {self.switches.threshold} requests per 60 minutes has been "
                "exceeded.",
                status=self.switches.threshold_status,
            )

    def _check_threads(self, request: Request) -> None:
        entity = endpoint(request.scope["path"])
        at_once = sum(endpoint(path) == entity for path in request.scope[IN_FLIGHT])
        if 0 < self.switches.threads <= at_once and entity != FREE_OF_THREADS:
            raise refuse(
                f"The Autotask API thread threshold of {self.switches.threads} threads has been exceeded.", status=429
            )

    def _delay(self) -> float:
        if not (self.switches.progressive_delay and self.switches.threshold):
            return 0.0
        filled = self.used() / self.switches.threshold
        return self.clock.span(next((seconds for part, seconds in DELAYS if filled >= part), 0.0))


def endpoint(path: str) -> str:
    """Return the part of a path that the thread limit counts by: what follows the version."""
    parts = path.lower().split("/")
    return parts[3] if len(parts) > 3 else ""
