"""What a person decided about pairs: judged as a whole, so that either all of it is carried out or nothing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from transfer_ledger.exceptions import LedgerError
from transfer_ledger.links.parties import link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from transfer_ledger.links.parties import KnownLink, LinkState, Party

Verdict = Literal["confirm", "reject"]
STATES: dict[Verdict, LinkState] = {"confirm": "confirmed", "reject": "refused"}
"""Verdict to the state of the link."""


class Decision(NamedTuple):
    """One verdict on one pair. ``line``: where it stands in the file, 1 for the only one on a command line."""

    line: int
    verdict: Verdict
    company_id: str
    account_id: str


class Mistake(NamedTuple):
    """What is wrong with one line."""

    line: int
    message: str


class DecisionsRefused(LedgerError):  # noqa: N818 - named by what happened
    """Nothing was changed, since at least one decision cannot be carried out. ``mistakes`` are in order of lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        lines = "\n".join(f"line {line}: {message}" for line, message in self.mistakes)
        super().__init__(f"Nothing was changed.\n{lines}", "Correct these lines and offer all of it again.")


class Known(NamedTuple):
    """What decisions are judged by: all parties by id, and the links there are."""

    companies: Mapping[str, Party]
    accounts: Mapping[str, Party]
    links: Sequence[KnownLink]


def known(companies: Iterable[Party], accounts: Iterable[Party], links: Iterable[KnownLink]) -> Known:
    """Gather what decisions are judged by."""
    return Known({each.id: each for each in companies}, {each.id: each for each in accounts}, list(links))


def carry_out(decisions: Sequence[Decision], known: Known) -> list[KnownLink]:
    """Return the links to write, each pair once; what is decided already is left out.

    Raises:
        DecisionsRefused: some decision cannot be carried out.
    """
    wrong = mistakes(decisions, known)
    if wrong:
        raise DecisionsRefused(wrong)
    settled = {(each.company_id, each.account_id, each.state) for each in known.links}
    wanted = {(each.company_id, each.account_id): STATES[each.verdict] for each in decisions}
    return [
        link(known.companies[company_id], known.accounts[account_id], state)
        for (company_id, account_id), state in wanted.items()
        if (company_id, account_id, state) not in settled
    ]


def mistakes(decisions: Sequence[Decision], known: Known) -> list[Mistake]:
    """Return everything that is wrong with the decisions, by themselves and beside the links there are."""
    return [mistake for check in CHECKS for mistake in check(decisions, known)]


def _unknown(decisions: Sequence[Decision], known: Known) -> Iterator[Mistake]:
    for decision in decisions:
        if decision.company_id not in known.companies:
            yield Mistake(decision.line, f"there is no company {decision.company_id} in Autotask; export again")
        if decision.account_id not in known.accounts:
            yield Mistake(decision.line, f"there is no account {decision.account_id} in Exact; export again")


def _undecided(decisions: Sequence[Decision], _: Known) -> Iterator[Mistake]:
    """A pair that is both confirmed and rejected."""
    first: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        earlier = first.setdefault((decision.company_id, decision.account_id), decision)
        if earlier.verdict != decision.verdict:
            yield Mistake(decision.line, f"{decision.verdict} here, but {earlier.verdict} in line {earlier.line}")


def _twice(decisions: Sequence[Decision], known: Known) -> Iterator[Mistake]:
    """A company with two accounts, or an account with two companies."""
    accounts: dict[str, dict[str, int]] = defaultdict(dict)
    companies: dict[str, dict[str, int]] = defaultdict(dict)
    for line, verdict, company_id, account_id in decisions:
        if verdict == "confirm":
            accounts[company_id].setdefault(account_id, line)
            companies[account_id].setdefault(company_id, line)
    for party_id, lines in accounts.items():
        yield from _all_but_first(f"company {_title(known.companies, party_id)}", lines)
    for party_id, lines in companies.items():
        yield from _all_but_first(f"account {_title(known.accounts, party_id)}", lines)


def _all_but_first(title: str, lines: Mapping[str, int]) -> Iterator[Mistake]:
    first, *others = lines.values()
    for line in others:
        yield Mistake(line, f"{title} is confirmed in line {first} already, with another; confirm one of them")


def _linked(decisions: Sequence[Decision], known: Known) -> Iterator[Mistake]:
    """A verdict against a link that is there."""
    confirmed = [each for each in known.links if each.state == "confirmed"]
    account_of = {each.company_id: each.account_id for each in confirmed}
    company_of = {each.account_id: each.company_id for each in confirmed}
    for line, verdict, company_id, account_id in decisions:
        account, company = account_of.get(company_id), company_of.get(account_id)
        if account == account_id:
            if verdict == "reject":
                yield Mistake(line, "this pair is linked; end the link by itself before you reject the pair")
        elif verdict == "confirm" and account is not None:
            titles = _title(known.companies, company_id), _title(known.accounts, account)
            yield Mistake(line, "company {} is linked to account {} already".format(*titles))
        elif verdict == "confirm" and company is not None:
            titles = _title(known.accounts, account_id), _title(known.companies, company)
            yield Mistake(line, "account {} is linked to company {} already".format(*titles))


def _title(parties: Mapping[str, Party], party_id: str) -> str:
    return parties[party_id].title if party_id in parties else party_id


CHECKS: tuple[Callable[[Sequence[Decision], Known], Iterator[Mistake]], ...] = (_unknown, _undecided, _twice, _linked)
"""All that can be wrong with decisions."""
