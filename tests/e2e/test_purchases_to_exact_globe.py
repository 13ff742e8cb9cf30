"""Goods receipts to Exact Globe as its users run it: over both routes the same purchase orders, each once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo import environment
from tests.e2e.project import Project
from tests.e2e.test_invoices_to_exact_globe import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox

JOB = "purchases-to-exact-globe"
HEADER = ("OrderedAt", "PurchaseOrderDate", "CurrencyCode", "Description1", "Description2", "FreeField1", "Warehouse")
LINE = ("ItemCode", "Quantity", "Price", "Description", "CostCenter", "Instruction")
FILES = {
    "TARGET_EXACT_GLOBE_ROUTE": "xml",
    "TARGET_EXACT_GLOBE_IMPORT_COMMAND": json.dumps(COMMAND),
}


def _orders(sandbox: Sandbox, folder: Path, runs: int, **variables: str) -> dict[str, Any]:
    """Run the job on the seed and return what is in Globe, by reference."""
    folder.mkdir()
    project = Project(sandbox, folder, environment(sandbox.url, folder))
    project.reset()
    project.variables |= {"GLOBE_SANDBOX_URL": sandbox.url, "TARGET_EXACT_GLOBE_XML_FOLDER": str(folder / "drop")}
    outcomes = [project.meltano_run(JOB, **variables) for _ in range(runs)]
    assert outcomes[-1].returncode == 0, outcomes[-1].stdout
    held = sandbox.state("exact_globe")
    assert held["EntityTransactions"] == []
    lines: dict[str, list[Any]] = {}
    for row in sorted(held["PurchaseOrderLine"], key=lambda row: int(row["LineNumber"])):
        lines.setdefault(row["PurchaseOrderNumber"], []).append([row.get(name) for name in LINE])
    found = held["PurchaseOrderHeader"]
    orders = {
        row["Description"]: ([row.get(name) for name in HEADER], lines[row["PurchaseOrderNumber"]]) for row in found
    }
    assert len(orders) == len(found)
    return orders


@pytest.mark.xdist_group("globe")
def test_both_routes_end_in_the_same(sandbox: Sandbox, tmp_path: Path) -> None:
    """Every receipt of the seed is one order, the same over services and files: supplier, goods, costs, texts."""
    services = _orders(sandbox, tmp_path / "services", 1)
    files = _orders(sandbox, tmp_path / "files", 1, **FILES)
    assert len(services) >= 10
    assert services == files
