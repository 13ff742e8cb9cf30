from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_online.papers import entry, invoice
from transfer_ledger.documents import Attachment

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office

PDF = base64.b64encode(b"%PDF-1.7 factuur").decode()
FILE = Attachment(file_name="2026-0001's.pdf", content_type="application/pdf", data=PDF)


@pytest.mark.parametrize(("paper", "resource"), [(invoice, "SalesInvoices"), (entry, "SalesEntries")])
def test_the_pdf_goes_along(office: Office, paper: Any, resource: str) -> None:
    """The file is in a document of the customer, which the invoice points to."""
    assert office.run(paper(attachments=[FILE])) == 0
    (holder,), (file,), (booked,) = (office.held(name) for name in ("Documents", "DocumentAttachments", resource))
    assert (file["Document"], file["FileName"]) == (holder["ID"], "2026-0001's.pdf")
    assert booked["Document"] == holder["ID"]
    assert (holder["Subject"], holder["Type"]) == ("2026-0001 (autotask 1)", 55)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("documents/Documents", "drop_after_commit"),
        ("documents/DocumentAttachments", "drop_after_commit"),
        ("documents/DocumentAttachments", "drop"),
        ("salesinvoice/SalesInvoices", "drop_after_commit"),
    ],
)
def test_a_lost_answer_makes_nothing_twice(office: Office, path: str, kind: str) -> None:
    """Whichever of the three answers is lost, done or not, each thing is there once after the next run."""
    office.sandbox.fault(system="exact_online", method="POST", path=path, kind=kind)
    office.run(invoice(attachments=[FILE]))
    assert office.run(invoice(attachments=[FILE])) == 0
    for resource in ("Documents", "DocumentAttachments", "SalesInvoices"):
        assert len(office.held(resource)) == 1, resource


def test_two_files(office: Office) -> None:
    """Each file of an invoice is added to the one document."""
    files = [FILE, Attachment(file_name="uren.pdf", content_type="application/pdf", data=PDF)]
    assert office.run(invoice(attachments=files)) == 0
    assert len(office.held("Documents")) == 1
    assert sorted(row["FileName"] for row in office.held("DocumentAttachments")) == ["2026-0001's.pdf", "uren.pdf"]


def test_a_lost_ledger_makes_no_second_file(office: Office) -> None:
    """An invoice that is taken over from Exact has its file there already."""
    assert office.run(invoice(attachments=[FILE])) == 0
    for file in office.folder.glob("transfers.db*"):
        file.unlink()
    assert office.run(invoice(attachments=[FILE]), invoice(2, attachments=[FILE])) == 0
    for resource in ("Documents", "DocumentAttachments", "SalesInvoices"):
        assert len(office.held(resource)) == 2, resource
