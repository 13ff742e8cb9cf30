"""The dictionary of messages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from transfer_ledger.causes import Cause, dictionary, explain

GOLDEN = Path(__file__).parents[1] / "golden"


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("cause", dictionary().causes, ids=lambda cause: cause.name)
def test_texts_use_what_the_pattern_finds(cause: Cause) -> None:
    """Each text speaks of nothing that its pattern does not find, and says the same in both languages."""
    found = set(re.compile(cause.pattern).groupindex) | {"message"}
    for texts in (cause.en, cause.nl):
        assert all(texts)
        assert set().union(*map(places, texts)) <= found
    assert places(cause.en[0]) == places(cause.nl[0])


def test_every_problem_of_the_golden_cases_is_explained() -> None:
    """Whatever the mapper says of a document, the dictionary knows it."""
    cases = [yaml.safe_load(path.read_text()) for path in sorted(GOLDEN.glob("*/document.yml"))]
    messages = [problem["message"] for case in cases for problem in case.get("problems") or ()]
    unknown = [message for message in messages if explain(message, "nl").name == "other"]
    assert messages
    assert unknown == []


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("Exact Online has no account D10001", "Klant D10001 staat niet in Exact Online"),
        (
            "no row of invoices.vat_codes fits {region: Caribisch, tax_category: Hoog, rate: 0}; add one for it",
            "Geen btw-code voor regio Caribisch, btw-categorie Hoog, tarief 0",
        ),
        ("Exact Online refused it: Ongeldig: Klant (Type)", "De relatie is in Exact Online geen klant"),
        ("Exact Online refused it: De periode is afgesloten", "De periode van de factuurdatum is afgesloten"),
        ("gross is 121.00 here and 121.01 there", "Het totaal in Exact wijkt af van dat in Autotask"),
        ("Value does not reference an existing entity for contactID.", "Autotask kent de waarde van contactID niet"),
    ],
)
def test_messages_have_a_dutch_title(message: str, title: str) -> None:
    """Our own messages, Exact's and Autotask's are told in plain Dutch."""
    assert explain(message, "nl").title == title


@given(st.text(max_size=4000))
def test_any_message_has_a_title_and_an_advice(message: str) -> None:
    """No message breaks the dictionary, whatever braces and signs are in it, and no title is without end."""
    for language in ("en", "nl"):
        found = explain(message, language)
        assert found.advice
        assert len(found.title) < 800
