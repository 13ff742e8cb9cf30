"""Every invoice exactly once, nothing lost: under lost answers, and when the ledger or the state is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.demo import compare
from tests.pipeline.running import Jobs, jobs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox

JOB = "invoices-to-exact-online"
INVOICES = "/salesinvoice/SalesInvoices"
LOST = ("drop_after_commit", "error_after_commit", "drop", "truncate")


@pytest.fixture
def month(sandbox: Sandbox, tmp_path: Path) -> Jobs:
    """The job, with nothing transferred yet, at a minute limit that no test waits for."""
    sandbox.reset(exact_online={"minute_limit": 10_000})
    return jobs(sandbox, tmp_path, **{"target-exact-online--invoices": {"doubt_seconds": 0}})


def _absent(month: Jobs) -> set[str]:
    """Return what is not in Exact; all that is there is there once and to the cent."""
    booked = month.sandbox.state("exact_online")["SalesInvoices"]
    agree, wrong, absent = compare(month.sandbox.state("autotask")["Invoices"], booked)
    assert wrong == []
    assert agree > 0
    return set(absent)


def _writes(month: Jobs) -> list[str]:
    calls = month.sandbox.calls("exact_online")
    return [call["path"] for call in calls if call["method"] != "GET" and "/oauth2/" not in call["path"]]


@pytest.fixture
def transferred(month: Jobs) -> tuple[Jobs, set[str]]:
    """The job after a run that nothing disturbed, and what that leaves out: invoices that are broken on purpose."""
    month.run(JOB)
    left_out = _absent(month)
    month.sandbox.clear_calls()
    return month, left_out


def test_a_lost_answer_makes_no_second_invoice(transferred: tuple[Jobs, set[str]], tmp_path: Path) -> None:
    """When answers of POSTs are lost, before or after Exact kept the invoice, the next run ends complete."""
    sandbox, left_out = transferred[0].sandbox, transferred[1]
    sandbox.reset(exact_online={"minute_limit": 10_000})
    afresh = jobs(sandbox, tmp_path / "afresh", **transferred[0].more)
    (tmp_path / "afresh").mkdir()
    for number, kind in enumerate(LOST):
        for nth in (1, 9):
            sandbox.fault(
                system="exact_online", method="POST", path=INVOICES, nth=nth + 2 * number, kind=kind, status=500
            )
    afresh.run(JOB)
    sandbox.clear_faults()
    afresh.run(JOB)
    assert _absent(afresh) == left_out


def test_ledger_lost(transferred: tuple[Jobs, set[str]], tmp_path: Path) -> None:
    """With the ledger gone and the state too, what Exact holds is found in bulk and adopted, not written again."""
    job, left_out = transferred
    before = {row["InvoiceID"] for row in job.sandbox.state("exact_online")["SalesInvoices"]}
    (tmp_path / "elsewhere").mkdir()
    jobs(job.sandbox, tmp_path / "elsewhere", **job.more).run(JOB)
    assert _writes(job) == []
    assert {row["InvoiceID"] for row in job.sandbox.state("exact_online")["SalesInvoices"]} == before
    assert len(job.sandbox.calls("exact_online")) <= 15
    assert _absent(job) == left_out


def test_state_lost(transferred: tuple[Jobs, set[str]]) -> None:
    """With the state gone all is offered again, and nothing that the ledger knows is written."""
    job, left_out = transferred
    job.states.clear()
    job.run(JOB)
    assert _writes(job) == []
    assert _absent(job) == left_out


def test_a_changed_setting_writes_only_what_it_repairs(transferred: tuple[Jobs, set[str]]) -> None:
    """What failed is read again by its key: rows added to two tables write the two invoices that lacked them."""
    job, before = transferred
    mapping = "invoices-to-exact"
    state = job.states[JOB]["bookmarks"]["expanded_invoices"]
    assert state["replication_key_value"] == max(row["id"] for row in job.sandbox.state("autotask")["Invoices"])
    assert len(state["open"]) == len(before) - 1  # the voided one is settled
    tables = job.mapping(mapping)["invoices"]
    job.more[mapping] = {
        "invoices": {
            "vat_codes": [*tables["vat_codes"], {"region": "Caribisch", "rate": 0, "code": "7"}],
            "payment_conditions": [*tables["payment_conditions"], {"payment_term": "Na afspraak", "code": "30"}],
        }
    }
    job.run(JOB)
    assert len(before - _absent(job)) == 2
    assert len(_writes(job)) == 2
    looks = [call for call in job.sandbox.calls("exact_online") if "SalesInvoices" in call["path"]]
    assert [call["method"] for call in looks] == ["POST", "POST"]
    assert len(job.states[JOB]["bookmarks"]["expanded_invoices"]["open"]) == len(state["open"]) - 2
