from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_autotask.exceptions import PassingFault, StopRun
from tap_autotask.limits import Limits, Patience, pace


def patience(jitter: float = 1.0, **limits: float) -> Patience:
    return Patience(Limits(**limits), lambda: jitter)  # type: ignore[arg-type]


def hour(used: int, limit: int = 10_000) -> dict[str, int]:
    return {
        "externalRequestThreshold": limit,
        "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": used,
    }


def test_waits_grow_and_are_capped() -> None:
    """Each fault doubles the wait, up to a minute."""
    calm = patience(max_retries=7)
    assert [calm.pause(PassingFault("x")) for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]


def test_jitter_shortens_a_wait_to_half_at_most() -> None:
    """Several clients do not come back in step."""
    assert patience(jitter=0.0).pause(PassingFault("x")) == 1.0


def test_retry_after_goes_before_the_own_reckoning() -> None:
    """What Autotask asks for is what it gets."""
    assert patience().pause(PassingFault("x", 17.0)) == 17.0


def test_patience_ends() -> None:
    """After the retries that the settings allow the run stops, and the message names the setting."""
    short = patience(max_retries=2)
    short.pause(PassingFault("x"))
    short.pause(PassingFault("x"))
    with pytest.raises(StopRun, match="max_retries"):
        short.pause(PassingFault("x"))


def test_a_full_hour_is_waited_out() -> None:
    """A full hour is no fault to give up on: a wait of a minute, over and over, up to max_wait_minutes."""
    long = patience(max_retries=1, max_wait_minutes=3)
    assert [long.pause(PassingFault("hour", hourly=True)) for _ in range(3)] == [60.0] * 3
    with pytest.raises(StopRun, match="max_wait_minutes"):
        long.pause(PassingFault("hour", hourly=True))


def test_an_endless_retry_after_stops_the_run_at_once() -> None:
    """Nobody waits for a week inside a run."""
    with pytest.raises(StopRun, match="604800 s"):
        patience().pause(PassingFault("x", 604_800.0))


@pytest.mark.parametrize(("used", "seconds"), [(0, 0.0), (7_499, 0.0), (7_500, 1.44), (9_000, 3.6), (9_990, 60.0)])
def test_calls_slow_down_as_the_hour_fills(used: int, seconds: float) -> None:
    """Below the share there is no wait; above it the calls that are left are spread over the hour."""
    assert pace(hour(used), 0.75) == pytest.approx(seconds)


@given(st.integers(0, 20_000), st.integers(0, 20_000), st.floats(0, 1))
def test_a_fuller_hour_never_makes_faster(used: int, more: int, share: float) -> None:
    """The wait grows with the count and stays within a minute."""
    assert 0 <= pace(hour(used), share) <= pace(hour(used + more), share) <= 60
