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
    from target_exact_online.master_data import Resource
    from transfer_ledger.documents import Voucher

ACCOUNT, PROMOTION = "account", "promotion"
LINKED = "accounts"
"""The kind of link between a company and an account."""

_RESOURCE = "crm/Accounts"


def creation(
    desk: Desk,
    document: Voucher,
    body: dict[str, Any],
    accounts: Resource = ACCOUNTS,
    reason: str = "created for its first invoice",
) -> Step:
    """Return the step that creates the account and links it; it is found again by its code.

    Args:
        desk: what it works with.
        document: the document that needs it.
        body: of the POST.
        accounts: the list that it is added to.
        reason: of the link.
    """
    code = odata.account_code(document.partner.code or "")

    def find(_: Receipts) -> Receipt | None:
        rows = read(desk, accounts, f"Code eq {odata.literal(code)}")
        if len(rows) > 1:
            message = f"Exact Online has {len(rows)} accounts with code {code.strip()}"
            problem = Problem(field=f"{document.partner_field}.code", value=code.strip(), message=message)
            names = [f"{row['Name']} ({row['ID']})" for row in rows]
            raise Ambiguous([problem], "Keep one account with this code.", candidates=names)
        return _linked(desk, document, noted(desk, accounts, rows[0]), reason) if rows else None

    def write(_: Receipts) -> Receipt:
        with writing():
            row = desk.client.create(_RESOURCE, body)
        return _linked(desk, document, noted(desk, accounts, row), reason)

    return Step(name=ACCOUNT, find=find, write=write, precedes=True, shows=lambda _: body)


def promotion(desk: Desk, account_id: str) -> Step:
    """Return the step that makes a prospect a customer."""

    def find(_: Receipts) -> Receipt | None:
        rows = read(desk, ACCOUNTS, f"ID eq {odata.literal(UUID(account_id))}")
        return noted(desk, ACCOUNTS, rows[0]) if rows and rows[0]["Status"] == customers.CUSTOMER else None

    def write(_: Receipts) -> Receipt:
        with writing():
            desk.client.update(_RESOURCE, UUID(account_id), {"Status": customers.CUSTOMER})
        row = desk.lists.row(ACCOUNTS, account_id)
        known = {"ID": account_id, "Code": row.code, **row.data} if row is not None else {"ID": account_id}
        return noted(desk, ACCOUNTS, {**known, "Status": customers.CUSTOMER})

    return Step(name=PROMOTION, find=find, write=write, precedes=True, shows=lambda _: {"Status": customers.CUSTOMER})


def read(desk: Desk, accounts: Resource, where: str) -> list[dict[str, Any]]:
    """Return accounts, with the columns of a list."""
    with reading():
        return list(desk.client.read(_RESOURCE, select=("ID", "Code", *accounts.columns), where=where))


def _linked(desk: Desk, document: Voucher, receipt: Receipt, reason: str) -> Receipt:
    source = document.source
    desk.save_link(
        Link(
            kind=LINKED,
            source_system=source.system,
            source_tenant=source.tenant,
            source_id=document.partner.id,
            receiver_id=receipt.id,
            receiver_code=receipt.number,
            reasons=[reason],
        )
    )
    return receipt


def noted(desk: Desk, accounts: Resource, row: dict[str, Any]) -> Receipt:
    """Add an account to a list, and return it as what a step produced."""
    desk.lists.note(accounts, row)
    return Receipt(id=row["ID"], number=odata.trimmed(row.get("Code")) or None)
