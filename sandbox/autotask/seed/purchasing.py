"""Purchase orders in every status, with their items and what was received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.autotask.rules import CANCELED, FULL, NEW, PARTIAL, SUBMITTED
from sandbox.autotask.seed.ground import API_USER
from sandbox.autotask.seed.products import WAREHOUSE

if TYPE_CHECKING:
    from sandbox.autotask.seed.ground import Ground
    from sandbox.store import Row
    from sandbox.world import Product

STATUSES = (FULL, FULL, FULL, PARTIAL, FULL, CANCELED, FULL, PARTIAL, SUBMITTED, PARTIAL, SUBMITTED, NEW)
FIRST = 4001
RECEIVED = {FULL: 1.0, PARTIAL: 0.5}
"""Which part of every item was received, by the order's status."""


ALIKE: Row = {
    "generalMemo": "",
    "paymentTerm": 2,
    "shipToName": "Demo MSP B.V.",
    "shipToAddress1": "Magazijnweg 2",
    "shipToCity": "Utrecht",
    "shipToPostalCode": "3511 AB",
    "shippingType": 2,
    "showEachTaxInGroup": False,
    "showTaxCategory": False,
    "taxRegionID": 1,
    "useItemDescriptionsFrom": 1,
    "vendorInvoiceNumber": "",
}
"""What every order of the seed has in common."""


def fill(ground: Ground) -> None:
    """Fill them, unless half a year of receipts is played."""
    if ground.context.options.receipts:
        return
    chance = ground.chance("purchasing")
    hardware = [product for product in ground.world.products if product.billing_code == "Hardware"]
    for number, status in enumerate(STATUSES):
        days_ago = 120 - 9 * number
        ground.put("PurchaseOrders", _order(ground, number, status, days_ago))
        for place, product in enumerate(chance.sample(hardware, 1 + number % 4)):
            item = _item(number, place, product, 2 * chance.randint(1, 10), ground.date(days_ago - 4))
            ground.put("PurchaseOrderItems", item)
            _receive(ground, status, item, days_ago)


def _order(ground: Ground, number: int, status: int, days_ago: int) -> Row:
    vendors = ground.world.of_kind("vendor")
    row = ALIKE | {
        "id": FIRST + number,
        "purchaseOrderNumber": f"PO-{FIRST + number:07d}",
        "externalPONumber": f"INK-{900 + number}" if number % 2 else "",
        "vendorID": vendors[number % len(vendors)].id,
        "status": status,
        "createDateTime": ground.moment(days_ago),
        "creatorResourceID": API_USER,
        "freight": 12.5 if number % 3 == 0 else 0.0,
        "internalCurrencyFreight": 12.5 if number % 3 == 0 else 0.0,
        "latestEstimatedArrivalDate": ground.date(days_ago - 4),
    }
    if status != NEW:
        row["submitDateTime"] = ground.moment(days_ago - 0.2)
    if status == CANCELED:
        row["cancelDateTime"] = ground.moment(days_ago - 1.5)
    return row


def _item(number: int, place: int, product: Product, quantity: int, arrival: str) -> Row:
    cost = float(product.cost)
    return {
        "id": 9301 + 10 * number + place,
        "orderID": FIRST + number,
        "productID": product.id,
        "inventoryLocationID": WAREHOUSE,
        "quantity": quantity,
        "unitCost": cost,
        "internalCurrencyUnitCost": cost,
        "estimatedArrivalDate": arrival,
        "memo": "",
    }


def _receive(ground: Ground, status: int, item: Row, days_ago: int) -> None:
    """Receive an item in two goes where it came in full."""
    wanted = int(item["quantity"] * RECEIVED.get(status, 0))
    previous = 0
    for day, quantity in enumerate((wanted - wanted // 2, wanted // 2) if status == FULL else (wanted,)):
        if not quantity:
            continue
        table = ground.context.store.table("autotask", "PurchaseOrderItemReceiving")
        ground.put(
            "PurchaseOrderItemReceiving",
            {"id": max(table.next_key(), 12001), "purchaseOrderItemID": item["id"], "quantityNowReceiving": quantity,
             "quantityPreviouslyReceived": previous, "quantityBackOrdered": item["quantity"] - previous - quantity,
             "receiveDate": ground.moment(days_ago - 5 - day + 0.42), "receivedByResourceID": API_USER,
             "serialNumber": "", "vendorInvoiceNumber": f"V-{item['orderID']}"},
        )  # fmt: skip
        previous += quantity
