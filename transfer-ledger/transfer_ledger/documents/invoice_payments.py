"""How far an invoice is paid, for the system it came from; stream ``invoice_payments``."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal
from typing import ClassVar, Literal

import msgspec
from typing_extensions import override

from transfer_ledger.documents.parts import Document, Headline, Partner

PaymentState = Literal["open", "partial", "paid", "credited", "written_off", "deleted"]
EndedBy = Literal["payment", "credit_note", "write_off", "nothing"]
"""What ended a term; ``nothing`` was to be received of it."""
WhenReopened = Literal["clear", "report"]
WhenDated = Literal["keep", "overwrite"]
WhenNotFound = Literal["skip", "fail"]

ZERO = Decimal(0)


class PaymentTerm(msgspec.Struct, kw_only=True):
    """One instalment, or a part that was paid by itself."""

    id: str
    """Key in the books, by which a deletion tells of it."""
    amount: Decimal
    due_date: dt.date | None = None
    ended_by: EndedBy | None = None
    """None: it is open."""
    paid_on: dt.date | None = None
    """The day of the payment."""
    ended_on: dt.date | None = None
    """The day from which it is not outstanding any more."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be received."""
        return self.ended_by is None


class InvoicePayment(Document, kw_only=True):
    """What is known of the payment of one invoice. Amounts are in ``currency``, signed as the invoice is."""

    number: str = ""
    """Of the invoice in the books."""
    reference: str | None = None
    """Our reference on it, by which the invoice is found where it came from."""
    receipt_ids: list[str] = msgspec.field(default_factory=list)
    """Keys that the invoice has in the books, by which the ledger knows its transfer."""
    customer: Partner = msgspec.field(default_factory=lambda: Partner(id="", name=""))
    currency: str = ""
    amount: Decimal = ZERO
    open_amount: Decimal = ZERO
    state: PaymentState = "open"
    """``paid`` when nothing is open and at least a part was paid; ``deleted``: the invoice is gone from the books."""
    terms: list[PaymentTerm] = msgspec.field(default_factory=list)
    invoice_date: dt.date | None = None
    due_date: dt.date | None = None
    """Of what is open the earliest."""
    paid_date: dt.date | None = None
    """The date to be written; None: no date is to stand there."""
    noticed: bool = False
    """Whether that is only the day it was noticed: one that was written before stays."""
    report_parts: bool = True
    """Whether the log says how much of an invoice is paid that is paid in part."""
    when_reopened: WhenReopened = "clear"
    """What to do with a date that was written, when there is to be none any more."""
    when_dated: WhenDated = "keep"
    """What to do with a date that somebody else wrote."""
    when_not_found: WhenNotFound = "skip"
    """What becomes of an invoice in the books that is none of the receiver's."""
    unless_dated: bool = False
    """Whether ``skip`` only holds where no date was written: what was written is followed to its end."""

    unwritten: ClassVar[tuple[str, ...]] = (
        *Document.unwritten,
        *("noticed", "report_parts", "when_reopened", "when_dated", "when_not_found", "unless_dated"),
    )

    @override
    def headline(self) -> Headline:
        return Headline(
            number=self.number or self.source.id,
            reference=self.reference,
            name=self.customer.name or None,
            currency=self.currency or None,
            gross=self.amount,
            date=self.invoice_date,
        )
