from __future__ import annotations

import datetime as dt
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_exact_online.exceptions import Blocked, DayLimit
from tap_exact_online.limits import Limits, ServerClock, check_errors, recent, spent_window
from tests.tap_exact_online.fake import NOON

MINUTE_SPENT = {
    "X-RateLimit-Minutely-Limit": "60",
    "X-RateLimit-Minutely-Remaining": "0",
    "X-RateLimit-Minutely-Reset": str(int((NOON + 60) * 1000)),
}
DAY_SPENT = {
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": str(int((NOON + 43200) * 1000)),
}


@given(
    ahead=st.floats(-100_000, 100_000),
    trips=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 2), st.floats(0, 2)), min_size=1, max_size=20),
)
def test_clock_is_never_ahead_nor_behind(ahead: float, trips: list[tuple[float, float, float]]) -> None:
    """Whatever the difference and the delays, the true time of the server lies between `now` and `latest`."""
    local = [NOON]
    clock = ServerClock(lambda: local[0])
    for pause, there, back in trips:
        sent = local[0] = local[0] + pause
        date = formatdate(int(sent + there + ahead), usegmt=True)
        local[0] += there + back
        clock.observe(date, sent, local[0])
        assert clock.now() - 1e-3 <= local[0] + ahead <= clock.latest() + 1e-3


def test_clock_sharpens() -> None:
    """Dates in whole seconds still tell the difference to a fraction of a second after some answers."""
    local = NOON
    clock = ServerClock(lambda: local)
    for step in range(20):
        local = NOON + step * 1.05
        clock.observe(formatdate(int(local + 0.5), usegmt=True), local, local)
    assert clock.latest() - clock.now() <= 0.1


def test_clock_follows_a_server_that_was_moved() -> None:
    """When the new date contradicts the old ones, the new one is believed."""
    clock = ServerClock(lambda: NOON)
    for moved in (0, 86_400, -86_400):
        clock.observe(formatdate(NOON + moved, usegmt=True), NOON, NOON)
        assert abs(clock.now() - NOON - moved) <= 1


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Foo 2026"])
def test_clock_ignores_what_is_no_date(date: str | None) -> None:
    """An answer without a readable date leaves the clock as it is."""
    clock = ServerClock(lambda: NOON, difference=3)
    clock.observe(date, NOON, NOON)
    assert clock.now() == clock.latest() == NOON + 3


def test_clock_assumes_only_before_the_first_answer() -> None:
    """What another process learned serves until this one knows better."""
    clock = ServerClock(lambda: NOON)
    clock.assume(50)
    assert clock.difference == 50
    clock.observe(formatdate(NOON, usegmt=True), NOON, NOON)
    clock.assume(50)
    assert clock.difference == 0


def test_waits_for_the_new_minute_only_when_this_one_is_spent() -> None:
    """The wait is until the reset, and there is none before or after."""
    limits = Limits()
    assert limits.wait(NOON) == 0
    limits.observe({**MINUTE_SPENT, "X-RateLimit-Minutely-Remaining": "1"})
    assert limits.wait(NOON) == 0
    limits.observe(MINUTE_SPENT)
    assert limits.wait(NOON) == 60
    assert limits.wait(NOON + 60) == 0


def test_reserve_is_left_to_others() -> None:
    """Calls up to the reserve are not used."""
    limits = Limits(minute_reserve=5)
    limits.observe({**MINUTE_SPENT, "X-RateLimit-Minutely-Remaining": "6"})
    assert limits.wait(NOON) == 0
    limits.observe({**MINUTE_SPENT, "X-RateLimit-Minutely-Remaining": "5"})
    assert limits.wait(NOON) == 60


def test_no_wait_is_absurd() -> None:
    """A reset far ahead, as a wrong clock gives it, is not waited for."""
    limits = Limits()
    limits.observe(MINUTE_SPENT)
    assert limits.wait(NOON - 86_400) == 120


def test_day_limit_stops_and_says_until_when() -> None:
    """A used up day is an error that names the hour, since waiting for it makes no sense."""
    limits = Limits(day_reserve=100)
    limits.observe({**DAY_SPENT, "X-RateLimit-Remaining": "100"})
    with pytest.raises(DayLimit, match=r"5000 calls a day, 100 of them.*2026-10-01 00:00 UTC") as raised:
        limits.wait(NOON)
    assert raised.value.resets_at == dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    assert limits.wait(NOON + 43200) == 0


def test_day_limit_without_headers() -> None:
    """A day limit whose end is not told is still one."""
    assert "the next day in UTC" in str(Limits().day_limit(429))


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 400, "1.5"])
def test_odd_headers_change_nothing(value: str) -> None:
    """What is no number is not taken for one."""
    limits = Limits()
    limits.observe({"X-RateLimit-Remaining": value, "X-RateLimit-Reset": value})
    assert limits.day.remaining is limits.day.reset is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [(MINUTE_SPENT, "minute"), (DAY_SPENT, "day"), (MINUTE_SPENT | DAY_SPENT, "day"), ({}, None)],
    ids=["minute", "day", "both", "none"],
)
def test_which_limit_was_hit(headers: dict[str, str], expected: str | None) -> None:
    """The headers of a 429 tell the minute from the day; none at all tell nothing."""
    assert expected == spent_window(headers)


def test_endpoint_is_left_alone_before_exact_blocks_it() -> None:
    """Seven errors within an hour are let pass, the eighth is the last, and an hour later it may go on."""
    times = [NOON + second for second in range(7)]
    check_errors("crm/Accounts", times, NOON + 10)
    with pytest.raises(Blocked, match="crm/Accounts gave 8 errors"):
        check_errors("crm/Accounts", [*times, NOON + 7], NOON + 10)
    check_errors("crm/Accounts", [*times, NOON + 7], NOON + 3601)
    assert recent([NOON, NOON + 3600], NOON + 3600) == [NOON + 3600]
