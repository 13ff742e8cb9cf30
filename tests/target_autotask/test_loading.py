"""Records become rows: created, changed or left alone, with no more calls than that takes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.tap_autotask.on_sandbox import Reading
from tests.target_autotask.loading import OWNER, company, stream

if TYPE_CHECKING:
    from tests.target_autotask.loading import Dock

START = ["GET zoneInformation 200", "GET Companies/entityInformation 200", "GET Companies/entityInformation/fields 200"]


def customer(dock: Dock) -> dict[str, Any]:
    """Return a company of the seed."""
    return dock.row("Companies", companyNumber="D10003")


def test_a_company_is_created_with_all_it_needs(dock: Dock) -> None:
    """A record whose key is not there becomes a row, labels and user-defined fields included, in one POST."""
    record = company(
        "K-500",
        companyType="Customer",
        taxRegionID=1,
        city="Delft",
        userDefinedFields=[{"name": "kvk-nummer", "value": "12345678"}, {"name": "Klantgroep", "value": "NPO"}],
    )
    loaded = dock.load(stream("companies", record))
    row = dock.row("Companies", companyNumber="K-500")
    assert (row["companyType"], row["city"], row["isActive"]) == (1, "Delft", True)
    assert {udf["name"]: udf["value"] for udf in row["userDefinedFields"]} == {
        "KvK-nummer": "12345678",
        "Debiteurnummer ERP": None,
        "Klantgroep": "NPO",
    }
    assert loaded.calls == [
        *START,
        "POST Companies/query 200",
        "GET Companies/entityInformation/userDefinedFields 200",
        "POST Companies 200",
        "POST Companies/query 200",
    ]
    assert (loaded.code, loaded.failures) == (0, [])
    assert "companies: 1 record; 1 created." in loaded.log
    assert "7 calls to Autotask." in loaded.log


def test_an_update_sends_only_what_changes(dock: Dock) -> None:
    """A record whose key is there changes the fields that differ, and no other field, by PATCH on the collection."""
    before = customer(dock)
    record = {"companyNumber": "D10003", "companyName": before["companyName"], "city": "Delft", "isActive": True}
    loaded = dock.load(stream("Companies", record), keys={"companies": ["companyNumber"]})
    after = customer(dock)
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"city", "lastActivityDate", "lastTrackedModifiedDateTime"}
    assert loaded.calls == [*START, "POST Companies/query 200", "PATCH Companies 200", "POST Companies/query 200"]
    sent = next(call for call in dock.sandbox.calls("autotask") if call["method"] == "PATCH")
    assert sent["request_bytes"] == len(f'{{"id":{before["id"]},"city":"Delft"}}')


def test_what_is_as_it_was_costs_no_write(dock: Dock) -> None:
    """Two hundred unchanged records cost one look-up, and 250 two."""
    dock.sandbox.reset(companies=260, invoices=0)
    rows = [row for row in dock.rows("Companies") if row["companyNumber"]][:250]
    names = ("companyNumber", "companyName", "city", "isActive", "countryID", "phone", "createDate")
    records = [{name: row[name] for name in names} for row in rows]
    loaded = dock.load(stream("companies", *records))
    assert (loaded.code, len(records)) == (0, 250)
    assert loaded.calls == [*START, *["POST Companies/query 200"] * 2]
    assert "companies: 250 records; 250 unchanged." in loaded.log


def test_changed_rows_are_read_back_together(dock: Dock) -> None:
    """Twelve changes of one batch cost a look-up, twelve writes and one reading back."""
    rows = [row for row in dock.rows("Companies") if row["companyNumber"]]
    records = [{"companyNumber": row["companyNumber"], "fax": f"+31 {n}"} for n, row in enumerate(rows)]
    loaded = dock.load(stream("companies", *records))
    assert (loaded.count("PATCH Companies"), loaded.count("Companies/query")) == (len(rows), 2)
    assert f"companies: {len(rows)} records; {len(rows)} updated." in loaded.log


def test_a_row_that_is_loaded_twice_is_created_once(dock: Dock) -> None:
    """Two records with one key, in one batch and in other capitals, make one row that has what came last."""
    loaded = dock.load(stream("companies", company("K-1"), company("k-1", city="Delft"), company("K-2")))
    assert loaded.failures == []
    assert (loaded.count("POST Companies 200"), loaded.count("PATCH")) == (2, 1)
    (row,) = [row for row in dock.rows("Companies") if row["companyNumber"].lower() == "k-1"]
    assert row["city"] == "Delft"


def test_by_id_without_a_key(dock: Dock) -> None:
    """A stream without a key of its own goes by id, also id 0, and an unknown id makes no row."""
    ids = [0, customer(dock)["id"], 999]
    loaded = dock.load(stream("companies", *({"id": row_id, "fax": "1"} for row_id in ids)), keys={})
    assert [row["id"] for row in dock.rows("Companies", fax="1")] == ids[:2]
    assert len(loaded.failures) == 1
    assert "record 3 (id 999): failed: Companies has no such row, and Autotask gives ids itself" in loaded.failures[0]
    assert (loaded.code, loaded.count("POST Companies 200")) == (1, 0)


def test_a_key_of_several_fields(dock: Dock) -> None:
    """Several fields together are a key: rows that agree in one of them only are others."""
    first, second = [row["id"] for row in dock.rows("Companies")][1:3]
    who = {"firstName": "Anna", "lastName": "Jansen", "isActive": 1}
    records = [{"companyID": company_id, "externalID": key, **who} for company_id in (first, second) for key in "AB"]
    keys = {"contacts": ["companyID", "externalID"]}
    assert "contacts: 4 records; 4 created." in dock.load(stream("contacts", *records), keys=keys).log
    loaded = dock.load(stream("contacts", *({**record, "title": "Baas"} for record in records)), keys=keys)
    assert "contacts: 4 records; 4 updated." in loaded.log
    assert loaded.count("Contacts/query") == 2
    assert len(dock.rows("Contacts", lastName="Jansen", title="Baas")) == 4


def test_a_user_defined_field_as_key(dock: Dock) -> None:
    """A user-defined field is a key too, at one look-up a record, since a query takes one such condition."""
    keys = {"companies": ["Debiteurnummer ERP"]}
    records = [company(f"K-{number}", userDefinedFields={"Debiteurnummer ERP": f"E{number}"}) for number in range(3)]
    assert "companies: 3 records; 3 created." in dock.load(stream("companies", *records), keys=keys).log
    loaded = dock.load(stream("companies", *records), keys=keys)
    assert "companies: 3 records; 3 unchanged." in loaded.log
    assert loaded.count("Companies/query") == 3


def test_a_key_that_is_spelled_otherwise_is_found(dock: Dock) -> None:
    """A key whose text Autotask has otherwise, here a moment, is asked for by itself before a row would be created."""
    for number, second in (("D10003", "00.27"), ("D10004", "01.5")):
        row = dock.row("Companies", companyNumber=number)
        dock.sandbox.put_row("autotask", "Companies", {"id": row["id"], "createDate": f"2026-01-05T10:00:{second}Z"})
    records = [{"createDate": f"2026-01-05T10:00:{second}", "fax": "7"} for second in ("00.270Z", "01.500+00:00")]
    loaded = dock.load(stream("companies", *records), keys={"companies": ["createDate"]})
    assert (loaded.code, loaded.count("POST Companies ")) == (0, 0)
    assert [row["companyNumber"] for row in dock.rows("Companies", fax="7")] == ["D10003", "D10004"]
    assert loaded.count("Companies/query") == 1 + 2 + 1


def test_several_rows_with_one_key_are_a_failure(dock: Dock) -> None:
    """A key that several rows have is refused with all of them, and the first is not taken."""
    twins = [dock.row("Companies", companyNumber=number) for number in ("D10003", "D10004")]
    dock.sandbox.put_row("autotask", "Companies", {"id": twins[1]["id"], "companyNumber": "d10003"})
    loaded = dock.load(stream("companies", {"companyNumber": "D10003", "fax": "1"}, company("K-1")))
    (failure,) = loaded.failures
    assert "2 rows have this key: " + ", ".join(f"{row['id']} ({row['companyName']})" for row in twins) in failure
    assert dock.rows("Companies", fax="1") == []
    assert dock.row("Companies", companyNumber="K-1")


@pytest.mark.parametrize("allowed", [True, False])
def test_without_any_key_only_when_allowed(dock: Dock, *, allowed: bool) -> None:
    """A record without key and id is created only where the settings say so."""
    loaded = dock.load(stream("companies", company("K-1"), company("K-1")), keys={}, create_without_key=allowed)
    assert (len(dock.rows("Companies", companyNumber="K-1")), loaded.code) == ((2, 0) if allowed else (0, 1))
    assert ("it would be created twice" in "".join(loaded.failures)) is not allowed


def test_children_are_written_below_their_parent(dock: Dock) -> None:
    """A contact is created and changed at its company's path, by the company it has when the record names none."""
    owner = customer(dock)["id"]
    keys = {"contacts": ["externalID"]}
    record = {"companyID": owner, "externalID": "C-77", "firstName": "Anna", "lastName": "Jansen", "isActive": 1}
    created = dock.load(stream("contacts", record), keys=keys)
    assert created.count(f"POST Companies/{owner}/Contacts 200") == 1
    changed = dock.load(stream("contacts", {"externalID": "C-77", "title": "Directeur"}), keys=keys)
    assert changed.count(f"PATCH Companies/{owner}/Contacts 200") == 1
    assert dock.row("Contacts", externalID="C-77")["title"] == "Directeur"
    orphan = dock.load(stream("contacts", {"externalID": "C-78", "firstName": "A", "lastName": "B"}), keys=keys)
    assert "companyID is missing: Contacts are written below Companies" in orphan.failures[0]
    nowhere = dock.load(stream("contacts", record | {"externalID": "C-79", "companyID": 5}), keys=keys)
    assert "404" in nowhere.failures[0]


