"""Goods receipts to Exact Globe as its users run it: over both routes the same purchase orders, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.demo import environment
from tests.e2e.project import Project
from tests.pipeline.running import jobs
from tests.pipeline.test_globe_truth import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox

JOB = "purchases-to-exact-globe"
HEADER = ("OrderedAt", "PurchaseOrderDate", "CurrencyCode", "Description1", "Description2", "FreeField1", "Warehouse")
LINE = ("ItemCode", "Quantity", "Price", "Description", "CostCenter", "Instruction")
FILES = {"route": "xml", "documents_per_file": 20}


def _picked_up_twice(project: Project) -> None:
    """Import every file in the folder, and once more, as a job does that was cut short before it moved them away."""
    names = {"server": "SANDBOX\\EXACT", "database": "100", "topic": "Orders"}
    files = sorted((project.folder / "drop").glob("*.xml"))
    assert files
    for path in [*files, *files]:
        project.run(*(part.format(file=path, **names) for part in COMMAND))


def _begun(sandbox: Sandbox, folder: Path) -> Project:
    folder.mkdir()
    project = Project(sandbox, folder, environment(sandbox.url, folder) | {"GLOBE_SANDBOX_URL": sandbox.url})
    project.reset()
    return project


def _orders(sandbox: Sandbox) -> dict[str, Any]:
    """Return what is in Globe, by reference."""
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


def test_both_routes_end_in_the_same(sandbox: Sandbox, tmp_path: Path) -> None:
    """Every receipt of the seed is one order, over services and over files that a job picks up twice: all the same."""
    project = _begun(sandbox, tmp_path / "services")
    outcome = project.meltano_run(JOB)
    assert outcome.returncode == 0, outcome.stdout
    services = _orders(sandbox)
    project = _begun(sandbox, tmp_path / "files")
    drop = str(project.folder / "drop")
    job = jobs(sandbox, project.folder, **{"target-exact-globe--purchases": {**FILES, "xml_folder": drop}})
    assert job.run(JOB) == 1
    _picked_up_twice(project)
    assert job.run(JOB) == 0
    files = _orders(sandbox)
    assert len(services) >= 10
    assert services == files
