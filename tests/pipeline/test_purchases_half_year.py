from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.pipeline import half_year
from tests.target_exact_online.papers import Office

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox

NOON = "2026-11-02T11:00:00Z"


@pytest.fixture(params=[120])
def office(tmp_path: Path, sandbox: Sandbox, request: pytest.FixtureRequest) -> Office:
    """So many receipts in half a year, on five orders for each twelve."""
    sandbox.reset(now=NOON, receipts=request.param, exact_online={"limits": False})
    sandbox.clear_calls()
    return Office(tmp_path, sandbox)


def truth_of(office: Office) -> dict[str, dict[str, Any]]:
    """Return what is true of each settled receipt, by the reference of its order."""
    rows = office.sandbox.truth("receipts")
    return {f"{row['purchase_order_number']}/{row['id']}": row for row in rows if row["settled"]}


def differing(order: dict[str, Any], truth: dict[str, Any], codes: dict[str, str]) -> list[str]:
    """Return in what an order in Exact is not what is known to be true."""
    wrong = [] if half_year.booked(order) == half_year.told(truth) else ["goods"]
    carried = Decimal(str(truth["freight"])) if truth["first_of_order"] else Decimal(0)
    wrong += [] if half_year.freight(order) == carried else ["freight"]
    wrong += [] if order["OrderDate"][:10] == truth["received_on"] else ["day"]
    supplier = truth["supplier_code"]
    wrong += [] if supplier is None or codes[order["Supplier"]] == supplier else ["supplier"]
    wrong += [] if truth["vendor_invoice_number"] in (order.get("Remarks") or "") else ["supplier's invoice"]
    return wrong


def codes_of(office: Office, resource: str) -> dict[str, str]:
    return {row["ID"]: str(row["Code"]).strip() for row in office.held(resource)}


def items_differing(
    order: dict[str, Any], truth: dict[str, Any], items: dict[str, str], links: list[dict[str, Any]]
) -> list[tuple[str, str]]:
    """Return the lines with another item than they should have.

    That is the item with the product's SKU, else the one that this supplier sells as the product, else the fallback.
    """
    sold = {items[row["Item"]] for row in links if row["Supplier"] == order["Supplier"]}
    known = {
        row["name"]: row["item_code"] if row["item_code"] == row["sku"] or row["item_code"] in sold else None
        for row in truth["rows"]
    }
    lines = [(line["Description"], items[line["Item"]]) for line in order["lines"]]
    return [(name, item) for name, item in lines if name in known and (known[name] or "INKOOP") != item]


@pytest.mark.parametrize("office", [600], indirect=True)
def test_the_end_is_what_is_known_to_be_true(office: Office) -> None:
    """One order for each receipt: goods, costs, items, freight, day, supplier, references: not one wrong, few calls."""
    reading = half_year.read(office.sandbox)
    papers = half_year.mapped(reading.records)
    office.calls()
    assert office.run(*papers, **half_year.ALLOWED) == 0
    calls = office.calls()
    truth, orders = truth_of(office), half_year.there(office)
    expected = {reference for reference, row in truth.items() if row["kind"] != "nothing"}
    assert orders.keys() == expected
    codes, items, links = codes_of(office, "Accounts"), codes_of(office, "Items"), office.held("SupplierItem")
    assert {name: wrong for name in expected if (wrong := differing(orders[name], truth[name], codes))} == {}
    odd = {name: items_differing(orders[name], truth[name], items, links) for name in expected}
    assert {name: wrong for name, wrong in odd.items() if wrong} == {}
    assert len(reading.calls) <= 30
    assert calls.count("POST purchaseorder/PurchaseOrders") == len(expected)
    assert len(calls) - len(expected) <= 15
    assert {row["kind"] for row in truth.values()} == {"arrival", "undo", "exchange", "nothing"}


def test_nothing_new_costs_three_calls_at_most(office: Office) -> None:
    """At Autotask two, at Exact Online none; what was not settled follows when it is, once."""
    first = half_year.read(office.sandbox)
    assert office.run(*half_year.mapped(first.records), **half_year.ALLOWED) == 0
    office.calls()
    second = half_year.read(office.sandbox, first.state)
    assert second.records == []
    assert len(second.calls) <= 12  # two receipts wait: their orders are looked up
    office.sandbox.clock(seconds=1200)
    third = half_year.read(office.sandbox, second.state)
    assert len(third.records) == 2
    assert office.run(*half_year.mapped(third.records), **half_year.ALLOWED) == 0
    assert len(office.calls()) <= 2 + 6
    fourth = half_year.read(office.sandbox, third.state)
    assert (fourth.records, len(fourth.calls)) == ([], 2)
    assert office.run(*half_year.mapped(fourth.records), **half_year.ALLOWED) == 0
    assert office.calls() == []
    assert len(half_year.there(office)) == sum(row["kind"] != "nothing" for row in truth_of(office).values())


@pytest.mark.parametrize("office", [300], indirect=True)
def test_orders_that_are_changed_add_up_to_what_is_true(office: Office) -> None:
    """Goods that went back come off the orders they came in with: each order of Autotask has what is left of it."""
    reading = half_year.read(office.sandbox)
    papers = half_year.mapped(reading.records, corrections="change")
    assert office.run(*papers, **half_year.ALLOWED) == 0
    wanted, found = defaultdict[str, Counter[Any]](Counter), defaultdict[str, Counter[Any]](Counter)
    for reference, row in truth_of(office).items():
        wanted[reference.partition("/")[0]].update(half_year.told(row))
    for reference, order in half_year.there(office).items():
        assert all(Decimal(line["QuantityInPurchaseUnits"]) > 0 for line in order["lines"])
        found[reference.partition("/")[0]].update(half_year.booked(order))
    assert {name: +count for name, count in found.items() if +count} == {
        name: +count for name, count in wanted.items() if +count
    }


def test_several_runs_give_what_one_run_gives(office: Office) -> None:
    """With goods booked while the link runs every few minutes: no receipt is split, lost or there twice."""
    state: dict[str, Any] = {}
    for _ in range(4):
        reading = half_year.read(office.sandbox, state)
        assert office.run(*half_year.mapped(reading.records), **half_year.ALLOWED) == 0
        state = reading.state
        office.sandbox.clock(seconds=240)
    truth = truth_of(office)
    assert half_year.there(office).keys() == {name for name, row in truth.items() if row["kind"] != "nothing"}


def test_rows_put_together_otherwise_are_not_ordered_again(office: Office) -> None:
    """With the tap's state lost and a narrower receipt_seconds, what went over within another receipt is refused."""
    papers = half_year.mapped(half_year.read(office.sandbox).records)
    assert office.run(*papers, **half_year.ALLOWED) == 0
    before = half_year.there(office).keys()
    others = half_year.mapped(half_year.read(office.sandbox, receipt_seconds=1).records)
    assert len(others) > len(papers)
    assert office.run(*others, **half_year.ALLOWED) == 1
    assert half_year.there(office).keys() == before
    assert len(office.open()) == len(others) - len(papers)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
def test_the_machines_own_clock_moves_no_day(office: Office, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts around midnight have the day of the Netherlands wherever the link runs."""
    monkeypatch.setenv("TZ", zone)
    papers = {paper.reference: paper for paper in half_year.mapped(half_year.read(office.sandbox).records)}
    wrong = {name for name, row in truth_of(office).items() if str(papers[name].order_date) != row["received_on"]}
    assert wrong == set()
    edges = [row["received_at"] for row in truth_of(office).values() if row["received_at"][11:13] in ("21", "22", "23")]
    assert len(edges) >= 5
