"""The goods receipt in Exact Online: the second step of a purchase order, where the settings want one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tap_exact_online import odata
from target_exact_online.payloads import filled
from target_exact_online.preflight import REFERENCE_LENGTH
from target_exact_online.purchases import forms
from target_exact_online.translation import reading, writing
from transfer_ledger import texts
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from target_exact_online.desk import Desk
    from target_exact_online.payloads import Body
    from target_exact_online.purchases.preflight import PreparedOrder
    from transfer_ledger.documents import PurchaseOrder

NAME = "goods receipt"
RECEIPTS, RECEIPT_LINES = "purchaseorder/GoodsReceipts", "purchaseorder/GoodsReceiptLines"


def step(desk: Desk, document: PurchaseOrder, prepared: PreparedOrder, after: str) -> Step:
    """Return the step that books the goods as received; any receipt on the order, ours alone, is this one.

    Args:
        desk: what it works with.
        document: the order.
        prepared: its lines.
        after: the step whose receipt is the order.
    """

    def find(done: Receipts) -> Receipt | None:
        where = f"PurchaseOrderID eq {odata.literal(UUID(done[after].id))}"
        with reading():
            rows = list(desk.client.read(RECEIPT_LINES, select=("ID", "GoodsReceiptID"), where=where))
        return Receipt(id=rows[0]["GoodsReceiptID"]) if rows else None

    def write(done: Receipts) -> Receipt:
        body = _body(desk, document, prepared, done[after].id)
        with writing():
            row = desk.client.create(RECEIPTS, body)
        return Receipt(id=row["ID"])

    def shows(_: Receipts) -> Body:
        header = _header(desk, document)
        return header | {"GoodsReceiptLines": [{"QuantityReceived": line.quantity} for line in prepared.lines]}

    return Step(name=NAME, find=find, write=write, shows=shows)


def _header(desk: Desk, document: PurchaseOrder) -> Body:
    reference = document.supplier_reference
    return filled(
        {
            "ReceiptDate": document.order_date,
            "YourRef": texts.short(reference, REFERENCE_LENGTH)[0] if reference else None,
            "Description": texts.short(document.reference, desk.settings["description_length"])[0],
        }
    )


def _body(desk: Desk, document: PurchaseOrder, prepared: PreparedOrder, order_id: str) -> Body:
    """Return the receipt of a whole order, whose lines are asked for: the answer to its POST does not name them."""
    where = f"PurchaseOrderID eq {odata.literal(UUID(order_id))}"
    columns = ("ID", "LineNumber", "QuantityInPurchaseUnits")
    with reading():
        rows = sorted(desk.client.read(forms.LINES, select=columns, where=where), key=lambda row: row["LineNumber"])
    quantities = [Decimal(row["QuantityInPurchaseUnits"]) for row in rows]
    if quantities != [line.quantity for line in prepared.lines]:
        message = f"The lines of order {document.number} in Exact Online are not those that were sent"
        problem = Problem(field="lines", value=str(len(rows)), message=message)
        raise DocumentFailed([problem], "Look at it in Exact Online, and book the goods receipt there by hand.")
    lines = [_line(document, prepared, place, row) for place, row in enumerate(rows)]
    return _header(desk, document) | {"GoodsReceiptLines": lines}


def _line(document: PurchaseOrder, prepared: PreparedOrder, place: int, row: dict[str, Any]) -> Body:
    each = prepared.lines[place]
    serials = document.lines[each.number].serial_numbers if each.bought.serials else []
    return {
        "PurchaseOrderLineID": row["ID"],
        "QuantityReceived": each.quantity,
        **({"SerialNumbers": [{"SerialNumber": serial} for serial in serials]} if serials else {}),
    }
