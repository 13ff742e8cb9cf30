"""Sales invoices, sales orders and sales entries for customers; stream ``sales_invoices``."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal  # noqa: TC003 - as above
from typing import ClassVar, Literal

import msgspec
from typing_extensions import override

from transfer_ledger.documents.parts import Partner, Totals, Voucher

Form = Literal["sales_invoice", "sales_order", "sales_entry"]


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


class SalesInvoice(Voucher, kw_only=True):
    """An invoice or a credit note for a customer; stream ``sales_invoices``. Its reference is written to YourRef."""

    form: Form
    type: Literal["invoice", "credit_note"]
    journal: str | None = None
    keep_number: bool = False
    """Ask the receiving system to use ``number``; otherwise it numbers by itself."""
    definitive: bool = False
    """Process at once; otherwise the document waits as a concept for a person."""
    invoice_date: dt.date | None = None
    due_date: dt.date | None = None
    customer: Partner
    lines: list[Line]
    void_date: dt.date | None = None
    reverses: str | None = None
    """The number of the document that this credit note takes back."""
    paid_date: dt.date | None = None
    """The day on which the source system has it as paid; for those who compare, it is not written."""

    partner_field: ClassVar[str] = "customer"
    unwritten: ClassVar[tuple[str, ...]] = (*Voucher.unwritten, "paid_date")

    @property
    @override
    def day(self) -> dt.date | None:
        return self.invoice_date

    @override
    def reversal(self, voided: SalesInvoice) -> SalesInvoice:
        """Return the credit note that takes back a transferred invoice which was voided since."""
        return msgspec.structs.replace(
            self,
            source=msgspec.structs.replace(self.source, id=f"{self.source.id}:void"),
            type="invoice" if self.type == "credit_note" else "credit_note",
            reference=f"{self.reference}-void",
            number=f"{self.number}-void",
            invoice_date=voided.void_date or self.invoice_date,
            due_date=None,
            reverses=self.number,
            voided=False,
            lines=[_negated(line) for line in self.lines],
            totals=Totals(net=-self.totals.net, vat=-self.totals.vat, gross=-self.totals.gross),
            attachments=[],
        )


def _negated(line: Line) -> Line:
    vat = None if line.vat_amount is None else -line.vat_amount
    return msgspec.structs.replace(line, quantity=-line.quantity, amount=-line.amount, vat_amount=vat)
