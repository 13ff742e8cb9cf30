"""Records of any tap are loaded into any writable endpoint: no row twice, and nothing that Exact would ignore."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_exact_online.columns import KINDS
from tap_exact_online.endpoints import known
from target_exact_online.endpoints.catalogue import find, writable
from target_exact_online.endpoints.payloads import changes
from target_exact_online.endpoints.values import SENT, same, sent
from tests.target_exact_online.registry import writes
from transfer_ledger.records import RecordFailed, Unfit

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office

README = Path(__file__).parents[2] / "target-exact-online" / "README.md"
KEYS = {"items": ["Code"], "crm_accounts": ["Code"], "sales_orders": ["OrderNumber"]}


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def item(code: str, **columns: Any) -> dict[str, Any]:
    """Return a record with what an item needs."""
    return {"Code": code, "Description": f"Artikel {code}", "IsSalesItem": True, **columns}


def the_item(office: Office, code: str) -> dict[str, Any]:
    """Return the only item with a code."""
    (found,) = (row for row in office.held("Items") if row["Code"] == code)
    return found


def test_created_changed_and_left_alone(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A record is created when its key is not there, changed where it differs, and sent no second time."""
    price = Decimal("12.3456")
    assert office.load("items", item("N-1", CostPriceStandard=price), item("N-2"), keys=KEYS) == 0
    assert writes(office) == ["POST logistics/Items", "POST logistics/Items"]
    assert the_item(office, "N-1")["CostPriceStandard"] == price
    changed = [item("N-1", description="Anders"), item("N-2", StartDate="2026-11-01")]
    changed[0].pop("Description")
    assert office.load("logistics/Items", *changed, keys=KEYS) == 0
    assert writes(office) == ["PUT logistics/Items", "PUT logistics/Items"]
    assert (the_item(office, "N-1")["Description"], the_item(office, "N-2")["StartDate"][:10]) == (
        "Anders",
        "2026-11-01",
    )
    caplog.clear()
    assert office.load("logistics_items", *changed, keys=KEYS) == 0
    assert writes(office) == []
    assert "logistics_items: 2 records; 2 unchanged." in caplog.text


def test_forty_are_looked_up_in_a_call(office: Office) -> None:
    """A hundred records cost three calls to look them up, and three more to read back what was written."""
    records = [item(f"N-{number}") for number in range(100)]
    office.load("items", *records[:1], keys=KEYS)
    office.calls()
    assert office.load("items", *records, keys=KEYS) == 0
    calls = office.calls()
    assert (calls.count("POST logistics/Items"), calls.count("GET logistics/Items")) == (99, 6)
    assert office.load("items", *records, keys=KEYS) == 0
    assert office.calls() == ["GET logistics/Items"] * 3


def test_codes_are_found_with_their_padding(office: Office) -> None:
    """An account is found by its code, which Exact keeps with blanks before it, and a read-only column may be there."""
    row_id = office.account("K300", Name="Oud")
    record = {"Code": "K300", "Name": "Nieuw", "AccountManagerFullName": None}
    assert office.load("accounts", record, keys={"accounts": ["Code"]}) == 0
    (row,) = (row for row in office.held("Accounts") if row["ID"] == row_id)
    assert row["Name"] == "Nieuw"


