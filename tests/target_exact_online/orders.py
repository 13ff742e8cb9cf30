"""Purchase orders on paper for these tests."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from transfer_ledger.amounts import cents
from transfer_ledger.documents import OrderLine, Partner, PurchaseOrder, Source, TakenBack, Totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.target_exact_online.papers import Office

DAY = dt.date(2026, 10, 8)
PATH = "purchaseorder/PurchaseOrders"
ZERO = Decimal(0)


def goods(quantity: int = 4, cost: str = "12.5", **more: Any) -> OrderLine:
    """Return four laptops of the demo's list, 50.00 in all."""
    values: dict[str, Any] = {
        "source_ids": ["12005"],
        "description": "Laptop 14 inch",
        "quantity": Decimal(quantity),
        "unit_cost": Decimal(cost),
        "item": "HW-1001",
    }
    values |= more
    values.setdefault("amount", cents(values["quantity"] * values["unit_cost"]))
    return OrderLine(**values)


def order(serial: int = 1, *lines: OrderLine, code: str = "L100", **more: Any) -> PurchaseOrder:
    """Return an order of one line unless lines are given, at supplier L100."""
    held = list(lines) or [goods(source_ids=[str(serial)])]
    net = sum((line.amount for line in held), Decimal("0.00"))
    values: dict[str, Any] = {
        "source": Source(system="autotask", tenant="1", stream="expanded_goods_receipts", id=str(serial)),
        "number": f"PO-1/{serial}",
        "reference": f"PO-1/{serial}",
        "order_number": "PO-1",
        "order_date": DAY,
        "description": "Orion PO-1",
        "currency": "EUR",
        "supplier": Partner(id="900", name="Orion", code=code),
        "lines": held,
        "totals": Totals(net=net, vat=ZERO, gross=net),
    }
    return PurchaseOrder(**(values | more))


def back(serial: int, *taken: tuple[int, int, int], **more: Any) -> PurchaseOrder:
    """Return a correction that changes orders: each as (receipt, how many are taken back, how many are left)."""
    total = sum(quantity for _, quantity, _ in taken)
    line = goods(
        -total,
        source_ids=[str(serial)],
        takes_back=[
            TakenBack(receipt=str(receipt), quantity=Decimal(quantity), left=Decimal(left), source_ids=[str(receipt)])
            for receipt, quantity, left in taken
        ],
    )
    return order(serial, line, type="correction", when_corrected="change", **more)


def supplier(office: Office, code: str = "L100", **columns: Any) -> str:
    """Put a supplier in Exact behind the API's back; return its id."""
    return office.account(code, **{"Name": "Orion", "Status": "A", "IsSupplier": True} | columns)


def held(office: Office) -> dict[str, list[tuple[str, str, str]]]:
    """Return what Exact holds: reference to lines, each as (description, quantity, cost)."""
    lines = sorted(office.held("PurchaseOrderLines"), key=lambda line: line["LineNumber"])
    return {
        row["YourRef"]: [_told(line) for line in lines if line["PurchaseOrderID"] == row["PurchaseOrderID"]]
        for row in sorted(office.held("PurchaseOrders"), key=lambda row: row["OrderNumber"])
    }


def _told(line: dict[str, Any]) -> tuple[str, str, str]:
    quantity, price = (Decimal(line[name]).normalize() for name in ("QuantityInPurchaseUnits", "NetPrice"))
    return line["Description"], f"{quantity:f}", f"{price:f}"


def serials(papers: Sequence[PurchaseOrder]) -> list[str]:
    """Return their references."""
    return sorted(paper.reference for paper in papers)
