"""Lines of purchase orders: what a supplier asks for an item, in which unit, with which VAT."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.exact_online import checks, sales_lines
from sandbox.exact_online.vat import ZERO, cents

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.exact_online.vat import Taxed
    from sandbox.store import Row

ONE = Decimal(1)


def problems(division: Division, resource: Resource, supplier: Any, line: Values, *, add: bool = True) -> list[Problem]:
    """Return what is wrong with a posted line, or with changes to one."""
    found = checks.missing(line, ["Item", "QuantityInPurchaseUnits"]) if add else []
    found += checks.references(division, resource, line)
    found += _item_problems(division, supplier, line.get("Item"))
    quantity = line.get("QuantityInPurchaseUnits")
    negative = quantity is not None and quantity < 0 and not division.switches.negative_purchases
    if quantity == 0 or negative:
        found.append(("invalid", "QuantityInPurchaseUnits"))
    return found + checks.purchase_vat(division.relations.row("VATCode", line.get("VATCode")))


def _item_problems(division: Division, supplier: Any, item_id: Any) -> list[Problem]:
    """Check that an item may be bought, and of this supplier. Both are inferred, and switches."""
    item = division.relations.row("Item", item_id)
    if item is None:
        return []
    if division.switches.purchase_items_only and not item.get("IsPurchaseItem"):
        return [("invalid", "Item")]
    unlinked = division.switches.supplier_item_needed and not supplier_item(division, supplier, item_id)
    return [("invalid", "SupplierItem")] if unlinked else []


def supplier_item(division: Division, supplier: Any, item: Any) -> Row:
    """Return on which terms a supplier sells an item; empty: nobody said."""
    rows = division.tables["SupplierItem"].find("Item", [item])
    return next((row for row in rows if row["Supplier"] == supplier), {})


def complete(division: Division, head: Row, line: Values) -> Row:
    """Return the row of a posted line, amounts aside.

    Without a price it has the supplier's, else the item's standard cost price (inferred).
    """
    item = division.relations.row("Item", line["Item"]) or {}
    terms = supplier_item(division, head["Supplier"], line["Item"])
    vat_row = _vat_row(division, line, head, terms)
    price = terms.get("PurchasePrice") or item.get("CostPriceStandard") or ZERO
    row = {
        **line,
        "ID": division.new_id(),
        "Description": line.get("Description") or item.get("Description"),
        "InvoicedQuantity": Decimal(0),
        "ItemDivisable": item.get("IsFractionAllowedItem", True),
        "PurchaseOrderID": head["PurchaseOrderID"],
        "Quantity": line["QuantityInPurchaseUnits"] * (terms.get("PurchaseUnitFactor") or ONE),
        "ReceiptDate": line.get("ReceiptDate") or head["ReceiptDate"],
        "ReceivedQuantity": Decimal(0),
        "SupplierItemCode": terms.get("SupplierItemCode"),
        "Unit": item.get("Unit"),
        "VATCode": vat_row.get("Code"),
        "VATPercentage": vat_row.get("Percentage", ZERO),
        **sales_lines.price(division, line, price),
    }
    return {name: value for name, value in row.items() if value is not None}


def _vat_row(division: Division, line: Values, head: Row, terms: Row) -> Row:
    """Return the VAT code of a line: its own, that of the SupplierItem, or the supplier's (the order is inferred)."""
    account = division.relations.row("Supplier", head["Supplier"]) or {}
    code = line.get("VATCode") or terms.get("PurchaseVATCode") or account.get("PurchaseVATCode")
    return division.relations.row("VATCode", code) or {}


def changed(division: Division, head: Row, line: Row, values: Values) -> Row:
    """Return the row of a line with changes."""
    row = sales_lines.changed(division, line, values)
    terms = supplier_item(division, head["Supplier"], row["Item"])
    quantity = row["QuantityInPurchaseUnits"] * (terms.get("PurchaseUnitFactor") or ONE)
    return row | {"Quantity": quantity, "SupplierItemCode": terms.get("SupplierItemCode")}


def taxed_line(division: Division, line: Row) -> Taxed:
    """Return the amount of a line and what VAT it bears."""
    return sales_lines.taxed(division, line, cents(line["QuantityInPurchaseUnits"] * line["NetPrice"]))
