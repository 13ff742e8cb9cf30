"""Everything about a purchase order that can be checked without sending it: all that is wrong is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_exact_globe import orders
from target_exact_globe.answers import trimmed
from target_exact_globe.findings import Findings
from target_exact_globe.lists import ITEMS, SUPPLIER_ITEMS, WAREHOUSES
from target_exact_globe.numbers import PURCHASE_RANGE, check_own_number
from target_exact_globe.preflight import (
    HEADER_CODES,
    LINE_CODES,
    PURCHASE,
    PreparedOrder,
    check_code,
    check_reference,
    check_texts,
    line_faults,
    party,
)
from transfer_ledger import texts
from transfer_ledger.amounts import Priced, cents, priced
from transfer_ledger.documents import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_globe.answers import Row
    from target_exact_globe.lists import Lists
    from target_exact_globe.orders import Party
    from transfer_ledger.documents import OrderLine, PurchaseOrder
    from transfer_ledger.ledger import Link


def check_purchase(
    document: PurchaseOrder, lists: Lists | None, link: Link | None, settings: Mapping[str, Any]
) -> tuple[PreparedOrder | None, Findings]:
    """Resolve the codes of a purchase order; what is wrong with it stands in the findings."""
    findings = Findings(lists)
    _check_header(findings, document, settings)
    supplier = party(findings, document, link, settings)
    bought = [_bought(findings, document, number, supplier) for number in range(len(document.lines))]
    check_texts(findings, document, settings)
    _check_total(findings, document)
    if findings.problems or supplier is None:
        return None, findings
    order = orders.purchase_order(document, supplier, bought, settings)
    return PreparedOrder(customer_id=supplier.number or supplier.code, order=order), findings


def _check_header(findings: Findings, document: PurchaseOrder, settings: Mapping[str, Any]) -> None:
    for field, codes in HEADER_CODES.items():
        check_code(findings, codes, field, field, getattr(document, field), document.rules.get(field))
    warehouse = document.warehouse or settings.get("warehouse")
    check_code(findings, WAREHOUSES, "warehouse", "warehouse", warehouse, document.rules.get("warehouse"))
    check_reference(findings, document.reference, orders.REFERENCE_LENGTH["purchase_order"])
    check_own_number(findings, document, settings, PURCHASE_RANGE)
    if document.order_date is None:
        findings.add("order_date", "", f"{document.number} has no date", "Give the receipt a date at its source.")
    if not document.lines:
        findings.add("lines", "", f"{document.number} has no lines", "Skip it in the mapping.")
    if document.when_corrected == "change" and any(line.quantity < 0 for line in document.lines):
        message = "Orders in Exact Globe cannot be changed over its services or by files"
        advice = "Set `corrections: document` in the mapping, so that what goes back is an order of its own."
        findings.add("when_corrected", "change", message, advice, document.rules.get("when_corrected"))


def _bought(findings: Findings, document: PurchaseOrder, number: int, supplier: Party | None) -> tuple[str, Priced]:
    """Return the item of a line, with quantity and price."""
    line = document.lines[number]
    for name, codes in LINE_CODES.items():
        if name != "item":
            place, rule = f"lines[{number}].{name}", line.rules.get(name)
            row = check_code(findings, codes, name, place, getattr(line, name), rule)
            for message, advice in line_faults(codes, row, line, PURCHASE) if row is not None else ():
                findings.add(place, getattr(line, name), f"VAT code {line.vat_code} {message}", advice, rule)
    row, code = _item(findings, line, number, supplier)
    whole = row is not None and row.get("IsFractionAllowedItem") is False
    decimals = 0 if whole else orders.QUANTITY_DECIMALS["purchase_order"]
    return code, priced(_as_line(line), orders.PRICE_DECIMALS["purchase_order"], quantity_decimals=decimals)


def _item(findings: Findings, line: OrderLine, number: int, supplier: Party | None) -> tuple[Row | None, str]:
    """Return the item of a line: by its code, by the supplier's own code, else the fallback."""
    field, rule = f"lines[{number}].item", line.rules.get("item")
    code = _known(findings, line, supplier) or line.fallback_item or line.item
    if not code:
        message = f"Line {number + 1} ({texts.one_line(line.description)[:60]}) has no item"
        findings.add(field, line.description, message, "Map the line to an item, or give it a fallback.", rule)
        return None, ""
    row = check_code(findings, ITEMS, "item", field, code, rule)
    for message, advice in line_faults(ITEMS, row, line, PURCHASE) if row is not None else ():
        findings.add(field, code, f"Item {code} {message}", advice, rule)
    return row, code


def _known(findings: Findings, line: OrderLine, supplier: Party | None) -> str | None:
    """Return the code of the item that Globe knows; without lists, that of the document."""
    if findings.lists is None or (line.item and findings.lists.rows(ITEMS, line.item)):
        return line.item
    if not line.supplier_item_code or supplier is None or supplier.number is None:
        return None
    rows = findings.lists.rows(SUPPLIER_ITEMS, line.supplier_item_code)
    items = {trimmed(row["ItemCode"]) for row in rows if trimmed(row.get("CreditorNumber")) == supplier.number}
    return items.pop() if len(items) == 1 else None


def _check_total(findings: Findings, document: PurchaseOrder) -> None:
    """Compare the lines with the total, both without VAT, which the source system does not know."""
    net = sum((line.amount for line in document.lines), cents(document.totals.net) * 0)
    if cents(net) != cents(document.totals.net):
        message = f"net is {document.totals.net:f} in the source system; the lines come to {net:f}"
        findings.add("totals.net", f"{document.totals.net:f}", message, "Correct the receipt at its source.")


def _as_line(line: OrderLine) -> Line:
    return Line(
        source_ids=line.source_ids,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_cost,
        amount=line.amount,
    )
