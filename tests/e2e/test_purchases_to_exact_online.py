"""The job as its users run it: every receipt becomes one order, also when answers are lost, and few calls are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo import compare_receipts
from tests.pipeline.running import going_on

if TYPE_CHECKING:
    from tests.e2e.project import Project

JOB = "purchases-to-exact-online"
ORDERS = "purchaseorder/PurchaseOrders"
ALLOWED = {"missing_supplier": "create", "unmarked_supplier": "mark"}


def _compared(project: Project) -> tuple[int, list[str], list[str]]:
    return compare_receipts(project.sandbox.truth("receipts"), project.booked("PurchaseOrders"))


def test_every_receipt_becomes_one_order(project: Project) -> None:
    """Lost answers, a rerun, receipts that settle between runs, and a run with nothing new: the end is the truth."""
    project.reset(receipts=60, now="2026-11-02T11:00:00Z")
    for nth, kind in ((2, "drop_after_commit"), (9, "drop"), (20, "error_after_commit")):
        project.sandbox.fault(system="exact_online", method="POST", path=ORDERS, nth=nth, kind=kind, status=500)
    first = project.meltano_run(
        JOB, **{f"TARGET_EXACT_ONLINE_{name.upper()}": value for name, value in ALLOWED.items()}
    )
    project.sandbox.clear_faults()
    project.sandbox.clock(seconds=1200)
    job = going_on(project, JOB, **{"target-exact-online--purchases": ALLOWED})
    assert job.run(JOB) == 0, first.stdout
    agree, wrong, absent = _compared(project)
    assert (wrong, absent) == ([], [])
    assert agree >= 50

    project.sandbox.clear_calls()
    assert job.run(JOB) == 0
    assert project.writes() == []
    for system in ("autotask", "exact_online"):
        assert len(project.sandbox.calls(system)) <= 3
