"""Companies as accounts for these tests, and what Exact holds of them afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_ledger.documents import Account, Address, Contact, Source
from transfer_ledger.ledger import Ledger, Link

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office

TENANT = "1"
FIELDS = (
    *("code", "name", "status", "vat_number", "chamber_of_commerce", "phone", "email", "website", "language"),
    *("payment_condition", "currency", "address", "contact", "bank_account", "classification", "active"),
)


def company(number: int = 1, **changes: Any) -> Account:
    """Return a customer D00001 with all particulars, which is created where nobody is linked."""
    fields: dict[str, Any] = {
        "source": Source(system="autotask", tenant=TENANT, stream="expanded_companies", id=str(number)),
        "code": f"D{number:05}",
        "name": f"{NAMES[number % len(NAMES)]} {number}",
        "status": ["customer"],
        "vat_number": "NL004495445B01",
        "chamber_of_commerce": f"{10_000_000 + number}",
        "phone": f"+3120555{number:04}",
        "email": f"info{number}@voorbeeld.example",
        "website": f"https://voorbeeld{number}.example",
        "language": "NL",
        "payment_condition": "30",
        "currency": "EUR",
        "address": Address(line1=f"Keizersgracht {number}", postcode="1015 AA", city="Amsterdam", country="NL"),
        "contact": Contact(first_name="Anna", last_name="de Vries", email="anna@voorbeeld.example", phone="0205550100"),
        "bank_account": "NL91ABNA0417164300",
        "classification": "NPO",
        "when_missing": "create",
    }
    fields |= changes
    udf = (f"udf.{name}" for name in fields.get("udf", ()))
    fields.setdefault("fields_won_by", dict.fromkeys((*FIELDS, *udf), "source"))
    return Account(**fields)


NAMES = ("Bakkerij De Korenaar", "Garage Van Vliet", "Tandarts Zonneschijn", "Notaris Oud Delft", "Kwekerij Nijenhuis")


def link(office: Office, document: Account, account_id: str) -> None:
    """Link a company with an account, as a person does."""
    ledger = Ledger.open(office.settings["ledger_url"])
    source = document.source
    ledger.save_link(
        "exact_online/1234567",
        Link(
            kind="accounts",
            source_system=source.system,
            source_tenant=source.tenant,
            source_id=source.id,
            receiver_id=account_id,
        ),
    )


def account(office: Office, code: str) -> dict[str, Any]:
    """Return the only account with a code."""
    (found,) = (row for row in office.held("Accounts") if (row["Code"] or "").strip() == code)
    return found


def belonging(office: Office, resource: str, account_id: str) -> list[dict[str, Any]]:
    """Return the contacts or bank accounts of an account."""
    return [row for row in office.held(resource) if row["Account"] == account_id]


def writes(office: Office) -> list[str]:
    """Return the writes since the last look, sign-in aside, without the keys of rows."""
    calls = (call for call in office.calls() if not call.startswith("GET") and "oauth2" not in call)
    return [call.partition("(")[0] for call in calls]
