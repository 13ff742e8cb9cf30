"""What goes through each pipe of tap | mapper | target, as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo import environment
from tests.e2e.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from tests.conftest import Sandbox

LINE = ("Description", "Quantity", "NetPrice", "AmountFC", "VATCode", "CostCenter")


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> Project:
    """Three ordinary invoices on a day that is always the same."""
    sandbox.reset(companies=12, invoices=3, planted=False, now="2026-11-02T09:00:00Z")
    return Project(sandbox, tmp_path, environment(sandbox.url, tmp_path))


def _messages(path: Path, origin: str) -> list[dict[str, Any]]:
    text = path.read_text().replace(origin, "https://autotask.example")
    return [json.loads(line) for line in text.splitlines()]


def _outline(message: dict[str, Any]) -> str:
    """A record by its key, a state in full: what a reader needs to see of the first pipe."""
    if message["type"] == "RECORD":
        record = message["record"]
        lines = [(item["id"], item["billing_code"]["name"]) for item in record["billing_items"]]
        return f"RECORD {message['stream']} {record['id']} of {record['offered']}: {lines}"
    if message["type"] == "SCHEMA":
        return f"SCHEMA {message['stream']} by {message['key_properties']}"
    return f"STATE {json.dumps(_without_clock(message['value']), sort_keys=True)}"


def _without_clock(state: dict[str, Any]) -> dict[str, Any]:
    """Leave out the moment of reading: the sandbox's clock runs on."""
    return {
        "bookmarks": {
            stream: {name: value for name, value in bookmark.items() if name != "upper_bound"}
            for stream, bookmark in state["bookmarks"].items()
        }
    }


def test_what_goes_through_each_pipe(project: Project, snapshot: SnapshotAssertion) -> None:
    """Records, documents, the state that is printed and what is booked are those that were reviewed."""
    documents, origin = project.documents(), project.sandbox.url
    assert project.load(documents).wait(timeout=60) == 0, (project.folder / "target.log").read_text()
    booked = project.sandbox.state("exact_online")
    assert [_outline(message) for message in _messages(project.folder / "records.singer", origin)] == snapshot(
        name="records"
    )
    assert [message["record"] for message in _messages(documents, origin) if message["type"] == "RECORD"] == snapshot(
        name="documents"
    )
    assert _without_clock(_messages(project.folder / "state.jsonl", origin)[-1]) == snapshot(name="state")
    assert [
        (row["YourRef"], str(row["AmountFC"]), str(row["VATAmountFC"])) for row in booked["SalesInvoices"]
    ] == snapshot(name="booked")
    assert [{name: str(row.get(name)) for name in LINE} for row in booked["SalesInvoiceLines"]] == snapshot(
        name="lines"
    )
