"""Invoices to Exact Globe as its users run it: over both routes the same orders, each once and to the cent."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo import compare, environment, globe_orders
from tests.e2e.project import Project

if TYPE_CHECKING:
    import subprocess

    from tests.conftest import SandboxServer

pytestmark = pytest.mark.xdist_group("globe")

JOB = "invoices-to-exact-globe"
SEED = {"companies": 40, "invoices": 80}
COMMAND = [
    *(sys.executable, "-m", "sandbox.exact_globe.asimport", "-r{server}", "-D{database}", "-u", "-~", "I"),
    *("-URL{file}", "-T{topic}", "-Oauto"),
]
HEADER = ("OrderDebtor", "SalesOrderDate", "CurrencyCode", "PaymentCondition", "Reference", "Description1")
TOTALS = ("TotalAmountExcludingVAT", "TotalVATAmount", "TotalAmount")
LINE = ("Itemcode", "Quantity", "Price", "VATCode", "Description", "CostCenter", "Unit", "LongDescription")


@dataclass
class Books:
    """What a route brought to Globe, and how its runs ended."""

    runs: list[subprocess.CompletedProcess[str]]
    orders: dict[str, Any]
    """Reference to what the order says."""
    booked: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    staged: int
    log: str


def _books(sandbox: SandboxServer, project: Project, runs: list[subprocess.CompletedProcess[str]]) -> Books:
    held = sandbox.state("exact_globe")
    lines: dict[str, list[tuple[Any, ...]]] = {}
    for row in sorted(held["SalesOrderLine"], key=lambda row: int(row["LineNumber"])):
        lines.setdefault(row["SalesOrderNumber"], []).append(tuple(row.get(name) for name in LINE))
    orders = {
        row["YourReference"]: ([row.get(name) for name in (*HEADER, *TOTALS)], lines[row["SalesOrderNumber"]])
        for row in held["SalesOrderHeader"]
    }
    assert len(orders) == len(held["SalesOrderHeader"])
    log = project.run("transfers", "log", "--limit", "0").stdout
    invoices = sandbox.state("autotask")["Invoices"]
    return Books(runs, orders, globe_orders(sandbox.url), invoices, len(held["EntityTransactions"]), log)


@pytest.fixture(scope="module")
def services(sandbox_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Books:
    """What the entity services bring there."""
    folder = tmp_path_factory.mktemp("services")
    project = Project(sandbox_server, folder, environment(sandbox_server.url, folder))
    project.reset(**SEED)
    return _books(sandbox_server, project, [project.meltano_run(JOB)])


@pytest.fixture(scope="module")
def files(sandbox_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Books:
    """What files bring there, read back through the services."""
    folder = tmp_path_factory.mktemp("files")
    project = Project(sandbox_server, folder, environment(sandbox_server.url, folder))
    project.reset(**SEED)
    project.variables |= {
        "GLOBE_SANDBOX_URL": sandbox_server.url,
        "TARGET_EXACT_GLOBE_ROUTE": "xml",
        "TARGET_EXACT_GLOBE_XML_FOLDER": str(folder / "drop"),
        "TARGET_EXACT_GLOBE_DOCUMENTS_PER_FILE": "20",
        "TARGET_EXACT_GLOBE_IMPORT_COMMAND": json.dumps(COMMAND),
    }
    return _books(sandbox_server, project, [project.meltano_run(JOB) for _ in range(2)])


@pytest.mark.parametrize("route", ["services", "files"])
def test_every_invoice_is_there_once_and_to_the_cent(route: str, request: pytest.FixtureRequest) -> None:
    """What is in Globe equals Autotask's totals, nothing twice, no line without an order; the rest is named."""
    books: Books = request.getfixturevalue(route)
    agree, wrong, absent = compare(books.invoices, books.booked)
    assert wrong == []
    assert agree > 60
    assert books.staged == 0
    voided = {row["invoiceNumber"] for row in books.invoices if row["isVoided"]}
    assert [number for number in absent if number not in voided and number not in books.log] == []
    assert "sent" not in {word for line in books.log.splitlines() for word in line.split()}
    assert {run.returncode for run in books.runs} == {1}


def test_both_routes_end_in_the_same(services: Books, files: Books) -> None:
    """Orders and lines are the same over both routes: codes, texts, quantities, prices and totals."""
    assert services.orders.keys() == files.orders.keys()
    assert [key for key in services.orders if services.orders[key] != files.orders[key]] == []


def test_no_secret_is_shown(services: Books, files: Books) -> None:
    """Neither the output nor the log shows the password."""
    shown = services.log + files.log + "".join(run.stdout for run in (*services.runs, *files.runs))
    assert "sandbox-password" not in shown
