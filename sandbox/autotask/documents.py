"""An invoice as a document: PDF, HTML and XML (REST docs, Invoices; shapes from the Swagger export)."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from sandbox.autotask.answers import not_found
from sandbox.wire import json_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.autotask.api import Api
    from sandbox.store import Row


PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"


async def invoice_pdf(api: Api, _request: Request, invoice_id: int) -> Response:
    """Answer an invoice's PDF, base64 in JSON (the encoding is inferred)."""
    invoice = _invoice(api, invoice_id)
    content = pdf(_lines(api, invoice))
    return json_response(
        {
            "id": invoice_id,
            "contentType": "application/pdf",
            "fileName": f"Invoice {_number(invoice)}.pdf",
            "fileSize": len(content),
            "data": base64.b64encode(content).decode(),
        }
    )


async def invoice_html(api: Api, _request: Request, invoice_id: int) -> Response:
    """Answer an invoice as HTML."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in _lines(api, _invoice(api, invoice_id)))
    return json_response({"invoiceMarkup": f"<html><body>{lines}</body></html>"})


async def invoice_xml(api: Api, _request: Request, invoice_id: int) -> Response:
    """Answer an invoice as XML."""
    invoice = _invoice(api, invoice_id)
    values = {
        "invoice_id": invoice_id,
        "invoice_number": _number(invoice),
        "batch_id": invoice.get("batchID"),
        "cust_id": invoice.get("companyID"),
        "tax_group_name": invoice.get("taxRegionName"),
        "invoice_total": invoice.get("invoiceTotal"),
    }
    inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items())
    return json_response({"invoiceMarkup": f'<?xml version="1.0"?><invoice>{inside}</invoice>'})


def _invoice(api: Api, invoice_id: int) -> Row:
    invoice = api.rows("Invoices").get(invoice_id)
    if invoice is None:
        raise not_found()
    return invoice


def _number(invoice: Row) -> str:
    """An empty number shows as the id (REST docs, Invoices)."""
    return invoice.get("invoiceNumber") or str(invoice["id"])


def _lines(api: Api, invoice: Row) -> list[str]:
    company = api.rows("Companies").get(invoice["companyID"]) or {}
    items = api.rows("BillingItems").find("invoiceID", [invoice["id"]])
    return [
        f"Factuur {_number(invoice)}",
        f"{company.get('companyName')} ({company.get('companyNumber')})",
        *(f"{item.get('itemName')}: {item.get('extendedPrice')}" for item in items),
        f"Totaal exclusief btw {invoice.get('invoiceTotal')}, btw {invoice.get('totalTaxValue')}",
    ]


def pdf(lines: list[str]) -> bytes:
    """Return a PDF of one page with these lines of text."""
    shown = "".join(f"({_pdf_text(line)}) Tj T*\n" for line in lines[:60])
    stream = f"BT /F1 10 Tf 14 TL 40 800 Td\n{shown}ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, entries)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + trailer


def _pdf_text(line: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in line[:110])
    return printable.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
