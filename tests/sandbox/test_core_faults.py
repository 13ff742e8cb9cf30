"""Faults as a client meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox.faults import Fault, Faults
from tests.sandbox.autotask_calls import call, item

if TYPE_CHECKING:
    from tests.conftest import Sandbox

OWN = {"id": 0, "city": "Delft"}


def city(sandbox: Sandbox) -> str:
    """Return what a PATCH of `OWN` changes."""
    found: str = item(sandbox, "Companies", 0)["city"]
    return found


def test_error_before_the_work(sandbox: Sandbox) -> None:
    """An error comes instead of the work, with the status, body and headers that were ordered."""
    before = city(sandbox)
    sandbox.fault(kind="error", method="PATCH", status=503, body={"errors": ["busy"]}, headers={"Retry-After": "7"})
    answer = call(sandbox, "PATCH", "Companies", OWN)
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (503, {"errors": ["busy"]}, "7")
    assert city(sandbox) == before


def test_error_after_the_work(sandbox: Sandbox) -> None:
    """An error after commit hides an answer to work that was done; a text is sent as it is."""
    sandbox.fault(kind="error_after_commit", method="PATCH", body="<html>")
    answer = call(sandbox, "PATCH", "Companies", OWN)
    assert (answer.status_code, answer.text) == (500, "<html>")
    assert city(sandbox) == "Delft"


@pytest.mark.parametrize(("kind", "done"), [("drop", False), ("drop_after_commit", True)])
def test_drop(sandbox: Sandbox, kind: str, *, done: bool) -> None:
    """A dropped connection gives no answer at all, before or after the work; the record has no status."""
    sandbox.fault(kind=kind, method="PATCH")
    with pytest.raises(requests.ConnectionError):
        call(sandbox, "PATCH", "Companies", OWN)
    assert (city(sandbox) == "Delft") is done
    assert [call["status"] for call in sandbox.calls()] == [None, 200]


def test_truncate(sandbox: Sandbox) -> None:
    """A truncated body is shorter than its length promised, which a client notices."""
    full = call(sandbox, "GET", "Companies/0")
    sandbox.fault(kind="truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        call(sandbox, "GET", "Companies/0")
    cut = sandbox.calls()[-1]
    assert (cut["status"], cut["response_bytes"]) == (200, len(full.content) // 2)


def test_delay(sandbox: Sandbox) -> None:
    """A delay only takes time, and another fault may strike the same request."""
    sandbox.fault(kind="delay", seconds=0.05)
    sandbox.fault(kind="error", status=502)
    answer = call(sandbox, "GET", "Companies/0")
    assert answer.status_code == 502
    assert answer.elapsed.total_seconds() >= 0.05


def test_order_by_system_method_and_path(sandbox: Sandbox) -> None:
    """A fault strikes only what it is about, from the n-th matching request on, so many times."""
    sandbox.fault(kind="error", system="autotask", method="get", path="COMPANIES", nth=2, times=2)
    sandbox.fault(kind="error", system="exact_online")
    paths = ["Companies/0", "Currencies/1", "Companies/0", "Companies/0", "Currencies/1", "Companies/0"]
    assert [call(sandbox, "GET", path).status_code for path in paths] == [200, 200, 500, 500, 200, 200]


def test_faults_are_forgotten(sandbox: Sandbox) -> None:
    """Faults end when they are cleared, and at a reset."""
    sandbox.fault(kind="error", times=100)
    sandbox.clear_faults()
    assert call(sandbox, "GET", "Companies/0").status_code == 200
    sandbox.fault(kind="error", times=100)
    sandbox.reset()
    assert call(sandbox, "GET", "Companies/0").status_code == 200


@given(nth=st.integers(1, 5), times=st.integers(1, 5))
def test_which_requests_are_struck(nth: int, times: int) -> None:
    """Of matching requests those from the n-th on are struck, so many as ordered."""
    faults = Faults()
    faults.add(Fault(kind="drop", nth=nth, times=times))
    struck = [number for number in range(1, 15) if faults.due("autotask", "GET", "/x")]
    assert struck == list(range(nth, nth + times))
