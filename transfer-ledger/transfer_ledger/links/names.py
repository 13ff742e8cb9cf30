"""Names of parties: the words that tell one from another, without legal form, and how much two names are alike."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

import msgspec
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"})
"""Letters that do not fall apart into a base letter and a mark; the last is the i without a dot."""
APOSTROPHES = re.compile("['`\u00b4\u2018\u2019]")

FORMS = {
    "bv": "BV", "bvba": "BV", "srl": "BV", "sprl": "BV", "nv": "NV", "sa": "NV", "vof": "VOF", "cv": "CV",
    "maatschap": "Maatschap", "eenmanszaak": "Eenmanszaak", "zzp": "Eenmanszaak", "stichting": "Stichting",
    "vereniging": "Vereniging", "cooperatie": "Cooperatie", "cooperatieve": "Cooperatie", "ua": "Cooperatie",
    "vzw": "Vereniging", "asbl": "Vereniging", "gmbh": "GmbH", "ug": "GmbH", "ag": "AG", "kg": "KG", "ohg": "OHG",
    "ev": "Vereniging", "ltd": "Ltd", "limited": "Ltd", "plc": "PLC", "llp": "LLP", "llc": "LLC", "inc": "Inc",
    "incorporated": "Inc", "corp": "Inc", "corporation": "Inc", "sarl": "SARL", "sas": "SAS", "spa": "SPA",
    "oy": "OY", "aps": "ApS", "se": "SE", "io": "", "co": "",
}  # fmt: skip
"""Word to legal form. Belgium's BV was BVBA until 2019 and is SRL in French; empty: a word that goes with a form."""
ANYWHERE = frozenset({"bv", "bvba", "nv", "vof", "gmbh", "ltd"})
"""Forms that mean nothing else, so that they count in the middle of a name too; others only at its ends."""
LEADING = ANYWHERE | {"stichting", "vereniging", "maatschap", "cooperatie", "cooperatieve"}
GROUP = frozenset({"holding", "holdings", "beheer", "beheermaatschappij", "groep", "group", "participaties"})
"""Words by which a parent company is told from those it owns."""
FILLERS = frozenset({"de", "het", "the", "en", "and", "und", "et", "t"})
PHRASES = (
    ("besloten vennootschap", "bv"),
    ("naamloze vennootschap", "nv"),
    ("vennootschap onder firma", "vof"),
)

SLIP_FROM = 5
"""Words of at least so many letters may differ by one slip of the keyboard and still be the same word."""


class Name(msgspec.Struct, frozen=True):
    """A name taken apart: its words in order, its legal forms and its words for a parent company."""

    words: tuple[str, ...]
    forms: frozenset[str] = frozenset()
    group: frozenset[str] = frozenset()

    @property
    def sorted(self) -> str:
        """The words in alphabetical order: the same however a name is turned round."""
        return " ".join(sorted(self.words))


def fold(text: str) -> str:
    """Return a text in small letters without accents or blanks around it."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def name(text: str) -> Name:
    """Take a name apart."""
    words = _words(text)
    start, end = 0, len(words)
    while end and words[end - 1] in FORMS:
        end -= 1
    while start < end and words[start] in LEADING:
        start += 1
    forms = {FORMS[word] for word in (*words[:start], *words[end:])}
    forms |= {FORMS[word] for word in words[start:end] if word in ANYWHERE}
    core = [word for word in words[start:end] if word not in ANYWHERE]
    own = [word for word in core if word not in GROUP]
    return Name(tuple(own or core or words), frozenset(forms - {""}), GROUP.intersection(core))


def _words(text: str) -> list[str]:
    folded = APOSTROPHES.sub("", fold(text))
    folded = " ".join(re.findall(r"[^\W_]+", folded))
    for phrase, form in PHRASES:
        folded = folded.replace(phrase, form)
    spread = [word for word in folded.split() if word not in FILLERS] or folded.split()
    return _joined(spread)


def _joined(words: list[str]) -> list[str]:
    """Join single letters, so that B.V. and B V become bv."""
    joined: list[str] = []
    for single, run in groupby(words, key=lambda word: len(word) == 1 and word.isalpha()):
        together = list(run)
        joined += ["".join(together)] if single else together
    return joined


def likeness(one: Name, other: Name) -> float:
    """Return how much the names are alike, from 0 to 1.

    The mean of two measures: one forgives words that only one name has, the other counts every letter.
    """
    if "".join(one.words) == "".join(other.words):
        return 1.0
    left, right = one.sorted, other.sorted
    return (fuzz.token_set_ratio(left, right) + fuzz.ratio(left, right)) / 200


def odd_words(one: Name, other: Name) -> tuple[list[str], list[str]]:
    """Return the words of each name that have no like in the other."""
    if "".join(one.words) == "".join(other.words):
        return [], []
    return _without_like(one, other), _without_like(other, one)


def _without_like(one: Name, other: Name) -> list[str]:
    return [word for word in one.words if not any(_same_word(word, like) for like in other.words)]


def _same_word(one: str, other: str) -> bool:
    """Tell whether two words are the same, one slip forgiven; Noord and Zuid, II and III are not."""
    if one == other:
        return True
    if min(len(one), len(other)) < SLIP_FROM or one[0] != other[0] or not (one + other).isalpha():
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1
