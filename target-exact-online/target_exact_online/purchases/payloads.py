"""Purchase orders as Exact Online wants them: pure functions from a document and what was resolved to a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_exact_online.payloads import filled
from target_exact_online.purchases.items import step_name
from transfer_ledger import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_online.payloads import Body
    from target_exact_online.purchases.items import Bought
    from target_exact_online.purchases.preflight import PreparedLine, PreparedOrder
    from transfer_ledger.documents import OrderLine, PurchaseOrder
    from transfer_ledger.receipts import Receipts

LINES = "PurchaseOrderLines"


def order_body(
    document: PurchaseOrder, prepared: PreparedOrder, done: Receipts, settings: Mapping[str, Any], supplier: str
) -> Body:
    """Return the body that creates an order with all its lines.

    Args:
        document: what is written.
        prepared: the ids of its codes.
        done: what the steps before produced: items that are new.
        settings: of the target.
        supplier: the account's id.
    """
    description, rest = texts.short(document.description, settings["description_length"])
    told = f"{settings['supplier_reference_text']} {document.supplier_reference}" if document.supplier_reference else ""
    header = {
        "Supplier": supplier,
        "OrderDate": document.order_date,
        "ReceiptDate": document.order_date,
        "YourRef": texts.one_line(document.reference),
        "Description": description,
        "Currency": document.currency,
        "ExchangeRate": document.exchange_rate,
        "PaymentCondition": document.payment_condition,
        "Warehouse": prepared.warehouse,
        "Remarks": texts.paragraphs(rest, texts.one_line(told), texts.text(document.remarks)),
    }
    lines = [_line(document, line, done, settings) for line in prepared.lines]
    return filled(header) | {LINES: lines}


def _line(document: PurchaseOrder, prepared: PreparedLine, done: Receipts, settings: Mapping[str, Any]) -> Body:
    line, bought = document.lines[prepared.number], prepared.bought
    description, rest = texts.short(line.description, settings["description_length"])
    notes = texts.paragraphs(rest, texts.text(line.notes), codes_of(line) if bought.fallback else "")
    return filled(
        {
            "Item": _item_id(bought, done),
            "QuantityInPurchaseUnits": prepared.quantity,
            "NetPrice": prepared.price,
            "ReceiptDate": document.order_date,
            "Description": description,
            "Notes": notes,
            "VATCode": line.vat_code,
            "CostCenter": line.cost_center,
            "CostUnit": line.cost_unit,
            "Project": prepared.project,
        }
    )


def _item_id(bought: Bought, done: Receipts) -> str | None:
    """Return the id of an item, which may have been created just before."""
    created = done.get(step_name(bought.create)) if bought.create else None
    return created.id if created else bought.id


def codes_of(line: OrderLine) -> str:
    """Return the codes that Exact does not know, for the reader of a line with a fallback."""
    return " / ".join(code for code in (line.item, line.supplier_item_code) if code)


def readable(document: PurchaseOrder, body: Body) -> Body:
    """Return a body as people read it: with codes in the place of ids."""
    lines = []
    for number, line in enumerate(body[LINES]):
        item = document.lines[number].item or document.lines[number].supplier_item_code
        lines.append(line | ({"Item": item} if item else {}))
    shown = body | {LINES: lines, "Supplier": document.supplier.code or document.supplier.name}
    return shown | ({"Warehouse": document.warehouse} if "Warehouse" in body and document.warehouse else {})
