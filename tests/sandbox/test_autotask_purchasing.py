"""Purchase orders at the Autotask half, from new to received."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.autotask_calls import JSON, call, ids, item, items, refused

if TYPE_CHECKING:
    from tests.conftest import Sandbox

PLACE = {"shipToName": "Demo MSP B.V.", "shipToAddress1": "Magazijnweg 2"}


def _created(sandbox: Sandbox, path: str, body: JSON) -> int:
    answer = call(sandbox, "POST", path, body)
    assert answer.status_code == 200, answer.text
    created: int = answer.json()["itemId"]
    return created


@pytest.fixture
def vendor(sandbox: Sandbox) -> int:
    """A company of type Vendor."""
    return ids(sandbox, "Companies", {"op": "eq", "field": "companyType", "value": 7})[0]


@pytest.fixture
def order(sandbox: Sandbox, vendor: int) -> int:
    """A new order."""
    return _created(sandbox, "PurchaseOrders", {"id": 0, "vendorID": vendor, "status": 1, **PLACE})


@pytest.fixture
def order_item(sandbox: Sandbox, order: int) -> int:
    """Ten of a product in stock, on a new order."""
    product = items(sandbox, "InventoryProducts")[0]
    body = {"productID": product["productID"], "inventoryLocationID": 1, "quantity": 10, "unitCost": 5.0}
    return _created(sandbox, f"PurchaseOrders/{order}/Items", body)


def submit(sandbox: Sandbox, order: int) -> None:
    """Submit an order."""
    assert call(sandbox, "PATCH", "PurchaseOrders", {"id": order, "status": 2}).status_code == 200


def receive(sandbox: Sandbox, order_item: int, quantity: int) -> JSON:
    """Receive some of an item."""
    body = {"purchaseOrderItemID": order_item, "quantityNowReceiving": quantity, "vendorInvoiceNumber": "V-331"}
    received = _created(sandbox, f"PurchaseOrderItems/{order_item}/Receiving", body)
    return item(sandbox, "PurchaseOrderItemReceiving", received)


def test_order_from_new_to_received(sandbox: Sandbox, order: int, order_item: int) -> None:
    """Receiving in parts counts up, moves the order's status and puts the goods on hand."""
    stock = items(sandbox, "InventoryProducts")[0]
    assert item(sandbox, "PurchaseOrders", order)["purchaseOrderNumber"] == f"PO-{order:07d}"
    submit(sandbox, order)
    assert item(sandbox, "PurchaseOrders", order)["submitDateTime"]
    first = receive(sandbox, order_item, 4)
    assert (first["quantityPreviouslyReceived"], first["quantityBackOrdered"]) == (0, 6)
    assert item(sandbox, "PurchaseOrders", order)["status"] == 3
    second = receive(sandbox, order_item, 6)
    assert (second["quantityPreviouslyReceived"], second["quantityBackOrdered"]) == (4, 0)
    assert item(sandbox, "PurchaseOrders", order)["status"] == 4
    assert item(sandbox, "InventoryProducts", stock["id"])["onHandUnits"] == stock["onHandUnits"] + 10


def test_received_goods_can_be_taken_back(sandbox: Sandbox, order: int, order_item: int) -> None:
    """A negative quantity un-receives, but never more than was received."""
    submit(sandbox, order)
    receive(sandbox, order_item, 4)
    body = {"purchaseOrderItemID": order_item, "quantityNowReceiving": -5}
    assert (
        "More can not be taken back"
        in refused(call(sandbox, "POST", f"PurchaseOrderItems/{order_item}/Receiving", body))[0]
    )
    assert receive(sandbox, order_item, -4)["quantityBackOrdered"] == 10


def test_receiving_needs_a_submitted_order_and_a_quantity(sandbox: Sandbox, order: int, order_item: int) -> None:
    """Nothing is received of a new order, and never zero."""
    path = f"PurchaseOrderItems/{order_item}/Receiving"
    body = {"purchaseOrderItemID": order_item, "quantityNowReceiving": 1}
    assert "submitted or partially received" in refused(call(sandbox, "POST", path, body))[0]
    submit(sandbox, order)
    assert "can not be 0" in refused(call(sandbox, "POST", path, body | {"quantityNowReceiving": 0}))[0]


