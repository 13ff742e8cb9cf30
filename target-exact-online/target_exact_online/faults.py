"""Why a row that exists in Exact Online cannot be used for a document: blocked, of another kind, another rate."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tap_exact_online import odata
from target_exact_online.master_data import (
    ACCOUNTS,
    COST_CENTERS,
    COST_UNITS,
    GL_ACCOUNTS,
    ITEMS,
    JOURNALS,
    PROJECTS,
    VAT_CODES,
    Resource,
)
from target_exact_online.purchases.lists import BOUGHT_ITEMS, SUPPLIERS
from transfer_ledger.documents import Problem, PurchaseOrder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from target_exact_online.findings import Findings
    from transfer_ledger.documents import Line, OrderLine, SalesInvoice
    from transfer_ledger.ledger import MasterRow

SALES_JOURNAL = 20
MANDATORY = 1
NOT_REVENUE = {10: "cash", 12: "bank", 14: "credit card", 16: "payment", 20: "receivables", 22: "payables", 24: "VAT"}
"""Types of G/L account that a sales line is refused on (picqer/exact-php-client#121; the first four inferred)."""
INCLUSIVE, EXCLUSIVE = "I", "E"

Fault = tuple[str, str]
"""What is wrong, after the name of the row; and what to do about it."""


class Use(NamedTuple):
    """A row, the document that names it, and the line when a line does."""

    row: MasterRow
    document: SalesInvoice | PurchaseOrder
    line: Line | OrderLine | None = None

    @property
    def bought(self) -> bool:
        """Whether it is used to buy, not to sell."""
        return isinstance(self.document, PurchaseOrder)


def note(findings: Findings, resource: Resource, use: Use, field: str, setting: str | None) -> None:
    """Add what is wrong with the use of a row to the findings."""
    code = use.row.code or use.row.id
    for message, advice in _CHECKS.get(resource, _fine)(use):
        problem = Problem(field=field, value=code, message=f"{resource.title} {code} {message}", setting=setting)
        findings.add(problem, advice, blame=resource)


def rate_of(row: MasterRow) -> Decimal:
    """Return the rate of a VAT code as a fraction, nothing for codes without VAT.

    Exact documents neither fraction nor percentage; a rate above 1 can only be a percentage.
    """
    if row.data["Type"] not in (EXCLUSIVE, INCLUSIVE):
        return Decimal(0)
    rate = Decimal(row.data["Percentage"] or 0)
    return rate / 100 if rate > 1 else rate


def _fine(_: Use) -> Iterator[Fault]:
    yield from ()


def _account(use: Use) -> Iterator[Fault]:
    if use.row.data["Blocked"]:
        yield f"({use.row.data['Name']}) is blocked", f"Unblock account {use.row.code} in Exact Online."
    yield from _dates(use)


def _journal(use: Use) -> Iterator[Fault]:
    row, document = use.row, use.document
    if row.data["Type"] != SALES_JOURNAL:
        yield "is no sales journal", "Map a sales journal."
    if row.data["IsBlocked"]:
        yield "is blocked", f"Unblock journal {row.code} in Exact Online, or map another."
    own = odata.trimmed(row.data["Currency"])
    if row.data["AllowVariableCurrency"] is False and own and own != document.currency:
        yield f"takes {own} only, not {document.currency}", "Allow other currencies in it, or map another journal."


def _item(use: Use) -> Iterator[Fault]:
    row = use.row
    if not row.data["IsSalesItem"]:
        yield "is not sold", f"Mark item {row.code} as a sales item in Exact Online, or map another."
    yield from _dates(use)


def _bought(use: Use) -> Iterator[Fault]:
    row = use.row
    if not row.data["IsPurchaseItem"]:
        yield "is not bought", f"Mark item {row.code} as a purchase item in Exact Online, or map another."
    yield from _dates(use)


def _dates(use: Use) -> Iterator[Fault]:
    row, day, what = use.row, use.document.day, "order date" if use.bought else "invoice date"
    start, end = (odata.calendar_date(row.data.get(name)) for name in ("StartDate", "EndDate"))
    if day is not None and start is not None and day < start:
        yield f"starts on {start}, after the {what} {day}", f"Set an earlier start date for {row.code}."
    if day is not None and end is not None and day > end:
        yield f"ended on {end}, before the {what} {day}", f"Set a later end date for {row.code}, or map another."


def _gl_account(use: Use) -> Iterator[Fault]:
    row, line = use.row, use.line
    if row.data["Type"] in NOT_REVENUE:
        yield f"is an account for {NOT_REVENUE[row.data['Type']]}, not for revenue", "Map a revenue account."
    if row.data["IsBlocked"]:
        yield "is blocked", f"Unblock G/L account {row.code} in Exact Online, or map another."
    dimensions = (("UseCostcenter", "cost_center", "cost centre"), ("UseCostunit", "cost_unit", "cost unit"))
    for column, name, what in dimensions:
        if line is not None and row.data[column] == MANDATORY and not getattr(line, name):
            yield f"wants a {what}", f"Map a {what}, or make it optional for the account in Exact Online."


def _vat_code(use: Use) -> Iterator[Fault]:
    row, line = use.row, use.line
    if row.data["IsBlocked"]:
        yield "is blocked", f"Unblock VAT code {row.code} in Exact Online, or map another."
    mine, other = ("P", "sales") if use.bought else ("S", "purchases")
    if row.data["VATTransactionType"] not in (None, "B", mine):
        yield f"is for {other} only", f"Map a VAT code for {'purchases' if use.bought else 'sales'}."
    if row.data["Type"] == INCLUSIVE:
        yield "includes VAT in the amount, while amounts here are without VAT", "Map a VAT code of type excluding."
    wanted, rate = getattr(line, "vat_rate", None), rate_of(row)
    if wanted is not None and wanted != rate:
        yield (
            f"has {_percent(rate)} % in Exact Online, the invoice {_percent(wanted)} %",
            "Map the VAT code with the invoice's rate, or correct the rate at its source.",
        )


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}"


_CHECKS: dict[Resource, Callable[[Use], Iterator[Fault]]] = {
    ACCOUNTS: _account,
    SUPPLIERS: _account,
    BOUGHT_ITEMS: _bought,
    JOURNALS: _journal,
    ITEMS: _item,
    GL_ACCOUNTS: _gl_account,
    VAT_CODES: _vat_code,
    COST_CENTERS: _dates,
    COST_UNITS: _dates,
    PROJECTS: _dates,
}
