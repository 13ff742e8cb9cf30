"""Purchase orders of the Exact Online half."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_online_calls import NOWHERE, Exact, content, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

PATH, LINES = "purchaseorder/PurchaseOrders", "purchaseorder/PurchaseOrderLines"
RECEIPTS, FEED = "purchaseorder/GoodsReceipts", "sync/PurchaseOrder/PurchaseOrders"
JSON = dict[str, Any]


def start(sandbox: Sandbox, **switches: Any) -> Exact:
    """Reset to a known day and sign in."""
    sandbox.reset(now="2026-10-15T09:00:00Z", exact_online=switches)
    return Exact(sandbox)


def supplier(exact: Exact) -> str:
    """Return the supplier of the first SupplierItem."""
    guid: str = exact.masters["SupplierItem"][0]["Supplier"]
    return guid


def line(exact: Exact, **changes: Any) -> JSON:
    """Return a line for ten laptops."""
    item = exact.coded("Items", "HW-1001")
    return {"Item": item, "QuantityInPurchaseUnits": 10, "UnitPrice": 12.5, "VATCode": "2"} | changes


def order(exact: Exact, *lines: JSON, **changes: Any) -> JSON:
    """Return an order, of one line unless lines are given."""
    return {
        "Supplier": supplier(exact),
        "OrderDate": "2026-10-01",
        "ReceiptDate": "2026-10-08",
        "YourRef": "PO-0004021",
        "PurchaseOrderLines": list(lines) or [line(exact)],
    } | changes


def lines_of(exact: Exact, row: JSON) -> list[JSON]:
    """Return the lines of an order as they are now."""
    return exact.rows(LINES, filter=f"PurchaseOrderID eq guid'{row['PurchaseOrderID']}'", select="*")


def test_a_posted_order(sandbox: Sandbox) -> None:
    """An order is open, came by REST, goes to the main warehouse, and is added up with VAT."""
    exact = start(sandbox)
    row = exact.post(PATH, order(exact))
    expected = {
        "AmountDC": Decimal("151.25"),
        "AmountFCExclVat": 125,
        "ApprovalStatusDescription": "Automatisch",
        "Currency": "EUR",
        "InvoiceStatus": 10,
        "OrderDate": "/Date(1790812800000)/",
        "OrderNumber": 1,
        "OrderStatus": 10,
        "ReceiptDate": "/Date(1791417600000)/",
        "ReceiptStatus": 10,
        "Source": 11,
        "VATAmount": Decimal("26.25"),
        "WarehouseCode": "1",
    }
    assert {name: row[name] for name in expected} == expected
    assert row["SupplierCode"].strip().startswith("D1")
    (found,) = lines_of(exact, row)
    shown = ("ItemCode", "Quantity", "NetPrice", "AmountFC", "ReceivedQuantity", "SupplierItemCode", "UnitDescription")
    assert [found[name] for name in shown] == ["HW-1001", 10, Decimal("12.5"), 125, 0, "V-29682951", "Stuk"]
    assert (found["Description"], found["ReceiptDate"]) == ("Laptop 14 inch, 16 GB, 512 GB", row["ReceiptDate"])
    expanded = exact.entity(PATH, row["PurchaseOrderID"], expand="PurchaseOrderLines")
    assert [each["ID"] for each in expanded["PurchaseOrderLines"]["results"]] == [found["ID"]]
    assert exact.row(PATH, filter="YourRef eq 'PO-0004021'", select="OrderNumber")["OrderNumber"] == 1


def test_defaults_of_the_supplier(sandbox: Sandbox) -> None:
    """Without a price, a VAT code or dates an order has those of the supplier's terms and of today."""
    exact = start(sandbox)
    bare = {"Item": exact.coded("Items", "HW-1001"), "QuantityInPurchaseUnits": 1}
    row = exact.post(PATH, {"Supplier": supplier(exact), "PurchaseOrderLines": [bare]})
    (found,) = lines_of(exact, row)
    assert (found["UnitPrice"], found["VATCode"], row["VATAmount"]) == (742, "2  ", Decimal("155.82"))
    assert row["OrderDate"] == row["ReceiptDate"] == found["ReceiptDate"] == "/Date(1792022400000)/"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Supplier": None}, "Verplicht: Leverancier"),
        ({"Supplier": NOWHERE}, "Ongeldige referentie: Leverancier"),
        ({"Supplier": "customer"}, "Ongeldig: Leverancier (Type)"),
        ({"PurchaseOrderLines": []}, "Verplicht: Regels"),
        ({"OrderNumber": 1}, "Gegeven bestaat reeds."),
        ({"YourRef": "x" * 41}, "Te lang: YourRef"),
        ({"PaymentCondition": "99"}, "Ongeldige referentie: Betalingsconditie"),
        ({"PurchaseAgent": NOWHERE}, "Ongeldige referentie: PurchaseAgent"),
    ],
)
def test_headers_are_validated(sandbox: Sandbox, changes: JSON, problem: str) -> None:
    """A wrong header is 500 and leaves nothing behind."""
    exact = start(sandbox)
    exact.post(PATH, order(exact, OrderNumber=1))
    customer = {"Supplier": exact.customer()["ID"]} if changes.get("Supplier") == "customer" else {}
    assert refusal(exact.send("POST", PATH, order(exact, **changes | customer))) == (500, [problem])
    assert len(exact.table("PurchaseOrders")) == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Item": None}, "Verplicht: Artikel"),
        ({"QuantityInPurchaseUnits": None}, "Verplicht: Aantal"),
        ({"QuantityInPurchaseUnits": 0}, "Ongeldig: Aantal"),
        ({"Item": NOWHERE}, "Ongeldige referentie: Artikel"),
        ({"Item": "ARBEID"}, "Ongeldig: Artikel"),
        ({"VATCode": "99"}, "Ongeldige referentie: Btw-code"),
        ({"CostCenter": "XX"}, "Ongeldige referentie: Kostenplaats"),
    ],
)
def test_lines_are_validated(sandbox: Sandbox, changes: JSON, problem: str) -> None:
    """A wrong line is 500 and leaves nothing behind, the good line before it neither."""
    exact = start(sandbox)
    item = {"Item": exact.coded("Items", "ARBEID")} if changes.get("Item") == "ARBEID" else {}
    body = order(exact, line(exact), line(exact, **changes | item))
    assert refusal(exact.send("POST", PATH, body)) == (500, [problem])
    assert exact.table("PurchaseOrders") == exact.table("PurchaseOrderLines") == []


