"""The tap on the sandbox: in this process, and as a program."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_autotask.tap import TapAutotask

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox


def settings(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """Return settings that reach the sandbox, as the integration has them."""
    return {
        "api_url": f"{sandbox.url}/ATServicesRest",
        "username": "api@demo-msp.example",
        "secret": "sandbox-secret",
        "integration_code": "SANDBOXINTEGRATIONCODE00001",
        "read_metadata": False,
        **changes,
    }


class Reading:
    """One run of the tap for one stream; waits are not waited but remembered.

    Args:
        sandbox: What is read.
        stream: The stream that is selected; None: all.
        state: What the last run left.
        changes: Settings.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        stream: str | None = "expanded_invoices",
        state: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        sandbox.clear_calls()
        self.waits: list[float] = []
        tap = TapAutotask(config=settings(sandbox, **changes), state=json.loads(json.dumps(state or {})))
        tap.client._sleep = self.waits.append
        for each in tap.streams.values():
            each.selected = stream in (None, each.name)
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(out):
            tap.sync_all()
        out.seek(0)
        self.messages = messages(out.read())
        self.records = [message["record"] for message in self.messages if message["type"] == "RECORD"]
        self.ids = [record["id"] for record in self.records]
        states = [message["value"] for message in self.messages if message["type"] == "STATE"]
        self.state: dict[str, Any] = states[-1] if states else {}
        self.calls = sandbox.calls("autotask")


def kinds(calls: list[dict[str, Any]]) -> Counter[str]:
    """Return how often each path was called."""
    return Counter(call["path"].partition("/V1.0/")[2] for call in calls)


def messages(text: str) -> list[dict[str, Any]]:
    """Return the messages of a tap, with money as it was written."""
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


class Program:
    """The tap as a program of its own, as Meltano starts it.

    Args:
        sandbox: What is read.
        folder: Where its files go.
        changes: Settings.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, **changes: Any) -> None:
        self.folder = folder
        (folder / "config.json").write_text(json.dumps(settings(sandbox, **changes)))

    def discover(self) -> dict[str, Any]:
        """Return what discovery prints."""
        catalog: dict[str, Any] = json.loads(self.run("--discover").stdout)
        return catalog

    def select(self, stream: str, catalog: dict[str, Any]) -> None:
        """Select one stream of a catalog for the runs to come."""
        for entry in catalog["streams"]:
            (root,) = (each["metadata"] for each in entry["metadata"] if each["breadcrumb"] in ([], ()))
            root["selected"] = entry["tap_stream_id"] == stream
        (self.folder / "catalog.json").write_text(json.dumps(catalog))

    def sync(self, state: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return self.run(*self._arguments(state))

    def start(self, **environment: str) -> subprocess.Popen[str]:
        """Start, and let the caller read."""
        return subprocess.Popen(
            self._command(*self._arguments(None)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | environment,
        )

    def _arguments(self, state: dict[str, Any] | None) -> list[str]:
        (self.folder / "state.json").write_text(json.dumps(state or {}))
        return ["--catalog", str(self.folder / "catalog.json"), "--state", str(self.folder / "state.json")]

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tap_autotask", "--config", str(self.folder / "config.json"), *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run with these arguments to the end."""
        return subprocess.run(self._command(*arguments), capture_output=True, text=True, check=False, timeout=60)
