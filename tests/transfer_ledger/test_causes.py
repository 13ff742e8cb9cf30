"""The dictionary of messages."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mapper_autotask_exact.facts import HEADER_FACTS, LINE_FACTS
from mapper_autotask_exact.parties.facts import ACCOUNT_FACTS, COMPANY_FACTS
from mapper_autotask_exact.purchases import facts as purchases
from transfer_ledger.causes import Cause, dictionary, explain

GOLDEN = Path(__file__).parents[1] / "golden"
SAID = [
    (name, message)
    for name, messages in tomllib.loads(Path(__file__).with_name("said.toml").read_text(encoding="utf-8")).items()
    for message in messages
]


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


@pytest.mark.parametrize(("name", "message"), SAID)
def test_each_message_has_its_own_cause_in_both_languages(name: str, message: str) -> None:
    """What the mapper and the targets say is explained by the entry that was written for it, in Dutch too."""
    english, dutch = explain(message, "en"), explain(message, "nl")
    assert (english.name, dutch.name) == (name, name)
    assert dutch.title not in {english.title, message}
    assert dutch.advice != english.advice


def test_globe_is_not_told_of_as_exact_online() -> None:
    """What Exact Globe refuses is told of Globe, though the words of both are the same."""
    online, globe = (explain(f"Exact {each} refused it: Already exists: Order", "nl") for each in ("Online", "Globe"))
    assert (online.title, globe.title) == ("Het bestaat al in Exact Online", "Het bestaat al in Exact Globe")
    assert "Globe" in globe.advice


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("Exact Online has no item HW-1", "Exact kent dit niet: artikel HW-1"),
        ("Exact Globe has no G/L account 8000", "Exact kent dit niet: grootboekrekening 8000"),
        ("Account 9 (Item & Co) is blocked", "Geblokkeerd in Exact: Relatie 9 (Item & Co)"),
        ("VAT code 2 is blocked", "Geblokkeerd in Exact: btw-code 2"),
    ],
)
def test_what_lists_hold_is_called_in_dutch(message: str, title: str) -> None:
    """Items, accounts and codes have their Dutch name, and a name of somebody keeps its words."""
    assert explain(message, "nl").title == title


def test_everything_a_table_asks_about_has_a_name() -> None:
    """Whatever a row of the settings can ask about is told in both languages."""
    asked = {
        *HEADER_FACTS,
        *LINE_FACTS,
        *COMPANY_FACTS,
        *ACCOUNT_FACTS,
        *purchases.RECEIPT_FACTS,
        *purchases.LINE_FACTS,
    }
    assert asked - set(dictionary().facts) == set()


@given(st.text(max_size=4000))
def test_any_message_has_a_title_and_an_advice(message: str) -> None:
    """No message breaks the dictionary, whatever braces and signs are in it, and no title is without end."""
    for language in ("en", "nl"):
        found = explain(message, language)
        assert found.advice
        assert len(found.title) < 800
