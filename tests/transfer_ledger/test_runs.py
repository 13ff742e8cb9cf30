from __future__ import annotations

import datetime as dt
import os
import threading
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from sqlalchemy.exc import OperationalError

from tests.transfer_ledger.remote import ADMINISTRATION
from transfer_ledger.exceptions import StopRun
from transfer_ledger.ledger_run import LedgerRun
from transfer_ledger.locks import NoLock, acquire_within, lock_for
from transfer_ledger.runs import Heartbeat, Run, is_alive, process_start

if TYPE_CHECKING:
    from tests.transfer_ledger.conftest import Clock
    from transfer_ledger.ledger import Ledger

NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
HERE = Run(
    id="a",
    administration="1",
    target="target-fake",
    host="worker-1",
    pid=42,
    process_started=1000.0,
    started_at=NOW,
    heartbeat_at=NOW,
)


@pytest.mark.parametrize(
    ("run", "host", "started", "alive"),
    [
        (HERE, "worker-1", 1000.0, True),
        (HERE, "worker-1", 1000.9, True),
        (HERE, "worker-1", 5000.0, False),
        (HERE, "worker-1", None, False),
        (replace(HERE, heartbeat_at=NOW - dt.timedelta(hours=1)), "worker-1", 1000.0, True),
        (replace(HERE, finished_at=NOW), "worker-1", 1000.0, False),
        (HERE, "worker-2", None, True),
        (replace(HERE, heartbeat_at=NOW - dt.timedelta(seconds=59)), "worker-2", None, True),
        (replace(HERE, heartbeat_at=NOW - dt.timedelta(seconds=60)), "worker-2", None, False),
        (replace(HERE, finished_at=NOW), "worker-2", None, False),
    ],
    ids=[
        "its process is here",
        "its start reads a little differently",
        "its id belongs to another process now",
        "its process is gone",
        "its process is here, however silent",
        "it ended",
        "it is elsewhere and was heard of",
        "it is elsewhere and was heard of just in time",
        "it is elsewhere and silent",
        "it is elsewhere and ended",
    ],
)
def test_who_is_alive(run: Run, host: str, started: float | None, *, alive: bool) -> None:
    """A run is alive by its process on the same host, and by its heartbeat on another."""
    assert is_alive(run, host, NOW, lambda _: started) is alive


def test_process_start_knows_this_process_and_no_ghost() -> None:
    """The start of this process is known, that of a process that does not exist is not."""
    assert process_start(os.getpid()) is not None
    assert process_start(2**22 + 1) is None


def test_run_is_written_down_from_begin_to_end(ledger: Ledger, clock: Clock) -> None:
    """A run can be read back while it works and is no longer at work when it has ended."""
    run = ledger.runs.begin(ADMINISTRATION, "target-fake")
    assert ledger.runs.get(run.id) == run
    assert ledger.runs.at_work(ADMINISTRATION) == [run]
    assert ledger.runs.at_work("another") == []
    clock.move(5)
    ledger.runs.finish(run, {"transferred": 1}, 0)
    assert ledger.runs.at_work(ADMINISTRATION) == []
    ended = ledger.runs.get(run.id)
    assert ended is not None
    assert ended.finished_at == clock.now


def test_heartbeat_shows_life_and_survives_a_busy_ledger(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The heartbeat goes on after a beat that could not be written."""
    beats: list[str] = []
    third = threading.Event()

    def beat(run: Run) -> None:
        beats.append(run.id)
        if len(beats) == 1:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        if len(beats) == 3:
            third.set()

    run = ledger.runs.begin(ADMINISTRATION, "target-fake")
    monkeypatch.setattr(ledger.runs, "beat", beat)
    heartbeat = Heartbeat(ledger.runs, run, seconds=0.001)
    heartbeat.start()
    assert third.wait(timeout=30)
    heartbeat.end()
    assert not heartbeat.is_alive()


def test_beat_is_written(ledger: Ledger, clock: Clock) -> None:
    """A beat moves the moment the run was last heard of."""
    run = ledger.runs.begin(ADMINISTRATION, "target-fake")
    clock.move(15)
    ledger.runs.beat(run)
    heard = ledger.runs.get(run.id)
    assert heard is not None
    assert heard.heartbeat_at == clock.now


def test_lock_is_one_per_administration_and_kind(ledger: Ledger) -> None:
    """A lock keeps out the same kind in the same administration, and nobody else."""
    first, second = (lock_for(ledger.engine, "1/2", "sales_invoices") for _ in range(2))
    other = lock_for(ledger.engine, "1/2", "sales_invoices 'x'")
    assert first.acquire()
    assert not second.acquire()
    assert other.acquire()
    first.release()
    assert second.acquire()
    for lock in (second, other):
        lock.release()


def test_waiting_for_a_lock_ends_with_it_or_with_the_time(ledger: Ledger, clock: Clock) -> None:
    """Waiting takes the lock when it becomes free, and gives up when the time is over or a stop is asked for."""
    held, wanted = (lock_for(ledger.engine, ADMINISTRATION, "sales_invoices") for _ in range(2))
    assert held.acquire()
    began = clock.now
    assert not acquire_within(wanted, 10, wait=clock.move)
    assert clock.now - began == dt.timedelta(seconds=10)
    assert not acquire_within(wanted, 10, wait=clock.move, stopped=lambda: True)
    assert clock.now - began == dt.timedelta(seconds=10)

    def free_it(seconds: float) -> None:
        clock.move(seconds)
        held.release()

    assert acquire_within(wanted, 10, wait=free_it)
    assert clock.now - began == dt.timedelta(seconds=10.5)
    wanted.release()


def test_database_without_a_lock_is_said(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """Where there is no lock to take, the log says that rows are what guards."""
    lock = NoLock(ledger.engine, "1234567/sales_invoices")
    assert lock.acquire()
    lock.release()
    assert "guarded row by row" in caplog.text


def test_end_of_a_run_survives_a_failing_ledger(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When the end of a run cannot be written, its locks are given back all the same."""
    run, again = (LedgerRun(ledger, ADMINISTRATION, "target-fake") for _ in range(2))

    def begin(one: LedgerRun) -> None:
        one.open_kind("sales_invoices", lambda *_: None, 0, doubt_seconds=0, wait=lambda _: None, stopped=lambda: False)

    def full(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("disk is full"))

    begin(run)
    with monkeypatch.context() as failing:
        failing.setattr(ledger.runs, "finish", full)
        run.finish({}, 0)
    assert "could not be written" in caplog.text
    begin(again)
    with pytest.raises(StopRun, match="Another run writes sales_invoices"):
        begin(run)
    again.finish({}, 0)
