"""What was received becomes lines: quantities, costs, codes and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mapper_autotask_exact.invoices.amounts import ZERO, cents, exact
from mapper_autotask_exact.purchases.quantities import lots, taken_back
from mapper_autotask_exact.templates import fill, first_filled, plain
from transfer_ledger.documents import OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from mapper_autotask_exact.facts import Facts
    from mapper_autotask_exact.purchases.case import Case
    from mapper_autotask_exact.purchases.quantities import Lot
    from mapper_autotask_exact.tables import Row, Table

DIMENSIONS = {"cost_center": "cost_centers", "cost_unit": "cost_units", "project_code": "projects"}
"""Result of a row to the table that may give it as well."""


class Draft(msgspec.Struct):
    """A line in the making."""

    id: str
    """The first of the receiving rows."""
    item: Mapping[str, Any]
    facts: Facts
    quantity: Decimal
    unit_cost: Decimal
    lot: Lot | None = None
    codes: dict[str, str] = {}
    warehouse: str | None = None
    vat_code: str | None = None
    description: str = ""
    notes: str | None = None
    rules: dict[str, str] = {}


def lines(case: Case) -> list[OrderLine]:
    """Return the lines of a receipt, in the order of its rows: one for each order item, then the freight."""
    drafts = [draft for lot in lots(case.record.get("rows") or (), case.id).values() if (draft := _draft(case, lot))]
    drafts += _freight(case)
    for draft in drafts:
        _set_codes(case, draft)
        draft.warehouse = _looked_up(case, draft, "warehouse", case.settings.warehouses)
        draft.vat_code = _looked_up(case, draft, "vat_code", case.settings.vat_codes)
        _set_texts(case, draft)
    return [_line(case, draft) for draft in drafts]


def _draft(case: Case, lot: Lot) -> Draft | None:
    number, item = str(lot.rows[0]["id"]), lot.rows[0].get("order_item")
    if not lot.net:
        return None
    if not item:
        message = "the order item of this row is not in the record; let the API user of the tap see it in Autotask"
        case.problem("lines", str(lot.rows[0].get("purchaseOrderItemID") or ""), message, line=number)
        return None
    own = {**item, "serial_numbers": ", ".join(lot.serials)}
    cost = _unit_cost(case, item, number)
    if cost or cost is None or case.settings.zero_costs == "keep":
        return Draft(number, own, case.line_facts(own), lot.net, cost or ZERO, lot)
    if case.settings.zero_costs == "problem":
        message = "it costs nothing; give it a cost in Autotask, or keep such lines"
        case.problem("lines.unit_cost", "0", message, "purchases.zero_costs", number)
    return None


def _unit_cost(case: Case, item: Mapping[str, Any], number: str) -> Decimal | None:
    row, field = {
        "order": (item, "unitCost"),
        "vendor": (item.get("product_vendor") or {}, "vendorCost"),
        "product": (item.get("product") or {}, "unitCost"),
    }[case.settings.unit_cost]
    if row.get(field) is None:
        message = f"Autotask gives no {field} for this line; fill it in there, or take another cost"
        case.problem("lines.unit_cost", "", message, "purchases.unit_cost", number)
        return None
    return exact(row[field])


def _freight(case: Case) -> list[Draft]:
    """Return the line with the freight, when this receipt brings it."""
    amount, freight = exact(case.order.get("freight")), case.settings.freight
    if not amount or not case.record.get("first") or freight.policy == "leave":
        return []
    if freight.policy == "problem":
        message = f"the order has {plain(amount)} freight; say what becomes of freight: line or leave"
        case.problem("freight", plain(amount), message, "purchases.freight.policy")
        return []
    item = {"freight_line": True}
    return [Draft("freight", item, case.line_facts(item), exact(1), amount, description=freight.description)]


def _set_codes(case: Case, draft: Draft) -> None:
    """Take the codes of the row that fits, and what it does not name from the tables of dimensions."""
    row = case.need("item", case.settings.items, draft.facts, draft.id)
    if row is None:
        return
    draft.rules["item"] = row.path
    draft.codes = {name: code for name in row.result if (code := _code(case, draft, row, name))}
    if not {"item", "supplier_item", "fallback"} & draft.codes.keys():
        fields = [name for name in ("item", "supplier_item") if name in row.result]
        source = " and ".join(template.source for name in fields for template in row.result[name])
        message = (
            f"{source} is empty in Autotask, so {row.path} gives no item; fill it in there, name a fallback, or put a "
            f"row for such lines above {row.path}"
        )
        case.problem("lines.item", source, message, row.path, draft.id)
    for name, table in DIMENSIONS.items():
        if name not in draft.codes and (found := _looked_up(case, draft, name, getattr(case.settings, table), name)):
            draft.codes[name] = found


def _code(case: Case, draft: Draft, row: Row, name: str) -> str | None:
    """Return a code of a row; one of several templates counts, and of the two item codes either may be empty."""
    given = row.result[name]
    if name == "fallback":
        return str(given)
    scopes = (case.scope, draft.item)
    if name in ("item", "supplier_item"):
        filled = (fill(template, scopes) for template in given)
        return next((text for text, empty in filled if text and not empty), None)
    code, empty = fill(given, scopes)
    if code and not empty:
        return code
    message = f"{' and '.join(empty) or name} is empty in Autotask, so {row.path} gives no {name}; fill it in there"
    case.problem(f"lines.{name}", given.source, message, f"{row.path}.{name}", draft.id)
    return None


def _looked_up(case: Case, draft: Draft, field: str, table: Table, result: str = "code") -> str | None:
    """Return what a table gives that need not have a row for every line."""
    row = case.look(field, table, draft.facts, draft.id) if table.rows else None
    if row is None:
        return None
    draft.rules[field] = row.path
    given = row.result[result]
    return given if isinstance(given, str) else _code(case, draft, row, result)


def _set_texts(case: Case, draft: Draft) -> None:
    if draft.description:
        return
    row = case.need("description", case.settings.line_texts, draft.facts, draft.id)
    if row is None:
        return
    scopes = (case.scope, draft.item)
    draft.rules["description"] = row.path
    draft.description = first_filled(row.result["description"], scopes)
    draft.notes = first_filled(row.result.get("notes", ()), scopes) or None


def _line(case: Case, draft: Draft) -> OrderLine:
    lot, codes = draft.lot, draft.codes
    line = OrderLine(
        source_ids=[str(row["id"]) for row in lot.rows] if lot else [],
        description=draft.description,
        quantity=draft.quantity,
        unit_cost=draft.unit_cost,
        amount=cents(draft.quantity * draft.unit_cost),
        item=codes.get("item"),
        supplier_item_code=codes.get("supplier_item"),
        fallback_item=codes.get("fallback"),
        unit=codes.get("unit"),
        vat_code=draft.vat_code,
        gl_account=codes.get("gl_account"),
        cost_center=codes.get("cost_center"),
        cost_unit=codes.get("cost_unit"),
        project=codes.get("project_code"),
        warehouse=draft.warehouse,
        serial_numbers=lot.serials if lot else [],
        notes=draft.notes,
        rules=draft.rules,
    )
    if lot and draft.quantity < ZERO:
        line.takes_back, more = taken_back(lot)
        if more:
            message = f"{plain(more)} more is taken back than was received of it; look at the order in Autotask"
            case.problem("lines.quantity", plain(draft.quantity), message, line=draft.id)
    return line
