"""Every invoice exactly once, nothing lost, as programs: killed at random instants, and two runs at once."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.forked import started
from tests.e2e.project import JOB

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.project import Project

TARGET = "target_exact_online.target:TargetExactOnline"
INVOICES = "/salesinvoice/SalesInvoices"


_DOCUMENTS: list[bytes] = []


def _documents(project: Project) -> Path:
    """Return what tap and mapper hand to the target, which is made once."""
    if not _DOCUMENTS:
        _DOCUMENTS.append(project.documents().read_bytes())
    path = project.folder / "documents.singer"
    path.write_bytes(_DOCUMENTS[0])
    return path


def test_two_runs_at_once(project: Project, defects: set[str]) -> None:
    """Two runs at once on one ledger, Meltano's own lock passed by, book every invoice once."""
    project.sandbox.fault(
        system="exact_online", method="POST", path=INVOICES, nth=1, times=100, kind="delay", seconds=0.05
    )
    runs = []
    for name in ("a", "b"):
        project.variables = project.variables | {"MELTANO_SYS_DIR_ROOT": str(project.folder / name)}
        runs.append(project.start("meltano", "run", JOB))
    outputs = [run.communicate(timeout=200)[0] for run in runs]
    assert all(run.returncode in {0, 1} for run in runs), outputs
    assert project.absent() == defects


@pytest.mark.parametrize("group", range(5))
def test_killed_at_random_instants(project: Project, defects: set[str], group: int) -> None:
    """The target killed at ten random instants a group, fifty in all, books every invoice once in the end."""
    chance = random.Random(group)
    documents = _documents(project)
    project.sandbox.fault(
        system="exact_online", method="POST", path=INVOICES, nth=1, times=1000, kind="delay", seconds=0.05
    )
    for _ in range(10):
        run = started(TARGET, project.target(), documents)
        time.sleep(chance.uniform(0.1, 1.5))
        run.kill()
        run.join(timeout=10)
    project.sandbox.clear_faults()
    last = started(TARGET, project.target(), documents)
    last.join(timeout=60)
    assert last.exitcode in {0, 1}
    assert project.absent() == defects
