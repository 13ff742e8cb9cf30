"""Booking the goods of a purchase order as received, where the services can do that: from product update 502 on.

That two entities create receipts, with header and lines, is documented (release notes of 502); what their properties
are called is not. The names here are those of the receipts that product update 415 shows. Services that describe
themselves otherwise are not written to: the goods are then booked by a person.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from target_exact_globe.answers import trimmed
from target_exact_globe.bodies import Staged
from target_exact_globe.service_steps import CREATE
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed, Unanswered
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_exact_globe.client import Client
    from target_exact_globe.metadata import Metadata
    from target_exact_globe.orders import Order
    from target_exact_globe.staging import Staging

GOODS_RECEIPT = "goods_receipt"
HEADER, LINE = "PurchaseOrderReceiptHeader", "PurchaseOrderReceiptLine"
SHOWN = "ReceiptPurchaseOrderHeader"
"""Receipts as product update 405 and later show them."""
NEEDED = {
    HEADER: ("TransactionKey", "PurchaseOrderNumber", "ReceiptDate"),
    LINE: ("TransactionKey", "ItemCode", "Quantity", "PurchaseOrderLine"),
}


def bookable(metadata: Metadata) -> bool:
    """Tell whether the services have all that a receipt needs, under the names that are known here."""
    return all(metadata.has(entity, names) for entity, names in NEEDED.items())


def step(staging: Staging, client: Client, order: Order, keys: Sequence[uuid.UUID]) -> Step:
    """Return the step that books all goods of an order that was created before it.

    Args:
        staging: writes it.
        client: of the services.
        order: whose goods came.
        keys: of this attempt, then of earlier ones, the latest first.
    """
    own, *earlier = [uuid.uuid5(key, GOODS_RECEIPT) for key in keys]

    def find(done: Receipts) -> Receipt | None:
        where = f"PurchaseOrderNumber eq {int(_number(order, done))}"
        rows = client.read(SHOWN, select=("EntryNumber", "PurchaseOrderNumber"), where=where)
        return next((Receipt(id=trimmed(row["EntryNumber"])) for row in rows), None)

    def write(done: Receipts) -> Receipt:
        for key in earlier:
            staging.clear(LINE, key)
        answer = staging.create(_staged(order, _number(order, done)), own)
        entry = trimmed(answer.get("EntryNumber"))
        if not entry:
            raise Unanswered(f"Exact Globe's answer on {HEADER} names no EntryNumber.")
        return Receipt(id=entry)

    return Step(name=GOODS_RECEIPT, find=find, write=write)


def _number(order: Order, done: Receipts) -> str:
    """Return the number of the order.

    Raises:
        DocumentFailed: Globe told none.
    """
    number = done[CREATE].number
    if number is None:
        message = f"Exact Globe told no number of order {order.reference}, so its goods cannot be booked as received"
        problem = Problem(field=GOODS_RECEIPT, value=order.reference, message=message)
        raise DocumentFailed([problem], "Book them in Globe, then put this one aside.")
    return number


def _staged(order: Order, number: str) -> Staged:
    lines = [
        {
            "PurchaseOrderNumber": number,
            "PurchaseOrderLine": place,
            "ItemCode": line.item,
            "Quantity": line.quantity,
        }
        for place, line in enumerate(order.lines, 1)
    ]
    header = {
        "PurchaseOrderNumber": number,
        "ReceiptDate": None if order.date is None else f"{order.date}T00:00:00",
        "Description": order.reference,
        "YourReference": order.reference,
        "Warehouse": order.warehouse,
    }
    return Staged(LINE, lines, HEADER, {name: value for name, value in header.items() if value is not None})
