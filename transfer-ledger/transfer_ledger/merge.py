"""What a party of the receiving system has to become: a three-way merge, field by field, without a ledger or a network.

The base holds, per field, the value on which both systems last agreed. A side whose value still is that of the base did
not change; what changed on one side only is carried over by the run in that direction, and by no other. So a change
that our own write caused does not travel back. Keep the new base only after the changes were written.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transfer_ledger.documents import Account, Company, Winner

Values = dict[str, Any]
"""Field to value as JSON has it: text, list of texts, yes or no, an object (``address``), or None.

``udf.<name>`` stands for one user-defined field. A field that is not there is empty.
"""


class Conflict(NamedTuple):
    """A field that both sides changed, each to something else."""

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
    base: Values


def merge(base: Mapping[str, Any], source: Mapping[str, Any], receiver: Mapping[str, Any], won_by: dict[str, Winner],
) -> Merge:  # fmt: skip
    """Merge what the source says into what the receiver holds.

    Args:
        base: The values on which both last agreed; empty for a pair that was linked just now.
        source: What the document says, see ``told``.
        receiver: What the receiving system holds, in the same words.
        won_by: The fields to merge, and who wins each when both sides changed it.
    """
    merged = Merge({}, [], dict(base))
    for field, winner in won_by.items():
        was, ours, theirs = base.get(field), source.get(field), receiver.get(field)
        if alike(field, ours, theirs):
            _agree(merged.base, field, ours)
        elif alike(field, theirs, was):
            merged.changes[field] = ours
            _agree(merged.base, field, ours)
        elif not alike(field, ours, was):
            merged.conflicts.append(Conflict(field, was, ours, theirs, winner))
            if winner == "source":
                merged.changes[field] = ours
            if winner != "report":
                _agree(merged.base, field, ours)
    return merged


def _agree(base: Values, field: str, value: Any) -> None:
    """Remember the source's value; where the receiver won, its own is thereby a change that is still to travel back."""
    if normal(field, value) is None:
        base.pop(field, None)
    else:
        base[field] = value


def told(party: Account | Company) -> Values:
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
