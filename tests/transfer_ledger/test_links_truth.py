from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.transfer_ledger.figures import measure
from tests.transfer_ledger.parties import Truth, make_truth
from transfer_ledger.links.normal import keys, normalise
from transfer_ledger.links.propose import Proposals, propose

if TYPE_CHECKING:
    from transfer_ledger.links.normal import Key

SEEDS = (1, 2, 3)
IDENTIFYING = {"vat_number", "chamber_of_commerce", "bank_account"}


@cache
def _proposed(seed: int) -> tuple[Truth, Proposals]:
    truth = make_truth(seed)
    return truth, propose(truth.companies, truth.accounts)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_lists_are_as_hard_as_they_should_be(seed: int) -> None:
    """The truth holds doubles, shared numbers, namesakes in two towns, strangers, foreigners and gaps in numbers."""
    truth, _ = _proposed(seed)
    assert (len(truth.companies), len(truth.accounts)) == (1500, 1400)
    partners = truth.partners()
    assert sum(len(accounts) > 1 for accounts in partners.values()) > 20
    assert len(truth.companies) - len(partners) > 150
    assert sum(company.vat_number is None for company in truth.companies) > 200
    assert sum(company.address.country not in (None, "NL") for company in truth.companies) > 50
    entities = {truth.entity_of[company.id] for company in truth.companies}
    assert len(entities) - len({entity.vat for entity in entities}) > 50
    assert len({(entity.name, entity.town) for entity in entities}) - len({entity.name for entity in entities}) > 50


@cache
def _held(seed: int) -> tuple[dict[str, list[Key]], dict[str, list[Key]]]:
    """Return every value that each company and each account has, by id."""
    truth, _ = _proposed(seed)
    companies, accounts = (
        {party.id: list(keys(normalise(party))) for party in side} for side in (truth.companies, truth.accounts)
    )
    return companies, accounts


def _alone(held: dict[str, list[Key]]) -> dict[Key, str]:
    """Return the values that a single party has, with its id."""
    counts = Counter(key for values in held.values() for key in values)
    return {key: party_id for party_id, values in held.items() for key in values if counts[key] == 1}


@pytest.mark.parametrize("kind", ["vat_number", "chamber_of_commerce", "code", "domain", "name"])
def test_no_single_rule_would_do(kind: str) -> None:
    """Linking whoever alone has the same VAT number, name or any other one thing gives wrong links on these lists."""
    truth, _ = _proposed(SEEDS[0])
    companies, accounts = map(_alone, _held(SEEDS[0]))
    both = [key for key in companies.keys() & accounts.keys() if key[0] == kind]
    assert sum(not truth.same(companies[key], accounts[key]) for key in both) > 5


@pytest.mark.parametrize("seed", SEEDS)
def test_no_certain_link_is_wrong(seed: int) -> None:
    """Among thousands of parties with slips, doubles, groups and namesakes, what is linked by itself is right."""
    truth, proposals = _proposed(seed)
    figures = measure(truth, proposals)
    assert figures.wrong == ()
    assert figures.certain > 200


@pytest.mark.parametrize("seed", SEEDS)
def test_nine_in_ten_true_pairs_are_first(seed: int) -> None:
    """Of the companies that have an account, nine in ten have it alone at the top of their candidates."""
    truth, proposals = _proposed(seed)
    figures = measure(truth, proposals)
    assert figures.recall >= 0.9
    assert figures.right_shown / figures.true >= 0.97


@pytest.mark.parametrize("seed", SEEDS)
def test_ambiguous_companies_show_all_their_candidates(seed: int) -> None:
    """A company that is twice in Exact has both accounts among its candidates, and neither is certain."""
    truth, proposals = _proposed(seed)
    shown = {each.company.id: {one.account.id for one in each.candidates} for each in proposals.companies}
    doubles = {company: accounts for company, accounts in truth.partners().items() if len(accounts) > 1}
    complete = [company for company, accounts in doubles.items() if accounts <= shown[company]]
    assert len(complete) >= 0.95 * len(doubles)
    assert not {each.company.id for each in proposals.certain}.intersection(complete)


@pytest.mark.parametrize("seed", SEEDS)
def test_certain_pairs_share_no_number_with_others(seed: int) -> None:
    """No certain pair has a VAT number, chamber of commerce number or bank account that a third party has too."""
    _, proposals = _proposed(seed)
    companies, accounts = _held(seed)
    for held, certain in (
        (companies, {each.company.id for each in proposals.certain}),
        (accounts, {each.account.id for each in proposals.certain}),
    ):
        counts = Counter(key for values in held.values() for key in values if key[0] in IDENTIFYING)
        sharing = {party_id for party_id, values in held.items() if any(counts[key] > 1 for key in values)}
        assert sharing
        assert not sharing & certain
