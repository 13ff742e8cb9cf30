from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.mapper_autotask_exact.records import ZERO_LINE, line, mapped, only_problem

HARDWARE = {"name": "Hardware"}
LAPTOP = {"sku": "HW-1001", "name": "Laptop"}


def test_a_line_carries_what_autotask_says() -> None:
    """A line keeps its billing item's id, quantity, price and amount, and says which rows gave its codes."""
    (row,) = mapped().lines
    assert row.source_ids == ["1"]
    assert (row.quantity, row.unit_price, row.amount) == (Decimal("1.5"), Decimal(95), Decimal("142.50"))
    assert (row.item, row.gl_account, row.vat_code, row.vat_rate) == ("ARBEID", "8000", "2", Decimal("0.21"))
    assert (row.description, row.notes) == ("T1 - VPN down", "Tunnel restored")
    assert row.rules == {
        "item": "invoices.items[1]",
        "vat_code": "invoices.vat_codes[0]",
        "description": "invoices.line_texts[0]",
    }


def test_item_codes_can_be_templates() -> None:
    """An item code can be the product's SKU; a product without one is a problem of that row."""
    assert mapped(line(billing_code=HARDWARE, product=LAPTOP)).lines[0].item == "HW-1001"
    problem = only_problem(mapped(line(id=7, billing_code=HARDWARE, product={**LAPTOP, "sku": ""})))
    assert (problem.field, problem.value, problem.setting) == (
        "lines.item",
        "{product.sku}",
        "invoices.items[0].item",
    )
    assert "product.sku is empty in Autotask" in problem.message
    assert problem.message.endswith("(billing item 7)")


def test_the_same_gap_on_several_lines_is_one_problem() -> None:
    """Lines that lack the same thing are named together."""
    document = mapped(*(line(id=number, tax_category={"name": "Onbekend"}) for number in (1, 2, 3)))
    problem = only_problem(document)
    assert problem.value == "region: NL, tax_category: Onbekend, rate: 21"
    assert problem.message.endswith("add one for it (billing item 1, 2, 3)")


@pytest.mark.parametrize(
    ("form", "row", "field"),
    [
        ("sales_entry", {"item": "A"}, "lines.gl_account"),
        ("sales_invoice", {"gl_account": "8000"}, "lines.item"),
        ("sales_order", {"gl_account": "8000"}, "lines.item"),
    ],
)
def test_each_form_needs_its_code(form: str, row: dict[str, str], field: str) -> None:
    """A sales entry needs a GL account on every line, the others an item."""
    problem = only_problem(mapped(with_settings={"form": form, "items": [row]}))
    assert (problem.field, problem.setting) == (field, f"invoices.items[0].{field.removeprefix('lines.')}")


def test_dimensions_come_from_the_item_or_from_their_own_table() -> None:
    """Cost centre, cost unit, unit and project come from the item's row, the first two else from their tables."""
    settings = {
        "items": [
            {
                "role": "Senior*",
                "item": "A",
                "cost_center": "PRJ",
                "project_code": "{project.projectNumber}",
                "unit": "uur",
            },
            {"item": "B"},
        ],
        "cost_centers": [{"billing_code": "Werkzaamheden", "cost_center": "SD"}],
        "cost_units": [{"contract": "C-*", "cost_unit": "{contract.contractNumber}"}],
    }
    own, other = mapped(
        line(id=1, role={"name": "Senior engineer"}, project={"projectNumber": "P7"}),
        line(id=2, contract={"contractName": "Beheer", "contractNumber": "C-77"}),
        with_settings=settings,
    ).lines
    assert (own.cost_center, own.cost_unit, own.project, own.unit) == ("PRJ", None, "P7", "uur")
    assert (other.cost_center, other.cost_unit, other.project) == ("SD", "C-77", None)
    assert other.rules["cost_center"] == "invoices.cost_centers[0]"


@pytest.mark.parametrize(
    ("period", "dates"),
    [
        ("invoice", (dt.date(2026, 9, 1), dt.date(2026, 9, 30))),
        ("item_date", (dt.date(2026, 9, 11), dt.date(2026, 9, 11))),
        (None, (None, None)),
    ],
)
def test_lines_can_carry_a_period(period: str | None, dates: tuple[dt.date | None, dt.date | None]) -> None:
    """A line can carry the invoice's period, its own date, or none."""
    row = {"item": "A"} | ({"period": period} if period else {})
    (made,) = mapped(with_settings={"items": [row]}).lines
    assert (made.from_date, made.to_date) == dates


def test_texts_are_whole_and_without_nul() -> None:
    """Long and odd texts go over as they are, only NUL is left out."""
    long = "é🙂\"'<b>" * 500
    (row,) = mapped(line(itemName=f"a\0{long}", description=f"{long}\0")).lines
    assert (row.description, row.notes) == (f"a{long}", long)


def test_notes_that_repeat_the_description_are_left_out() -> None:
    """A line without a title takes its description as text and does not repeat it."""
    (row,) = mapped(line(itemName="")).lines
    assert (row.description, row.notes) == ("Tunnel restored", None)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, ["1", "2", "3"]),
        ({"zero_lines": "drop"}, ["1"]),
        ({"non_billable_lines": "drop"}, ["1", "3"]),
    ],
)
def test_lines_of_nothing(settings: dict[str, str], kept: list[str]) -> None:
    """Lines without amount are kept or dropped, those for information only by a setting of their own."""
    lines = line(id=1), line(id=2, **ZERO_LINE, nonBillable=1), line(id=3, **ZERO_LINE)
    document = mapped(*lines, with_settings=settings)
    assert [row.source_ids[0] for row in document.lines] == kept
    assert document.problems == []


def test_a_non_billable_line_with_an_amount_is_kept() -> None:
    """A line that is marked for information only but has an amount counts: dropping it would change the total."""
    document = mapped(line(nonBillable=1), with_settings={"non_billable_lines": "drop", "zero_lines": "drop"})
    assert [row.amount for row in document.lines] == [Decimal("142.50")]


def test_an_invoice_of_nothing() -> None:
    """An invoice of which no line is left is a problem, or is skipped when the settings say so."""
    drop = {"zero_lines": "drop"}
    assert only_problem(mapped(line(**ZERO_LINE), with_settings=drop)).setting == "invoices.empty_invoices"
    skipped = mapped(line(**ZERO_LINE), with_settings={**drop, "empty_invoices": "skip"})
    assert (skipped.skip, skipped.problems) == (
        "no line is left of this invoice (invoices.empty_invoices)",
        [],
    )


def test_an_invoice_whose_lines_cannot_be_seen_is_never_skipped() -> None:
    """When the lines are missing but the total is not nothing, it is a problem whatever the settings."""
    document = mapped(billing_items=[], invoiceTotal=Decimal(5), with_settings={"empty_invoices": "skip"})
    assert (document.skip, only_problem(document).field) == (None, "lines")


def test_the_amount_can_come_from_another_field() -> None:
    """The settings name the field that holds the net amount; a line without it is a problem."""
    item = line(totalAmount=Decimal(7), extendedPrice=Decimal(8), taxDollars=Decimal("1.47"))
    document = mapped(item, invoiceTotal=Decimal(7), with_settings={"line_amount": "totalAmount"})
    assert (document.lines[0].amount, document.problems) == (Decimal("7.00"), [])
    empty = line(extendedPrice=None, taxDollars=None)
    assert only_problem(mapped(empty)).setting == "invoices.line_amount"
