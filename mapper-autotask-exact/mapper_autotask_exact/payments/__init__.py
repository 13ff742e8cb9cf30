"""What Exact knows of the payment of an invoice becomes the paid date of Autotask's.

Facts about payment terms are those of Exact Online's REST documentation (sync/Cashflow/PaymentTerms): an amount to be
received is negative, status 50 is matched, and a term that went into a collection file (40) is not yet money.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.case import Case
from mapper_autotask_exact.facts import Facts
from mapper_autotask_exact.payments.facts import PAYMENT_FACTS
from mapper_autotask_exact.sources import source, text_of
from transfer_ledger.documents import InvoicePayment, Partner, PaymentTerm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mapper_autotask_exact.case import Lookup
    from mapper_autotask_exact.payments.settings import PaymentSettings
    from transfer_ledger.documents import EndedBy, PaymentState, Problem, Source

STREAM = "invoice_payments"
KEY = "TransactionID"
DELETED = "_sdc_deleted_at"
MATCHED = 50
ZERO = Decimal(0)


def document(record: dict[str, Any], settings: PaymentSettings, lookups: list[Lookup] | None = None) -> InvoicePayment:
    """Map one record.

    Args:
        record: A row of ``invoice_payments``.
        settings: Compiled settings under ``payments``.
        lookups: Takes every look into a table, for those who want to know why.

    Returns:
        The document; what could not be mapped stands in its ``problems``, all of it.
    """
    if record.get(DELETED):
        return InvoicePayment(source=_source(record), state="deleted", when_reopened=settings.reopened)
    case = Case(record, Facts(record, known=PAYMENT_FACTS), lookups)
    terms = [_term(case, row) for row in record.get("terms") or ()]
    made = _made(case, terms)
    made.state = _state(terms)
    made.paid_date = _paid_date(case, made, settings)
    made.when_reopened, made.when_dated = settings.reopened, settings.other_dates
    made.when_not_found, made.noticed = settings.not_found, settings.date == "noticed"
    made.report_parts = settings.partial == "report"
    row = case.look("skip", settings.skip)
    old = None if row else _too_old(case, made, settings)
    made.skip, made.unless_dated = f"left out by {row.path}" if row else old, old is not None
    made.rules = case.rules
    made.problems = [] if row else case.problems
    return made


def unmapped(record: dict[str, Any], problem: Problem) -> InvoicePayment:
    """Return the document of a record that could not be mapped at all; it carries the reason and nothing else."""
    return InvoicePayment(source=_source(record), problems=[problem])


def _source(record: Mapping[str, Any]) -> Source:
    return source(record, STREAM, "exact_online", record.get("Division"), record[KEY])


def _made(case: Case, terms: Sequence[PaymentTerm]) -> InvoicePayment:
    record = case.record
    currency = text_of(record.get("Currency"))
    if not terms:
        case.problem("terms", "", "it has no payment terms, so it is not known whether it is paid")
    if not currency:
        case.problem("currency", "", "it has no currency")
    unpaid = [term.due_date for term in terms if term.is_open and term.due_date]
    due = [term.due_date for term in terms if term.due_date]
    return InvoicePayment(
        source=_source(record),
        number=text_of(record.get("InvoiceNumber")) or text_of(record.get("EntryNumber")) or str(record[KEY]),
        reference=text_of(record.get("YourRef")),
        receipt_ids=[key for name in ("TransactionEntryID", KEY) if (key := text_of(record.get(name)))],
        customer=Partner(
            id=text_of(record.get("Account")) or "",
            name=text_of(record.get("AccountName")) or "",
            code=text_of(record.get("AccountCode")),
        ),
        currency=currency or "",
        amount=sum((term.amount for term in terms), ZERO),
        open_amount=sum((term.amount for term in terms if term.is_open), ZERO),
        terms=list(terms),
        invoice_date=_date(case, "invoice_date", record.get("InvoiceDate")),
        due_date=min(unpaid) if unpaid else max(due, default=None),
    )


def _term(case: Case, row: Mapping[str, Any]) -> PaymentTerm:
    amount = row["AmountFC"] if row.get("AmountFC") is not None else row["AmountDC"]
    owed = -Decimal(str(amount)) or ZERO
    paid_on = _date(case, "terms.paid_on", row.get("LastPaymentDate"))
    ended_by = _end(row, owed, paid_on)
    # A term of nothing is never matched with anything, and nobody waits for it.
    end = case.record.get("InvoiceDate") if ended_by == "nothing" else row.get("EndDate")
    return PaymentTerm(
        id=str(row["ID"]),
        amount=owed,
        due_date=_date(case, "terms.due_date", row.get("DueDate")),
        ended_by=ended_by,
        paid_on=paid_on if ended_by else None,
        ended_on=_date(case, "terms.ended_on", end) if ended_by else None,
    )


def _end(row: Mapping[str, Any], owed: Decimal, paid_on: dt.date | None) -> EndedBy | None:
    """Return what ended a term; None while it is open."""
    if row.get("Status") != MATCHED:
        return None if owed else "nothing"
    if paid_on:
        return "payment"
    return "credit_note" if row.get("credited") else "write_off"


def _date(case: Case, field: str, value: Any) -> dt.date | None:
    """Return a calendar date; what is none is a problem."""
    if value in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        case.problem(field, str(value), f"{value!r} is no date")
        return None


def _state(terms: Sequence[PaymentTerm]) -> PaymentState:
    ways = {term.ended_by for term in terms}
    if any(term.is_open for term in terms):
        return "partial" if any(term.amount for term in terms if not term.is_open) else "open"
    if "payment" in ways or ways <= {"nothing"}:
        return "paid"
    return "credited" if "credit_note" in ways else "written_off"


def _paid_date(case: Case, made: InvoicePayment, settings: PaymentSettings) -> dt.date | None:
    """Return the day to be written; None while something is open, or ended in a way that settles nothing."""
    if not made.terms or not all(not term.is_open and settings.settles(term.ended_by) for term in made.terms):
        return None
    if lacking := _lacking(case):
        message = f"its terms lack {lacking:,.2f} of its amount, so it is not known whether that is paid"
        case.problem(
            "terms", f"{made.amount:f}", f"{message}; look at it in Exact, and at the rights of the tap's user"
        )
        return None
    if settings.date == "noticed":
        found = _date(case, "paid_date", case.record.get("noticed_on"))
    else:
        payments = [term.paid_on for term in made.terms if term.paid_on]
        ends = [day for term in made.terms if (day := term.paid_on or term.ended_on)]
        found = max(payments if settings.date == "last_payment" and payments else ends, default=None)
    if found is None:
        case.problem("paid_date", "", "nothing is open, but Exact names no day; set date to noticed", "payments.date")
    return found


def _lacking(case: Case) -> Decimal:
    """Return how much of the invoice no term tells of; what is to be received is negative in terms."""
    unit = "FC" if case.record.get("TransactionAmountFC") is not None else "DC"
    whole, parts = (
        case.record.get(f"TransactionAmount{unit}"),
        [row.get(f"Amount{unit}") for row in case.record["terms"]],
    )
    if whole is None or None in parts:
        return ZERO
    return sum((Decimal(str(part)) for part in parts), Decimal(str(whole)))


def _too_old(case: Case, made: InvoicePayment, settings: PaymentSettings) -> str | None:
    """Return why its age leaves it out."""
    day, noticed = made.invoice_date, _date(case, "noticed_on", case.record.get("noticed_on"))
    if day and settings.invoices_from and day < settings.invoices_from:
        return f"dated {day}, before payments.invoices_from"
    if day and noticed and settings.window_days is not None and (noticed - day).days > settings.window_days:
        return f"dated {day}, longer ago than payments.window_days"
    return None
