"""Invoices as documents."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from sandbox.autotask.documents import pdf
from tests.sandbox.autotask_calls import call, items

if TYPE_CHECKING:
    from tests.conftest import Sandbox


def test_pdf_of_an_invoice(sandbox: Sandbox) -> None:
    """The PDF comes in base64 with its name and size, and holds the invoice's number."""
    invoice = items(sandbox, "Invoices")[0]
    found = call(sandbox, "GET", f"Invoices/{invoice['id']}/InvoicePdf").json()
    content = base64.b64decode(found["data"])
    assert found | {"data": ""} == {
        "id": invoice["id"],
        "contentType": "application/pdf",
        "fileName": f"Invoice {invoice['invoiceNumber']}.pdf",
        "fileSize": len(content),
        "data": "",
    }
    assert f"Factuur {invoice['invoiceNumber']}".encode() in content


@pytest.mark.parametrize("lines", [[], ["plain"], ["(brackets) and \\ back", "nul\x00 emoji 🚀", "x" * 500] * 40])
def test_pdf_is_well_formed(lines: list[str]) -> None:
    """The cross-reference table of the PDF points at its objects, whatever the text."""
    content = pdf(lines)
    assert content.startswith(b"%PDF-1.4\n")
    assert content.endswith(b"%%EOF\n")
    start = int(content.split(b"startxref\n")[1].split(b"\n")[0])
    entries = re.findall(rb"(\d{10}) 00000 n", content[start:])
    assert [content[int(offset) :].split(b" ")[0] for offset in entries] == [b"1", b"2", b"3", b"4", b"5"]
    length = int(re.search(rb"/Length (\d+)", content)[1])  # type: ignore[index]
    stream = content.split(b"stream\n", 1)[1]
    assert stream[length:].startswith(b"\nendstream")


def test_markup_of_an_invoice(sandbox: Sandbox) -> None:
    """The markup comes as a text in JSON."""
    invoice = items(sandbox, "Invoices")[0]["id"]
    assert "<html>" in call(sandbox, "GET", f"Invoices/{invoice}/InvoiceMarkupHtml").json()["invoiceMarkup"]
    xml = call(sandbox, "GET", f"Invoices/{invoice}/InvoiceMarkupXml").json()["invoiceMarkup"]
    assert f"<invoice_id>{invoice}</invoice_id>" in xml


@pytest.mark.parametrize("document", ["InvoicePDF", "InvoiceMarkupHtml", "InvoiceMarkupXml"])
def test_document_of_a_missing_invoice(sandbox: Sandbox, document: str) -> None:
    """A document of an invoice that is not there is not found."""
    assert call(sandbox, "GET", f"Invoices/1/{document}").status_code == 404
