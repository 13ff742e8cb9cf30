"""What becomes of the paid date of an invoice: a pure rule over what Exact says and what Autotask holds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from transfer_ledger.documents import Problem

if TYPE_CHECKING:
    from collections.abc import Collection

    from transfer_ledger.documents import InvoicePayment

FIELD = "paidDate"


class Decision(NamedTuple):
    """What is to be written.

    Args:
        date: What the invoice is to hold, or goes on holding.
        writes: Whether that has to be written.
        problem: What a person must look at.
        says: What changes, for the log.
    """

    date: dt.date | None
    writes: bool = False
    problem: Problem | None = None
    says: str = ""


def decide(document: InvoicePayment, held: dt.date | None, ours: Collection[str]) -> Decision:
    """Return what becomes of the date that an invoice holds.

    Args:
        document: What Exact says.
        held: The date in Autotask.
        ours: The dates that this link wrote there, or may have written.
    """
    foreign = held is not None and held.isoformat() not in ours
    wanted = held if document.noticed and document.paid_date and held and not foreign else document.paid_date
    if held == wanted:
        return Decision(held)
    if foreign and document.when_dated == "keep":
        return Decision(held, problem=_kept(document, held, wanted))
    if held is not None and not foreign and wanted is None and document.when_reopened == "report":
        return Decision(held, problem=_reopened(document, held))
    whose = " (not written by this link)" if foreign else ""
    return Decision(wanted, writes=True, says=f"{FIELD}: {held or 'none'}{whose} -> {wanted or 'none'}")


def _kept(document: InvoicePayment, held: dt.date | None, wanted: dt.date | None) -> Problem:
    told = f"it was settled on {wanted}" if wanted else f"it is {_state(document)}"
    return Problem(
        field="paid_date",
        value=str(held),
        message=f"Autotask holds paid date {held}, which this link did not write; in Exact {told}",
        setting="payments.other_dates",
        advice="Correct the date in Autotask, or let other_dates be overwrite.",
    )


def _reopened(document: InvoicePayment, held: dt.date) -> Problem:
    return Problem(
        field="paid_date",
        value=str(held),
        message=f"Autotask holds paid date {held}, but in Exact it is {_state(document)} again",
        setting="payments.reopened",
        advice="Empty the date in Autotask, or let reopened be clear.",
    )


def _state(document: InvoicePayment) -> str:
    words = {"partial": "paid in part", "written_off": "written off", "deleted": "deleted"}
    return words.get(document.state, document.state)


def told(document: InvoicePayment) -> str:
    """Return how far an invoice is paid, for the log."""
    if document.state == "partial":
        paid = document.amount - document.open_amount
        due = f", due {document.due_date}" if document.due_date else ""
        amounts = f"{paid:,.2f} of {document.currency} {document.amount:,.2f}, {document.open_amount:,.2f} is open{due}"
        return f"Partly paid: {amounts}" if document.report_parts else ""
    if document.state == "open":
        return f"Not paid, due {document.due_date}" if document.due_date else "Not paid"
    on = f" on {document.paid_date}" if document.paid_date and not document.noticed else ""
    return f"{_state(document).capitalize()}{on}"


def held_date(row: dict[str, Any]) -> dt.date | None:
    """Return the date that a row holds.

    It is kept at midnight and never shifted, and the time is ignored (Autotask REST docs, Invoices).
    """
    value = row.get(FIELD)
    return dt.date.fromisoformat(str(value)[:10]) if value else None


def body(invoice_id: int, date: dt.date | None) -> dict[str, Any]:
    """Return the body of the PATCH: the key and the one field."""
    return {"id": invoice_id, FIELD: f"{date.isoformat()}T00:00:00.000Z" if date else None}
