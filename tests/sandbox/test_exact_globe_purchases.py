"""Purchase orders and goods receipts at the Exact Globe half."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_globe_calls import Globe, content, refusal

if TYPE_CHECKING:
    import requests

    from tests.conftest import Sandbox

LINE = {"ItemCode": "HW-1001", "Quantity": 2, "Price": 712.5, "DeliveryDate": "2026-03-14T00:00:00"}


def _supplier(globe: Globe) -> str:
    return str(globe.account("S")["CreditorNumber"]).strip()


def _order(globe: Globe, *lines: dict[str, Any], **header: Any) -> requests.Response:
    key = globe.staged("PurchaseOrderLine", *(lines or (LINE,)))
    own = {"TransactionKey": key, "OrderedAt": _supplier(globe), "Description": "AT-PO1043-R2"}
    return globe.send("POST", "PurchaseOrderHeader", own | header)


def test_lines_then_header(globe: Globe) -> None:
    """A purchase order goes like a sales order, under names of its own, and is found by its description."""
    assert content(_order(globe, LINE, LINE | {"ItemCode": "HW-1005"}))["d"]["PurchaseOrderNumber"] == "   50001"
    found = globe.rows("PurchaseOrderHeader", filter="Description eq 'AT-PO1043-R2'")[0]
    assert (found["TotalAmountExclVAT"], found["TotalVAT"], found["TotalAmount"]) == (
        2850,
        Decimal("598.5"),
        Decimal("3448.5"),
    )
    lines = globe.rows("PurchaseOrderLine", filter="PurchaseOrderNumber eq '   50001'")
    assert [(line["LineNumber"], line["ItemCode"]) for line in lines] == [("   1", "HW-1001"), ("   2", "HW-1005")]


def test_prices_have_four_decimals(globe: Globe) -> None:
    """A price of a purchase line keeps four decimals, one more than that of a sales line."""
    _order(globe, LINE | {"Price": 2.18505})
    assert globe.table("PurchaseOrderLine")[0]["Price"] == Decimal("2.1851")


def test_agreed_price(globe: Globe) -> None:
    """Without a price the supplier's own one holds, with its VAT code."""
    agreed = globe.table("ItemAccount")[0]
    line = {"ItemCode": agreed["ItemCode"], "Quantity": 1, "DeliveryDate": "2026-03-14"}
    _order(globe, line, OrderedAt=agreed["CreditorNumber"].strip())
    bought = globe.table("PurchaseOrderLine")[0]
    assert (bought["Price"], bought["VATCode"]) == (agreed["PurchasePrice"], agreed["PurchaseVATCode"])


@pytest.mark.parametrize(
    ("line", "header", "text"),
    [
        ({}, {"OrderedAt": "999999"}, "Not found: OrderedAt (999999)"),
        ({}, {"OrderedAt": None}, "Mandatory: OrderedAt"),
        ({"DeliveryDate": None}, {}, "Mandatory: DeliveryDate"),
        ({"ItemCode": "ARBEID"}, {}, "Invalid: ItemCode (ARBEID)"),
        ({"ItemCode": "HW-1023"}, {}, "Not found: ItemCode (HW-1023)"),
    ],
)
def test_validation_at_the_header(globe: Globe, line: dict[str, Any], header: dict[str, Any], text: str) -> None:
    """An item that is not bought, or lacks, is refused at the header."""
    assert refusal(_order(globe, LINE | line, **header)) == (500, text)
    assert globe.table("PurchaseOrderHeader") == []


def test_description_has_twenty_characters(globe: Globe) -> None:
    """The only reference of a purchase order is short."""
    assert refusal(_order(globe, Description="AT-PO1043-R2-" + "X" * 8))[0] == 500


def test_receipts_are_only_read(globe: Globe) -> None:
    """With product update 415 a receipt can be read and not created."""
    assert globe.rows("ReceiptPurchaseOrderHeader") == []
    assert globe.send("POST", "ReceiptPurchaseOrderHeader", {}).status_code == 405
    assert globe.send("POST", "PurchaseOrderReceiptHeader", {}).status_code == 404


def _receive(globe: Globe, quantity: float) -> requests.Response:
    line = {"ItemCode": "HW-1001", "PurchaseOrderNumber": "50001", "Quantity": quantity}
    key = globe.staged("PurchaseOrderReceiptLine", line)
    header = {"TransactionKey": key, "PurchaseOrderNumber": "50001", "YourReference": "AT-PO1043-R2"}
    return globe.send("POST", "PurchaseOrderReceiptHeader", header)


def test_receipts_from_502_on(sandbox: Sandbox, globe: Globe) -> None:
    """With product update 502 a receipt is booked on its order, and shows where receipts are read."""
    sandbox.reset(exact_globe={"product_update": 502})
    _order(globe)
    assert _receive(globe, 1.5).status_code == 201
    assert globe.rows("ReceiptPurchaseOrderHeader")[0]["PurchaseOrderNumber"] == 50001
    assert globe.rows("ReceiptPurchaseOrderLine")[0]["QuantityDelivered"] == Decimal("1.5")
    assert globe.table("PurchaseOrderLine")[0]["QuantityDelivered"] == Decimal("1.5")
    assert refusal(_receive(globe, 1))[1] == "Invalid: Quantity (1.000)"
    assert len(globe.table("ReceiptPurchaseOrderHeader")) == 1


def test_older_update(sandbox: Sandbox, globe: Globe) -> None:
    """What came after a product update is unknown to it."""
    sandbox.reset(exact_globe={"product_update": 405})
    line = {"Itemcode": "ARBEID", "Quantity": 1, "Action": "ADDNEW"}
    assert refusal(globe.send("POST", "SalesOrderLine", line))[0] == 400
    sandbox.reset()
    assert globe.send("POST", "SalesOrderLine", line).status_code == 201


def test_half_year_of_receipts(sandbox: Sandbox, globe: Globe) -> None:
    """What a half year of receipts needs is in Globe too: odd vendors, items under other codes, and what is missing."""
    sandbox.reset(receipts=20)
    accounts = {row["AccountName"]: row for row in globe.table("Account")}
    assert "Groothandel Onbekend B.V." not in accounts
    odd = accounts["Tweedehands & Zn."]
    assert (odd["CustomerType"], odd.get("CreditorNumber")) == ("C", None)
    items = {row["ItemCode"]: row for row in globe.table("Item")}
    assert not {"HW-2001", "HW-2002", "HW-2003"} & set(items)
    assert items["HW-2005"]["IsSerialNumberItem"]
    codes = {row["ItemCode"]: row["ItemCodeAccount"] for row in globe.table("ItemAccount")}
    assert codes["ART-90013"].startswith("V-")
