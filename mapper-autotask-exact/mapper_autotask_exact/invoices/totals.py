"""The totals agree to the cent, or the difference is named."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from mapper_autotask_exact.invoices.amounts import ZERO, cents, exact, predicted_vat, spread, unit_price
from transfer_ledger.documents import Line, Totals

if TYPE_CHECKING:
    import datetime as dt

    from mapper_autotask_exact.invoices.case import Case
    from mapper_autotask_exact.invoices.lines import Draft

HALF_CENT = Decimal("0.005")


def stated(case: Case) -> Totals:
    """Return what Autotask says the invoice amounts to.

    The net and the gross amount are each rounded once; VAT is what lies between, so that the three agree.
    """
    total, vat = exact(case.record.get("invoiceTotal")), exact(case.record.get("totalTaxValue"))
    net = total - vat if case.settings.invoice_total == "gross" else total
    rounded, gross = cents(net), cents(net + vat)
    if case.record.get("invoiceTotal") is None:
        case.problem("totals", "", "Autotask gives no invoiceTotal for this invoice; look at it in Autotask")
    return Totals(net=rounded, vat=gross - rounded, gross=gross)


def reconciled(case: Case, drafts: list[Draft], totals: Totals) -> list[Line]:
    """Return the lines in whole cents, with a rounding line when it takes one to reach Autotask's gross total.

    Net amounts add up to Autotask's net, VAT amounts to its VAT. Sales orders and invoices get their VAT from the
    receiving system, which may round otherwise: what it will make of it is predicted.
    """
    amounts = _spread(totals.net, [draft.amount for draft in drafts], case.settings.tolerance.document)
    taxes = _spread(totals.vat, [draft.tax for draft in drafts], case.settings.tolerance.document)
    lines = [_line(case, draft, amount, tax) for draft, amount, tax in zip(drafts, amounts, taxes, strict=True)]
    net, vat = sum(amounts, ZERO), _booked_vat(case, lines, totals)
    if net + vat == totals.gross:
        return lines
    return [*lines, *_rounding_line(case, totals, net, vat)]


def _spread(total: Decimal, amounts: list[Decimal], tolerance: Decimal) -> list[Decimal]:
    """Round to cents, to Autotask's total where that is a matter of rounding, otherwise to the lines' own sum."""
    together = sum(amounts, ZERO)
    near = abs(together - total) <= tolerance + HALF_CENT or total == sum(map(cents, amounts), ZERO)
    spread_out = spread(total, amounts) if near else None
    return spread_out or spread(cents(together), amounts) or [cents(amount) for amount in amounts]


def _booked_vat(case: Case, lines: list[Line], totals: Totals) -> Decimal:
    if case.form == "sales_entry":
        return sum((line.vat_amount or ZERO for line in lines), ZERO)
    taxed = [(line.vat_code, line.vat_rate, line.amount) for line in lines if line.amount]
    known = [(code, rate, amount) for code, rate, amount in taxed if code is not None and rate is not None]
    return predicted_vat(known, case.settings.vat_rounding) if len(known) == len(taxed) else totals.vat


def _line(case: Case, draft: Draft, amount: Decimal, tax: Decimal) -> Line:
    quantity, price = unit_price(draft.quantity, draft.price, amount)
    from_date, to_date = _period(case, draft)
    return Line(
        source_ids=[str(item["id"]) for item in draft.items],
        description=draft.description,
        quantity=quantity,
        unit_price=price,
        amount=amount,
        item=draft.codes.get("item"),
        gl_account=draft.codes.get("gl_account"),
        notes=draft.notes,
        unit=draft.codes.get("unit"),
        vat_code=draft.vat_code,
        vat_rate=draft.vat_rate,
        vat_amount=tax,
        cost_center=draft.codes.get("cost_center"),
        cost_unit=draft.codes.get("cost_unit"),
        project=draft.codes.get("project_code"),
        from_date=from_date,
        to_date=to_date,
        rules=draft.rules,
    )


def _period(case: Case, draft: Draft) -> tuple[dt.date | None, dt.date | None]:
    if draft.period == "invoice":
        fields = case.record.get("fromDate"), case.record.get("toDate")
        return case.day("lines.from_date", fields[0]), case.day("lines.to_date", fields[1])
    if draft.period == "item_date":
        days = [day for item in draft.items if (day := case.day("lines.from_date", item.get("itemDate")))]
        return (min(days), max(days)) if days else (None, None)
    return None, None


def _rounding_line(case: Case, totals: Totals, net: Decimal, vat: Decimal) -> list[Line]:
    """Return the line that takes up a small difference; a larger one is a problem."""
    rounding, difference = case.settings.rounding, totals.gross - net - vat
    figures = (
        f"Autotask says {totals.net:.2f} net and {totals.vat:.2f} VAT, {totals.gross:.2f} together; the lines come to "
        f"{net:.2f} net and {vat:.2f} VAT, {net + vat:.2f} together: a difference of {difference:.2f}"
    )
    if rounding is None:
        advice = "look at the invoice in Autotask, or fill in invoices.rounding to let a line take up small differences"
        case.problem("totals.gross", str(totals.gross), f"{figures}; {advice}", "invoices.rounding")
        return []
    if abs(difference) > rounding.max_amount:
        advice = f"look at the invoice in Autotask; a rounding line takes up no more than {rounding.max_amount}"
        case.problem("totals.gross", str(totals.gross), f"{figures}; {advice}", "invoices.rounding.max_amount")
        return []
    return [
        Line(
            source_ids=[],
            description=rounding.description,
            quantity=Decimal(1),
            unit_price=difference,
            amount=difference,
            item=rounding.item,
            gl_account=rounding.gl_account,
            vat_code=rounding.vat_code,
            vat_rate=ZERO,
            vat_amount=ZERO,
            cost_center=rounding.cost_center,
            cost_unit=rounding.cost_unit,
            rounding=True,
            rules={"amount": "invoices.rounding"},
        )
    ]
