"""What hangs from accounts of the Exact Online half: contacts, bank accounts, classifications; and rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exact_online_calls import NOWHERE, Exact, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

ACCOUNTS, CONTACTS, BANK_ACCOUNTS = "crm/Accounts", "crm/Contacts", "crm/BankAccounts"
JSON = dict[str, Any]


def classes(exact: Exact) -> dict[str, str]:
    """Return the guids of all classes by their code."""
    return {row["Code"]: row["ID"] for row in exact.rows("crm/AccountClassifications")}


def test_classifications(sandbox: Sandbox) -> None:
    """Classes can be read with the name they belong to, and an account takes one of each name at its number."""
    exact = Exact(sandbox)
    names = {row["ID"]: row["SequenceNumber"] for row in exact.rows("crm/AccountClassificationNames")}
    rows = exact.rows("crm/AccountClassifications")
    found = {(names[row["AccountClassificationName"]], row["Code"]) for row in rows}
    assert found >= {(1, "NPO"), (1, "ZAK"), (2, "MID")}
    assert {row["AccountClassificationNameDescription"] for row in rows} == {"Klantgroep", "Regio"}
    by_code, guid = classes(exact), exact.customer()["ID"]
    body = {"Classification1": by_code["ZAK"], "Classification2": by_code["MID"]}
    assert exact.send("PUT", f"{ACCOUNTS}(guid'{guid}')", body).status_code == 204
    assert exact.entity(ACCOUNTS, guid, select="Classification1,Classification2").items() >= body.items()
    assert exact.send("POST", "crm/AccountClassifications", {"Code": "X"}).status_code == 405


def test_classes_are_validated(sandbox: Sandbox) -> None:
    """A class that is none is refused, and one of another name as well, unless the switch says otherwise."""
    exact = Exact(sandbox)
    guid, by_code = exact.customer()["ID"], classes(exact)
    for wrong in (NOWHERE, by_code["MID"]):
        answer = exact.send("PUT", f"{ACCOUNTS}(guid'{guid}')", {"Classification1": wrong})
        assert refusal(answer) == (500, ["Ongeldige referentie: Classification1"])
    sandbox.reset(exact_online={"classification_places": False})
    exact = Exact(sandbox)
    body = {"Name": "X", "Classification1": classes(exact)["MID"]}
    exact.post(ACCOUNTS, body)


def test_contacts_change(sandbox: Sandbox) -> None:
    """A contact is changed by what a PUT names, keeps a name, and knows whether it is the account's main one."""
    exact = Exact(sandbox)
    guid = exact.customer()["ID"]
    contact = exact.post(CONTACTS, {"Account": guid, "FirstName": "Sanne", "LastName": "Vos"})["ID"]
    address = f"{CONTACTS}(guid'{contact}')"
    assert exact.send("PUT", address, {"LastName": "Vos-Smit", "Email": "s@vos.example"}).status_code == 204
    assert refusal(exact.send("PUT", address, {"LastName": ""})) == (500, ["Verplicht: Achternaam"])
    assert refusal(exact.send("PUT", address, {"Account": NOWHERE})) == (500, ["Ongeldige referentie: Relatie"])
    assert refusal(exact.send("PUT", address, {"Email": "vos"})) == (500, ["Ongeldig: E-mail"])
    row = exact.entity(CONTACTS, contact)
    assert (row["FullName"], row["Email"]) == ("Sanne Vos-Smit", "s@vos.example")
    assert (row["IsMainContact"], row["AccountIsCustomer"], row["AccountMainContact"]) == (False, True, None)
    exact.send("PUT", f"{ACCOUNTS}(guid'{guid}')", {"MainContact": contact})
    row = exact.entity(CONTACTS, contact)
    assert (row["IsMainContact"], row["AccountMainContact"]) == (True, contact)
    assert exact.send("DELETE", address).status_code == 204
    assert exact.entity(ACCOUNTS, guid)["MainContact"] is None


@pytest.mark.parametrize(("names", "status"), [("both", 500), ("either", 201)])
def test_half_a_name(sandbox: Sandbox, names: str, status: int) -> None:
    """The switch says whether a last name alone makes a contact, and whether the first one is the main one."""
    sandbox.reset(exact_online={"contact_names": names, "first_contact_is_main": True})
    exact = Exact(sandbox)
    guid = exact.customer()["ID"]
    answer = exact.send("POST", CONTACTS, {"Account": guid, "LastName": "Vos"})
    assert answer.status_code == status
    assert (exact.entity(ACCOUNTS, guid)["MainContact"] is not None) == (status == 201)
    assert exact.send("POST", CONTACTS, {"Account": guid}).status_code == 500


def test_bank_accounts_change(sandbox: Sandbox) -> None:
    """A bank account is changed by a PUT, and an account has one main one."""
    exact = Exact(sandbox)
    guid = exact.customer()["ID"]
    first, second = (
        exact.post(BANK_ACCOUNTS, {"Account": guid, "BankAccount": number})
        for number in ("NL02ABNA0123456789", "NL20INGB0001234567")
    )
    assert (first["Main"], second["Main"], first["Type"]) == (True, False, "A")
    address = f"{BANK_ACCOUNTS}(guid'{second['ID']}')"
    assert exact.send("PUT", address, {"Main": True, "BICCode": "INGBNL2A"}).status_code == 204
    rows = {row["ID"]: row for row in exact.rows(BANK_ACCOUNTS, filter=f"Account eq guid'{guid}'")}
    assert [rows[row["ID"]]["Main"] for row in (first, second)] == [False, True]
    assert rows[second["ID"]]["BICCode"] == "INGBNL2A"
    assert refusal(exact.send("PUT", address, {"BankAccount": ""})) == (500, ["Verplicht: Bankrekening"])


def test_a_right_to_read_only(sandbox: Sandbox) -> None:
    """A right can be missing for one method: who may read accounts may not yet change them."""
    sandbox.reset(exact_online={"forbidden": {"PUT crm/Accounts": "BlockedUser"}})
    exact = Exact(sandbox)
    guid = exact.customer()["ID"]
    forbidden = exact.send("PUT", f"{ACCOUNTS}(guid'{guid}')", {"Name": "Y"})
    assert (forbidden.status_code, forbidden.headers["Reason"]) == (403, "BlockedUser")
    assert exact.entity(ACCOUNTS, guid)["Name"] != "Y"
    exact.post(ACCOUNTS, {"Name": "Y"})
