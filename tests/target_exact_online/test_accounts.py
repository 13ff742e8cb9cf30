"""Companies become accounts: created, changed by what changed, and left alone where they may not be touched."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_online.registry import account, belonging, company, link, writes
from transfer_ledger.documents import Address, Contact

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


POSTS = ["POST crm/Accounts", "POST crm/Contacts", "PUT crm/Accounts", "POST crm/BankAccounts"]


def test_a_new_account_has_all_of_it(office: Office) -> None:
    """An account is created in one call with what fits in it; contact, its place and bank account follow."""
    assert office.run(company(udf={"SearchCode": "KORENAAR"})) == 0
    assert writes(office) == POSTS
    row = account(office, "D00001")
    kept = {
        "Name": "Garage Van Vliet 1",
        "Status": "C",
        "IsSupplier": False,
        "VATNumber": "NL004495445B01",
        "ChamberOfCommerce": "10000001",
        "Phone": "+31205550001",
        "Email": "info1@voorbeeld.example",
        "Website": "https://voorbeeld1.example",
        "Language": "NL",
        "PaymentConditionSales": "30",
        "SalesCurrency": "EUR",
        "AddressLine1": "Keizersgracht 1",
        "Postcode": "1015 AA",
        "City": "Amsterdam",
        "Country": "NL ",
        "SearchCode": "KORENAAR",
    }
    assert {name: row[name] for name in kept} == kept
    (person,) = belonging(office, "Contacts", row["ID"])
    assert (person["ID"], person["FirstName"], person["LastName"]) == (row["MainContact"], "Anna", "de Vries")
    (bank,) = belonging(office, "BankAccounts", row["ID"])
    assert (bank["BankAccount"], bank["Main"]) == ("NL91ABNA0417164300", True)
    (klass,) = (row for row in office.held("AccountClassifications") if row["Code"] == "NPO")
    assert row["Classification1"] == klass["ID"]


def test_a_rerun_writes_nothing(office: Office) -> None:
    """The same company again costs no write, with the ledger of the run before and the state of any run."""
    office.run(company(), company(2))
    writes(office)
    assert office.run(company(), company(2)) == 0
    assert writes(office) == []


@pytest.mark.parametrize(
    ("changes", "calls", "there"),
    [
        ({"name": "Anders B.V."}, ["PUT crm/Accounts"], {"Name": "Anders B.V."}),
        ({"code": "D77"}, ["PUT crm/Accounts"], {"Code": f"{'D77':>18}"}),
        ({"phone": None, "website": None}, ["PUT crm/Accounts"], {"Phone": None, "Website": None}),
        (
            {"address": Address(line1="Dam 1", city="Utrecht", country="DE"), "vat_number": None},
            ["PUT crm/Accounts"],
            {"AddressLine1": "Dam 1", "Postcode": None, "City": "Utrecht", "Country": "DE ", "VATNumber": None},
        ),
        (
            {"payment_condition": "14", "currency": "USD"},
            ["PUT crm/Accounts"],
            {"PaymentConditionSales": "14", "SalesCurrency": "USD"},
        ),
        ({"status": ["customer", "supplier"]}, ["PUT crm/Accounts"], {"Status": "C", "IsSupplier": True}),
        ({"active": False}, ["PUT crm/Accounts"], {"Blocked": True}),
        ({"classification": None}, ["PUT crm/Accounts"], {"Classification1": None}),
        ({"contact": Contact()}, ["PUT crm/Accounts"], {"MainContact": None}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_changed_is_written_and_no_more(
    office: Office, changes: dict[str, Any], calls: list[str], there: dict[str, Any]
) -> None:
    """A change costs one PUT of its columns; the other columns and a rerun cost nothing."""
    office.run(company())
    before = account(office, "D00001")
    writes(office)
    assert office.run(company(**changes)) == 0
    assert writes(office) == calls
    after = next(row for row in office.held("Accounts") if row["ID"] == before["ID"])
    changed = {name: value for name, value in after.items() if value != before.get(name) and "Modified" not in name}
    assert {name: after.get(name) for name in there} == there
    assert {name for name in changed if not name.endswith(("Timestamp", "Description"))} <= set(there)
    assert office.run(company(**changes)) == 0
    assert writes(office) == []


@pytest.mark.parametrize(
    ("contact", "calls", "persons"),
    [
        (
            Contact(first_name="Anna", last_name="Bakker", email="anna@voorbeeld.example", phone="0205550100"),
            ["PUT crm/Contacts"],
            ["Anna Bakker"],
        ),
        (Contact(first_name="Anna", last_name="de Vries"), ["PUT crm/Contacts"], ["Anna de Vries"]),
        (
            Contact(first_name="Bart", last_name="Smit", email="bart@voorbeeld.example"),
            ["POST crm/Contacts", "PUT crm/Accounts"],
            ["Anna de Vries", "Bart Smit"],
        ),
    ],
    ids=["renamed", "emptied", "another"],
)
def test_the_main_contact_changes(office: Office, contact: Contact, calls: list[str], persons: list[str]) -> None:
    """The same person is changed; another person becomes another contact, and the first keeps its name."""
    office.run(company())
    writes(office)
    assert office.run(company(contact=contact)) == 0
    assert writes(office) == calls
    row = account(office, "D00001")
    rows = belonging(office, "Contacts", row["ID"])
    assert sorted(f"{each['FirstName']} {each['LastName']}" for each in rows) == persons
    main = next(each for each in rows if each["ID"] == row["MainContact"])
    assert (main["LastName"], main.get("Email")) == (contact.last_name, contact.email)
    assert office.run(company()) == 0
    assert len(belonging(office, "Contacts", row["ID"])) == len(persons)


def test_business_particulars_are_the_ones_that_change(office: Office) -> None:
    """A contact with business particulars keeps them there; emptying them leaves no private ones to be read."""
    office.run(company())
    (person,) = belonging(office, "Contacts", account(office, "D00001")["ID"])
    there = {"ID": person["ID"], "BusinessEmail": "anna@voorbeeld.example", "MiddleName": "de", "LastName": "Vries"}
    office.sandbox.put_row("exact_online", "Contacts", there)
    writes(office)
    changed = Contact(first_name="Anna", last_name="de Vries", email="nieuw@voorbeeld.example", phone="0205550100")
    assert office.run(company(contact=changed)) == 0
    assert writes(office) == ["PUT crm/Contacts"]
    (person,) = belonging(office, "Contacts", account(office, "D00001")["ID"])
    assert (person["BusinessEmail"], person["MiddleName"]) == ("nieuw@voorbeeld.example", "de")
    changed.email = None
    assert office.run(company(contact=changed)) == 0
    (person,) = belonging(office, "Contacts", account(office, "D00001")["ID"])
    assert (person["BusinessEmail"], person["Email"]) == (None, None)
    assert office.run(company(contact=changed)) == 0


def test_another_bank_account_becomes_the_main_one(office: Office) -> None:
    """A new number is added, one that was there is made the main one again, and none is changed or removed."""
    first, second = "NL91ABNA0417164300", "NL20INGB0001234567"
    office.run(company())
    for number, calls in (
        (second, ["POST crm/BankAccounts"]),
        (first, ["PUT crm/BankAccounts"]),
        (None, ["PUT crm/BankAccounts"]),
    ):
        writes(office)
        assert office.run(company(bank_account=number)) == 0
        assert writes(office) == calls
        rows = belonging(office, "BankAccounts", account(office, "D00001")["ID"])
        assert [row["BankAccount"] for row in rows if row["Main"]] == ([number] if number else [])
    assert {row["BankAccount"] for row in rows} == {first, second}


def test_fields_the_settings_leave_out_stay_as_they_are(office: Office) -> None:
    """A document speaks of the fields in fields_won_by only; nothing else of the account is read as a change."""
    office.run(company())
    writes(office)
    only = {"name": "source"}
    assert office.run(company(name="Anders", phone=None, contact=Contact(), fields_won_by=only)) == 0
    assert writes(office) == ["PUT crm/Accounts"]
    assert account(office, "D00001")["Phone"] == "+31205550001"


@pytest.mark.parametrize(("status", "supplier"), [("C", False), ("A", True)])
def test_an_account_with_its_number_is_not_touched(
    office: Office, caplog: pytest.LogCaptureFixture, status: str, *, supplier: bool
) -> None:
    """A code alone makes nobody the same: neither a customer nor a supplier is taken over or changed by it."""
    office.account("D00001", Name="Heel iemand anders", Status=status, IsSupplier=supplier)
    writes(office)
    assert office.run(company(), company(2)) == 1
    assert "Heel iemand anders" in caplog.text
    assert ("a supplier" in caplog.text) is supplier
    row = account(office, "D00001")
    assert (row["Name"], row["Status"], row["IsSupplier"]) == ("Heel iemand anders", status, supplier)
    assert office.open() == ["1"]
    assert account(office, "D00002")["Status"] == "C"


@pytest.mark.parametrize(
    ("columns", "setting", "said"),
    [
        ({"Status": "P"}, "prospects", "is a prospect and would become a customer"),
        ({"Status": "S"}, "prospects", "is a suspect and would become a customer"),
        ({"Status": "A", "IsSupplier": True}, "suppliers", "is a supplier only and would become a customer"),
    ],
)
def test_who_becomes_a_customer_is_a_policy(
    office: Office, caplog: pytest.LogCaptureFixture, columns: dict[str, Any], setting: str, said: str
) -> None:
    """A prospect, and a supplier, that is linked becomes a customer only where the settings say so."""
    document = company(fields_won_by={"status": "source", "name": "source"})
    link(office, document, office.account("K7", **columns))
    writes(office)
    assert office.run(document) == 1
    assert writes(office) == []
    assert said in caplog.text
    assert f"`{setting}: promote`" in caplog.text
    assert office.run(document, **{setting: "promote"}) == 0
    row = account(office, "K7")
    assert (row["Status"], row.get("IsSupplier")) == ("C", columns.get("IsSupplier"))


def test_a_role_is_not_taken_away(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A customer and supplier stays both when the company is a prospect now, the log says so, and it settles."""
    document = company(status=["prospect"], fields_won_by={"status": "source"})
    link(office, document, office.account("K7", Status="C", IsSupplier=True))
    writes(office)
    assert office.run(document) == 0
    assert "stays a customer and supplier in Exact Online" in caplog.text
    assert office.run(document) == 0
    assert writes(office) == []
    assert account(office, "K7")["Status"] == "C"


