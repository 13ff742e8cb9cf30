"""What a company of Autotask is called in documents, and back: pure functions over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from target_autotask.rows import UDFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_autotask.client import Row

TEXTS = {
    "name": "companyName",
    "code": "companyNumber",
    "vat_number": "taxID",
    "phone": "phone",
    "website": "webAddress",
}
"""Field of a document to field of Companies, where both hold the same text."""
PICKLISTS = {"company_type": "companyType", "classification": "classification"}
"""Field of a document to the picklist whose label it is."""


class Reference(NamedTuple):
    """A field of Companies that holds the id of a row, which documents call by one of its columns."""

    field: str
    entity: str
    column: str
    what: str


REFERENCES = {
    "payment_condition": Reference("invoiceTemplateID", "InvoiceTemplates", "name", "invoice template"),
    "currency": Reference("currencyID", "Currencies", "name", "currency"),
}
COUNTRY = Reference("countryID", "Countries", "countryCode", "country")
ADDRESS = {"line1": "address1", "line2": "address2", "postcode": "postalCode", "city": "city", "state": "state"}
CONTACT = {"first_name": "firstName", "last_name": "lastName", "email": "emailAddress", "phone": "phone"}

COMPANY_COLUMNS = (
    *("id", "isActive", *TEXTS.values(), *PICKLISTS.values(), *ADDRESS.values()),
    *(reference.field for reference in (*REFERENCES.values(), COUNTRY)),
    UDFS,
)
CONTACT_COLUMNS = ("id", "companyID", "primaryContact", *CONTACT.values())


class Names(Protocol):
    """Knows what ids and picklist values are called."""

    def label(self, field: str, value: Any) -> str | None:
        """Return the label of a picklist's value."""

    def name(self, reference: Reference, row_id: Any) -> str | None:
        """Return what documents call a row."""


def narrowed(row: Row, columns: Iterable[str]) -> Row:
    """Return some columns of a row; null where it has none."""
    return {column: row.get(column) for column in columns}


def values(company: Row, contact: Row | None, names: Names) -> dict[str, Any]:
    """Return what a company holds, by the fields of a document."""
    address = {part: company.get(field) or None for part, field in ADDRESS.items()}
    own = {each["name"]: each["value"] for each in company.get(UDFS) or ()}
    return {
        **{said: company.get(field) or None for said, field in TEXTS.items()},
        **{said: names.label(field, company.get(field)) for said, field in PICKLISTS.items()},
        **{said: names.name(reference, company.get(reference.field)) for said, reference in REFERENCES.items()},
        "address": {**address, "country": names.name(COUNTRY, company.get(COUNTRY.field))},
        "contact": {part: (contact or {}).get(field) or None for part, field in CONTACT.items()},
        "active": company.get("isActive") is not False,
        **{f"udf.{name}": value for name, value in own.items()},
    }


def record(changes: Mapping[str, Any], ids: Mapping[str, int | None]) -> dict[str, Any]:
    """Return the fields of Companies that changes of a document come to; the contact is written by itself.

    Args:
        changes: Field of the document to its new value.
        ids: Field of the document to the id of the row it names, ``country`` among them.
    """
    found: dict[str, Any] = {TEXTS[said]: value for said, value in changes.items() if said in TEXTS}
    found |= {PICKLISTS[said]: value for said, value in changes.items() if said in PICKLISTS}
    found |= {REFERENCES[said].field: ids[said] for said in changes if said in REFERENCES}
    if "address" in changes:
        address = changes["address"] or {}
        found |= {field: address.get(part) for part, field in ADDRESS.items()} | {COUNTRY.field: ids["country"]}
    if "active" in changes:
        found["isActive"] = changes["active"]
    own = [{"name": said.removeprefix("udf."), "value": value} for said, value in changes.items() if said[:4] == "udf."]
    return found | ({UDFS: own} if own else {})
