"""Which pairs are worth comparing: those that share a value few others have, or whose names are much alike."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from transfer_ledger.links.normal import keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from transfer_ledger.links.normal import Key, Normal

Pair = tuple[int, int]
"""Positions of a company and an account."""

MOST_PAIRS = 400
"""A value that would make more pairs than this is a placeholder or a common word, and brings nobody together."""
NAMES_ALIKE = 75
"""From this likeness (of 100) of the sorted words on, a pair is compared whatever else differs."""


def pairs(companies: Sequence[Normal], accounts: Sequence[Normal]) -> set[Pair]:
    """Return the pairs to compare."""
    ours, theirs = _index(companies), _index(accounts)
    found: set[Pair] = set()
    for key in ours.keys() & theirs.keys():
        if len(ours[key]) * len(theirs[key]) <= MOST_PAIRS:
            found.update((company, account) for company in ours[key] for account in theirs[key])
    ours_named, theirs_named = ([normal.name.sorted for normal in side] for side in (companies, accounts))
    found.update(alike(ours_named, theirs_named, NAMES_ALIKE))
    return found


def _index(normals: Iterable[Normal]) -> Mapping[Key, list[int]]:
    index: dict[Key, list[int]] = defaultdict(list)
    for position, normal in enumerate(normals):
        for key in keys(normal):
            index[key].append(position)
    return index


def alike(ones: Sequence[str], others: Sequence[str], cutoff: float) -> Iterator[Pair]:
    """Yield the positions of all pairs of texts that are alike from the cutoff (of 100) on; empty ones never are."""
    choices = [text or None for text in others]
    for position, text in enumerate(ones):
        if text:
            found = process.extract_iter(text, choices, scorer=fuzz.ratio, score_cutoff=cutoff)
            yield from ((position, other) for _, _, other in found)
