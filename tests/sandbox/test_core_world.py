"""The world that all systems of the sandbox agree on."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.be import vat as be
from stdnum.de import vat as de
from stdnum.gb import vat as gb
from stdnum.nl import btw as nl

from sandbox import books
from sandbox.vat_numbers import vat_number
from sandbox.world import BROKEN_PLACES, build_world

CHECKS = {"NL": nl, "BE": be, "DE": de, "GB": gb}


@pytest.mark.parametrize("country", CHECKS)
@given(number=st.integers(0, 1000))
def test_vat_numbers_pass_their_checks(country: str, number: int) -> None:
    """Made-up VAT numbers are valid, as far as numbers can be."""
    assert CHECKS[country].is_valid(vat_number(country, number))
    assert vat_number(country, number) != vat_number(country, number + 1)


def test_countries_without_vat() -> None:
    """Where there is no VAT there is no number."""
    assert vat_number("US", 1) == ""


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), companies=st.integers(12, 400))
def test_any_world_holds_what_is_needed(seed: int, companies: int) -> None:
    """Whatever the seed, names and numbers are unique and fit, and every kind of company is there."""
    world = build_world(seed, companies)
    assert len(world.companies) == companies + 1
    assert len({company.name for company in world.companies}) == companies + 1
    assert all(0 < len(company.name) <= 100 for company in world.companies)
    assert len({company.number for company in world.companies}) == companies + 1
    assert world.companies[0].id == 0
    places = Counter(company.place for company in world.companies)
    assert [places[place] for place in BROKEN_PLACES] == [1, 1, 1]
    assert {company.place.kind for company in world.companies} == {"own", "customer", "prospect", "vendor"}
    regions = {region.name for region in world.tax_regions}
    assert {company.place.tax_region for company in world.of_kind("customer")} == regions


def test_same_number_same_world() -> None:
    """A seed number gives the same companies every time."""
    assert build_world(3, 50) == build_world(3, 50)
    assert build_world(3, 50) != build_world(4, 50)


def test_books_fit_the_world() -> None:
    """Payment terms, cost centres and items of the books are those the world's rows lead to."""
    world = build_world(1, 12)
    conditions = {condition.code for condition in books.PAYMENT_CONDITIONS}
    assert {term.condition for term in world.payment_terms} - {None} == conditions
    assert {department.cost_centre for department in world.departments} < {each.code for each in books.COST_CENTRES}
    accounts = {account.code for account in books.GL_ACCOUNTS}
    assert {item.gl_account for item in books.ITEMS} <= accounts
