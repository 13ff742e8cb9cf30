"""Sales orders of the Exact Online half."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_online_calls import NOWHERE, Exact, invoice_line, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

PATH = "salesorder/SalesOrders"
LINES = "salesorder/SalesOrderLines"
JSON = dict[str, Any]


def start(sandbox: Sandbox) -> Exact:
    """Reset to a known day and sign in."""
    sandbox.reset(now="2026-10-15T09:00:00Z")
    return Exact(sandbox)


def order(exact: Exact, *lines: JSON, **changes: Any) -> JSON:
    """Return an order for a Dutch customer, of one line unless lines are given."""
    return {
        "OrderedBy": exact.customer()["ID"],
        "OrderDate": "2026-10-01",
        "YourRef": "T20261001.0008",
        "SalesOrderLines": list(lines) or [invoice_line(exact)],
    } | changes


def test_a_posted_order(sandbox: Sandbox) -> None:
    """An order is open and approved, delivered on its date from the main warehouse, and added up with VAT."""
    exact = start(sandbox)
    row = exact.post(PATH, order(exact))
    expected = {
        "AmountFC": 121,
        "AmountFCExclVat": 100,
        "ApprovalStatus": 1,
        "ApprovalStatusDescription": "Automatisch",
        "DeliveryDate": "/Date(1790812800000)/",
        "OrderNumber": 1,
        "Status": 12,
        "StatusDescription": "Open",
        "WarehouseCode": "1",
    }
    assert {name: row[name] for name in expected} == expected
    select = "OrderNumber,ItemCode,AmountFC,VATAmount,DeliveryDate,OrderStatus"
    line = exact.row(LINES, filter=f"OrderID eq guid'{row['OrderID']}'", select=select)
    assert (line["OrderNumber"], line["ItemCode"], line["AmountFC"], line["VATAmount"]) == (1, "ARBEID", 100, 21)
    assert (line["OrderStatus"], line["DeliveryDate"]) == (12, row["DeliveryDate"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"OrderedBy": None}, "Verplicht: Factuur voor"),
        ({"SalesOrderLines": []}, "Verplicht: Regels"),
        ({"ApprovalStatus": 3}, "Ongeldig: ApprovalStatus"),
        ({"OrderNumber": 77}, "Gegeven bestaat reeds."),
        ({"WarehouseID": NOWHERE}, "Ongeldige referentie: WarehouseID"),
    ],
)
def test_orders_are_validated(sandbox: Sandbox, changes: JSON, problem: str) -> None:
    """A wrong order, or one with a number that is taken, is 500 and changes nothing."""
    exact = start(sandbox)
    exact.post(PATH, order(exact, OrderNumber=77))
    status, texts = refusal(exact.send("POST", PATH, order(exact) | changes))
    assert (status, texts[0]) == (500, problem)
    assert len(exact.table("SalesOrders")) == 1
    assert exact.post(PATH, order(exact))["OrderNumber"] == 78


def test_an_order_can_change(sandbox: Sandbox) -> None:
    """A PUT changes the header but not its parties; lines change by themselves; a complete order stays."""
    exact = start(sandbox)
    guid = exact.post(PATH, order(exact, invoice_line(exact, Quantity=-1)))["OrderID"]
    other = next(account for account in exact.table("Accounts") if account["ID"] != exact.customer()["ID"])
    changes = {"YourRef": "N", "OrderedBy": other["ID"], "ApprovalStatus": 2}
    assert exact.send("PUT", f"{PATH}(guid'{guid}')", changes).status_code == 204
    row = exact.entity(PATH, guid)
    assert (row["YourRef"], row["OrderedBy"], row["ApprovalStatus"]) == ("N", exact.customer()["ID"], 2)
    assert row["AmountFC"] == Decimal("-60.5")
    added = exact.post(LINES, invoice_line(exact, OrderID=guid))["ID"]
    assert exact.entity(PATH, guid)["AmountFC"] == Decimal("60.5")
    sandbox.put_row("exact_online", "SalesOrders", {"OrderID": guid, "Status": 21})
    for method, path in (("PUT", f"{PATH}(guid'{guid}')"), ("DELETE", f"{LINES}(guid'{added}')")):
        assert refusal(exact.send(method, path, {})) == (500, ["Reeds verwerkt"])


def test_orders_are_fed(sandbox: Sandbox) -> None:
    """Headers and lines have feeds of their own; a removed order leaves its traces in the log of deletions."""
    exact = start(sandbox)
    guid = exact.post(PATH, order(exact))["OrderID"]
    head = exact.row("sync/SalesOrder/SalesOrderHeaders", filter="Timestamp gt 1")
    assert head["ID"] == head["OrderID"]
    line = exact.row("sync/SalesOrder/SalesOrderLines", filter="Timestamp gt 1")
    assert (head["OrderID"], line["OrderID"], line["StatusDescription"]) == (guid, guid, None)
    assert exact.send("DELETE", f"{PATH}(guid'{guid}')").status_code == 204
    log = exact.rows("sync/Deleted", filter="Timestamp gt 1")
    assert {(row["EntityType"], row["EntityKey"]) for row in log} == {(32, guid), (33, line["ID"])}
