from __future__ import annotations

from decimal import Decimal

import pytest

from tests.mapper_autotask_exact.records import ROUNDING, ZERO_LINE, line, mapped, only_problem


@pytest.mark.parametrize(
    ("amount", "tax", "category", "code", "rate"),
    [
        ("142.5", "29.925", "Hoog", "2", "0.21"),
        ("142.5", "29.93", "Hoog", "2", "0.21"),
        ("10", "0.9", "Laag", "1", "0.09"),
        ("0.01", "0", "Hoog", "2", "0.21"),
        ("10", "0", "Hoog", "4", "0"),
        ("0", "0", "Laag", "1", "0.09"),
    ],
)
def test_vat_codes_follow_the_rate(amount: str, tax: str, category: str, code: str, rate: str) -> None:
    """The rate found from the line's VAT picks the row; a line of nothing has the rate of its category."""
    item = line(
        extendedPrice=Decimal(amount), taxDollars=Decimal(tax), quantity=1, rate=0, tax_category={"name": category}
    )
    (row,) = mapped(item).lines
    assert (row.vat_code, row.vat_rate) == (code, Decimal(rate))


def test_a_line_of_nothing_follows_the_other_lines_of_its_category() -> None:
    """Where categories are not in the table, a line of nothing takes the code that its category got elsewhere."""
    rows = [{"rate": 21, "code": "2"}, {"rate": 9, "code": "1"}]
    low = {"tax_category": {"name": "Laag"}}
    lines = line(id=1, **ZERO_LINE, **low), line(id=2, extendedPrice=Decimal(100), taxDollars=Decimal(9), **low)
    assert [row.vat_code for row in mapped(*lines, with_settings={"vat_codes": rows}).lines] == ["1", "1"]


def test_a_row_without_a_rate_takes_the_rate_it_finds() -> None:
    """When the table does not ask for a rate, the line has the one Autotask charged, to a hundredth of a percent."""
    document = mapped(
        line(extendedPrice=Decimal(3), taxDollars=Decimal("0.18")), with_settings={"vat_codes": [{"code": "9"}]}
    )
    assert document.lines[0].vat_rate == Decimal("0.06")


def test_vat_on_a_line_of_nothing_fits_no_row() -> None:
    """VAT without an amount has no rate, so that it is a problem."""
    document = mapped(line(extendedPrice=Decimal(0), taxDollars=Decimal(1)), with_settings={"rounding": ROUNDING})
    assert document.problems[0].setting == "invoices.vat_codes"


@pytest.mark.parametrize(
    ("tax", "tax_id", "fields"),
    [
        ("0", "DE1", []),
        ("0", "", ["customer.vat_number"]),
        ("21", "DE1", ["lines.vat_amount"]),
    ],
)
def test_reverse_charge_is_checked(tax: str, tax_id: str, fields: list[str]) -> None:
    """Reverse-charged lines carry no VAT and their customer has a VAT number."""
    rows = [{"region": "EU", "code": "6", "reverse_charge": True}]
    document = mapped(
        line(extendedPrice=Decimal(100), taxDollars=Decimal(tax)),
        taxRegionName="EU",
        company={"companyName": "Muster GmbH", "taxID": tax_id},
        with_settings={"vat_codes": rows},
    )
    assert [problem.field for problem in document.problems] == fields


def test_a_gap_names_what_a_row_would_have_to_ask() -> None:
    """The problem of a missing VAT row shows the conditions of the row to add."""
    problem = only_problem(mapped(taxRegionName="Caribisch"))
    assert problem.setting == "invoices.vat_codes"
    assert problem.message.startswith(
        "no row of invoices.vat_codes fits {region: Caribisch, tax_category: Hoog, rate: 21}; add one for it"
    )
