"""The entity services route: what arrives, at how many calls, and what is refused."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_globe.papers import invoice
from tests.target_exact_online.papers import line
from transfer_ledger.documents import Partner
from transfer_ledger.ledger import Ledger
from transfer_ledger.report.runs import read_page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_globe.papers import Office

LISTS = ["Account", "Currency", "Item", "PaymentCondition", "SalesOrderHeader", "VAT", "$metadata"]
"""What is read in the first run with a new ledger."""


def test_an_order_costs_a_write_per_line_and_one(office: Office) -> None:
    """Orders of 3, 1 and 12 lines cost 4, 2 and 13 writes, in one order each, and each list is read once."""
    assert office.run(invoice(1, lines=3), invoice(2), invoice(3, lines=12)) == 0
    calls = office.calls()
    writes = [call for call in calls if call.startswith("POST")]
    assert writes == [
        *(["POST SalesOrderLine"] * 3 + ["POST SalesOrderHeader"]),
        *(["POST SalesOrderLine"] * 1 + ["POST SalesOrderHeader"]),
        *(["POST SalesOrderLine"] * 12 + ["POST SalesOrderHeader"]),
    ]
    assert sorted(call for call in calls if not call.startswith("POST")) == sorted(f"GET {name}" for name in LISTS)
    assert office.staged() == []


def test_a_second_run_reads_the_lists_only(office: Office) -> None:
    """With a known ledger no order is looked up: what is new is written, what is there is left alone."""
    office.run(invoice(1))
    office.calls()
    assert office.run(invoice(1)) == 0
    assert office.calls() == []
    assert office.run(invoice(1), invoice(2, lines=2)) == 0
    assert [call for call in office.calls() if "Order" in call] == [
        "POST SalesOrderLine",
        "POST SalesOrderLine",
        "POST SalesOrderHeader",
    ]


def counted(office: Office) -> list[int | None]:
    """Return how many calls the ledger says each run took, oldest first."""
    ledger = Ledger.open(office.settings["ledger_url"])
    found = [each.calls for each in reversed(read_page(ledger.engine, ledger.clock).rows)]
    ledger.close()
    return found


def test_the_calls_of_each_run_are_kept(office: Office, tmp_path: Path) -> None:
    """What the ledger says that a run took is what Globe answered, and a run that asks Globe nothing counts none."""
    took = []
    for documents in ([invoice(1, lines=3)], [invoice(1, lines=3)], [invoice(2)]):
        office.run(*documents)
        took.append(len(office.calls()))
    assert took[0] > took[2] > took[1] == 0
    assert counted(office) == [took[0], None, took[2]]
    office.run(invoice(3), route="xml", services_url=None, xml_folder=str(tmp_path), picked_up_once=True)
    assert counted(office)[3:] == [None]


def test_what_arrives(office: Office) -> None:
    """Header and lines hold what the document says, to the cent."""
    lines = [
        line(quantity=Decimal("1.5"), unit_price=Decimal(95), amount=Decimal("142.50"), cost_center="SD", notes="Noot"),
        line(description="Een heel lange omschrijving " * 4, quantity=Decimal(1000), unit_price=Decimal("0.0014"),
             amount=Decimal("1.40")),
    ]  # fmt: skip
    document = invoice(lines=lines, remarks="Uw order 7", description="Onderhoud en beheer november 2026 Voorbeeld")
    assert office.run(document, warehouse="2", selection_code="AT") == 0
    (header,) = office.held()
    texts = [header.get(name) for name in ("Reference", "Description1", "Description2")]
    assert texts == ["Onderhoud en beheer", "november 2026", "Voorbeeld"]
    assert (header["YourReference"], header["SelectionCode"], header["Warehouse"]) == ("2026-0001", "AT", "2")
    assert (header["TotalAmountExcludingVAT"], header["TotalAmount"]) == (Decimal("143.90"), Decimal("174.12"))
    first, second = office.held("SalesOrderLine")
    assert first["LongDescription"] == "Uw order 7\nNoot"
    assert (first["Quantity"], first["Price"], first["CostCenter"]) == (Decimal("1.5"), Decimal(95), "SD")
    assert (second["Quantity"], second["Price"]) == (Decimal(1), Decimal("1.4"))
    assert second["Description"].endswith("…")
    assert "1000 x 0.0014 = 1.40" in second["LongDescription"]


def test_a_dry_run_writes_nothing(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A dry run checks against Globe's lists, shows what would be sent, and sends nothing."""
    assert office.run(invoice(1), invoice(2, lines=[line(item="NIX")]), dry_run=True) == 1
    assert "SalesOrderLines[0].Itemcode = ARBEID" in caplog.text
    assert "Exact Globe has no item NIX" in caplog.text
    assert [call for call in office.calls() if not call.startswith("GET")] == []


def test_a_credit_note_has_negative_lines(office: Office) -> None:
    """A credit note is an order with negative quantities."""
    document = invoice(type="credit_note", lines=[line(quantity=Decimal(-2), amount=Decimal(-200))])
    assert office.run(document) == 0
    assert [row["TotalAmount"] for row in office.held()] == [Decimal(-242)]


def test_the_number_can_be_kept(office: Office) -> None:
    """A number is kept where the document asks for it; one that is taken is refused, and its lines are taken away."""
    assert office.run(invoice(1, number="20260117", keep_number=True)) == 0
    assert [row["SalesOrderNumber"] for row in office.held()] == ["20260117"]
    assert office.run(invoice(2, number="20260117", keep_number=True, lines=3)) == 1
    assert office.references() == ["2026-0001"]
    assert office.staged() == []
    assert office.open() == ["2"]


