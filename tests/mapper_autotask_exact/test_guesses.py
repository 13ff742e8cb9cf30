from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mapper_autotask_exact.first_settings import main, text
from mapper_autotask_exact.guesses import Guess, Lists, guesses
from mapper_autotask_exact.settings import check
from mapper_autotask_exact.templates import clean
from transfer_ledger.documents import UNDECIDED as GAP

if TYPE_CHECKING:
    from pathlib import Path


def named(stream: str, *names: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    return {stream: [{"id": number, "name": name, **more} for number, name in enumerate(names, 1)]}


def vat(code: str, percentage: float, description: str, **more: Any) -> dict[str, Any]:
    return {"Code": f"{code:3}", "Percentage": percentage, "Description": description, "Type": "E", **more}


def taxed(*rates: float, region: str = "NL") -> dict[str, Any]:
    """Return a tax region whose categories, Hoog and Laag, have these rates."""
    taxes = [{"taxRegionID": 1, "taxCategoryID": number, "taxRate": rate} for number, rate in enumerate(rates, 1)]
    return named("tax_regions", region) | named("tax_categories", *("Hoog", "Laag")[: len(rates)]) | {"taxes": taxes}


def rows(setting: str, autotask: dict[str, Any], exact: dict[str, Any]) -> list[Guess]:
    return guesses(Lists(autotask=autotask, exact=exact))[setting]


HIGH, LOW, NONE = vat("2", 0.21, "BTW hoog"), vat("1", 0.09, "BTW laag"), vat("4", 0, "Geen BTW")


def test_the_only_code_with_a_rate_is_certain() -> None:
    """Codes that are blocked, for purchases or inclusive do not count."""
    others = [
        vat("3", 0.21, "inclusief", Type="I"),
        vat("8", 0.21, "dicht", IsBlocked=True),
        vat("9", 0.21, "inkoop", VATTransactionType="P"),
    ]
    first, second = rows("vat_codes", taxed(0.21, 0.09), {"vat_codes": [HIGH, LOW, *others]})
    assert (first.row, first.doubt) == ({"region": "NL", "tax_category": "Hoog", "rate": 21, "code": "2"}, "")
    assert (second.row["code"], second.doubt) == ("1", "")


def test_several_codes_with_a_rate_are_told_apart_by_name_or_left() -> None:
    """A name is a doubt; without one the codes are listed."""
    other = vat("22", 0.21, "BTW marge")
    (by_name,) = rows("vat_codes", taxed(0.21), {"vat_codes": [HIGH, other]})
    assert by_name.row["code"] == "2"
    assert "22 BTW marge" in by_name.doubt
    (left,) = rows("vat_codes", taxed(0.21), {"vat_codes": [other, vat("23", 0.21, "BTW iets")]})
    assert left.gap
    assert left.doubt == "21 %; from 22 BTW marge; 23 BTW iets"


def test_a_rate_that_no_code_has_is_a_gap() -> None:
    """With the codes there are; taxes of one category add up."""
    double = taxed(0.21)
    double["taxes"] = [*double["taxes"], {"taxRegionID": 1, "taxCategoryID": 1, "taxRate": 0.01}]
    (guess,) = rows("vat_codes", double, {"vat_codes": [HIGH]})
    assert (guess.row["rate"], guess.row["code"], guess.doubt) == (22, GAP, "22 %; from 2 BTW hoog")


@pytest.mark.parametrize(
    ("region", "code", "reverse"),
    [
        ("NL verlegd", "5", True),
        ("Reverse charge NL", "5", True),
        ("EU", "6", True),
        ("Intracommunautair", "6", True),
        ("Buiten EU", "7", None),
        ("Export", "7", None),
        ("Caribisch", GAP, None),
        ("Neutraal", GAP, None),
    ],
)
def test_a_region_without_vat_is_guessed_by_its_name_and_never_surely(region: str, code: str, reverse: Any) -> None:
    """Reverse charge, the European Union and the rest are told by their words; what says nothing stays a gap."""
    free = [NONE, vat("5", 0, "BTW verlegd"), vat("6", 0, "ICP diensten EU"), vat("7", 0, "Export buiten EU")]
    (guess,) = rows("vat_codes", taxed(0, 0, region=region), {"vat_codes": [HIGH, *free]})
    assert (guess.row["code"], guess.row.get("reverse_charge")) == (code, reverse)
    assert guess.doubt


def test_payment_conditions_go_by_their_days() -> None:
    """The only one with those days is certain; two of them are told apart by name; a term at month's end is another."""
    terms = {
        "payment_terms": [
            {"id": 1, "name": "14 dagen", "paymentDueInDays": 14},
            {"id": 2, "name": "Maand", "paymentDueInDays": 30},
            {"id": 3, "name": "Oud", "paymentDueInDays": 7, "isActive": False},
            {"id": 4, "name": "Nooit", "paymentDueInDays": 99},
        ]
    }
    conditions = [
        {"Code": "14", "Description": "14 dagen", "PaymentDays": 14, "PaymentEndOfMonths": 0},
        {"Code": "30", "Description": "30 dagen", "PaymentDays": 30},
        {"Code": "M", "Description": "Maand", "PaymentDays": 30},
        {"Code": "E", "Description": "einde", "PaymentDays": 14, "PaymentEndOfMonths": 1},
    ]
    first, second, last = rows("payment_conditions", terms, {"payment_conditions": conditions})
    assert (first.row["code"], first.doubt) == ("14", "")
    assert second.row["code"] == "M"
    assert second.doubt
    assert last.gap
    assert last.doubt.startswith("99 days; from 14 14 dagen")


ACCOUNTS = [
    {"ID": "a", "Code": "8000", "Type": 110},
    {"ID": "b", "Code": "8020", "Type": 110},
    {"ID": "c", "Code": "1300", "Type": 20},
]


def item(code: str, description: str, account: str = "a", **more: Any) -> dict[str, Any]:
    return {"Code": code, "Description": description, "GLRevenue": account, "IsSalesItem": True, **more}


@pytest.mark.parametrize(
    ("code", "items", "row", "doubtful"),
    [
        ({"name": "Arbeid"}, [item("A", "Arbeid")], {"item": "A", "gl_account": "8000"}, False),
        ({"name": "X", "externalNumber": "A"}, [item("A", "Y")], {"item": "A", "gl_account": "8000"}, False),
        ({"name": "Reistijd"}, [item("R", "Reistijd en km", "b")], {"item": "R", "gl_account": "8020"}, True),
        (
            {"name": "X", "generalLedgerAccount": 8000},
            [item("A", "Y"), item("B", "Z", "b")],
            {"item": "A", "gl_account": "8000"},
            True,
        ),
        (
            {"name": "X", "generalLedgerAccount": 8000},
            [item("A", "Y"), item("B", "Z")],
            {"item": GAP, "gl_account": "8000"},
            True,
        ),
        ({"name": "X"}, [item("A", "Y")], {"item": GAP, "gl_account": GAP}, True),
        ({"name": "X", "generalLedgerAccount": 1300}, [], {"item": GAP, "gl_account": GAP}, True),
        ({"name": "Arbeid"}, [item("A", "Arbeid", IsSalesItem=False)], {"item": GAP, "gl_account": GAP}, True),
    ],
)
def test_items_go_by_number_name_or_account(
    code: dict[str, Any], items: list[dict[str, Any]], row: dict[str, str], doubtful: Any
) -> None:
    """Number and whole name are certain, part of a name and a shared G/L account are not; anything else is a gap."""
    autotask = {"billing_codes": [{"id": 1, **code}]}
    (guess,) = rows("items", autotask, {"items": items, "gl_accounts": ACCOUNTS})
    assert (guess.row, bool(guess.doubt)) == ({"billing_code": code["name"], **row}, doubtful)


def test_products_that_have_items_go_by_their_sku() -> None:
    """Where most SKUs of a billing code are items, one row does for all; those that are not are named."""
    autotask = {
        "billing_codes": [{"id": 1, "name": "Hardware", "generalLedgerAccount": 8020}],
        "products": [{"sku": sku, "productBillingCodeID": 1} for sku in ("A", "B", "C")],
    }
    first, _ = rows("items", autotask, {"items": [item("A", "x"), item("B", "y")], "gl_accounts": ACCOUNTS})
    assert first.row == {"billing_code": "Hardware", "product": "*", "item": "{product.sku}", "gl_account": "8020"}
    assert first.doubt == "no item in Exact for C"


def test_one_sales_journal_is_taken_and_several_are_asked_for() -> None:
    """Blocked ones and those of other kinds do not count."""
    journals = [{"Code": "70", "Type": 20}, {"Code": "20", "Type": 12}, {"Code": "9", "Type": 20, "IsBlocked": True}]
    (one,) = rows("journal", {}, {"journals": journals})
    assert (one.row, one.gap) == ("70", False)
    (several,) = rows("journal", {}, {"journals": [*journals, {"Code": "71", "Type": 20}]})
    assert several.gap


NAMES = st.text(min_size=1, max_size=30).filter(lambda name: bool(clean(name).split()))


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), NAMES)
def test_whatever_the_names_are_the_settings_can_be_read(names: list[str], description: str) -> None:
    """Quotes, colons, newlines and comment signs in names change nothing but the names themselves."""
    autotask = named("payment_terms", *names, paymentDueInDays=30) | taxed(0.21, region=names[0])
    exact = {"payment_conditions": [{"Code": "30", "Description": description, "PaymentDays": 30}], "vat_codes": [HIGH]}
    read = yaml.safe_load(text(guesses(Lists(autotask=autotask, exact=exact))))["invoices"]
    told = [" ".join(clean(name).split()) for name in names]
    assert [row["payment_term"] for row in read["payment_conditions"]] == told
    assert read["vat_codes"][0]["region"] == told[0]


