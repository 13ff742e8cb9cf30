"""Details of a document's history and names of its fields, as people read them.

The ledger has them in the words of the program: ``8001 (create, print)``, ``phone: 030 1 -> none``. What they are
called stands in ``fields.toml`` beside this file; the texts of messages are in ``transfer_ledger.causes``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer_ledger.causes import Language
    from transfer_ledger.wording import Words

Names = dict[str, tuple[str, str]]
"""Name to what it is called in English and in Dutch."""

DONE = {"sent", "adopted"}
"""Events whose detail is the number and what was done."""
CHANGES = {"sent", "agreed", "changed"}
"""Events whose detail may be the fields that changed."""
EXPLAINED = {"failed", "unknown", "pending", "skipped", "interrupted", "voided", "handed over"}
"""Events whose detail is a message that the dictionary of causes may explain."""

_STEPS = re.compile(r"^(?P<number>.*) \((?P<steps>[^()]+)\)$", re.DOTALL)
_PATH = re.compile(r"(?P<lead>^|; )(?P<path>[a-zA-Z_]\w*(?:[.\[][\w.\]\[]*)?)(?=: )")
_PART = re.compile(r"(?P<name>[A-Za-z_]\w*)|\[(?P<index>\d+)\]|(?P<number>\d+)")
_DUTCH = (
    (re.compile(r"^created(?=;|$)"), "aangemaakt"),
    (re.compile(r"(?<=: )none(?= ->)"), "leeg"),
    (re.compile(r"(?<=-> )none(?=;|$)"), "leeg"),
    (re.compile(r"\(not written by this link\)(?= ->)"), "(niet door deze koppeling geschreven)"),
)


@cache
def _named() -> Mapping[str, Names]:
    text = Path(__file__).with_name("fields.toml").read_text(encoding="utf-8")
    return {part: {key: tuple(pair) for key, pair in rows.items()} for part, rows in tomllib.loads(text).items()}


def field_name(path: str, language: Language) -> str:
    """Return what people call the field at a path, such as ``lines[0].vat_code``: ``regel 1, btw-code``."""
    told: list[str] = []
    for found in _PART.finditer(path):
        if found["name"]:
            told.append(_called("fields", found["name"], language))
        else:
            number = found["number"] or str(int(found["index"]) + 1)
            told[-1:] = [f"{told[-1] if told else ''} {number}".strip()]
    return ", ".join(told)


def happened(event: str, detail: str, words: Words) -> str:
    """Return the detail of an event as people read it; what a person said stands as it was said."""
    found = _STEPS.match(detail) if event in DONE else None
    steps = [_step(step, words.language) for step in found["steps"].split(", ")] if found else []
    if found and all(steps):
        return f"{found['number']} ({', '.join(steps)})"
    if event in CHANGES:
        return _changes(detail, words.language)
    return words.message(detail) if event in EXPLAINED else detail


def reason(text: str, language: Language) -> str:
    """Return why two are alike, as the ledger keeps it: ``same town Utrecht`` is ``zelfde plaats Utrecht``."""
    pattern = _reasons()
    return pattern.sub(lambda found: _called("reasons", found[0], language), text)


@cache
def _reasons() -> re.Pattern[str]:
    beginnings = sorted(_named()["reasons"], key=len, reverse=True)
    starts, ends = ([re.escape(each) for each in beginnings if each.startswith("(") == end] for end in (False, True))
    return re.compile(rf"^(?:{'|'.join(starts)})(?= |$)|(?<= )(?:{'|'.join(ends)})(?=[^()]*\)?$)")


def _step(step: str, language: Language) -> str:
    """Return what a step is called; empty for what is none, such as a remark in brackets behind a name."""
    name, _, rest = (step, "", "") if step in _named()["steps"] else step.partition(" ")
    return f"{_called('steps', name, language)} {rest}".strip() if name in _named()["steps"] else ""


def _changes(detail: str, language: Language) -> str:
    told = _PATH.sub(lambda found: found["lead"] + field_name(found["path"], language), detail)
    for pattern, dutch in _DUTCH if language == "nl" else ():
        told = pattern.sub(dutch, told)
    return told


def _called(part: str, name: str, language: Language) -> str:
    pair = _named()[part].get(name)
    return name if pair is None else pair[language == "nl"]
