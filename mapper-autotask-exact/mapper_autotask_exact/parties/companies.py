"""Exact's accounts become companies of Autotask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.parties.assembly import assembled, own_words
from mapper_autotask_exact.parties.case import Case
from mapper_autotask_exact.parties.facts import ACCOUNT_FACTS, relations
from mapper_autotask_exact.parties.schema import NOTHING, STATUSES
from mapper_autotask_exact.sources import source, text_of
from transfer_ledger.documents import Address, Company, Contact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.case import Lookup
    from mapper_autotask_exact.parties.settings import PartySettings
    from transfer_ledger.documents import Problem, Source

STREAM = "expanded_accounts"
DELETED = "_sdc_deleted_at"
LONGEST = {
    "name": 100,
    "code": 50,
    "vat_number": 50,
    "phone": 25,
    "website": 255,
    "address.line1": 150,
    "address.line2": 150,
    "address.city": 30,
    "address.state": 40,
    "address.postcode": 10,
    "contact.first_name": 50,
    "contact.last_name": 50,
    "contact.email": 254,
    "contact.phone": 25,
}
"""Field to what Autotask takes (Autotask REST documentation, Companies and Contacts)."""
ADDRESS_TYPES = {"visit": 1, "postal": 2, "invoice": 3, "delivery": 4}
"""Addresses.Type (Exact Online REST documentation, crm/Addresses)."""


def document(record: dict[str, Any], settings: PartySettings, lookups: list[Lookup] | None = None) -> Company:
    """Map one record.

    Args:
        record: A row of ``expanded_accounts``.
        settings: Compiled settings under ``companies``.
        lookups: Takes every look into a table, for those who want to know why.

    Returns:
        The document; what could not be mapped stands in its ``problems``, all of it.
    """
    if record.get(DELETED):
        return _deleted(record)
    banks = record.get("bank_accounts") or ()
    scope = record | {"account": record, "bank_account": next(iter(banks), None)}
    case = Case(
        settings, record, known=ACCOUNT_FACTS, scope=scope, country=text_of(record.get("Country")), lookups=lookups
    )
    kind = case.kind()
    active = not record.get("Blocked")
    made = assembled(
        case,
        Company,
        source=case.source(STREAM, "exact_online", record.get("Division"), record["ID"]),
        status=[word for word in STATUSES if word in relations(record)],
        company_type=None if kind == NOTHING else kind,
        owner=case.chosen("owner", settings.owner, None),
        address=case.with_country(_address(case)),
        contact=case.checked_contact(_contact(record)) if settings.contact else Contact(),
        active=active,
        skip=case.skipped(kind, active=active),
    )
    made.own = own_words(made, _held(record))
    _check(case, made)
    made.problems = [] if made.skip else case.problems
    return made


def unmapped(record: dict[str, Any], problem: Problem) -> Company:
    """Return the document of a record that could not be mapped at all; it carries the reason and nothing else."""
    return Company(source=_source(record), problems=[problem])


def _deleted(record: dict[str, Any]) -> Company:
    return Company(source=_source(record), deleted=True, active=False, skip="it was deleted in Exact")


def _source(record: dict[str, Any]) -> Source:
    return source(record, STREAM, "exact_online", record.get("Division"), record["ID"])


def _address(case: Case) -> Address:
    """Return the address that the settings choose, or that of the account where it is empty."""
    chosen = case.chosen("address", case.settings.address, "account")
    of_type = (row for row in case.record.get("addresses") or () if row.get("Type") == ADDRESS_TYPES.get(chosen))
    found = _read(next(of_type, {}))
    return found if found.line1 or found.postcode or found.city else _read(case.record)


def _read(row: Mapping[str, Any]) -> Address:
    return Address(
        line1=text_of(row.get("AddressLine1")),
        line2=text_of(row.get("AddressLine2")),
        postcode=text_of(row.get("Postcode")),
        city=text_of(row.get("City")),
        state=text_of(row.get("State")),
        country=text_of(row.get("Country")),
    )


def _held(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Exact holds of an account, by the fields of a document for Exact."""
    first: Mapping[str, Any] = next(iter(record.get("classifications") or ()), {})
    return {
        "company_type": [word for word in STATUSES if word in relations(record)],
        "name": text_of(record.get("Name")) or "",
        "code": text_of(record.get("Code")),
        "vat_number": text_of(record.get("VATNumber")),
        "phone": text_of(record.get("Phone")),
        "website": text_of(record.get("Website")),
        "payment_condition": text_of((record.get("payment_condition_sales") or {}).get("Code")),
        "currency": text_of(record.get("SalesCurrency")),
        "classification": text_of(first.get("Code")),
        "address": _read(record),
        "contact": _contact(record),
    }


def _contact(record: Mapping[str, Any]) -> Contact:
    person = record.get("main_contact") or {}
    last = " ".join(filter(None, (text_of(person.get(name)) for name in ("MiddleName", "LastName"))))
    return Contact(
        first_name=text_of(person.get("FirstName")),
        last_name=last or None,
        email=text_of(person.get("BusinessEmail") or person.get("Email")),
        phone=text_of(person.get("BusinessPhone") or person.get("Phone")),
    )


def _check(case: Case, made: Company) -> None:
    """Note what Autotask would refuse."""
    if made.when_missing == "create" and not made.phone:
        case.problem(
            "phone",
            "",
            "Autotask takes no new company without a phone number; fill it in in Exact, or name a text to put there",
            case.setting("phone"),
        )
    parts = {"address": made.address, "contact": made.contact}
    values = {f"{part}.{name}": getattr(row, name) for part, row in parts.items() for name in row.__struct_fields__}
    values |= {name: getattr(made, name) for name in ("name", "code", "vat_number", "phone", "website")}
    case.too_long(values, LONGEST, "Autotask")
