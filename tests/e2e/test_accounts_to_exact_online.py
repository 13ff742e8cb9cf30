"""Companies become accounts as their users run it: linked, created, kept in step, and none of them twice."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.e2e.project import Project

JOB = "accounts-to-exact-online"
CUSTOMER = 1
ACCOUNTS = "/crm/Accounts"


def _accounts(project: Project) -> dict[str, dict[str, Any]]:
    """Return the accounts by their codes."""
    return {row["Code"].strip(): row for row in project.booked("Accounts")}


def _companies(project: Project, **values: Any) -> list[dict[str, Any]]:
    rows = project.sandbox.state("autotask")["Companies"]
    return [row for row in rows if row["id"] and all(row[name] == value for name, value in values.items())]


def _wrote(project: Project) -> Counter[str]:
    found = Counter(
        f"{call['method']} {call['path'].partition('(')[0].rpartition('/')[2]}" for call in project.writes()
    )
    project.sandbox.clear_calls()
    return found


def test_companies_and_accounts_are_kept_in_step(project: Project) -> None:
    """The first run links and creates, the next writes what was edited in one call, the next after it nothing."""
    project.meltano_run(JOB)
    first = _wrote(project)
    assert first["POST Accounts"] == 1
    (absent,) = (row for row in _companies(project, companyNumber="D10001"))
    made = _accounts(project)["D10001"]
    assert (made["Name"], made["Status"], made["VATNumber"]) == (absent["companyName"], "C", absent["taxID"])
    project.sandbox.put_row("autotask", "Companies", {"id": absent["id"], "city": "Delft", "phone": "015 212 3456"})
    edited = project.meltano_run(JOB)
    assert _wrote(project) == {"PUT Accounts": 1}
    made = _accounts(project)["D10001"]
    assert (made["City"], made["Phone"]) == ("Delft", "+31152123456")
    assert edited.returncode == 1
    assert "is a prospect and would become a customer" in edited.stdout
    suppliers = {code for code, row in _accounts(project).items() if row["IsSupplier"]}
    assert suppliers == {row["companyNumber"] for row in _companies(project, companyType=7)}
    project.meltano_run(JOB)
    assert _wrote(project) == {}


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
    bare.meltano_run(JOB)
    customers = {row["companyName"][:50] for row in _companies(bare, companyType=CUSTOMER)}
    assert Counter(row["Name"] for row in bare.booked("Accounts")) == dict.fromkeys(customers, 1)
    contacts = bare.booked("Contacts")
    assert len(contacts) == len({row["Account"] for row in contacts})
    assert {row["MainContact"] for row in bare.booked("Accounts")} - {None} == {row["ID"] for row in contacts}
