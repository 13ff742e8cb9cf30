"""Stopped by a signal: the run ends non-zero, the document in hand is settled or unknown, the next run finishes."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.e2e.project import JOB
from tests.pipeline.running import going_on

if TYPE_CHECKING:
    import subprocess

    from tests.e2e.project import Project

INVOICES = "/salesinvoice/SalesInvoices"


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


CASES = [
    ("tap-autotask", signal.SIGTERM),
    ("mapper-autotask-exact", signal.SIGTERM),
    ("target-exact-online", signal.SIGTERM),
    ("target-exact-online", signal.SIGINT),
    ("meltano", signal.SIGTERM),
    ("meltano", signal.SIGINT),
]
AS_PROGRAMS = CASES[2]
"""After this one Meltano makes the next run too; after the others it is made here, from the state that Meltano kept."""


@pytest.mark.parametrize(("program", "number"), CASES)
def test_a_stopped_run_fails_and_the_next_one_finishes(
    project: Project, defects: set[str], program: str, number: signal.Signals
) -> None:
    """A signal to any one of the programs makes the run fail, and the next run books the rest, all of it once.

    The tap waits for the fifteenth PDF, so that it and the mapper are still at work when the target writes.
    """
    project.variables |= {"TAP_AUTOTASK_INVOICE_PDF": "true"}
    project.sandbox.fault(
        system="exact_online", method="POST", path=INVOICES, nth=1, times=1000, kind="delay", seconds=0.05
    )
    project.sandbox.fault(system="autotask", path="/InvoicePDF", nth=15, kind="delay", seconds=20)
    run = project.start("meltano", "run", JOB)
    _wait_for_writes(project, run, 2)
    os.kill(_process_of(run, program).pid, number)
    output, _ = run.communicate(timeout=120)
    assert run.returncode != 0, output
    project.sandbox.clear_faults()
    if (program, number) == AS_PROGRAMS:
        project.meltano_run()
    else:
        going_on(project, JOB).run(JOB)
    assert project.absent() == defects
