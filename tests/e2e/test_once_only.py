"""Every invoice exactly once, nothing lost: under lost answers, kills, reruns, two runs at once, a lost ledger."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from sandbox.demo import compare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.project import Project

INVOICES = "/salesinvoice/SalesInvoices"


def _assert_once_and_complete(project: Project, missing: set[str]) -> None:
    """Everything but the planted defects is in Exact, once and to the cent."""
    agree, wrong, absent = compare(project.sandbox.state("autotask")["Invoices"], project.booked())
    assert wrong == []
    assert set(absent) == missing
    assert agree > 0


_DEFECTS: set[str] = set()


@pytest.fixture
def afresh(project: Project) -> set[str]:
    """The invoices with nothing transferred; gives those broken on purpose, which an undisturbed run leaves out.

    That run is made once for all tests, since the seed is always the same.
    """
    if not _DEFECTS:
        assert project.meltano_run().returncode in {0, 1}
        _, _, absent = compare(project.sandbox.state("autotask")["Invoices"], project.booked())
        _DEFECTS.update(absent)
        _forget(project.folder, "*")
        project.reset()
    return _DEFECTS


def _forget(folder: Path, pattern: str) -> None:
    for path in sorted(folder.rglob(pattern), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


LOST = ("drop_after_commit", "error_after_commit", "drop", "truncate")


def test_a_lost_answer_makes_no_second_invoice(project: Project, afresh: set[str]) -> None:
    """When answers of POSTs are lost, before or after Exact kept the invoice, the next run ends complete."""
    for number, kind in enumerate(LOST):
        for nth in (1, 9):
            project.sandbox.fault(
                system="exact_online", method="POST", path=INVOICES, nth=nth + 2 * number, kind=kind, status=500
            )
    project.meltano_run()
    project.sandbox.clear_faults()
    project.meltano_run()
    _assert_once_and_complete(project, afresh)


def test_ledger_lost(project: Project, afresh: set[str]) -> None:
    """With the ledger gone and the state too, what Exact holds is found in bulk and adopted, not written again."""
    project.meltano_run()
    before = {row["InvoiceID"] for row in project.booked()}
    _forget(project.folder, "*")
    project.sandbox.clear_calls()
    project.meltano_run()
    assert project.writes() == []
    assert {row["InvoiceID"] for row in project.booked()} == before
    assert len(project.sandbox.calls("exact_online")) <= 15
    _assert_once_and_complete(project, afresh)


def test_state_lost(project: Project, afresh: set[str]) -> None:
    """With Meltano's state gone all is offered again, and nothing that the ledger knows is written."""
    project.meltano_run()
    _forget(project.folder / "meltano", "*")
    project.sandbox.clear_calls()
    project.meltano_run()
    assert project.writes() == []
    _assert_once_and_complete(project, afresh)


def test_two_runs_at_once(project: Project, afresh: set[str]) -> None:
    """Two runs at once on one ledger, Meltano's own lock passed by, book every invoice once."""
    project.sandbox.fault(
        system="exact_online", method="POST", path=INVOICES, nth=1, times=100, kind="delay", seconds=0.05
    )
    runs = []
    for name in ("a", "b"):
        project.variables = project.variables | {"MELTANO_SYS_DIR_ROOT": str(project.folder / name)}
        runs.append(project.start("meltano", "run", "invoices-to-exact-online"))
    outputs = [run.communicate(timeout=200)[0] for run in runs]
    assert all(run.returncode in {0, 1} for run in runs), outputs
    _assert_once_and_complete(project, afresh)


@pytest.mark.parametrize("group", range(5))
def test_killed_at_random_instants(project: Project, afresh: set[str], group: int) -> None:
    """The target killed at ten random instants a group, fifty in all, books every invoice once in the end."""
    chance = random.Random(group)
    documents = project.documents()
    project.sandbox.fault(
        system="exact_online", method="POST", path=INVOICES, nth=1, times=1000, kind="delay", seconds=0.05
    )
    for _ in range(10):
        run = project.load(documents)
        time.sleep(chance.uniform(0.5, 2.5))
        run.kill()
        run.wait(timeout=10)
    project.sandbox.clear_faults()
    assert project.load(documents).wait(timeout=60) in {0, 1}
    _assert_once_and_complete(project, afresh)
