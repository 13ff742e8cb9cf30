"""What differs between two versions of a document, for the history of its transfer."""

from __future__ import annotations

from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_ledger.documents import Document

SHOWN = 20
"""Differences that are spelled out; the rest is counted."""

_LEFT_OUT = frozenset({"problems", "rules", "url", "offered", "data", "when_voided"})
"""Fields that say nothing about what would be written."""


def changed_fields(old: Document, new: Document) -> str:
    """Return the fields that differ, as ``lines[0].amount: 10.00 -> 12.00; ...``."""
    found = list(_differences("", *(msgspec.to_builtins(one, builtin_types=(Decimal,)) for one in (old, new))))
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "; ".join(found[:SHOWN] + more)


def _differences(path: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in {**old, **new}:
            if name not in _LEFT_OUT:
                yield from _differences(f"{path}.{name}".lstrip("."), old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        for index, (before, after) in enumerate(zip_longest(old, new)):
            yield from _differences(f"{path}[{index}]", before, after)
    elif old != new:
        yield f"{path}: {_shown(old)} -> {_shown(new)}"


def _shown(value: Any) -> str:
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text if len(text) <= 60 else f"{text[:60]}... ({len(text)} characters)"  # noqa: PLR2004 - fits a line