def test_a_supplier_has_purchase_terms(office: Office) -> None:
    """Payment condition and currency of who is a supplier only are those of purchases."""
    assert office.run(company(status=["supplier"])) == 0
    row = account(office, "D00001")
    assert (row["Status"], row["IsSupplier"], row["PaymentConditionPurchase"]) == ("A", True, "30")
    assert (row.get("PaymentConditionSales"), row["PurchaseCurrency"]) == (None, "EUR")


def test_exact_gives_the_code(office: Office) -> None:
    """Where the settings leave the code to Exact, the account gets one there, and it is known from then on."""
    document = company(code=None, code_rule="receiver")
    del document.fields_won_by["code"]
    assert office.run(document) == 0
    (row,) = (row for row in office.held("Accounts") if row["Name"] == document.name)
    assert row["Code"].strip().isdecimal()
    assert office.run(document) == 0


def test_a_dry_run_tells_and_writes_nothing(office: Office) -> None:
    """What would be created and changed stands in the file, and nothing is written: no account, link or transfer."""
    documents = [company(1, vat_number=None), company(2)]
    link(office, documents[1], office.account("D00002", Name="Was anders"))
    before = office.held("Accounts")
    writes(office)
    told = office.folder / "told.jsonl"
    assert office.run(*documents, dry_run=True, dry_run_file=str(told)) == 0
    assert (writes(office), office.held("Accounts")) == ([], before)
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    steps = {
        line["document"]["code"]: [write["step"] for write in line["writes"]] for line in lines if "document" in line
    }
    assert steps == {"D00001": ["create"], "D00002": ["update"]}
    (created,) = (line["writes"][0]["fields"] for line in lines if line.get("label", "").startswith("D00001"))
    assert (created["name"], created["address.city"]) == (documents[0].name, "Amsterdam")
    assert office.run(*documents) == 0
    assert writes(office).count("POST crm/Accounts") == 1


@pytest.mark.parametrize("forbidden", [{}, {"sync/Deleted": "BlockedUser"}])
def test_a_deleted_account_is_named(
    office: Office, caplog: pytest.LogCaptureFixture, forbidden: dict[str, str]
) -> None:
    """An account that was deleted in Exact is told on the next run, and without that right after the next full read."""
    office.reset(forbidden=forbidden)
    assert office.run(company(), company(2)) == 0
    row = account(office, "D00001")
    office.sandbox.delete_row("exact_online", "Accounts", row["ID"])
    log = {"ID": "00000000-0000-4000-8000-0000000000d1", "EntityKey": row["ID"], "EntityType": 2}
    log["DeletedDate"] = row["Modified"]
    office.sandbox.put_row("exact_online", "Deleted", log)
    writes(office)
    assert office.run(company(), company(2)) == (0 if forbidden else 1)
    assert writes(office) == []
    assert ("noticed within 7 days" in caplog.text) is bool(forbidden)
    told = ("is linked to D00001", "which was deleted there, or merged into another", "transfers links end 1")
    assert [text in caplog.text for text in told] == [not forbidden] * 3
    office.run(company(), company(2))
    assert ("GET sync/Deleted" in office.calls()) is not bool(forbidden)
