"""Lines of sales invoices and sales orders: prices, revenue account, VAT."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.exact_online import checks
from sandbox.exact_online.vat import ZERO, Taxed, Totals, cents, rounded, totals

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

ONE = Decimal(1)
NOT_SIMULATED = ("ExtraDutyAmountFC", "ExtraDutyPercentage")
OVERRIDE = "_VATOverride"
"""A column of the sandbox's own: the VAT amount that was posted to replace the computed one."""


def line_problems(division: Division, resource: Resource, line: Values, *, add: bool = True) -> list[Problem]:
    """Return what is wrong with a posted line."""
    checks.simulated(line, NOT_SIMULATED)
    item = division.relations.row("Item", line.get("Item"))
    gl_account = line.get("GLAccount") or revenue_account(division, item)
    problems = checks.missing(line, ["Item"]) if add else []
    problems += checks.references(division, resource, line)
    if item is not None and not item.get("IsSalesItem", True):
        problems.append(("invalid", "Item"))
    problems += checks.revenue_account(division, gl_account)
    problems += checks.cost_dimensions(division, line, gl_account) if add else []
    problems += checks.sales_vat(division.relations.row("VATCode", line.get("VATCode")))
    return problems


def revenue_account(division: Division, item: Row | None) -> str | None:
    """Return the revenue account of an item, else of its group (Exact REST docs, SalesInvoiceLines.GLAccount)."""
    if item is None:
        return None
    group = division.relations.row("ItemGroup", item.get("ItemGroup")) or {}
    return item.get("GLRevenue") or group.get("GLRevenue")


def price(division: Division, line: Values, list_price: Decimal) -> Values:
    """Return UnitPrice, NetPrice and Discount of a line.

    UnitPrice is the price before discount and NetPrice after it. With only a NetPrice the UnitPrice stays the item's
    list price (recorded live, NangoHQ/integration-templates: 0 for an item without one).
    """
    unit, net = _prices(line, list_price)
    unit, net = _rounded(division, unit), _rounded(division, net)
    return {"UnitPrice": unit, "NetPrice": net, "Discount": (unit - net) / unit if unit else ZERO}


def _prices(line: Values, list_price: Decimal) -> tuple[Decimal, Decimal]:
    """Return the price before and after discount; a line with an amount alone has its price from it (inferred)."""
    unit, net, amount = line.get("UnitPrice"), line.get("NetPrice"), line.get("AmountFC")
    if unit is None and net is None and amount is not None:
        derived = Decimal(amount) / (line.get("Quantity") or ONE)
        return derived, derived
    unit = list_price if unit is None else unit
    return unit, unit * (ONE - (line.get("Discount") or 0)) if net is None else net


def _rounded(division: Division, amount: Decimal) -> Decimal:
    decimals = division.switches.price_decimals
    return amount if decimals is None else rounded(amount, decimals)


def complete(division: Division, line: Values, account: Row) -> Row:
    """Return the row of a posted line, amounts aside."""
    item = division.relations.row("Item", line["Item"]) or {}
    gl_account = line.get("GLAccount") or revenue_account(division, item)
    vat_row = _vat_row(division, line, item, account)
    row = {
        **line,
        "Description": line.get("Description") or item.get("Description"),
        "GLAccount": gl_account,
        "Quantity": ONE if line.get("Quantity") is None else line["Quantity"],
        "UnitCode": line.get("UnitCode") or item.get("Unit"),
        "VATCode": vat_row.get("Code"),
        "VATPercentage": vat_row.get("Percentage", ZERO),
        **price(division, line, item.get("StandardSalesPrice") or ZERO),
    }
    if division.switches.invoice_vat_posted:
        row[OVERRIDE] = line.get("VATAmountFC")
    row.pop("VATAmountFC", None)
    return {name: value for name, value in row.items() if value is not None}


def changed(division: Division, line: Row, values: Values) -> Row:
    """Return the row of a line with changes: new prices and a new VAT code take their consequences with them."""
    row = {**line, **values}
    if {"UnitPrice", "NetPrice", "Discount"} & set(values):
        old = {} if {"UnitPrice", "Discount"} & set(values) else {"NetPrice": line["NetPrice"]}
        row |= price(division, {"UnitPrice": line["UnitPrice"], **old, **values}, line["UnitPrice"])
    if "VATCode" in values:
        vat_row = division.relations.row("VATCode", values["VATCode"]) or {}
        row |= {"VATCode": vat_row.get("Code"), "VATPercentage": vat_row.get("Percentage", ZERO)}
    else:
        row["VATPercentage"] = line["VATPercentage"]
    if row.get("Quantity") is None:
        row["Quantity"] = ONE
    return row


def _vat_row(division: Division, line: Values, item: Row, account: Row) -> Row:
    """Return the VAT code of a line: its own, the item's, or the customer's (the order is inferred)."""
    code = line.get("VATCode") or item.get("SalesVatCode") or account.get("SalesVATCode")
    return division.relations.row("VATCode", code) or {}


def add_up(division: Division, lines: list[Row]) -> Totals:
    """Return the totals of a document's lines."""
    taxed_lines = [taxed(division, line, posted_amount(line)) for line in lines]
    return totals(taxed_lines, division.switches.vat_rounding)


def posted_amount(line: Row) -> Decimal:
    """Return the amount of a line as its price has it: VAT is still inside when the VAT code includes it."""
    return cents(line["Quantity"] * line["NetPrice"])


def taxed(division: Division, line: Row, amount: Decimal) -> Taxed:
    """Return what VAT an amount bears on a line."""
    vat_row = division.relations.row("VATCode", line.get("VATCode")) or {}
    return Taxed(
        amount=amount,
        code=vat_row.get("Code", ""),
        rate=line.get("VATPercentage", ZERO),
        kind=vat_row.get("Type", "N"),
        override=line.get(OVERRIDE),
    )
