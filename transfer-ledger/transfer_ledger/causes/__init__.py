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

_EXACT_SAYS = "refused it"
_FACT = re.compile(r"\b([a-z_]+): ")

KNOWN = 10_000
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
    speakers = {of} if of else {"us", "autotask", *(("exact",) if _EXACT_SAYS in message else ())}
    for pattern, cause in _patterns():
        if cause.of in speakers and (found := pattern.search(message)):
            return _explained(cause, found, message, language)
    return Explained(name="", title="", advice="")


def _explained(cause: Cause, found: re.Match[str], message: str, language: Language) -> Explained:
    title, advice = cause.nl if language == "nl" else cause.en
    short = message if len(message) <= TITLE_LENGTH else f"{message[:TITLE_LENGTH]} …"
    words = {"message": short} | {name: _short(_named(text, language)) for name, text in found.groupdict("").items()}
    return Explained(name=cause.name, title=title.format_map(words), advice=advice.format_map(words))


def _named(text: str, language: Language) -> str:
    """Return text in which the facts that a table asks about have their names in a language."""
    facts = dictionary().facts
    return _FACT.sub(lambda found: f"{facts[found[1]][language == 'nl']} " if found[1] in facts else found[0], text)


def _short(text: str) -> str:
    return text if len(text) <= TITLE_LENGTH else f"{text[:TITLE_LENGTH]} …"
