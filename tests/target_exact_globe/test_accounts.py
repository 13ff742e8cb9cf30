"""Accounts kept in step over both routes: created once, changed by what differs, followed as files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from target_exact_globe import tree
from target_exact_globe.accounts.bodies import changed, new_account
from target_exact_globe.accounts.element import account_element
from target_exact_globe.elements import envelope
from tests.target_exact_globe.papers import company
from transfer_ledger.documents import Address, Contact
from transfer_ledger.merge import told

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_globe.papers import Office

IMPORT = [
    *(sys.executable, "-m", "sandbox.exact_globe.asimport", "-r{server}", "-D{database}", "-u", "-~", "I"),
    *("-URL{file}", "-T{topic}", "-Oauto"),
]
SAME = (
    *("AccountName", "PhoneNumber", "DebtorNumber", "CreditorNumber", "MailingCity", "InvoiceCity", "CustomerType"),
    *("ContactLastName", "ContactEmail", "PaymentCondition", "VATNumber", "CurrencyCode", "EmailAddress"),
)
TEXTS = st.text("abc DÉF 123", min_size=1, max_size=18).map(str.strip).filter(bool)


def accounts(office: Office) -> list[dict[str, Any]]:
    """Return our accounts, those that a test made."""
    rows = [row for row in office.held("Account") if row["AccountCode"].strip().startswith("10")]
    return [row for row in rows if row["AccountName"].startswith("Bakkerij")]


@pytest.fixture
def drop(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the office put files into a folder and start the sandbox's importer on each."""
    monkeypatch.setenv("GLOBE_SANDBOX_URL", office.sandbox.url)
    errors, folder = tmp_path / "errors", tmp_path / "drop"
    errors.mkdir()
    office.reset(error_files_directory=str(errors))
    office.settings |= {
        "route": "xml",
        "xml_folder": str(folder),
        "result_folder": str(errors),
        "import_command": IMPORT,
    }
    return folder


@pytest.mark.parametrize(
    ("status", "kind", "debtor", "creditor"),
    [
        (["customer"], "C", "  1001", None),
        (["supplier"], "S", None, "  1001"),
        (["customer", "supplier"], "C", "  1001", "  1001"),
        (["prospect"], "P", None, None),
        ([], "N", None, None),
    ],
)
def test_an_account_is_created(office: Office, status: list[Any], kind: str, debtor: Any, creditor: Any) -> None:
    """A company becomes an account of its kind, with the numbers of debtor and creditor, in one call; once."""
    assert office.run(company(status=status)) == 0
    (row,) = accounts(office)
    assert (row["CustomerType"], row.get("DebtorNumber"), row.get("CreditorNumber")) == (kind, debtor, creditor)
    assert (row["MailingAddress1"], row["InvoiceAddress"], row["ContactLastName"]) == (
        "Dorpsstraat 1",
        "Dorpsstraat 1",
        "de Vries",
    )
    assert len([call for call in office.calls() if not call.startswith("GET")]) == 1
    assert office.run(company(status=status)) == 0
    assert [call for call in office.calls() if not call.startswith("GET")] == []


