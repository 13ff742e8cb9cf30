from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.mapper_autotask_exact.records import line, mapped

GROUPED: list[dict[str, Any]] = [
    {"id": 1, "itemName": "Printer", "itemDate": "2026-09-04T00:00:00Z", "extendedPrice": Decimal("142.5")},
    {"id": 2, "itemName": "Scherm", "itemDate": "2026-09-02T00:00:00Z", "extendedPrice": Decimal("142.5")},
]


def test_lines_are_not_grouped_unless_asked() -> None:
    """Every billing item is a line of its own by default."""
    assert [row.source_ids for row in mapped(*(line(**item) for item in GROUPED)).lines] == [["1"], ["2"]]


def test_grouped_lines_add_up() -> None:
    """Lines that agree become one, with their hours and exact amounts added up, at the place of the first."""
    items = line(**GROUPED[0]), line(id=3, labels={"billingItemType": "Expense"}), line(**GROUPED[1])
    first, second = mapped(*items, with_settings={"grouping": "type"}).lines
    assert (first.source_ids, second.source_ids) == (["1", "2"], ["3"])
    assert (first.quantity, first.unit_price, first.amount) == (Decimal("3.0"), Decimal(95), Decimal("285.00"))
    assert (first.description, first.notes) == ("Labor", None)


def test_amounts_are_added_before_they_are_rounded() -> None:
    """A group of lines with parts of cents is rounded once."""
    items = (
        line(id=number, quantity=Decimal("0.01"), rate=Decimal("0.4"), extendedPrice=Decimal("0.004"))
        for number in range(5)
    )
    assert [row.amount for row in mapped(*items, with_settings={"grouping": "type"}).lines] == [Decimal("0.02")]


def test_different_prices_become_one_amount() -> None:
    """A group with several prices is one times its amount."""
    items = line(**GROUPED[0]), line(**{**GROUPED[1], "rate": 100, "extendedPrice": Decimal(150)})
    (row,) = mapped(*items, with_settings={"grouping": "billing_code"}).lines
    assert (row.quantity, row.unit_price, row.amount) == (Decimal(1), Decimal("292.5"), Decimal("292.50"))


@pytest.mark.parametrize(
    "difference",
    [
        {"tax_category": {"name": "Laag"}, "taxDollars": Decimal("12.825")},
        {"role": {"name": "Senior engineer"}},
        {"contract": {"contractName": "C-1"}},
    ],
)
def test_only_lines_with_the_same_codes_merge(difference: dict[str, Any]) -> None:
    """Lines with another VAT code, item or cost centre stay apart."""
    settings = {
        "grouping": "type",
        "items": [{"role": "Senior*", "item": "SENIOR"}, {"item": "ARBEID"}],
        "cost_centers": [{"contract": "C-*", "cost_center": "MS"}],
    }
    items = line(**GROUPED[0]), line(**{**GROUPED[1], **difference})
    assert len(mapped(*items, with_settings=settings).lines) == 2


def test_group_texts_know_the_group() -> None:
    """A group's text can count its lines and hours and name its first and last day."""
    table = [
        {"country": "BE", "by": "none"},
        {
            "by": ["type", "billing_code"],
            "description": ["{itemName}", "{billing_code.name}: {quantity} hours, {first_date} to {last_date}"],
            "notes": "{count} lines, {extendedPrice:.2f}",
        },
    ]
    items = [line(**item) for item in GROUPED]
    (row,) = mapped(*items, with_settings={"grouping": table}).lines
    assert row.description == "Werkzaamheden: 3 hours, 02-09-2026 to 04-09-2026"
    assert row.notes == "2 lines, 285,00"
    (alone,) = mapped(items[0], with_settings={"grouping": table}).lines
    assert alone.description == "Printer"
