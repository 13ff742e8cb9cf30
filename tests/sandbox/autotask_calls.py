"""Calls to the Autotask half as any client makes them: plain requests, nothing of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from tests.conftest import Sandbox

ALL = {"filter": [{"op": "exist", "field": "id"}]}
JSON = dict[str, Any]


def call(
    sandbox: Sandbox, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> requests.Response:
    """Send a signed-in request below ``/ATServicesRest/V1.0/``."""
    return requests.request(
        method,
        f"{sandbox.url}/ATServicesRest/V1.0/{path}",
        json=body,
        headers=sandbox.autotask_headers | (headers or {}),
        timeout=20,
    )


def items(sandbox: Sandbox, entity: str, *conditions: JSON, **more: Any) -> list[JSON]:
    """Return the rows of one page of a POST query."""
    answer = call(sandbox, "POST", f"{entity}/query", {"filter": list(conditions) or ALL["filter"], **more})
    assert answer.status_code == 200, answer.text
    found: list[JSON] = answer.json()["items"]
    return found


def ids(sandbox: Sandbox, entity: str, *conditions: JSON, **more: Any) -> list[int]:
    """Return the ids of one page of a POST query."""
    return [row["id"] for row in items(sandbox, entity, *conditions, **more)]


def item(sandbox: Sandbox, entity: str, row_id: int) -> JSON:
    """Return one row."""
    answer = call(sandbox, "GET", f"{entity}/{row_id}")
    assert answer.status_code == 200, answer.text
    found: JSON = answer.json()["item"]
    return found


def refused(answer: requests.Response, status: int = 500) -> list[str]:
    """Return the texts of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    texts: list[str] = answer.json()["errors"]
    return texts
