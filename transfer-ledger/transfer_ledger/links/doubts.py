"""What keeps a pair from being certain: what it lacks, who else it could be, and who shares its numbers or its name.

Only a pair without a doubt and without a counter-reason may be linked without a person, so each rule here would
rather ask once too often.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from transfer_ledger.links import blocks, names, places
from transfer_ledger.links.rules import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transfer_ledger.links.normal import Normal
    from transfer_ledger.links.rules import Shares

NAMESAKES_ALIKE = 85
"""Names that differ by a slip of the keyboard are at least this much alike (of 100)."""


def rivals(of_company: int, of_account: int) -> Iterator[str]:
    """Say how many other candidates the company and the account have."""
    if of_company:
        yield f"the company has {of_company} other candidate{'s' if of_company > 1 else ''}"
    if of_account:
        yield f"the account is a candidate of {of_account} other compan{'ies' if of_account > 1 else 'y'}"


def lacks(company: Normal, account: Normal, shared: Shares) -> Iterator[str]:
    """Say what a certain pair must have and this one has not."""
    common = [
        (kind, number.text)
        for kind, number in company.numbers.items()
        if number.valid and account.numbers.get(kind) == number
    ]
    if not any(shared[key] == 1 for key in common):
        yield "no valid VAT number, chamber of commerce number or bank account that only these two have"
    if not company.name.words or not account.name.words:
        yield "a name is missing"
    for system, odd in zip(("Autotask", "Exact"), names.odd_words(company.name, account.name), strict=True):
        extra = set(odd) - company.place.town_words - account.place.town_words
        if extra:
            yield f"only in the name in {system}: {', '.join(sorted(extra))}"
    if places.same_town(company.place, account.place) is None:
        yield "the towns cannot be compared"


def crowds(company: Normal, account: Normal, shared: Shares) -> Iterator[str]:
    """Say which numbers of either more parties have: groups, branches, doubles."""
    held = {(kind, number.text) for normal in (company, account) for kind, number in normal.numbers.items()}
    for kind, text in sorted(key for key in held if shared[key] > 1):
        yield f"{LABELS[kind]} {text} is that of {shared[kind, text]} in one system"


def namesakes(side: Sequence[Normal]) -> Mapping[str, int]:
    """Return how many others of the same list have the same name, by id: the town and a slip of the keyboard apart."""
    bare = [_without_town(normal) for normal in side]
    sorted_words = [name.sorted for name in bare]
    return Counter(
        side[one].party.id
        for one, other in blocks.alike(sorted_words, sorted_words, NAMESAKES_ALIKE)
        if one != other and not any(names.odd_words(bare[one], bare[other]))
    )


def _without_town(normal: Normal) -> names.Name:
    words = tuple(word for word in normal.name.words if word not in normal.place.town_words)
    return names.Name(words) if words else normal.name


def crowded_names(of_company: int, of_account: int) -> Iterator[str]:
    """Say how many namesakes either has in its own system."""
    for system, count in (("Autotask", of_company), ("Exact", of_account)):
        if count:
            yield f"{count + 1} in {system} have this name"
