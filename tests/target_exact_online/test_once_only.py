from __future__ import annotations

import json
import logging
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_online.papers import entry, invoice, line, singer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_online.papers import Office

FORMS = {
    "sales_invoice": ("salesinvoice/SalesInvoices", "SalesInvoices"),
    "sales_order": ("salesorder/SalesOrders", "SalesOrders"),
    "sales_entry": ("salesentry/SalesEntries", "SalesEntries"),
}
FAULTS: dict[str, dict[str, Any]] = {
    "answer lost": {"kind": "drop_after_commit"},
    "error after commit": {"kind": "error_after_commit", "status": 500, "body": ""},
    "gateway": {"kind": "error_after_commit", "status": 504, "body": "<html>"},
    "cut off": {"kind": "truncate"},
    "never done": {"kind": "drop"},
}
MORTAL = """
import json, os, sys
from tap_exact_online.client import Client
from target_exact_online.target import TargetExactOnline

config, nth, moment = json.loads(sys.argv[1])
create, count = Client.create, 0

def deadly(client, resource, body):
    global count
    count += 1
    if (count, moment) == (nth, "before"):
        os._exit(9)
    row = create(client, resource, body)
    if count == nth:
        os._exit(9)
    return row

Client.create = deadly
TargetExactOnline(config=config).listen(sys.stdin.buffer)
"""


def papers(form: str) -> list[Any]:
    """Return three invoices in a form."""
    return [entry(n) if form == "sales_entry" else invoice(n, form=form) for n in (1, 2, 3)]


def references(office: Office, resource: str = "SalesInvoices") -> list[str]:
    """Return the references that Exact holds."""
    return sorted(row["YourRef"] for row in office.held(resource))


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        *[pytest.param("sales_invoice", fault, id=name) for name, fault in FAULTS.items()],
        *[pytest.param(form, FAULTS["answer lost"], id=form) for form in ("sales_order", "sales_entry")],
    ],
)
def test_every_invoice_is_there_once(office: Office, form: str, fault: dict[str, Any]) -> None:
    """Whatever happens to one answer, after a rerun each invoice is there exactly once."""
    path, resource = FORMS[form]
    office.sandbox.fault(system="exact_online", method="POST", path=path, nth=2, **fault)
    office.run(*papers(form))
    assert office.run(*papers(form)) == 0
    assert references(office, resource) == ["2026-0001", "2026-0002", "2026-0003"]
    assert office.open() == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"d":{"InvoiceID":null,"AmountFC":null}}', id="no id"),
        pytest.param('{"d":{"Status":20}}', id="no column of the id"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="nested too deep"),
    ],
)
def test_an_answer_that_names_no_document_is_looked_up(office: Office, body: str) -> None:
    """When the answer to a write does not say what was written, it is found by its reference in the same run."""
    office.sandbox.fault(
        system="exact_online",
        method="POST",
        path=FORMS["sales_invoice"][0],
        kind="error_after_commit",
        status=201,
        body=body,
    )
    assert office.run(*papers("sales_invoice")) == 0
    assert references(office) == ["2026-0001", "2026-0002", "2026-0003"]


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop"])
def test_processing_is_asked_before_it_is_repeated(office: Office, kind: str) -> None:
    """A lost answer to the processing of an invoice leads to a look at its status, not to a second try."""
    office.sandbox.fault(system="exact_online", method="POST", path="PrintedSalesInvoices", kind=kind)
    office.run(invoice(definitive=True))
    assert office.run(invoice(definitive=True)) == 0
    assert [row["Status"] for row in office.held()] == [50]
    assert len(office.held("SalesEntries")) == 1


