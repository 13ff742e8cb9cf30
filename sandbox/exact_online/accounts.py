"""crm: accounts and what hangs from them, contacts, addresses, bank accounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.exact_online import checks
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.errors import Invalid

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

ACCOUNTS, CONTACTS = resource("crm/Accounts"), resource("crm/Contacts")
ADDRESSES, BANK_ACCOUNTS = resource("crm/Addresses"), resource("crm/BankAccounts")
STATUSES = {"A", "S", "P", "C"}
DUTCH_VAT_NUMBER = re.compile(r"NL\d{9}B\d{2}")
CURRENCIES = ("PurchaseCurrency", "SalesCurrency")
USED_BY = (
    ("SalesEntries", "Customer"),
    ("SalesInvoices", "InvoiceTo"),
    ("SalesInvoices", "OrderedBy"),
    ("SalesOrders", "InvoiceTo"),
    ("SalesOrders", "OrderedBy"),
)
SAME_ADDRESS = ("Account", "AddressLine1", "City", "Country", "Postcode", "Type")


def create(division: Division, values: Values) -> Row:
    """Create an account; without a code it gets the highest number plus one (basvanbeek.nl/exact-online-tips).

    Raises:
        Invalid: Its name is missing, its code is taken, or a value is wrong.
    """
    values = {name: value for name, value in values.items() if value not in (None, "") and not isinstance(value, list)}
    checks.refuse(checks.missing(values, ["Name"]) + _problems(division, values))
    code = values.get("Code") or f"{division.next_number('Accounts'):>18}"
    note_code(division, code)
    row = {"Status": "A", "IsSupplier": False, **_currencies(division, values), "Code": code}
    return division.tables["Accounts"].put({"ID": division.new_id(), **row})


def note_code(division: Division, code: str) -> None:
    """Remember a numeric code, so that the next free one is higher."""
    if code.strip().isdecimal():
        division.use_number("Accounts", int(code))


def _problems(division: Division, values: Values, own: str | None = None) -> list[Problem]:
    problems = checks.references(division, ACCOUNTS, values)
    if "Status" in values and values["Status"] not in STATUSES:
        problems.append(("invalid", "Status"))
    taken = division.find("Accounts", "Code", values["Code"]) if values.get("Code") else None
    if taken is not None and taken["ID"] != own:
        problems.append(("exists", ""))
    return problems + _format_problems(division, values)


def _format_problems(division: Division, values: Values) -> list[Problem]:
    """Check what has a form of its own. That Exact checks these, and how strictly, is inferred."""
    problems: list[Problem] = []
    email, vat_number = values.get("Email") or "", values.get("VATNumber") or ""
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        problems.append(("invalid", "Email"))
    dutch = (values.get("Country") or "NL ").strip() == "NL" and vat_number.startswith("NL")
    if division.switches.validate_vat_numbers and dutch and not DUTCH_VAT_NUMBER.fullmatch(vat_number):
        problems.append(("invalid", "VATNumber"))
    return problems


def _currencies(division: Division, values: Values) -> Values:
    """Empty currencies that are not in use (Exact REST docs, Accounts.SalesCurrency)."""
    unknown = [name for name in CURRENCIES if name in values and values[name] not in division.tables["Currencies"]]
    return {name: value for name, value in values.items() if name not in unknown}


def change(division: Division, row: Row, values: Values) -> None:
    """Change an account.

    Raises:
        Invalid: Its code is taken, or a value is wrong.
    """
    wanted = {name: value for name, value in values.items() if not isinstance(value, list)}
    problems = checks.missing(wanted, [name for name in ("Name", "Code", "Status") if name in wanted])
    checks.refuse(problems + _problems(division, wanted, own=row["ID"]))
    division.tables["Accounts"].put({"ID": row["ID"], **_currencies(division, wanted)})


def remove(division: Division, row: Row) -> None:
    """Remove an account that nothing refers to.

    Raises:
        Invalid: It is used.
    """
    if any(division.find(table, column, row["ID"]) is not None for table, column in USED_BY):
        raise Invalid([("in_use", "Account")])
    division.delete("Accounts", row["ID"])


def create_contact(division: Division, values: Values) -> Row:
    """Create a contact.

    Raises:
        Invalid: Its account or name is missing, or a value is wrong.
    """
    problems = checks.missing(values, ["Account", "FirstName", "LastName"])
    checks.refuse(problems + checks.references(division, CONTACTS, values))
    number = values.get("HID") or division.next_number("Contacts")
    return division.tables["Contacts"].put({**values, "ID": division.new_id(), "HID": number})


def create_address(division: Division, values: Values) -> Row:
    """Create an address; one that the account has already is returned instead (Exact REST docs, crm/Addresses).

    Raises:
        Invalid: A value is wrong.
    """
    checks.refuse(checks.missing(values, ["Account"]) + checks.references(division, ADDRESSES, values))
    for row in division.tables["Addresses"].find("Account", [values["Account"]]):
        if all(row.get(name) == values.get(name) for name in SAME_ADDRESS):
            return row
    return division.tables["Addresses"].put({**values, "ID": division.new_id()})


def create_bank_account(division: Division, values: Values) -> Row:
    """Create a bank account; the first of an account is its main one.

    Raises:
        Invalid: Its account or number is missing, or a value is wrong.
    """
    problems = checks.missing(values, ["Account", "BankAccount"])
    checks.refuse(problems + checks.references(division, BANK_ACCOUNTS, values))
    first = not division.tables["BankAccounts"].find("Account", [values["Account"]])
    return division.tables["BankAccounts"].put({"Main": first, **values, "ID": division.new_id()})
