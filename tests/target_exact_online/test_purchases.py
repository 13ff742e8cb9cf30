"""Purchase orders at the sandbox: what is sent, what is refused before it is sent, and what is made first."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from tests.target_exact_online.orders import DAY, back, goods, held, order, supplier
from transfer_ledger.cli import main as cli
from transfer_ledger.ledger import Link
from transfer_ledger.transfers import key_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_online.papers import Office
    from transfer_ledger.documents import PurchaseOrder


@pytest.fixture
def orion(office: Office) -> str:
    """A supplier L100."""
    return supplier(office)


def reasons(office: Office, *papers: PurchaseOrder, **settings: Any) -> tuple[str, str]:
    """Offer orders that fail and return what the ledger says of the first; none of them may be sent."""
    office.calls()
    assert office.run(*papers, **settings) == 1
    assert [
        call for call in office.calls() if call.startswith(("POST", "PUT", "DELETE")) and "oauth2" not in call
    ] == []
    assert office.target is not None
    key = key_of(office.target.administration, "purchase_orders", papers[0].source)
    transfer = office.target.ledger.transfer(key)
    assert transfer is not None
    return transfer.reason, transfer.advice


@pytest.mark.usefixtures("orion")
def test_an_order_as_it_arrives(office: Office) -> None:
    """Supplier, day, references, texts, quantities, costs and dimensions, and no VAT code of ours."""
    lines = [
        goods(4, "12.3456", cost_center="PRJ", cost_unit="200", notes="S/N 1"),
        goods(1, "7.5", item="VRACHT", description="Vrachtkosten"),
    ]
    paper = order(1, *lines, supplier_reference="F-77", remarks="Op pallet", payment_condition="30")
    assert office.run(paper, supplier_reference_text="Factuur") == 0
    (row,) = office.held("PurchaseOrders")
    told = {name: row[name] for name in ("YourRef", "Description", "Currency", "Remarks", "OrderStatus")}
    assert told == {
        "YourRef": "PO-1/1", "Description": "Orion PO-1", "Currency": "EUR", "Remarks": "Factuur F-77\nOp pallet",
        "OrderStatus": 10,
    }  # fmt: skip
    assert {row[name][:10] for name in ("OrderDate", "ReceiptDate")} == {str(DAY)}
    assert Decimal(row["AmountFCExclVat"]) == Decimal("56.88")
    assert held(office)["PO-1/1"] == [("Laptop 14 inch", "4", "12.3456"), ("Vrachtkosten", "1", "7.5")]
    first = min(office.held("PurchaseOrderLines"), key=lambda line: line["LineNumber"])
    assert (first["CostCenter"].strip(), first["CostUnit"].strip(), first["Notes"]) == ("PRJ", "200", "S/N 1")


@pytest.mark.usefixtures("orion")
def test_negative_quantities_are_an_order_of_their_own(office: Office) -> None:
    """Where the mapping makes a document of what went back."""
    assert office.run(order(2, goods(-3), type="correction")) == 0
    assert held(office) == {"PO-1/2": [("Laptop 14 inch", "-3", "12.5")]}


def test_a_supplier_is_found_by_its_link_before_its_code(office: Office) -> None:
    """Whatever number the company has in Autotask."""
    supplier(office)
    linked = supplier(office, "L999")
    office.run()
    assert office.target is not None
    link = Link(
        kind="accounts", source_system="autotask", source_tenant="1", source_id="900", receiver_id=linked,
        receiver_code="L999", reasons=["by hand"],
    )  # fmt: skip
    office.target.ledger.save_link(office.target.administration, link)
    assert office.run(order(1)) == 0
    assert [row["Supplier"] for row in office.held("PurchaseOrders")] == [linked]


def test_a_customer_is_no_supplier_without_saying_so(office: Office) -> None:
    """K100 is a customer only: the order fails with what to do, or the setting marks the account first."""
    reason, advice = reasons(office, order(1, code="K100"))
    assert reason == "Account K100 ('t Hoekje & Zn) is no supplier"
    assert "unmarked_supplier: mark" in advice
    assert office.run(order(1, code="K100"), unmarked_supplier="mark") == 0
    (account,) = (row for row in office.held("Accounts") if row["Code"].strip() == "K100")
    assert (account["IsSupplier"], account["Status"]) == (True, "C")


def test_a_missing_supplier_fails_or_is_created(office: Office) -> None:
    """With its address and numbers, as a supplier and no customer, once for all its orders, and linked."""
    assert reasons(office, order(1, code="L200"))[0] == "Exact Online has no account L200"
    office.calls()
    assert office.run(order(1, code="L200"), order(2, code="L200"), missing_supplier="create") == 0
    assert office.calls().count("POST crm/Accounts") == 1
    (account,) = (row for row in office.held("Accounts") if row["Code"].strip() == "L200")
    assert (account["Name"], account["IsSupplier"], account["Status"]) == ("Orion", True, "A")
    assert len(held(office)) == 2


def test_a_blocked_supplier_is_told(office: Office) -> None:
    """And one with neither code nor link."""
    supplier(office, Blocked=True)
    assert "is blocked" in reasons(office, order(1))[0]
    assert "has no code and is not linked" in reasons(office, order(2, code=""))[0]


@pytest.mark.usefixtures("orion")
def test_the_suppliers_own_code_finds_the_item(office: Office) -> None:
    """Only that of this supplier; the code of another one is no help."""
    link = office.held("SupplierItem")[0]
    items = {row["ID"]: row["Code"].strip() for row in office.held("Items")}
    (code,) = (row["Code"].strip() for row in office.held("Accounts") if row["ID"] == link["Supplier"])
    line = goods(item="UNKNOWN", supplier_item_code=link["SupplierItemCode"], source_ids=["1"])
    assert office.run(order(1, line, code=code)) == 0
    (sent,) = office.held("PurchaseOrderLines")
    assert items[sent["Item"]] == items[link["Item"]]
    reason, advice = reasons(office, order(2, replace(line, source_ids=["2"])))
    assert reason == f"Exact Online has no item UNKNOWN and no item that Orion calls {link['SupplierItemCode']}"
    assert "missing_item: create" in advice


@pytest.mark.usefixtures("orion")
def test_a_fallback_says_what_it_stands_for(office: Office) -> None:
    """The codes that Exact does not know stand in the notes."""
    line = goods(item="HW-9", supplier_item_code="OR-9", fallback_item="INKOOP", notes="S/N 5")
    assert office.run(order(1, line)) == 0
    (sent,) = office.held("PurchaseOrderLines")
    assert (sent["Description"], sent["Notes"]) == ("Laptop 14 inch", "S/N 5\nHW-9 / OR-9")


@pytest.mark.usefixtures("orion")
def test_a_missing_item_is_created_once(office: Office) -> None:
    """With its code and text, to be bought; two lines and the next order use the same."""
    long = "Kabelgoot met deksel, uitwendig gemonteerd, inclusief bevestiging en eindstukken"
    lines = [goods(item="NEW-1", description=long, source_ids=["1"]), goods(2, item="NEW-1", source_ids=["2"])]
    office.calls()
    assert office.run(order(1, *lines), order(2, goods(item="NEW-1")), missing_item="create") == 0
    assert office.calls().count("POST logistics/Items") == 1
    (item,) = (row for row in office.held("Items") if row["Code"].strip() == "NEW-1")
    assert (item["IsPurchaseItem"], len(item["Description"]) <= 60, item["ExtraDescription"]) == (True, True, long)
    assert {line["Item"] for line in office.held("PurchaseOrderLines")} == {item["ID"]}


@pytest.mark.usefixtures("orion")
@pytest.mark.parametrize(
    ("paper", "reason", "advice"),
    [
        pytest.param(order(1, goods(item="ARBEID")), "Item ARBEID is not bought", "purchase item", id="not bought"),
        pytest.param(order(1, reference="x" * 41), "The reference, by which", "another reference", id="reference"),
        pytest.param(order(1, order_date=None), "PO-1/1 has no day", "Give it a date", id="no day"),
        pytest.param(order(1, goods(cost_center="??")), "no cost centre ??", "Create cost centre", id="cost centre"),
        pytest.param(order(1, goods(vat_code="99")), "no VAT code 99", "Create VAT code", id="VAT code"),
        pytest.param(order(1, payment_condition="99"), "no payment condition 99", "Create payment", id="condition"),
        pytest.param(order(1, goods(warehouse="9")), "no warehouse 9", "Create warehouse", id="warehouse"),
        pytest.param(
            order(1, goods(warehouse="1"), goods(warehouse="2")),
            "warehouses 1, 2",
            "one warehouse",
            id="two warehouses",
        ),
        pytest.param(order(1, goods(item=None)), "no item for Laptop 14 inch", "Create item", id="no item at all"),
    ],
)
def test_what_is_wrong_is_told_before_it_is_sent(
    office: Office, paper: PurchaseOrder, reason: str, advice: str
) -> None:
    """Each with its name and what to do, and no call is refused."""
    found = reasons(office, paper)
    assert reason in found[0]
    assert advice in found[1]


@pytest.mark.usefixtures("orion")
def test_all_that_is_wrong_is_told_at_once(office: Office) -> None:
    """Not only the first."""
    lines = [goods(item="X-1"), goods(item="X-2", cost_center="??")]
    reason, _ = reasons(office, order(1, *lines, code="L404"))
    assert [text for text in ("account L404", "item X-1", "item X-2", "cost centre ??") if text not in reason] == [], (
        reason
    )


def test_purchase_units_are_counted(office: Office) -> None:
    """A supplier who sells boxes of ten is asked for boxes at ten times the cost; four pieces are no box."""
    account = supplier(office)
    (item,) = (row for row in office.held("Items") if row["Code"].strip() == "HW-1001")
    link = office.held("SupplierItem")[0]
    row = link | {"ID": "77777777-1111-4222-8333-444444444444", "Supplier": account, "Item": item["ID"]}
    office.sandbox.put_row("exact_online", "SupplierItem", row | {"PurchaseUnitFactor": 10, "PurchasePrice": 5})
    assert office.run(order(1, goods(40, "1.25", source_ids=["1"]))) == 0
    (sent,) = office.held("PurchaseOrderLines")
    assert (sent["QuantityInPurchaseUnits"], sent["NetPrice"], sent["Quantity"]) == (4, Decimal("12.5"), 40)
    assert "4 pieces are no number of purchase units of 10 pieces" in reasons(office, order(2))[0]
    assert office.run(back(3, (1, 10, 30))) == 0
    (sent,) = office.held("PurchaseOrderLines")
    assert (sent["QuantityInPurchaseUnits"], sent["Quantity"]) == (3, 30)


def test_what_is_left_is_counted_in_purchase_units(office: Office) -> None:
    """Of four boxes of three, three stay when three pieces go back; two thirds of a box are left to a person."""
    account = supplier(office)
    (item,) = (row for row in office.held("Items") if row["Code"].strip() == "HW-1001")
    link = office.held("SupplierItem")[0]
    row = link | {"ID": "77777777-1111-4222-8333-444444444444", "Supplier": account, "Item": item["ID"]}
    office.sandbox.put_row("exact_online", "SupplierItem", row | {"PurchaseUnitFactor": 3, "PurchasePrice": 5})
    assert office.run(order(1, goods(12, "1.25", source_ids=["1"])), back(2, (1, 3, 9))) == 0
    reason, _ = reasons(office, back(3, (1, 1, 8)))
    assert "8 pieces would be left of Laptop 14 inch" in reason
    (sent,) = office.held("PurchaseOrderLines")
    assert (sent["QuantityInPurchaseUnits"], sent["Quantity"]) == (3, 9)


@pytest.mark.usefixtures("orion")
def test_goods_are_booked_as_received_too(office: Office) -> None:
    """All lines, on the day, with the supplier's invoice number; a rerun books nothing."""
    paper = order(1, goods(4), goods(1, "9", item="VRACHT"), goods_receipt=True, supplier_reference="F-77")
    assert office.run(paper) == 0
    (receipt,) = office.held("GoodsReceipts")
    assert (receipt["YourRef"], receipt["Description"], receipt["ReceiptDate"][:10]) == ("F-77", "PO-1/1", str(DAY))
    assert [row["ReceiptStatus"] for row in office.held("PurchaseOrders")] == [30]
    office.calls()
    assert office.run(paper) == 0
    assert office.calls() == []


