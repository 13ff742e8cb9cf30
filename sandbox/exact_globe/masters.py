"""Accounts and other entities that are a row by themselves: create, merge, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.exact_globe.errors import Fault, exists, invalid
from sandbox.exact_globe.references import check_mandatory, check_references
from sandbox.exact_globe.values import with_defaults

if TYPE_CHECKING:
    from sandbox.exact_globe.catalogue import Entity
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

REQUIRED: dict[str, tuple[str, ...]] = {
    "Account": ("AccountCode", "AccountName", "InvoiceCountry"),
    "Address": ("Account", "Country"),
    "BankAccount": ("BankAccountNumber",),
    "ContactPerson": ("AccountID", "LastName"),
    "Country": ("Code",),
    "GeneralLedgerAccount": ("GeneralLedgerCode",),
    "Item": ("ItemCode", "Description0"),
    "PaymentCondition": ("PaymentConditionCode",),
    "Resource": ("ID", "LastName"),
    "VAT": ("VATCode",),
}
"""What clients in use send at least of what is flagged mandatory, beside what has a default
(omniboost/go-exactglobe-webservices, account_create.go; jovana/exact-globe-api); of ledger codes and the like the code
itself. Of other entities: the key."""

ACCOUNT_TYPES = frozenset("ABCDELNPRST")
ACCOUNT_STATUSES = frozenset("ABENPRS")
"""tim-online/go-exactglobe, eExact-Schema.xsd, Account/@type and @status."""
NUMBERS_OF_TYPES = {"C": "DebtorNumber", "S": "CreditorNumber"}
FIRST_FREE = 900001
"""Where numbers begin that Globe gives itself, since a code does not fit (*inferred*)."""
UNIQUE = ("AccountCode", "DebtorCode", "DebtorNumber", "CreditorCode", "CreditorNumber")
"""*Inferred*: that a code which another account has is refused."""


def create(company: Company, entity: Entity, values: Row) -> Row:
    """Store a new row.

    Raises:
        Fault: It is refused.
    """
    row = with_defaults(values, entity, company)
    required = REQUIRED.get(entity.path, () if entity.columns[entity.key].numbered else (entity.key,))
    if company.switches.flagged_mandatory:
        required = (*required, *(column.name for column in entity.columns.values() if _is_asked_for(column, entity)))
    check_mandatory(row, required)
    row[entity.key] = _key(company, entity, row)
    if row[entity.key] in company.tables[entity.path]:
        raise exists(entity.key, row[entity.key])
    check_references(company, row)
    if entity.path == "Account":
        row = _account(company, row, None)
    return company.tables[entity.path].put(row)


def merge(company: Company, entity: Entity, old: Row, changes: Row) -> Row:
    """Change a row; what is not sent stays.

    Raises:
        Fault: It is refused.
    """
    key = old[entity.key]
    if changes.get(entity.key, key) != key:
        raise invalid(entity.key, changes[entity.key])
    row = old | changes
    check_mandatory(row, REQUIRED.get(entity.path, ()))
    check_references(company, changes)
    if entity.path == "Account":
        row = _account(company, row, key)
    return company.tables[entity.path].put(row)


def delete(company: Company, entity: Entity, row: Row) -> None:
    """Remove a row.

    Raises:
        Fault: Something refers to it.
    """
    if entity.path == "Account" and _is_used(company, row):
        raise Fault(f"In use: {entity.path} ({row['AccountCode'].strip()})", "ID")
    company.tables[entity.path].delete(row[entity.key])


def _is_asked_for(column: Any, entity: Entity) -> bool:
    return column.mandatory and column.default is None and column.name != entity.key and column.type != "Guid"


def _key(company: Company, entity: Entity, row: Row) -> Any:
    """Return the key of a new row: as sent, or made by Globe."""
    column = entity.columns[entity.key]
    if column.type == "Guid":
        return row.get(entity.key) or company.new_guid()
    return company.next_number(entity.path) if column.numbered else row[entity.key]


def _account(company: Company, row: Row, key: str | None) -> Row:
    """Check an account and complete it.

    A debtor code without a number gets the number, and the other way round (tim-online/go-exactglobe,
    eExact-Schema.xsd: "If code is filled, then number can be left empty").
    """
    if row["CustomerType"] not in ACCOUNT_TYPES:
        raise invalid("CustomerType", row["CustomerType"])
    if row["CustomerStatus"] not in ACCOUNT_STATUSES:
        raise invalid("CustomerStatus", row["CustomerStatus"])
    for side in ("Debtor", "Creditor"):
        row = _numbered(company, row, f"{side}Code", f"{side}Number")
    for name in UNIQUE:
        if row.get(name) is not None:
            _check_unique(company, name, row[name], key)
    return row


def _numbered(company: Company, row: Row, code: str, number: str) -> Row:
    """Return an account whose debtor, or creditor, has both code and number."""
    given = next((row[name].strip() for name in (number, code) if row.get(name)), None)
    if given is None and NUMBERS_OF_TYPES.get(row["CustomerType"]) == number:
        given = row["AccountCode"].strip()
    if given is None:
        return row
    width = company.entities["Account"].columns[number].length or 0
    short = given if len(given) <= width else str(company.next_number(number, FIRST_FREE))
    own = {code: company.padded("Account", code, given), number: company.padded("Account", number, short)}
    return row | {name: value for name, value in own.items() if row.get(name) is None}


def _check_unique(company: Company, name: str, value: str, key: str | None) -> None:
    if company.switches.digits_only and not value.strip().isdecimal():
        raise invalid(name, value)
    if any(other["ID"] != key for other in company.tables["Account"].find(name, [value])):
        raise exists(name, value)


def _is_used(company: Company, account: Row) -> bool:
    sales = company.tables["SalesOrderHeader"].count("OrderDebtor", [account.get("DebtorNumber")])
    return bool(sales + company.tables["PurchaseOrderHeader"].count("OrderedAt", [account.get("CreditorNumber")]))
