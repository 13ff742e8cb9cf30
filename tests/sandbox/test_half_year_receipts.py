"""Half a year of goods receipts: what Autotask shows of it, and what is said to be true of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.autotask_calls import JSON, items

if TYPE_CHECKING:
    from tests.conftest import Sandbox

NOW = "2026-11-02T09:00:00Z"


@pytest.fixture
def half_year(sandbox: Sandbox) -> list[JSON]:
    """600 receipts, as they are known to be."""
    sandbox.reset(receipts=600, now=NOW, autotask={"threshold": 0})
    found: list[JSON] = sandbox.truth("receipts")
    return found


def moment(text: str) -> dt.datetime:
    """Read a moment."""
    return dt.datetime.fromisoformat(text)


def test_without_the_option_nothing_is_played(sandbox: Sandbox) -> None:
    """The seed keeps its dozen orders, and there is no truth to tell."""
    assert len(items(sandbox, "PurchaseOrders")) == 12
    answer = requests.get(f"{sandbox.url}/_sandbox/truth/receipts", timeout=20)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "There is no truth 'receipts'; there are payments. See sandbox/README.md, Half years.",
    )


def test_every_row_is_in_one_receipt(sandbox: Sandbox, half_year: list[JSON]) -> None:
    """600 receipts on 250 orders hold every receiving row once, as the API shows it."""
    assert (len(half_year), len({receipt["purchase_order"] for receipt in half_year})) == (600, 250)
    state = sandbox.state("autotask")
    rows = {row["id"]: row for row in state["PurchaseOrderItemReceiving"]}
    orders = {item["id"]: item["orderID"] for item in state["PurchaseOrderItems"]}
    costs = {item["id"]: item["unitCost"] for item in state["PurchaseOrderItems"]}
    assert sorted(row["id"] for receipt in half_year for row in receipt["rows"]) == sorted(rows)
    for receipt in half_year:
        for told in receipt["rows"]:
            row = rows[told["id"]]
            assert orders[row["purchaseOrderItemID"]] == receipt["purchase_order"]
            assert costs[row["purchaseOrderItemID"]] == told["unit_cost"]
            assert (row["quantityNowReceiving"], row["serialNumber"]) == (told["quantity"], told["serial_number"])
            assert row["receivedByResourceID"] == receipt["received_by"]
            assert row["vendorInvoiceNumber"] == receipt["vendor_invoice_number"]
            first, last = moment(receipt["received_at"]), moment(receipt["last_row_at"])
            assert first <= moment(row["receiveDate"]) <= last


def test_quantities_add_up(sandbox: Sandbox, half_year: list[JSON]) -> None:
    """Rows grow in time, nothing is taken back that was not there, and orders have the status of what came in."""
    state = sandbox.state("autotask")
    so_far: Counter[int] = Counter()
    ordered = {item["id"]: item for item in state["PurchaseOrderItems"]}
    rows = state["PurchaseOrderItemReceiving"]
    dates = [moment(row["receiveDate"]) for row in rows]
    assert dates == sorted(dates)
    for row in rows:
        item = row["purchaseOrderItemID"]
        assert row["quantityPreviouslyReceived"] == so_far[item]
        so_far[item] += row["quantityNowReceiving"]
        assert 0 <= so_far[item] <= ordered[item]["quantity"]
        assert row["quantityBackOrdered"] == ordered[item]["quantity"] - so_far[item]
    whole: dict[int, bool] = defaultdict(lambda: True)
    for number, item in ordered.items():
        whole[item["orderID"]] &= so_far[number] == item["quantity"]
    assert {order["id"]: order["status"] for order in state["PurchaseOrders"]} == {
        number: 4 if done else 3 for number, done in whole.items()
    }
    assert sum(len(receipt["quantities"]) for receipt in half_year) < len(rows)


def test_every_irregularity_is_there(half_year: list[JSON]) -> None:
    """Whatever goes wrong in a warehouse goes wrong in half a year, each several times."""
    rows = [row for receipt in half_year for row in receipt["rows"]]
    kinds = Counter(receipt["kind"] for receipt in half_year)
    found = {
        **kinds,
        "later receipt": sum(not receipt["first_of_order"] for receipt in half_year),
        "freight": sum(receipt["freight"] > 0 for receipt in half_year),
        "drop shipment": sum(receipt["drop_shipment_for"] is not None for receipt in half_year),
        "no supplier": sum(receipt["supplier_code"] is None for receipt in half_year),
        "no item": sum(row["item_code"] is None and row["product"] is not None for row in rows),
        "no product": sum(row["charge"] is not None for row in rows),
        "part number": sum(row["item_code"] not in (None, row["sku"]) for row in rows),
        "serial number": sum(bool(row["serial_number"]) for row in rows),
        "several rows at once": sum(
            len(receipt["rows"]) > 1 and receipt["received_at"] == receipt["last_row_at"] for receipt in half_year
        ),
        "seconds apart": sum(receipt["received_at"] != receipt["last_row_at"] for receipt in half_year),
        "no invoice number": sum(not receipt["vendor_invoice_number"] for receipt in half_year),
        "another day here": sum(receipt["received_on"] != receipt["received_at"][:10] for receipt in half_year),
        "close together": _close(half_year),
        "typed wrong": sum(receipt["kind"] == "arrival" and _has_negative(receipt) for receipt in half_year),
    }
    assert {name: count for name, count in found.items() if count < 3} == {}
    assert Counter(receipt["settled"] for receipt in half_year)[False] == 2


def _has_negative(receipt: JSON) -> bool:
    return any(row["quantity"] < 0 for row in receipt["rows"])


def _close(receipts: list[JSON]) -> int:
    """Count receipts of one order that were booked within two minutes of the one before."""
    by_order = defaultdict(list)
    for receipt in receipts:
        by_order[receipt["purchase_order"]].append(moment(receipt["received_at"]))
    near = dt.timedelta(minutes=2)
    return sum(later - earlier < near for moments in by_order.values() for earlier, later in pairwise(sorted(moments)))


def test_receipts_can_be_told_apart(half_year: list[JSON], sandbox: Sandbox) -> None:
    """Rows of a receipt are seconds apart; the same order, person and number again is a quarter of an hour later."""
    dates = {row["id"]: moment(row["receiveDate"]) for row in sandbox.state("autotask")["PurchaseOrderItemReceiving"]}
    spans: dict[Any, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for receipt in half_year:
        moments = sorted(dates[row["id"]] for row in receipt["rows"])
        assert all(later - earlier <= dt.timedelta(seconds=5) for earlier, later in pairwise(moments))
        key = (receipt["purchase_order"], receipt["received_by"], receipt["vendor_invoice_number"])
        spans[key].append((moments[0], moments[-1]))
    for together in spans.values():
        for (_, end), (start, _) in pairwise(sorted(together)):
            assert start - end >= dt.timedelta(minutes=15)


def test_the_supplier_is_what_exact_has(sandbox: Sandbox, half_year: list[JSON]) -> None:
    """What is said of suppliers and items is so in Exact, under part numbers where the codes differ."""
    exact = sandbox.state("exact_online")
    suppliers = {row["Code"].strip() for row in exact["Accounts"] if row["IsSupplier"]}
    codes = {row["Code"] for row in exact["Items"] if row.get("IsPurchaseItem")}
    part_numbers = {row["SupplierItemCode"]: row["ItemCode"] for row in exact["SupplierItem"]}
    autotask = sandbox.state("autotask")
    vendors = {row["productID"]: row["vendorPartNumber"] for row in autotask["ProductVendors"]}
    numbers = {row["id"]: row["companyNumber"] for row in autotask["Companies"]}
    for receipt in half_year:
        number = numbers[receipt["vendor"]]
        assert receipt["supplier_code"] == (number if number in suppliers else None)
        for row in receipt["rows"]:
            assert row["item_code"] is None or row["item_code"] in codes
            if row["sku"] in codes:
                assert row["item_code"] == row["sku"]
            else:
                assert row["item_code"] == part_numbers.get(vendors.get(row["product"]))


def test_time_settles_receipts(sandbox: Sandbox, half_year: list[JSON]) -> None:
    """A receipt is settled ten minutes after its last row, on the sandbox's clock."""
    assert not half_year[-1]["settled"]
    sandbox.clock(seconds=600)
    assert all(receipt["settled"] for receipt in sandbox.truth("receipts"))


def test_the_same_seed_plays_the_same(sandbox: Sandbox, half_year: list[JSON]) -> None:
    """One seed number and one moment give one half year."""
    sandbox.reset(receipts=600, now=NOW)
    again = sandbox.truth("receipts")

    def facts(receipt: JSON) -> JSON:
        return {name: value for name, value in receipt.items() if not name.endswith(("_at", "_on"))}

    assert list(map(facts, again)) == list(map(facts, half_year))
