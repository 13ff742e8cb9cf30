"""Payments of invoices as the tap gives them, with the settings to map them, small enough to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import payments
from mapper_autotask_exact.settings import load

if TYPE_CHECKING:
    from transfer_ledger.documents import InvoicePayment

BOOKED: dict[str, Any] = {
    "TransactionID": "44a7e9df-01bb-4f1f-b7ba-88c9d3e52a11",
    "TransactionEntryID": "33f6d8ce-90aa-4e0e-a6a9-77b8c2d41f00",
    "TransactionType": 20,
    "Account": "5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10",
    "AccountCode": "255",
    "AccountName": "Voorbeeld BV",
    "InvoiceNumber": 26700123,
    "YourRef": "10850",
    "Journal": "70",
    "Currency": "EUR",
    "InvoiceDate": "2026-09-25",
    "Division": 1234567,
    "noticed_on": "2026-10-30",
}


def term(amount: str, paid: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a term as Exact has it, an invoice's below zero; paid on a day, or open."""
    return {
        "ID": f"term {amount}",
        "AmountDC": amount,
        "AmountFC": amount,
        "Status": 50 if paid else 20,
        "LastPaymentDate": paid,
        "EndDate": paid,
        "DueDate": "2026-10-09",
        "credited": False,
        **more,
    }


def ended(amount: str, day: str | None, *, credited: bool = False) -> dict[str, Any]:
    """Return a term that ended without a payment."""
    return term(amount, Status=50, EndDate=day, credited=credited)


def record(*terms: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a row of ``invoice_payments``."""
    return {**BOOKED, "terms": list(terms or (term("-121.00"),)), **changes}


def mapped(row: dict[str, Any], **settings: Any) -> InvoicePayment:
    """Return the document made of a row."""
    compiled = load({"payments": settings or {"date": "settlement"}}).payments
    assert compiled is not None
    return payments.document(row, compiled)
