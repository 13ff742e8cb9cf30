"""The reconciliation as a bookkeeper runs it: what was planted on one side is found, and nothing else."""

from __future__ import annotations

import calendar
import datetime as dt
import json
import uuid
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.e2e.project import JOB
from tests.pipeline.running import jobs

if TYPE_CHECKING:
    from tests.e2e.project import Project

EXACT = "exact_online"
NEEDED = 4
"""Invoices of a month that something happens to."""


def _fullest_month(rows: list[dict[str, Any]]) -> dt.date:
    months = Counter(row["InvoiceDate"][:7] for row in rows)
    return dt.date.fromisoformat(f"{months.most_common(1)[0][0]}-01")


def _copy(project: Project, row: dict[str, Any], **changes: Any) -> None:
    """Put another invoice with the same lines in the books, as a person would have made it."""
    copied = str(uuid.uuid4())
    project.sandbox.put_row(EXACT, "SalesInvoices", {**row, "InvoiceID": copied, **changes})
    for line in project.booked("SalesInvoiceLines"):
        if line["InvoiceID"] == row["InvoiceID"]:
            project.sandbox.put_row(EXACT, "SalesInvoiceLines", {**line, "ID": str(uuid.uuid4()), "InvoiceID": copied})


def test_what_was_planted_is_found_and_nothing_else(project: Project) -> None:
    """A missing, a double, an altered and a hand-made invoice; the file names each, and reading writes nothing."""
    project.reset(companies=12, invoices=60, planted=False)
    assert jobs(project.sandbox, project.folder).run(JOB) == 0
    month = _fullest_month(project.booked())
    rows = [row for row in project.booked() if row["InvoiceDate"][:7] == f"{month:%Y-%m}"]
    assert len(rows) >= NEEDED
    missing, double, altered, model = rows[:NEEDED]
    project.sandbox.delete_row(EXACT, "SalesInvoices", missing["InvoiceID"])
    _copy(project, double)
    more = {name: Decimal(str(altered[name])) + 1 for name in ("AmountFC", "AmountFCExclVat")}
    project.sandbox.put_row(
        EXACT, "SalesInvoices", {"InvoiceID": altered["InvoiceID"], **{k: str(v) for k, v in more.items()}}
    )
    _copy(project, model, YourRef=None)
    project.sandbox.clear_calls()
    file, page = project.folder / "found.json", project.folder / "found.html"
    done = project.run("transfers", "reconcile", "--month", f"{month:%Y-%m}", "--output", str(file))
    assert done.returncode == 1, done.stdout
    found = json.loads(file.read_text())
    assert [(each["kind"], each["number"]) for each in found["differences"][:3]] == [
        ("missing", missing["YourRef"]),
        ("double", double["YourRef"]),
        ("different", altered["YourRef"]),
    ]
    assert [each["kind"] for each in found["differences"][3:]] == ["hand_made"]
    assert found["here"] == len(rows)
    assert found["there"] == len(rows) + 1
    assert project.writes() == []
    last = calendar.monthrange(month.year, month.month)[1]
    assert found["period"] == {"first": str(month), "last": str(month.replace(day=last))}
    assert not page.exists()
    assert file.stat().st_mode & 0o777 == 0o600
