"""The VAT code and rate of a line, from the VAT that Autotask computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mapper_autotask_exact.templates import plain

if TYPE_CHECKING:
    from decimal import Decimal

    from mapper_autotask_exact.invoices.case import Case
    from mapper_autotask_exact.invoices.lines import Draft
    from mapper_autotask_exact.tables import Row


def set_vat(case: Case, drafts: list[Draft]) -> None:
    """Give every line its VAT code and rate.

    A line without amount has no rate of its own: it takes the row of another line of its tax category, and where
    there is none the first row that fits whatever the rate.
    """
    by_category: dict[str, Row] = {}
    for draft in sorted(drafts, key=lambda draft: not draft.amount):
        category = " ".join(draft.facts["tax_category"])
        row = None if draft.amount else by_category.get(category)
        row = row or case.need("vat_code", case.settings.vat_codes, draft.facts, draft.id)
        if row is None:
            continue
        by_category.setdefault(category, row)
        draft.vat_code = row.result["code"]
        draft.vat_rate = row.result.get("rate", _derived_rate(draft))
        draft.rules["vat_code"] = row.path
        if row.result.get("reverse_charge"):
            _check_reverse_charge(case, draft, row)


def _derived_rate(draft: Draft) -> Decimal | None:
    percentage = draft.facts["rate"].percentage
    return None if percentage is None else percentage / 100


def _check_reverse_charge(case: Case, draft: Draft, row: Row) -> None:
    if draft.tax:
        case.problem(
            "lines.vat_amount",
            plain(draft.tax),
            f"{row.path} says that VAT is reverse-charged, but Autotask charged {plain(draft.tax)}; "
            "correct the tax region of the company in Autotask, or the row",
            row.path,
            draft.id,
        )
    if not case.company.get("taxID"):
        case.problem(
            "customer.vat_number",
            "",
            f"VAT is reverse-charged ({row.path}), which needs the customer's VAT number; "
            "fill in the tax ID of the company in Autotask",
            "invoices.customer.vat_number",
        )
