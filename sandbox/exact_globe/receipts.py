"""Goods receipts: shown from product update 415, created from 502.

That product update 502 creates and processes receipts with header and lines is documented (its release notes), how
is not. All here is *inferred* from the read-only receipts before it, by the protocol of the other entities with lines.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.exact_globe.documents import staged_lines, unstage
from sandbox.exact_globe.errors import invalid, missing
from sandbox.exact_globe.invoices import check_period
from sandbox.exact_globe.references import check_mandatory

if TYPE_CHECKING:
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

HEADER, LINE = "PurchaseOrderReceiptHeader", "PurchaseOrderReceiptLine"
SHOWN_HEADER, SHOWN_LINE = "ReceiptPurchaseOrderHeader", "ReceiptPurchaseOrderLine"
FIRST_ENTRY = 60001
ZERO = Decimal(0)


def receive(company: Company, values: Row) -> Row:
    """Book a receipt of the lines that wait for it; return its header.

    Raises:
        Fault: Order, line or quantity are wrong; nothing was changed.
    """
    check_mandatory(values, ("TransactionKey", "PurchaseOrderNumber"))
    key, number = values["TransactionKey"], values["PurchaseOrderNumber"]
    order = company.tables["PurchaseOrderHeader"].get(number)
    if order is None:
        raise missing("PurchaseOrderNumber", number)
    waiting = staged_lines(company, LINE, key)
    if not waiting:
        raise missing("TransactionKey", key)
    date = values.get("ReceiptDate") or company.today()
    check_period(company, date)
    received = [_received(company, number, line) for line in waiting]
    entry = f"{company.next_number(HEADER, FIRST_ENTRY):>8}"
    header = {name: value for name, value in values.items() if name != "TransactionKey"}
    header |= {"EntryNumber": entry, "ReceiptDate": date, "Warehouse": values.get("Warehouse") or order["Warehouse"]}
    _store(company, header, order, received)
    unstage(company, waiting)
    return company.tables[HEADER].put(header) | {"TransactionKey": key}


def _received(company: Company, number: str, line: Row) -> tuple[Row, Row]:
    """Return the order's line and the received one.

    Raises:
        Fault: There is no such line, or more is received than is open.
    """
    check_mandatory(line, ("ItemCode", "Quantity"))
    ordered = [
        row
        for row in company.tables["PurchaseOrderLine"].find("PurchaseOrderNumber", [number])
        if row["ItemCode"] == line["ItemCode"] and line.get("PurchaseOrderLine") in (None, int(row["LineNumber"]))
    ]
    if not ordered:
        raise missing("ItemCode", line["ItemCode"])
    if not 0 < line["Quantity"] <= ordered[0]["Quantity"] - ordered[0].get("QuantityDelivered", ZERO):
        raise invalid("Quantity", line["Quantity"])
    return ordered[0], line


def _store(company: Company, header: Row, order: Row, received: list[tuple[Row, Row]]) -> None:
    shown = {
        "EntryNumber": header["EntryNumber"],
        "Description": header.get("Description"),
        "PurchaseOrderDate": order["PurchaseOrderDate"],
        "PurchaseOrderNumber": int(order["PurchaseOrderNumber"]),
        "ReceiptDate": header["ReceiptDate"],
        "SupplierNumber": order["OrderedAt"],
        "Warehouse": header["Warehouse"],
        "YourReference": header.get("YourReference"),
    }
    company.tables[SHOWN_HEADER].put(shown)
    for place, (ordered, line) in enumerate(received, start=1):
        delivered = ordered.get("QuantityDelivered", ZERO) + line["Quantity"]
        company.tables["PurchaseOrderLine"].put(ordered | {"QuantityDelivered": delivered})
        own = {
            "ID": line["ID"],
            "EntryNumber": header["EntryNumber"],
            "LineNumber": place,
            "ItemCode": line["ItemCode"],
        }
        quantities = {"QuantityDelivered": line["Quantity"], "QuantityOrdered": ordered["Quantity"]}
        company.tables[SHOWN_LINE].put(own | quantities)
        company.tables[LINE].put(
            own | {"Quantity": line["Quantity"], "PurchaseOrderNumber": order["PurchaseOrderNumber"]}
        )
