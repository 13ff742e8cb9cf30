"""Lines that agree become one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.facts import shown
from mapper_autotask_exact.invoices.amounts import ZERO
from mapper_autotask_exact.invoices.lines import CODES, Draft
from mapper_autotask_exact.templates import fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mapper_autotask_exact.invoices.case import Case
    from mapper_autotask_exact.tables import Row
    from mapper_autotask_exact.templates import Scopes, Template


def grouped(case: Case, drafts: list[Draft]) -> list[Draft]:
    """Merge the lines that the settings group, each at the place of its first.

    Only lines with the same item, account, unit, VAT code and rate and the same dimensions merge.
    """
    row = case.look("grouping", case.settings.grouping)
    if row is None or row.result["by"] == "none":
        return drafts
    by = row.result["by"] if isinstance(row.result["by"], list) else [row.result["by"]]
    names = ["billing_item_type" if name == "type" else name for name in by]
    groups: dict[tuple[Any, ...], list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(_key(draft, names), []).append(draft)
    return [_merged(case, group, names, row) for group in groups.values()]


def _key(draft: Draft, names: list[str]) -> tuple[Any, ...]:
    return (
        *(draft.facts[name] for name in names),
        *(draft.codes.get(name) for name in CODES),
        draft.period,
        draft.vat_code,
        draft.vat_rate,
    )


def _merged(case: Case, group: list[Draft], names: list[str], row: Row) -> Draft:
    """Add up a group; the quantity too when all have one price, otherwise it is one times the amount."""
    first, amount = group[0], sum((draft.amount for draft in group), ZERO)
    one_price = len({draft.price for draft in group}) == 1
    quantity = sum((draft.quantity for draft in group), ZERO)
    merged = Draft(
        [item for draft in group for item in draft.items],
        first.facts,
        amount,
        sum((draft.tax for draft in group), ZERO),
        quantity if one_price else Decimal(1),
        first.price if one_price else amount,
        first.codes,
        first.period,
        first.vat_code,
        first.vat_rate,
        rules={**first.rules, "description": row.path},
    )
    scopes = [(case.scope, {**draft.items[0], **_of_group(merged, quantity)}) for draft in group]
    own_text = " ".join(text for name in names if (text := shown(first.facts[name])))
    merged.description = _shared(row.result.get("description", ()), scopes) or own_text or first.description
    merged.notes = _shared(row.result.get("notes", ()), scopes) or None
    return merged


def _of_group(merged: Draft, quantity: Decimal) -> dict[str, Any]:
    dates = sorted(str(item["itemDate"]) for item in merged.items if item.get("itemDate"))
    return {
        "count": len(merged.items),
        "quantity": quantity,
        "extendedPrice": merged.amount,
        "totalAmount": merged.amount,
        "first_date": dates[0] if dates else None,
        "last_date": dates[-1] if dates else None,
    }


def _shared(templates: Sequence[Template], scopes: Sequence[Scopes]) -> str:
    """Return the text of the first template that comes out filled and the same for every line of a group."""
    for template in templates:
        texts = {(text, not empty) for text, empty in (fill(template, scope) for scope in scopes)}
        if len(texts) == 1 and (text := texts.pop())[1]:
            return text[0]
    return ""
