"""What is sent of an account: pure functions from what changes to columns. Empty means null, which empties a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_exact_online import odata
from target_exact_online.parties.columns import (
    ADDRESS,
    CUSTOMER,
    NONE,
    PERSON,
    PROSPECT,
    TEXTS,
    Row,
    roles,
    text,
    trading,
)
from target_exact_online.parties.reading import person
from transfer_ledger import texts
from transfer_ledger.merge import alike

if TYPE_CHECKING:
    from collections.abc import Mapping

SEVERAL_LINES = frozenset({"Remarks"})
CAPITALS = frozenset({"Country", "Language"})
UDF_FIELD = "udf."


def changed_columns(changes: Mapping[str, Any], row: Row) -> Row:
    """Return the columns of an account that changes give another value, without classification and main contact.

    Args:
        changes: Field to value, as ``transfer_ledger.merge`` has them.
        row: The account as it is; empty for a new one.
    """
    columns = role_columns(changes.get("status") or (), row)
    own = TEXTS | trading(roles(row | columns))
    wanted: Row = {own[field]: value for field, value in changes.items() if field in own}
    address = changes.get("address") or {}
    wanted |= {column: address.get(part) for part, column in ADDRESS.items() if "address" in changes}
    wanted |= {field.removeprefix(UDF_FIELD): value for field, value in changes.items() if field.startswith(UDF_FIELD)}
    found = {column: _sent(column, value) for column, value in wanted.items()}
    columns |= {column: value for column, value in found.items() if value != text(row.get(column))}
    if changes.get("code") and changes["code"].strip() != text(row.get("Code")):
        columns["Code"] = odata.account_code(changes["code"])
    if "active" in changes and bool(row.get("Blocked")) is bool(changes["active"]):
        columns["Blocked"] = not changes["active"]
    return columns


def role_columns(status: Any, row: Mapping[str, Any]) -> Row:
    """Return what makes an account what a document says it is: roles are added, and none is taken away.

    A supplier stays one, since purchases may be booked on it, and a customer is not made a prospect again.
    """
    columns: Row = {}
    if "customer" in status and row.get("Status") != CUSTOMER:
        columns["Status"] = CUSTOMER
    elif "prospect" in status and row.get("Status") in (None, NONE):
        columns["Status"] = PROSPECT
    if "supplier" in status and not row.get("IsSupplier"):
        columns["IsSupplier"] = True
    return columns


def new_account(told: Mapping[str, Any]) -> Row:
    """Return the account to be created; its contact and bank account are rows of their own.

    Args:
        told: All that the document says, as ``transfer_ledger.merge.told`` has it.
    """
    columns: Row = {"Status": NONE} | changed_columns(told, {})
    return {column: value for column, value in columns.items() if value is not None and value is not False}


def contact_columns(wanted: Mapping[str, Any], row: Row) -> Row:
    """Return the columns of a contact that are to change; ``row`` is empty for a new one.

    E-mail address and phone number go where the contact has them now, in the business ones or the others.
    """
    now, columns = person(row), Row()
    for part, column in PERSON.items():
        value = texts.one_line(wanted.get(part)) or None
        if not alike(part, value, now[part]):
            columns[_place(column, row)] = value
    if "LastName" in columns and row.get("MiddleName"):
        columns["MiddleName"] = None
    for column in ("Email", "Phone"):
        business = f"Business{column}"
        if business in columns and columns[business] is None and row.get(column):
            columns[column] = None
    return columns


def same_person(wanted: Mapping[str, Any], row: Row, *, wholly: bool) -> bool:
    """Whether a contact is the person that a document names, by both names or by one of them."""
    now = person(row)
    names = ("first_name", "last_name")
    equal = {name for name in names if alike(name, wanted.get(name), now[name])}
    if wholly:
        return equal == set(names)
    return any(now[name] for name in equal) or not any(now[name] for name in names)


def _place(column: str, row: Row) -> str:
    business = f"Business{column}"
    return business if row.get(business) else column


def _sent(column: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if column in CAPITALS:
        value = value.upper()
    return (texts.text(value) if column in SEVERAL_LINES else texts.one_line(value)) or None
