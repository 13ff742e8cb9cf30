"""What a party of the receiving system has to become: a three-way merge, field by field, without a ledger or a network.

The base holds, per field, what each side itself held when both last agreed. A side that still holds that did not
change; what changed on one side only is carried over by the run in that direction, and by no other. So a change that
our own write caused does not travel back. Both directions share one base: the way back takes it ``turned``. Keep the
new base only after the changes were written.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transfer_ledger.documents import Party, Winner

Values = dict[str, Any]
"""Field to value as JSON has it: text, list of texts, yes or no, an object (``address``), or None.

``udf.<name>`` stands for one user-defined field. A field that is not there is empty.
"""


Base = dict[str, dict[str, Any]]
"""Field to what was agreed: ``source`` and ``receiver`` hold what each side itself held, ``said`` what the document of
this direction said last, ``back`` what that of the other direction did (None: not known)."""

WON = {"won": True}
"""Stands in a base for a value that won and is still to travel back: it differs from whatever its side holds next."""
TWINS = {"status": "company_type", "company_type": "status"}
"""Fields that are called otherwise on the way back."""


class Conflict(NamedTuple):
    """A field that both sides changed, each to something else. ``base`` is what the receiver held before."""

    field: str
    base: Any
    source: Any
    receiver: Any
    won_by: Winner


class Merge(NamedTuple):
    """What to write, what to tell, and what to remember once it is written."""

    changes: Values
    """Only the fields that change; an empty value empties the field, and an address or contact is written whole."""
    conflicts: list[Conflict]
    base: Base


def merge(
    base: Base,
    source: Mapping[str, Any],
    receiver: Mapping[str, Any],
    won_by: Mapping[str, Winner],
    own: Mapping[str, Any] | None = None,
) -> Merge:
    """Merge what the source says into what the receiver holds.

    Args:
        base: What both last agreed on; empty for a pair that was linked just now.
        source: What the document says, see ``told``.
        receiver: What the receiving system holds, in the same words.
        won_by: The fields to merge, and who wins each when both sides changed it.
        own: What the source itself holds where the document has other words for it, see ``Party.own``.
    """
    merged = Merge({}, [], dict(base))
    for field, winner in won_by.items():
        said, theirs, was = source.get(field), receiver.get(field), base.get(field, {})
        seen = {"source": (own or {}).get(field, said), "said": said}
        settled = {**seen, "receiver": theirs, "back": None}
        we_moved, they_moved = _moved(field, seen, was), not alike(field, theirs, was.get("receiver"))
        if we_moved and they_moved and not alike(field, said, theirs):
            before = None if was.get("receiver") == WON else was.get("receiver")
            merged.conflicts.append(Conflict(field, before, said, theirs, winner))
        if alike(field, said, theirs):
            merged.base[field] = settled if we_moved or they_moved else was | seen
        elif we_moved and (not they_moved or winner == "source"):
            merged.changes[field] = said
            merged.base[field] = settled | {"receiver": said}
        elif not we_moved:
            merged.base[field] = was | seen
        elif winner == "receiver":
            merged.base[field] = was | seen | {"receiver": WON}
    return merged


def _moved(field: str, seen: Mapping[str, Any], was: Mapping[str, Any]) -> bool:
    """Whether the source holds something else than was agreed, or other settings make something else of it."""
    if not alike(field, seen["source"], was.get("source")):
        return True
    return was.get("said") is not None and not alike(field, seen["said"], was["said"])


def turned(base: Base) -> Base:
    """Return the base as the way back sees it, where source and receiver change places."""
    sides = {"source": "receiver", "receiver": "source", "said": "back", "back": "said"}
    return {
        TWINS.get(field, field): {other: was.get(side) for side, other in sides.items()} for field, was in base.items()
    }


def told(party: Party) -> Values:
    """Return what a document says, by the fields it speaks of."""
    values: Values = msgspec.to_builtins(party)
    values |= {f"udf.{name}": value for name, value in values.pop("udf").items()}
    return {field: values.get(field) for field in party.fields_won_by}


def alike(field: str, one: Any, other: Any) -> bool:
    """Whether two values of a field say the same, however they are written."""
    return bool(normal(field, one) == normal(field, other))


def normal(field: str, value: Any) -> Any:
    """Return a value in the one form in which it is compared; None for an empty one."""
    if isinstance(value, dict):
        parts = {name: normal(name, part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None} or None
    if isinstance(value, list):
        return sorted({_text(item) for item in value} - {""}) or None
    if not isinstance(value, str):
        return value
    return WRITTEN.get(field, _text)(value) or None


def _text(value: str) -> str:
    return " ".join(unicodedata.normalize("NFC", value).replace("\0", "").split())


def _number(value: str) -> str:
    return re.sub(r"[\W_]", "", _text(value)).upper()


def _phone(value: str) -> str:
    """Return digits, with a plus before those of another country; a text with letters stays as it is."""
    text = _text(value)
    if re.search(r"[^\W\d_]", text):
        return text
    digits = re.sub(r"[^\d+]", "", text.replace("(0)", ""))
    return re.sub(r"^00", "+", digits)


def _website(value: str) -> str:
    host, slash, path = re.sub(r"(?i)^https?://", "", _text(value)).partition("/")
    return (host.casefold() + slash + path).rstrip("/")


WRITTEN: dict[str, Callable[[str], str]] = {
    "vat_number": _number,
    "chamber_of_commerce": _number,
    "bank_account": _number,
    "postcode": _number,
    "phone": _phone,
    "email": lambda value: _text(value).casefold(),
    "website": _website,
    "country": lambda value: _text(value).upper(),
    "currency": lambda value: _text(value).upper(),
    "language": lambda value: _text(value).upper(),
}
"""Field to what takes away the ways in which people and systems write one value; other texts lose stray spaces only."""
