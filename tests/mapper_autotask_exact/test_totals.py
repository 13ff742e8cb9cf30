from __future__ import annotations

from decimal import Decimal

import pytest

from tests.mapper_autotask_exact.records import ROUNDING, line, mapped, only_problem


def test_a_missing_rounding_row_names_both_figures() -> None:
    """A total that differs from its lines is a problem that names both, and the setting that could take it up."""
    problem = only_problem(mapped(invoiceTotal=Decimal("143.5")))
    assert "172.43 together" in problem.message
    assert "173.43 together" in problem.message
    assert "a difference of 1.00" in problem.message
    assert problem.setting == "invoices.rounding"


@pytest.mark.parametrize(
    ("total", "rounding_amounts", "problems"),
    [("142.5", [], []), ("142.55", ["0.05"], []), ("142.44", [], ["invoices.rounding.max_amount"])],
)
def test_a_small_difference_becomes_a_line(total: str, rounding_amounts: list[str], problems: list[str]) -> None:
    """A difference up to the limit is taken up by a line without VAT; a larger one is a problem."""
    document = mapped(invoiceTotal=Decimal(total), with_settings={"rounding": {**ROUNDING, "cost_center": "SD"}})
    added = [row for row in document.lines if row.rounding]
    assert [str(row.amount) for row in added] == rounding_amounts
    assert [problem.setting for problem in document.problems] == problems
    assert [(row.item, row.gl_account, row.vat_code, row.cost_center) for row in added] == [
        ("AFRONDING", "9990", "4", "SD")
    ] * len(added)


def test_a_net_total_off_by_a_rounding_moves_a_line_instead() -> None:
    """Where Autotask rounded its total the other way, a line with a part of a cent follows, without a rounding line."""
    item = line(quantity=1, rate=Decimal("10.004"), extendedPrice=Decimal("10.004"), taxDollars=Decimal("2.10"))
    document = mapped(item, invoiceTotal=Decimal("10.01"), totalTaxValue=Decimal("2.10"))
    assert [row.amount for row in document.lines] == [Decimal("10.01")]
    assert document.problems == []


def test_totals_with_vat_inside() -> None:
    """Where invoiceTotal includes VAT, the net is what remains."""
    document = mapped(invoiceTotal=Decimal("172.425"), with_settings={"invoice_total": "gross"})
    assert (document.totals.net, document.totals.vat, document.totals.gross) == (
        Decimal("142.50"),
        Decimal("29.93"),
        Decimal("172.43"),
    )
    assert document.problems == []


def test_an_invoice_without_a_total_is_a_problem() -> None:
    """A total that Autotask does not give is not taken for zero."""
    assert "totals" in [problem.field for problem in mapped(invoiceTotal=None).problems]


def test_a_sales_entry_carries_autotasks_vat() -> None:
    """The VAT of a sales entry's lines is Autotask's own, to the cent, so that it needs no rounding line."""
    items = [line(id=number, extendedPrice=Decimal("0.11"), quantity=1, rate=Decimal("0.11")) for number in range(3)]
    by_line = {"vat_rounding": "line", "rounding": ROUNDING}
    entry = mapped(*items, with_settings={**by_line, "form": "sales_entry"})
    assert [row.vat_amount for row in entry.lines] == [Decimal("0.03"), Decimal("0.02"), Decimal("0.02")]
    assert entry.totals.vat == Decimal("0.07")
    invoice = mapped(*items, with_settings=by_line)
    assert [row.amount for row in invoice.lines if row.rounding] == [Decimal("0.01")]