def test_items_come_while_the_order_is_new(sandbox: Sandbox, order: int, order_item: int) -> None:
    """Items are added to a new order only, and changed until it is received."""
    submit(sandbox, order)
    path = f"PurchaseOrders/{order}/Items"
    row = item(sandbox, "PurchaseOrderItems", order_item)
    assert refused(call(sandbox, "POST", path, {**row, "id": 0}))
    assert call(sandbox, "PATCH", path, {"id": order_item, "unitCost": 6.5}).status_code == 200
    receive(sandbox, order_item, 10)
    assert refused(call(sandbox, "PATCH", path, {"id": order_item, "unitCost": 7}))


def test_item_needs_a_product_or_a_charge(sandbox: Sandbox, order: int) -> None:
    """An item without product and charge is refused."""
    body = {"inventoryLocationID": 1, "quantity": 1, "unitCost": 1}
    assert "productID or chargeID" in refused(call(sandbox, "POST", f"PurchaseOrders/{order}/Items", body))[0]


def test_vendor_must_be_one(sandbox: Sandbox) -> None:
    """An order goes to a company of type Vendor, which can not be changed later."""
    assert refused(call(sandbox, "POST", "PurchaseOrders", {"vendorID": 0, "status": 1, **PLACE})) == [
        "Reference value on field: vendorID of type: Company does not exist or is invalid."
    ]


def test_status_goes_one_way(sandbox: Sandbox, order: int) -> None:
    """An order is submitted or cancelled by hand; what is received comes from receiving only."""
    assert refused(call(sandbox, "PATCH", "PurchaseOrders", {"id": order, "status": 4}))
    assert call(sandbox, "PATCH", "PurchaseOrders", {"id": order, "status": 5}).status_code == 200
    assert item(sandbox, "PurchaseOrders", order)["cancelDateTime"]
    assert refused(call(sandbox, "PATCH", "PurchaseOrders", {"id": order, "status": 2}))


def test_product_and_location_are_a_pair_once(sandbox: Sandbox) -> None:
    """A product has one inventory row per location."""
    row = items(sandbox, "InventoryProducts")[0]
    body = {name: row[name] for name in ("productID", "quantityMinimum", "quantityMaximum", "availableUnits")}
    assert "must be unique" in refused(call(sandbox, "POST", "InventoryProducts", body | {"inventoryLocationID": 1}))[0]
    assert _created(sandbox, "InventoryProducts", body | {"inventoryLocationID": 2})


def test_stock_by_hand(sandbox: Sandbox, vendor: int) -> None:
    """Units are added to, and taken out of, what is on hand; never more than there are."""
    row = items(sandbox, "InventoryProducts")[0]
    base, on_hand = f"InventoryProducts/{row['id']}", row["onHandUnits"]
    adding = {"determineCostUsing": 1, "quantityBeingAdded": 3, "vendorID": vendor, "unitCost": 4.5}
    _created(sandbox, f"{base}/StockedItemsAdd", adding)
    assert item(sandbox, "InventoryProducts", row["id"])["onHandUnits"] == on_hand + 3
    _created(sandbox, f"{base}/StockedItemsRemove", {"quantityBeingRemoved": 5})
    assert item(sandbox, "InventoryProducts", row["id"])["onHandUnits"] == on_hand - 2
    assert refused(call(sandbox, "POST", f"{base}/StockedItemsRemove", {"quantityBeingRemoved": 500}))
    moving = {"quantityBeingTransferred": 1, "newInventoryLocationID": 2}
    _created(sandbox, f"{base}/StockedItemsTransfer", moving)
    assert item(sandbox, "InventoryProducts", row["id"])["onHandUnits"] == on_hand - 3