def test_a_row_is_known_by_its_id(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Without keys a record goes by the id that Exact gave; one that is not there, or none, is refused."""
    row_id = office.account("K300", Name="Oud")
    unknown = "00000000-0000-4000-8000-00000000ffff"
    records = [{"ID": row_id.upper(), "Name": "Nieuw"}, {"ID": unknown, "Name": "x"}, {"Name": "y"}]
    assert office.load("crm_accounts", *records) == 1
    assert next(row["Name"] for row in office.held("Accounts") if row["ID"] == row_id) == "Nieuw"
    assert "has no such row, and Exact Online gives ids itself" in caplog.text
    assert "offered twice, it would be created twice" in caplog.text


def test_two_rows_with_one_key_are_a_failure(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A key that two rows have is refused with both, and the next record goes on."""
    twins = [office.account(code, Name="Twee") for code in ("K1", "K2")]
    records = [{"Name": "Twee", "Phone": "1"}, {"Name": "Een", "Phone": "2"}]
    assert office.load("crm_accounts", *records, keys={"crm_accounts": ["Name"]}) == 1
    assert "2 rows have this key" in caplog.text
    assert all(twin in caplog.text for twin in twins)
    assert sum(row.get("Phone") == "2" for row in office.held("Accounts")) == 1


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"Descriptoin": "x"}, "has no column 'Descriptoin'; did you mean Description?"),
    "read-only": ({"Stock": 5}, "Stock: 5 would be ignored"),
    "twice": ({"description": "x"}, "Description is there twice"),
    "text": ({"Unit": 5}, "Unit: 5 is no text"),
    "number": ({"CostPriceStandard": "12"}, "CostPriceStandard: '12' is no number"),
    "flag": ({"IsStockItem": 1}, "IsStockItem: 1 is neither true nor false"),
    "guid": ({"ItemGroup": "STD"}, "ItemGroup: 'STD' is no id"),
    "date": ({"StartDate": "1 november"}, "StartDate: '1 november' is no day"),
    "zone": ({"StartDate": "2026-11-01T00:00:00Z"}, "without a zone"),
}


@pytest.mark.parametrize(("columns", "said"), WRONG.values(), ids=WRONG)
def test_nothing_that_exact_would_ignore_or_refuse_is_sent(
    office: Office, caplog: pytest.LogCaptureFixture, columns: dict[str, Any], said: str
) -> None:
    """A name that is no column, a read-only one and a value of another kind fail before a write; others go on."""
    assert office.load("items", item("N-1", **columns), item("N-2"), keys=KEYS) == 1
    assert said in caplog.text
    assert writes(office) == ["POST logistics/Items"]
    assert the_item(office, "N-2")


