"""Rows of Exact Online as parties that are held, in the words of the documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from target_exact_online.parties.columns import ADDRESS, TEXTS, UDF, Row, roles, text, trading
from transfer_ledger.parties.held import Held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def party(row: Row, contacts: Sequence[Row], banks: Sequence[Row], classification: str | None, url: str) -> Held:
    """Return an account as a party.

    Args:
        row: Its columns, ``ID`` and ``Code`` among them.
        contacts: Those of the account.
        banks: Its bank accounts.
        classification: Code of the classification that documents speak of.
        url: Its page.
    """
    code, status = text(row["Code"]), roles(row)
    values: dict[str, Any] = {
        "code": code,
        "status": status,
        **{field: text(row.get(column)) for field, column in (TEXTS | trading(status)).items()},
        "address": {part: text(row.get(column)) for part, column in ADDRESS.items()},
        "contact": person(main_contact(row, contacts) or {}),
        "bank_account": text((main_bank(banks) or {}).get("BankAccount")),
        "classification": classification,
        "active": not row.get("Blocked"),
        **{f"udf.{column}": text(row.get(column)) for column in UDF},
    }
    return Held(id=row["ID"], code=code, name=values["name"], url=url, values=values)


def main_contact(row: Mapping[str, Any], contacts: Sequence[Row]) -> Row | None:
    """Return the contact that is an account's main one."""
    return next((contact for contact in contacts if contact["ID"] == row.get("MainContact")), None)


def main_bank(banks: Sequence[Row]) -> Row | None:
    """Return the main bank account."""
    return next((bank for bank in banks if bank.get("Main")), None)


def with_number(banks: Sequence[Row], number: str) -> Row | None:
    """Return the bank account with this number, however it is spaced."""
    return next((bank for bank in banks if _compact(bank.get("BankAccount")) == _compact(number)), None)


def person(contact: Mapping[str, Any]) -> dict[str, str | None]:
    """Return a contact as documents have it: of particulars that are there twice, those of the business."""
    last = " ".join(filter(None, (text(contact.get(name)) for name in ("MiddleName", "LastName"))))
    return {
        "first_name": text(contact.get("FirstName")),
        "last_name": last or None,
        "email": text(contact.get("BusinessEmail")) or text(contact.get("Email")),
        "phone": text(contact.get("BusinessPhone")) or text(contact.get("Phone")),
    }


def _compact(number: Any) -> str:
    return re.sub(r"[\W_]", "", str(number or "")).upper()