def test_fields_that_only_a_create_takes(dock: Dock) -> None:
    """Receiving an order's item sends fields that the metadata calls read-only, and changes nothing afterwards."""
    order = next(row for row in dock.rows("PurchaseOrders") if row["status"] == 2)
    item = dock.rows("PurchaseOrderItems", orderID=order["id"])[0]
    record = {"purchaseOrderItemID": item["id"], "quantityNowReceiving": 1, "vendorInvoiceNumber": "V-1"}
    keys = {"purchase_order_item_receiving": ["purchaseOrderItemID", "vendorInvoiceNumber"]}
    loaded = dock.load(stream("purchase_order_item_receiving", record), keys=keys)
    assert (loaded.code, loaded.count(f"POST PurchaseOrderItems/{item['id']}/Receiving 200")) == (0, 1)
    again = dock.load(stream("purchase_order_item_receiving", record), keys=keys)
    assert "purchase_order_item_receiving: 1 record; 1 unchanged." in again.log
    changed = dock.load(stream("purchase_order_item_receiving", record | {"quantityNowReceiving": 2}), keys=keys)
    assert "quantityNowReceiving: is read-only: Autotask would keep 1 and ignore 2" in changed.failures[0]


def test_what_cannot_be_queried_is_created_unread(dock: Dock) -> None:
    """An entity that only takes creates is written without being looked up or read back."""
    product = dock.rows("InventoryProducts")[0]
    vendor = dock.rows("Companies", companyType=7)[0]["id"]
    record = {
        "inventoryProductID": product["id"],
        "quantityBeingAdded": 2,
        "determineCostUsing": 1,
        "determineNewPriceUsing": 1,
        "unitCost": Decimal("12.5000001"),
        "vendorID": vendor,
    }
    name = "inventory_stocked_items_add"
    loaded = dock.load(stream(name, record), keys={}, create_without_key=True)
    assert loaded.failures == []
    assert [call for call in loaded.calls if call.startswith("POST")] == [
        f"POST InventoryProducts/{product['id']}/StockedItemsAdd 200"
    ]
    by_id = dock.load(stream(name, {"id": 5}), keys={}, create_without_key=True)
    assert "cannot be queried, so a row cannot be found by its id" in by_id.failures[0]


