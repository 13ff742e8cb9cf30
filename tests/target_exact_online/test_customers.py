from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_online.papers import invoice
from transfer_ledger.documents import Address, Partner
from transfer_ledger.ledger import Ledger, Link

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office

NEW = Partner(id="777", name="O'Neill & Zn", code="K777", address=Address(city="Utrecht", country="NL"))
LOST = [
    pytest.param({"kind": "drop_after_commit"}, id="dropped"),
    pytest.param({"kind": "error_after_commit", "status": 500, "body": ""}, id="error"),
    pytest.param({"kind": "truncate"}, id="cut off"),
]


def accounts(office: Office, code: str) -> list[dict[str, Any]]:
    """Return the accounts that Exact holds under a code."""
    return [row for row in office.held("Accounts") if row["Code"].strip() == code]


def link_of(office: Office, source_id: str) -> Link | None:
    """Return the link that the ledger keeps of a company."""
    ledger = Ledger.open(office.settings["ledger_url"])
    try:
        return ledger.links("exact_online/1234567", "accounts").get(("autotask", "1", source_id))
    finally:
        ledger.close()


def test_a_missing_customer_fails_by_default(office: Office) -> None:
    """Without the setting no account is made; the invoice fails and the key stays open."""
    assert office.run(invoice(customer=NEW)) == 1
    assert accounts(office, "K777") == []
    assert office.open() == ["1"]


def test_a_missing_customer_is_created_once_and_linked(office: Office) -> None:
    """Two invoices of a new customer make one account, a customer, that the company is linked to from then on."""
    assert office.run(invoice(customer=NEW), invoice(2, customer=NEW), missing_customer="create") == 0
    (account,) = accounts(office, "K777")
    assert (account["Name"], account["Status"]) == ("O'Neill & Zn", "C")
    assert {row["OrderedBy"] for row in office.held()} == {account["ID"]}
    link = link_of(office, "777")
    assert link is not None
    assert (link.receiver_id, link.receiver_code, link.state) == (account["ID"], "K777", "confirmed")


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_makes_no_second_account(office: Office, fault: dict[str, Any]) -> None:
    """When the answer to the new account is lost, it is found by its code, linked, and the invoice goes on."""
    office.sandbox.fault(system="exact_online", method="POST", path="crm/Accounts", **fault)
    assert office.run(invoice(customer=NEW), missing_customer="create") == 0
    (account,) = accounts(office, "K777")
    assert [row["OrderedBy"] for row in office.held()] == [account["ID"]]
    assert link_of(office, "777") is not None


def test_a_new_account_that_exact_refuses_fails_its_invoice_only(office: Office) -> None:
    """A VAT number that is not valid fails the invoice with Exact's words; the next one goes on."""
    wrong = Partner(id="777", name="Fout", code="K777", vat_number="NL1", address=Address(country="NL"))
    assert office.run(invoice(customer=wrong), invoice(2), missing_customer="create") == 1
    assert accounts(office, "K777") == []
    assert [row["YourRef"] for row in office.held()] == ["2026-0002"]
    assert office.open() == ["1"]


def test_a_prospect_becomes_a_customer(office: Office) -> None:
    """With the setting the account is promoted once, and both its invoices go."""
    office.account("P100", Status="P")
    assert office.run(invoice(code="P100"), invoice(2, code="P100"), prospects="promote") == 0
    assert [row["Status"] for row in accounts(office, "P100")] == ["C"]
    assert len(office.held()) == 2
    assert sum(call.startswith("PUT crm/Accounts") for call in office.calls()) == 1


def test_a_lost_answer_to_a_promotion(office: Office) -> None:
    """The status is read before the account is changed again."""
    office.account("P100", Status="P")
    office.sandbox.fault(system="exact_online", method="PUT", path="crm/Accounts", kind="drop_after_commit")
    assert office.run(invoice(code="P100"), prospects="promote") == 0
    assert sum(call.startswith("PUT") for call in office.calls()) == 1
    assert len(office.held()) == 1


def test_a_prospect_that_a_person_promotes_meanwhile(office: Office) -> None:
    """On the next run the account is looked at anew, so the invoice goes without another setting."""
    office.account("P100", Status="P")
    assert office.run(invoice(code="P100")) == 1
    office.account("P100", Status="C")
    assert office.run(invoice(code="P100")) == 0


def test_a_linked_customer_is_found_by_its_link(office: Office) -> None:
    """The link decides, whatever the code says."""
    row_id = office.account("L100")
    ledger = Ledger.open(office.settings["ledger_url"])
    ledger.save_link(
        "exact_online/1234567",
        Link(kind="accounts", source_system="autotask", source_tenant="1", source_id="100", receiver_id=row_id),
    )
    ledger.close()
    assert office.run(invoice(code="anything")) == 0
    assert [row["OrderedBy"] for row in office.held()] == [row_id]


def test_two_accounts_with_one_code_are_a_choice_for_a_person(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """The invoice fails with both names; neither is taken."""
    office.account("D1", Name="Eerste")
    office.account("D1", Name="Tweede", ID="other")
    with caplog.at_level(logging.INFO):
        assert office.run(invoice(code="D1")) == 1
    assert office.held() == []
    assert "Eerste" in caplog.text
    assert "Tweede" in caplog.text
