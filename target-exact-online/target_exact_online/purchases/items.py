"""The item of a line: by its code, by the supplier's own code, new, or the fallback."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_exact_online import odata
from target_exact_online import faults
from target_exact_online.purchases.lists import BOUGHT_ITEMS, PURCHASE_TERMS, SUPPLIER_CODES
from target_exact_online.translation import reading, writing
from transfer_ledger import texts
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Ambiguous
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_online.desk import Desk
    from target_exact_online.findings import Findings
    from transfer_ledger.documents import OrderLine, PurchaseOrder
    from transfer_ledger.ledger import MasterRow

RESOURCE = "logistics/Items"
CODE_LENGTH, DESCRIPTION_LENGTH = 30, 60
"""Of items (a hint, not documented; not tried live)."""
ONE = Decimal(1)


class Bought(NamedTuple):
    """The item of a line: its id, or the code of one that is to be created; and how many pieces a purchase unit has."""

    id: str | None = None
    create: str | None = None
    pieces: Decimal = ONE
    serials: bool = False
    """Whether each piece has a serial number in Exact."""
    fallback: bool = False


def resolve(
    findings: Findings, document: PurchaseOrder, number: int, supplier: str | None, settings: Mapping[str, Any]
) -> Bought:
    """Find the item of a line, or note why it cannot be ordered.

    Args:
        findings: takes the problems.
        document: the order.
        number: of the line, from 0.
        supplier: id of the account; None: it is not there yet, so it sells nothing yet.
        settings: of the target.
    """
    line = document.lines[number]
    row = _by_code(findings, number, line) or _by_supplier(findings, number, line, supplier)
    if row is None and line.item and settings["missing_item"] == "create":
        return _created(findings, number, line)
    fallback = row is None and bool(line.fallback_item)
    if row is None and line.fallback_item:
        row = findings.row(BOUGHT_ITEMS, f"lines[{number}].fallback_item", line.fallback_item, line.rules.get("item"))
    if row is None:
        if not fallback:
            _note_missing(findings, number, document)
        return Bought()
    use = faults.Use(row, document, line)
    faults.note(findings, BOUGHT_ITEMS, use, f"lines[{number}].item", line.rules.get("item"))
    pieces = _pieces(findings, row, supplier)
    return Bought(row.id, pieces=pieces, serials=bool(row.data.get("IsSerialItem")), fallback=fallback)


def _by_code(findings: Findings, number: int, line: OrderLine) -> MasterRow | None:
    if not line.item:
        return None
    findings.used.add(BOUGHT_ITEMS)
    if len(findings.lists.rows(BOUGHT_ITEMS, line.item)) == 0:
        return None
    return findings.row(BOUGHT_ITEMS, f"lines[{number}].item", line.item, line.rules.get("item"))


def _by_supplier(findings: Findings, number: int, line: OrderLine, supplier: str | None) -> MasterRow | None:
    """Return the item that this supplier knows by its own code."""
    if not line.supplier_item_code or supplier is None:
        return None
    findings.used.add(SUPPLIER_CODES)
    rows = findings.lists.rows(SUPPLIER_CODES, line.supplier_item_code)
    items = sorted({row.data["Item"] for row in rows if row.data["Supplier"] == supplier})
    found = [row for item in items if (row := findings.by_id(BOUGHT_ITEMS, item))]
    if len(found) <= 1:
        return found[0] if found else None
    names = tuple(f"{row.code} ({row.data['Description']})" for row in found)
    message = f"The supplier knows several items as {line.supplier_item_code}: {', '.join(names)}"
    problem = Problem(field=f"lines[{number}].supplier_item_code", value=line.supplier_item_code, message=message)
    findings.add(problem, "Keep one of them in Exact Online.", blame=SUPPLIER_CODES, candidates=names)
    return None


def _created(findings: Findings, number: int, line: OrderLine) -> Bought:
    code = texts.one_line(line.item)
    if code != line.item or texts.width(code) > CODE_LENGTH:
        message = f"{line.item} cannot become an item: its code would be longer than {CODE_LENGTH} characters"
        problem = Problem(field=f"lines[{number}].item", value=line.item or "", message=message)
        findings.add(problem, "Map the line to another code, or to a fallback.")
    return Bought(create=code)


def _note_missing(findings: Findings, number: int, document: PurchaseOrder) -> None:
    line = document.lines[number]
    told = {f"lines[{number}].item", f"lines[{number}].supplier_item_code"}
    if any(problem.field in told for problem in findings.problems):
        return
    known = [f"item {line.item}"] if line.item else []
    if line.supplier_item_code:
        known.append(f"item that {document.supplier.name or 'the supplier'} calls {line.supplier_item_code}")
    value = line.item or line.supplier_item_code or ""
    message = f"Exact Online has no {' and no '.join(known) or f'item for {texts.one_line(line.description)[:60]}'}"
    problem = Problem(
        field=f"lines[{number}].item", value=value, message=message, setting=line.rules.get("item") or "missing_item"
    )
    advice = f"Create item {value} in Exact Online, {BOUGHT_ITEMS.instead}."
    findings.add(problem, advice, blame=BOUGHT_ITEMS)
    findings.blamed.add(SUPPLIER_CODES)


def _pieces(findings: Findings, item: MasterRow, supplier: str | None) -> Decimal:
    """Return how many pieces of an item this supplier's purchase unit has (Exact REST docs, PurchaseUnitFactor)."""
    findings.used.add(PURCHASE_TERMS)
    rows = [row for row in findings.lists.rows(PURCHASE_TERMS, item.id) if row.data["Supplier"] == supplier]
    factors = {Decimal(row.data["PurchaseUnitFactor"] or 1) for row in rows}
    return factors.pop() if len(factors) == 1 else ONE


def creation(desk: Desk, code: str, description: str) -> Step:
    """Return the step that creates an item; it is found again by its code."""
    short, rest = texts.short(description or code, DESCRIPTION_LENGTH)
    body: dict[str, Any] = {"Code": code, "Description": short, "IsPurchaseItem": True}
    if rest:
        body["ExtraDescription"] = texts.short(rest, 255)[0]
    columns = ("ID", "Code", *BOUGHT_ITEMS.columns)

    def find(_: Receipts) -> Receipt | None:
        with reading():
            rows = list(desk.client.read(RESOURCE, select=columns, where=f"Code eq {odata.literal(code)}"))
        if len(rows) > 1:
            problem = Problem(field="lines.item", value=code, message=f"Exact Online has {len(rows)} items {code}")
            raise Ambiguous([problem], "Keep one item with this code.", candidates=[row["ID"] for row in rows])
        return _noted(desk, rows[0]) if rows else None

    def write(_: Receipts) -> Receipt:
        with writing():
            row = desk.client.create(RESOURCE, body)
        return _noted(desk, {**body, **{name: value for name, value in row.items() if value is not None}})

    return Step(name=step_name(code), find=find, write=write, precedes=True, shows=lambda _: body)


def step_name(code: str) -> str:
    """Return the name of the step that creates an item."""
    return f"item {code}"


def _noted(desk: Desk, row: dict[str, Any]) -> Receipt:
    desk.lists.note(BOUGHT_ITEMS, row)
    return Receipt(id=row["ID"], number=odata.trimmed(row.get("Code")) or None)
