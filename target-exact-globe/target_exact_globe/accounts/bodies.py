"""What is sent of an account: pure functions from what changes to properties. None empties a property."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_exact_globe.accounts.columns import (
    ACTIVE,
    ADDRESS,
    BLOCKED,
    CONTACT,
    CUSTOMER,
    INVOICE_ADDRESS,
    NONE,
    NUMBER_LENGTH,
    PROSPECT,
    SIDES,
    SUPPLIER,
    TEXTS,
    UDF_FIELD,
    is_active,
    is_nameless,
    nameless,
    text,
)
from transfer_ledger import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_globe.answers import Row

FILLER = "--"
"""What stands for a job description that nobody knows; it is mandatory (default of the PU415 entity reference)."""


def changed(changes: Mapping[str, Any], row: Mapping[str, Any]) -> Row:
    """Return the properties of an account that changes give another value.

    Args:
        changes: Field to value, as ``transfer_ledger.merge`` has them.
        row: The account as it is; empty for a new one.
    """
    wanted: Row = {column: changes[field] for field, column in TEXTS.items() if field in changes}
    wanted |= _parts(changes, "address", ADDRESS)
    wanted |= _contact(changes, row)
    wanted |= {field.removeprefix(UDF_FIELD): value for field, value in changes.items() if field.startswith(UDF_FIELD)}
    if "code" in changes:
        wanted["AccountCode"] = changes["code"]
    if "active" in changes and bool(changes["active"]) != is_active(row):
        wanted["CustomerStatus"] = ACTIVE if changes["active"] else BLOCKED
        wanted["Blocked"] = False
    wanted |= _role_columns(changes.get("status") or (), row, changes.get("code"))
    wanted |= _invoice_address(wanted, row)
    sent = {column: _sent(value) for column, value in wanted.items()}
    return {column: value for column, value in sent.items() if value != _held(row.get(column))}


def new_account(told: Mapping[str, Any]) -> Row:
    """Return the account to be created, with one call; ``told`` is all that the document says."""
    columns: Row = {"CustomerType": NONE, "CustomerStatus": ACTIVE, "JobDescription": FILLER}
    columns |= changed({"contact": {}, **told}, {})
    country = columns.get("MailingCountry")
    columns |= dict.fromkeys(("InvoiceCountry", "DeliveryCountry", "PostalCountry"), country)
    return {column: value for column, value in columns.items() if value not in (None, "")}


def _parts(changes: Mapping[str, Any], field: str, columns: Mapping[str, str]) -> Row:
    if field not in changes:
        return {}
    parts = changes[field] or {}
    return {column: parts.get(part) for part, column in columns.items()}


def _contact(changes: Mapping[str, Any], row: Mapping[str, Any]) -> Row:
    """Return the contact. An account has one always, and without a name it bears the account's (mandatory fields)."""
    wanted = _parts(changes, "contact", CONTACT)
    if "name" in changes and not wanted and is_nameless(row):
        return {CONTACT["last_name"]: nameless(changes["name"])}
    if wanted and not (wanted[CONTACT["first_name"]] or wanted[CONTACT["last_name"]]):
        wanted[CONTACT["last_name"]] = nameless(changes.get("name") or row.get("AccountName"))
    return wanted


def _role_columns(status: Any, row: Mapping[str, Any], code: str | None) -> Row:
    """Return what makes an account what a document says it is: roles are added, and none is taken away.

    A debtor or creditor gets the account's code, and as number the code too where it fits; else Globe gives one.
    """
    columns: Row = {}
    kind = row.get("CustomerType")
    if "customer" in status and kind != CUSTOMER:
        columns["CustomerType"] = CUSTOMER
    elif "supplier" in status and kind not in (CUSTOMER, SUPPLIER):
        columns["CustomerType"] = SUPPLIER
    elif "prospect" in status and kind in (None, NONE):
        columns["CustomerType"] = PROSPECT
    own = text(row.get("AccountCode")) or code
    for role, side in SIDES.items():
        if role in status and own and not text(row.get(f"{side}Number")):
            columns[f"{side}Code"] = text(row.get(f"{side}Code")) or own
            if len(own) <= NUMBER_LENGTH:
                columns[f"{side}Number"] = own
    return columns


def _invoice_address(wanted: Row, row: Mapping[str, Any]) -> Row:
    """Let the invoice address follow where it was the visiting address, or there is none."""
    follows = all(text(row.get(one)) in (None, text(row.get(other))) for other, one in INVOICE_ADDRESS.items())
    return {one: wanted[other] for other, one in INVOICE_ADDRESS.items() if other in wanted and follows}


def _sent(value: Any) -> Any:
    return (texts.one_line(value) or None) if isinstance(value, str) else value


def _held(value: Any) -> Any:
    return text(value) if isinstance(value, str) else value
