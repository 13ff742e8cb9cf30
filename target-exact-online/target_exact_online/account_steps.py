"""Writes that precede a document because of its customer: the account is created, or made a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tap_exact_online import odata
from target_exact_online import customers
from target_exact_online.master_data import ACCOUNTS
from target_exact_online.translation import reading, writing
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Ambiguous
from transfer_ledger.ledger import Link
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from target_exact_online.desk import Desk
    from transfer_ledger.documents import SalesInvoice

ACCOUNT, PROMOTION = "account", "promotion"
LINKED = "accounts"
"""The kind of link between a company and an account."""

_RESOURCE = "crm/Accounts"
_COLUMNS = ("ID", "Code", *ACCOUNTS.columns)


def creation(desk: Desk, document: SalesInvoice) -> Step:
    """Return the step that creates the account and links it; it is found again by its code."""
    code = odata.account_code(document.customer.code or "")

    def find(_: Receipts) -> Receipt | None:
        rows = _read(desk, f"Code eq {odata.literal(code)}")
        if len(rows) > 1:
            message = f"Exact Online has {len(rows)} accounts with code {code.strip()}"
            problem = Problem(field="customer.code", value=code.strip(), message=message)
            names = [f"{row['Name']} ({row['ID']})" for row in rows]
            raise Ambiguous([problem], "Keep one account with this code.", candidates=names)
        return _linked(desk, document, rows[0]) if rows else None

    def write(_: Receipts) -> Receipt:
        with writing():
            row = desk.client.create(_RESOURCE, customers.body(document.customer))
        return _linked(desk, document, row)

    return Step(name=ACCOUNT, find=find, write=write, precedes=True, shows=lambda _: customers.body(document.customer))


def promotion(desk: Desk, account_id: str) -> Step:
    """Return the step that makes a prospect a customer."""

    def find(_: Receipts) -> Receipt | None:
        rows = _read(desk, f"ID eq {odata.literal(UUID(account_id))}")
        return _noted(desk, rows[0]) if rows and rows[0]["Status"] == customers.CUSTOMER else None

    def write(_: Receipts) -> Receipt:
        with writing():
            desk.client.update(_RESOURCE, UUID(account_id), {"Status": customers.CUSTOMER})
        row = desk.lists.row(ACCOUNTS, account_id)
        known = {"ID": account_id, "Code": row.code, **row.data} if row is not None else {"ID": account_id}
        return _noted(desk, {**known, "Status": customers.CUSTOMER})

    return Step(name=PROMOTION, find=find, write=write, precedes=True, shows=lambda _: {"Status": customers.CUSTOMER})


def _read(desk: Desk, where: str) -> list[dict[str, Any]]:
    with reading():
        return list(desk.client.read(_RESOURCE, select=_COLUMNS, where=where))


def _linked(desk: Desk, document: SalesInvoice, row: dict[str, Any]) -> Receipt:
    source, receipt = document.source, _noted(desk, row)
    desk.save_link(
        Link(
            kind=LINKED,
            source_system=source.system,
            source_tenant=source.tenant,
            source_id=document.customer.id,
            receiver_id=receipt.id,
            receiver_code=receipt.number,
            reasons=["created for its first invoice"],
        )
    )
    return receipt


def _noted(desk: Desk, row: dict[str, Any]) -> Receipt:
    desk.lists.note(ACCOUNTS, row)
    return Receipt(id=row["ID"], number=odata.trimmed(row.get("Code")) or None)
