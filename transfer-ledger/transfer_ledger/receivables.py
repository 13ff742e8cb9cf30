"""What is to be received, as the ledger knows it: every invoice that is followed, what is open, and for how long.

The documents of ``invoice_payments`` hold all that is told here. Invoices in the books that were not recognised as the
receiving system's are left out: whoever reads this need not be allowed to look into the books.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.documents import InvoicePayment, PaymentState
from transfer_ledger.schema import listing, transfers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Engine

KIND = "invoice_payments"
ZERO = Decimal(0)

_decode = msgspec.json.Decoder(InvoicePayment).decode


class Receivable(msgspec.Struct, kw_only=True, frozen=True):
    """One invoice in the books. Amounts are in ``currency``, signed as the invoice is: a credit note is negative."""

    books: str
    """The administration it is booked in, such as ``exact_online/1234567``."""
    number: str
    reference: str | None
    customer: str
    currency: str
    amount: Decimal
    open_amount: Decimal
    state: PaymentState
    invoice_date: dt.date | None
    paid_date: dt.date | None
    open_terms: tuple[tuple[dt.date | None, Decimal], ...]
    """Due date and amount of each part that is open."""
    url: str | None = None

    def overdue(self, today: dt.date) -> Decimal:
        """Return how much of it should have been paid before this day."""
        return sum((amount for due, amount in self.open_terms if days_late(due, today) > 0), ZERO)

    def days_overdue(self, today: dt.date) -> int:
        """Return how many days ago the oldest open part fell due; 0: none did."""
        return max((days_late(due, today) for due, _ in self.open_terms), default=0)


class Age(msgspec.Struct, kw_only=True, frozen=True):
    """What is open of a certain age, in one currency."""

    label: str
    """One of ``LABELS``: days since it fell due."""
    currency: str
    open_amount: Decimal
    invoices: int


AGES: tuple[tuple[str, int], ...] = (("not due", 0), ("0–30", 30), ("31–60", 60), ("61–90", 90))  # noqa: RUF001
"""Label of an age, and up to how many days late it is; what is later is ``over 90``."""
OLDEST = "over 90"
LABELS = (*(label for label, _ in AGES), OLDEST)


def days_late(due: dt.date | None, today: dt.date) -> int:
    """Return how many days ago something fell due; on the day itself it is not late, without a date neither."""
    return max((today - due).days, 0) if due else 0


def age_of(due: dt.date | None, today: dt.date) -> str:
    """Return the label of the age of what falls due on a day."""
    late = days_late(due, today)
    return next((label for label, most in AGES if late <= most), OLDEST)


def receivables(engine: Engine, *, open_only: bool = False) -> list[Receivable]:
    """Return all invoices that are followed, by the day they fell due; ``open_only``: those not paid in full."""
    query = sa.select(transfers.c.source_system, transfers.c.source_tenant, transfers.c.document).where(
        transfers.c.kind == KIND,
        transfers.c.state != "skipped",
        transfers.c.receipt_id.is_not(None),
        transfers.c.document.is_not(None),
    )
    if open_only:
        unpaid = sa.select(listing.c.transfer_id).where(listing.c.kind == KIND, listing.c.outstanding != 0)
        query = query.where(transfers.c.id.in_(unpaid))
    with engine.connect().execution_options(**READING) as connection:
        rows = connection.execute(query).all()
    found = ((f"{system}/{tenant}", _decode(document)) for system, tenant, document in rows)
    told = [_receivable(books, payment) for books, payment in found if payment.state != "deleted" and payment.terms]
    return sorted(told, key=lambda each: (min(str(due) for due, _ in each.open_terms or [(None, ZERO)]), each.number))


def _receivable(books: str, payment: InvoicePayment) -> Receivable:
    return Receivable(
        books=books,
        number=payment.number,
        reference=payment.reference,
        customer=payment.customer.name,
        currency=payment.currency,
        amount=payment.amount,
        open_amount=payment.open_amount,
        state=payment.state,
        invoice_date=payment.invoice_date,
        paid_date=payment.paid_date,
        open_terms=tuple((term.due_date, term.amount) for term in payment.terms if term.is_open),
        url=payment.source.url,
    )


def outstanding(found: Iterable[Receivable]) -> list[Receivable]:
    """Return those of which something is open."""
    return [each for each in found if each.open_terms]


def ages(found: Sequence[Receivable], today: dt.date) -> list[Age]:
    """Return what is open by age and currency, the youngest first; every age is there for each currency."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    invoices: dict[tuple[str, str], set[int]] = defaultdict(set)
    for place, each in enumerate(found):
        for due, amount in each.open_terms:
            key = each.currency, age_of(due, today)
            sums[key] += amount
            invoices[key].add(place)
    currencies = sorted({each.currency for each in found if each.open_terms})
    return [
        Age(
            label=label,
            currency=currency,
            open_amount=sums[currency, label],
            invoices=len(invoices[currency, label]),
        )
        for currency in currencies
        for label in LABELS
    ]