def test_what_nobody_could_tell_is_a_switch(sandbox: Sandbox) -> None:
    """Items that are not for purchase, other people's items and negative quantities are refused or not."""
    exact = start(sandbox, purchase_items_only=False)
    exact.post(PATH, order(exact, line(exact, Item=exact.coded("Items", "ARBEID"))))
    exact.post(PATH, order(exact, line(exact, QuantityInPurchaseUnits=-2)))
    exact = start(sandbox, supplier_item_needed=True, negative_purchases=False)
    answer = exact.send("POST", PATH, order(exact, line(exact, Item=exact.coded("Items", "VRACHT"))))
    assert refusal(answer) == (500, ["Ongeldig: Artikel van leverancier"])
    answer = exact.send("POST", PATH, order(exact, line(exact, QuantityInPurchaseUnits=-2)))
    assert refusal(answer) == (500, ["Ongeldig: Aantal"])
    exact.post(PATH, order(exact))


def test_unknown_and_read_only_properties(sandbox: Sandbox) -> None:
    """Unknown properties are 400; Quantity and OrderStatus are read-only and ignored."""
    exact = start(sandbox)
    answer = exact.send("POST", PATH, order(exact, Reference="x"))
    assert answer.status_code == 400
    assert "The property name 'Reference'" in refusal(answer)[1][0]
    row = exact.post(PATH, order(exact, line(exact, Quantity=7), OrderStatus=30))
    assert (row["OrderStatus"], lines_of(exact, row)[0]["Quantity"]) == (10, 10)


