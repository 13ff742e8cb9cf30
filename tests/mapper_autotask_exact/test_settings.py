from __future__ import annotations

from typing import Any

import pytest

from mapper_autotask_exact.settings import SettingsError, check, load
from tests.golden.cases import base_settings
from tests.mapper_autotask_exact.records import MINIMAL, ROUNDING, VAT_CODES, config


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jornal": "70"}, "invoices.jornal: unknown; did you mean journal?"),
        ({"xyzzy": 1}, "invoices.xyzzy: unknown; known here: form, journal"),
        (
            {"vat_codes": [{"tax_catagory": "Hoog", "code": "2"}]},
            "invoices.vat_codes[0].tax_catagory: unknown; did you mean tax_category?",
        ),
        (
            {"journal": 70},
            'invoices.journal: 70 is not text; write it between quotes, "70", so that it stays as it is',
        ),
        (
            {"skip": [{"country": False}]},
            'invoices.skip[0].country: false is not text; write it between quotes, "false"',
        ),
        (
            {"form": "salesinvoice"},
            'invoices.form: "salesinvoice" is none of sales_invoice, sales_order, sales_entry; did you mean sales_inv',
        ),
        ({"form": [{"form": "order"}]}, 'invoices.form[0].form: "order" is none of sales_invoice'),
        ({"vat_codes": [{"region": "NL"}]}, "invoices.vat_codes[0].code: missing; say it here: VAT code in Exact"),
        ({"vat_codes": []}, "invoices.vat_codes: empty; fill in at least one"),
        ({"vat_codes": "2"}, 'invoices.vat_codes: "2" is not a list'),
        ({"vat_codes": [{"rate": 210, "code": "2"}]}, "invoices.vat_codes[0].rate: 210 is greater than the maximum"),
        ({"items": [{"role": "Engineer"}]}, "invoices.items[0]: names neither item nor gl_account"),
        ({"skip": [{}]}, "invoices.skip[0]: empty"),
        ({"home_country": "Netherlands"}, "invoices.home_country: 'Netherlands' is no two-letter country code"),
        ({"definitive": "yes"}, 'invoices.definitive: "yes" is not true or false'),
        ({"credit_notes": {"negative": "x"}}, "invoices.credit_notes.negative: unknown; did you mean negative_total?"),
        ({"rounding": {"item": "A"}}, "invoices.rounding.vat_code: missing; say it here"),
        ({"grouping": "billingcode"}, "did you mean billing_code?"),
        (
            {"description": "{nummer}"},
            "invoices.description: {nummer}: there is no field 'nummer'; did you mean number?",
        ),
        (
            {"line_texts": [{"description": ["{itemName}", "{itemNam}"]}]},
            "invoices.line_texts[0].description[1]: {itemNam}: there is no field 'itemNam'; did you mean itemName?",
        ),
        ({"customer": {"code": "{company.number}"}}, "invoices.customer.code: {company.number}: company has no field"),
        (
            {"items": [{"item": "{product.skuu}"}]},
            "invoices.items[0].item: {product.skuu}: product has no field 'skuu'; did you mean sku?",
        ),
        (
            {"items": [{"item": "A"}, {"role": "Engineer", "item": "B"}]},
            "invoices.items[1]: never counts, since invoices.items[0] above it asks nothing and always fits",
        ),
        (
            {"vat_codes": [*VAT_CODES, {**VAT_CODES[0], "code": "9"}]},
            "invoices.vat_codes[4]: never counts, since invoices.vat_codes[0] above it asks the same",
        ),
        ({"form": "sales_entry", "journal": []}, "invoices.journal: missing; a sales entry needs a journal"),
        ({"keep_number": True}, "invoices.keep_number: true, but Exact numbers a sales_invoice itself"),
        (
            {"form": "sales_entry", "rounding": {"item": "A", "vat_code": "4"}},
            "invoices.rounding.gl_account: missing; a sales_entry needs it on every line",
        ),
    ],
)
def test_a_mistake_is_named_with_its_path_and_what_to_do(changes: dict[str, Any], message: str) -> None:
    """Each mistake is one sentence: where, which value, what to write instead."""
    (sentence,) = check(config(**changes))
    assert sentence.startswith("invoices.")
    assert message in sentence


def test_all_mistakes_come_at_once() -> None:
    """One look shows every mistake against the schema."""
    errors = check(config(jornal="70", form="x", home_country="x"))
    assert len(errors) == 3
    with pytest.raises(SettingsError) as caught:
        load(config(jornal="70", form="x", home_country="x"))
    assert caught.value.errors == errors


@pytest.mark.parametrize(
    ("settings", "messages"),
    [
        ({}, ["the settings: empty; fill in at least one of invoices, accounts, companies, payments, purchases"]),
        ({"invoice": MINIMAL}, ["invoice: unknown; did you mean invoices?"]),
        (
            {"invoices": {}},
            [
                "invoices.vat_codes: missing; say it here: VAT code of a line",
                "invoices.items: missing; say it here: item and GL account of a line",
            ],
        ),
        ({"invoices": None}, ["invoices: null is not a group of settings"]),
    ],
)
def test_the_top_is_checked_too(settings: dict[str, Any], messages: list[str]) -> None:
    """A misspelt area, an empty one, or none at all is an error."""
    assert check(settings) == messages


def test_good_settings_have_no_mistakes() -> None:
    """The least there must be is accepted, and so are the tables of the demo."""
    assert check(config()) == []
    assert check(config(rounding=ROUNDING)) == []
    assert check(base_settings()) == []


def test_settings_are_left_as_they_are() -> None:
    """Checking fills in nothing in what was given."""
    given = config()
    load(given)
    assert given == config()
