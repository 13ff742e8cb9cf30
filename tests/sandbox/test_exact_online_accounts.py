"""Accounts of the Exact Online half, and what hangs from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_online_calls import NOWHERE, Exact, content, refusal, sales_invoice

if TYPE_CHECKING:
    from tests.conftest import Sandbox

PATH = "crm/Accounts"
FULL: dict[str, str | None] = {"Prefer": "return=representation"}
JSON = dict[str, Any]


def test_a_post_answers_with_the_key_alone(sandbox: Sandbox) -> None:
    """Everything but the key is null, unless the client prefers the representation."""
    exact = Exact(sandbox)
    hollow = exact.post(PATH, {"Name": "Fietsenwinkel Utrecht B.V.", "Code": "255"})
    assert {name for name, value in hollow.items() if value is not None} == {"__metadata", "ID", "BankAccounts"}
    assert exact.entity(PATH, hollow["ID"])["Code"] == f"{255:>18}"
    full = exact.post(PATH, {"Name": "Koga Onderdelen B.V.", "Status": "C", "Country": "NL"}, headers=FULL)
    assert (full["Code"], full["Status"], full["IsSales"], full["Country"]) == (f"{256:>18}", "C", True, "NL ")
    contact = {"Account": full["ID"], "FirstName": "Sanne", "LastName": "de Vries"}
    assert exact.post("crm/Contacts", contact)["FullName"] is None
    assert exact.post("crm/Contacts", contact, headers=FULL)["FullName"] == "Sanne de Vries"


def test_defaults(sandbox: Sandbox) -> None:
    """A new account is nobody's customer, and a currency that is not in use is left empty."""
    exact = Exact(sandbox)
    row = exact.post(PATH, {"Name": "X", "SalesCurrency": "XYZ", "PurchaseCurrency": "USD"}, headers=FULL)
    assert (row["Status"], row["IsSales"], row["IsSupplier"]) == ("A", False, False)
    assert (row["SalesCurrency"], row["PurchaseCurrency"], row["Code"]) == (None, "USD", f"{1:>18}")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Name": None}, "Verplicht: Naam"),
        ({"Name": "x" * 51}, "Te lang: Naam"),
        ({"Code": "D10007"}, "Gegeven bestaat reeds."),
        ({"Code": "1" * 19}, "Te lang: Code"),
        ({"Status": "X"}, "Ongeldig: Status"),
        ({"Country": "Nederland"}, "Te lang: Land"),
        ({"Country": "n1"}, "Ongeldige referentie: Land"),
        ({"Email": "niemand"}, "Ongeldig: E-mail"),
        ({"VATNumber": "NL12", "Country": "NL"}, "Ongeldig: Btw-nummer"),
        ({"PaymentConditionSales": "99"}, "Ongeldige referentie: PaymentConditionSales"),
        ({"Parent": NOWHERE}, "Ongeldige referentie: Parent"),
    ],
)
def test_accounts_are_validated(sandbox: Sandbox, changes: JSON, problem: str) -> None:
    """A wrong account is 500, on POST and on PUT, and changes nothing."""
    exact = Exact(sandbox)
    before = exact.table("Accounts")
    customer = next(row["ID"] for row in before if row["Code"].strip() != "D10007")
    assert refusal(exact.send("POST", PATH, {"Name": "X"} | changes)) == (500, [problem])
    assert refusal(exact.send("PUT", f"{PATH}(guid'{customer}')", changes)) == (500, [problem])
    assert exact.table("Accounts") == before


@pytest.mark.parametrize(
    ("strict", "number", "taken"),
    [
        (True, "DE12", False),
        (True, "DE136695975", True),
        ("digits", "DE136695975", False),
        ("digits", "DE136695976", True),
        (False, "DE12", True),
    ],
)
def test_vat_numbers_are_judged_by_country(sandbox: Sandbox, strict: Any, number: str, taken: bool) -> None:  # noqa: FBT001
    """The form is that of the account's country, posted or known; check digits count with the switch, or nothing."""
    sandbox.reset(exact_online={"validate_vat_numbers": strict})
    exact = Exact(sandbox)
    guid = exact.post(PATH, {"Name": "X", "Country": "DE"})["ID"]
    answers = [
        exact.send("POST", PATH, {"Name": "X", "VATNumber": number, "Country": "DE"}),
        exact.send("PUT", f"{PATH}(guid'{guid}')", {"VATNumber": number}),
    ]
    assert [answer.ok for answer in answers] == [taken, taken]
    if not taken:
        assert [refusal(answer) for answer in answers] == [(500, ["Ongeldig: Btw-nummer"])] * 2


