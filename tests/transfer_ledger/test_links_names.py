from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_ledger.links import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bakker Bouw B.V.", "BAKKER BOUW BV"),
        ("Bakker Bouw B. V.", "Besloten Vennootschap Bakker Bouw"),
        ("Café 't Hoekje V.O.F.", "Cafe Het Hoekje VOF"),
        ("Müller & Søn GmbH & Co. KG", "Muller und Son"),
        ("Jansen & Zonen", "Zonen, Jansen en"),
        ("J.P. de Vries", "J P de Vries"),
        ("De Brug", "Stichting de Brug"),
        ("Auto-Service Kok", "Autoservice Kok"),
        ("Coöperatie Zuivel U.A.", "Zuivel"),
    ],
)
def test_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    """Legal form, accents, punctuation, capitals and the order of words do not make another name."""
    assert names.odd_words(names.name(one), names.name(other)) == ([], [])
    assert names.likeness(names.name(one), names.name(other)) == 1


@pytest.mark.parametrize(
    ("one", "other", "odd"),
    [
        ("Bakker Bouw", "Bakker Zorg", (["bouw"], ["zorg"])),
        ("Bakker Vastgoed I", "Bakker Vastgoed II", (["i"], ["ii"])),
        ("Bakker", "Bakker Vastgoed", ([], ["vastgoed"])),
        ("Unit 2021", "Unit 2022", (["2021"], ["2022"])),
        ("Smit Noord", "Smit Zuid", (["noord"], ["zuid"])),
        ("Kok Accountants", "Kok Accountancy", (["accountants"], ["accountancy"])),
        ("Jansen", "Hansen", (["jansen"], ["hansen"])),
    ],
)
def test_a_word_of_its_own_makes_another_name(one: str, other: str, odd: tuple[list[str], list[str]]) -> None:
    """A word without its like in the other name is told, since sisters in a group differ by no more."""
    assert names.odd_words(names.name(one), names.name(other)) == odd


def test_a_slip_of_the_keyboard_is_forgiven_in_long_words() -> None:
    """One wrong, missing or swapped letter in a long word leaves it the same word."""
    for typed in ("Waterspotr", "Watersprt", "Waterspport", "Watersport"):
        assert names.odd_words(names.name("Vos Watersport"), names.name(f"Vos {typed}")) == ([], [])


def test_words_for_a_parent_company_and_legal_forms_are_kept_apart() -> None:
    """What sets a holding, or a foundation, apart from its namesake is not lost with the name's other words."""
    name = names.name("Stichting Bakker Holding B.V.")
    assert name.words == ("bakker",)
    assert name.group == {"holding"}
    assert name.forms == {"Stichting", "BV"}


@pytest.mark.parametrize("text", ["Holding B.V.", "B.V.", "AG", "De"])
def test_a_name_never_becomes_empty(text: str) -> None:
    """A name that consists of nothing but a form, a filler or a word for a parent keeps that as its word."""
    assert names.name(text).words


def test_short_forms_only_count_at_the_end() -> None:
    """Letters that are a legal form behind a name may be part of the name in front of it."""
    assert names.name("SE Techniek").words == ("se", "techniek")
    assert names.name("Techniek SE").words == ("techniek",)


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_has_no_sides(one: str, other: str) -> None:
    """Whatever the texts, their likeness is from 0 to 1 and the same from both sides."""
    left, right = names.name(one), names.name(other)
    assert 0 <= names.likeness(left, right) <= 1
    assert names.likeness(left, right) == names.likeness(right, left)
    assert names.odd_words(left, right) == names.odd_words(right, left)[::-1]
