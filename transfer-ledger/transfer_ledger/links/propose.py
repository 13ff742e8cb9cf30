"""From two lists of parties to proposed links: every candidate of every company, and which of them are certain.

Nothing is chosen here for want of something better: equal candidates stay beside each other, and a pair is certain
only when nothing at all speaks against it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from transfer_ledger.links import blocks, doubts
from transfer_ledger.links.normal import normalise, shares
from transfer_ledger.links.rules import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transfer_ledger.links.blocks import Pair
    from transfer_ledger.links.normal import Normal
    from transfer_ledger.links.parties import KnownLink, Party
    from transfer_ledger.links.rules import Judgement, Shares

SHOWN = 0.25
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

    Give linked parties too: they are no candidates, but a number or name that they have is not unique any more. A
    refused pair is not proposed again. The order of the input has no influence.

    Raises:
        ValueError: two parties of one system have the same id.
    """
    every_company, every_account = _normals(companies, "Autotask"), _normals(accounts, "Exact")
    crowd = _Crowd(
        shares(every_company, every_account), doubts.namesakes(every_company), doubts.namesakes(every_account)
    )
    links = list(links)
    ours = _without(every_company, {link.company_id for link in links if link.state == "confirmed"})
    theirs = _without(every_account, {link.account_id for link in links if link.state == "confirmed"})
    refused = {(link.company_id, link.account_id) for link in links if link.state == "refused"}
    judged = {
        (company, account): judgement
        for company, account in blocks.pairs(ours, theirs)
        if (ours[company].party.id, theirs[account].party.id) not in refused
        and (judgement := judge(ours[company], theirs[account], crowd.shared)).score >= SHOWN
    }
    candidates = _candidates(ours, theirs, judged, crowd)
    wanted = {account for _, account in judged}
    return Proposals(
        companies=tuple(
            Proposal(company=normal.party, candidates=candidates[position]) for position, normal in enumerate(ours)
        ),
        lone_accounts=tuple(normal.party for position, normal in enumerate(theirs) if position not in wanted),
    )


class _Crowd(NamedTuple):
    """What all parties together say: how many have a value, and how many namesakes a party has, by id."""

    shared: Shares
    named_like_company: Mapping[str, int]
    named_like_account: Mapping[str, int]


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
    ours: Sequence[Normal], theirs: Sequence[Normal], judged: Mapping[Pair, Judgement], crowd: _Crowd
) -> list[tuple[Candidate, ...]]:
    """Return the sorted candidates of each company."""
    of_company = Counter(company for company, _ in judged)
    of_account = Counter(account for _, account in judged)
    found: list[list[Candidate]] = [[] for _ in ours]
    for (company, account), judgement in judged.items():
        others = doubts.rivals(of_company[company] - 1, of_account[account] - 1)
        found[company].append(_candidate(ours[company], theirs[account], judgement, others, crowd))
    return [tuple(sorted(candidates, key=_order)) for candidates in found]


def _candidate(
    company: Normal, account: Normal, judgement: Judgement, others: Iterable[str], crowd: _Crowd
) -> Candidate:
    return Candidate(
        company=company.party,
        account=account.party,
        score=judgement.score,
        reasons=judgement.reasons,
        counter_reasons=judgement.objections,
        doubts=(
            *others,
            *doubts.lacks(company, account, crowd.shared),
            *doubts.crowds(company, account, crowd.shared),
            *doubts.crowded_names(
                crowd.named_like_company.get(company.party.id, 0), crowd.named_like_account.get(account.party.id, 0)
            ),
        ),
    )


def _order(candidate: Candidate) -> tuple[float, str, str]:
    return -candidate.score, (candidate.account.code or "").strip(), candidate.account.id