def test_a_company_without_a_name_becomes_no_account(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A name of control characters alone is none: that is told, and nothing is sent."""
    assert office.run(company(name="\x07 ", contact=Contact())) == 1
    assert "An account in Exact Globe needs a name" in caplog.text
    assert [call for call in office.calls() if not call.startswith("GET")] == []


def test_an_account_without_a_contact(office: Office) -> None:
    """The contact that Globe wants bears the account's name, and is no change that travels."""
    for name in ("Bakkerij A", "Bakkerij A", "Bakkerij B"):
        assert office.run(company(contact=Contact(), name=name)) == 0
    assert [(row["ContactLastName"], row["AccountName"]) for row in accounts(office)] == [("Bakkerij B", "Bakkerij B")]
    assert [call[:5] for call in office.calls() if not call.startswith("GET")] == ["POST ", "MERGE"]


def test_what_differs_is_changed(office: Office) -> None:
    """A change costs one call with what differs; what Globe was given by hand stays, and roles are added."""
    office.run(company())
    (row,) = accounts(office)
    office.sandbox.put_row("exact_globe", "Account", {"ID": row["ID"], "FaxNumber": "123"})
    office.calls()
    moved = Address(line1="Markt 1", postcode="2511 AA", city="Den Haag", country="NL")
    changes: dict[str, Any] = {"name": "Bakkerij nieuw", "address": moved, "status": ["customer", "supplier"]}
    assert office.run(company(**changes, contact=Contact(first_name="Piet", last_name="Puk"))) == 0
    assert [call for call in office.calls() if not call.startswith("GET")] == [f"MERGE Account(guid'{row['ID']}')"]
    (row,) = accounts(office)
    assert (row["AccountName"], row["MailingCity"], row["InvoiceCity"], row["FaxNumber"]) == (
        *("Bakkerij nieuw", "Den Haag", "Den Haag"),
        "123",
    )
    assert (row["CustomerType"], row["CreditorNumber"]) == ("C", "  1001")
    assert (row["ContactLastName"], row.get("ContactEmail")) == ("Puk", None)
    assert office.run(company(**changes, contact=Contact(first_name="Piet", last_name="Puk"), active=False)) == 0
    assert [row["CustomerStatus"] for row in accounts(office)] == ["B"]


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop", "truncate", "error_after_commit"])
def test_an_account_is_created_once(office: Office, kind: str) -> None:
    """Whatever happens to an answer, after a rerun the account is there once."""
    office.sandbox.fault(system="exact_globe", method="POST", path="Account", kind=kind, status=500)
    office.run(company(1), company(2))
    assert office.run(company(1), company(2)) == 0
    assert sorted(row["AccountCode"].strip() for row in accounts(office)) == ["1001", "1002"]


MISSPELT = {"TextFreeFeld1": "x"}
PROBLEMS: list[tuple[dict[str, Any], str]] = [
    ({"code": None}, "An account needs a code"),
    ({"code": "100"}, "has this code in Exact Globe already; it was left alone"),
    ({"code": "1" * 21}, "Exact Globe holds 1 to 20"),
    ({"code_rule": "receiver"}, "gives an account no code by itself"),
    ({"vat_number": "NL823456782B18"}, "is no VAT number"),
    ({"payment_condition": "99"}, "Exact Globe has no payment condition 99"),
    ({"address": Address(line1="Straat 1")}, "needs a country"),
    ({"name": "Bakkerij " * 6}, "Exact Globe takes 50"),
    ({"name": "Bakkerij Łódź"}, "characters that Exact Globe may not hold: Ł ź"),
    (
        {"udf": {"TextFreeFeld1": "x"}, "fields_won_by": {"name": "source", "udf.TextFreeFeld1": "source"}},
        "Did you mean",
    ),
]


@pytest.mark.parametrize(("changes", "said"), PROBLEMS, ids=[said for _, said in PROBLEMS])
def test_what_is_wrong_is_told_before_anything_is_sent(
    office: Office, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], said: str
) -> None:
    """An account that Globe could not hold costs no write."""
    assert office.run(company(**changes)) == 1
    assert said in caplog.text
    assert [call for call in office.calls() if not call.startswith("GET")] == []


@given(st.lists(st.sampled_from(["customer", "supplier", "prospect"]), unique=True), TEXTS, st.none() | TEXTS)
def test_every_account_file_is_valid(status: Any, text: str, maybe: str | None) -> None:
    """Whatever an account is and says, its file is valid against the element tree."""
    contact = Contact(first_name=maybe, last_name=text, email=maybe, phone=maybe)
    address = Address(line1=text, line2=maybe, postcode=maybe, city=text, country="NL")
    more: dict[str, Any] = {
        "website": maybe,
        "language": "NL",
        "chamber_of_commerce": maybe,
        "udf": {"TextFreeField2": text},
    }
    document = company(status=status, name=text, contact=contact, address=address, **more)
    root = envelope("Accounts", [account_element(new_account(told(document)))])
    assert tree.violations(root) == []


