"""Sales orders at the Exact Globe half: lines first, header last."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.exact_globe_calls import NOWHERE, Globe, content, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

LINE = {"Itemcode": "ARBEID", "Quantity": 2, "Price": 95, "VATCode": "2"}


def test_lines_then_header(sandbox: Sandbox, globe: Globe) -> None:
    """An order of N lines takes N + 1 writes: the first line gets a key, the header creates the order."""
    header = content(
        globe.order(LINE, {"Itemcode": "HW-1001", "Quantity": 1.5, "Price": 949, "DiscountPercentage": 10})
    )["d"]
    assert header["SalesOrderNumber"] == "   40001"
    assert (header["TotalAmountExcludingVAT"], header["TotalVATAmount"]) == (Decimal("1471.15"), Decimal("308.94"))
    assert header["TotalAmount"] == Decimal("1780.09")
    assert [line["LineNumber"] for line in globe.table("SalesOrderLine")] == [1, 2]
    assert globe.table("EntityTransactions") == []
    writes = [call for call in sandbox.calls("exact_globe") if call["status"] == 201]
    assert len(writes) == 3


def test_nothing_exists_before_the_header(globe: Globe) -> None:
    """Lines wait in EntityTransactions and are no order yet."""
    key = globe.staged("SalesOrderLine", LINE, LINE)
    assert globe.table("SalesOrderHeader") == globe.table("SalesOrderLine") == []
    assert [(row["TransactionKey"], row["EntityName"]) for row in globe.table("EntityTransactions")] == [
        (key, "SalesOrderLine")
    ] * 2


def test_key_of_the_client(globe: Globe) -> None:
    """A guid that the client made up works on all lines."""
    for _ in range(2):
        globe.post("SalesOrderLine", LINE | {"TransactionKey": NOWHERE})
    header = {"TransactionKey": NOWHERE, "OrderDebtor": globe.debtor(), "YourReference": "X"}
    globe.post("SalesOrderHeader", header)
    assert len(globe.table("SalesOrderLine")) == 2


def test_order_is_found_by_its_reference(globe: Globe) -> None:
    """YourReference is left aligned: it is found as it was sent."""
    globe.order(YourReference="T20260312.0041", Reference="Onboarding", SalesOrderDate="2026-03-12T00:00:00")
    found = globe.rows("SalesOrderHeader", top=1, filter="YourReference eq 'T20260312.0041'")[0]
    assert (found["Reference"], found["SalesOrderDate"]) == ("Onboarding", "/Date(1773273600000)/")
    assert found["OrderDebtor"] == globe.account()["DebtorNumber"]
    assert found["TransactionKey"] is None
    lines = globe.rows("SalesOrderLine", filter=f"SalesOrderNumber eq '{found['SalesOrderNumber']}'")
    assert [line["Itemcode"] for line in lines] == ["ARBEID"]


def test_lines_are_not_validated(globe: Globe) -> None:
    """A line with an unknown item is taken; the header is refused for it."""
    answer = globe.order({"Itemcode": "NOPE", "Quantity": 1})
    assert refusal(answer) == (500, "Not found: Itemcode (NOPE)")
    assert globe.table("SalesOrderHeader") == []
    assert len(globe.table("EntityTransactions")) == 1


@pytest.mark.parametrize(
    ("line", "header", "text"),
    [
        ({}, {"OrderDebtor": "999999"}, "Not found: OrderDebtor (999999)"),
        ({}, {"OrderDebtor": None}, "Mandatory: OrderDebtor"),
        ({}, {"YourReference": None}, "Mandatory: YourReference"),
        ({}, {"TransactionKey": NOWHERE}, f"Not found: TransactionKey ({NOWHERE})"),
        ({}, {"PaymentCondition": "ZZ"}, "Not found: PaymentCondition (ZZ)"),
        ({}, {"Warehouse": "9"}, "Not found: Warehouse (9)"),
        ({}, {"SelectionCode": "ZZ"}, "Not found: SelectionCode (ZZ)"),
        ({"VATCode": "9"}, {}, "Not found: VATCode (9)"),
        ({"CostCenter": "NOPE"}, {}, "Not found: CostCenter (NOPE)"),
        ({"Quantity": None}, {}, "Mandatory: Quantity"),
        ({"DiscountPercentage": 1e14}, {}, "Invalid: DiscountPercentage (100000000000000.00)"),
        ({"Quantity": 9e14, "Price": 9e14}, {}, "Invalid: Quantity (900000000000000.000)"),
    ],
)
def test_validation_at_the_header(globe: Globe, line: dict[str, Any], header: dict[str, Any], text: str) -> None:
    """Everything is checked at the header, before anything is created."""
    assert refusal(globe.order(LINE | line, **header)) == (500, text)
    assert globe.table("SalesOrderHeader") == globe.table("SalesOrderLine") == []


def test_header_can_be_tried_again(globe: Globe) -> None:
    """The lines of a refused header wait on, and the next header with their key takes them."""
    key = globe.staged("SalesOrderLine", LINE)
    header = {"TransactionKey": key, "OrderDebtor": "999999", "YourReference": "A"}
    assert globe.send("POST", "SalesOrderHeader", header).status_code == 500
    globe.post("SalesOrderHeader", header | {"OrderDebtor": globe.debtor()})
    assert globe.table("EntityTransactions") == []


def test_second_header_has_no_lines(sandbox: Sandbox, globe: Globe) -> None:
    """When the answer to a header was lost, the same header again creates nothing."""
    key = globe.staged("SalesOrderLine", LINE)
    header = {"TransactionKey": key, "OrderDebtor": globe.debtor(), "YourReference": "A"}
    sandbox.fault(kind="error_after_commit", method="POST", path="SalesOrderHeader", status=504)
    assert globe.send("POST", "SalesOrderHeader", header).status_code == 504
    assert "TransactionKey" in refusal(globe.send("POST", "SalesOrderHeader", header))[1]
    assert len(globe.table("SalesOrderHeader")) == 1


def test_staged_lines_are_seen_and_removed(globe: Globe) -> None:
    """Lines that wait are found by their key and can be deleted."""
    key = globe.staged("SalesOrderLine", LINE, LINE)
    waiting = globe.rows("SalesOrderLine", filter=f"TransactionKey eq guid'{key}'", select="ID")
    for line in waiting:
        assert globe.send("DELETE", f"SalesOrderLine({line['ID']})").status_code == 204
    assert globe.table("EntityTransactions") == []


def test_staged_lines_that_cannot_be_seen(sandbox: Sandbox, globe: Globe) -> None:
    """By switch lines that wait are not shown; who kept their IDs can still delete them."""
    sandbox.reset(exact_globe={"staged_lines_visible": False})
    line = globe.post("SalesOrderLine", LINE)
    assert globe.rows("SalesOrderLine") == []
    assert globe.send("DELETE", f"SalesOrderLine({line['ID']})").status_code == 204
    assert globe.table("EntityTransactions") == []


def test_waiting_lines_stand_between_others(globe: Globe) -> None:
    """Lines of orders and lines that wait are read together, in the order of their IDs, found and skipped alike."""
    globe.staged("SalesOrderLine", LINE)
    globe.order(LINE, LINE)
    globe.staged("SalesOrderLine", LINE)
    assert [row["ID"] for row in globe.rows("SalesOrderLine", select="ID")] == [1, 2, 3, 4]
    assert [row["ID"] for row in globe.rows("SalesOrderLine", filter="ID eq 1 or ID eq 3", select="ID")] == [1, 3]
    assert [row["ID"] for row in globe.rows("SalesOrderLine", skip=1, top=2, select="ID")] == [2, 3]


def test_staged_lines_without_an_id(sandbox: Sandbox, globe: Globe) -> None:
    """By switch a waiting line is answered with ID 0 and cannot be seen."""
    sandbox.reset(exact_globe={"staged_line_id": "zero"})
    assert globe.post("SalesOrderLine", LINE)["ID"] == 0
    assert globe.rows("SalesOrderLine") == []
    assert globe.send("DELETE", "SalesOrderLine(0)").status_code == 404


def test_refused_header_may_take_its_lines_along(sandbox: Sandbox, globe: Globe) -> None:
    """By switch a refusal throws the waiting lines away."""
    sandbox.reset(exact_globe={"refused_header_keeps_lines": False})
    assert globe.order(OrderDebtor="999999").status_code == 500
    assert globe.table("EntityTransactions") == []


def test_header_and_lines_are_not_updated(globe: Globe) -> None:
    """Header and line entities know create and delete only."""
    number = content(globe.order())["d"]["SalesOrderNumber"]
    key = f"SalesOrderHeader('{number}')"
    assert "update" in refusal(globe.send("MERGE", key, {"Reference": "x"}))[1]
    assert globe.send("DELETE", key).status_code == 204
    assert globe.table("SalesOrderHeader") == globe.table("SalesOrderLine") == []


def test_prospect_is_no_debtor(sandbox: Sandbox, globe: Globe) -> None:
    """An account that is no customer cannot order, nor one that is blocked."""
    prospect = globe.account("P")
    assert "Not found" in refusal(globe.order(OrderDebtor=prospect["AccountCode"].strip()))[1]
    customer = globe.account()
    sandbox.put_row("exact_globe", "Account", {"ID": customer["ID"], "CustomerStatus": "B"})
    assert refusal(globe.order(OrderDebtor=customer["DebtorNumber"].strip()))[1].startswith("Blocked: OrderDebtor")


def test_page_shows_what_arrived(sandbox: Sandbox, globe: Globe) -> None:
    """A person sees the order and the lines that still wait on the sandbox's page."""
    globe.order(YourReference="T-SEEN")
    globe.staged("SalesOrderLine", LINE)
    shown = requests.get(f"{sandbox.url}/_sandbox/", timeout=20).text
    assert "Exact Globe" in shown
    assert "T-SEEN" in shown
    assert "EntityTransactions" in shown


