"""Billing items become lines: which are kept, and their codes and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mapper_autotask_exact.facts import Facts, LineVat
from mapper_autotask_exact.invoices.amounts import exact
from mapper_autotask_exact.settings import NEEDED_BY_FORM
from mapper_autotask_exact.templates import fill, first_filled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from mapper_autotask_exact.invoices.case import Case
    from mapper_autotask_exact.tables import Row

CODES = ("item", "gl_account", "unit", "cost_center", "cost_unit", "project_code")


class Draft(msgspec.Struct):
    """A line in the making: one billing item, or several that agree."""

    items: list[Mapping[str, Any]]
    facts: Facts
    amount: Decimal
    tax: Decimal
    quantity: Decimal
    price: Decimal
    codes: dict[str, str] = {}
    period: str | None = None
    vat_code: str | None = None
    vat_rate: Decimal | None = None
    description: str = ""
    notes: str | None = None
    rules: dict[str, str] = {}

    @property
    def id(self) -> str:
        """The id of the (first) billing item."""
        return str(self.items[0]["id"])


def drafts(case: Case) -> list[Draft]:
    """Return the lines of an invoice that the settings keep, in Autotask's order, with codes and texts but VAT."""
    kept = [draft for item in case.record.get("billing_items") or () if (draft := _draft(case, item))]
    for draft in kept:
        _set_codes(case, draft)
        _set_dimension(case, draft, "cost_center")
        _set_dimension(case, draft, "cost_unit")
        _set_texts(case, draft)
    return kept


def _draft(case: Case, item: Mapping[str, Any]) -> Draft | None:
    settings = case.settings
    amount, tax = exact(item.get(settings.line_amount)), exact(item.get("taxDollars"))
    if not amount and not tax and (settings.zero_lines == "drop" or _is_dropped_note(case, item)):
        return None
    if item.get(settings.line_amount) is None and not item.get("nonBillable"):
        case.problem(
            "lines.amount",
            "",
            f"Autotask gives no {settings.line_amount} for this line; name the field that holds the net amount",
            "invoices.line_amount",
            str(item["id"]),
        )
    facts = Facts(item, case.facts)
    facts["rate"] = LineVat(amount, tax, settings.tolerance.line)
    return Draft([item], facts, amount, tax, exact(item.get("quantity")), exact(item.get("rate")))


def _is_dropped_note(case: Case, item: Mapping[str, Any]) -> bool:
    return bool(item.get("nonBillable")) and case.settings.non_billable_lines == "drop"


def _set_codes(case: Case, draft: Draft) -> None:
    row = case.need("item", case.settings.items, draft.facts, draft.id)
    if row is None:
        return
    draft.rules["item"] = row.path
    draft.period = row.result.get("period")
    draft.codes = {
        name: code for name in CODES if name in row.result and (code := _code(case, draft, row, name)) is not None
    }
    needed = NEEDED_BY_FORM[case.form]
    if needed not in row.result:
        case.problem(
            f"lines.{needed}",
            "",
            f"{row.path} names no {needed}, which a {case.form} needs on every line",
            f"{row.path}.{needed}",
            draft.id,
        )


def _code(case: Case, draft: Draft, row: Row, name: str) -> str | None:
    """Fill in the template of a code; with an empty field there is no code, which is a problem."""
    template = row.result[name]
    code, empty = fill(template, (case.scope, draft.items[0]))
    if not empty and code:
        return code
    case.problem(
        f"lines.{name}",
        template.source,
        f"{' and '.join(empty) or name} is empty in Autotask, so {row.path} gives no {name}; "
        f"fill it in there, or put a row for such lines above {row.path}",
        f"{row.path}.{name}",
        draft.id,
    )
    return None


def _set_dimension(case: Case, draft: Draft, name: str) -> None:
    """Take a cost centre or unit from its own table when the row of the item named none."""
    table = case.settings.cost_centers if name == "cost_center" else case.settings.cost_units
    if name in draft.codes or not table.rows:
        return
    row = case.look(name, table, draft.facts, draft.id)
    code = row and _code(case, draft, row, name)
    if row and code:
        draft.codes[name] = code
        draft.rules[name] = row.path


def _set_texts(case: Case, draft: Draft) -> None:
    row = case.need("description", case.settings.line_texts, draft.facts, draft.id)
    if row is None:
        return
    scopes = (case.scope, draft.items[0])
    draft.rules["description"] = row.path
    draft.description = first_filled(row.result["description"], scopes)
    notes = first_filled(row.result.get("notes", ()), scopes)
    draft.notes = notes if notes and notes != draft.description else None
