"""Reading at the Exact Globe half: JSON, padding, filters, pages, metadata."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.sandbox.exact_globe_calls import NOWHERE, Globe, content, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

EDM = "{http://schemas.microsoft.com/ado/2006/04/edm}"


def test_master_data(globe: Globe) -> None:
    """The company has what the MSP's books have, under the same codes as anywhere."""
    assert {row["VATCode"]: row["Percentage"] for row in globe.rows("VAT")}["2"] == 21
    assert [row["PaymentConditionCode"] for row in globe.rows("PaymentCondition")] == ["00", "14", "30", "60"]
    assert {row["Code"] for row in globe.rows("CostCenter")} == {"SD", "PRJ", "MS"}
    assert {row["JournalNumber"]: row["JournalType"] for row in globe.rows("BrowserData.Journal")}["70"] == "V"
    assert {row["Code"] for row in globe.rows("Warehouse")} == {"1", "2"}
    assert {"ARBEID", "HW-1001"} <= {row["ItemCode"] for row in globe.all_rows("Item")}
    assert globe.rows("Division")[0]["Code"] == "100"


def test_envelope(globe: Globe) -> None:
    """A list is d.results, a single row is d, and both say their address and type."""
    row = globe.rows("VAT", top=1)[0]
    assert row["__metadata"]["type"] == "Exact.Metadata.Entity.VAT"
    single = content(globe.send("GET", row["__metadata"]["uri"]))["d"]
    assert single == row


def test_codes_are_padded(globe: Globe) -> None:
    """Right-aligned codes are stored with spaces on the left: account and debtor codes 20, ledger accounts 9 wide."""
    account = globe.rows("Account", top=1)[0]
    assert (len(account["AccountCode"]), account["AccountCode"][0]) == (20, " ")
    assert {len(row["GeneralLedgerCode"]) for row in globe.rows("GeneralLedgerAccount")} == {9}
    assert {row["FinancialPeriod"] for row in globe.rows("PeriodDate")} >= {"  1", " 12"}


def test_filter_compares_exactly(globe: Globe) -> None:
    """A code is found with its padding and not without."""
    code = globe.account()["DebtorCode"]
    assert [row["DebtorCode"] for row in globe.rows("Account", filter=f"DebtorCode eq '{code}'")] == [code]
    assert globe.rows("Account", filter=f"DebtorCode eq '{code.strip()}'") == []


def test_filters_in_use(globe: Globe) -> None:
    """Several terms, parts of texts, sorting and skipping work as in OData."""
    code = globe.account()["DebtorCode"]
    both = globe.rows("Account", filter=f"DebtorCode eq '{code}' or CustomerType eq 'P'", select="AccountCode")
    assert len(both) == 2
    assert set(both[0]) == {"__metadata", "AccountCode"}
    assert globe.rows("Item", filter="substringof('HW-100',ItemCode)", top=3, orderby="ItemCode desc")[0][
        "ItemCode"
    ] == ("HW-1009")
    assert len(globe.rows("Item", skip=1)) == len(globe.rows("Item")) - 1


def test_pages(sandbox: Sandbox, globe: Globe) -> None:
    """A page that is full has a link with a $skiptoken; all pages together hold every row once."""
    sandbox.reset(exact_globe={"page_size": 7})
    first = content(globe.send("GET", "Item"))["d"]
    assert len(first["results"]) == 7
    assert "$skiptoken=" in first["__next"]
    codes = [row["ItemCode"] for row in globe.all_rows("Item")]
    assert sorted(codes) == sorted({row["ItemCode"] for row in globe.table("Item")})


def test_long_questions(sandbox: Sandbox, globe: Globe) -> None:
    """A batch of 100 references fits into one question; what is longer than allowed is refused."""
    found = " or ".join(f"YourReference eq 'T20261001.{number:04}'" for number in range(100))
    assert globe.rows("SalesOrderHeader", filter=found) == []
    sandbox.reset(exact_globe={"max_query_bytes": 1000})
    assert refusal(globe.send("GET", "SalesOrderHeader", filter=found))[0] == 400


