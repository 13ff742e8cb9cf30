"""What a document says about the invoice as a whole."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal

from mapper_autotask_exact import sources, vouchers
from mapper_autotask_exact.invoices.amounts import ZERO, exact
from mapper_autotask_exact.sources import text_of
from mapper_autotask_exact.templates import clean
from transfer_ledger.documents import Attachment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from mapper_autotask_exact.invoices.case import Case
    from transfer_ledger.documents import Partner, Source, Totals

STREAM = "expanded_invoices"
RATE = Decimal("0.000001")


def source(record: Mapping[str, Any]) -> Source:
    """Return where a document comes from."""
    return sources.source(record, STREAM, "autotask", record.get("tenant"), record["id"])


def checked_source(case: Case) -> Source:
    """Return where the document comes from; that its tenant is not known is a problem."""
    found = source(case.record)
    if not found.tenant:
        case.problem("source.tenant", "", "the record does not say which Autotask it is from; use this project's tap")
    return found


def invoice_date(case: Case) -> dt.date | None:
    """Return the invoice's date."""
    value = case.record.get("invoiceDateTime")
    if value is None:
        case.problem("invoice_date", "", "Autotask gives no invoice date; look at the invoice in Autotask")
    return case.day("invoice_date", value)


def kind(case: Case, totals: Totals) -> Literal["invoice", "credit_note"]:
    """Return whether it is an invoice or a credit note."""
    policy = case.settings.credit_notes
    amounts = [exact(item.get(case.settings.line_amount)) for item in case.record.get("billing_items") or ()]
    if policy.mixed_lines == "problem" and min(amounts, default=ZERO) < 0 < max(amounts, default=ZERO):
        case.problem(
            "lines.amount",
            str(totals.net),
            "the invoice has lines above and below zero; split it in Autotask, or allow it",
            "invoices.credit_notes.mixed_lines",
        )
    if totals.net >= 0:
        return "invoice"
    if policy.negative_total == "problem":
        case.problem(
            "totals.net",
            str(totals.net),
            "the total is below zero; book it by hand, or let it become a credit note",
            "invoices.credit_notes.negative_total",
        )
    return "invoice" if policy.negative_total == "invoice" else "credit_note"


def check_numbering(case: Case, *, keep_number: bool) -> None:
    """Note when the number cannot be what the settings want it to be."""
    if not case.record.get("invoiceNumber") and case.settings.missing_number == "problem":
        case.problem(
            "number", "", "the invoice has no number; give it one in Autotask, or use its id", "invoices.missing_number"
        )
    if keep_number and case.form == "sales_invoice":
        case.problem(
            "keep_number",
            case.number,
            "Exact numbers a sales_invoice itself (picqer/exact-php-client#176); change form or this setting",
            case.rules.get("keep_number", "invoices.keep_number"),
        )
    elif keep_number and not case.number.isdecimal():
        case.problem(
            "number",
            case.number,
            f"a number that Exact is to keep has digits only, and {case.number!r} has not; "
            "change Autotask's numbering, or do not keep it",
            case.rules.get("keep_number", "invoices.keep_number"),
        )


def reference(case: Case) -> str:
    """Return the text by which the document is found again."""
    return vouchers.reference(case, case.settings.reference, case.scope, "invoice", "invoices.reference")


def customer(case: Case) -> Partner:
    """Return who is invoiced."""
    number = str(case.record.get("companyID") or "")
    if not case.company:
        case.problem(
            "customer", number, "the company is not in the record; let the API user of the tap see it in Autotask"
        )
    return vouchers.partner(case.company, number, case.settings.customer, case.scope)


def payment_condition(case: Case) -> str | None:
    """Return the payment condition's code; None leaves it to the receiving system."""
    return vouchers.payment_condition(case, case.settings.payment_conditions)


def currency(case: Case) -> str:
    """Return the currency's code."""
    name = text_of((case.record.get("currency") or {}).get("name")) or ""
    if not name:
        case.problem("currency", "", "the company's currency is not in the record; look at it in Autotask")
    return vouchers.currency(case, case.settings.currencies, name, "invoices")


def exchange_rate(case: Case) -> Decimal | None:
    """Return the rate in Autotask's lines: internal currency for one unit of the invoice's."""
    if case.settings.exchange_rate == "receiver" or (case.record.get("currency") or {}).get("isInternalCurrency"):
        return None
    field = case.settings.line_amount
    internal_field = f"internalCurrency{field[0].upper()}{field[1:]}"
    items = case.record.get("billing_items") or ()
    foreign, internal = (sum((abs(exact(item.get(name))) for item in items), ZERO) for name in (field, internal_field))
    if foreign and internal:
        return (internal / foreign).quantize(RATE, ROUND_HALF_UP)
    if foreign:
        case.problem(
            "exchange_rate",
            "",
            f"Autotask's lines hold no {internal_field} to find the rate from; let Exact use its own rate",
            "invoices.exchange_rate",
        )
    return None


def attachments(case: Case) -> list[Attachment]:
    """Return Autotask's PDF of the invoice, when the tap brought it."""
    pdf, wanted = case.record.get("invoice_pdf"), case.settings.invoice_pdf
    if wanted == "leave":
        return []
    if not pdf:
        if wanted == "require":
            case.problem(
                "attachments", "", "the record holds no PDF; set invoice_pdf: true in the tap", "invoices.invoice_pdf"
            )
        return []
    return [
        Attachment(file_name=clean(pdf["fileName"]), content_type=clean(pdf["contentType"]), data=clean(pdf["data"]))
    ]
