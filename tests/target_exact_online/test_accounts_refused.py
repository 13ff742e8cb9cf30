"""What cannot become an account is named with what to do, the others go on, and no call is spent on what is known."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_online.papers import singer
from tests.target_exact_online.registry import account, belonging, company, link, writes
from transfer_ledger.documents import Address, Contact

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "VAT number": ({"vat_number": "NL123"}, "'NL123' is no VAT number", "Correct the VAT number of the company"),
    "code": ({"code": "D" * 19}, "code has 19 characters, Exact Online takes 18", "Shorten it in Autotask"),
    "name": ({"name": "x" * 51}, "name has 51 characters", "Shorten it in Autotask"),
    "no name": ({"name": " "}, "An account needs a name", "Fill in the name"),
    "condition": ({"payment_condition": "99"}, "no payment condition 99", "Create payment condition 99"),
    "currency": ({"currency": "XYZ"}, "no currency XYZ", "Create currency XYZ"),
    "class": ({"classification": "MID"}, "no classification MID under number 1", "Create classification MID"),
    "country": ({"address": Address(country="Holland", city="Goes")}, "'Holland' is no code of a country", "Map the"),
    "language": ({"language": "Nederlands"}, "'Nederlands' is no code of a language", "Map the language"),
    "column": ({"udf": {"Serchcode": "x"}}, "no column 'Serchcode'", "Did you mean SearchCode?"),
    "contact": (
        {"contact": Contact(email="info@voorbeeld.example")},
        "has no name, only info@voorbeeld.example",
        "Fill in the first and the last name",
    ),
}


@pytest.mark.parametrize(("changes", "said", "advice"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found_before_it_is_sent(
    office: Office, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], said: str, advice: str
) -> None:
    """Each thing that Exact would refuse, empty or cut is told with its value and what to do, at create and update."""
    assert office.run(company(**changes), company(2)) == 1
    assert (said in caplog.text, advice in caplog.text) == (True, True)
    assert office.open() == ["1"]
    assert account(office, "D00002")["Status"] == "C"
    assert office.run(company()) == 0
    writes(office)
    caplog.clear()
    assert office.run(company(**changes)) == 1
    assert writes(office) == []
    assert said in caplog.text


def test_all_that_is_wrong_is_told_at_once(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A company with four mistakes is told with all of them in one run, and nothing was written."""
    wrong = company(vat_number="BE123", code="D" * 19, payment_condition="99", classification="XXX")
    writes(office)
    assert office.run(wrong) == 1
    assert writes(office) == []
    for said in ("'BE123' is no VAT", "19 characters", "no payment condition 99", "no classification XXX"):
        assert said in caplog.text


def test_another_number_has_other_classifications(office: Office) -> None:
    """The setting says which of the eight classifications documents speak of."""
    assert office.run(company(classification="MID"), classification=2) == 0
    row = account(office, "D00001")
    assert row["Classification2"]
    assert row.get("Classification1") is None


def test_a_taken_code_is_not_written_over_another(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A company that gets the number of another account is refused, and both accounts stay as they are."""
    office.run(company(), company(2))
    writes(office)
    assert office.run(company(code="D00002"), company(2, phone="+31205550099")) == 1
    assert writes(office) == ["PUT crm/Accounts"]
    assert "Account D00002 (Tandarts Zonneschijn 2) has this code in Exact Online already" in caplog.text
    assert account(office, "D00002")["Phone"] == "+31205550099"


def test_a_code_that_was_taken_since_is_refused_by_exact(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """What the kept copy could not know is refused in Exact's words with our advice, and the others go on."""
    office.sandbox.fault(
        system="exact_online",
        method="POST",
        path="crm/Accounts",
        kind="error",
        status=500,
        body='{"error":{"code":"","message":{"lang":"","value":"Gegeven bestaat reeds."}}}',
    )
    assert office.run(company(), company(2)) == 1
    assert "Exact Online refused it: Gegeven bestaat reeds." in caplog.text
    assert "What is to be created exists already" in caplog.text
    assert account(office, "D00002")["Status"] == "C"


@pytest.mark.parametrize(
    ("right", "failed"),
    [("PUT crm/Accounts", ["3", "4"]), ("POST crm/Accounts", ["1", "2"]), ("POST crm/BankAccounts", ["2", "4"])],
)
def test_a_missing_right_stops_only_what_needs_it(
    office: Office, caplog: pytest.LogCaptureFixture, right: str, failed: list[str]
) -> None:
    """A right that the user lacks is asked for once; what needs it fails with advice, the others go on."""
    office.reset(forbidden={right: "BlockedUser"})
    documents = [company(number, contact=Contact(), vat_number=None, bank_account=None) for number in range(1, 5)]
    documents[1].bank_account, documents[3].bank_account = "NL91ABNA0417164300", "NL20INGB0001234567"
    for document in documents[2:]:
        link(office, document, office.account(document.code or "", Name="Was anders"))
    assert office.run(*documents) == 1
    assert sorted(office.open()) == failed
    assert [call["status"] for call in office.sandbox.calls("exact_online") if call["status"] >= 400] == [403]
    verb, _, resource = right.rpartition(" ")
    assert f"let this user {'change' if verb == 'PUT' else 'create'} {resource}" in caplog.text
    assert "Give the user who gave consent the right to" in caplog.text


def test_an_account_that_is_gone_is_named(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """An account that was deleted since the kept copy was read fails with its name; the next document goes on."""
    office.run(company(), company(2))
    office.sandbox.delete_row("exact_online", "Accounts", account(office, "D00001")["ID"])
    assert office.run(company(phone="1"), company(2, phone="2")) == 1
    assert "Account D00001 is not there any more" in caplog.text
    assert "end the link if it is gone" in caplog.text
    assert account(office, "D00002")["Phone"] == "2"


def test_a_contact_that_exact_refuses_leaves_an_account_that_is_linked(office: Office) -> None:
    """When the second write of a new account is refused, the account is there once and the next run finishes it."""
    office.reset(contact_names="both")
    assert office.run(company(contact=Contact(last_name="de Vries"))) == 1
    assert office.open() == ["1"]
    writes(office)
    assert office.run(company()) == 0
    assert writes(office) == ["POST crm/Contacts", "PUT crm/Accounts", "POST crm/BankAccounts"]
    row = account(office, "D00001")
    assert len(belonging(office, "Contacts", row["ID"])) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"iban": "NL91ABNA0417164300"}, "'iban'"),
        ({"fields_won_by": {"fone": "source", "udf.Fax": "source"}}, "'fone'"),
    ],
)
def test_a_field_that_accounts_do_not_have_is_refused(
    office: Office, caplog: pytest.LogCaptureFixture, more: dict[str, Any], said: str
) -> None:
    """A record with a name that no account has, in itself or among the fields it speaks of, is not passed over."""
    lines = singer([company(), company(2)]).splitlines(keepends=True)
    record = json.loads(lines[1])
    record["record"] |= more
    lines[1] = json.dumps(record).encode() + b"\n"
    assert office.listen(b"".join(lines)) == 1
    assert f"documents of accounts have no field {said}." in caplog.text
    assert office.open() == ["1"]
    assert account(office, "D00002")["Status"] == "C"