def test_path_in_any_case(sandbox: Sandbox, globe: Globe) -> None:
    """The path's capitals do not matter, and a slash may follow the entity."""
    for path in ("/services/exact.entity.rest.eg/VAT", "/Services/Exact.Entity.Rest.EG/VAT/"):
        assert globe.send("GET", sandbox.globe_url + path).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("Nothing", 404), (f"Account(guid'{NOWHERE}')", 404), ("Account(1)", 400), ("Account?$filter=Nope eq 1", 400)],
)
def test_what_is_not_there(globe: Globe, path: str, status: int) -> None:
    """Unknown entities and rows are 404, questions that make no sense 400."""
    assert refusal(globe.send("GET", path))[0] == status


def test_invoices_are_not_read(globe: Globe) -> None:
    """Unprocessed invoices have no retrieve over REST."""
    assert globe.send("GET", "InvoiceHeader").status_code == 405


def test_browse_entities_follow_their_tables(sandbox: Sandbox, globe: Globe) -> None:
    """BrowserData entities show the rows of others, with what was changed there."""
    sandbox.put_row("exact_globe", "VAT", {"ID": 2, "Percentage": Decimal("22.5")})
    assert {row["Code"]: row["Percentage"] for row in globe.rows("BrowserData.VAT")}["2"] == "22.5"


def test_metadata_names_what_exists(sandbox: Sandbox, globe: Globe) -> None:
    """$metadata lists entities, keys, types and lengths; receipts are there from product update 502 on."""
    schema = etree.fromstring(globe.send("GET", "$metadata").content)
    header = next(e for e in schema.iter(f"{EDM}EntityType") if e.get("Name") == "SalesOrderHeader")
    assert [e.get("Name") for e in header.iter(f"{EDM}PropertyRef")] == ["SalesOrderNumber"]
    described = {e.get("Name"): (e.get("Type"), e.get("MaxLength")) for e in header.iter(f"{EDM}Property")}
    assert described["YourReference"] == ("Edm.String", "30")
    assert described["SalesOrderDate"] == ("Edm.DateTime", None)
    assert described["TotalAmount"] == ("Edm.Double", None)
    names = {e.get("Name") for e in schema.iter(f"{EDM}EntitySet")}
    assert "PurchaseOrderHeader" in names
    assert "PurchaseOrderReceiptHeader" not in names
    sandbox.reset(exact_globe={"product_update": 502})
    assert b"PurchaseOrderReceiptHeader" in globe.send("GET", "$metadata").content


def test_traps_of_the_entity_reference(globe: Globe) -> None:
    """The names that clients get wrong are as published."""
    schema = etree.fromstring(globe.send("GET", "$metadata").content)
    names = {
        entity.get("Name"): {column.get("Name") for column in entity.iter(f"{EDM}Property")}
        for entity in schema.iter(f"{EDM}EntityType")
    }
    assert "Itemcode" in names["SalesOrderLine"]
    assert "ItemCode" in names["PurchaseOrderLine"] & names["InvoiceLine"]
    assert "YourReference" not in names["PurchaseOrderHeader"]
    assert {"CityOfLoading_", "DeliveryMethod_", "StatisticalCode_"} <= names["PurchaseOrderLine"]


def test_accounts_fit_the_msp(globe: Globe) -> None:
    """Customers are debtors under their company number, vendors creditors; a prospect has neither number."""
    accounts = {row["AccountCode"].strip(): row for row in globe.table("Account")}
    assert "D10001" not in accounts
    prospect = accounts["D10002"]
    assert (prospect["CustomerType"], prospect.get("DebtorNumber")) == ("P", None)
    for code, row in accounts.items():
        if row["CustomerType"] == "C":
            assert (row["DebtorNumber"].strip(), row["DebtorCode"].strip()) == (code, code)
    assert all(row["CreditorNumber"] for row in accounts.values() if row["CustomerType"] == "S")
    assert "HW-1023" not in {row["ItemCode"] for row in globe.table("Item")}
