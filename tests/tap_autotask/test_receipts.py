from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_autotask.receipts import Rule, Shelf, beside, receipts, undone

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
RULE = Rule(-1, 60, ("person", "vendor_invoice"))
ORDERS = {1: 100, 2: 100, 3: 200}


def row(number: int, seconds: float, item: int = 1, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    at = (START + dt.timedelta(seconds=seconds)).isoformat()
    return {
        "id": number,
        "purchaseOrderItemID": item,
        "receiveDate": at,
        "receivedByResourceID": 7,
        "vendorInvoiceNumber": "V-1",
        "quantityNowReceiving": quantity,
        **fields,
    }


def made(
    *rows: dict[str, Any], rules: tuple[Rule, ...] = (RULE,), late: dict[int, int] | None = None
) -> list[list[int]]:
    return [[each["id"] for each in receipt.rows] for receipt in receipts(rows, ORDERS, rules, late or {})]


def test_rows_that_differ_by_seconds_are_one_receipt() -> None:
    """Each row may lie a minute behind the one before it; whoever takes longer makes another receipt."""
    assert made(row(1, 0), row(2, 60, item=2), row(3, 120), row(4, 181)) == [[1, 2, 3], [4]]


def test_a_receipt_is_of_one_order_person_and_invoice() -> None:
    """At the same moment: another order, another person or another invoice number of the supplier is another one."""
    other = row(3, 0, receivedByResourceID=8)
    assert made(row(1, 0), row(2, 0, item=3), other, row(4, 0, vendorInvoiceNumber="V-2")) == [[1], [2], [3], [4]]
    loose = (Rule(-1, 60, ()),)
    assert made(row(1, 0), row(2, 0, item=3), other, row(4, 0, vendorInvoiceNumber="V-2"), rules=loose) == [
        [1, 3, 4],
        [2],
    ]


def test_blanks_around_an_invoice_number_make_no_receipt() -> None:
    """They are what somebody typed."""
    assert made(row(1, 0), row(2, 1, vendorInvoiceNumber=" V-1 ")) == [[1, 2]]


def test_ids_need_not_follow_the_clock() -> None:
    """What was received together is together, whatever the order of the ids; its name is the smallest of them."""
    assert made(row(1, 0), row(2, 900), row(3, 5), row(4, 905)) == [[1, 3], [2, 4]]
    assert made(row(1, 9), row(2, 0), row(3, 5)) == [[2, 3, 1]]
    (found,) = receipts([row(1, 9), row(2, 0)], ORDERS, [RULE], {})
    assert found.id == 1


def test_interleaved_receipts_stay_apart() -> None:
    """Two people at work at once make two receipts, each named by its first row."""
    assert made(row(1, 0), row(2, 1, receivedByResourceID=8), row(3, 2), row(4, 3, receivedByResourceID=8)) == [
        [1, 3],
        [2, 4],
    ]


def test_an_item_that_is_not_shown_makes_a_receipt_of_its_own() -> None:
    """Its order is not known: it is not put with anything else."""
    assert made(row(1, 0, item=98), row(2, 0, item=99), row(3, 0, item=99)) == [[1], [2, 3]]


def test_a_row_without_a_date_waits_for_nothing() -> None:
    """It is old, so that it is offered; the mapping says what it lacks."""
    (found,) = receipts([row(1, 0, receiveDate=None)], ORDERS, [RULE], {})
    assert found.latest.year == 1


def test_receipts_stay_what_they_were_under_other_settings() -> None:
    """Rows up to an id keep the rule of their time, also where a receipt spans the change."""
    rows = [row(1, 0), row(2, 30), row(3, 200), row(4, 230)]
    assert made(*rows, rules=(RULE, Rule(2, 10, ()))) == [[1, 2], [3], [4]]


def test_a_late_row_makes_a_receipt_of_its_own() -> None:
    """One that was offered never changes; the late row keeps its own receipt when all is read again."""
    rows = [row(11, 0), row(12, 1), row(13, 2), row(14, 3)]
    late = beside(receipts(rows, ORDERS, [RULE], {}), {11, 13})
    assert late == {11: 11, 13: 11}
    assert made(*rows, late=late) == [[11, 13], [12, 14]]


def test_the_first_receipt_of_each_order_is_known() -> None:
    """It carries the freight."""
    rows = [row(1, 0), row(2, 500), row(3, 0, item=3), row(4, 900, item=2)]
    shelf = Shelf({1: {"orderID": 100}, 2: {"orderID": 100}, 3: {"orderID": 200}}, {each["id"]: each for each in rows})
    assert shelf.firsts(shelf.receipts([RULE], {})) == {1, 3}


def test_a_row_that_takes_goods_back_knows_what_came_before() -> None:
    """What earlier receipts brought of its order item, and which; nothing later, nothing of another item."""
    own = [row(5, 899, quantity=1), row(4, 900, quantity=-3), row(6, 1999)]
    rows = [row(1, 0, quantity=4), row(2, 0, item=2), row(3, 500, quantity=6), *own]
    earlier = undone(receipts(rows, ORDERS, [RULE], {}))
    assert {number: [(each["id"], each["receipt"]) for each in found] for number, found in earlier.items()} == {
        4: [(1, 1), (3, 3)]
    }


ROWS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 4), st.integers(7, 8), st.sampled_from(["V-1", "V-2", "", None])),
    max_size=25,
)


def _rows(drawn: list[tuple[int, int, int, str | None]]) -> list[dict[str, Any]]:
    return [
        row(number, seconds, item=item, receivedByResourceID=person, vendorInvoiceNumber=invoice)
        for number, (seconds, item, person, invoice) in enumerate(drawn, 1)
    ]


@given(ROWS)
def test_every_row_is_in_one_receipt(drawn: list[tuple[int, int, int, str | None]]) -> None:
    """None is lost, none comes twice, and each receipt is named by its smallest row, in ascending order."""
    rows = _rows(drawn)
    found = receipts(rows, ORDERS, [RULE], {})
    assert sorted(each["id"] for receipt in found for each in receipt.rows) == [each["id"] for each in rows]
    names = [receipt.id for receipt in found]
    assert names == sorted(names) == [min(each["id"] for each in receipt.rows) for receipt in found]


@given(ROWS, st.integers(0, 25))
def test_what_comes_later_never_changes_a_settled_receipt(
    drawn: list[tuple[int, int, int, str | None]], cut: int
) -> None:
    """Rows made longer than the rule allows after all others join none of them."""
    rows = _rows(drawn)
    more = [each | {"id": each["id"] + 1000, "receiveDate": row(0, 1000)["receiveDate"]} for each in rows[:cut]]
    before = [[each["id"] for each in receipt.rows] for receipt in receipts(rows, ORDERS, [RULE], {})]
    after = [[each["id"] for each in receipt.rows] for receipt in receipts(rows + more, ORDERS, [RULE], {})]
    assert after[: len(before)] == before
