"""What the messages of Exact, of Autotask and of this project mean for people, in English and Dutch.

The dictionary is ``causes.toml`` beside this file.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import msgspec

Language = Literal["en", "nl"]
Speaker = Literal["us", "exact", "autotask"]

TITLE_LENGTH = 160
"""Characters of an unexplained message that stand in a title; the whole message stands beside it."""

_EXACT_SAYS = re.compile(r"Exact (Online|Globe) refused it")
_FACT = re.compile(r"\b([a-z_]+): ")
_PRODUCT = re.compile(r"Exact (Online|Globe)")
_THING = "what"
"""The group of a pattern that begins with what Exact's lists hold, such as ``item HW-1``."""

KNOWN = 50_000
"""Messages whose explanation is remembered."""


class Cause(msgspec.Struct, kw_only=True, frozen=True):
    """An entry of the dictionary."""

    of: Speaker
    name: str
    pattern: str
    en: tuple[str, str]
    nl: tuple[str, str]


class Explained(msgspec.Struct, kw_only=True, frozen=True):
    """What a message means. Messages with one title have one cause: what solves one solves the other."""

    name: str
    title: str
    advice: str


class Dictionary(msgspec.Struct, kw_only=True, frozen=True):
    """What ``causes.toml`` holds."""

    facts: dict[str, tuple[str, str]]
    things: dict[str, str]
    causes: tuple[Cause, ...]


@cache
def dictionary() -> Dictionary:
    """Return the dictionary, its causes in order."""
    text = Path(__file__).with_name("causes.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Dictionary)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Cause], ...]:
    return tuple((re.compile(cause.pattern, re.IGNORECASE | re.DOTALL), cause) for cause in dictionary().causes)


@lru_cache(KNOWN)
def explain(message: str, language: Language, of: Speaker | None = None) -> Explained:
    """Return what a message means; ``of`` asks only the entries of one speaker.

    Exact's own words are looked for only where a message says that they follow. The last entry of the dictionary fits
    every message and repeats it.
    """
    speakers = {of} if of else {"us", "autotask", *(("exact",) if _EXACT_SAYS.search(message) else ())}
    for pattern, cause in _patterns():
        if cause.of in speakers and (found := pattern.search(message)):
            return _explained(cause, found, message, language)
    return Explained(name="", title="", advice="")


def _explained(cause: Cause, found: re.Match[str], message: str, language: Language) -> Explained:
    title, advice = cause.nl if language == "nl" else cause.en
    short = message if len(message) <= TITLE_LENGTH else f"{message[:TITLE_LENGTH]} …"
    named = {name: _named(text, language) for name, text in found.groupdict("").items()}
    if language == "nl" and _THING in named:
        named[_THING] = _things().sub(_in_dutch, named[_THING])
    words = {"message": short} | {name: _short(text) for name, text in named.items()}
    if _product(message) == "Exact Globe":
        title, advice = (text.replace("Exact Online", "Exact Globe") for text in (title, advice))
    return Explained(name=cause.name, title=title.format_map(words).strip(), advice=advice.format_map(words))


@cache
def _things() -> re.Pattern[str]:
    names = sorted(dictionary().things, key=len, reverse=True)
    return re.compile(rf"^({'|'.join(map(re.escape, names))})\b", re.IGNORECASE)


def _in_dutch(found: re.Match[str]) -> str:
    """Return what a thing is called in Dutch, with a capital where it had one."""
    dutch = {name.casefold(): text for name, text in dictionary().things.items()}[found[0].casefold()]
    return dutch.capitalize() if found[0][0].isupper() and found[0][1:2].islower() else dutch


def _product(message: str) -> str:
    """Return which Exact a message speaks of first; most texts of the dictionary name Exact Online."""
    found = _PRODUCT.search(message)
    return found[0] if found else ""


def _named(text: str, language: Language) -> str:
    """Return text in which the facts that a table asks about have their names in a language."""
    facts = dictionary().facts
    return _FACT.sub(lambda found: f"{facts[found[1]][language == 'nl']} " if found[1] in facts else found[0], text)


def _short(text: str) -> str:
    return text if len(text) <= TITLE_LENGTH else f"{text[:TITLE_LENGTH]} …"