def test_other_vat_numbers_are_not_judged(sandbox: Sandbox) -> None:
    """A number outside the EU has whatever form it has."""
    Exact(sandbox).post(PATH, {"Name": "X", "VATNumber": "US12", "Country": "US"})


def test_an_account_can_change(sandbox: Sandbox) -> None:
    """A PUT changes what it names, its own code included, and renews the rowversion."""
    exact = Exact(sandbox)
    guid = exact.customer()["ID"]
    bookmark = max(int(row["Timestamp"]) for row in exact.rows("sync/CRM/Accounts", filter="Timestamp gt 1"))
    body = {"Name": "Nieuw", "Code": exact.customer()["Code"], "Status": "P", "Email": None}
    assert exact.send("PUT", f"{PATH}(guid'{guid}')", body).status_code == 204
    changed = exact.row("sync/CRM/Accounts", filter=f"Timestamp gt {bookmark}L")
    assert (changed["ID"], changed["Name"], changed["IsSales"], changed["Email"]) == (guid, "Nieuw", False, None)


def test_only_unused_accounts_go(sandbox: Sandbox) -> None:
    """An account with an invoice is in use; another is removed and logged."""
    exact = Exact(sandbox)
    exact.post("salesinvoice/SalesInvoices", sales_invoice(exact))
    used = exact.customer()["ID"]
    assert refusal(exact.send("DELETE", f"{PATH}(guid'{used}')")) == (500, ["In gebruik: Relatie"])
    unused = next(row["ID"] for row in exact.table("Accounts") if row["ID"] != used)
    assert exact.send("DELETE", f"{PATH}(guid'{unused}')").status_code == 204
    log = exact.row("sync/Deleted", filter="Timestamp gt 1")
    assert (log["EntityType"], log["EntityKey"]) == (2, unused)


def test_an_address_that_is_there(sandbox: Sandbox) -> None:
    """Posting an address that the account has already returns the old one."""
    exact = Exact(sandbox)
    body = {"Account": exact.customer()["ID"], "AddressLine1": "Energieweg 1", "City": "Zwolle", "Type": 3}
    first = exact.post("crm/Addresses", body)
    assert exact.post("crm/Addresses", body)["ID"] == first["ID"]
    assert exact.post("crm/Addresses", body | {"City": "Breda"})["ID"] != first["ID"]
    assert exact.send("DELETE", f"crm/Addresses(guid'{first['ID']}')").status_code == 204


def test_bank_accounts(sandbox: Sandbox) -> None:
    """The first bank account is the main one, and the account can be expanded with them."""
    exact = Exact(sandbox)
    guid = exact.customer()["ID"]
    numbers = ["NL02ABNA0123456789", "NL20INGB0001234567"]
    rows = [exact.post("crm/BankAccounts", {"Account": guid, "BankAccount": number}) for number in numbers]
    assert [row["Main"] for row in rows] == [True, False]
    expanded = exact.entity(PATH, guid, expand="BankAccounts", select="BankAccounts/BankAccount")
    found = expanded["BankAccounts"]["results"]
    assert [(set(row), row["BankAccount"]) for row in found] == [({"__metadata", "BankAccount"}, n) for n in numbers]
    answer = exact.send("POST", "crm/BankAccounts", {})
    assert refusal(answer) == (500, ["Verplicht: Relatie", "Verplicht: Bankrekening"])


