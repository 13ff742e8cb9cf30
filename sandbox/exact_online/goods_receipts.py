"""purchaseorder/GoodsReceipts: what came in of purchase orders."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.exact_online import checks, purchase_orders, rates
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.errors import Invalid

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

HEADERS, LINES = resource("purchaseorder/GoodsReceipts"), resource("purchaseorder/GoodsReceiptLines")
JOURNAL = "30"
"""Whose numbers the entries of receipts have (inferred)."""


def create(division: Division, values: Values) -> Row:
    """Receive lines of purchase orders.

    Raises:
        Invalid: Something in it is wrong; nothing was changed.
    """
    posted = values.get("GoodsReceiptLines", [])
    values = {name: value for name, value in values.items() if value is not None and not isinstance(value, list)}
    problems = checks.missing({**values, "GoodsReceiptLines": posted}, ["ReceiptDate", "GoodsReceiptLines"])
    problems += checks.references(division, HEADERS, values)
    problems += checks.period(division, values["ReceiptDate"])[1] if "ReceiptDate" in values else []
    for line in posted:
        problems += _line_problems(division, line)
    checks.refuse(problems)
    lines = [_line(division, line) for line in posted]
    checks.refuse(_quantity_problems(division, lines) + _order_problems(division, lines))
    return _store(division, values, lines)


def _line_problems(division: Division, line: Values) -> list[Problem]:
    problems = checks.missing(line, ["PurchaseOrderLineID"]) + checks.references(division, LINES, line)
    for serial in line.get("SerialNumbers", []):
        problems += checks.missing(serial, ["SerialNumber"])
    return problems


def _line(division: Division, values: Values) -> Row:
    """Return the row of a posted line; without a quantity the rest of the order's line has come in."""
    ordered = division.tables["PurchaseOrderLines"].get(values["PurchaseOrderLineID"]) or {}
    row = {
        **values,
        "ID": division.new_id(),
        "Description": values.get("Description") or ordered.get("Description"),
        "Item": ordered["Item"],
        "ItemUnitCode": ordered.get("Unit"),
        "PurchaseOrderID": ordered["PurchaseOrderID"],
        "QuantityOrdered": ordered["QuantityInPurchaseUnits"],
        "QuantityReceived": values.get("QuantityReceived", _rest(ordered)),
        "SupplierItemCode": ordered.get("SupplierItemCode"),
    }
    return {name: value for name, value in row.items() if value is not None}


def _rest(ordered: Row) -> Decimal:
    rest: Decimal = ordered["QuantityInPurchaseUnits"] - ordered["ReceivedQuantity"]
    return rest


def _quantity_problems(division: Division, lines: list[Row]) -> list[Problem]:
    """Check that something came in, no more than was ordered unless the company allows it, and serials for each."""
    problems: list[Problem] = []
    for guid, quantity in _sums(lines).items():
        ordered = division.tables["PurchaseOrderLines"].get(guid) or {}
        if quantity > _rest(ordered) and not division.switches.over_receipt:
            problems.append(("invalid", "QuantityReceived"))
    for line in lines:
        item = division.relations.row("Item", line["Item"]) or {}
        serials = line.get("SerialNumbers", [])
        if line["QuantityReceived"] <= 0:
            problems.append(("invalid", "QuantityReceived"))
        if item.get("IsSerialNumberItem") and len(serials) != line["QuantityReceived"]:
            problems.append(("mandatory", "SerialNumber"))
    return problems


def _sums(lines: list[Row]) -> dict[str, Decimal]:
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line["PurchaseOrderLineID"]] += line["QuantityReceived"]
    return {guid: Decimal(quantity) for guid, quantity in sums.items()}


def _order_problems(division: Division, lines: list[Row]) -> list[Problem]:
    """Check that all lines are of one supplier and one warehouse (inferred), and of orders that are open."""
    orders = division.tables["PurchaseOrders"].find("PurchaseOrderID", {line["PurchaseOrderID"] for line in lines})
    for order in orders:
        purchase_orders.check_open(order)
    mixed = len({(order["Supplier"], order["Warehouse"]) for order in orders}) > 1
    return [("invalid_reference", "PurchaseOrderLineID")] if mixed else []


def _store(division: Division, values: Values, lines: list[Row]) -> Row:
    order = division.tables["PurchaseOrders"].get(lines[0]["PurchaseOrderID"]) or {}
    head = {
        **values,
        "ID": division.new_id(),
        "EntryNumber": rates.next_number(division, JOURNAL, values["ReceiptDate"].year),
        "GoodsReceiptLineCount": len(lines),
        "ReceiptNumber": division.next_number("GoodsReceipts"),
        "Supplier": order["Supplier"],
        "SupplierContact": order.get("SupplierContact"),
        "Warehouse": order["Warehouse"],
    }
    for place, line in enumerate(lines, start=1):
        _store_serials(division, head, line)
        row = {name: value for name, value in line.items() if not isinstance(value, list)}
        division.tables["GoodsReceiptLines"].put(row | {"GoodsReceiptID": head["ID"], "LineNumber": place})
    for order_id in dict.fromkeys(line["PurchaseOrderID"] for line in lines):
        own = [line for line in lines if line["PurchaseOrderID"] == order_id]
        purchase_orders.receive(division, order_id, _sums(own))
    return division.tables["GoodsReceipts"].put(head)


def _store_serials(division: Division, head: Row, line: Row) -> None:
    for serial in line.get("SerialNumbers", []):
        own = {"ID": division.new_id(), "Item": line["Item"], "StockTransactionID": line["ID"]}
        division.tables["StockSerialNumbers"].put({**serial, **own, "Warehouse": head["Warehouse"]})


def change(division: Division, head: Row, values: Values) -> None:
    """Change the header of a receipt: date, reference and texts.

    Raises:
        Invalid: A value is wrong.
    """
    wanted = {name: value for name, value in values.items() if not isinstance(value, list)}
    date = wanted.get("ReceiptDate", head["ReceiptDate"])
    problems = checks.missing({"ReceiptDate": date}, ["ReceiptDate"]) + checks.references(division, HEADERS, wanted)
    checks.refuse(problems + (checks.period(division, date)[1] if date else []))
    division.tables["GoodsReceipts"].put({"ID": head["ID"], **wanted})


def create_line(_division: Division, _values: Values) -> Row:
    """Refuse a line by itself: it should be part of its receipt's POST (Exact REST docs, GoodsReceiptLines).

    Raises:
        Invalid: Always; the text is inferred.
    """
    raise Invalid([("not_allowed", "GoodsReceiptLines")])
