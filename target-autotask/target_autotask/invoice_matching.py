"""Which of Autotask's invoices an invoice in the books is: pure rules over what was read of both."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from typing_extensions import override

from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Ambiguous
from transfer_ledger.links.names import name, odd_words
from transfer_ledger.receipts import CENT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tap_autotask.client import Row
    from transfer_ledger.documents import InvoicePayment, Partner


By = Literal["reference", "number"]
ADVICE = (
    "Put Autotask's number in Your reference of the invoice in Exact, link the company and the account, or leave the "
    "invoice out with payments.skip."
)
IN_PARTS = (
    "It may be invoiced in parts: date Autotask's invoice by hand when all of them are settled, and put this one aside."
)
ROUNDING = Decimal("0.99")
"""An invoice in the books that is smaller by a hundredth is whole: VAT may be rounded by line or in all."""


class Candidate(NamedTuple):
    """An invoice of Autotask that may be the one, and how far it agrees.

    Args:
        row: The invoice.
        by: Our reference, or the number.
        amount: Whether the amounts agree to the cent.
        customer: Whether the customers agree; None: nothing says so, and nothing against it.
        company: The name of its company.
        whole: Whether the invoice in the books is no smaller, so that it is not a part of this one.
    """

    row: Row
    by: By
    amount: bool
    customer: bool | None
    company: str
    whole: bool = True

    @override
    def __str__(self) -> str:
        company = self.company or "a company that is not shown"
        return f"{number_of(self.row)} (id {self.row['id']}) of {company}, {gross(self.row):,.2f}"


def the_one(document: InvoicePayment, candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the candidate that is the invoice of a document, None when there is none.

    Our reference says it when the customer or the amount agrees too, and the invoice in the books is not a part of it;
    a number alone only when both agree.

    Raises:
        Ambiguous: several are, or one agrees in part.
    """
    standing = [each for each in candidates if not each.row.get("isVoided")] or list(candidates)
    for fitting in (
        [each for each in standing if each.by == "reference" and _referred(each)],
        [each for each in standing if each.by == "number" and each.amount and each.customer],
    ):
        if len(fitting) > 1:
            fitting = [each for each in fitting if each.amount and each.customer] or fitting  # noqa: PLW2901 - narrowed
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise _ambiguous(document, fitting, "several of Autotask's invoices may be")
    larger = [each for each in standing if each.by == "reference" and each.customer and not each.whole]
    if larger:
        raise _ambiguous(document, larger, "an invoice of Autotask is larger than", IN_PARTS)
    doubtful = [each for each in standing if each.amount or each.customer]
    if doubtful:
        raise _ambiguous(document, doubtful, "an invoice of Autotask agrees only in part with")
    return None


def _referred(each: Candidate) -> bool:
    return each.customer is not False and (each.amount or (each.customer is True and each.whole))


def _ambiguous(document: InvoicePayment, candidates: Sequence[Candidate], what: str, advice: str = ADVICE) -> Ambiguous:
    listed = [str(each) for each in candidates]
    about = f"{document.number} of {document.customer.name}, {document.currency} {document.amount:,.2f}"
    problem = Problem(field="number", value=document.number, message=f"{what} {about}: {'; '.join(listed)}")
    return Ambiguous([problem], advice, candidates=listed)


def number_of(row: Row) -> str:
    """Return the number of an invoice: Autotask shows the id of one without (Autotask REST docs, Invoices)."""
    return str(row.get("invoiceNumber") or row["id"])


def folded(text: str | None) -> str:
    """Return a number or a reference as it is compared."""
    return (text or "").strip().casefold()


def gross(row: Row) -> Decimal:
    """Return the amount of an invoice with VAT, when its total is without."""
    return _amount(row, "invoiceTotal") + _amount(row, "totalTaxValue")


def same_amount(document: InvoicePayment, row: Row) -> bool:
    """Tell whether amounts agree to the cent; whether Autotask's total holds the VAT differs by tenant (inferred)."""
    return document.amount in {_cents(gross(row)), _cents(_amount(row, "invoiceTotal"))}


def is_whole(document: InvoicePayment, row: Row) -> bool:
    """Tell whether an invoice in the books is all of Autotask's, or more, to a rounding of its VAT."""
    least = min(abs(gross(row)), abs(_amount(row, "invoiceTotal")))
    return abs(document.amount) >= least * ROUNDING


def is_opposite(document: InvoicePayment, row: Row) -> bool:
    """Tell whether one is a credit note and the other an invoice, as when a bookkeeper's credit note names it."""
    return document.amount * gross(row) < 0


def _amount(row: Row, field: str) -> Decimal:
    return Decimal(str(row.get(field) or 0))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def same_customer(
    partner: Partner, company: Mapping[str, Any], linked: Mapping[str, str], accounts: Collection[str]
) -> bool | None:
    """Tell whether an account is a company: by their link, else by number or name.

    Args:
        partner: The account.
        company: The company; empty when it is not shown.
        linked: Id of a company to the account that it is linked with.
        accounts: The accounts that are linked with some company.
    """
    account = linked.get(str(company.get("id")))
    if account is not None or partner.id in accounts:
        return account == partner.id
    number = folded(company.get("companyNumber"))
    if number and number == folded(partner.code):
        return True
    one, other = name(partner.name), name(str(company.get("companyName") or ""))
    alike = bool(one.words) and one.group == other.group and odd_words(one, other) == ([], [])
    return True if alike else None
