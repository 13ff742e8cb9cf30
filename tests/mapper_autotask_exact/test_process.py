"""The mapper as a program: its exit code, and its last words."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.mapper_autotask_exact.records import config, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

encoder = msgspec.json.Encoder(decimal_format="number")
RECORD = encoder.encode({"type": "RECORD", "stream": "expanded_invoices", "record": record()}) + b"\n"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the mapper with settings; it is stopped in the end."""
    started: list[subprocess.Popen[bytes]] = []

    def run(**changes: Any) -> subprocess.Popen[bytes]:
        path = tmp_path / "config.json"
        path.write_text(json.dumps(config(**changes)))
        command = [sys.executable, "-m", "mapper_autotask_exact", "--config", str(path)]
        pipes = subprocess.PIPE
        started.append(subprocess.Popen(command, stdin=pipes, stdout=pipes, stderr=pipes, bufsize=0))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def feed(process: subprocess.Popen[bytes], lines: bytes) -> None:
    """Hand lines to the mapper and leave its input open."""
    assert process.stdin is not None
    process.stdin.write(lines)
    process.stdin.flush()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_mapper_with_its_own_exit_code(
    start: Callable[..., subprocess.Popen[bytes]], number: signal.Signals
) -> None:
    """Stopped while it waits for input, the mapper exits with 128 plus the signal, so that Meltano sees a failure."""
    process = start()
    feed(process, RECORD)
    assert process.stdout is not None
    assert process.stdout.read(10)
    process.send_signal(number)
    assert process.wait(timeout=60) == 128 + number


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_line_in_hand_is_written_whole(
    start: Callable[..., subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, unbuffered: str
) -> None:
    """Stopped while the target is not reading, the mapper completes the line it is writing and no more."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    process = start()
    big = encoder.encode({"type": "RECORD", "stream": "notes", "record": {"text": "x" * 300_000}}) + b"\n"
    feed(process, big + RECORD)
    assert process.stdout is not None
    start_of_line = process.stdout.read(1000)
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=60)
    lines = (start_of_line + rest).splitlines(keepends=True)
    assert lines[0] == big
    assert all(line.endswith(b"\n") for line in lines)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_target_that_stops_reading_is_an_error(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    """When nobody reads any more, the mapper says so in one line and exits with 1."""
    process = start()
    assert process.stdout is not None
    process.stdout.close()
    feed(process, RECORD)
    assert process.stderr is not None
    assert process.wait(timeout=60) == 1
    said = process.stderr.read()
    assert b"The target stopped reading" in said
    assert b"Traceback" not in said


def test_bad_settings_stop_it_before_it_reads(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    """With settings that cannot be used the mapper exits with 1 at once and names what is wrong."""
    process = start(form="salesinvoice")
    assert process.wait(timeout=60) == 1
    assert process.stderr is not None
    assert b'invoices.form: "salesinvoice" is none of' in process.stderr.read()


def test_a_whole_run_ends_well(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    """At the end of its input the mapper exits with 0."""
    process = start()
    out, _ = process.communicate(RECORD, timeout=60)
    assert process.returncode == 0
    assert json.loads(out)["stream"] == "sales_invoices"