def test_what_was_not_kept_is_told(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A currency that Exact empties without a word is noticed, since rows are read back."""
    record = {"Code": "K300", "Name": "Nieuw", "SalesCurrency": "XYZ"}
    assert office.load("crm_accounts", record, keys=KEYS) == 1
    assert "was created, but SalesCurrency: 'XYZ' was sent, None was kept" in caplog.text


def test_a_refusal_is_its_own(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """What Exact refuses fails in its words with our advice and what the documentation wants; the next goes on."""
    assert office.load("items", {"Code": "N-1"}, item("N-2"), keys=KEYS) == 1
    assert "Exact Online refused it: Verplicht: Omschrijving" in caplog.text
    assert "Wanted of a new row, and not in the record: Description" in caplog.text
    assert the_item(office, "N-2")


def test_lines_are_created_with_their_header(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """An order is created with its lines; offered again they are compared, and other lines are not passed over."""
    customer, product = office.account("K300"), the_item(office, "ARBEID")["ID"]
    lines = [{"Item": product, "Quantity": 2, "NetPrice": Decimal("10.50"), "VATCode": "2"}]
    order = {"OrderNumber": 77, "OrderedBy": customer, "SalesOrderLines": lines}
    assert office.load("sales_orders", order, keys=KEYS) == 0
    assert (len(office.held("SalesOrders")), len(office.held("SalesOrderLines"))) == (1, 1)
    writes(office)
    assert office.load("sales_orders", order, keys=KEYS) == 0
    assert office.load("sales_orders", order | {"SalesOrderLines": [lines[0] | {"Quantity": 3}]}, keys=KEYS) == 1
    assert "write them as stream salesorder_sales_order_lines" in caplog.text
    assert writes(office) == []


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop", "truncate"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_no_row_twice_after_a_lost_answer(office: Office, method: str, kind: str) -> None:
    """A lost answer is followed by a look; the row is there once, and all records of the run too."""
    office.load("items", item("N-0"), keys=KEYS)
    office.sandbox.fault(system="exact_online", method=method, path="logistics/Items", kind=kind)
    assert office.load("items", item("N-0", Notes="x"), item("N-1"), item("N-2"), keys=KEYS) == 0
    assert [the_item(office, f"N-{number}")["Description"][-1] for number in range(3)] == ["0", "1", "2"]
    assert the_item(office, "N-0")["Notes"] == "x"


def test_an_action_needs_no_look(office: Office) -> None:
    """An endpoint that can only be posted to, such as printing, takes its key as a value."""
    assert office.load("salesinvoice/PrintedSalesInvoices", {"InvoiceID": "x"}, create_without_key=True) == 1
    assert [call for call in office.calls() if "PrintedSalesInvoices" in call] == []


def test_a_right_that_is_missing_is_asked_for_once(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A right that the user lacks fails all records that need it, with one call."""
    office.reset(forbidden={"POST logistics/Items": "BlockedUser"})
    assert office.load("items", item("N-1"), item("N-2"), keys=KEYS) == 1
    assert writes(office) == ["POST logistics/Items"]
    assert caplog.text.count("Give the user who gave consent the right to create logistics/Items") == 2


@pytest.mark.parametrize(
    ("stream", "settings", "said"),
    [
        ("artikelen", {}, "no endpoint of Exact Online that can be written"),
        ("itms", {}, "Did you mean items"),
        ("items", {"keys": {"items": ["Cod"]}}, "names 'Cod' for logistics/Items, which has no such column"),
    ],
)
def test_what_cannot_be_is_said_at_once(
    office: Office, caplog: pytest.LogCaptureFixture, stream: str, settings: dict[str, Any], said: str
) -> None:
    """A stream that is no endpoint, or a key that is no column, ends the run before anything is written."""
    assert office.load(stream, item("N-1"), **settings) == 1
    assert said in caplog.text
    assert writes(office) == []


def test_a_file_made_by_hand(office: Office, tmp_path: Path) -> None:
    """The Singer file of the README is loaded by the program, without tap and mapper."""
    file = Path(__file__).with_name("endpoints.singer")
    assert file.read_text() in README.read_text()
    config = tmp_path / "config.json"
    config.write_text(json.dumps(office.settings | {"keys": {"logistics_items": ["Code"], "crm_accounts": ["Code"]}}))
    ran = subprocess.run(
        [sys.executable, "-m", "target_exact_online", "--config", str(config), "--input", str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == {"bookmarks": {"logistics_items": {"version": 1}}}
    assert the_item(office, "SSD-1TB")["CostPriceStandard"] == Decimal("129.95")
    (row,) = (row for row in office.held("Accounts") if row["Code"].strip() == "D10003")
    assert row["Phone"] == "+31205550100"


def test_every_endpoint_is_found_by_its_names() -> None:
    """All writable endpoints are known with the kind of each column, and each is found by its full names."""
    assert len(writable()) == 162
    for resource, each in writable().items():
        assert set(each.columns.values()) <= set(KINDS)
        assert set(filter(None, each.lines.values())) <= set(known())
        assert find(resource) == find(each.endpoint.stream) == each
    assert SENT.keys() == KINDS.keys()


@given(st.text(), st.sampled_from(sorted(SENT)))
def test_any_text_is_sent_as_it_is_or_refused(value: str, kind: str) -> None:
    """Whatever a text holds, it goes as it is, in the same sense, or is refused; no value is bent to fit."""
    try:
        found = sent(kind, value)
    except Unfit:
        return
    assert same(kind, value, found)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=5))
def test_any_record_is_understood_or_refused(record: dict[str, Any]) -> None:
    """A record of whatever names and values makes changes or a failure, never an error of another kind."""
    with contextlib.suppress(RecordFailed):
        changes(find("items"), record, None)
