"""The writes of one purchase order in order, and for each the question whether it was done before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tap_exact_online import odata
from target_exact_online.account_steps import ACCOUNT
from target_exact_online.purchases import forms, goods_receipts, items, payloads, suppliers
from target_exact_online.translation import reading, writing
from transfer_ledger import texts
from transfer_ledger.exceptions import Unanswered
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from target_exact_online.desk import Desk
    from target_exact_online.payloads import Body
    from target_exact_online.purchases.preflight import PreparedOrder
    from transfer_ledger.documents import PurchaseOrder
    from transfer_ledger.receipts import Found

CREATE = "create"


def steps_of(desk: Desk, document: PurchaseOrder, prepared: PreparedOrder, changes: list[Step]) -> list[Step]:
    """Return the writes: supplier and items that are missing, the order, what it changes of others, its receipt.

    Args:
        desk: what they work with.
        document: what is written.
        prepared: the ids of its codes.
        changes: of earlier orders.
    """
    if not prepared.lines:
        return changes
    before = suppliers.steps(desk, document, prepared.supplier)
    new = {line.bought.create: line.number for line in reversed(prepared.lines) if line.bought.create}
    before += [items.creation(desk, code, document.lines[number].description) for code, number in reversed(new.items())]
    after = [goods_receipts.step(desk, document, prepared, CREATE)] if document.goods_receipt else []
    return [*before, _creation(desk, document, prepared), *changes, *after]


def _creation(desk: Desk, document: PurchaseOrder, prepared: PreparedOrder) -> Step:
    def supplier(done: Receipts) -> str:
        return done[ACCOUNT].id if ACCOUNT in done else str(prepared.customer_id)

    def find(done: Receipts) -> Receipt | None:
        known = msgspec.structs.replace(prepared, customer_id=supplier(done))
        return desk.match(document, known, _under_reference(desk, document))

    def body(done: Receipts) -> Body:
        return payloads.order_body(document, prepared, done, desk.settings, supplier(done))

    return Step(
        name=CREATE,
        find=find,
        write=lambda done: _created(desk, body(done)),
        shows=lambda done: payloads.readable(document, body(done)),
    )


def _under_reference(desk: Desk, document: PurchaseOrder) -> list[Found]:
    where = f"YourRef eq {odata.literal(texts.one_line(document.reference))}"
    with reading():
        return [forms.found(row) for row in desk.client.read(forms.ORDERS, select=forms.COLUMNS, where=where)]


def _created(desk: Desk, body: Body) -> Receipt:
    with writing():
        row = desk.client.create(forms.ORDERS, body)
    if not isinstance(row.get("PurchaseOrderID"), str):
        message = f"{forms.ORDERS}: the answer names no PurchaseOrderID. It is looked up before it is sent again."
        raise Unanswered(message)
    return forms.receipt(row)
