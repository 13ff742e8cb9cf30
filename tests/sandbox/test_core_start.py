"""Starting the sandbox: command line, scenario, clock."""

from __future__ import annotations

import datetime as dt
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from sandbox.__main__ import _ports, main, parse
from sandbox.app import Sandbox
from sandbox.clock import Clock
from sandbox.options import OptionsError, merge, read

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
def test_loopback_hosts(host: str) -> None:
    """The sandbox listens on this machine."""
    assert parse(["--host", host]).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])  # noqa: S104
def test_other_hosts_are_refused(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its secrets are made up and anybody could steer it: nobody else may reach it."""
    with pytest.raises(SystemExit) as stop:
        parse(["--host", host])
    assert stop.value.code == 2
    assert "no loopback address" in capsys.readouterr().err


def test_scenario_file(tmp_path: Path) -> None:
    """A scenario is YAML or JSON."""
    for name, text in (
        ("a.yml", "seed: 7\nautotask:\n  threads: 2\n"),
        ("a.json", '{"seed":7,"autotask":{"threads":2}}'),
    ):
        path = tmp_path / name
        path.write_text(text)
        assert read(path) == {"seed": 7, "autotask": {"threads": 2}}


@pytest.mark.parametrize("text", ["- 1", "a: [", ""])
def test_spoiled_scenario(tmp_path: Path, text: str) -> None:
    """A scenario that can not be read is told with its path."""
    path = tmp_path / "scenario.yml"
    path.write_text(text)
    with pytest.raises(OptionsError, match=r"scenario\.yml"):
        read(path)


def test_wrong_scenario_stops_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, or a wrong option in it, ends with exit code 2 and one line."""
    assert main(["--scenario", str(tmp_path / "none.yml")]) == 2
    assert "none.yml" in capsys.readouterr().err
    (tmp_path / "s.yml").write_text("autotask: {lock_out: never}")
    assert main(["--scenario", str(tmp_path / "s.yml")]) == 2
    assert "$.lock_out" in capsys.readouterr().err


def test_options_of_a_system_are_merged() -> None:
    """A reset changes single options of a system and keeps the others of the start."""
    base = {"seed": 1, "autotask": {"threads": 2, "lock_out": 5}}
    assert merge(base, {"seed": 3, "autotask": {"threads": 4}}) == {
        "seed": 3,
        "autotask": {"threads": 4, "lock_out": 5},
    }


def test_scenario_holds_until_a_reset_changes_it() -> None:
    """A reset starts from the scenario of the start, not from the reset before."""
    sandbox = Sandbox({"companies": 12, "invoices": 2})
    sandbox.reset({"invoices": 3})
    assert sandbox.context.options.invoices == 3
    sandbox.reset({})
    assert (sandbox.context.options.companies, sandbox.context.options.invoices) == (12, 2)


def test_clock_scales_spans_not_itself() -> None:
    """With a time scale windows are shorter; the clock itself runs as clocks do."""
    clock = Clock(dt.datetime(2026, 11, 2, tzinfo=dt.UTC), time_scale=60)
    assert clock.span(60) == 1
    assert clock.today() == dt.date(2026, 11, 2)
    before = clock.epoch()
    clock.move(60)
    assert 60 <= clock.epoch() - before < 61


def test_program(tmp_path: Path) -> None:
    """The program serves on its port with its scenario until it is told to stop."""
    scenario = tmp_path / "scenario.yml"
    scenario.write_text("companies: 12\ninvoices: 3\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--seed", "5", "--scenario", str(scenario)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == f"sandbox: http://127.0.0.1:{port}/_sandbox/\n"
        globe = process.stdout.readline().removeprefix("Exact Globe: ").strip()
        answer = _reset(f"http://127.0.0.1:{port}/_sandbox/reset")
        assert requests.get(f"{globe}/VAT", timeout=5).status_code == 401
        process.terminate()
    assert (answer["seed"], answer["invoices"]) == (5, 3)


def test_ports() -> None:
    """Exact Globe's port goes with the usual one, is free beside another, and can be told."""
    assert [_ports(parse(given)) for given in ([], ["--port", "9000"], ["--port", "9000", "--globe-port", "9001"])] == [
        (8765, 8766),
        (9000, 0),
        (9000, 9001),
    ]


def test_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that somebody listens on is named, and the program ends."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", "0", "--globe-port", str(port)]) == 2
    assert str(port) in capsys.readouterr().err


def _reset(url: str) -> dict[str, object]:
    for _ in range(200):
        try:
            found: dict[str, object] = requests.post(url, json={}, timeout=5).json()
        except requests.ConnectionError:
            time.sleep(0.02)
        else:
            return found
    raise AssertionError("the sandbox did not answer")
