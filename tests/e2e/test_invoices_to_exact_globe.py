"""Invoices to Exact Globe as its users run it; tests/pipeline judges what arrives over either route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo import compare, globe_orders

if TYPE_CHECKING:
    from tests.e2e.project import Project

JOB = "invoices-to-exact-globe"


def test_every_invoice_is_there_once_and_to_the_cent(project: Project) -> None:
    """What is in Globe equals Autotask's totals, no line without an order; the rest is named, and no secret shown."""
    project.reset(companies=40, invoices=80)
    run = project.meltano_run(JOB)
    log = project.run("transfers", "log", "--limit", "0").stdout
    invoices = project.sandbox.state("autotask")["Invoices"]
    agree, wrong, absent = compare(invoices, globe_orders(project.sandbox.url))
    assert wrong == []
    assert agree > 60
    assert project.sandbox.state("exact_globe")["EntityTransactions"] == []
    voided = {row["invoiceNumber"] for row in invoices if row["isVoided"]}
    assert [number for number in absent if number not in voided and number not in log] == []
    assert run.returncode == 1
    assert "sandbox-password" not in log + run.stdout
