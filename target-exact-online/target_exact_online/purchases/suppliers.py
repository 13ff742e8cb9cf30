"""The account that is ordered from: linked, found by its code, marked as a supplier, or created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from tap_exact_online import odata
from target_exact_online import account_steps, customers, faults
from target_exact_online.purchases.lists import SUPPLIERS
from target_exact_online.translation import writing
from transfer_ledger.documents import Problem
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_online.desk import Desk
    from target_exact_online.findings import Findings
    from transfer_ledger.documents import PurchaseOrder
    from transfer_ledger.ledger import Link, MasterRow

MARK = "supplier"
NO_CUSTOMER = "A"
"""Status of an account that is neither customer nor prospect (Exact REST docs, Accounts)."""


class Supplier(NamedTuple):
    """What is known about the account: its id, or that it is to be created; whether it is to be marked."""

    id: str | None = None
    create: bool = False
    mark: bool = False


def resolve(findings: Findings, document: PurchaseOrder, link: Link | None, settings: Mapping[str, Any]) -> Supplier:
    """Find the account of the supplier, or note why nothing can be ordered from it."""
    supplier, code = document.supplier, odata.trimmed(document.supplier.code)
    if link is None and not code:
        message = f"Supplier {supplier.name} has no code and is not linked to an account"
        problem = Problem(field="supplier.code", value="", message=message)
        findings.add(problem, f"Give {supplier.name} its number, which is the account's code in Exact Online.")
        return Supplier()
    if link is None and settings["missing_supplier"] == "create" and not findings.lists.rows(SUPPLIERS, code):
        findings.used.add(SUPPLIERS)
        return Supplier(create=True)
    row = (
        customers.linked(findings, supplier, link, SUPPLIERS, "supplier")
        if link
        else findings.row(SUPPLIERS, "supplier.code", code, None)
    )
    if row is None:
        return Supplier()
    faults.note(findings, SUPPLIERS, faults.Use(row, document), "supplier.code", None)
    return Supplier(row.id, mark=_to_be_marked(findings, row, settings))


def _to_be_marked(findings: Findings, row: MasterRow, settings: Mapping[str, Any]) -> bool:
    """Return whether the account has to be made a supplier first, or note that it is none."""
    if row.data["IsSupplier"] or settings["unmarked_supplier"] == "mark":
        return not row.data["IsSupplier"]
    code = row.code or row.id
    name = f"{code} ({row.data['Name']})"
    message = f"Account {name} is no supplier"
    problem = Problem(field="supplier.code", value=code, message=message, setting="unmarked_supplier")
    advice = f"Mark account {name} as a supplier in Exact Online, or set `unmarked_supplier: mark`."
    findings.add(problem, advice, blame=SUPPLIERS)
    return False


def steps(desk: Desk, document: PurchaseOrder, supplier: Supplier) -> list[Step]:
    """Return the writes that precede the order because of its supplier."""
    if supplier.create:
        body = customers.body(document.supplier) | {"Status": NO_CUSTOMER, "IsSupplier": True}
        return [account_steps.creation(desk, document, body, SUPPLIERS, "created for its first purchase")]
    return [_marking(desk, supplier.id)] if supplier.mark and supplier.id else []


def _marking(desk: Desk, account_id: str) -> Step:
    body = {"IsSupplier": True}

    def find(_: Receipts) -> Receipt | None:
        rows = account_steps.read(desk, SUPPLIERS, f"ID eq {odata.literal(UUID(account_id))}")
        return account_steps.noted(desk, SUPPLIERS, rows[0]) if rows and rows[0]["IsSupplier"] else None

    def write(_: Receipts) -> Receipt:
        with writing():
            desk.client.update("crm/Accounts", UUID(account_id), body)
        row = desk.lists.row(SUPPLIERS, account_id)
        known = {"Code": row.code, **row.data} if row is not None else {}
        return account_steps.noted(desk, SUPPLIERS, {**known, "ID": account_id, **body})

    return Step(name=MARK, find=find, write=write, precedes=True, shows=lambda _: body)