@given(st.lists(st.sampled_from(["customer", "supplier", "prospect"]), unique=True), TEXTS, TEXTS)
def test_what_was_written_is_no_change(status: Any, text: str, other: str) -> None:
    """After a write nothing of it is left to write, also when it was written over something else."""
    row = new_account(told(company(status=status, name=text)))
    assert changed(told(company(status=status, name=text)), row) == {}
    later = told(company(status=status, name=other))
    assert changed(later, row | changed(later, row)) == {}


def handed_over(drop: Path) -> list[Path]:
    """Return the files that were handed over, taken in or not."""
    return [*drop.glob("Accounts_*.xml"), *drop.glob(".sent/*/*/Accounts_*.xml")]


def test_files_end_in_the_same(office: Office, drop: Path) -> None:
    """Over files an account is made and changed once each, and holds the same as over services."""
    for _ in range(3):
        office.run(company(1), company(2, status=["supplier"]))
    assert len(handed_over(drop)) == 2
    assert office.open() == []
    changes: dict[str, Any] = {"name": "Bakkerij nieuw", "phone": "+31205550199"}
    for _ in range(3):
        code = office.run(company(1, **changes), company(2, status=["supplier"]))
    assert code == 0
    assert len(handed_over(drop)) == 3
    files = {row["AccountCode"]: row for row in accounts(office)}
    office.settings |= {"route": "entity-services", "ledger_url": f"sqlite:///{drop.parent / 'other.db'}"}
    office.reset()
    office.run(company(1, **changes), company(2, status=["supplier"]))
    services = {row["AccountCode"]: row for row in accounts(office)}
    for number, row in services.items():
        assert {name: row.get(name) for name in SAME} == {name: files[number].get(name) for name in SAME}


def test_a_file_that_waits_is_not_written_again(office: Office, drop: Path) -> None:
    """An account whose file nobody imported yet stays sent; once it is imported, it is found and linked."""
    office.settings["import_command"] = []
    for _ in range(3):
        assert office.run(company()) == 1
    (path,) = handed_over(drop)
    assert tree.violations(etree.parse(path).getroot()) == []
    key = {"ID": "00000000-0000-4000-8000-00000000000a", "AccountCode": "1001".rjust(20), "DebtorNumber": "  1001"}
    office.sandbox.put_row("exact_globe", "Account", new_account(told(company())) | key)
    assert office.run(company()) == 0
    assert len(handed_over(drop)) == 1


def test_a_refused_account_goes_again(office: Office, drop: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What the importer refused is told with its reason, and goes into a new file on the next run."""
    office.reset(error_files_directory=str(drop.parent / "errors"), digits_only=True)
    assert office.run(company(code="D1001")) == 1
    assert office.run(company(code="D1001")) == 1
    assert "Exact Globe refused it: Rejected - Account: D1001" in caplog.text
    office.run(company(code="D1001"))
    assert len(handed_over(drop)) == 2


def test_what_a_file_cannot_do_is_told(office: Office, drop: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file needs an address and can empty nothing: both are told before it is written."""
    assert office.run(company(address=Address(country="NL"))) == 1
    assert "A file for Exact Globe needs address.line1 of an account" in caplog.text
    office.run(company())
    office.run(company())
    assert office.run(company(phone="", fields_won_by={"phone": "source"})) == 1
    assert "phone cannot be emptied by a file" in caplog.text
    assert len(handed_over(drop)) == 1


ASKED_FOR = {
    "CompanyCode": "A",
    "CompanySize": "UNKNOWN",
    "ContactFullName": "--",
    "ContactTitle": "MR",
    "DeliveryCountry": "NL",
    "PostalCountry": "NL",
    "Rating": "1",
    "SectorCode": "UNKNOWN",
}
"""What the entity reference flags as mandatory of an account and no document tells."""


def test_what_a_company_in_globe_asks_of_new_accounts(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Constants that the settings give go with a new account, where Globe asks for more than anyone knows."""
    office.reset(flagged_mandatory=True)
    assert office.run(company()) == 1
    assert "refused it: Mandatory: " in caplog.text
    assert office.run(company(), new_account=ASKED_FOR) == 0
    (made,) = (row for row in accounts(office) if row["AccountCode"].strip() == "1001")
    assert {name: made[name] for name in ASKED_FOR} == ASKED_FOR
    assert made["AccountName"] == company().name