def test_lines_that_cannot_be_removed_are_told(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Where Globe does not say which line is which, lines without a header are named by their key."""
    office.reset(staged_line_id="zero")
    office.run(invoice(1, number="20260117", keep_number=True))
    with caplog.at_level(logging.WARNING):
        assert office.run(invoice(2, number="20260117", keep_number=True)) == 1
    assert "1 lines in no order are left in Exact Globe (EntityTransactions, TransactionKey " in caplog.text


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        pytest.param({"product_update": 405}, {}, id="older"),
        pytest.param({"product_update": 502}, {}, id="newer"),
        pytest.param({"create_status": 200, "refusal_status": 400}, {}, id="statuses"),
        pytest.param({"sign_in": "request"}, {}, id="a handshake per request"),
        pytest.param({}, {"transaction_key": "service"}, id="key of the service"),
        pytest.param({"staged_line_id": "zero", "staged_lines_visible": False}, {}, id="lines unseen"),
        pytest.param({"page_size": 2}, {}, id="small pages"),
    ],
)
def test_what_is_not_documented_may_be_otherwise(office: Office, options: Any, settings: Any) -> None:
    """Whatever a Globe does where its documentation is silent, orders arrive."""
    office.reset(**options)
    assert office.run(invoice(1, lines=3), invoice(2), **settings) == 0
    assert office.references() == ["2026-0001", "2026-0002"]
    assert office.staged() == []


PROBLEMS: list[tuple[dict[str, Any], str]] = [
    ({"customer": Partner(id="9", name="Onbekend", code="999")}, "Exact Globe has no account 999"),
    ({"customer": Partner(id="9", name="Zonder", code=None)}, "Customer Zonder has no code"),
    ({"lines": [line(item="NIX")]}, "Exact Globe has no item NIX"),
    ({"lines": [line(item=None)]}, "Line 1 (Arbeid) has no item"),
    ({"lines": [line(vat_code="1")]}, "has 9 % in Exact Globe, the invoice 21 %"),
    ({"lines": [line(cost_center="NIX")]}, "Exact Globe has no cost centre NIX"),
    ({"payment_condition": "99"}, "Exact Globe has no payment condition 99"),
    ({"currency": "XXX"}, "Exact Globe has no currency XXX"),
    ({"reference": "R" * 31}, "has 31 characters, Exact Globe holds 1 to 30"),
    ({"reference": "2026→1"}, "characters that Exact Globe may not hold: →"),
    ({"reference": "2026  1"}, "must be one line without doubled blanks"),
    ({"form": "sales_entry"}, "Sales entries are not written to Exact Globe"),
    ({"form": "sales_invoice"}, "A sales invoice needs an invoice code"),
    ({"invoice_date": None}, "has no invoice date"),
    ({"lines": []}, "has no lines"),
    ({"number": "A-1", "keep_number": True}, "Number A-1 cannot be kept"),
]


@pytest.mark.parametrize(("changes", "said"), PROBLEMS, ids=[said[:30] for _, said in PROBLEMS])
def test_what_is_wrong_is_told_before_anything_is_sent(
    office: Office, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], said: str
) -> None:
    """A document that Globe would refuse costs no write and is told with what is wrong; the next one goes on."""
    assert office.run(invoice(1, **changes), invoice(2)) == 1
    assert said in caplog.text
    assert office.references() == ["2026-0002"]
    assert len([call for call in office.calls() if call.startswith("POST")]) == 2
    assert office.open() == ["1"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"CustomerStatus": "B"}, "is blocked"),
        ({"Blocked": True}, "is blocked"),
        ({"DebtorNumber": None, "CustomerType": "P"}, "is no debtor"),
    ],
)
def test_an_account_that_cannot_be_ordered_for(
    office: Office, caplog: pytest.LogCaptureFixture, columns: dict[str, Any], said: str
) -> None:
    """A blocked account, or one that is no debtor, is told before anything is sent."""
    office.account("200", **columns)
    assert office.run(invoice(customer=Partner(id="2", name="Twee", code="200"))) == 1
    assert said in caplog.text
    assert office.references() == []


def test_two_accounts_with_one_code_are_a_question(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """An ambiguous code is never resolved by taking the first."""
    office.account("200", ID="0000aaaa-0000-4000-8000-000000000000", AccountCode="100".rjust(20))
    assert office.run(invoice()) == 1
    assert "Exact Globe has 2 of account 100" in caplog.text


def test_characters_are_replaced_and_told(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Characters outside Windows-1252 become plain ones, and the log says which; control characters go."""
    assert office.run(invoice(lines=[line(description="Café → Łódź 😀\x07")])) == 0
    assert [row["Description"] for row in office.held("SalesOrderLine")] == ["Café -> Lódz ?"]
    assert "2026-0001: line 1: U+0007 → Ł ź 😀 is sent as '->Lz?'" in caplog.text


@pytest.mark.parametrize(("rule", "code", "held"), [("keep", 0, ["Café → 😀"]), ("fail", 1, [])])
def test_characters_can_be_kept_or_fail(office: Office, rule: str, code: int, held: list[str]) -> None:
    """A setting lets them go as they are, or fails the document."""
    assert office.run(invoice(lines=[line(description="Café → 😀")]), characters=rule) == code
    assert [row["Description"] for row in office.held("SalesOrderLine")] == held
