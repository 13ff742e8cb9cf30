"""The job as its users run it, on machines of other zones; the target killed, and two of them at once."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.forked import started
from tests.e2e.project import BIN
from tests.pipeline.payment_dates import STREAM, PaymentDates, wanted
from tests.pipeline.running import going_on
from tests.tap_exact_online.running import Run, sandbox_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Sandbox
    from tests.e2e.project import Project

JOB = "payment-dates-to-autotask"
TARGET = "target_autotask.target:TargetAutotask"
NOW = "2026-11-02T09:00:00Z"


def differences(job: PaymentDates) -> list[tuple[int, str | None, str | None]]:
    """Return the invoices whose date in Autotask is not the true one: id, held, true."""
    held = job.held()
    return [(key, held[key], wanted(told)) for key, told in job.truth().items() if held[key] != wanted(told)]


@pytest.fixture
def california(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Returns what moves this process to California."""

    def move() -> None:
        monkeypatch.setenv("TZ", "America/Los_Angeles")
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_the_job_on_machines_of_other_zones(project: Project, tmp_path: Path, california: Callable[[], None]) -> None:
    """Clocks in New Zealand and California give the same calendar days, also when summer time ends and at midnight."""
    project.sandbox.reset(companies=40, invoices=80, payments=True, now=NOW, exact_online={"minute_limit": 10_000})
    job = PaymentDates(project.sandbox, tmp_path)
    first = project.meltano_run(JOB, TZ="Pacific/Auckland")
    assert differences(job) == [], first.stdout
    days = ("2026-10-24", "2026-10-25", "2026-10-26", "2026-10-31", "2026-11-01")
    still_open = [told for told in job.truth().values() if told["state"] == "open" and told["amount"] > 0]
    chosen = [told["reference"] for told in still_open if told["entry_id"]][: len(days)]
    assert len(chosen) == len(days)
    for name, day in zip(chosen, days, strict=True):
        project.sandbox.payments("pay", {name: None}, date=day)
    california()
    going_on(project, JOB).run(JOB)
    assert differences(job) == []
    written = {told["settled_on"] for told in job.truth().values() if told["reference"] in chosen}
    assert written == set(days)
    shown = project.run("transfers", "receivables", "--limit", "0").stdout
    assert "over 90" in shown
    assert "partly paid" in shown


@pytest.fixture
def offered(sandbox: Sandbox, tmp_path: Path) -> PaymentDates:
    """Half a year of payments as the target is given it, in a file, and each write taking its time."""
    sandbox.reset(companies=40, invoices=80, payments=True, now=NOW, exact_online={"minute_limit": 10_000})
    job = PaymentDates(sandbox, tmp_path)
    tap = Run(sandbox_settings(sandbox, tmp_path), [STREAM])
    (tmp_path / "documents.singer").write_bytes(b"".join(job.mapped(tap)))
    (tmp_path / "target.json").write_text(json.dumps(job.config()))
    sandbox.fault(system="autotask", method="PATCH", path="Invoices", nth=1, times=10_000, kind="delay", seconds=0.02)
    return job


def start(job: PaymentDates) -> subprocess.Popen[bytes]:
    """Start the target on the file."""
    log, states = (job.folder / "target.log").open("a"), (job.folder / "states.jsonl").open("w")
    with (job.folder / "documents.singer").open() as source, log, states:
        command = [str(BIN / "target-autotask"), "--config", str(job.folder / "target.json")]
        return subprocess.Popen(command, stdin=source, stdout=states, stderr=log)


def patches(job: PaymentDates) -> int:
    return sum(call["method"] == "PATCH" for call in job.sandbox.calls("autotask"))


def needed(job: PaymentDates) -> int:
    """Return how many dates have to be written: those that nobody wrote."""
    return sum(bool(wanted(told)) and not told["dated_by_hand"] for told in job.truth().values())


def test_killed_at_random_instants(offered: PaymentDates) -> None:
    """However often it is killed, the last run ends in the truth, and a kill costs one write more at most."""
    chance, kills = random.Random(4), 8
    for _ in range(kills):
        run = started(TARGET, offered.config(), offered.folder / "documents.singer")
        time.sleep(chance.uniform(0.1, 1.0))
        run.kill()
        run.join(timeout=10)
    assert start(offered).wait(timeout=60) in {0, 1}
    assert differences(offered) == []
    assert needed(offered) <= patches(offered) <= needed(offered) + kills
    assert {entry.state for entry in offered.entries()} <= {"transferred", "skipped", "failed"}


def test_a_signal_ends_it_in_good_order(offered: PaymentDates) -> None:
    """On SIGTERM the write in hand is finished; what was not offered yet stands in the state, to be read again."""
    run = start(offered)
    while patches(offered) < 3:
        time.sleep(0.05)
    run.terminate()
    assert run.wait(timeout=20) == 128 + signal.SIGTERM
    state = json.loads((offered.folder / "states.jsonl").read_text().splitlines()[-1])
    still_open = set(state["bookmarks"][STREAM]["open"])
    settled = {entry.source_id for entry in offered.entries("transferred", "skipped")}
    lines = (offered.folder / "documents.singer").read_text().splitlines()
    records = [message["record"] for message in map(json.loads, lines) if message["type"] == "RECORD"]
    assert {record["source"]["id"] for record in records} == still_open | settled
    assert start(offered).wait(timeout=60) in {0, 1}
    assert differences(offered) == []


def test_two_at_once_write_each_date_once(offered: PaymentDates) -> None:
    """The second waits for the first, and finds nothing left to write."""
    runs = [start(offered), start(offered)]
    assert all(run.wait(timeout=100) in {0, 1} for run in runs)
    assert differences(offered) == []
    assert patches(offered) == needed(offered)
