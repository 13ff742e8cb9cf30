"""Planned receipts as rows of Autotask, and as what is true of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sandbox.autotask import moments
from sandbox.autotask.rules import FULL, PARTIAL, SUBMITTED
from sandbox.autotask.seed.ground import API_USER, MIDNIGHT
from sandbox.autotask.seed.products import WAREHOUSE
from sandbox.autotask.seed.purchasing import ALIKE

if TYPE_CHECKING:
    from sandbox.autotask.seed.ground import Ground
    from sandbox.scenarios.receipts import Booking, Item, Order, Receipt
    from sandbox.store import Row

ZONE = ZoneInfo("Europe/Amsterdam")
"""In whose days the MSP lives."""
SETTLED_AFTER = dt.timedelta(minutes=10)


def store(ground: Ground, order: Order) -> None:
    """Store an order and its items; rows that were received are stored by themselves."""
    ground.put("PurchaseOrders", _order(order))
    for item in order.items:
        ground.put("PurchaseOrderItems", _item(order, item))


def _order(order: Order) -> Row:
    whole = all(item.received == item.quantity for item in order.items)
    received = FULL if whole else PARTIAL
    row = ALIKE | {
        "id": order.id,
        "purchaseOrderNumber": f"PO-{order.id:07d}",
        "externalPONumber": f"INK-{order.number}" if order.number % 2 else "",
        "vendorID": order.vendor.id,
        "status": received if order.receipts else SUBMITTED,
        "createDateTime": moments.wire(order.made),
        "submitDateTime": moments.wire(order.made + dt.timedelta(minutes=20)),
        "creatorResourceID": API_USER,
        "freight": order.freight,
        "internalCurrencyFreight": order.freight,
        "latestEstimatedArrivalDate": moments.wire_date((order.made + dt.timedelta(days=4)).date()),
        "vendorInvoiceNumber": order.receipts[0].invoice_number if order.receipts else "",
    }
    if order.customer is None:
        return row
    customer = order.customer
    place = {"shipToAddress1": customer.address, "shipToCity": customer.city, "shipToPostalCode": customer.postcode}
    return row | place | {"purchaseForCompanyID": customer.id, "shipToName": customer.name[:100]}


def _item(order: Order, item: Item) -> Row:
    cost = float(item.good.cost)
    row = {
        "id": item.id,
        "orderID": order.id,
        "productID": item.good.product,
        "chargeID": item.good.charge,
        "inventoryLocationID": WAREHOUSE,
        "quantity": item.quantity,
        "unitCost": cost,
        "internalCurrencyUnitCost": cost,
        "estimatedArrivalDate": moments.wire(dt.datetime.combine(order.made.date(), MIDNIGHT) + dt.timedelta(days=4)),
        "memo": "" if item.good.product else item.good.name,
    }
    return {name: value for name, value in row.items() if value is not None}


def received(receipt: Receipt, booking: Booking, before: int) -> Row:
    """Return a receiving row; so much of the item had been received before."""
    return {
        "id": booking.id,
        "purchaseOrderItemID": booking.item.id,
        "quantityNowReceiving": booking.quantity,
        "quantityPreviouslyReceived": before,
        "quantityBackOrdered": booking.item.quantity - before - booking.quantity,
        "receiveDate": moments.wire(receipt.at + dt.timedelta(seconds=booking.seconds)),
        "receivedByResourceID": receipt.by,
        "serialNumber": booking.serial,
        "vendorInvoiceNumber": receipt.invoice_number,
    }


def truth(orders: list[Order], now: dt.datetime) -> list[Row]:
    """Return what is true of every receipt, in the order in which they were booked.

    Args:
        orders: As they were planned.
        now: What is settled depends on the clock.
    """
    receipts = [receipt for order in orders for receipt in order.receipts]
    return [_truth(receipt, now) for receipt in sorted(receipts, key=lambda receipt: min(_ids(receipt)))]


def _ids(receipt: Receipt) -> list[int]:
    return [booking.id for booking in receipt.bookings]


def _truth(receipt: Receipt, now: dt.datetime) -> Row:
    order = receipt.order
    known = order.vendor.place.in_exact == "supplier"
    return {
        "id": min(_ids(receipt)),
        "purchase_order": order.id,
        "purchase_order_number": f"PO-{order.id:07d}",
        "vendor": order.vendor.id,
        "supplier_code": order.vendor.number if known else None,
        "received_at": moments.wire(receipt.at),
        "last_row_at": moments.wire(receipt.last),
        "received_on": receipt.at.astimezone(ZONE).date(),
        "received_by": receipt.by,
        "vendor_invoice_number": receipt.invoice_number,
        "settled": now - receipt.last >= SETTLED_AFTER,
        "first_of_order": receipt is order.receipts[0],
        "freight": Decimal(str(order.freight)),
        "drop_shipment_for": order.customer.id if order.customer else None,
        "kind": _kind(receipt),
        "rows": [_row(booking) for booking in sorted(receipt.bookings, key=lambda booking: booking.id)],
        "quantities": _quantities(receipt),
        "amount": sum((booking.quantity * booking.item.good.cost for booking in receipt.bookings), Decimal(0)),
    }


def _kind(receipt: Receipt) -> str:
    """Return whether goods came in, were taken back, were exchanged, or nothing happened in the end."""
    net = _quantities(receipt).values()
    if not any(net):
        return "nothing"
    if all(quantity >= 0 for quantity in net):
        return "arrival"
    return "undo" if all(quantity <= 0 for quantity in net) else "exchange"


def _quantities(receipt: Receipt) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for booking in receipt.bookings:
        sums[str(booking.item.id)] += booking.quantity
    return dict(sums)


def _row(booking: Booking) -> Row:
    good = booking.item.good
    facts: dict[str, Any] = {
        "id": booking.id,
        "purchase_order_item": booking.item.id,
        "product": good.product,
        "charge": good.charge,
        "sku": good.sku,
        "name": good.name,
        "item_code": good.item_code,
        "quantity": booking.quantity,
        "unit_cost": good.cost,
        "serial_number": booking.serial,
    }
    return facts
