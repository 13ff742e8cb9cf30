"""Which property of Globe's Account holds which field of a document.

Names and lengths are those of the PU415 entity reference (omniboost/go-exactglobe-webservices); the mailing address is
taken for the visiting address, which the reference does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_exact_globe.answers import trimmed
from transfer_ledger import texts
from transfer_ledger.parties.held import Held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_globe.answers import Row

ENTITY = "Account"
TEXTS = {
    "name": "AccountName",
    "vat_number": "VATNumber",
    "chamber_of_commerce": "ChamberofCommerceNumber",
    "phone": "PhoneNumber",
    "email": "EmailAddress",
    "website": "WebAddress",
    "language": "ContactLanguage",
    "payment_condition": "PaymentCondition",
    "currency": "CurrencyCode",
    "classification": "ClassificationID",
    "bank_account": "BankAccount",
}
ADDRESS = {
    "line1": "MailingAddress1",
    "line2": "MailingAddress2",
    "postcode": "MailingPostcode",
    "city": "MailingCity",
    "state": "MailingState",
    "country": "MailingCountry",
}
INVOICE_ADDRESS = {
    "MailingAddress1": "InvoiceAddress",
    "MailingAddress2": "InvoiceAddress2",
    "MailingPostcode": "InvoiceAddressPostCode",
    "MailingCity": "InvoiceCity",
    "MailingState": "InvoiceState",
    "MailingCountry": "InvoiceCountry",
}
"""The invoice address follows the visiting address as long as both are the same."""
CONTACT = {
    "first_name": "ContactFirstName",
    "last_name": "ContactLastName",
    "email": "ContactEmail",
    "phone": "ContactPhoneNumber",
}
UDF_FIELD = "udf."
FREE_TEXTS = tuple(f"TextFreeField{number}" for number in range(1, 31))
"""What ``udf.<name>`` may name."""
IN_FILES = FREE_TEXTS[:5]
"""Those that an eExact file can carry."""
CUSTOMER, SUPPLIER, PROSPECT, NONE = "C", "S", "P", "N"
ACTIVE, BLOCKED = "A", "B"
"""Types and statuses of an account (eExact schema, Account/@type and @status)."""
SIDES = {"customer": "Debtor", "supplier": "Creditor"}
CODE_LENGTH, NUMBER_LENGTH, CONTACT_NAME = 20, 6, 50

COLUMNS = (
    *("ID", "AccountCode", "CustomerType", "CustomerStatus", "Blocked"),
    *("DebtorCode", "DebtorNumber", "CreditorCode", "CreditorNumber"),
    *TEXTS.values(),
    *ADDRESS.values(),
    *INVOICE_ADDRESS.values(),
    *CONTACT.values(),
    *IN_FILES,
)
"""What is read of every account."""


def text(value: Any) -> str | None:
    """Return a property as documents have it: None when it is empty."""
    return trimmed(value) or None


def roles(row: Mapping[str, Any]) -> list[str]:
    """Return what an account is for the user's firm."""
    kind = row.get("CustomerType")
    found = {
        "customer": kind == CUSTOMER or text(row.get("DebtorNumber")),
        "supplier": kind == SUPPLIER or text(row.get("CreditorNumber")),
        "prospect": kind == PROSPECT,
    }
    return [role for role, holds in found.items() if holds]


def is_active(row: Mapping[str, Any]) -> bool:
    """Return whether an account may be used."""
    return row.get("CustomerStatus") != BLOCKED and not row.get("Blocked")


def nameless(name: Any) -> str:
    """Return the last name of a contact of whom no name is known: that of the account."""
    return texts.short(text(name), CONTACT_NAME)[0]


def is_nameless(row: Mapping[str, Any]) -> bool:
    """Whether the contact of an account is nobody, so that it bears the account's name."""
    last = text(row.get(CONTACT["last_name"]))
    return text(row.get(CONTACT["first_name"])) is None and last == nameless(row.get("AccountName"))


def party(row: Row) -> Held:
    """Return an account as the ledger compares it."""
    contact = {part: text(row.get(column)) for part, column in CONTACT.items()}
    if is_nameless(row):
        contact["last_name"] = None
    values: dict[str, Any] = {field: text(row.get(column)) for field, column in TEXTS.items()}
    values |= {f"{UDF_FIELD}{name}": text(row[name]) for name in FREE_TEXTS if name in row}
    values |= {
        "code": text(row.get("AccountCode")),
        "status": roles(row),
        "address": {part: text(row.get(column)) for part, column in ADDRESS.items()},
        "contact": contact,
        "active": is_active(row),
    }
    return Held(id=str(row["ID"]), code=values["code"], name=values["name"], values=values, extra=dict(row))
