"""How far an invoice is paid, for the system it came from; stream ``invoice_payments``."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal  # noqa: TC003 - as above
from typing import Literal

import msgspec
from typing_extensions import override

from transfer_ledger.documents.parts import Document, Headline, Partner

PaymentState = Literal["open", "partial", "paid", "credited", "written_off", "reopened"]


class InvoicePayment(Document, kw_only=True):
    """What is known of the payment of one invoice. Amounts are in ``currency``, signed as the invoice is."""

    number: str
    """Of the invoice in the books."""
    reference: str | None = None
    """Our reference on it, by which the invoice is found where it came from."""
    receipt_ids: list[str] = msgspec.field(default_factory=list)
    """Keys that the invoice has in the books, by which the ledger knows its transfer."""
    customer: Partner
    currency: str
    amount: Decimal
    open_amount: Decimal
    state: PaymentState
    invoice_date: dt.date | None = None
    due_date: dt.date | None = None
    paid_date: dt.date | None = None
    """The date to be written; None: no date is to stand there."""

    @override
    def headline(self) -> Headline:
        return Headline(
            number=self.number,
            reference=self.reference,
            name=self.customer.name,
            currency=self.currency,
            gross=self.amount,
            date=self.paid_date or self.invoice_date,
        )
