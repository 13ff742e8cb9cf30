"""Companies become accounts as their users run it: created, and none of them twice."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.pipeline.running import going_on

if TYPE_CHECKING:
    from tests.e2e.project import Project

JOB = "accounts-to-exact-online"
CUSTOMER = 1
ACCOUNTS = "/crm/Accounts"


def _companies(project: Project, **values: Any) -> list[dict[str, Any]]:
    rows = project.sandbox.state("autotask")["Companies"]
    return [row for row in rows if row["id"] and all(row[name] == value for name, value in values.items())]


@pytest.fixture
def bare(project: Project) -> Project:
    """An administration without accounts, so that every customer has to be created."""
    for table in ("SupplierItem", "Accounts"):
        for row in project.booked(table):
            project.sandbox.delete_row("exact_online", table, row["ID"])
    project.sandbox.clear_calls()
    return project


def _posts(project: Project) -> int:
    return sum(call["path"].endswith(ACCOUNTS) for call in project.writes() if call["method"] == "POST")


def test_no_account_twice(bare: Project) -> None:
    """Started twice at once, with lost answers and one killed in the middle, every customer becomes one account."""
    bare.sandbox.fault(
        system="exact_online", method="POST", path=ACCOUNTS, nth=1, times=1000, kind="delay", seconds=0.2
    )
    for path in (ACCOUNTS, "/crm/Contacts"):
        bare.sandbox.fault(system="exact_online", method="POST", path=path, nth=2, times=1, kind="drop_after_commit")
    runs = []
    for name in ("a", "b"):
        bare.variables = bare.variables | {"MELTANO_SYS_DIR_ROOT": str(bare.folder / name)}
        runs.append(bare.start("meltano", "run", JOB))
    deadline = time.monotonic() + 150
    while _posts(bare) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(runs[0].pid, signal.SIGKILL)
    for run in runs:
        run.communicate(timeout=200)
    bare.sandbox.clear_faults()
    going_on(bare, JOB).run(JOB)
    customers = {row["companyName"][:50] for row in _companies(bare, companyType=CUSTOMER)}
    assert Counter(row["Name"] for row in bare.booked("Accounts")) == dict.fromkeys(customers, 1)
    contacts = bare.booked("Contacts")
    assert len(contacts) == len({row["Account"] for row in contacts})
    assert {row["MainContact"] for row in bare.booked("Accounts")} - {None} == {row["ID"] for row in contacts}