def test_documents_and_files(sandbox: Sandbox) -> None:
    """A document takes files; what is read back is an address where the file is, bytes and all."""
    exact = Exact(sandbox)
    document = exact.post("documents/Documents", {"Subject": "Factuur", "Type": 55, "Account": exact.customer()["ID"]})
    assert (document["HID"], document["TypeDescription"], document["AccountName"]) == (
        1,
        "Diversen",
        exact.customer()["Name"],
    )
    body = {"Document": document["ID"], "FileName": "f.pdf", "Attachment": "JVBERi0xLjQKAA=="}
    file = exact.post("documents/DocumentAttachments", body)
    assert (file["FileSize"], file["Attachment"]) == (10, None)
    assert exact.send("GET", f"{file['Url']}&Download=1").content == b"%PDF-1.4\n\0"
    assert exact.send("GET", file["Url"], headers={"Authorization": None}).status_code == 401
    feed = exact.row("sync/Documents/DocumentAttachments", filter="Timestamp gt 1", select="ID,FileName")
    assert feed["ID"] == file["ID"]
    assert exact.send("PUT", f"documents/DocumentAttachments(guid'{file['ID']}')", {}).status_code == 405
    assert exact.send("DELETE", f"documents/Documents(guid'{document['ID']}')").status_code == 204
    assert exact.table("DocumentAttachments") == []
    assert exact.send("GET", file["Url"]).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "texts"),
    [
        ("Documents", {}, 500, ["Verplicht: Onderwerp", "Verplicht: Type"]),
        ("Documents", {"Subject": "x", "Type": 999}, 500, ["Ongeldige referentie: Type"]),
        ("DocumentAttachments", {"Document": NOWHERE, "FileName": "x", "Attachment": "eA=="}, 500, None),
        ("DocumentAttachments", {"Attachment": ""}, 500, None),
        ("DocumentAttachments", {"Attachment": "geen base64"}, 400, None),
    ],
)
def test_documents_are_validated(sandbox: Sandbox, path: str, body: JSON, status: int, texts: list[str] | None) -> None:
    """A document needs subject and type, a file a document and content in base64."""
    exact = Exact(sandbox)
    answer = refusal(exact.send("POST", f"documents/{path}", body))
    assert answer[0] == status
    assert texts is None or answer[1] == texts
    assert exact.table("Documents") == exact.table("DocumentAttachments") == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("logistics/Items", {"Code": "NIEUW", "Description": "Nieuw"}),
        ("financial/GLAccounts", {"Code": "8099", "Description": "Nieuw", "Type": 110}),
        ("financial/Journals", {"Code": "72", "Description": "Nieuw", "Type": 20}),
        ("vat/VATCodes", {"Code": "8", "Description": "Nieuw"}),
        ("hrm/Costcenters", {"Code": "NW", "Description": "Nieuw"}),
        ("cashflow/PaymentConditions", {"Code": "45", "Description": "Nieuw", "PaymentDays": 45}),
    ],
)
def test_master_data(sandbox: Sandbox, path: str, body: JSON) -> None:
    """Codes are unique; what is there can be read, and changed or removed where Exact has it so."""
    exact = Exact(sandbox)
    guid = exact.post(path, body)["ID"]
    assert refusal(exact.send("POST", path, body)) == (500, ["Gegeven bestaat reeds."])
    assert "Verplicht: Omschrijving" in refusal(exact.send("POST", path, {"Code": "ZZ"}))[1]
    put = exact.send("PUT", f"{path}(guid'{guid}')", {"Description": "Anders", "Code": body["Code"]})
    gone = exact.send("DELETE", f"{path}(guid'{guid}')")
    expected = 405 if path == "cashflow/PaymentConditions" else 204
    assert (put.status_code, gone.status_code) == (expected, expected)


def test_master_data_in_use_stays(sandbox: Sandbox) -> None:
    """What an invoice refers to cannot be removed, and a cost centre's code cannot be changed."""
    exact = Exact(sandbox)
    exact.post("salesinvoice/SalesInvoices", sales_invoice(exact))
    for path, code in (("logistics/Items", "ARBEID"), ("financial/Journals", "70"), ("vat/VATCodes", "2")):
        guid = exact.coded(path.rpartition("/")[2], code)
        status, (text,) = refusal(exact.send("DELETE", f"{path}(guid'{guid}')"))
        assert (status, text.strip()) == (500, f"In gebruik: {code}")
    guid = exact.coded("Costcenters", "SD")
    exact.send("PUT", f"hrm/Costcenters(guid'{guid}')", {"Code": "XX", "Description": "Anders"})
    row = content(exact.send("GET", f"hrm/Costcenters(guid'{guid}')"))["d"]
    assert (row["Code"], row["Description"]) == ("SD", "Anders")
