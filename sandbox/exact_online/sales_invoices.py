"""salesinvoice/SalesInvoices: open until they are printed, without a number until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online import checks, rates, sales_documents
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.sales_documents import Kind

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

INVOICE, CREDIT_NOTE, DIRECT_INVOICE, DIRECT_CREDIT_NOTE = 8020, 8021, 8023, 8024
TYPES = {INVOICE, CREDIT_NOTE, DIRECT_INVOICE, DIRECT_CREDIT_NOTE}
OPEN, PROCESSED = 20, 50
SALES_JOURNAL = 20

KIND = Kind(
    headers=resource("salesinvoice/SalesInvoices"),
    lines=resource("salesinvoice/SalesInvoiceLines"),
    date="InvoiceDate",
    vat_amount="VATAmountFC",
    closed=frozenset({PROCESSED}),
)


def create(division: Division, values: Values) -> Row:
    """Create an invoice with its lines.

    Raises:
        Invalid: Something in it is wrong; nothing was changed.
    """
    posted = values.get("SalesInvoiceLines", [])
    values = {name: value for name, value in values.items() if value is not None and not isinstance(value, list)}
    values = {"Type": INVOICE, "Journal": _default_journal(division), **values}
    problems = sales_documents.problems(division, KIND, values, posted)
    checks.refuse(problems + checks.sales_journal(division, values) + _type_problems(values))
    head = _header(division, values)
    lines = [sales_documents.line(division, KIND, head, line) for line in posted]
    if division.switches.invoice_number_at == "entry":
        head["InvoiceNumber"] = rates.next_number(division, head["Journal"], head["InvoiceDate"].year)
    return sales_documents.store(division, KIND, head, lines)


def _type_problems(values: Values) -> list[Problem]:
    """Check the type; direct invoices move stock and need a warehouse (Exact REST docs, SalesInvoices.Warehouse)."""
    if values["Type"] not in TYPES:
        return [("invalid", "Type")]
    if values["Type"] in (DIRECT_INVOICE, DIRECT_CREDIT_NOTE):
        return checks.missing(values, ["Warehouse"])
    return [("not_allowed", "Warehouse")] if values.get("Warehouse") else []


def _default_journal(division: Division) -> str:
    """Return the first sales journal (picqer/exact-php-client#277)."""
    return str(min(journal["Code"] for journal in division.tables["Journals"].find("Type", [SALES_JOURNAL])))


def _header(division: Division, values: Values) -> Row:
    head = sales_documents.header(division, KIND, values)
    posted_date = values.get("InvoiceDate") if division.switches.invoice_date_posted else None
    invoice_date = posted_date or head["OrderDate"]
    due_date = values.get("DueDate") or rates.due_date(division, head["PaymentCondition"], invoice_date)
    return head | {"InvoiceDate": invoice_date, "DueDate": due_date, "Status": OPEN}


def change(division: Division, head: Row, values: Values) -> None:
    """Change the header of an open invoice.

    Raises:
        Invalid: It is processed, or a value is wrong.
    """
    changed, problems = sales_documents.changes(division, KIND, head, values)
    checks.refuse(problems + checks.sales_journal(division, changed) + _type_problems(changed))
    if not division.switches.invoice_date_posted:
        changed["InvoiceDate"] = changed["OrderDate"]
    moved = any(changed[name] != head[name] for name in ("InvoiceDate", "PaymentCondition"))
    if changed.get("DueDate") is None or (moved and "DueDate" not in values):
        changed["DueDate"] = rates.due_date(division, changed["PaymentCondition"], changed["InvoiceDate"])
    sales_documents.store(division, KIND, changed, sales_documents.lines_of(division, KIND, head))
