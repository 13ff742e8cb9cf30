from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from tests.tap_autotask.tables import Run, Tables

STREAM = "expanded_goods_receipts"
NOON = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
OLD = NOON - dt.timedelta(days=30)


def at(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def row(number: int, when: dt.datetime = OLD, item: int = 1, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "purchaseOrderItemID": item,
        "receiveDate": at(when),
        "receivedByResourceID": 7,
        "vendorInvoiceNumber": "V-1",
        "serialNumber": "",
        "quantityNowReceiving": quantity,
        **fields,
    }


def minutes_ago(minutes: float) -> dt.datetime:
    return NOON - dt.timedelta(minutes=minutes)


def world(*rows: dict[str, Any], **changes: list[dict[str, Any]]) -> Tables:
    """Two orders at a supplier: items 1 and 2 of the first, 3 of the second."""
    tables: dict[str, list[dict[str, Any]]] = {
        "PurchaseOrderItemReceiving": list(rows),
        "PurchaseOrderItems": [
            {"id": 1, "orderID": 100, "productID": 61, "inventoryLocationID": 5, "quantity": 10, "unitCost": 5.0},
            {"id": 2, "orderID": 100, "chargeID": 51, "ticketID": 31, "inventoryLocationID": 5, "quantity": 1},
            {"id": 3, "orderID": 200, "productID": 61, "projectID": 22, "quantity": 4},
        ],
        "PurchaseOrders": [
            {"id": 100, "purchaseOrderNumber": "PO-100", "vendorID": 8, "purchaseForCompanyID": 9, "freight": 12.5},
            {"id": 200, "purchaseOrderNumber": "PO-200", "vendorID": 8},
        ],
        "Companies": [
            {"id": 8, "companyName": "Orion", "countryID": 157, "currencyID": 2},
            {"id": 9, "companyName": "Klant", "countryID": 157},
        ],
        "Products": [{"id": 61, "sku": "HW-1", "productBillingCodeID": 4}, {"id": 62, "sku": "HW-2"}],
        "ProductVendors": [
            {"id": 1, "productID": 61, "vendorID": 8, "vendorPartNumber": "OR-77"},
            {"id": 2, "productID": 61, "vendorID": 6, "vendorPartNumber": "XX"},
        ],
        "BillingCodes": [{"id": 4, "name": "Hardware"}],
        "TicketCharges": [{"id": 51, "productID": 62, "name": "Kabel"}],
        "Tickets": [{"id": 31, "ticketNumber": "T1"}],
        "Projects": [{"id": 22, "projectName": "Migratie"}],
        "InventoryLocations": [{"id": 5, "locationName": "Magazijn"}],
        "Countries": [{"id": 157, "countryCode": "NL"}],
        "Currencies": [{"id": 1, "name": "EUR", "isInternalCurrency": True}, {"id": 2, "name": "USD"}],
        "Resources": [{"id": 7, "firstName": "Anna", "lastName": "Bos", "email": "a@x.example", "internalCost": 99}],
    }
    return Tables(**tables | changes)


def run(tables: Tables, state: dict[str, Any] | None = None, *opened: str, **settings: Any) -> Run:
    if opened and state is not None:
        state["bookmarks"][STREAM]["open"] = list(opened)
    return Run(tables, STREAM, state, **settings)


def rows_of(each: Run) -> list[list[int]]:
    return [[found["id"] for found in record["rows"]] for record in each.records]


def test_a_receipt_has_all_that_belongs_to_it() -> None:
    """Order, supplier, lines with item, product, the supplier's own number, place, charge, project and person."""
    first, second = run(world(row(1), row(2, item=2), row(3, item=3, quantity=2))).records
    order = first["purchase_order"]
    assert (first["id"], first["first"], first["vendor_invoice_number"]) == (1, True, "V-1")
    assert (order["purchaseOrderNumber"], order["vendor"]["country"]["countryCode"]) == ("PO-100", "NL")
    assert (order["currency"]["name"], order["purchase_for"]["companyName"]) == ("USD", "Klant")
    assert first["received_by"] == {
        "id": 7,
        "firstName": "Anna",
        "lastName": "Bos",
        "userName": None,
        "email": "a@x.example",
    }
    plain, charged = (found["order_item"] for found in first["rows"])
    assert (plain["product"]["sku"], plain["product_vendor"]["vendorPartNumber"]) == ("HW-1", "OR-77")
    assert (plain["inventory_location"]["locationName"], plain["billing_code"]["name"]) == ("Magazijn", "Hardware")
    assert (charged["charge"]["name"], charged["product"]["sku"], charged["ticket"]["ticketNumber"]) == (
        "Kabel",
        "HW-2",
        "T1",
    )
    assert second["rows"][0]["order_item"]["project"]["projectName"] == "Migratie"
    assert (first["tenant"], first["offered"], "AccountID=8" in first["web_url"]) == ("123456", 2, True)


def test_what_autotask_does_not_show_is_null() -> None:
    """An item, order or product hidden from the API user is null; the receipt is not lost."""
    (hidden,) = run(world(row(1, item=9))).records
    assert (hidden["purchase_order"], hidden["rows"][0]["order_item"]) == (None, None)
    (record,) = run(world(row(1), PurchaseOrders=[], Products=[], ProductVendors=[])).records
    assert (record["purchase_order"], record["rows"][0]["order_item"]["product"]) == (None, None)


def test_nothing_new_costs_two_calls() -> None:
    """The zone, and one query for what is new or late."""
    tables = world(row(1), row(2, minutes_ago(12)))
    first = run(tables)
    second = run(tables, first.state)
    assert (rows_of(first), rows_of(second)) == ([[1], [2]], [])
    assert second.calls == ["zoneInformation", "PurchaseOrderItemReceiving/query"]


def test_a_receipt_waits_until_it_has_settled() -> None:
    """With a row of nine minutes ago it is not offered and the bookmark stays before it; later it comes whole, once."""
    tables = world(row(1), row(2, minutes_ago(10.5)), row(3, minutes_ago(9.6), item=2))
    first = run(tables)
    assert (rows_of(first), first.bookmark["replication_key_value"]) == ([[1]], 1)
    tables.now = "Mon, 02 Nov 2026 12:05:00 GMT"
    second = run(tables, first.state)
    assert (rows_of(second), second.bookmark["replication_key_value"]) == ([[2, 3]], 3)
    assert rows_of(run(tables, second.state)) == []


def test_nothing_waits_for_a_receipt_that_is_not_settled() -> None:
    """What is settled goes on though its rows have higher ids, and does not come again when the other follows."""
    tables = world(
        row(1, minutes_ago(11)), row(2, minutes_ago(10.9), item=3), row(3, minutes_ago(10.1)), row(4, minutes_ago(9.5))
    )
    first = run(tables)
    assert (rows_of(first), first.bookmark.get("replication_key_value"), first.bookmark["recent"]) == ([[2]], 0, [2])
    tables.now = "Mon, 02 Nov 2026 13:05:00 GMT"
    second = run(tables, first.state)
    assert (rows_of(second), second.bookmark["replication_key_value"]) == ([[1, 3, 4]], 4)
    assert second.bookmark["recent"] == []


def test_a_later_receipt_on_the_same_order_is_not_its_first() -> None:
    """Also when the first was offered by an earlier run, or lies before the start date."""
    tables = world(row(1), row(2, item=3))
    first = run(tables)
    tables.rows["PurchaseOrderItemReceiving"].append(row(5, minutes_ago(60), item=2))
    second = run(tables, first.state)
    assert [(record["id"], record["first"]) for record in second.records] == [(5, False)]
    late_start = run(tables, start_date="2026-11-01")
    assert [(record["id"], record["first"]) for record in late_start.records] == [(5, False)]
    assert rows_of(run(tables, late_start.state, start_date="2026-11-01")) == []


def test_a_row_that_takes_goods_back_brings_what_it_may_undo() -> None:
    """The earlier rows of its order item with their receipts, also those of earlier runs."""
    tables = world(row(1, quantity=4))
    first = run(tables)
    tables.rows["PurchaseOrderItemReceiving"].append(row(2, minutes_ago(60), quantity=-3))
    (record,) = run(tables, first.state).records
    (back,) = record["rows"]
    assert [(each["id"], each["receipt"], each["quantityNowReceiving"]) for each in back["earlier"]] == [(1, 1, 4)]


def test_open_receipts_come_again_whole_and_the_bookmark_stays() -> None:
    """By the id of their first row; with what is new, until they are named no more."""
    tables = world(row(1), row(2, item=2), row(3, item=3))
    first = run(tables)
    tables.rows["PurchaseOrderItemReceiving"].append(row(4, minutes_ago(30), item=3))
    second = run(tables, first.state, "1", "3")
    assert rows_of(second) == [[1, 2], [3], [4]]
    assert {record["offered"] for record in second.records} == {3}
    assert second.bookmark["replication_key_value"] == 4
    assert rows_of(run(tables, second.state, "3")) == [[3]]


def test_an_open_receipt_stays_what_it_was_under_other_settings() -> None:
    """Narrower or wider settings hold for what is new only."""
    later = OLD + dt.timedelta(seconds=40)
    tables = world(row(1), row(2, later, item=2), row(3, OLD + dt.timedelta(seconds=200)))
    first = run(tables)
    assert rows_of(first) == [[1, 2], [3]]
    for seconds in (5, 300):
        again = run(tables, first.state, "1", "3", receipt_seconds=seconds, receipt_by=[])
        assert rows_of(again) == [[1, 2], [3]]
        rows = [row(8, minutes_ago(50)), row(9, minutes_ago(49), receivedByResourceID=8)]
        tables.rows["PurchaseOrderItemReceiving"] += rows
        new = run(tables, again.state, "1", receipt_seconds=seconds, receipt_by=[])
        assert rows_of(new) == ([[1, 2], [8], [9]] if seconds == 5 else [[1, 2], [8, 9]])
        del tables.rows["PurchaseOrderItemReceiving"][-2:]


def test_an_open_key_that_begins_no_receipt_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The run goes on, and the log names the rows."""
    tables = world(row(1), row(2, item=2))
    first = run(tables)
    assert rows_of(run(tables, first.state, "2", "99")) == []
    assert "[99]" in caplog.text
    assert "no receipt begins with that row" in caplog.text


def test_a_row_that_became_visible_late_makes_its_own_receipt() -> None:
    """It joins none that was offered, keeps its own name when it is open, and the other comes again without it."""
    tables = world(row(2, minutes_ago(12)), row(4, minutes_ago(11.9), item=2))
    first = run(tables)
    tables.rows["PurchaseOrderItemReceiving"] += [row(1, minutes_ago(12)), row(3, minutes_ago(12))]
    second = run(tables, first.state)
    assert (rows_of(first), rows_of(second)) == ([[2, 4]], [[1, 3]])
    assert second.bookmark["replication_key_value"] == 4
    third = run(tables, second.state, "1", "2")
    assert rows_of(third) == [[1, 3], [2, 4]]
    tables.now = "Tue, 03 Nov 2026 12:00:00 GMT"
    assert rows_of(run(tables, third.state, "1", "2")) == [[1, 3], [2, 4]]


def test_a_late_row_that_is_not_settled_is_not_lost() -> None:
    """Its receipt began long before the bookmark; the bound waits for it, however often the tap runs meanwhile."""
    tables = world(row(9, minutes_ago(14)))
    first = run(tables)
    tables.rows["PurchaseOrderItemReceiving"] += [
        row(number, minutes_ago(14 - number), item=3) for number in range(1, 9)
    ]
    state = first.state
    for minute in (0, 1, 2):
        tables.now = f"Mon, 02 Nov 2026 12:0{minute}:00 GMT"
        waiting = run(tables, state)
        assert rows_of(waiting) == []
        state = waiting.state
    tables.now = "Mon, 02 Nov 2026 12:40:00 GMT"
    assert rows_of(run(tables, state)) == [[1, 2, 3, 4, 5, 6, 7, 8]]


def test_a_longer_overlap_splits_no_receipt() -> None:
    """The state knows since when it remembers what was offered: nothing before that is looked at again as new."""
    rows = [row(1, minutes_ago(25.3)), row(2, minutes_ago(24.9), item=2), row(3, minutes_ago(24.5))]
    tables = world(*rows)
    first = run(tables, overlap_minutes=5, settle_minutes=5)
    tables.now = "Mon, 02 Nov 2026 12:00:20 GMT"
    second = run(tables, first.state, overlap_minutes=5, settle_minutes=5)
    assert rows_of(first) == [[1, 2, 3]]
    for minutes in (25, 30, 600):
        assert rows_of(run(tables, second.state, overlap_minutes=minutes)) == []


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_any_page_size_offers_the_same(size: int) -> None:
    """A receipt that spans pages is one."""
    rows = [row(number, OLD + dt.timedelta(seconds=25 * number), item=1 + number % 3) for number in range(1, 12)]
    first = run(world(*rows), page_size=size)
    assert rows_of(first) == [[1, 3, 4, 6, 7, 9, 10], [2], [5], [8], [11]]


def test_every_state_is_a_place_to_go_on_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever STATE a target kept before it was killed: the next run brings the rest, and nothing twice."""
    monkeypatch.setattr("tap_autotask.expanded_goods_receipts.ExpandedGoodsReceipts.STATE_MSG_FREQUENCY", 1)
    chance = random.Random(4)
    rows = [
        row(
            number,
            NOON - dt.timedelta(seconds=9000 - 30 * number),
            item=chance.randint(1, 3),
            receivedByResourceID=chance.randint(6, 8),
        )
        for number in range(1, 300)
    ]
    tables = world(*rows)
    whole = run(tables)
    before: list[list[int]] = []
    for message in whole.messages:
        if message["type"] == "RECORD":
            before.append([each["id"] for each in message["record"]["rows"]])
        elif message["type"] == "STATE" and len(before) % 7 == 0:
            assert sorted(before + rows_of(run(tables, message["value"]))) == sorted(rows_of(whole))
    assert len(before) > 40


def test_runs_at_any_moment_offer_what_one_run_at_the_end_offers() -> None:
    """Rows that come and are read meanwhile, every minute or so: each receipt once, whole, as if all came at once."""
    chance = random.Random(7)
    rows: list[dict[str, Any]] = []
    second = 0.0
    for number in range(1, 200):
        second += chance.choice([1, 2, 20, 50, 70, 400])
        rows.append(
            row(
                number,
                NOON + dt.timedelta(seconds=second),
                chance.randint(1, 3),
                receivedByResourceID=chance.randint(7, 8),
            )
        )
    end = NOON + dt.timedelta(seconds=second + 3600)
    tables, state, offered = world(), dict[str, Any](), list[list[int]]()
    now = NOON
    while now < end:
        now += dt.timedelta(seconds=chance.choice([60, 200, 900]))
        tables.now = now.strftime("%a, %d %b %Y %H:%M:%S GMT")
        tables.rows["PurchaseOrderItemReceiving"] = [
            each for each in rows if dt.datetime.fromisoformat(each["receiveDate"]) <= now
        ]
        each_run = run(tables, state)
        state, offered = each_run.state, offered + rows_of(each_run)
    tables.rows["PurchaseOrderItemReceiving"] = rows
    tables.now = end.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert sorted(offered) == sorted(rows_of(run(tables)))


def test_a_full_read_leaves_no_bookmark() -> None:
    """A catalog that asks for everything gets everything that is settled, each time."""
    tables = world(row(1), row(2, minutes_ago(3), item=3))
    for _ in range(2):
        found = run(tables, full=True)
        assert rows_of(found) == [[1]]
        assert "replication_key_value" not in str(found.state)
