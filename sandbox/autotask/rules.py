"""What single entities demand of a write, and what a write of theirs brings about.

Purchasing follows the vendor's entity pages (PurchaseOrders, PurchaseOrderItems, PurchaseOrderItemReceiving,
InventoryProducts, InventoryStockedItems).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.autotask import moments
from sandbox.autotask.answers import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.autotask.api import Api
    from sandbox.store import Row

NEW, SUBMITTED, PARTIAL, FULL, CANCELED = 1, 2, 3, 4, 5
VENDOR = 7


def _invoice(api: Api, old: Row | None, row: Row) -> None:
    """The time part of the paid date is ignored, and a voided invoice is what the switch says."""
    if old and old.get("isVoided") and api.switches.voided_invoices == "refused":
        raise refuse("The invoice has been voided and can not be changed.")
    if old and old.get("isVoided") and api.switches.voided_invoices == "ignored":
        row.clear()
        row.update(old)
    if row.get("paidDate"):
        row["paidDate"] = row["paidDate"][:10] + moments.MIDNIGHT


def _company(_api: Api, old: Row | None, row: Row) -> None:
    """The currency can be chosen at the start only."""
    if old and old.get("currencyID") is not None and row.get("currencyID") != old["currencyID"]:
        raise refuse("The field currencyID can not be changed after the company was created.")


def _vendor(api: Api, _old: Row | None, row: Row) -> None:
    company = api.rows("Companies").get(row.get("vendorID"))
    if company is not None and company.get("companyType") != VENDOR:
        raise refuse("Reference value on field: vendorID of type: Company does not exist or is invalid.")


def _purchase_order(api: Api, old: Row | None, row: Row) -> None:
    _vendor(api, old, row)
    before, after = old["status"] if old else NEW, row["status"]
    if before != after:
        if after not in (SUBMITTED, CANCELED) or before in (FULL, CANCELED):
            raise refuse(f"The status of a purchase order can not change from {before} to {after}.")
        row["submitDateTime" if after == SUBMITTED else "cancelDateTime"] = moments.wire(api.context.clock.now())
    if old is None:
        row["purchaseOrderNumber"] = f"PO-{row['id']:07d}"
        row["internalCurrencyFreight"] = row.get("freight")


def _order_item(api: Api, old: Row | None, row: Row) -> None:
    order = api.rows("PurchaseOrders").get(row["orderID"]) or {}
    allowed = (NEW,) if old is None else (NEW, SUBMITTED, PARTIAL)
    if order.get("status") not in allowed:
        raise refuse("The purchase order has a status in which its items can not be written.")
    if row.get("productID") is None and row.get("chargeID") is None:
        raise refuse("Missing Required Field: productID or chargeID.")
    row["internalCurrencyUnitCost"] = row["unitCost"]


def _receiving(api: Api, _old: Row | None, row: Row) -> None:
    item = api.rows("PurchaseOrderItems").get(row["purchaseOrderItemID"]) or {}
    order = api.rows("PurchaseOrders").get(item.get("orderID")) or {}
    if order.get("status") not in (SUBMITTED, PARTIAL):
        raise refuse("Items can be received only of a purchase order that is submitted or partially received.")
    if not row.get("quantityNowReceiving"):
        raise refuse("The value of the field quantityNowReceiving can not be 0.")
    row["quantityPreviouslyReceived"] = received(api, item["id"])
    row["quantityBackOrdered"] = item["quantity"] - row["quantityPreviouslyReceived"] - row["quantityNowReceiving"]
    if row["quantityPreviouslyReceived"] + row["quantityNowReceiving"] < 0:
        raise refuse("More can not be taken back than was received.")


def _after_receiving(api: Api, row: Row) -> None:
    """Receiving moves the order's status and what is on hand."""
    item = api.rows("PurchaseOrderItems").get(row["purchaseOrderItemID"]) or {}
    items = api.rows("PurchaseOrderItems").find("orderID", [item["orderID"]])
    complete = all(received(api, each["id"]) >= each["quantity"] for each in items)
    api.rows("PurchaseOrders").put({"id": item["orderID"], "status": FULL if complete else PARTIAL})
    pair = (item.get("inventoryLocationID"), item.get("productID"))
    _stock(api, pair, row["quantityNowReceiving"])


