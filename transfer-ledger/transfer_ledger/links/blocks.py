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
NAMESAKES_ALIKE = 85
"""Names that differ by a slip per word at most are at least this much alike (of 100)."""


def pairs(companies: Sequence[Normal], accounts: Sequence[Normal]) -> set[Pair]:
    """Return the pairs to compare."""
    ours, theirs = _index(companies), _index(accounts)
    found: set[Pair] = set()
    for key in ours.keys() & theirs.keys():
        if len(ours[key]) * len(theirs[key]) <= MOST_PAIRS:
            found.update((company, account) for company in ours[key] for account in theirs[key])
    found.update(alike_names(companies, accounts, NAMES_ALIKE))
    return found


def _index(normals: Iterable[Normal]) -> Mapping[Key, list[int]]:
    index: dict[Key, list[int]] = defaultdict(list)
    for position, normal in enumerate(normals):
        for key in keys(normal):
            index[key].append(position)
    return index


def alike_names(ones: Sequence[Normal], others: Sequence[Normal], cutoff: float) -> Iterator[Pair]:
    """Yield the positions of all pairs whose names, words sorted, are alike from the cutoff (of 100) on."""
    choices = [normal.name.sorted or None for normal in others]
    for position, normal in enumerate(ones):
        if normal.name.words:
            found = process.extract_iter(normal.name.sorted, choices, scorer=fuzz.ratio, score_cutoff=cutoff)
            yield from ((position, other) for _, _, other in found)
