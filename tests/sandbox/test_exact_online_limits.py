"""Limits of the Exact Online half: a minute, a day, ten errors an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_online_calls import NOWHERE, Exact, refusal

if TYPE_CHECKING:
    import requests

    from tests.conftest import Sandbox

START = "2026-11-02T09:00:05Z"
NEXT_MINUTE, NEXT_DAY = "1793610060000", "1793664000000"


def rate_headers(answer: requests.Response) -> dict[str, str]:
    """Return the headers about limits, without their common start."""
    return {
        name.lower().removeprefix("x-ratelimit-"): value
        for name, value in answer.headers.items()
        if name.lower().startswith("x-ratelimit-")
    }


def start(sandbox: Sandbox, **switches: Any) -> Exact:
    """Reset to a known time, with switches, and sign in."""
    sandbox.reset(now=START, exact_online=switches)
    return Exact(sandbox)


def test_every_answer_tells_the_limits(sandbox: Sandbox) -> None:
    """Answers carry both limits as text, with the end of the clock's minute and of the UTC day in milliseconds."""
    exact = start(sandbox)
    assert rate_headers(exact.send("GET", "system/Divisions")) == {
        "limit": "5000",
        "remaining": "4999",
        "reset": NEXT_DAY,
        "minutely-limit": "60",
        "minutely-remaining": "59",
        "minutely-reset": NEXT_MINUTE,
    }
    refused = exact.send("GET", "crm/Nothing")
    assert (refused.status_code, rate_headers(refused)["remaining"]) == (404, "4998")
    assert rate_headers(exact.send("GET", "system/Divisions", headers={"Authorization": None}))["remaining"] == "4998"


def test_a_full_minute(sandbox: Sandbox) -> None:
    """Beyond the minute's calls answers are empty 429s with the minute's headers only, until the next full minute."""
    exact = start(sandbox, minute_limit=2)
    statuses = [exact.send("GET", "system/Divisions").status_code for _ in range(2)]
    full = exact.send("GET", "system/Divisions")
    assert (statuses, full.status_code, full.content) == ([200, 200], 429, b"")
    assert rate_headers(full) == {
        "minutely-limit": "2",
        "minutely-remaining": "0",
        "minutely-reset": NEXT_MINUTE,
    }
    assert "Retry-After" not in full.headers
    sandbox.clock(now="2026-11-02T09:01:00Z")
    assert exact.send("GET", "system/Divisions").status_code == 200


def test_a_full_day(sandbox: Sandbox) -> None:
    """Beyond the day's calls answers carry the day's headers only, until midnight UTC."""
    exact = start(sandbox, day_limit=1)
    exact.send("GET", "system/Divisions")
    sandbox.clock(seconds=300)
    full = exact.send("GET", "system/Divisions")
    assert (full.status_code, full.content) == (429, b"")
    assert rate_headers(full) == {"limit": "1", "remaining": "0", "reset": NEXT_DAY}
    sandbox.clock(now="2026-11-03T00:00:00Z")
    assert Exact(sandbox, sign_in=False).send("GET", "system/Divisions").status_code == 401


@pytest.mark.parametrize(("counts", "left"), [(False, "4998"), (True, "4997")])
def test_whether_refused_calls_count(sandbox: Sandbox, counts: bool, left: str) -> None:  # noqa: FBT001 - a switch
    """Nobody knows whether a 429 uses up the day; the switch decides."""
    exact = start(sandbox, minute_limit=1, refused_calls_count=counts)
    exact.send("GET", "system/Divisions")
    exact.send("GET", "system/Divisions")
    sandbox.clock(now="2026-11-02T09:01:30Z")
    assert rate_headers(exact.send("GET", "system/Divisions"))["remaining"] == left


def test_a_scaled_minute(sandbox: Sandbox) -> None:
    """With a minute in a second the minute's end is within a second of the Date header."""
    sandbox.reset(now=START, time_scale=60, exact_online={"minute_limit": 1})
    exact = Exact(sandbox)
    answer = exact.send("GET", "system/Divisions")
    moment = int(rate_headers(answer)["minutely-reset"]) / 1000
    assert 0 <= moment - 1793610005 <= 3
    sandbox.clock(seconds=1)
    assert exact.send("GET", "system/Divisions").status_code == 200


def test_limits_can_be_off(sandbox: Sandbox) -> None:
    """Without limits nothing is refused and no header tells any."""
    exact = start(sandbox, limits=False, minute_limit=1)
    answers = [exact.send("GET", "system/Divisions") for _ in range(3)]
    assert [(answer.status_code, rate_headers(answer)) for answer in answers] == [(200, {})] * 3


def test_ten_errors_block_an_endpoint(sandbox: Sandbox) -> None:
    """After ten 4xx answers an endpoint is blocked for an hour, others are not; the next time for longer."""
    exact = start(sandbox)
    path = f"crm/Accounts(guid'{NOWHERE}')"
    assert [exact.send("GET", path).status_code for _ in range(11)] == [404] * 10 + [403]
    assert refusal(exact.send("GET", "crm/Accounts", filter="x"))[0] == 403
    assert exact.send("GET", "system/Divisions").status_code == 200
    sandbox.clock(seconds=3601)
    exact.sign_in_again()
    assert [exact.send("GET", path).status_code for _ in range(11)] == [404] * 10 + [403]
    sandbox.clock(seconds=3601)
    exact.sign_in_again()
    assert exact.send("GET", path).status_code == 403
    sandbox.clock(seconds=3601)
    exact.sign_in_again()
    assert exact.send("GET", path).status_code == 404


def test_business_errors_do_not_block(sandbox: Sandbox) -> None:
    """Validation answers 500, which is not counted; so does a block that is switched off or to 429."""
    exact = start(sandbox)
    assert {exact.send("POST", "crm/Accounts", {}).status_code for _ in range(12)} == {500}
    exact = start(sandbox, error_limit=0)
    assert {exact.send("GET", "crm/Accounts").status_code for _ in range(12)} == {400}
    exact = start(sandbox, error_limit=1, error_block_status=429)
    assert [exact.send("GET", "crm/Accounts").status_code for _ in range(2)] == [400, 429]