def test_the_program_writes_settings_that_the_mapper_takes(tmp_path: Path) -> None:
    """From what both taps wrote; how many rows are certain, to check and to choose is told beside it."""
    autotask = taxed(0.21) | named("payment_terms", "30", paymentDueInDays=30) | named("currencies", "EUR", "USD")
    autotask |= {"billing_codes": [{"id": 1, "name": "Arbeid"}]}
    conditions = [{"Code": "30", "Description": "30 dagen", "PaymentDays": 30}]
    exact = {
        "vat_codes": [HIGH],
        "items": [item("A", "Arbeid")],
        "gl_accounts": ACCOUNTS,
        "payment_conditions": conditions,
    }
    files = []
    for name, lists in (("autotask", autotask), ("exact", exact)):
        lines = [
            json.dumps({"type": "RECORD", "stream": stream, "record": row})
            for stream, rows in lists.items()
            for row in rows
        ]
        (tmp_path / name).write_text("\n".join([json.dumps({"type": "STATE", "value": {}}), *lines]))
        files.append(str(tmp_path / name))
    result = CliRunner().invoke(main, files)
    assert result.exit_code == 0, result.output
    assert check(yaml.safe_load(result.stdout)) == []
    assert "5 rows: 4 certain, 0 to check, 1 to choose." in result.stderr
