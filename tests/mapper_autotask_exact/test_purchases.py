"""Goods receipts become purchase orders; the business cases stand in tests/golden."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper_autotask_exact.explain import explain, text
from mapper_autotask_exact.purchases import orders
from mapper_autotask_exact.purchases.quantities import Lot, lots, taken_back
from mapper_autotask_exact.settings import check, load
from tests.golden.cases import base_settings, cases
from transfer_ledger.documents import Problem

GOLDEN = {case.folder.name: case for case in cases() if case.route.area == "purchases"}


def made(record: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Map a record (the plain one) by the demo's settings with changes."""
    settings = load({"purchases": base_settings("purchases")["purchases"] | changes}).purchases
    assert settings is not None
    return orders.document(GOLDEN["purchase_plain"].record if record is None else record, settings)


def problems(document: Any) -> dict[str, str]:
    return {problem.field: problem.message for problem in document.problems}


def received(**changes: Any) -> dict[str, Any]:
    return GOLDEN["purchase_plain"].record | changes


def ordered(**changes: Any) -> dict[str, Any]:
    record = GOLDEN["purchase_plain"].record
    return record | {"purchase_order": record["purchase_order"] | changes}


def row(number: int, quantity: int, receipt: int, serial: str = "") -> dict[str, Any]:
    return {"id": number, "quantityNowReceiving": quantity, "receipt": receipt, "serialNumber": serial}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-28T22:59:59Z", "2026-03-28"),
        ("2026-03-28T23:00:00Z", "2026-03-29"),
        ("2026-03-29T21:59:59.999Z", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "2026-03-30"),
        ("2026-10-24T21:59:59Z", "2026-10-24"),
        ("2026-10-24T22:00:00Z", "2026-10-25"),
        ("2026-10-25T22:59:59Z", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "2026-10-26"),
        ("2026-12-31T23:00:00.5Z", "2027-01-01"),
        ("2026-06-30T22:00:00", "2026-07-01"),
    ],
)
@pytest.mark.parametrize("machine", ["Europe/Amsterdam", "America/Los_Angeles", "Pacific/Auckland"])
def test_a_receipt_has_the_day_it_had_where_you_are(
    moment: str, day: str, machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At midnight and on the days on which summer time begins and ends, whatever the machine's own clock says."""
    monkeypatch.setenv("TZ", machine)
    assert str(made(received(received_at=moment)).order_date) == day


def test_the_time_zone_is_a_setting() -> None:
    """A zone that does not exist is told at once."""
    assert str(made(received(received_at="2026-10-24T22:30:00Z"), time_zone="Europe/London").order_date) == "2026-10-24"
    assert check({"purchases": {"time_zone": "Europe/Utrecht"}}) == [
        "purchases.time_zone: there is no time zone 'Europe/Utrecht'; write it like Europe/Amsterdam"
    ]


def test_a_reference_tells_receipts_of_one_order_apart() -> None:
    """By it the order is found again after a lost answer, so the purchase order's number alone will not do."""
    (mistake,) = check({"purchases": {"reference": "{order.purchaseOrderNumber}"}})
    assert mistake.startswith("purchases.reference: '{order.purchaseOrderNumber}' would be the same for several")
    assert check({"purchases": {"reference": "{order.externalPONumber}-{id}"}}) == []


def test_the_least_settings_make_an_order() -> None:
    """Item by SKU and the supplier's number, freight and corrections left to a person."""
    settings = load({"purchases": {}}).purchases
    assert settings is not None
    document = orders.document(ordered(freight=0), settings)
    assert (document.problems, document.reference) == ([], "PO-0004021/12005")
    assert [(line.item, line.supplier_item_code) for line in document.lines] == [
        ("HW-1001", "OR-77001"),
        ("HW-1002", "OR-77002"),
    ]
    assert "freight" in problems(orders.document(received(), settings))


def test_no_item_at_all_is_a_problem() -> None:
    """The message names the templates that came out empty, and the row."""
    record = GOLDEN["purchase_for_a_charge"].record
    document = made(record, items=[{"item": "{product.sku}", "supplier_item": ["{product_vendor.vendorPartNumber}"]}])
    assert (
        "{product.sku} and {product_vendor.vendorPartNumber} is empty in Autotask" in problems(document)["lines.item"]
    )
    assert check({"purchases": {"items": [{"product": "*"}]}}) == [
        "purchases.items[0]: names none of item, supplier_item, fallback; name at least one"
    ]


def test_codes_that_a_row_names_and_autotask_lacks_are_problems() -> None:
    """A project code from an empty field is no code."""
    document = made(items=[{"item": "X", "project_code": "{project.extProjectNumber}"}])
    assert "project.extProjectNumber is empty in Autotask" in problems(document)["lines.project_code"]


@pytest.mark.parametrize(("source", "cost"), [("order", "4.9875"), ("product", "5.25"), ("vendor", "4.9875")])
def test_the_cost_is_whose_you_say(source: str, cost: str) -> None:
    """Of the order item, the product, or the supplier's price list; to its last decimal."""
    assert made(unit_cost=source).lines[0].unit_cost == Decimal(cost)


def test_what_costs_nothing_follows_the_setting() -> None:
    """Kept, dropped, or a problem; when nothing is left the receipt is skipped."""
    record = received(first=False)
    record["rows"] = [record["rows"][0] | {"order_item": record["rows"][0]["order_item"] | {"unitCost": 0}}]
    assert [line.amount for line in made(record).lines] == [Decimal("0.00")]
    assert "lines.unit_cost" in problems(made(record, zero_costs="problem"))
    assert made(record, zero_costs="drop").skip == "on balance nothing was received"


def test_freight_goes_with_the_first_receipt_only() -> None:
    """As the setting says; without freight there is no line."""
    assert made().lines[-1].description == "Vrachtkosten"
    assert made(received(first=False)).totals.net == made(ordered(freight=0)).totals.net == Decimal("238.95")
    assert made(freight={"policy": "leave"}).totals.net == Decimal("238.95")


def test_warehouses_are_the_lines_and_the_orders_when_they_agree() -> None:
    """A line that fits no row has none; where lines differ the order has none."""
    assert made(warehouses=[{"location": "Magazijn", "code": "1"}]).warehouse == "1"
    rows = [{"product": "HW-1001", "code": "1"}, {"product": "HW-1002", "code": "2"}]
    document = made(warehouses=rows)
    assert (document.warehouse, [line.warehouse for line in document.lines]) == (None, ["1", "2", None])


def test_a_receipt_without_its_order_is_a_problem() -> None:
    """Order, supplier and items hidden from the API user: the document says so and carries what is known."""
    record = received(purchase_order=None)
    record["rows"] = [each | {"order_item": None} for each in record["rows"]]
    found = problems(made(record))
    assert "purchase order is not in the record" in found["order_number"]
    assert "order item of this row" in found["lines"]


def test_goods_are_not_booked_as_received_when_they_go_back() -> None:
    """Nor when they are sent to a customer."""
    for name in ("purchase_taken_back", "purchase_exchanged", "purchase_drop_shipment"):
        assert made(GOLDEN[name].record, goods_receipt=True).goods_receipt is False
    assert made(goods_receipt=True).goods_receipt is True


def test_what_goes_back_comes_off_the_latest_receipt() -> None:
    """Earlier returns are counted first, in their order; the rest is taken from the receipt before."""
    earlier = [row(1, 4, 1), row(2, 3, 2), row(3, -2, 3)]
    lot = Lot("9", [row(9, -4, 9) | {"earlier": earlier}])
    found, more = taken_back(lot)
    assert [f"{taken.receipt}: {taken.quantity}, {taken.left} left" for taken in found] == [
        "2: 1, 0 left",
        "1: 3, 1 left",
    ]
    assert more == 0


def test_what_cancels_out_within_a_receipt_is_nothing() -> None:
    """Also with serial numbers: those that stay are told."""
    rows = [row(1, 1, 1, "A"), row(2, 1, 1, "B"), row(3, -1, 1, "A")]
    (lot,) = lots([each | {"purchaseOrderItemID": 7} for each in rows], "1").values()
    assert (int(lot.net), lot.serials) == (1, ["B"])


@given(st.lists(st.integers(-5, 8).filter(bool), max_size=12), st.integers(1, 9))
def test_as_much_is_taken_back_as_went_back(quantities: list[int], back: int) -> None:
    """What is taken off earlier receipts and what never came in add up; no receipt is left with less than nothing."""
    earlier = [row(number, quantity, number) for number, quantity in enumerate(quantities, 1)]
    found, more = taken_back(Lot("99", [row(99, -back, 99) | {"earlier": earlier}]))
    assert sum(taken.quantity for taken in found) + more == back
    assert all(taken.left >= 0 and taken.quantity > 0 for taken in found)
    assert not more or all(taken.left == 0 for taken in found)


def test_explain_tells_which_row_gave_what() -> None:
    """The receipt, its lines with their codes, and what they take back."""
    case = GOLDEN["purchase_exchanged"]
    settings = load(case.settings).purchases
    assert settings is not None
    told = text(explain(case.record, settings))
    assert "receipt PO-0004021/12050 of 2026-10-22 from Orion Hardware Supply B.V.: 219.00 EUR" in told
    assert "corrections: change  <- purchases.corrections" in told
    assert "item HW-1001, supplier's OR-77001, fallback INKOOP" in told
    assert "takes back 4 of receipt 12005, of which 0 are left" in told


def test_an_unexpected_record_keeps_its_key() -> None:
    """What cannot be mapped at all carries the reason."""
    found = orders.unmapped({"id": 5, "tenant": "1"}, Problem(field="record", value="5", message="odd"))
    assert (found.source.id, found.problems[0].message) == ("5", "odd")
