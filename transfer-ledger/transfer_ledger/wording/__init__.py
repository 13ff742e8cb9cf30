"""Words, dates and amounts for people, in English or as in the Netherlands.

Sentences are written in English where they stand; ``nl.toml`` beside this file has each in Dutch.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from transfer_ledger.causes import Explained, Language, explain
from transfer_ledger.receipts import CENT

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

LANGUAGES: dict[Language, str] = {"en": "English", "nl": "Nederlands"}
"""Each language, by its own name."""

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
}
_SEPARATORS = {"en": str.maketrans(",.", ",."), "nl": str.maketrans(",.", ".,")}
_SIGNS = {"EUR": "€"}
_HOUR, _MINUTE = 3600, 60


@cache
def _dutch() -> dict[str, str | list[str]]:
    text = Path(__file__).with_name("nl.toml").read_text(encoding="utf-8")
    return {english: dutch for part in tomllib.loads(text).values() for english, dutch in part.items()}


class Words(msgspec.Struct, frozen=True):
    """How things are said in one language."""

    language: Language = "en"

    def __call__(self, english: str, **values: Any) -> str:
        """Return a sentence, its places filled with values.

        Raises:
            KeyError: it has no Dutch.
        """
        said = english if self.language == "en" else _dutch()[english]
        return str(said).format_map(values) if values else str(said)

    def count(self, number: int, one: str, many: str) -> str:
        """Return the sentence for one or for many, with the number in it."""
        english = one if number == 1 else many
        return self(english, count=self.number(number))

    def explain(self, message: str) -> Explained:
        """Return what a message of Exact, Autotask or this project means."""
        return explain(message, self.language)

    def message(self, message: str) -> str:
        """Return what a message says: in the words of the dictionary of causes, or as it stands where that has none."""
        explained = self.explain(message)
        return message if explained.name == "other" else explained.title

    def refusal(self, detail: str | None) -> str:
        """Return why something was refused, as the trail of actions has it: a sentence of ours behind a number."""
        lead, _, sentence = (detail or "").rpartition(": ")
        said = _dutch().get(sentence) if self.language == "nl" else None
        return detail or "" if said is None else f"{lead}: {said}".removeprefix(": ")

    def number(self, number: int) -> str:
        """Return a number with its thousands set apart."""
        return f"{number:,}".translate(_SEPARATORS[self.language])

    def amount(self, amount: Decimal | None, currency: str | None) -> str:
        """Return an amount to the cent, or with all it has when it has more; empty for none."""
        if amount is None:
            return ""
        cents = amount.quantize(CENT)
        text = f"{cents if cents == amount else amount:,f}".translate(_SEPARATORS[self.language])
        sign = _SIGNS.get(currency or "", currency or "")
        return f"{sign}\N{NO-BREAK SPACE}{text}" if sign else text

    def plain_amount(self, amount: Decimal | None) -> str:
        """Return an amount for a spreadsheet: without thousands set apart, with two decimals or all it has."""
        if amount is None:
            return ""
        cents = amount.quantize(CENT)
        return f"{cents if cents == amount else amount:f}".translate(_SEPARATORS[self.language])

    def quantity(self, amount: Decimal | None) -> str:
        """Return a quantity without needless noughts."""
        if amount is None:
            return ""
        text = f"{amount:,f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).translate(_SEPARATORS[self.language])

    def percentage(self, fraction: Decimal | None) -> str:
        """Return a fraction as a percentage."""
        return "" if fraction is None else f"{self.quantity(fraction * 100)}\N{NO-BREAK SPACE}%"

    def date(self, day: dt.date | None) -> str:
        """Return a date: ``28-11-2026`` in the Netherlands, ``28 Nov 2026`` in English."""
        if day is None:
            return ""
        if self.language == "nl":
            return f"{day:%d-%m-%Y}"
        return f"{day.day}\N{NO-BREAK SPACE}{_MONTHS['en'][day.month - 1]}\N{NO-BREAK SPACE}{day.year}"

    def month(self, day: dt.date) -> str:
        """Return the month of a day, with its year."""
        return f"{_MONTHS[self.language][day.month - 1]} {day.year}"

    def moment(self, moment: dt.datetime | None) -> str:
        """Return date and time on this machine's clock."""
        if moment is None:
            return ""
        local = moment.astimezone()
        return f"{self.date(local.date())}\N{NO-BREAK SPACE}{local:%H:%M}"

    def duration(self, span: dt.timedelta | None) -> str:
        """Return a time span in its two largest units."""
        if span is None:
            return ""
        seconds = max(0, round(span.total_seconds()))
        if seconds >= _HOUR:
            return f"{seconds // _HOUR} {self('h')} {seconds % _HOUR // _MINUTE:02} min"
        if seconds >= _MINUTE:
            return f"{seconds // _MINUTE} min {seconds % _MINUTE:02} s"
        return f"{seconds} s"