def received(api: Api, item_id: int) -> int:
    """Return how many of an order's item have been received."""
    rows = api.rows("PurchaseOrderItemReceiving").find("purchaseOrderItemID", [item_id])
    return sum(row["quantityNowReceiving"] for row in rows)


def _stock(api: Api, pair: tuple[int | None, int | None], quantity: int) -> None:
    for entity, columns in (("InventoryItems", ("quantityOnHand",)), ("InventoryProducts", ON_HAND)):
        table = api.rows(entity)
        for row in table.find("productID", [pair[1]]):
            if row["inventoryLocationID"] == pair[0]:
                table.put({"id": row["id"]} | {column: (row.get(column) or 0) + quantity for column in columns})


ON_HAND = ("onHandUnits", "availableUnits")


def _unique_pair(entity: str) -> Callable[[Api, Row | None, Row], None]:
    def demand(api: Api, _old: Row | None, row: Row) -> None:
        for other in api.rows(entity).find("productID", [row["productID"]]):
            if other["id"] != row["id"] and other["inventoryLocationID"] == row["inventoryLocationID"]:
                raise refuse("The product exists at this location already. productID and locationID must be unique.")

    return demand


def _stocked_add(api: Api, _old: Row | None, row: Row) -> None:
    product = api.rows("InventoryProducts").get(row["inventoryProductID"]) or {}
    table, quantity = api.rows("InventoryStockedItems"), row["quantityBeingAdded"]
    columns = ("vendorID", "unitCost", "serialNumber", "vendorInvoiceNumber")
    table.put(
        {
            "id": table.next_key(),
            "inventoryProductID": product["id"],
            "currentInventoryLocationID": product["inventoryLocationID"],
            "createDateTime": moments.wire(api.context.clock.now()),
            **{column: row.get(column) for column in columns},
            **dict.fromkeys(ON_HAND, quantity),
        }
    )
    _stock(api, (product["inventoryLocationID"], product["productID"]), quantity)


def _stocked_take(column: str) -> Callable[[Api, Row | None, Row], None]:
    """Return the rule of what takes units out of stock: removal, or the sending side of a transfer."""

    def take(api: Api, _old: Row | None, row: Row) -> None:
        product = api.rows("InventoryProducts").get(row["inventoryProductID"]) or {}
        quantity = row[column]
        if not 0 < quantity <= (product.get("onHandUnits") or 0):
            raise refuse(f"The value of the field {column} is not between 1 and the units on hand.")
        _stock(api, (product["inventoryLocationID"], product["productID"]), -quantity)
        if row.get("newInventoryLocationID") is not None:
            _stock(api, (row["newInventoryLocationID"], product["productID"]), quantity)

    return take


BEFORE: dict[str, Callable[[Api, Row | None, Row], None]] = {
    "Companies": _company,
    "Invoices": _invoice,
    "InventoryItems": _unique_pair("InventoryItems"),
    "InventoryProducts": _unique_pair("InventoryProducts"),
    "InventoryStockedItemsAdd": _stocked_add,
    "InventoryStockedItemsRemove": _stocked_take("quantityBeingRemoved"),
    "InventoryStockedItemsTransfer": _stocked_take("quantityBeingTransferred"),
    "ProductVendors": _vendor,
    "PurchaseOrders": _purchase_order,
    "PurchaseOrderItems": _order_item,
    "PurchaseOrderItemReceiving": _receiving,
}
"""Called with the old row, or None, and the new one, which they may complete or refuse."""

AFTER: dict[str, Callable[[Api, Row], None]] = {"PurchaseOrderItemReceiving": _after_receiving}
"""Called when the row is stored."""