def test_an_open_order_changes(sandbox: Sandbox) -> None:
    """Header and lines can be changed; a change anywhere renews the rowversions of all its rows in the feed."""
    exact = start(sandbox)
    row = exact.post(PATH, order(exact, line(exact), line(exact, QuantityInPurchaseUnits=1)))
    before = [int(each["Timestamp"]) for each in exact.rows(FEED, filter="Timestamp gt 1")]
    first, second = lines_of(exact, row)
    address = f"{LINES}(guid'{first['ID']}')"
    assert exact.send("PUT", address, {"QuantityInPurchaseUnits": 4, "UnitPrice": 10}).status_code == 204
    changed = lines_of(exact, row)[0]
    assert [changed[name] for name in ("Quantity", "NetPrice", "AmountFC", "VATAmount")] == [4, 10, 40, Decimal("8.4")]
    after = exact.rows(FEED, filter=f"Timestamp gt {before[-1]}L")
    assert [(each["LineNumber"], each["AmountFCExclVat"]) for each in after] == [
        (0, Decimal("52.5")),
        (1, None),
        (2, None),
    ]
    assert [each["ID"] for each in after] == [row["PurchaseOrderID"], first["ID"], second["ID"]]
    order_address = f"{PATH}(guid'{row['PurchaseOrderID']}')"
    assert exact.send("PUT", order_address, {"Description": "Nieuw", "PurchaseOrderLines": []}).status_code == 204
    assert exact.entity(PATH, row["PurchaseOrderID"])["Description"] == "Nieuw"
    assert exact.send("DELETE", f"{LINES}(guid'{second['ID']}')").status_code == 204
    assert refusal(exact.send("DELETE", address)) == (500, ["Verplicht: Inkooporderregels"])
    assert exact.send("DELETE", order_address).status_code == 204
    assert {each["EntityType"] for each in exact.rows("sync/Deleted", filter="Timestamp gt 1")} == {22}


def test_another_currency(sandbox: Sandbox) -> None:
    """An order in dollars has its amounts in euros as well, and a change of currency brings its rate."""
    exact = start(sandbox)
    row = exact.post(PATH, order(exact, Currency="USD"))
    assert (row["ExchangeRate"], row["AmountFC"], row["AmountDC"]) == (
        Decimal("0.92"),
        Decimal("151.25"),
        Decimal("139.15"),
    )
    address = f"{PATH}(guid'{row['PurchaseOrderID']}')"
    assert exact.send("PUT", address, {"Currency": "EUR"}).status_code == 204
    changed = exact.entity(PATH, row["PurchaseOrderID"])
    assert (changed["ExchangeRate"], changed["AmountDC"]) == (1, Decimal("151.25"))


def test_lines_are_not_posted_alone(sandbox: Sandbox) -> None:
    """A line is part of its order's POST."""
    exact = start(sandbox)
    row = exact.post(PATH, order(exact))
    answer = exact.send("POST", LINES, line(exact, PurchaseOrderID=row["PurchaseOrderID"]))
    assert refusal(answer) == (500, ["Niet toegestaan: Inkooporderregels"])


def test_the_feed_has_cost_centres_by_guid(sandbox: Sandbox) -> None:
    """Lines know cost centres by code, the feed by guid with the code beside it."""
    exact = start(sandbox)
    row = exact.post(PATH, order(exact, line(exact, CostCenter="SD")))
    assert lines_of(exact, row)[0]["CostCenterDescription"] == "Servicedesk"
    fed = exact.rows(FEED, filter="Timestamp gt 1")[1]
    assert (fed["CostCenter"], fed["CostCenterCode"]) == (exact.coded("Costcenters", "SD"), "SD")
    assert (fed["SupplierCode"], fed["ItemCode"]) == (row["SupplierCode"], "HW-1001")


