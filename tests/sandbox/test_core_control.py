"""The control routes: what tests and people steer the sandbox with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from tests.conftest import Sandbox


def test_calls_are_recorded_in_order(sandbox: Sandbox) -> None:
    """Every request to a system is recorded with what it was and what it got."""
    requests.get(f"{sandbox.url}/ATServicesRest/VersionInformation?a=b%20c", timeout=5)
    requests.post(f"{sandbox.url}/atservicesrest/nothing", data=b"12345", timeout=5)
    first, second = sandbox.calls("autotask")
    assert first | {"at": ""} == {
        "system": "autotask",
        "method": "GET",
        "path": "/ATServicesRest/VersionInformation",
        "query": "a=b c",
        "status": 200,
        "request_bytes": 0,
        "response_bytes": 23,
        "at": "",
    }
    assert (second["method"], second["status"], second["request_bytes"]) == ("POST", 404, 5)
    sandbox.clear_calls()
    assert sandbox.calls() == []
