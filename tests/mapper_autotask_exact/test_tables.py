from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mapper_autotask_exact.facts import Facts, LineVat, where
from mapper_autotask_exact.tables import Row, Table, condition, find, misses
from tests.mapper_autotask_exact.records import line, record


def table(*rows: dict[str, Any]) -> Table:
    """Return a table whose rows give their own place."""
    return Table(
        "t",
        tuple(Row(f"t[{n}]", tuple(condition(*item) for item in row.items()), {"n": n}) for n, row in enumerate(rows)),
    )


def facts(**changes: Any) -> Facts:
    """Return the facts of a line of an invoice."""
    return Facts(line(**changes), Facts(record()))


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ("Werkzaamheden", True),
        ("  werk ZAAMheden ", False),
        (" WERKZAAMHEDEN ", True),
        ("Werk*", True),
        ("*heden", True),
        ("W*k*d*", True),
        ("*", True),
        ("Werk.*", False),
        ("Werk?aamheden", False),
        ("", False),
        (["Hardware", "Werk*"], True),
        (["Hardware", "Licenties"], False),
    ],
)
def test_texts_match_exactly_or_with_a_star(wanted: Any, fits: bool) -> None:  # noqa: FBT001
    """A condition is the whole text, whatever its capitals and outer spaces; only * stands for something else."""
    assert (find(table({"billing_code": wanted}), facts()) is not None) is fits


def test_an_empty_condition_asks_for_no_value() -> None:
    """An empty text fits only what is empty, and * only what is not."""
    nothing = facts(billing_code=None)
    assert find(table({"billing_code": ""}), nothing) is not None
    assert find(table({"billing_code": "*"}), nothing) is None


def test_the_first_row_that_fits_counts() -> None:
    """Rows are tried from above; a row without conditions fits all."""
    rows = table({"region": "EU"}, {"region": "NL", "billing_code": "Hardware"}, {"region": "NL"}, {})
    found = find(rows, facts())
    assert found is not None
    assert found.path == "t[2]"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("company", "voorbeeld*"),
        ("company_number", "D10042"),
        ("company_type", "Customer"),
        ("company_type", "1"),
        ("country", "NL"),
        ("country", "Nederland"),
        ("has_vat_number", True),
        ("payment_term", "14 dagen"),
        ("currency", "EUR"),
        ("template", "Standaard"),
        ("number", "10850"),
        ("billing_item_type", "Labor"),
        ("sub_type", "Labor"),
        ("tax_category", "Hoog"),
        ("item_name", "T1*"),
        ("non_billable", False),
        ("product", "HW-1"),
        ("product", "Laptop"),
        ("contract", "C-77"),
        ("department", "29682901"),
    ],
)
def test_conditions_ask_what_a_bookkeeper_sees(name: str, wanted: Any) -> None:
    """Every condition finds its value by name, number or label."""
    item = line(
        product={"sku": "HW-1", "name": "Laptop"},
        contract={"contractName": "Beheer", "contractNumber": "C-77"},
        billing_code={"name": "Hardware", "department": 29682901},
    )
    assert find(table({name: wanted}), Facts(item, Facts(record(item)))) is not None


def test_an_invoice_has_the_contracts_of_its_lines() -> None:
    """In a table about whole invoices the contract of any line counts."""
    invoice = record(line(id=1), line(id=2, contract={"contractName": "Beheer", "contractNumber": "C-77"}))
    assert find(table({"contract": "Beheer"}), Facts(invoice)) is not None


@pytest.mark.parametrize(
    ("country", "expected"), [("nl", "home"), ("DE", "eu"), ("GR", "eu"), ("US", "world"), (None, None)]
)
def test_countries_are_home_in_the_union_or_elsewhere(country: str | None, expected: str | None) -> None:
    """A customer is at home, in the European Union or elsewhere; without a country nobody knows."""
    assert where(country, "NL") == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("amount", "tax", "percentage", "fits"),
    [
        ("142.5", "29.925", "21", True),
        ("142.5", "29.93", "21", True),
        ("142.5", "29.94", "21", False),
        ("142.5", "12.825", "9", True),
        ("0", "0", "21", True),
        ("0", "0.21", "21", False),
        ("-100", "-21", "21", True),
        ("100", "0", "0", True),
        ("100", "0", "21", False),
    ],
)
def test_a_rate_fits_when_it_gives_the_vat(amount: str, tax: str, percentage: str, fits: bool) -> None:  # noqa: FBT001
    """A rate fits when amount times rate is the VAT but for rounding; a line of nothing fits any rate."""
    assert LineVat(Decimal(amount), Decimal(tax), Decimal("0.005")).fits(Decimal(percentage)) is fits


def test_misses_are_told_nearest_first() -> None:
    """For each row that does not fit the failing conditions are told, the nearest row first."""
    found = misses(table({"region": "EU", "billing_code": "Hardware"}, {"region": "EU"}, {}), facts())
    assert [miss.path for miss in found] == ["t[1]", "t[0]"]
    assert found[0].failed == [("region", "EU", "NL")]
