"""Companies and accounts as the taps give them, with the settings to map them, small enough to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.parties import accounts, companies
from mapper_autotask_exact.settings import Settings, load

if TYPE_CHECKING:
    from transfer_ledger.documents import Account, Company

NETHERLANDS = {"id": 144, "countryCode": "NL", "displayName": "Nederland"}
LEAST: dict[str, dict[str, Any]] = {
    "accounts": {"statuses": [{"company_type": "Customer", "status": "customer"}]},
    "companies": {"company_types": [{"status": "customer", "company_type": "Customer"}]},
}
"""The least there must be."""


def settings(area: str, **changes: Any) -> Settings:
    """Return compiled settings: the least there must be of an area, with changes."""
    return load({area: {**LEAST[area], **changes}})


def company(**changes: Any) -> dict[str, Any]:
    """Return a row of ``expanded_companies``."""
    return {
        "id": 29683001,
        "companyName": "Voorbeeld BV",
        "companyNumber": "D10042",
        "companyType": 1,
        "isActive": True,
        "phone": "020 555 01 00",
        "address1": "Keizersgracht 100",
        "postalCode": "1015 AA",
        "city": "Amsterdam",
        "countryID": 144,
        "country": NETHERLANDS,
        "userDefinedFields": [],
        "tenant": "123456",
        **changes,
    }


def account(**changes: Any) -> dict[str, Any]:
    """Return a row of ``expanded_accounts``."""
    return {
        "ID": "5c9e2f3a-0b1d-4a57-9f6e-2d8b3c4a5e6f",
        "Code": "D10042",
        "Name": "Voorbeeld BV",
        "Status": "C",
        "Blocked": False,
        "Phone": "020 555 01 00",
        "Country": "NL",
        "AddressLine1": "Keizersgracht 100",
        "City": "Amsterdam",
        "Division": 1234567,
        **changes,
    }


def to_exact(record: dict[str, Any] | None = None, **changes: Any) -> Account:
    """Return the account made of a company by the least settings, with changes."""
    compiled = settings("accounts", **changes).accounts
    assert compiled is not None
    return accounts.document(company() if record is None else record, compiled)


def to_autotask(record: dict[str, Any] | None = None, **changes: Any) -> Company:
    """Return the company made of an account by the least settings, with changes."""
    compiled = settings("companies", **changes).companies
    assert compiled is not None
    return companies.document(account() if record is None else record, compiled)


def problems(document: Account | Company) -> dict[str, str]:
    """Return the problems of a document: field to message."""
    return {problem.field: problem.message for problem in document.problems}