def test_receipts_move_an_order(sandbox: Sandbox) -> None:
    """A receipt counts on the order's lines; without a quantity the rest has come in; more is refused."""
    exact = start(sandbox)
    row = exact.post(PATH, order(exact))
    guid, order_line = row["PurchaseOrderID"], lines_of(exact, row)[0]["ID"]
    wanted: JSON = {"PurchaseOrderLineID": order_line, "QuantityReceived": 4}
    body: JSON = {"ReceiptDate": "2026-10-08", "YourRef": "PB-5561", "GoodsReceiptLines": [wanted]}
    receipt = exact.post(RECEIPTS, body)
    expected = (row["Supplier"], 1, 26300001, "/Date(1791417600000)/", row["SupplierCode"])
    shown = ("Supplier", "ReceiptNumber", "EntryNumber", "ReceiptDate", "SupplierCode")
    assert tuple(receipt[name] for name in shown) == expected
    assert exact.entity(PATH, guid)["ReceiptStatus"] == exact.entity(PATH, guid)["OrderStatus"] == 20
    assert lines_of(exact, row)[0]["ReceivedQuantity"] == 4
    answer = exact.send("PUT", f"{LINES}(guid'{order_line}')", {"QuantityInPurchaseUnits": 3})
    assert refusal(answer) == (500, ["Ongeldig: Aantal"])
    assert refusal(exact.send("DELETE", f"{PATH}(guid'{guid}')")) == (500, ["Reeds verwerkt"])
    answer = exact.send("POST", RECEIPTS, body | {"GoodsReceiptLines": [wanted, wanted]})
    assert refusal(answer) == (500, ["Ongeldig: Ontvangen aantal"])
    del wanted["QuantityReceived"]
    rest = exact.post(RECEIPTS, body)["ID"]
    received = exact.row("purchaseorder/GoodsReceiptLines", filter=f"GoodsReceiptID eq guid'{rest}'", select="*")
    shown = ("QuantityReceived", "QuantityOrdered", "PurchaseOrderNumber", "ItemCode", "ItemUnitCode")
    assert [received[name] for name in shown] == [6, 10, 1, "HW-1001", "stuk"]
    assert exact.entity(PATH, guid)["ReceiptStatus"] == 30


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ReceiptDate": None}, "Verplicht: Ontvangstdatum"),
        ({"GoodsReceiptLines": []}, "Verplicht: Ontvangstregels"),
        ({"GoodsReceiptLines": [{"QuantityReceived": 1}]}, "Verplicht: Inkooporderregel"),
        ({"GoodsReceiptLines": [{"PurchaseOrderLineID": NOWHERE}]}, "Ongeldige referentie: Inkooporderregel"),
        ({"ReceiptDate": "2019-10-08"}, "Onbekend: Boekjaar (Periode-datumtabel)"),
        ({"ReceiptDate": "2026-08-08"}, "De periode is afgesloten"),
    ],
)
def test_receipts_are_validated(sandbox: Sandbox, changes: JSON, problem: str) -> None:
    """A wrong receipt is 500 and moves nothing."""
    exact = start(sandbox, closed_until="2026-08-31")
    row = exact.post(PATH, order(exact))
    body = {"ReceiptDate": "2026-10-08", "GoodsReceiptLines": [{"PurchaseOrderLineID": lines_of(exact, row)[0]["ID"]}]}
    assert refusal(exact.send("POST", RECEIPTS, body | changes)) == (500, [problem])
    assert exact.table("GoodsReceipts") == []
    assert exact.entity(PATH, row["PurchaseOrderID"])["ReceiptStatus"] == 10


def test_receipts_of_negative_or_too_much(sandbox: Sandbox) -> None:
    """Nothing less than something is received; more than ordered only where the company allows it."""
    exact = start(sandbox, over_receipt=True)
    row = exact.post(PATH, order(exact))
    guid = lines_of(exact, row)[0]["ID"]

    def receive(quantity: int) -> JSON:
        return {
            "ReceiptDate": "2026-10-08",
            "GoodsReceiptLines": [{"PurchaseOrderLineID": guid, "QuantityReceived": quantity}],
        }

    assert refusal(exact.send("POST", RECEIPTS, receive(-1))) == (500, ["Ongeldig: Ontvangen aantal"])
    exact.post(RECEIPTS, receive(12))
    assert lines_of(exact, row)[0]["ReceivedQuantity"] == 12


