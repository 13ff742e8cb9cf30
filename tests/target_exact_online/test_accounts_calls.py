"""What a run with accounts costs at Exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.target_exact_online.registry import company, link

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office
    from transfer_ledger.documents import Account


def many(count: int, **changes: str) -> list[Account]:
    """Return companies without contact and bank account."""
    plain = ("code", "name", "phone", "email", "address", "status", "payment_condition", "classification")
    won_by = dict.fromkeys(plain, "source")
    return [company(number, fields_won_by=won_by, **changes) for number in range(1, count + 1)]


def _there(office: Office, documents: list[Account]) -> None:
    """Hold accounts as these companies are, linked."""
    (klass,) = (row["ID"] for row in office.held("AccountClassifications") if row["Code"] == "NPO")
    for document in documents:
        row_id = office.account(
            document.code or "",
            Name=document.name,
            Phone=document.phone,
            Email=document.email,
            AddressLine1=document.address.line1,
            Postcode=document.address.postcode,
            City=document.address.city,
            Country="NL ",
            PaymentConditionSales="30",
            Classification1=klass,
        )
        link(office, document, row_id)


def test_unchanged_pairs_cost_five_calls(office: Office) -> None:
    """Pairs that agree cost no write and five calls however many they are, beside that for a new token."""
    documents = many(150)
    _there(office, documents)
    assert office.run(*documents) == 0
    office.calls()
    assert office.run(*documents) == 0
    calls = office.calls()
    assert sorted(calls) == [
        "GET crm/BankAccounts",
        "GET sync/CRM/Accounts",
        "GET sync/CRM/Contacts",
        "GET sync/Deleted",
        "GET system/Divisions",
    ]


def test_a_hundred_changes_cost_a_hundred_writes(office: Office) -> None:
    """A hundred changed accounts cost a write each and at most ten other calls, and are there."""
    documents = many(100)
    _there(office, documents)
    office.run(*documents)
    office.calls()
    assert office.run(*many(100, phone="+31205559999", payment_condition="14", classification="ZAK")) == 0
    calls = office.calls()
    puts = [call for call in calls if call.startswith("PUT crm/Accounts")]
    assert len(puts) == 100
    assert len(calls) - len(puts) <= 10
    assert sum(row.get("Phone") == "+31205559999" for row in office.held("Accounts")) == 100


def test_many_accounts_are_read_by_the_thousand(office: Office) -> None:
    """The accounts of an administration of 1,500 companies are read in two calls, and later only what changed."""
    office.sandbox.reset(companies=1500, exact_online={"limits": False})
    documents = many(1)
    office.run(*documents)
    assert office.calls().count("GET sync/CRM/Accounts") == 2
    office.run(*documents)
    assert office.calls().count("GET sync/CRM/Accounts") == 1
