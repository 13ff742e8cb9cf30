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
    found.update(_alike_names(companies, accounts))
    return found


def _index(normals: Iterable[Normal]) -> Mapping[Key, list[int]]:
    index: dict[Key, list[int]] = defaultdict(list)
    for position, normal in enumerate(normals):
        for key in keys(normal):
            index[key].append(position)
    return index


def _alike_names(companies: Sequence[Normal], accounts: Sequence[Normal]) -> Iterator[Pair]:
    choices = [normal.name.sorted or None for normal in accounts]
    for position, normal in enumerate(companies):
        if normal.name.words:
            found = process.extract_iter(normal.name.sorted, choices, scorer=fuzz.ratio, score_cutoff=NAMES_ALIKE)
            yield from ((position, account) for _, _, account in found)
