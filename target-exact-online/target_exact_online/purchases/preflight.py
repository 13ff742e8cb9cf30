"""Everything about a purchase order that can be checked against Exact's lists without sending it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from target_exact_online import faults
from target_exact_online.findings import Findings
from target_exact_online.master_data import COST_CENTERS, COST_UNITS, PAYMENT_CONDITIONS, PROJECTS, VAT_CODES
from target_exact_online.preflight import reference_problem
from target_exact_online.purchases import items, suppliers
from target_exact_online.purchases.lists import WAREHOUSES
from target_exact_online.purchases.suppliers import Supplier
from transfer_ledger import texts
from transfer_ledger.amounts import cents
from transfer_ledger.documents import Problem
from transfer_ledger.receipts import Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_online.master_data import MasterLists, Resource
    from target_exact_online.purchases.items import Bought
    from transfer_ledger.documents import OrderLine, PurchaseOrder
    from transfer_ledger.ledger import Link

LINE_CODES: dict[str, Resource] = {
    "vat_code": VAT_CODES,
    "cost_center": COST_CENTERS,
    "cost_unit": COST_UNITS,
    "project": PROJECTS,
}


class PreparedLine(msgspec.Struct, kw_only=True):
    """A line as it is sent, in the units that the supplier sells in."""

    number: int
    """Of the line in the document, from 0."""
    bought: Bought
    quantity: Decimal
    price: Decimal
    project: str | None = None


class PreparedOrder(Prepared):
    """What the payload needs beside the document."""

    supplier: Supplier
    lines: list[PreparedLine]
    """Those that stand in this order; the others change earlier ones."""
    warehouse: str | None = None


def own_lines(document: PurchaseOrder) -> list[int]:
    """Return the numbers of the lines that stand in the order itself."""
    changing = document.when_corrected == "change"
    return [number for number, line in enumerate(document.lines) if not (changing and line.takes_back)]


def check(
    document: PurchaseOrder, lists: MasterLists, link: Link | None, settings: Mapping[str, Any]
) -> tuple[PreparedOrder, Findings]:
    """Resolve the codes of a document and note everything that is wrong with it."""
    findings = Findings(lists)
    numbers = own_lines(document)
    supplier = suppliers.resolve(findings, document, link, settings) if numbers else Supplier()
    _check_header(findings, document)
    lines = [_line(findings, document, number, supplier.id, settings) for number in numbers]
    if document.goods_receipt:
        _check_serials(findings, document, lines)
    warehouse = _warehouse(findings, document, numbers)
    return PreparedOrder(customer_id=supplier.id, supplier=supplier, lines=lines, warehouse=warehouse), findings


def _check_header(findings: Findings, document: PurchaseOrder) -> None:
    if problem := reference_problem(document):
        findings.add(problem, "Map another reference.")
    if document.order_date is None:
        problem = Problem(field="order_date", value="", message=f"{document.number} has no day")
        findings.add(problem, "Give it a date in the source system.")
    if not document.lines:
        problem = Problem(field="lines", value="", message=f"{document.number} has no lines")
        findings.add(problem, "Exact Online takes no order without lines; skip it in the mapping.")
    if document.payment_condition:
        rule = document.rules.get("payment_condition")
        findings.row(PAYMENT_CONDITIONS, "payment_condition", document.payment_condition, rule)


def _line(
    findings: Findings, document: PurchaseOrder, number: int, supplier: str | None, settings: Mapping[str, Any]
) -> PreparedLine:
    line = document.lines[number]
    project = None
    for field, resource in LINE_CODES.items():
        code, place, rule = getattr(line, field), f"lines[{number}].{field}", line.rules.get(field)
        row = findings.row(resource, place, code, rule) if code else None
        if row is not None:
            faults.note(findings, resource, faults.Use(row, document, line), place, rule)
            project = row.id if field == "project" else project
    bought = items.resolve(findings, document, number, supplier, settings)
    quantity = _in_purchase_units(findings, line, number, bought.pieces)
    price = priced(line, bought.pieces, settings["price_decimals"])
    return PreparedLine(number=number, bought=bought, quantity=quantity, price=price, project=project)


def _in_purchase_units(findings: Findings, line: OrderLine, number: int, pieces: Decimal) -> Decimal:
    """Return the quantity as it is ordered: Exact multiplies it by the pieces of a purchase unit."""
    if pieces == 1:
        return line.quantity
    quantity = line.quantity / pieces
    if quantity == quantity.to_integral_value():
        return quantity
    message = (
        f"Line {number + 1}: {line.quantity.normalize():f} pieces are no number of purchase units of "
        f"{pieces.normalize():f} pieces"
    )
    problem = Problem(field=f"lines[{number}].quantity", value=f"{line.quantity:f}", message=message)
    findings.add(problem, "Let the supplier's item in Exact Online have a purchase unit of one piece.")
    return line.quantity


def priced(line: OrderLine, pieces: Decimal, decimals: int) -> Decimal:
    """Return the price of a purchase unit, with so many decimals when the amount of the line stays what it is."""
    price = line.unit_cost * pieces
    rounded = price.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return rounded if cents(line.quantity / pieces * rounded) == cents(line.amount) else price


def _check_serials(findings: Findings, document: PurchaseOrder, lines: list[PreparedLine]) -> None:
    for each in lines:
        line = document.lines[each.number]
        if each.bought.serials and len(line.serial_numbers) != line.quantity:
            message = (
                f"Line {each.number + 1}: Exact Online wants a serial number for each of "
                f"{line.quantity.normalize():f} pieces, and there are {len(line.serial_numbers)}"
            )
            field = f"lines[{each.number}].serial_numbers"
            problem = Problem(field=field, value=texts.one_line(line.description)[:60], message=message)
            findings.add(problem, "Enter them in the source system, or do not book the goods as received.")


def _warehouse(findings: Findings, document: PurchaseOrder, numbers: list[int]) -> str | None:
    """Return the warehouse of the order: Exact Online has one for all lines (Exact REST docs, PurchaseOrders)."""
    named = (document.lines[number].warehouse for number in numbers)
    codes = list(dict.fromkeys(code for code in (document.warehouse, *named) if code))
    if len(codes) > 1:
        message = f"The lines go to warehouses {', '.join(codes)}, and an order in Exact Online has one"
        problem = Problem(field="warehouse", value=", ".join(codes), message=message, setting="purchases.warehouses")
        findings.add(problem, "Map one warehouse for the receipt.")
        return None
    row = findings.row(WAREHOUSES, "warehouse", codes[0], document.rules.get("warehouse")) if codes else None
    return row.id if row else None
