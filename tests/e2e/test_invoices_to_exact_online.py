"""The job as its users run it: everything arrives once, to the cent, at few calls; the rest is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo import compare, environment
from tests.e2e.project import Project

if TYPE_CHECKING:
    import subprocess

    from tests.conftest import SandboxServer


@dataclass
class Month:
    """A whole month transferred, and the same job run again with nothing new."""

    first: subprocess.CompletedProcess[str]
    first_calls: list[dict[str, Any]]
    again: subprocess.CompletedProcess[str]
    again_calls: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    booked: list[dict[str, Any]]
    log: str


@pytest.fixture(scope="module")
def month(sandbox_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """150 companies, 400 invoices and 2,000 lines, some of them broken on purpose."""
    folder = tmp_path_factory.mktemp("month")
    project = Project(sandbox_server, folder, environment(sandbox_server.url, folder))
    project.reset(companies=150, invoices=400)
    sandbox_server.clear_calls()
    first = project.meltano_run()
    first_calls = sandbox_server.calls()
    sandbox_server.clear_calls()
    again = project.meltano_run()
    log = project.run("transfers", "log", "--state", "failed").stdout
    return Month(
        first,
        first_calls,
        again,
        sandbox_server.calls(),
        sandbox_server.state("autotask")["Invoices"],
        project.booked(),
        log,
    )


def _calls(calls: list[dict[str, Any]], system: str) -> list[dict[str, Any]]:
    return [call for call in calls if call["system"] == system]


def _posts(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call for call in calls if call["method"] == "POST" and "/oauth2/" not in call["path"]]


def test_every_invoice_is_there_once_and_to_the_cent(month: Month) -> None:
    """What is in Exact equals Autotask's totals, nothing twice, and only the planted defects are missing."""
    agree, wrong, absent = compare(month.invoices, month.booked)
    assert wrong == []
    assert agree + len(absent) == len(month.invoices)
    assert 0 < len(absent) <= 12


def test_first_run_costs_few_calls(month: Month) -> None:
    """400 invoices cost at most 400 POSTs and 15 other calls at Exact, and 40 calls at Autotask."""
    exact = _calls(month.first_calls, "exact_online")
    posts = [call for call in _posts(exact) if call["path"].endswith("/SalesInvoices")]
    assert len(posts) <= 400
    assert len(exact) - len(posts) <= 15
    assert len(_calls(month.first_calls, "autotask")) <= 40


def test_nothing_new_costs_no_write(month: Month) -> None:
    """A rerun with nothing new costs no write, at most 5 calls at Exact and 10 at Autotask."""
    exact = _calls(month.again_calls, "exact_online")
    assert _posts(exact) == []
    assert len(exact) <= 5
    assert len(_calls(month.again_calls, "autotask")) <= 10


def test_broken_invoices_make_the_run_fail_honestly(month: Month) -> None:
    """While invoices are open the exit code is 1 and the output says how many, on every run."""
    assert month.first.returncode == 1
    assert month.again.returncode == 1


def test_log_names_each_missing_invoice(month: Month) -> None:
    """Each invoice that is not in Exact stands in the log with its number."""
    _, _, absent = compare(month.invoices, month.booked)
    voided = {row["invoiceNumber"] for row in month.invoices if row["isVoided"]}
    assert [number for number in absent if number not in voided and number not in month.log] == []


def test_no_secret_is_shown(month: Month) -> None:
    """Neither the output nor the log shows a secret or a token."""
    shown = month.first.stdout + month.again.stdout + month.log
    assert [
        secret for secret in ("sandbox-secret", "sandbox-client-secret", 'refresh_token":') if secret in shown
    ] == []