def test_what_is_not_sent(sandbox: Sandbox, globe: Globe) -> None:
    """Payment condition and resource are the account's, else the company's and the user's."""
    guid = globe.account()["ID"]
    for condition, manager in (("14", 2), (None, None)):
        sandbox.put_row(
            "exact_globe", "Account", {"ID": guid, "PaymentCondition": condition, "AccountManagerID": manager}
        )
        globe.order()
    found = [(row["PaymentCondition"], row["Resource"]) for row in globe.table("SalesOrderHeader")]
    assert found == [("14", 2), ("30", 1)]


def test_prices_have_three_decimals(sandbox: Sandbox, globe: Globe) -> None:
    """A price of a sales line keeps three decimals, and the amount follows from what was kept."""
    line = {"Itemcode": "LICENTIE", "Quantity": 3, "Price": 42.1667}
    assert content(globe.order(line))["d"]["TotalAmountExcludingVAT"] == Decimal("126.5")
    assert globe.table("SalesOrderLine")[0]["Price"] == Decimal("42.167")
    sandbox.reset(exact_globe={"excess_decimals": "refuse"})
    assert globe.send("POST", "SalesOrderLine", line).status_code == 500


def test_vat_inside_the_price(globe: Globe) -> None:
    """A VAT code that is included has its VAT within the price."""
    header = content(globe.order({"Itemcode": "ARBEID", "Quantity": 1, "Price": 121, "VATCode": "3"}))["d"]
    assert (header["TotalAmountExcludingVAT"], header["TotalVATAmount"]) == (100, 21)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ({"ItemCode": "ARBEID"}, 400),
        ({"Itemcode": 5}, 400),
        ({"Quantity": "many"}, 400),
        ({"DeliveryDate": "tomorrow"}, 400),
        ({"TransactionKey": "no-guid"}, 400),
        ({"Itemcode": "X" * 31}, 500),
    ],
)
def test_what_a_line_can_not_be(globe: Globe, line: dict[str, Any], status: int) -> None:
    """Unknown names and wrong types are refused at once, and so is a text that is too long."""
    assert refusal(globe.send("POST", "SalesOrderLine", LINE | line))[0] == status
    assert globe.table("EntityTransactions") == []


@pytest.mark.parametrize(("mode", "count", "lines"), [("reject", 1, 1), ("update", 1, 2), ("second", 2, 3)])
def test_number_that_exists(sandbox: Sandbox, globe: Globe, mode: str, count: int, lines: int) -> None:
    """What becomes of a number that was sent along and exists is a switch: nobody documents it."""
    sandbox.reset(exact_globe={"duplicate_number": mode})
    assert globe.order(SalesOrderNumber="50001").status_code == 201
    again = globe.order(LINE, LINE, SalesOrderNumber="50001")
    assert again.status_code == (500 if mode == "reject" else 201)
    assert (len(globe.table("SalesOrderHeader")), len(globe.table("SalesOrderLine"))) == (count, lines)