def test_money_and_dates_arrive_as_they_are(dock: Dock) -> None:
    """An amount has its digits and a day is that day, whatever its row had."""
    invoice = dock.rows("Invoices")[0]["id"]
    product = dock.rows("Products")[0]["id"]
    paid = dock.load(stream("invoices", {"id": invoice, "paidDate": "2026-11-30"}))
    priced = dock.load(stream("products", {"id": product, "unitPrice": Decimal("1234.5678901")}))
    assert (paid.failures, priced.failures) == ([], [])
    assert dock.row("Invoices", id=invoice)["paidDate"] == "2026-11-30T00:00:00.000Z"
    assert dock.row("Products", id=product)["unitPrice"] == Decimal("1234.5678901")


@pytest.mark.parametrize(("nulls", "kept"), [("clear", None), ("leave", "Delft")])
def test_null_clears_or_leaves(dock: Dock, nulls: str, kept: str | None) -> None:
    """Null empties a field or leaves it, as the setting says, and in a new row it is left out."""
    dock.load(stream("companies", {"companyNumber": "D10003", "city": "Delft"}))
    loaded = dock.load(stream("companies", {"companyNumber": "D10003", "city": None, "fax": None}), nulls=nulls)
    assert (loaded.code, customer(dock)["city"]) == (0, kept)
    assert dock.load(stream("companies", company("K-1", city=None, createDate=None)), nulls=nulls).code == 0


