"""salesinvoice/PrintedSalesInvoices: prints an open invoice, which makes it definitive.

It gives the invoice its number, books it, and files a document with the printed invoice (Exact REST docs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online import checks, documents, rates, sales_documents, sales_entries
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.sales_invoices import KIND, PROCESSED

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.store import Row

RESOURCE = resource("salesinvoice/PrintedSalesInvoices")
PDF = b"%PDF-1.4\n% A printed invoice of the sandbox: a file of this kind, without pages.\n%%EOF\n"


def create(division: Division, values: Values) -> Row:
    """Print an invoice.

    Raises:
        Invalid: It is unknown or printed already, or its period is closed; nothing was changed.
    """
    asked = {name: values.get(name) for name in ("InvoiceID", "DocumentLayout")}
    checks.refuse(checks.missing(values, ["InvoiceID"]) + checks.references(division, RESOURCE, asked))
    head = division.tables["SalesInvoices"].get(values["InvoiceID"]) or {}
    sales_documents.check_open(KIND, head)
    date = values.get("InvoiceDate") or head["InvoiceDate"]
    period, problems = sales_entries.period_of(division, {**values, "EntryDate": date})
    checks.refuse(problems)
    lines = sales_documents.lines_of(division, KIND, head)
    number = head.get("InvoiceNumber") or rates.next_number(division, head["Journal"], date.year)
    due_date = head["DueDate"]
    if date != head["InvoiceDate"]:
        due_date = rates.due_date(division, head.get("PaymentCondition"), date)
    printed = head | {"InvoiceDate": date, "DueDate": due_date, "InvoiceNumber": number, "Status": PROCESSED}
    invoice = sales_documents.store(division, KIND, printed, lines)
    entry = sales_entries.book_invoice(division, invoice, lines, period)
    document = documents.file_invoice(division, invoice, entry, PDF)
    return _answer(values, document)


def _answer(values: Values, document: Row) -> Row:
    """Return what is told about a printed invoice; the texts were not tried live."""
    mailed = {"EmailCreationSuccess": "De e-mail is verstuurd."} if values.get("SendEmailToCustomer") else {}
    asked = {name: value for name, value in values.items() if value is not None}
    return asked | mailed | {"Document": document["ID"], "DocumentCreationSuccess": "Het document is aangemaakt."}
