"""Purchase orders, one for each receipt of goods, over both routes."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from target_exact_globe import tree
from tests.target_exact_globe.papers import bought, invoice, purchase
from transfer_ledger.documents import Partner

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_globe.papers import Office

HEADER, LINE = "PurchaseOrderHeader", "PurchaseOrderLine"


def references(office: Office) -> list[str]:
    """Return the descriptions of the orders there, which are our references."""
    return sorted(row["Description"] for row in office.held(HEADER))


def test_what_arrives(office: Office) -> None:
    """Each receipt is an order of its own, at a write per line and one, to the cent; a second run writes nothing."""
    office.calls()
    first = purchase(1, description="Groothandel PO-1043", remarks="Levering op pallet, " * 6, warehouse="2")
    assert office.run(first, purchase(2)) == 0
    assert [call for call in office.calls() if call.startswith("POST")] == [
        *(["POST PurchaseOrderLine"] * 2 + ["POST PurchaseOrderHeader"]) * 2
    ]
    header = office.held(HEADER)[0]
    assert (header["OrderedAt"], header["Description"]) == ("   600", "PO-1043/1")
    assert header["Description1"] == "Groothandel PO-1043"
    assert (header["TotalAmountExclVAT"], header["Warehouse"]) == (Decimal(444), "2")
    told = [header.get(f"FreeField{number}") for number in (1, 2, 3)]
    assert " ".join(filter(None, told)) == " ".join(["Levering op pallet,"] * 6)
    prices = [(row["ItemCode"], row["Quantity"], row["Price"]) for row in office.held(LINE)[:2]]
    assert prices == [("LAPTOP", Decimal(2), Decimal(200)), ("LAPTOP", Decimal(2), Decimal(22))]
    assert office.run(first, purchase(2)) == 0
    assert [call for call in office.calls() if call.startswith("POST")] == []


@pytest.mark.parametrize("page_size", [100, 10])
def test_kinds_in_one_run_share_what_is_read(office: Office, page_size: int) -> None:
    """Invoices and purchases in one run: each page of each list is read once, and no order is looked up."""
    office.reset(page_size=page_size)
    office.calls()
    assert office.run(invoice(1), purchase(1), invoice(2), purchase(2)) == 0
    reads = Counter(call.removeprefix("GET ") for call in office.calls() if call.startswith("GET "))
    held = office.sandbox.state("exact_globe")
    pages = {name: -(-len(held[name]) // page_size) for name in reads if name in held}
    assert reads == pages | {"SalesOrderHeader": 1, "PurchaseOrderHeader": 1, "$metadata": 1}


def test_goods_that_go_back_are_an_order_of_their_own(office: Office) -> None:
    """A correction has negative quantities; one that is to change the earlier order is told instead."""
    back = [bought(quantity=Decimal(-1))]
    assert office.run(purchase(1, type="correction", lines=back)) == 0
    assert [row["TotalAmountExclVAT"] for row in office.held(HEADER)] == [Decimal(-200)]
    assert office.run(purchase(2, type="correction", lines=back, when_corrected="change")) == 1


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ({"item": "NEW", "fallback_item": "INKOOP"}, "INKOOP"),
        ({"item": None, "fallback_item": "INKOOP"}, "INKOOP"),
        ({"item": "NEW", "supplier_item_code": "GH-7", "fallback_item": "INKOOP"}, "LAPTOP"),
    ],
)
def test_the_item_of_a_line(office: Office, line: dict[str, Any], item: str) -> None:
    """An item that Globe lacks is the one its supplier calls so, else the fallback."""
    row = {"ID": 1, "ItemCode": "LAPTOP", "ItemCodeAccount": "GH-7", "CreditorNumber": "   600"}
    office.sandbox.put_row("exact_globe", "ItemAccount", row)
    assert office.run(purchase(lines=[bought(**line)])) == 0
    assert [row["ItemCode"] for row in office.held(LINE)] == [item]


PROBLEMS: list[tuple[dict[str, Any], str]] = [
    ({"lines": [bought(item="NEW")]}, "Exact Globe has no item NEW"),
    ({"lines": [bought(item=None)]}, "Line 1 (Laptop) has no item"),
    ({"lines": []}, "has no lines"),
    ({"supplier": Partner(id="1", name="Klant", code="100")}, "is no creditor: it has no creditor number"),
    ({"supplier": Partner(id="1", name="Zonder", code=None)}, "Supplier Zonder has no code"),
    ({"reference": "R" * 21}, "Exact Globe holds 1 to 20"),
    ({"order_date": None}, "has no date"),
    ({"warehouse": "9"}, "Exact Globe has no warehouse 9"),
    ({"currency": "XXX"}, "Exact Globe has no currency XXX"),
]


@pytest.mark.parametrize(("changes", "said"), PROBLEMS, ids=[said for _, said in PROBLEMS])
def test_what_is_wrong_is_told_before_anything_is_sent(
    office: Office, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], said: str
) -> None:
    """An order that Globe would refuse costs no write, and the next one goes on."""
    assert office.run(purchase(1, **changes), purchase(2)) == 1
    assert said in caplog.text
    assert references(office) == ["PO-1043/2"]


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop", "truncate"])
@pytest.mark.parametrize("entity", [LINE, HEADER])
def test_every_order_is_there_once(office: Office, kind: str, entity: str) -> None:
    """Whatever happens to an answer, after a rerun each order is there once and no line waits."""
    office.sandbox.fault(system="exact_globe", method="POST", path=entity, nth=2, kind=kind)
    office.run(purchase(1), purchase(2))
    assert office.run(purchase(1), purchase(2)) == 0
    assert references(office) == ["PO-1043/1", "PO-1043/2"]
    assert len(office.held(LINE)) == 4
    assert office.staged() == []


def test_a_lost_ledger_adopts_what_is_there(office: Office, tmp_path: Path) -> None:
    """With a new ledger, orders are found by their description, supplier and amount without VAT."""
    office.run(purchase(1), purchase(2))
    for file in tmp_path.glob("transfers.db*"):
        file.unlink()
    assert office.run(purchase(1), purchase(2)) == 0
    assert references(office) == ["PO-1043/1", "PO-1043/2"]


def test_as_a_file(office: Office, tmp_path: Path) -> None:
    """Over the XML route an order is of type B, valid, and found again by reading back."""
    settings = {"route": "xml", "xml_folder": str(tmp_path / "drop"), "picked_up_once": True}
    assert office.run(purchase(remarks="Pallet"), **settings) == 1
    (path,) = (tmp_path / "drop").glob("Orders_*.xml")
    root = etree.parse(path).getroot()
    assert tree.violations(root) == []
    assert root.find(".//Order[@type='B']/OrderedAt/Creditor[@number='600']") is not None
    row = {
        "PurchaseOrderNumber": "   50001",
        "Description": "PO-1043/1",
        "OrderedAt": "   600",
        "TotalAmountExclVAT": 444,
    }
    office.sandbox.put_row("exact_globe", HEADER, row)
    assert office.run(purchase(remarks="Pallet"), **settings) == 0
