"""Words, dates and amounts in both languages."""

from __future__ import annotations

import ast
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import transfer_ledger
from transfer_ledger.page import acting, signing
from transfer_ledger.report.formats import COLUMNS
from transfer_ledger.wording import Words, _dutch, names

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(transfer_ledger.__file__).parent
EN, NL = Words("en"), Words("nl")
SPOKEN = {"t", "words", "self", "_plain", "_again", "Undecidable"}
"""Functions whose texts are shown to people."""


def in_templates() -> Iterator[str]:
    environment = jinja2.Environment(autoescape=True)
    for path in sorted((*HERE.rglob("*.html"), *HERE.rglob("*.txt"))):
        tree = environment.parse(path.read_text())
        for call in tree.find_all(jinja2.nodes.Call):
            said = getattr(call.node, "name", None) in SPOKEN or getattr(call.node, "attr", None) == "count"
            yield from (text.value for text in call.args if said and isinstance(text, jinja2.nodes.Const))
        for assigned in tree.find_all(jinja2.nodes.Assign):
            if getattr(assigned.target, "name", "") == "names":
                yield from (pair.value.value for pair in cast("Any", assigned.node).items)
        for loop in tree.find_all(jinja2.nodes.For):
            if isinstance(loop.iter, jinja2.nodes.List):
                yield from (pair.items[1].value for pair in cast("Any", loop.iter).items if hasattr(pair, "items"))


def in_programs() -> Iterator[str]:
    for path in sorted(HERE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                receiver = getattr(getattr(node.func, "value", None), "id", None)
                if name in SPOKEN or (name == "count" and receiver == "words"):
                    constants = (text.value for text in node.args if isinstance(text, ast.Constant))
                    yield from (text for text in constants if isinstance(text, str))
    for table in (
        value for name, value in vars(names).items() if name[0].isupper() and name.isupper() and isinstance(value, dict)
    ):
        yield from table.values()
    yield from (signing.STALE, acting.NOT_ALLOWED, acting.CHANGED, *THROUGH_A_VARIABLE)
    yield from COLUMNS


THROUGH_A_VARIABLE = ("Too many wrong passwords. Try again in a quarter of an hour.",)


def said() -> set[str]:
    return {text for text in (*in_templates(), *in_programs()) if isinstance(text, str) and text}


def test_every_sentence_has_its_dutch() -> None:
    """Whatever the page, the report and the mail say in English, they can say in Dutch."""
    assert said() - set(_dutch()) == set()


def test_no_dutch_is_left_over() -> None:
    """The dictionary holds no sentence that nobody says."""
    assert set(_dutch()) - said() == set()


@pytest.mark.parametrize(
    ("amount", "currency", "en", "nl"),
    [
        ("4210.55", "EUR", "€ 4,210.55", "€ 4.210,55"),
        ("-1234567.8", "EUR", "€ -1,234,567.80", "€ -1.234.567,80"),
        ("0.125", "USD", "USD 0.125", "USD 0,125"),
        ("5", None, "5.00", "5,00"),
    ],
)
def test_amounts_are_written_as_in_the_country(amount: str, currency: str | None, en: str, nl: str) -> None:
    """Points and commas change places, and no decimal is lost."""
    assert EN.amount(Decimal(amount), currency).replace("\N{NO-BREAK SPACE}", " ") == en
    assert NL.amount(Decimal(amount), currency).replace("\N{NO-BREAK SPACE}", " ") == nl


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_amounts_can_be_read_back(amount: Decimal) -> None:
    """What is shown is the amount itself, in either language."""
    assert Decimal(EN.amount(amount, None).replace(",", "")) == amount
    assert Decimal(NL.amount(amount, None).replace(".", "").replace(",", ".")) == amount


def test_dates_and_spans() -> None:
    """Dates, percentages and time spans are told as people tell them."""
    assert NL.date(dt.date(2026, 3, 1)) == "01-03-2026"
    assert EN.date(dt.date(2026, 3, 1)).replace("\N{NO-BREAK SPACE}", " ") == "1 Mar 2026"
    assert NL.month(dt.date(2026, 5, 1)) == "mei 2026"
    assert NL.percentage(Decimal("0.21")).replace("\N{NO-BREAK SPACE}", " ") == "21 %"
    assert NL.quantity(Decimal("1500.50")) == "1.500,5"
    assert EN.duration(dt.timedelta(seconds=95)) == "1 min 35 s"
    assert NL.duration(dt.timedelta(hours=2, minutes=5)) == "2 u 05 min"
    assert NL.count(1, "{count} document", "{count} documents") == "1 document"
    assert NL.count(1200, "{count} document", "{count} documents") == "1.200 documenten"