def test_several_streams_in_their_order(dock: Dock) -> None:
    """What waits in one stream is written before the next one begins, whose records may not wait; each is told."""
    owner = customer(dock)["id"]
    contact = {"companyID": owner, "firstName": "A", "lastName": "B", "isActive": 1, "externalID": "X"}
    messages = stream("companies", company("K-1"))[:2] + stream("contacts", contact) + stream("Departments")
    loaded = dock.load(messages, create_without_key=True)
    first, second = (loaded.calls.index(f"POST {path} 200") for path in ("Companies", f"Companies/{owner}/Contacts"))
    assert first < second
    assert {"companies: 1 record; 1 created.", "contacts: 1 record; 1 created."} <= set(loaded.log)


def test_another_schema_keeps_the_order(dock: Dock) -> None:
    """Records that waited under an earlier schema of a stream are written before those under the next one."""
    one, two = (stream("companies", {"companyNumber": "D10003", "city": city}) for city in ("Delft", "Gouda"))
    two[0]["schema"] = {"properties": {"city": {"type": "string"}}}
    loaded = dock.load(one[:2] + two)
    assert customer(dock)["city"] == "Gouda"
    assert loaded.count("PATCH") == 2
    assert loaded.count("entityInformation/fields") == 1


@pytest.mark.parametrize(
    "name", ["companies", "company_locations", "contacts", "contracts", "invoices", "products", "purchase_orders"]
)
def test_what_the_tap_reads_is_loaded_without_a_write(dock: Dock, name: str) -> None:
    """Rows as tap-autotask has them, read-only fields and all, are unchanged when they come back."""
    read = Reading(dock.sandbox, name)
    loaded = dock.load(read.messages, keys={})
    assert (loaded.code, loaded.failures) == (0, [])
    assert f"{name}: {len(read.records):,} records; {len(read.records):,} unchanged." in loaded.log
    assert len(read.records) > 3
    assert loaded.count("PATCH") == 0


def test_stream_maps_make_other_streams_fit(dock: Dock) -> None:
    """With the SDK's stream maps a stream of another system becomes an entity, field by field."""
    account = {"code": "K-9", "name": "Foreign BV", "tel": "020", "secret_note": "no"}
    maps = {
        "crm_accounts": {
            "__alias__": "companies",
            "__else__": None,
            "companyNumber": "code",
            "companyName": "name",
            "phone": "tel",
            "companyType": "'Prospect'",
            "ownerResourceID": f"int({OWNER})",
        }
    }
    messages = stream("crm_accounts", account)
    messages[0]["schema"] = {"properties": {name: {"type": "string"} for name in account}}
    loaded = dock.load(messages, stream_maps=maps)
    assert loaded.failures == []
    assert dock.row("Companies", companyNumber="K-9")["companyType"] == 3
