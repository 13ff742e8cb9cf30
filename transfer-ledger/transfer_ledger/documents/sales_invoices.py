"""Sales invoices, sales orders and sales entries for customers; stream ``sales_invoices``."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal
from typing import Any, Literal

import msgspec

from transfer_ledger.documents.parts import Address, Problem, Source

Form = Literal["sales_invoice", "sales_order", "sales_entry"]
VoidPolicy = Literal["credit", "report", "ignore"]


class Customer(msgspec.Struct, kw_only=True):
    """Who is invoiced. ``id`` is the source system's key, by which the account is linked."""

    id: str
    name: str
    code: str | None = None
    vat_number: str | None = None
    chamber_of_commerce: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address: Address = msgspec.field(default_factory=Address)


class Line(msgspec.Struct, kw_only=True):
    """One line. ``amount`` is net of VAT and is the truth; quantity times unit price is for the reader."""

    source_ids: list[str]
    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    item: str | None = None
    gl_account: str | None = None
    notes: str | None = None
    unit: str | None = None
    vat_code: str | None = None
    vat_rate: Decimal | None = None
    """As a fraction: 0.21 is 21 %. The target compares it with the rate of the VAT code in Exact."""
    vat_amount: Decimal | None = None
    cost_center: str | None = None
    cost_unit: str | None = None
    project: str | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    rounding: bool = False
    """Added by the mapper to make the totals agree."""
    rules: dict[str, str] = msgspec.field(default_factory=dict)
    """Field to the settings row that gave its value, for example ``{"vat_code": "invoices.vat_codes[2]"}``."""


class Totals(msgspec.Struct, kw_only=True):
    """Amounts of a whole document, to the cent."""

    net: Decimal
    vat: Decimal
    gross: Decimal


class Attachment(msgspec.Struct, kw_only=True):
    """A file that goes along; ``data`` is base64 and is not kept in the ledger."""

    file_name: str
    content_type: str
    data: str


class SalesInvoice(msgspec.Struct, kw_only=True):
    """An invoice or a credit note for a customer; stream ``sales_invoices``."""

    source: Source
    form: Form
    type: Literal["invoice", "credit_note"]
    number: str
    """The number in the source system."""
    reference: str
    """Written to YourRef; by it the document is found again after a lost answer."""
    journal: str | None = None
    keep_number: bool = False
    """Ask the receiving system to use ``number``; otherwise it numbers by itself."""
    definitive: bool = False
    """Process at once; otherwise the document waits as a concept for a person."""
    invoice_date: dt.date | None = None
    due_date: dt.date | None = None
    description: str = ""
    remarks: str | None = None
    currency: str
    exchange_rate: Decimal | None = None
    """Units of the administration's currency for one unit of ``currency``; None: the receiver's own rate."""
    payment_condition: str | None = None
    customer: Customer
    lines: list[Line]
    totals: Totals
    """What the source system says. The target compares it with what the receiving system answers."""
    voided: bool = False
    when_voided: VoidPolicy = "report"
    """What to do when it is voided in the source system after it was transferred."""
    void_date: dt.date | None = None
    reverses: str | None = None
    """The number of the document that this credit note takes back."""
    skip: str | None = None
    """Why it is not to be transferred at all, when the settings leave it out; the target records it as skipped."""
    attachments: list[Attachment] = msgspec.field(default_factory=list)
    problems: list[Problem] = msgspec.field(default_factory=list)
    rules: dict[str, str] = msgspec.field(default_factory=dict)


def content(document: SalesInvoice) -> dict[str, Any]:
    """Return what would be written of a document.

    Left out: what only explains or shows (problems, rules), the customer's particulars beside its key and code, and
    the bytes of attachments.
    """
    written: dict[str, Any] = msgspec.to_builtins(document, builtin_types=(Decimal,))
    for name in ("problems", "rules"):
        del written[name]
    written["customer"] = [document.customer.id, document.customer.code]
    written["attachments"] = [attachment.file_name for attachment in document.attachments]
    written["lines"] = [{k: v for k, v in line.items() if k != "rules"} for line in written["lines"]]
    return written


def reversal(document: SalesInvoice) -> SalesInvoice:
    """Return the credit note that takes back a transferred invoice which was voided since."""
    return msgspec.structs.replace(
        document,
        source=msgspec.structs.replace(document.source, id=f"{document.source.id}:void"),
        type="invoice" if document.type == "credit_note" else "credit_note",
        reference=f"{document.reference}-void",
        number=f"{document.number}-void",
        invoice_date=document.void_date or document.invoice_date,
        due_date=None,
        reverses=document.number,
        voided=False,
        lines=[_negated(line) for line in document.lines],
        totals=Totals(net=-document.totals.net, vat=-document.totals.vat, gross=-document.totals.gross),
        attachments=[],
    )


def _negated(line: Line) -> Line:
    vat = None if line.vat_amount is None else -line.vat_amount
    return msgspec.structs.replace(line, quantity=-line.quantity, amount=-line.amount, vat_amount=vat)
