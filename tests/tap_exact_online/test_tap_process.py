from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from click.testing import CliRunner

from tap_exact_online.tap import TapExactOnline
from tests.tap_exact_online.bookings import book_everything, client_of
from tests.tap_exact_online.running import sandbox_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Sandbox

TAP = (sys.executable, "-m", "tap_exact_online")


def write(path: Path, content: Any) -> str:
    path.write_text(json.dumps(content))
    return str(path)


def catalog(folder: Path, config: str, *streams: str) -> str:
    """Discover, as Meltano does before a run, and select."""
    found = json.loads(subprocess.run([*TAP, "--config", config, "--discover"], check=True, capture_output=True).stdout)
    for entry in found["streams"]:
        root = next(each for each in entry["metadata"] if not each["breadcrumb"])
        root["metadata"]["selected"] = entry["tap_stream_id"] in streams
    return write(folder / "catalog.json", found)


def test_it_works_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    """With a catalog and a state on disk, every line is one a target can take, and the next run has nothing to tell."""
    book_everything(client_of(sandbox, tmp_path), sandbox)
    config = write(tmp_path / "config.json", sandbox_settings(sandbox, tmp_path))
    streams = ("accounts", "expanded_accounts", "sales_invoices", "sales_entries", "deleted")
    command = [*TAP, "--config", config, "--catalog", catalog(tmp_path, config, *streams)]
    first = subprocess.run(command, check=True, capture_output=True)
    state = consume(first.stdout, set(streams))
    second = subprocess.run(
        [*command, "--state", write(tmp_path / "state.json", state)], check=True, capture_output=True
    )
    assert not [line for line in second.stdout.splitlines() if b'"RECORD"' in line]
    assert b"refresh" not in first.stderr + second.stderr


def consume(lines: bytes, streams: set[str]) -> Any:
    """Do what a target does: check each record against the schema that came before it, and keep the last state."""
    validators: dict[str, Any] = {}
    state, told = None, set()
    for message in map(json.loads, lines.splitlines()):
        match message["type"]:
            case "SCHEMA":
                validators[message["stream"]] = jsonschema.Draft202012Validator(message["schema"])
            case "RECORD":
                validators[message["stream"]].validate(message["record"])
                told.add(message["stream"])
            case "STATE":
                state = message["value"]
    assert told == streams
    return state


def test_a_wrong_setting_is_told_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Discovery with an endpoint that does not exist fails with its name and a hint, without a traceback."""
    config = write(tmp_path / "config.json", {"extra_endpoints": ["crm/Oportunities"]})
    run = CliRunner().invoke(TapExactOnline.cli, ["--config", config, "--discover"])
    assert run.exit_code == 1
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "no endpoint 'crm/Oportunities'. Did you mean crm/Opportunities" in errors[-1].getMessage()
    assert all(record.exc_info is None for record in errors)


def test_a_second_signal_does_not_wait() -> None:
    """Who presses Ctrl-C twice means it."""
    tap = TapExactOnline(config={"division": 1, "client_id": "c", "client_secret": "s"})
    tap._handle_termination(signal.SIGINT, None)
    with pytest.raises(SystemExit) as end:
        tap._handle_termination(signal.SIGINT, None)
    assert end.value.code == 130


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_calls(sandbox: Sandbox, count: int) -> None:
    """Wait until the tap has made so many calls."""
    until = time.monotonic() + 30
    while len(sandbox.calls("exact_online")) < count:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_while_it_waits_for_the_next_minute(
    sandbox: Sandbox, tmp_path: Path, signum: signal.Signals, code: int
) -> None:
    """A tap that has used its calls leaves at once when it is told to, with a whole last line and an honest code."""
    sandbox.reset(exact_online={"minute_limit": 4}, now="2026-11-02T09:00:05Z")
    config = write(tmp_path / "config.json", sandbox_settings(sandbox, tmp_path, skip_forbidden=True))
    with running([*TAP, "--config", config]) as process:
        wait_for_calls(sandbox, 5)
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signum)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert time.monotonic() - began < 10
    assert json.loads(out.splitlines()[-1])["type"] == "STATE"
