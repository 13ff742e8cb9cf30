"""Which characters arrive in Globe: XML 1.0 holds no control characters, its databases often Windows-1252 alone.

That a code page may lose characters is inferred from integrations that strip accents before they send
(jovana/exact-globe-api), so what is done is a setting, and every replacement is told.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Rule = Literal["replace", "keep", "fail"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x84\x86-\x9f]")
"""What XML 1.0 cannot hold (2.2, Characters), and the control characters that it discourages."""
_SIGNS = {
    "\u2190": "<-",
    "\u2192": "->",
    "\u21d2": "=>",
    "\u2010": "-",
    "\u2011": "-",
    "\u2212": "-",
    "\u2260": "<>",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2713": "v",
    "\u2714": "v",
    "\u0142": "l",
    "\u0141": "L",
    "\u0111": "d",
    "\u0110": "D",
    "\u0131": "i",
    **dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n"),
}
"""What stands for a sign that has no plain form of its own."""
UNKNOWN = "?"


def strangers(text: str, rule: Rule) -> list[str]:
    """Return the characters, once each, that do not arrive as they are under this rule."""
    text = unicodedata.normalize("NFC", text)
    unfit = dict.fromkeys(_NOT_XML.findall(text))
    if rule != "keep":
        unfit |= dict.fromkeys(character for character in text if not _held(character))
    return list(unfit)


def replaced(text: str, rule: Rule) -> str:
    """Return a text with a plain form, else a question mark, for each character that does not arrive as it is.

    Control characters are taken out, but for those that end a line, and a letter with a mark behind it becomes the
    letter that has it.
    """
    clean = _NOT_XML.sub(lambda found: _SIGNS.get(found[0], ""), unicodedata.normalize("NFC", text))
    return clean if rule == "keep" else "".join(one if _held(one) else _plain(one) for one in clean)


def spelled(character: str) -> str:
    """Return a character as people look it up: itself, or its number where it shows nothing."""
    return character if character.isprintable() else f"U+{ord(character):04X}"


def _held(character: str) -> bool:
    if _NOT_XML.match(character):
        return False
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _plain(character: str) -> str:
    """Return letters without their marks, a ligature in parts, a sign as it is typed."""
    known = _SIGNS.get(character)
    if known is not None:
        return known
    parts = unicodedata.normalize("NFKD", character)
    kept = "".join(part for part in parts if not unicodedata.combining(part))
    if kept and kept != character and all(_held(part) for part in kept):
        return kept
    return "" if unicodedata.category(character) in ("Cf", "Mn", "Me") else UNKNOWN
