"""Documents as Exact Online wants them: pure functions from a document and what was resolved to the body of a POST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_exact_online.forms import CREDIT_NOTE, FORMS, INVOICE
from transfer_ledger import texts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from target_exact_online.preflight import PreparedInvoice
    from transfer_ledger.amounts import Priced
    from transfer_ledger.documents import Attachment, Line, SalesInvoice

Body = dict[str, Any]
_CODES = {"Item": "item", "GLAccount": "gl_account", "Project": "project"}
"""Columns that hold an id, and the field of a line with the code of the row."""


def document_body(
    document: SalesInvoice,
    prepared: PreparedInvoice,
    settings: Mapping[str, Any],
    *,
    customer_id: str,
    attachment_id: str | None,
) -> Body:
    """Return the body that creates a document with all its lines.

    Args:
        document: what is written; its form decides where.
        prepared: the ids of its codes.
        settings: of the target.
        customer_id: the account's id.
        attachment_id: of the document in Exact that holds the attachment.
    """
    form = FORMS[document.form]
    length = settings["description_length"]
    description, rest = texts.short(document.description, length)
    common = {
        "YourRef": texts.one_line(document.reference),
        "Description": description,
        "Currency": document.currency,
        "PaymentCondition": document.payment_condition,
        "DueDate": document.due_date if form.name != "sales_order" else None,
        "Document": attachment_id,
        **_HEADERS[form.name](document, customer_id),
    }
    remarks = texts.paragraphs(rest, texts.text(document.remarks))
    lines = [_line(document, prepared, number, settings) for number in range(len(document.lines))]
    if form.name == "sales_entry":
        _keep_remarks(lines, remarks)
    else:
        common["Remarks"] = remarks
    return filled(common) | {form.lines: lines}


def readable(document: SalesInvoice, body: Body) -> Body:
    """Return the body with business codes in the place of ids, for people."""
    form, customer = FORMS[document.form], document.customer
    who = f"{customer.code} ({customer.name})"
    named: Body = {name: who for name in ("OrderedBy", "Customer") if name in body}
    lines = [
        {name: getattr(line, _CODES[name]) if name in _CODES else value for name, value in row.items()}
        for line, row in zip(document.lines, body[form.lines], strict=True)
    ]
    return {**body, **named, form.lines: lines}


def print_body(invoice_id: str, invoice_date: dt.date | None, settings: Mapping[str, Any]) -> Body:
    """Return the body that processes a sales invoice (Exact REST docs, PrintedSalesInvoices)."""
    return filled(
        {
            "InvoiceID": invoice_id,
            "InvoiceDate": invoice_date,
            "SendEmailToCustomer": settings["email_invoices"],
            "DocumentLayout": settings.get("document_layout"),
        }
    )


def holder_body(document: SalesInvoice, subject: str, customer_id: str, settings: Mapping[str, Any]) -> Body:
    """Return the body of the document in Exact that holds the attachments."""
    return filled(
        {
            "Subject": subject,
            "Type": settings["attachment_type"],
            "Account": customer_id,
            "DocumentDate": document.invoice_date,
        }
    )


def attachment_body(attachment: Attachment, holder_id: str) -> Body:
    """Return the body that adds a file to a document in Exact."""
    return {"Document": holder_id, "FileName": texts.one_line(attachment.file_name), "Attachment": attachment.data}


def wanted_number(document: SalesInvoice) -> int | None:
    """Return the number that Exact is asked to use."""
    return int(document.number) if document.keep_number and document.form != "sales_invoice" else None


def _invoice(document: SalesInvoice, customer_id: str) -> Body:
    return {
        "OrderedBy": customer_id,
        "Journal": document.journal,
        "Type": CREDIT_NOTE if document.type == "credit_note" else INVOICE,
        "OrderDate": document.invoice_date,
        "InvoiceDate": document.invoice_date,
    }


def _order(document: SalesInvoice, customer_id: str) -> Body:
    return {
        "OrderedBy": customer_id,
        "OrderDate": document.invoice_date,
        "OrderNumber": wanted_number(document),
    }


def _entry(document: SalesInvoice, customer_id: str) -> Body:
    return {
        "Customer": customer_id,
        "Journal": document.journal,
        "EntryDate": document.invoice_date,
        "EntryNumber": wanted_number(document),
        "InvoiceNumber": wanted_number(document),
        "Rate": document.exchange_rate,
    }


_HEADERS = {"sales_invoice": _invoice, "sales_order": _order, "sales_entry": _entry}


def _line(document: SalesInvoice, prepared: PreparedInvoice, number: int, settings: Mapping[str, Any]) -> Body:
    line, ids, price = document.lines[number], prepared.ids[number], prepared.prices[number]
    description, rest = texts.short(line.description, settings["description_length"])
    notes = texts.paragraphs(rest, texts.text(line.notes), _counted(line) if price.uneven else "")
    common = {
        "Description": description,
        "Notes": notes,
        "VATCode": line.vat_code,
        "CostCenter": line.cost_center,
        "CostUnit": line.cost_unit,
        "Project": ids.get("project"),
        "GLAccount": ids.get("gl_account"),
    }
    if document.form == "sales_entry":
        return filled(common | _entry_amounts(line, settings))
    turned = document.type == "credit_note" and settings["credit_lines"] == "positive"
    more = _invoice_line(line) if document.form == "sales_invoice" else {}
    factor = -1 if turned and document.form == "sales_invoice" else 1
    return filled(common | _sold(line, ids, price, factor) | more)


def _sold(line: Line, ids: Mapping[str, str], price: Priced, factor: int) -> Body:
    return {
        "Item": ids.get("item"),
        "Quantity": factor * price.quantity,
        "NetPrice": price.price,
        "UnitCode": line.unit,
    }


def _invoice_line(line: Line) -> Body:
    """Return the period of a line, which the invoice shows."""
    return {"StartTime": line.from_date, "EndTime": line.to_date}


def _entry_amounts(line: Line, settings: Mapping[str, Any]) -> Body:
    """Return the amount in the document's currency: Exact books nothing for AmountDC alone."""
    amounts: Body = {"AmountFC": line.amount, "Quantity": line.quantity}
    if settings["entry_vat_amounts"]:
        amounts["VATAmountFC"] = line.vat_amount
    if settings["entry_periods"]:
        amounts |= {"From": line.from_date, "To": line.to_date}
    return amounts


def _counted(line: Line) -> str:
    unit = f" {line.unit}" if line.unit else ""
    return f"{line.quantity.normalize():f}{unit} x {line.unit_price.normalize():f} = {line.amount:f}"


def _keep_remarks(lines: list[Body], remarks: str | None) -> None:
    """Put remarks with the first line: a sales entry has no room for them."""
    if remarks:
        lines[0]["Notes"] = texts.paragraphs(remarks, lines[0].get("Notes"))


def filled(body: Body) -> Body:
    """Return a body without what is empty."""
    return {name: value for name, value in body.items() if value not in (None, "")}