def test_a_number_that_cannot_be_read_costs_nothing(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """When the number of a processed invoice cannot be read, the invoice is settled all the same."""
    office.sandbox.fault(
        system="exact_online", method="GET", path="v1/1234567/salesinvoice/SalesInvoices", kind="error", status=403
    )
    with caplog.at_level(logging.WARNING):
        assert office.run(invoice(definitive=True)) == 0
    assert "could not be read" in caplog.text
    assert [row["Status"] for row in office.held()] == [50]


@pytest.mark.parametrize(("nth", "moment"), [(1, "after"), (2, "before")])
def test_killed_between_steps(office: Office, nth: int, moment: str) -> None:
    """A target that dies just before or after a write leaves work that the next run finishes, nothing twice."""
    documents = [invoice(1, definitive=True), invoice(2, definitive=True)]
    died = subprocess.run(
        [sys.executable, "-c", MORTAL, json.dumps([office.settings, nth, moment])],
        input=singer(documents),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == 9, died.stderr.decode()
    assert office.run(*documents) == 0
    assert references(office) == ["2026-0001", "2026-0002"]
    assert [row["Status"] for row in office.held()] == [50, 50]
    assert len(office.held("SalesEntries")) == 2


def test_a_document_made_elsewhere_under_our_reference_is_a_question(office: Office) -> None:
    """After a lost answer, a document with our reference but another amount is neither taken nor passed over."""
    office.sandbox.fault(system="exact_online", method="POST", path="salesinvoice/SalesInvoices", kind="drop")
    customer = office.account("K100")
    office.run(invoice())
    office.sandbox.clear_faults()
    other = {"YourRef": "2026-0001", "OrderedBy": customer, "AmountFC": 1, "Status": 20, "Type": 8020}
    office.sandbox.put_row("exact_online", "SalesInvoices", {"InvoiceID": customer, **other})
    assert office.run(invoice()) == 1
    assert references(office) == ["2026-0001"]
    assert office.open() == ["1"]


def test_a_lost_ledger_adopts_what_is_there(office: Office, tmp_path: Path) -> None:
    """With a new ledger, what Exact holds under our references is found in bulk and not written again."""
    papers = [
        invoice(1),
        invoice(2, definitive=True),
        entry(3),
        invoice(4, form="sales_order"),
        invoice(5, type="credit_note", lines=[line(quantity=Decimal(-2), amount=Decimal(-200))]),
    ]
    assert office.run(*papers) == 0
    for file in tmp_path.glob("transfers.db*"):
        file.unlink()
    office.calls()
    assert office.run(*papers, invoice(6)) == 0
    calls = office.calls()
    assert [call for call in calls if call.startswith("POST")] == ["POST salesinvoice/SalesInvoices"]
    assert references(office) == ["2026-0001", "2026-0002", "2026-0005", "2026-0006"]
    assert len(office.held("SalesOrders")) == 1


def test_adoption_can_be_bounded(office: Office, tmp_path: Path) -> None:
    """Forms that are not used and days before the link's start need not be read."""
    office.run(invoice())
    for file in tmp_path.glob("transfers.db*"):
        file.unlink()
    office.calls()
    office.run(invoice(), adopt=["sales_invoice"], adopt_from="2026-11-02")
    calls = office.calls()
    assert "GET bulk/SalesInvoice/SalesInvoices" in calls
    assert not {"GET bulk/SalesOrder/SalesOrders", "GET salesentry/SalesEntries"} & set(calls)
    assert references(office) == ["2026-0001"]


def test_adoption_is_not_bounded_by_what_is_no_date(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A setting adopt_from that is no date stops the run with a sentence, before anything is written."""
    assert office.run(invoice(), adopt_from="yesterday") == 1
    assert "The setting adopt_from is 'yesterday', which is no date." in caplog.text
    assert references(office) == []


def test_a_reference_with_a_quote(office: Office) -> None:
    """A quote in the reference does not break the question for what is there."""
    office.sandbox.fault(
        system="exact_online", method="POST", path="salesinvoice/SalesInvoices", kind="drop_after_commit"
    )
    assert office.run(invoice(reference="INV '26 & co+1")) == 0
    assert references(office) == ["INV '26 & co+1"]
