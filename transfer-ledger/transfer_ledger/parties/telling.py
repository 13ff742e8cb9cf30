"""What the log says of a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_ledger.documents import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transfer_ledger.links.propose import Candidate
    from transfer_ledger.merge import Conflict, Merge

SHOWN = 5
"""Candidates that a message names; the rest is counted."""
_LONGEST = 60


def says(merged: Merge, held: Mapping[str, Any]) -> str:
    """Return what is written: ``phone: 030 1 -> 030 2; website: none -> voorbeeld.example``."""
    return "; ".join(f"{field}: {shown(held.get(field))} -> {shown(value)}" for field, value in merged.changes.items())


def conflicts(merged: Merge, *, first: bool) -> Iterator[str]:
    """Yield what became of each field that both sides have otherwise; ``first``: they never agreed before."""
    happened = "differs" if first else "changed on both sides"
    fate = {
        "source": "the new value is written",
        "receiver": "it is left as it is there",
        "report": "nothing is written",
    }
    for conflict in merged.conflicts:
        yield (
            f"{conflict.field} {happened}, {shown(conflict.source)} is said and {shown(conflict.receiver)} is there: "
            f"{fate[conflict.won_by]}"
        )


def questions(found: Sequence[Conflict]) -> list[Problem]:
    """Return a problem for each conflict that a person decides."""
    return [
        Problem(
            field=conflict.field,
            value=shown(conflict.source),
            message=f"{conflict.field} changed on both sides: {shown(conflict.source)} is said, "
            f"{shown(conflict.receiver)} is there; make both the same",
        )
        for conflict in found
        if conflict.won_by == "report"
    ]


def named(candidates: Sequence[Candidate], end: str) -> list[str]:
    """Return how candidates of the receiver are named, each with its score and reasons."""
    parties = [candidate.account if end == "company" else candidate.company for candidate in candidates]
    return [
        f"{party.title} ({int(candidate.score * 100)} %: {', '.join(candidate.reasons) or 'alike'})"
        for party, candidate in zip(parties, candidates, strict=True)
    ]


def listed(texts: Sequence[str]) -> str:
    """Return texts behind each other, the first few of many."""
    more = [f"and {len(texts) - SHOWN} more"] if len(texts) > SHOWN else []
    return "; ".join([*texts[:SHOWN], *more])


def shown(value: Any) -> str:
    """Return a value as a person reads it, in one line."""
    if isinstance(value, dict):
        text = ", ".join(str(part) for part in value.values() if part)
    elif isinstance(value, list):
        text = " and ".join(map(str, value))
    else:
        text = "" if value is None else str(value)
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…") or "none"
