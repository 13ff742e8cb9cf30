"""From two lists of parties to proposed links: every candidate of every company, and which of them are certain.

Nothing is chosen here for want of something better: equal candidates stay beside each other, and a pair is certain
only when nothing at all speaks against it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from transfer_ledger.links import blocks, names, places
from transfer_ledger.links.normal import normalise, shares
from transfer_ledger.links.rules import LABELS, identifying_agreements, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from transfer_ledger.links.blocks import Pair
    from transfer_ledger.links.normal import Normal
    from transfer_ledger.links.parties import KnownLink, Party
    from transfer_ledger.links.rules import Judgement, Shares

SHOWN = 0.35
"""A pair with a lower score is no candidate."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An account that may be this company."""

    company: Party
    account: Party
    score: float
    """From 0 to 1, four decimals."""
    reasons: tuple[str, ...]
    counter_reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    """What keeps it from being certain besides the counter-reasons: missing evidence, other candidates."""

    @property
    def certain(self) -> bool:
        """Whether it may be linked without a person, if the setting allows that."""
        return not self.counter_reasons and not self.doubts


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A company that has no link, and all accounts it may be: the likeliest first, equal ones by code and id."""

    company: Party
    candidates: tuple[Candidate, ...] = ()

    @property
    def best(self) -> tuple[Candidate, ...]:
        """The candidates with the highest score; several when they are equal, none when there is no candidate."""
        return tuple(each for each in self.candidates if each.score == self.candidates[0].score)

    @property
    def certain(self) -> Candidate | None:
        """The candidate that may be linked without a person."""
        return next((candidate for candidate in self.candidates if candidate.certain), None)


class Proposals(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found: a proposal for every company without a link, and the accounts nobody could be."""

    companies: tuple[Proposal, ...]
    lone_accounts: tuple[Party, ...]

    @property
    def certain(self) -> tuple[Candidate, ...]:
        """The pairs that may be linked without a person."""
        return tuple(proposal.certain for proposal in self.companies if proposal.certain)


def propose(companies: Iterable[Party], accounts: Iterable[Party], links: Iterable[KnownLink] = ()) -> Proposals:
    """Compare all companies with all accounts that are not linked yet.

    Give linked parties too: they are no candidates, but a number they have is not unique any more. A refused pair is
    not proposed again. The order of the input has no influence.

    Raises:
        ValueError: two parties of one system have the same id.
    """
    ours, theirs = _normals(companies, "Autotask"), _normals(accounts, "Exact")
    shared = shares(ours, theirs)
    links = list(links)
    linked = [link for link in links if link.state == "confirmed"]
    ours = _without(ours, {link.company_id for link in linked})
    theirs = _without(theirs, {link.account_id for link in linked})
    refused = {(link.company_id, link.account_id) for link in links if link.state == "refused"}
    judged = {
        pair: judgement
        for pair in blocks.pairs(ours, theirs)
        if (ours[pair[0]].party.id, theirs[pair[1]].party.id) not in refused
        and (judgement := judge(ours[pair[0]], theirs[pair[1]], shared)).score >= SHOWN
    }
    found = _candidates(ours, theirs, judged, shared)
    wanted = {account for _, account in judged}
    return Proposals(
        companies=tuple(
            Proposal(company=normal.party, candidates=tuple(found[position])) for position, normal in enumerate(ours)
        ),
        lone_accounts=tuple(normal.party for position, normal in enumerate(theirs) if position not in wanted),
    )


def _normals(parties: Iterable[Party], system: str) -> list[Normal]:
    """Return the parties made comparable, in the order of their ids."""
    by_id: dict[str, Party] = {}
    for party in parties:
        if party.id in by_id:
            raise ValueError(f"Two parties of {system} have the id {party.id}; read the list again.")
        by_id[party.id] = party
    return [normalise(by_id[party_id]) for party_id in sorted(by_id)]


def _without(normals: list[Normal], ids: set[str]) -> list[Normal]:
    return [normal for normal in normals if normal.party.id not in ids]


def _candidates(
    ours: Sequence[Normal], theirs: Sequence[Normal], judged: Mapping[Pair, Judgement], shared: Shares
) -> Mapping[int, list[Candidate]]:
    """Return each company's candidates, sorted."""
    of_company: dict[int, list[Judgement]] = defaultdict(list)
    of_account: dict[int, list[Judgement]] = defaultdict(list)
    for (company, account), judgement in judged.items():
        of_company[company].append(judgement)
        of_account[account].append(judgement)
    found: dict[int, list[Candidate]] = defaultdict(list)
    for (company, account), judgement in judged.items():
        rivals = len(of_company[company]) - 1, len(of_account[account]) - 1
        found[company].append(_candidate(ours[company], theirs[account], judgement, rivals, shared))
    for candidates in found.values():
        candidates.sort(key=lambda each: (-each.score, each.account.code or "", each.account.id))
    return found


def _candidate(
    company: Normal, account: Normal, judgement: Judgement, rivals: tuple[int, int], shared: Shares
) -> Candidate:
    return Candidate(
        company=company.party,
        account=account.party,
        score=judgement.score,
        reasons=judgement.reasons,
        counter_reasons=judgement.objections,
        doubts=(*_rivals(*rivals), *_evidence(company, account, shared), *_crowds(company, account, shared)),
    )


def _rivals(of_company: int, of_account: int) -> Iterator[str]:
    if of_company:
        yield f"the company has {of_company} other candidate{'s'[: of_company - 1]}"
    if of_account:
        yield f"the account is a candidate of {of_account} other compan{'ies' if of_account > 1 else 'y'}"


def _evidence(company: Normal, account: Normal, shared: Shares) -> Iterator[str]:
    """Say what a certain pair must have and this one lacks."""
    agreements = identifying_agreements(company, account)
    if not any(shared[key] == 1 for key in agreements):
        yield "no valid VAT number, chamber of commerce number or bank account that both have and nobody else"
    for system, odd in zip(("Autotask", "Exact"), names.odd_words(company.name, account.name), strict=True):
        extra = set(odd) - {*company.place.town.split(), *account.place.town.split()}
        if extra:
            yield f"only in the name in {system}: {', '.join(sorted(extra))}"
    if not company.name.words or not account.name.words:
        yield "a name is missing"
    if places.same_town(company.place, account.place) is None:
        yield "the towns cannot be compared"


def _crowds(company: Normal, account: Normal, shared: Shares) -> Iterator[str]:
    """Say which number or name others on the same side have too: groups, branches, doubles."""
    theirs = {(kind, number.text) for normal in (company, account) for kind, number in normal.numbers.items()}
    for kind, label in LABELS.items():
        for key in sorted(key for key in theirs if key[0] == kind and shared[key] > 1):
            yield f"{label} {key[1]} belongs to {shared[key]} of them"
    for text in sorted({company.name.sorted, account.name.sorted}):
        if shared.get(("name", text), 1) > 1:
            yield f'"{text}" is the name of {shared["name", text]} of them'
