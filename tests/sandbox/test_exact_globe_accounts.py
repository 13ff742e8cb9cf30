"""Accounts and other master data written at the Exact Globe half, and invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_globe_calls import NOWHERE, Globe, content, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

CUSTOMER = {
    "AccountCode": "200101",
    "AccountName": "Van Dijk Techniek B.V.",
    "CustomerType": "C",
    "CustomerStatus": "A",
    "DebtorNumber": "200101",
    "ContactLastName": "Jansen",
    "InvoiceCountry": "NL",
}


def _account(globe: Globe, guid: str) -> dict[str, Any]:
    return next(row for row in globe.table("Account") if row["ID"] == guid)


def test_create_a_customer(globe: Globe) -> None:
    """What clients send at least makes a debtor, with padded codes and the defaults of the entity reference."""
    answer = globe.post("Account", CUSTOMER)
    row = _account(globe, answer["ID"])
    assert (row["AccountCode"], row["DebtorCode"], row["DebtorNumber"]) == (
        f"{'200101':>20}",
        f"{'200101':>20}",
        "200101",
    )
    assert (row["Source"], row["JobDescription"], row["SecurityLevel"]) == ("P", "--", 10)
    assert globe.order(OrderDebtor="200101").status_code == 201


def test_long_codes_get_a_number(globe: Globe) -> None:
    """A debtor whose code does not fit its number gets a free number, and can order."""
    row = CUSTOMER | {"AccountCode": "12345678", "DebtorNumber": None}
    made = globe.post("Account", row)
    assert (made["DebtorCode"].strip(), made["DebtorNumber"]) == ("12345678", "900001")
    assert globe.order(OrderDebtor=made["DebtorNumber"]).status_code == 201


def test_prospect_becomes_a_customer(globe: Globe) -> None:
    """A prospect that is made a customer is a debtor under its code."""
    guid = globe.account("P")["ID"]
    assert globe.send("MERGE", f"Account(guid'{guid}')", {"CustomerType": "C"}).status_code == 204
    assert _account(globe, guid)["DebtorNumber"] == "D10002"


def test_merge_changes_what_is_sent(globe: Globe) -> None:
    """MERGE and PUT answer with an empty body and leave the rest alone."""
    guid = globe.post("Account", CUSTOMER)["ID"]
    for method, phone in (("MERGE", "+31 30 1"), ("PUT", "+31 30 2")):
        answer = globe.send(method, f"Account(guid'{guid}')", {"PhoneNumber": phone})
        assert (answer.status_code, answer.content) == (204, b"")
        row = _account(globe, guid)
        assert (row["PhoneNumber"], row["AccountName"]) == (phone, CUSTOMER["AccountName"])


def test_merge_by_post(globe: Globe) -> None:
    """A POST may say in a header that it is a MERGE, as in OData."""
    guid = globe.post("Account", CUSTOMER)["ID"]
    answer = globe.send("POST", f"Account(guid'{guid}')", {"EmailAddress": "a@b.example"}, {"X-HTTP-Method": "MERGE"})
    assert answer.status_code == 204
    assert _account(globe, guid)["EmailAddress"] == "a@b.example"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"AccountName": None}, "Mandatory: AccountName"),
        ({"InvoiceCountry": "XX"}, "Not found: InvoiceCountry (XX)"),
        ({"CustomerType": "Z"}, "Invalid: CustomerType (Z)"),
        ({"CustomerStatus": "Z"}, "Invalid: CustomerStatus (Z)"),
        ({"PaymentCondition": "ZZ"}, "Not found: PaymentCondition (ZZ)"),
        ({"AccountName": "x" * 51}, "Too long: AccountName (50)"),
        ({"DebtorNumber": "1234567"}, "Too long: DebtorNumber (6)"),
    ],
)
def test_refused_accounts(globe: Globe, changes: dict[str, Any], text: str) -> None:
    """What an account refers to must exist, and fit."""
    before = len(globe.table("Account"))
    assert refusal(globe.send("POST", "Account", CUSTOMER | changes)) == (500, text)
    assert len(globe.table("Account")) == before


def test_codes_are_unique(globe: Globe) -> None:
    """A code or number that another account has is refused, on a change too."""
    globe.post("Account", CUSTOMER)
    assert refusal(globe.send("POST", "Account", CUSTOMER))[1] == "Already exists: AccountCode (200101)"
    other = globe.post("Account", CUSTOMER | {"AccountCode": "2", "DebtorNumber": "2"})["ID"]
    answer = globe.send("MERGE", f"Account(guid'{other}')", {"DebtorNumber": "200101"})
    assert refusal(answer)[1] == "Already exists: DebtorNumber (200101)"


def test_digits_only(sandbox: Sandbox, globe: Globe) -> None:
    """By switch codes flagged as numeric must be digits."""
    sandbox.reset(exact_globe={"digits_only": True})
    assert refusal(globe.send("POST", "Account", CUSTOMER | {"AccountCode": "D1"}))[1] == "Invalid: AccountCode (D1)"
    assert globe.send("POST", "Account", CUSTOMER).status_code == 201


def test_all_that_is_flagged(sandbox: Sandbox, globe: Globe) -> None:
    """By switch everything that the entity reference flags as mandatory must be sent."""
    sandbox.reset(exact_globe={"flagged_mandatory": True})
    assert refusal(globe.send("POST", "Account", CUSTOMER))[1].startswith("Mandatory: ")


def test_delete(globe: Globe) -> None:
    """An account goes unless it is in use."""
    guid = globe.post("Account", CUSTOMER)["ID"]
    globe.order(OrderDebtor="200101")
    assert refusal(globe.send("DELETE", f"Account(guid'{guid}')"))[1] == "In use: Account (200101)"
    other = globe.post("Account", CUSTOMER | {"AccountCode": "3", "DebtorNumber": "3"})["ID"]
    assert globe.send("DELETE", f"Account(guid'{other}')").status_code == 204
    assert globe.send("MERGE", f"Account(guid'{NOWHERE}')", {}).status_code == 404


def test_other_master_data(globe: Globe) -> None:
    """Items, cost centres, contacts and bank accounts are written the same way."""
    assert globe.post("CostCenter", {"Code": "ict", "Description": "ICT"})["Code"] == "ICT"
    assert globe.post("Item", {"ItemCode": "NEW-1", "Description0": "New", "IsSalesItem": True})["Type"] == "S"
    guid = globe.account()["ID"]
    assert globe.post("ContactPerson", {"AccountID": guid, "LastName": "Jansen"})["Gender"] == "O"
    assert globe.post("BankAccount", {"AccountID": guid, "BankAccountNumber": "NL91"})["ID"] == 1
    assert refusal(globe.send("POST", "CostCenter", {"Code": "ICT"}))[1] == "Already exists: Code (ICT)"


def _invoice(globe: Globe, **header: Any) -> dict[str, Any]:
    key = globe.staged("InvoiceLine", {"ItemCode": "ARBEID", "Quantity": 1.25, "Price": 95.1234})
    own = {"TransactionKey": key, "InvoiceCode": "1", "OrderDebtor": globe.debtor(), "YourReference": "INV-8812"}
    return own | header


def test_sales_invoices(globe: Globe) -> None:
    """An invoice is created like an order, under its series, with prices of four decimals."""
    answer = globe.post("InvoiceHeader", _invoice(globe))
    assert (answer["TotalAmountExclVAT"], answer["InvoiceCode"]) == (Decimal("118.9"), "  1")
    assert answer["OurReference"] == "70001"
    assert [(row["ItemCode"], row["SequenceNumber"]) for row in globe.table("InvoiceLine")] == [("ARBEID", "    1")]
    assert globe.rows("InvoiceHistoryHeader") == []


def test_processed_invoices(sandbox: Sandbox, globe: Globe) -> None:
    """By switch an invoice is processed at once and is read from the history, by its reference."""
    sandbox.reset(exact_globe={"process_invoices": True})
    globe.post("InvoiceHeader", _invoice(globe))
    found = globe.rows("InvoiceHistoryHeader", filter="YourReference eq 'INV-8812'")[0]
    assert (found["InvoiceNumber"], found["SalesPrice"]) == ("   70001", Decimal("143.87"))
    lines = globe.rows("InvoiceHistoryLine", filter="InvoiceNumber eq '   70001'")
    assert [line["ItemCode"] for line in lines] == ["ARBEID"]
    assert globe.table("InvoiceHeader") == globe.table("InvoiceLine") == []


def test_number_of_an_invoice(sandbox: Sandbox, globe: Globe) -> None:
    """A number that was sent is kept and not used twice; by switch others are given when a person processes."""
    assert globe.post("InvoiceHeader", _invoice(globe, OurReference="8812"))["OurReference"] == "8812"
    again = globe.send("POST", "InvoiceHeader", _invoice(globe, OurReference="8812"))
    assert refusal(again)[1] == "Already exists: OurReference (8812)"
    sandbox.reset(exact_globe={"invoice_number_at": "processing"})
    assert globe.post("InvoiceHeader", _invoice(globe))["OurReference"] is None


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ({"InvoiceCode": "9"}, "Not found: InvoiceCode (9)"),
        ({"InvoiceCode": None}, "Mandatory: InvoiceCode"),
        ({"TranscationDate": "2031-01-01"}, "Unknown: Financial year (Period-date table): 2031-01-01"),
    ],
)
def test_refused_invoices(globe: Globe, header: dict[str, Any], text: str) -> None:
    """Series and period must exist."""
    assert refusal(globe.send("POST", "InvoiceHeader", _invoice(globe, **header))) == (500, text)


def test_closed_period(sandbox: Sandbox, globe: Globe) -> None:
    """Nothing is invoiced in a period that is closed."""
    today = sandbox.clock(seconds=0)[:10]
    sandbox.reset(exact_globe={"closed_until": "2100-01-01"})
    answer = globe.send("POST", "InvoiceHeader", _invoice(globe, TranscationDate=today))
    assert refusal(answer)[1] == f"Period is closed: {today}"


def test_statuses_by_switch(sandbox: Sandbox, globe: Globe) -> None:
    """A create may answer 200, and a refusal 400."""
    sandbox.reset(exact_globe={"create_status": 200, "refusal_status": 400})
    assert globe.send("POST", "Account", CUSTOMER).status_code == 200
    assert refusal(globe.send("POST", "Account", CUSTOMER))[0] == 400
    assert content(globe.order())["d"]["SalesOrderNumber"]