@pytest.mark.usefixtures("orion")
def test_corrections_of_what_is_not_there_are_told(office: Office) -> None:
    """Never transferred, not yet, left out: each with what to do; what waits goes over after its receipt."""
    reason, advice = reasons(office, back(5, (4, 2, 2)))
    assert reason == "Receipt 4, of which goods are taken back, was never transferred by this link"
    assert "purchases.skip" in advice
    office.run(order(4, goods(item="X-1", source_ids=["4"])))
    assert reasons(office, back(5, (4, 2, 2), (4, 1, 1)))[0].count("is not transferred yet") == 1
    office.run(order(6, skip="left out by purchases.skip[0]"))
    assert "was left out" in reasons(office, back(7, (6, 2, 2)))[0]
    assert office.run(order(4), back(5, (4, 2, 2))) == 0
    assert held(office) == {"PO-1/4": [("Laptop 14 inch", "2", "12.5")]}


@pytest.mark.usefixtures("orion")
def test_an_order_that_was_received_or_edited_is_left_to_a_person(office: Office) -> None:
    """Nothing is changed where goods were booked on it, or where it no longer says what it should."""
    office.run(order(1, goods_receipt=True), order(2))
    assert office.run(back(3, (1, 1, 3))) == 1
    (line,) = (row for row in office.held("PurchaseOrderLines") if not row["ReceivedQuantity"])
    office.sandbox.put_row("exact_online", "PurchaseOrderLines", line | {"Quantity": 7, "QuantityInPurchaseUnits": 7})
    assert office.run(back(4, (2, 1, 3))) == 1
    assert held(office) == {"PO-1/1": [("Laptop 14 inch", "4", "12.5")], "PO-1/2": [("Laptop 14 inch", "7", "12.5")]}
    assert office.open() == ["3", "4"]


