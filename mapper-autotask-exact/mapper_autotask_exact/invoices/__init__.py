"""Autotask's invoices become sales invoices, sales orders or sales entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.invoices import header, totals
from mapper_autotask_exact.invoices.amounts import ZERO
from mapper_autotask_exact.invoices.case import Case
from mapper_autotask_exact.invoices.grouping import grouped
from mapper_autotask_exact.invoices.lines import drafts
from mapper_autotask_exact.invoices.vat import set_vat
from mapper_autotask_exact.templates import first_filled
from transfer_ledger.documents import Line, Partner, Problem, SalesInvoice, Totals

if TYPE_CHECKING:
    from mapper_autotask_exact.case import Lookup
    from mapper_autotask_exact.settings import InvoiceSettings

STREAM = header.STREAM


def document(record: dict[str, Any], settings: InvoiceSettings, lookups: list[Lookup] | None = None) -> SalesInvoice:
    """Map one record.

    Args:
        record: A row of ``expanded_invoices``.
        settings: Compiled settings.
        lookups: Takes every look into a table, for those who want to know why.

    Returns:
        The document; what could not be mapped stands in its ``problems``, all of it.
    """
    case = Case(settings, record, lookups)
    skip = case.look("skip", settings.skip)
    stated = totals.stated(case)
    lines, empty = _lines(case, stated)
    made = _document(case, stated, lines)
    made.skip = f"left out by {skip.path}" if skip else empty
    made.problems = [] if made.skip or made.voided else case.problems
    return made


def _document(case: Case, stated: Totals, lines: list[Line]) -> SalesInvoice:
    settings, record = case.settings, case.record
    keep_number = bool(case.chosen("keep_number", settings.keep_number, default=False))
    header.check_numbering(case, keep_number=keep_number)
    voided = bool(record.get("isVoided"))
    return SalesInvoice(
        source=header.checked_source(case),
        form=case.form,
        type=header.kind(case, stated),
        number=case.number,
        reference=header.reference(case),
        journal=case.chosen("journal", settings.journal, default=None),
        keep_number=keep_number,
        definitive=case.chosen("definitive", settings.definitive, default=False),
        invoice_date=header.invoice_date(case),
        due_date=case.day("due_date", record.get("dueDate")) if settings.due_date == "autotask" else None,
        description=first_filled(settings.description, (case.scope,)),
        remarks=first_filled(settings.remarks, (case.scope,)) or None,
        currency=header.currency(case),
        exchange_rate=header.exchange_rate(case),
        payment_condition=header.payment_condition(case),
        customer=header.customer(case),
        lines=lines,
        totals=stated,
        voided=voided,
        when_voided=settings.voids,
        void_date=case.day("void_date", record.get("voidedDate")) if voided else None,
        paid_date=case.day("paid_date", record.get("paidDate")),
        attachments=header.attachments(case),
        rules=case.rules,
    )


def unmapped(record: dict[str, Any], problem: Problem) -> SalesInvoice:
    """Return the document of a record that could not be mapped at all; it carries the reason and nothing else."""
    return SalesInvoice(
        source=header.source(record),
        form="sales_invoice",
        type="invoice",
        number=str(record["id"]),
        reference=str(record["id"]),
        currency="",
        customer=Partner(id=str(record.get("companyID") or ""), name=""),
        lines=[],
        totals=Totals(net=ZERO, vat=ZERO, gross=ZERO),
        problems=[problem],
    )


def _lines(case: Case, stated: Totals) -> tuple[list[Line], str | None]:
    """Return the lines, and why the invoice is to be skipped when none is left."""
    kept = drafts(case)
    set_vat(case, kept)
    kept = grouped(case, kept)
    if kept:
        return totals.reconciled(case, kept, stated), None
    why = "no line is left of this invoice"
    if not stated.net and not stated.gross and case.settings.empty_invoices == "skip":
        return [], f"{why} (invoices.empty_invoices)"
    if stated.net:
        advice, setting = "look at its lines in Autotask, and whether the API user of the tap may see them", None
    else:
        advice, setting = "keep its lines, or skip such invoices", "invoices.empty_invoices"
    case.problem("lines", "", f"{why}, while Autotask says {stated.net} net; {advice}", setting)
    return [], None
