"""Autotask's companies become accounts of Exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.facts import Facts
from mapper_autotask_exact.parties.assembly import assembled, own_words
from mapper_autotask_exact.parties.case import Case
from mapper_autotask_exact.parties.facts import COMPANY_FACTS, country_names
from mapper_autotask_exact.parties.schema import NOTHING
from mapper_autotask_exact.sources import source, text_of
from transfer_ledger.documents import Account, Address, Contact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.case import Lookup
    from mapper_autotask_exact.parties.settings import PartySettings
    from transfer_ledger.documents import Problem

STREAM = "expanded_companies"
LONGEST = {"code": 18}
"""Accounts.Code is 18 wide in Exact (picqer/exact-php-client PR 129)."""

OWN = "it is your own organisation, which Autotask keeps as company 0"

_COMPANY = {"line1": "address1", "line2": "address2", "postcode": "postalCode", "city": "city", "state": "state"}
_BILL_TO = {
    "line1": "billingAddress1",
    "line2": "billingAddress2",
    "postcode": "billToZipCode",
    "city": "billToCity",
    "state": "billToState",
}


def document(record: dict[str, Any], settings: PartySettings, lookups: list[Lookup] | None = None) -> Account:
    """Map one record.

    Args:
        record: A row of ``expanded_companies``.
        settings: Compiled settings under ``accounts``.
        lookups: Takes every look into a table, for those who want to know why.

    Returns:
        The document; what could not be mapped stands in its ``problems``, all of it.
    """
    case = Case(
        settings, record, known=COMPANY_FACTS, scope=record | {"company": record}, country=_country(record),
        lookups=lookups,
    )  # fmt: skip
    status = case.kind()
    active = record.get("isActive") is not False
    made = assembled(
        case,
        Account,
        source=case.source(STREAM, "autotask", record.get("tenant"), record["id"]),
        address=case.with_country(_address(case)),
        contact=case.checked_contact(_contact(record)) if settings.contact else Contact(),
        active=active,
        skip=OWN if record["id"] == 0 else case.skipped(status, active=active),
    )
    made.status = _statuses(status)
    made.own = own_words(made, _held(record))
    case.too_long({"code": made.code}, LONGEST, "Exact")
    made.problems = [] if made.skip else case.problems
    return made


def unmapped(record: dict[str, Any], problem: Problem) -> Account:
    """Return the document of a record that could not be mapped at all; it carries the reason and nothing else."""
    found = source(record, STREAM, "autotask", record.get("tenant"), record["id"])
    return Account(source=found, problems=[problem])


def _statuses(given: Any) -> list[Any]:
    if given is None or given == NOTHING:
        return []
    return list(given) if isinstance(given, list) else [given]


def _country(record: Mapping[str, Any]) -> str | None:
    return text_of((record.get("country") or {}).get("countryCode"))


def _address(case: Case) -> Address:
    """Return the address that the settings choose, or that of the company where it is empty."""
    record = case.record
    chosen = case.chosen("address", case.settings.address, "company")
    if chosen == "bill_to":
        country = (record.get("bill_to") or {}).get("country") or _country_of(record, record.get("billToCountryID"))
        found = _read(record, _BILL_TO)
    else:
        row = record if chosen == "company" else record.get("primary_location") or {}
        country = row.get("country") or _country_of(record, row.get("countryID"))
        found = _read(row, _COMPANY)
    if not (found.line1 or found.postcode or found.city):
        found, country = _read(record, _COMPANY), record.get("country")
    found.country = _country_code(case, country)
    return found


def _read(row: Mapping[str, Any], fields: Mapping[str, str]) -> Address:
    return Address(**{name: text_of(row.get(field)) for name, field in fields.items()})


def _country_code(case: Case, row: Any) -> str | None:
    """Return the code of a Countries row: by the table, else its own."""
    table = case.settings.countries
    if table is not None and row:
        facts = Facts(case.record, known=COMPANY_FACTS)
        facts |= {"country": country_names(row), "company_in": case.facts["company_in"]}
        found = case.look("address.country", table, facts)
        if found:
            return str(found.result["code"])
    return text_of((row or {}).get("countryCode"))


def _country_of(record: Mapping[str, Any], key: Any) -> Any:
    """Return the Countries row with this id, where one of the record's rows brought it along."""
    rows = [record, record.get("parent") or {}, record.get("primary_location") or {}, *(record.get("locations") or ())]
    return next((row["country"] for row in rows if row.get("country") and row.get("countryID") == key), None)


def _held(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Autotask holds of a company, by the fields of a document for Autotask."""
    labels = record.get("labels") or {}
    known = COMPANY_FACTS["company_type"].read(record)
    address = _read(record, _COMPANY)
    address.country = _country(record)
    return {
        "status": next(iter(known), None),
        "name": text_of(record.get("companyName")) or "",
        "code": text_of(record.get("companyNumber")),
        "vat_number": text_of(record.get("taxID")),
        "phone": text_of(record.get("phone")),
        "website": text_of(record.get("webAddress")),
        "payment_condition": text_of((record.get("invoice_template") or {}).get("name")),
        "currency": text_of((record.get("currency") or {}).get("name")),
        "classification": text_of(labels.get("classification")),
        "address": address,
        "contact": _contact(record),
    }


def _contact(record: Mapping[str, Any]) -> Contact:
    person = record.get("main_contact") or {}
    return Contact(
        first_name=text_of(person.get("firstName")),
        last_name=text_of(person.get("lastName")),
        email=text_of(person.get("emailAddress")),
        phone=text_of(person.get("phone")),
    )