def test_serial_numbers(sandbox: Sandbox) -> None:
    """An item with serial numbers needs one for each piece that came in."""
    exact = start(sandbox)
    item = exact.coded("Items", "HW-1001")
    exact.send("PUT", f"logistics/Items(guid'{item}')", {"IsSerialNumberItem": True})
    row = exact.post(PATH, order(exact, line(exact, QuantityInPurchaseUnits=2)))
    wanted: JSON = {"PurchaseOrderLineID": lines_of(exact, row)[0]["ID"]}
    body: JSON = {"ReceiptDate": "2026-10-08", "GoodsReceiptLines": [wanted]}
    assert refusal(exact.send("POST", RECEIPTS, body)) == (500, ["Verplicht: Serienummer"])
    wanted["SerialNumbers"] = [{"SerialNumber": "A1"}, {"SerialNumber": "A2"}]
    exact.post(RECEIPTS, body)
    assert [each["SerialNumber"] for each in exact.rows("inventory/StockSerialNumbers")] == ["A1", "A2"]


def test_a_receipt_changes_its_texts(sandbox: Sandbox) -> None:
    """A PUT changes date, reference and texts; receipts are not removed."""
    exact = start(sandbox)
    row = exact.post(PATH, order(exact))
    body = {"ReceiptDate": "2026-10-08", "GoodsReceiptLines": [{"PurchaseOrderLineID": lines_of(exact, row)[0]["ID"]}]}
    address = f"{RECEIPTS}(guid'{exact.post(RECEIPTS, body)['ID']}')"
    assert exact.send("PUT", address, {"YourRef": "F-1", "Remarks": "doos nat"}).status_code == 204
    assert content(exact.send("GET", address))["d"]["YourRef"] == "F-1"
    assert exact.send("DELETE", address).status_code == 405


def test_who_sells_an_item(sandbox: Sandbox) -> None:
    """An item has a link for every supplier once, the first being the main one."""
    exact = start(sandbox)
    item = exact.post("logistics/Items", {"Code": "NIEUW-1", "Description": "Nieuw"})
    assert (item["UnitDescription"], item["ItemGroupCode"], item["IsPurchaseItem"]) == ("Stuk", "STD", False)
    unit = exact.coded("Units", "stuk")
    body = {"Item": item["ID"], "Supplier": supplier(exact), "ItemUnit": unit, "PurchaseUnit": "stuk"}
    answer = exact.send("POST", "logistics/SupplierItem", body)
    assert refusal(answer) == (500, ["Verplicht: Inkoopprijs"])
    body |= {"PurchasePrice": 9.5, "SupplierItemCode": "ABC"}
    link = exact.post("logistics/SupplierItem", body)
    assert (link["MainSupplier"], link["SupplierDescription"] is None, link["ItemUnitCode"]) == (True, False, "stuk")
    assert refusal(exact.send("POST", "logistics/SupplierItem", body)) == (500, ["Gegeven bestaat reeds."])
    wrong = body | {"Supplier": exact.customer()["ID"]}
    assert refusal(exact.send("POST", "logistics/SupplierItem", wrong))[1] == ["Ongeldig: Leverancier (Type)"]
    address = f"logistics/SupplierItem(guid'{link['ID']}')"
    assert exact.send("PUT", address, {"SupplierItemCode": "ABD"}).status_code == 204
    found = exact.row("logistics/SupplierItem", filter="SupplierItemCode eq 'ABD'")
    assert (found["ID"], found["ItemCode"], found["PurchasePrice"]) == (link["ID"], "NIEUW-1", Decimal("9.5"))
    fed = exact.rows("sync/Logistics/SupplierItem", filter="Timestamp gt 1", select="ID,SupplierItemCode")
    assert fed[-1]["ID"] == link["ID"]
    assert exact.send("DELETE", address).status_code == 204


def test_a_filter_that_exact_took_away(sandbox: Sandbox) -> None:
    """Exact limited what may be filtered on without notice, as the switch does for any resource."""
    exact = start(sandbox, filter_only={"logistics/SupplierItem": "ID"})
    answer = exact.send("GET", "logistics/SupplierItem", filter="SupplierItemCode eq 'V-1'")
    assert refusal(answer) == (400, ["Filtering on these fields is not supported: SupplierItemCode"])
