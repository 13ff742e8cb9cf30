"""The three forms a sales document takes in Exact Online, and how its rows there are read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tap_exact_online import odata
from transfer_ledger.amounts import cents
from transfer_ledger.documents import Totals
from transfer_ledger.receipts import Found, Receipt

if TYPE_CHECKING:
    from transfer_ledger import documents

INVOICE, CREDIT_NOTE = 8020, 8021
"""Types of a sales invoice (Exact REST docs, SalesInvoices)."""
_CREDIT_TYPES = {CREDIT_NOTE, 8024, 21}
PROCESSED = 50
_FIRST_ID = odata.literal(UUID(int=0))


@dataclass(frozen=True)
class Form:
    """Names that differ between the forms."""

    name: documents.Form
    resource: str
    bulk: str
    key: str
    number: str
    customer: str
    date: str
    lines: str
    net: str | None
    vat: str | None
    more: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What has to be read to recognise a document and say what it is."""
        amounts = tuple(name for name in ("AmountFC", self.net, self.vat) if name)
        return (self.key, self.number, self.customer, self.date, "YourRef", *amounts, *self.more)

    @property
    def every(self) -> str:
        """A filter that lets all rows through; where a feed of changes exists, one is mandatory (picqer#591)."""
        return f"{self.key} gt {_FIRST_ID}" if self.bulk != self.resource else ""


SALES_INVOICE = Form(
    name="sales_invoice",
    resource="salesinvoice/SalesInvoices",
    bulk="bulk/SalesInvoice/SalesInvoices",
    key="InvoiceID",
    number="InvoiceNumber",
    customer="OrderedBy",
    date="InvoiceDate",
    lines="SalesInvoiceLines",
    net="AmountFCExclVat",
    vat="VATAmountFC",
    more=("OrderNumber", "Status", "Type"),
)
SALES_ORDER = Form(
    name="sales_order",
    resource="salesorder/SalesOrders",
    bulk="bulk/SalesOrder/SalesOrders",
    key="OrderID",
    number="OrderNumber",
    customer="OrderedBy",
    date="OrderDate",
    lines="SalesOrderLines",
    net="AmountFCExclVat",
    vat=None,
)
SALES_ENTRY = Form(
    name="sales_entry",
    resource="salesentry/SalesEntries",
    bulk="salesentry/SalesEntries",
    key="EntryID",
    number="EntryNumber",
    customer="Customer",
    date="EntryDate",
    lines="SalesEntryLines",
    net=None,
    vat="VATAmountFC",
    more=("Type",),
)
FORMS = {form.name: form for form in (SALES_ORDER, SALES_INVOICE, SALES_ENTRY)}
"""In the order in which Exact makes one from the other: an order is invoiced, an invoice becomes an entry."""


def found(form: Form, row: dict[str, Any]) -> Found:
    """Return what Exact holds as the ledger compares it."""
    sign = _sign(row)
    return Found(
        id=row[form.key],
        reference=row["YourRef"] or "",
        customer_id=row[form.customer] or "",
        gross=sign * _amount(row["AmountFC"]),
        number=number_of(form, row),
        date=odata.calendar_date(row[form.date]),
    )


def receipt(form: Form, row: dict[str, Any]) -> Receipt:
    """Return what a write produced, with the totals that Exact computed."""
    return Receipt(id=row[form.key], number=number_of(form, row), totals=totals(form, row))


def number_of(form: Form, row: dict[str, Any]) -> str | None:
    """Return what people call the document; an invoice that is not processed yet has no number of its own."""
    if row.get(form.number):
        return str(row[form.number])
    return f"concept {row['OrderNumber']}" if row.get("OrderNumber") else None


def totals(form: Form, row: dict[str, Any]) -> Totals | None:
    """Return Exact's totals, signed as documents are; None when the answer does not hold them."""
    gross, net, vat = (row.get(name) if name else None for name in ("AmountFC", form.net, form.vat))
    if gross is None or (net is None and vat is None):
        return None
    sign, total = _sign(row), _amount(gross)
    tax = _amount(vat) if vat is not None else total - _amount(net)
    return Totals(net=sign * (total - tax), vat=sign * tax, gross=sign * total)


def _sign(row: dict[str, Any]) -> int:
    """Return -1 for a credit note whose amounts are positive: documents have negative ones."""
    return -1 if row.get("Type") in _CREDIT_TYPES and _amount(row["AmountFC"]) > 0 else 1


def _amount(value: Any) -> Decimal:
    return cents(Decimal(value or 0))
