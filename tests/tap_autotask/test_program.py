"""The tap as a program of its own: discovery and run, exit codes, what stays out of its output."""

from __future__ import annotations

import json
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_autotask.tap import TapAutotask
from tests.tap_autotask.on_sandbox import Program, messages

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.conftest import Sandbox


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path) -> Program:
    found = Program(sandbox, tmp_path)
    found.select("expanded_invoices", TapAutotask(config={}, validate_config=False).catalog_dict)
    return found


def of_kind(text: str, kind: str) -> list[dict[str, Any]]:
    return [message for message in messages(text) if message["type"] == kind]


def until_record(running: subprocess.Popen[str], number: int) -> str:
    """Read from a program until so many records came."""
    assert running.stdout
    lines: list[str] = []
    while sum('"RECORD"' in line for line in lines) < number:
        lines.append(running.stdout.readline())
    return "".join(lines)


def rest_of(running: subprocess.Popen[str], timeout: float) -> str:
    """Read what a program still writes until it ends, which it has to do in time."""
    assert running.stdout
    threading.Timer(timeout, running.kill).start()
    return running.stdout.read()


def test_discovery_and_run_as_meltano_does_them(sandbox: Sandbox, program: Program) -> None:
    """Two processes; without metadata discovery costs nothing, and all together it stays within the budget."""
    sandbox.reset(companies=150, invoices=400)
    program.select("expanded_invoices", program.discover())
    assert sandbox.calls() == []
    done = program.sync()
    assert done.returncode == 0
    assert len(of_kind(done.stdout, "RECORD")) == 400
    assert len(sandbox.calls()) <= 40
    sandbox.clear_calls()
    again = program.sync(of_kind(done.stdout, "STATE")[-1]["value"])
    assert of_kind(again.stdout, "RECORD") == []
    assert len(sandbox.calls()) <= 10


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_with_its_own_exit_code_and_the_state(
    sandbox: Sandbox, program: Program, number: signal.Signals, code: int
) -> None:
    """While it waits for Autotask the tap stops at once, with a state for all it wrote; a next run reads the rest."""
    sandbox.reset(invoices=600)
    ids = sorted(row["id"] for row in sandbox.state("autotask")["Invoices"])
    sandbox.fault(kind="delay", seconds=8, system="autotask", path="Invoices/query", nth=3)
    with program.start() as running:
        text = until_record(running, 500)
        time.sleep(0.05)
        running.send_signal(number)
        text += rest_of(running, timeout=5)
    assert running.returncode == code
    state = of_kind(text, "STATE")[-1]["value"]
    read = [message["record"]["id"] for message in of_kind(text, "RECORD")]
    assert read == ids[:500]
    assert state["bookmarks"]["expanded_invoices"]["replication_key_value"] == read[-1]
    sandbox.clear_faults()
    later = [message["record"]["id"] for message in of_kind(program.sync(state).stdout, "RECORD")]
    assert read + later == ids


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_signal_while_the_target_is_slow_leaves_no_half_line(
    sandbox: Sandbox, program: Program, unbuffered: str
) -> None:
    """Where the pipe is full the tap finishes its line first: each line is whole and covered by the state."""
    sandbox.reset(invoices=300)
    with program.start(PYTHONUNBUFFERED=unbuffered) as running:
        text = until_record(running, 5)
        time.sleep(0.05)
        running.send_signal(signal.SIGTERM)
        text += rest_of(running, timeout=20)
    assert running.returncode == 143
    records = of_kind(text, "RECORD")
    state = of_kind(text, "STATE")[-1]["value"]
    assert 5 <= len(records) < 300
    assert state["bookmarks"]["expanded_invoices"]["replication_key_value"] == records[-1]["record"]["id"]


def test_no_secret_is_in_any_output(sandbox: Sandbox, program: Program) -> None:
    """Neither messages nor logs, also at the most talkative level and in an error, hold secret or integration code."""
    sandbox.fault(
        kind="error",
        system="autotask",
        path="Invoices/query",
        times=9,
        body={"errors": ["no: sandbox-secret SANDBOXINTEGRATIONCODE00001"]},
    )
    done = program.sync()
    assert done.returncode == 1
    assert "no: *** ***" in done.stderr
    for secret in ("sandbox-secret", "SANDBOXINTEGRATIONCODE00001"):
        assert secret not in done.stdout + done.stderr


def test_a_wrong_setting_ends_with_1(sandbox: Sandbox, tmp_path: Path) -> None:
    """The log names the value, and nothing is emitted."""
    done = Program(sandbox, tmp_path, start_date="gisteren").run()
    assert (done.returncode, done.stdout) == (1, "")
    assert "gisteren" in done.stderr


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"page_size": 501}, "page_size"),
        ({"web_url_template": "{customer}"}, "web_url_template"),
        ({"api_url": "https://me:secret@webservices2.autotask.net/"}, "api_url"),
        ({"username": None}, "'username' is a required property"),
        ({"extra_entities": ["configuration items"]}, "extra_entities"),
        ({"filters": {"invoices": [{"op": "=="}]}}, "'=='"),
    ],
)
def test_settings_are_checked_before_anything_is_sent(changes: dict[str, Any], told: str) -> None:
    """Each error names the setting, or the value, that has to change."""
    with pytest.raises(ConfigValidationError) as error:
        TapAutotask(config={"username": "u", "secret": "s", "integration_code": "c", **changes})
    assert told in " ".join(error.value.errors)


def test_discovery_tells_what_is_wrong(sandbox: Sandbox, tmp_path: Path) -> None:
    """An entity that does not exist is one line in the log, not a traceback."""
    done = Program(sandbox, tmp_path, extra_entities=["Qoutes"]).run("--discover")
    assert done.returncode == 1
    assert "Did you mean Quotes?" in done.stderr
    assert "Traceback" not in done.stderr


def test_about_tells_all_settings(sandbox: Sandbox, tmp_path: Path) -> None:
    """Batches, which would go past the pipe, are not offered."""
    about = json.loads(Program(sandbox, tmp_path).run("--about", "--format=json").stdout)
    assert {"catalog", "state", "discover", "about", "stream-maps", "structured-logging"} <= set(about["capabilities"])
    assert "batch" not in about["capabilities"]
    assert "batch_config" not in about["settings"]["properties"]
    assert about["settings"]["properties"]["secret"]["secret"] is True
