"""How long to wait: after a fault, and before a call when the tenant's hour fills up."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tap_autotask.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_autotask.exceptions import PassingFault

FULL_HOUR_PAUSE = 60.0
LONGEST_PAUSE = 60.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """How patient to be.

    Args:
        max_retries: How often a call is repeated after a passing fault.
        max_wait_minutes: How long one call may wait in all, the wait for a new hour included.
        hourly_share: From which share (0 to 1) of the tenant's hourly calls on each call waits.
        threshold_every: After how many calls the hour's count is looked at; 0: never.
    """

    max_retries: int = 6
    max_wait_minutes: float = 60.0
    hourly_share: float = 0.75
    threshold_every: int = 100


class Patience:
    """The retries of one call.

    Args:
        limits: How patient to be.
        jitter: Gives numbers from 0 to 1, so that several clients do not return in step.
    """

    def __init__(self, limits: Limits, jitter: Callable[[], float]) -> None:
        self._limits = limits
        self._jitter = jitter
        self._faults = 0
        self._waited = 0.0

    def pause(self, fault: PassingFault) -> float:
        """Return how many seconds to wait before the call is repeated.

        Raises:
            StopRun: The patience is used up. A later run goes on where this one stopped.
        """
        self._faults += not fault.hourly
        seconds = self._seconds(fault)
        self._waited += seconds
        if self._faults > self._limits.max_retries or self._waited > self._limits.max_wait_minutes * 60:
            raise StopRun(
                f"{fault}. Gave up after {self._faults} faults and a wait of {self._waited - seconds:.0f} s"
                f" (the next would be {seconds:.0f} s). Run again later; see max_retries and max_wait_minutes."
            ) from fault
        return seconds

    def _seconds(self, fault: PassingFault) -> float:
        if fault.retry_after is not None:
            return fault.retry_after
        if fault.hourly:
            return FULL_HOUR_PAUSE
        return min(LONGEST_PAUSE, 2.0**self._faults) * (0.5 + self._jitter() / 2)


def pace(information: Any, share: float) -> float:
    """Return how many seconds to wait before each call, given the count of the hour.

    Below ``share`` nothing; above it the calls that are left are spread over the hour, so that the wait grows as the
    hour fills and other integrations of the tenant keep working.

    Args:
        information: ``{"externalRequestThreshold", "requestThresholdTimeframe" (minutes),
            "currentTimeframeRequestCount"}``, the count being over all integrations of the tenant.
        share: From which share on.
    """
    limit, used = int(information["externalRequestThreshold"]), int(information["currentTimeframeRequestCount"])
    if limit <= 0 or used < limit * share:
        return 0.0
    seconds = int(information["requestThresholdTimeframe"]) * 60
    return min(LONGEST_PAUSE, seconds / max(1, limit - used))
