"""crm: accounts and what hangs from them, contacts, addresses, bank accounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stdnum.eu import vat

from sandbox.exact_online import checks, masters
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
VAT_NUMBERS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"\d{9}|\d{12}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
}
"""The form of VAT numbers behind the country's code (European Commission, VIES: frequently asked questions)."""
CLASSIFICATIONS = {f"Classification{number}": number for number in range(1, 9)}
CURRENCIES = ("PurchaseCurrency", "SalesCurrency")
USED_BY = (
    ("PurchaseOrders", "Supplier"),
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
    known = (division.tables["Accounts"].get(own) if own else None) or {}
    problems += _email_problems(values) + _classification_problems(division, values)
    return problems + _vat_number_problems(division, known.get("Country"), values)


def _vat_number_problems(division: Division, country: str | None, values: Values) -> list[Problem]:
    """Check a VAT number against its country. That Exact checks these, and how strictly, is inferred."""
    number = values.get("VATNumber") or ""
    code = (values.get("Country") or country or "NL").strip()
    wrong = number.startswith(code) and not _is_vat_number(division, code, number)
    return [("invalid", "VATNumber")] if wrong else []


def _email_problems(values: Values) -> list[Problem]:
    """Check an e-mail address; that Exact does so is inferred."""
    email: Any = values.get("Email") or ""
    return [] if not email or re.fullmatch(r"[^@\s]+@[^@\s]+", email) else [("invalid", "Email")]


def _is_vat_number(division: Division, country: str, number: str) -> bool:
    strict = division.switches.validate_vat_numbers
    if not strict or country not in VAT_NUMBERS:
        return True
    fits = re.fullmatch(VAT_NUMBERS[country], number.removeprefix(country)) is not None
    return fits and (strict != "digits" or bool(vat.is_valid(number)))


def _classification_problems(division: Division, values: Values) -> list[Problem]:
    """Check that every class is one of the name with the column's number (inferred)."""
    if not division.switches.classification_places:
        return []
    problems: list[Problem] = []
    for name, number in CLASSIFICATIONS.items():
        row = division.relations.row(name, values.get(name)) or {}
        of = division.relations.row("AccountClassificationName", row.get("AccountClassificationName"))
        if of is not None and of["SequenceNumber"] != number:
            problems.append(("invalid_reference", name))
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


def _unnamed(division: Division, values: Values) -> list[Problem]:
    """Return a problem for every name that a contact needs and has not."""
    lacking = checks.missing(values, ["FirstName", "LastName"])
    either = division.switches.contact_names == "either" and len(lacking) == 1
    return [] if either else lacking


def create_contact(division: Division, values: Values) -> Row:
    """Create a contact.

    Raises:
        Invalid: Its account or name is missing, or a value is wrong.
    """
    problems = checks.missing(values, ["Account"]) + _unnamed(division, values)
    checks.refuse(problems + checks.references(division, CONTACTS, values) + _email_problems(values))
    number = values.get("HID") or division.next_number("Contacts")
    first = not division.tables["Contacts"].find("Account", [values["Account"]])
    row = division.tables["Contacts"].put({**values, "ID": division.new_id(), "HID": number})
    if first and division.switches.first_contact_is_main:
        division.tables["Accounts"].put({"ID": values["Account"], "MainContact": row["ID"]})
    return row


def change_contact(division: Division, row: Row, values: Values) -> None:
    """Change a contact.

    Raises:
        Invalid: It would lose its account or name, or a value is wrong.
    """
    problems = checks.missing(row | values, ["Account"]) + _unnamed(division, row | values)
    checks.refuse(problems + _email_problems(values))
    masters.change(division, CONTACTS, row, values)


def remove_contact(division: Division, row: Row) -> None:
    """Remove a contact; an account of which it was the main one has none from then on (inferred)."""
    for account in division.tables["Accounts"].find("MainContact", [row["ID"]]):
        division.tables["Accounts"].put({"ID": account["ID"], "MainContact": None})
    division.delete("Contacts", row["ID"])


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
    row: Row = {"Main": first, **values, "ID": division.new_id()}
    _only_main(division, row)
    return division.tables["BankAccounts"].put(row)


def change_bank_account(division: Division, row: Row, values: Values) -> None:
    """Change a bank account.

    Raises:
        Invalid: It would lose its account or number, or a value is wrong.
    """
    checks.refuse(checks.missing(row | values, ["Account", "BankAccount"]))
    masters.change(division, BANK_ACCOUNTS, row, values)
    _only_main(division, row | values)


def _only_main(division: Division, row: Row) -> None:
    """Leave an account one main bank account, the last that became it (inferred)."""
    for other in division.tables["BankAccounts"].find("Account", [row["Account"]] if row.get("Main") else []):
        if other["ID"] != row["ID"] and other.get("Main"):
            division.tables["BankAccounts"].put({"ID": other["ID"], "Main": False})
