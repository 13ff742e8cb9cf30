"""Stopped by a signal: the run ends non-zero, the document in hand is settled or unknown, the next run finishes."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from sandbox.demo import compare

if TYPE_CHECKING:
    import subprocess

    from tests.e2e.project import Project

INVOICES = "/salesinvoice/SalesInvoices"
LEFT_OUT = [f"D{10_000 + number}" for number in (1, 2, *range(5, 13))]
"""Customers whose invoices only make up the numbers."""


def _wait_for_writes(project: Project, run: subprocess.Popen[str], count: int) -> None:
    for _ in range(600):
        if len(project.writes()) >= count:
            return
        assert run.poll() is None, run.communicate()[0]
        time.sleep(0.05)
    pytest.fail(f"nothing was written within 30 seconds: {project.end()}")


def _process_of(run: subprocess.Popen[str], program: str) -> psutil.Process:
    if program == "meltano":
        return psutil.Process(run.pid)
    (found,) = (
        child
        for child in psutil.Process(run.pid).children(recursive=True)
        if any(program in part for part in child.cmdline())
    )
    return found


_ABSENT: set[str] = set()


def _left_by_a_run_of_its_own(project: Project) -> set[str]:
    """Return what the runs that ended well leave out, which one more run does not change; that is asked once."""
    if not _ABSENT:
        project.meltano_run()
        _, wrong, absent = compare(project.sandbox.state("autotask")["Invoices"], project.booked())
        assert wrong == []
        _ABSENT.update(absent)
    return _ABSENT


CASES = [
    ("tap-autotask", signal.SIGTERM),
    ("mapper-autotask-exact", signal.SIGTERM),
    ("target-exact-online", signal.SIGTERM),
    ("target-exact-online", signal.SIGINT),
    ("meltano", signal.SIGTERM),
    ("meltano", signal.SIGINT),
]


@pytest.mark.parametrize(("program", "number"), CASES)
def test_a_stopped_run_fails_and_the_next_one_finishes(project: Project, program: str, number: signal.Signals) -> None:
    """A signal to any one of the programs makes the run fail, and the next run books the rest, all of it once.

    The second page of invoices comes late, so that tap and mapper are still at work when the target writes.
    """
    project.reset(companies=12, invoices=510)
    project.with_settings(skip=[{"company_number": LEFT_OUT}])
    project.sandbox.fault(
        system="exact_online", method="POST", path=INVOICES, nth=1, times=1000, kind="delay", seconds=0.05
    )
    project.sandbox.fault(
        system="autotask", method="POST", path="/Invoices/query", nth=1, times=1000, kind="delay", seconds=4.0
    )
    run = project.start("meltano", "run", "invoices-to-exact-online")
    _wait_for_writes(project, run, 2)
    os.kill(_process_of(run, program).pid, number)
    output, _ = run.communicate(timeout=120)
    assert run.returncode != 0, output
    project.sandbox.clear_faults()
    project.meltano_run()
    _, wrong, absent = compare(project.sandbox.state("autotask")["Invoices"], project.booked())
    assert wrong == []
    assert set(absent) == _left_by_a_run_of_its_own(project)