@pytest.mark.usefixtures("orion")
def test_corrections_of_one_order_follow_each_other(office: Office) -> None:
    """One after the other, down to nothing; lines that look alike are told apart by what is left of them."""
    office.run(order(1, goods(4, source_ids=["1"]), goods(6, source_ids=["9"])))
    first, second = back(2, (1, 1, 3)), back(3, (1, 3, 0))
    assert office.run(first, second) == 0
    assert held(office) == {"PO-1/1": [("Laptop 14 inch", "6", "12.5")]}


@pytest.mark.usefixtures("orion")
def test_explain_tells_of_an_order_too(office: Office) -> None:
    """By its number, with quantity and cost of each line and the number it got."""
    office.run(order(1))
    told = CliRunner().invoke(cli, ["explain", "PO-1/1", "--ledger", office.settings["ledger_url"]]).output
    assert "purchase_orders PO-1/1 to exact_online/1234567: transferred as 1" in told
    assert "4 x 12.5 = 50.00  Laptop 14 inch" in told


@pytest.mark.usefixtures("orion")
def test_a_dry_run_says_what_would_be_sent(office: Office, tmp_path: Path) -> None:
    """With codes for ids, and nothing is written."""
    file = tmp_path / "dry.jsonl"
    papers = [order(1, goods(item="NEW-1"), goods_receipt=True)]
    office.calls()
    assert office.run(*papers, missing_item="create", dry_run=True, dry_run_file=str(file)) == 0
    assert [call for call in office.calls() if call.startswith("POST") and "oauth2" not in call] == []
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    (told,) = (row for row in rows if row.get("kind") == "purchase_orders")
    assert [write["step"] for write in told["writes"]] == ["item NEW-1", "create", "goods receipt"]
    assert told["writes"][1]["fields"]["Supplier"] == "L100"
    assert held(office) == {}


@pytest.mark.usefixtures("orion")
def test_goods_go_over_with_one_receipt_only(office: Office) -> None:
    """Of two receipts with the same row the first one goes over, in one run and in the next."""
    first, second = order(1, goods()), replace(order(2, goods()), number="PO-2")
    assert office.run(first, second) == 1
    assert [row["YourRef"] for row in office.held("PurchaseOrders")] == ["PO-1/1"]
    reason, advice = reasons(office, second)
    assert reason == "Goods of PO-2 stand in another receipt too: row 12005 with receipt 1"
    assert "receipt_seconds" in advice
