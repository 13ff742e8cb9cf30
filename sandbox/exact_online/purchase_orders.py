"""purchaseorder/PurchaseOrders: what is ordered of suppliers, until all of it has come in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.exact_online import checks, purchase_lines, rates
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.errors import Invalid
from sandbox.exact_online.vat import totals

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.exact_online.vat import Totals
    from sandbox.store import Row

OPEN, PARTIAL, COMPLETE, CANCELLED = 10, 20, 30, 40
CLOSED = {COMPLETE, CANCELLED}
REST = 11
"""The Source of an order that came by the API (Exact REST docs, PurchaseOrders)."""
AUTOMATICALLY_APPROVED = 1
HEADERS, LINES = resource("purchaseorder/PurchaseOrders"), resource("purchaseorder/PurchaseOrderLines")
NOT_SIMULATED = ("AmountDiscount", "AmountDiscountExclVat", "Discount")
KEPT = (
    "Currency",
    "ExchangeRate",
    "OrderDate",
    "OrderNumber",
    "PaymentCondition",
    "ReceiptDate",
    "Supplier",
    "Warehouse",
)
"""What an order cannot be without: null does not empty it."""


def create(division: Division, values: Values) -> Row:
    """Create an order with its lines.

    Raises:
        Invalid: Something in it is wrong; nothing was changed.
    """
    posted = values.get("PurchaseOrderLines", [])
    values = {name: value for name, value in values.items() if value is not None and not isinstance(value, list)}
    problems = _problems(division, values, values.get("OrderNumber"))
    problems += checks.missing({"Lines": posted}, ["Lines"])
    for line in posted:
        problems += purchase_lines.problems(division, LINES, values.get("Supplier"), line)
    checks.refuse(problems)
    head = _header(division, values)
    return store(division, head, [purchase_lines.complete(division, head, line) for line in posted])


def _problems(division: Division, values: Values, number: int | None) -> list[Problem]:
    """Check a header; that order numbers are unique is inferred."""
    checks.simulated(values, NOT_SIMULATED)
    problems = checks.missing(values, ["Supplier"]) + checks.supplier(division, "Supplier", values.get("Supplier"))
    problems += checks.references(division, HEADERS, values)
    taken = number is not None and division.find("PurchaseOrders", "OrderNumber", number) is not None
    return [*problems, ("exists", "")] if taken else problems


def _header(division: Division, values: Values) -> Row:
    account = division.relations.row("Supplier", values["Supplier"]) or {}
    date = values.get("OrderDate") or division.today()
    currency = values.get("Currency") or account.get("PurchaseCurrency") or rates.HOME_CURRENCY
    warehouse = division.find("Warehouses", "Main", 1) or {}
    number = values.get("OrderNumber") or division.next_number("PurchaseOrders")
    division.use_number("PurchaseOrders", number)
    return {
        "Warehouse": warehouse.get("ID"),
        **values,
        "PurchaseOrderID": division.new_id(),
        "ApprovalStatus": AUTOMATICALLY_APPROVED,
        "Currency": currency,
        "ExchangeRate": values.get("ExchangeRate") or rates.exchange_rate(division, currency, date),
        "InvoiceStatus": OPEN,
        "OrderDate": date,
        "OrderNumber": number,
        "PaymentCondition": values.get("PaymentCondition")
        or account.get("PaymentConditionPurchase")
        or rates.HOUSE_CONDITION,
        "ReceiptDate": values.get("ReceiptDate") or date,
        "Source": REST,
    }


def store(division: Division, head: Row, lines: list[Row]) -> Row:
    """Add up an order and store it; a change anywhere renews the rowversions of header and lines."""
    rate = head["ExchangeRate"]
    sums = totals(
        [purchase_lines.taxed_line(division, line) for line in lines],
        division.switches.vat_rounding,
    )
    for place, line in enumerate(lines):
        net = sums.net_lines[place]
        amounts = {"AmountFC": net, "AmountDC": rates.at_rate(net, rate), "VATAmount": sums.vat_lines[place]}
        division.tables["PurchaseOrderLines"].put(line | amounts | {"LineNumber": place + 1})
    return division.tables["PurchaseOrders"].put(head | _amounts(sums, rate) | _statuses(head, lines))


def _amounts(sums: Totals, rate: Decimal) -> Row:
    return {
        "AmountDC": rates.at_rate(sums.gross, rate),
        "AmountFC": sums.gross,
        "AmountFCExclVat": sums.net,
        "VATAmount": sums.vat,
    }


def _statuses(head: Row, lines: list[Row]) -> Row:
    """Return how far an order is; that it is complete only when it is invoiced as well is inferred."""
    received = [line["ReceivedQuantity"] for line in lines]
    if not any(received):
        receipt = OPEN
    else:
        whole = all(line["ReceivedQuantity"] >= line["QuantityInPurchaseUnits"] for line in lines)
        receipt = COMPLETE if whole else PARTIAL
    order = PARTIAL if receipt == COMPLETE and head["InvoiceStatus"] != COMPLETE else receipt
    return {"OrderStatus": order, "PurchaseOrderLineCount": len(lines), "ReceiptStatus": receipt}


def lines_of(division: Division, head: Row) -> list[Row]:
    """Return the lines of an order, in their order."""
    return division.tables["PurchaseOrderLines"].find("PurchaseOrderID", [head["PurchaseOrderID"]])


def check_open(head: Row) -> None:
    """Refuse to touch what is closed.

    Raises:
        Invalid: It is complete or cancelled.
    """
    if head["OrderStatus"] in CLOSED:
        raise Invalid([("processed", "")])


def change(division: Division, head: Row, values: Values) -> None:
    """Change the header of an open order; its lines are changed by themselves and ignored here.

    Raises:
        Invalid: It is complete, or a value is wrong.
    """
    check_open(head)
    wanted = {
        name: value
        for name, value in values.items()
        if not isinstance(value, list) and (value is not None or name not in KEPT)
    }
    changed = head | wanted
    if changed["Currency"] != head["Currency"] and "ExchangeRate" not in wanted:
        changed["ExchangeRate"] = rates.exchange_rate(division, changed["Currency"], changed["OrderDate"])
    number = changed["OrderNumber"] if changed["OrderNumber"] != head["OrderNumber"] else None
    lines = lines_of(division, head)
    received = changed["Supplier"] != head["Supplier"] and any(line["ReceivedQuantity"] for line in lines)
    problems = _problems(division, {**wanted, "Supplier": changed["Supplier"]}, number)
    checks.refuse([*problems, ("not_allowed", "Supplier")] if received else problems)
    store(division, changed, lines)


def remove(division: Division, head: Row) -> None:
    """Remove an order of which nothing was received.

    Raises:
        Invalid: Something was received.
    """
    lines = lines_of(division, head)
    if any(line["ReceivedQuantity"] for line in lines):
        raise Invalid([("processed", "")])
    for line in lines:
        division.delete("PurchaseOrderLines", line["ID"])
    division.delete("PurchaseOrders", head["PurchaseOrderID"])


def create_line(_division: Division, _values: Values) -> Row:
    """Refuse a line by itself: it should be part of its order's POST (Exact REST docs, PurchaseOrderLines).

    Raises:
        Invalid: Always; the text is inferred.
    """
    raise Invalid([("not_allowed", "PurchaseOrderLines")])


def change_line(division: Division, row: Row, values: Values) -> None:
    """Change a line of an open order.

    Raises:
        Invalid: The order is complete, a value is wrong, or less would be ordered than was received.
    """
    head = _head_of(division, row)
    wanted = {name: value for name, value in values.items() if name != "PurchaseOrderID" and not _is_kept(name, value)}
    changed = purchase_lines.changed(division, head, row, wanted)
    problems = purchase_lines.problems(division, LINES, head["Supplier"], wanted, add=False)
    if changed["QuantityInPurchaseUnits"] < row["ReceivedQuantity"]:
        problems.append(("invalid", "QuantityInPurchaseUnits"))
    if row["ReceivedQuantity"] and changed["Item"] != row["Item"]:
        problems.append(("not_allowed", "Item"))
    checks.refuse(problems)
    lines = [changed if other["ID"] == row["ID"] else other for other in lines_of(division, head)]
    store(division, head, lines)


def _is_kept(name: str, value: Any) -> bool:
    return value is None and name in ("Item", "QuantityInPurchaseUnits", "ReceiptDate")


def remove_line(division: Division, row: Row) -> None:
    """Remove a line of which nothing was received; one line must remain (Exact REST docs, PurchaseOrderLines).

    Raises:
        Invalid: It is the last, or something was received.
    """
    head = _head_of(division, row)
    lines = [line for line in lines_of(division, head) if line["ID"] != row["ID"]]
    if row["ReceivedQuantity"]:
        raise Invalid([("processed", "")])
    checks.refuse(checks.missing({"PurchaseOrderLines": lines}, ["PurchaseOrderLines"]))
    division.delete("PurchaseOrderLines", row["ID"])
    store(division, head, lines)


def _head_of(division: Division, row: Row) -> Row:
    head = division.tables["PurchaseOrders"].get(row["PurchaseOrderID"]) or {}
    check_open(head)
    return head


def receive(division: Division, order_id: str, quantities: dict[str, Decimal]) -> None:
    """Note that so much of the lines of an order came in; keys are guids of lines."""
    head = division.tables["PurchaseOrders"].get(order_id) or {}
    lines = [
        line | {"ReceivedQuantity": line["ReceivedQuantity"] + quantities.get(line["ID"], Decimal(0))}
        for line in lines_of(division, head)
    ]
    store(division, head, lines)
