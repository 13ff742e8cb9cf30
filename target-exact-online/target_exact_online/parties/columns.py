"""Which column of Exact Online holds which field of an account.

Columns and what they mean: Exact REST docs, crm/Accounts, crm/Contacts, crm/BankAccounts. Lengths: data model in the
Invantive documentation; what Exact does with longer texts is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tap_exact_online import odata
from target_exact_online.master_data import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]

TEXTS = {
    "name": "Name",
    "vat_number": "VATNumber",
    "chamber_of_commerce": "ChamberOfCommerce",
    "phone": "Phone",
    "email": "Email",
    "website": "Website",
    "language": "Language",
}
"""Field to the column that holds the same text."""
ADDRESS = {
    "line1": "AddressLine1",
    "line2": "AddressLine2",
    "postcode": "Postcode",
    "city": "City",
    "state": "State",
    "country": "Country",
}
"""Part of the visiting address to its column; Exact keeps the main row of crm/Addresses in step with these."""
SALES = {"payment_condition": "PaymentConditionSales", "currency": "SalesCurrency"}
PURCHASES = {"payment_condition": "PaymentConditionPurchase", "currency": "PurchaseCurrency"}
"""Field to its column, of a customer or prospect and of who is a supplier only."""
UDF = (
    "AddressLine3",
    "CodeAtSupplier",
    "EORINumber",
    "Fax",
    "GlnNumber",
    "OINNumber",
    "PeppolIdentifier",
    "PhoneExtension",
    "PurchaseVATCode",
    "Remarks",
    "RSIN",
    "SalesVATCode",
    "SearchCode",
    "TradeName",
    "VATLiability",
)
"""Accounts have no free fields, so ``udf`` fills columns that no field of a document stands for."""

PERSON = {"first_name": "FirstName", "last_name": "LastName", "email": "Email", "phone": "Phone"}
"""Part of the main contact to its column, of a new one."""
FIELDS = {
    **{column: field for field, column in TEXTS.items()},
    **{column: field for columns in (SALES, PURCHASES) for field, column in columns.items()},
    **{column: f"address.{part}" for part, column in ADDRESS.items()},
    **{column: f"udf.{column}" for column in UDF},
    "Code": "code",
}
"""Column of an account to the field that fills it."""

CLASSES = tuple(f"Classification{number}" for number in range(1, 9))
CUSTOMER, SUSPECT, PROSPECT, NONE = "C", "S", "P", "A"
"""Status of an account (Exact REST docs, Accounts)."""
ROLES = {CUSTOMER: "customer", SUSPECT: "prospect", PROSPECT: "prospect"}
"""What a status means in a document."""

LENGTHS = {
    "Name": 50,
    "Code": odata.ACCOUNT_CODE_WIDTH,
    "AddressLine1": 80,
    "AddressLine2": 80,
    "AddressLine3": 80,
    "Postcode": 20,
    "City": 40,
    "State": 40,
    "VATNumber": 20,
    "ChamberOfCommerce": 40,
    "Email": 100,
    "Phone": 17,
    "PhoneExtension": 10,
    "Fax": 17,
    "SearchCode": 30,
    "Website": 200,
    "FirstName": 40,
    "LastName": 40,
}
"""Longest texts; those of persons and accounts are the same where both have the column."""

ACCOUNTS = Resource(
    "PartyAccounts",
    "sync/CRM/Accounts",
    (
        *TEXTS.values(),
        *ADDRESS.values(),
        *SALES.values(),
        *PURCHASES.values(),
        *("Status", "IsSupplier", "Blocked", "MainContact"),
        *CLASSES,
        *UDF,
    ),
    "account",
    changes=True,
    deletions=True,
)
CONTACTS = Resource(
    "Contacts",
    "sync/CRM/Contacts",
    ("FirstName", "MiddleName", "LastName", "BusinessEmail", "Email", "BusinessPhone", "Phone"),
    "contact",
    changes=True,
    code="Account",
)
BANK_ACCOUNTS = Resource(
    "BankAccounts",
    "crm/BankAccounts",
    ("BankAccount", "Main"),
    "bank account",
    dated=True,
    code="Account",
    where=f"ID gt {odata.literal(UUID(int=0))}",
)


def text(value: Any) -> str | None:
    """Return a text of Exact without its padding; None for an empty one."""
    return odata.trimmed(value) or None


def trading(status: Any) -> dict[str, str]:
    """Return the columns of payment condition and currency: those of sales unless it is a supplier only."""
    return PURCHASES if list(status or ()) == ["supplier"] else SALES


def roles(row: Mapping[str, Any]) -> list[str]:
    """Return what an account is: customer or prospect, and supplier."""
    role = ROLES.get(row.get("Status") or NONE)
    return [*([role] if role else []), *(["supplier"] if row.get("IsSupplier") else [])]
