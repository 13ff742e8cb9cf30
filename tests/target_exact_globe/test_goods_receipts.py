"""Goods booked as received over the services of product update 502, once, and left to a person before it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_globe.papers import bought, purchase
from tests.target_exact_globe.test_services_once_only import FAULTS
from tests.target_exact_online.papers import INVOICE_DATE

if TYPE_CHECKING:
    from tests.target_exact_globe.papers import Office
    from transfer_ledger.documents import PurchaseOrder

LINES, HEADER = "PurchaseOrderReceiptLine", "PurchaseOrderReceiptHeader"


def came(serial: int = 1, **more: Any) -> PurchaseOrder:
    """Return an order whose goods are to be booked as received."""
    return purchase(serial, goods_receipt=True, **more)


def booked(office: Office) -> list[tuple[int, Decimal, Decimal]]:
    """Return per line what was received of what was ordered, by order and line."""
    rows = office.held("PurchaseOrderLine")
    return [(int(row["LineNumber"]), row["QuantityDelivered"], row["Quantity"]) for row in rows]


def test_goods_are_booked_as_received(office: Office) -> None:
    """With product update 502 a receipt follows the order, dated as it came; two lines of one item are told apart."""
    office.reset(product_update=502)
    lines = [bought(source_ids=["1"]), bought(source_ids=["2"], quantity=Decimal("2.5"), description="Nog een")]
    office.calls()
    assert office.run(came(lines=lines), purchase(2)) == 0
    assert [call for call in office.calls() if "Receipt" in call and call.startswith("POST")] == [
        *[f"POST {LINES}"] * 2, f"POST {HEADER}",
    ]  # fmt: skip
    assert booked(office)[:2] == [(1, Decimal(2), Decimal(2)), (2, Decimal("2.5"), Decimal("2.5"))]
    assert [quantity for _, quantity, _ in booked(office)[2:]] == [0, 0]
    (receipt,) = office.held("ReceiptPurchaseOrderHeader")
    assert (receipt["PurchaseOrderNumber"], receipt["ReceiptDate"][:10]) == (50001, str(INVOICE_DATE))
    assert office.run(came(lines=lines), purchase(2)) == 0
    assert [call for call in office.calls() if call.startswith("POST")] == []


@pytest.mark.parametrize("update", [405, 415])
def test_before_that_a_person_books_them(office: Office, caplog: pytest.LogCaptureFixture, update: int) -> None:
    """Services that cannot create receipts are not asked to; the log says what is left to do."""
    office.reset(product_update=update)
    assert office.run(came()) == 0
    assert "PO-1043/1: the goods are not booked as received: do that in Globe, on the order." in caplog.text
    assert [quantity for _, quantity, _ in booked(office)] == [0, 0]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("entity", "nth"), [(LINES, 2), (HEADER, 1)])
def test_goods_are_booked_once(office: Office, fault: str, entity: str, nth: int) -> None:
    """Whatever happens to an answer, the goods are received once, and no line is left waiting."""
    office.reset(product_update=502)
    office.sandbox.fault(system="exact_globe", method="POST", path=entity, nth=nth, **FAULTS[fault])
    office.run(came(), came(2))
    office.sandbox.clear_faults()
    office.run(came(), came(2))
    assert office.run(came(), came(2)) == 0
    assert [received for _, received, ordered in booked(office) if received != ordered] == []
    assert len(office.held("ReceiptPurchaseOrderHeader")) == len(office.held("PurchaseOrderHeader")) == 2
    assert office.staged() == []


def test_a_refused_receipt_is_told_and_tried_again(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """An order whose receipt is refused stays open until the receipt is booked; the order is not written again."""
    office.reset(product_update=502)
    refusal = '{"error":{"code":"","message":{"lang":"nl-NL","value":"Invalid: Period"}}}'
    office.sandbox.fault(system="exact_globe", method="POST", path=HEADER, kind="error", status=400, body=refusal)
    assert office.run(came()) == 1
    assert "Exact Globe refused it: Invalid: Period" in caplog.text
    assert office.open() == ["1"]
    assert office.staged() == []
    office.sandbox.clear_faults()
    assert office.run(came()) == 0
    assert len(office.held("PurchaseOrderHeader")) == len(office.held("ReceiptPurchaseOrderHeader")) == 1
