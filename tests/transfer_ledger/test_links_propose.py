from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transfer_ledger.parties import make_truth
from transfer_ledger.documents import Address
from transfer_ledger.links import blocks, rules
from transfer_ledger.links.normal import normalise
from transfer_ledger.links.parties import Contact, KnownLink, Party, link, party
from transfer_ledger.links.propose import SHOWN, Candidate, Proposals, propose

if TYPE_CHECKING:
    import random
    from collections.abc import MutableSequence

UTRECHT = Address(line1="Kade 12", postcode="3511 AB", city="Utrecht", country="NL")
ZWOLLE = Address(line1="Markt 3", postcode="8011 CD", city="Zwolle", country="NL")
VAT, OTHER_VAT = "NL123456789B13", "NL002455799B11"
KVK, OTHER_KVK = "12345678", "87654321"
IBAN = "NL91ABNA0417164300"

COMPANY = Party(id="1", name="Bakker Bouw B.V.", status=("customer",), vat_number=VAT, address=UTRECHT)
ACCOUNT = Party(id="a", code="10042", name="BAKKER BOUW", status=("customer",), vat_number=VAT, address=UTRECHT)


def changed(one: Party, **fields: Any) -> Party:
    return msgspec.structs.replace(one, **fields)


def only(proposals: Proposals) -> Candidate:
    ((candidate,),) = (proposal.candidates for proposal in proposals.companies)
    return candidate


def test_a_pair_that_all_rules_agree_on_is_certain() -> None:
    """One company and one account with the same unique VAT number, name and town may be linked without a person."""
    proposals = propose([COMPANY], [ACCOUNT])
    candidate = only(proposals)
    assert candidate.certain
    assert candidate.reasons == (f"same VAT number {VAT}", "same name", "same postcode and house number 3511AB 12")
    assert (candidate.counter_reasons, candidate.doubts) == ((), ())
    assert proposals.certain == (candidate,)
    assert proposals.lone_accounts == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"vat_number": None, "chamber_of_commerce": KVK},
        {"vat_number": None, "bank_account": IBAN},
        {"vat_number": VAT, "chamber_of_commerce": KVK, "bank_account": IBAN},
    ],
)
def test_any_number_that_only_two_have_will_do(fields: dict[str, str]) -> None:
    """A chamber of commerce number or a bank account identifies as a VAT number does."""
    assert only(propose([changed(COMPANY, **fields)], [changed(ACCOUNT, **fields)])).certain


@pytest.mark.parametrize(
    ("company", "account"),
    [
        ({}, {"vat_number": None}),
        ({"vat_number": "NL123456788B13"}, {"vat_number": "NL123456788B13"}),
        ({"chamber_of_commerce": KVK}, {"chamber_of_commerce": OTHER_KVK}),
        ({"bank_account": IBAN}, {"bank_account": "NL20INGB0001234567"}),
        ({"chamber_of_commerce": f"{KVK} 0001"}, {"chamber_of_commerce": f"{KVK} 0002"}),
        ({}, {"address": ZWOLLE}),
        ({}, {"address": Address(country="NL")}),
        ({}, {"address": Address(line1="Kade 12", city="Utrecht", country="BE")}),
        ({}, {"name": "De Gouden Hoorn"}),
        ({}, {"name": None}),
        ({}, {"name": "Bakker"}),
        ({}, {"name": "Bakker Zorg"}),
        ({}, {"name": "Bakker Bouw Noord"}),
        ({}, {"name": "Bakker Bouw Holding B.V."}),
        ({}, {"name": "Bakker Bouw V.O.F."}),
        ({}, {"status": ("supplier",)}),
        ({}, {"active": False}),
        ({"active": False}, {}),
    ],
)
def test_anything_against_a_pair_keeps_it_from_being_certain(company: dict[str, Any], account: dict[str, Any]) -> None:
    """A missing number, another number, country, town, name, form or role, and it is proposed with the reason why."""
    candidate = only(propose([changed(COMPANY, **company)], [changed(ACCOUNT, **account)]))
    assert not candidate.certain
    assert candidate.doubts or candidate.counter_reasons


def test_the_town_behind_a_name_is_no_other_name() -> None:
    """A name with the party's own town behind it is the same name."""
    assert only(propose([COMPANY], [changed(ACCOUNT, name="Bakker Bouw Utrecht")])).certain


def test_equal_candidates_stay_beside_each_other() -> None:
    """Two accounts with the same evidence are both the best, none is certain, and both say so."""
    proposals = propose([COMPANY], [ACCOUNT, changed(ACCOUNT, id="b", code="10043")])
    (proposal,) = proposals.companies
    assert [candidate.account.id for candidate in proposal.best] == ["a", "b"]
    assert proposal.certain is None
    for candidate in proposal.candidates:
        assert candidate.doubts == (
            "the company has 1 other candidate",
            "no valid VAT number, chamber of commerce number or bank account that only these two have",
            f"VAT number {VAT} is that of 2 in one system",
            "2 in Exact have this name",
        )


def test_an_account_wanted_by_two_companies_is_certain_for_none() -> None:
    """Doubles in Autotask are shown with the account both may be."""
    proposals = propose([COMPANY, changed(COMPANY, id="2", vat_number=None)], [ACCOUNT])
    assert [len(proposal.candidates) for proposal in proposals.companies] == [1, 1]
    assert proposals.certain == ()
    assert "the account is a candidate of 1 other company" in proposals.companies[0].candidates[0].doubts


def test_a_group_with_one_vat_number_is_never_certain() -> None:
    """Sisters that share a VAT number wait for a person, even where chamber of commerce numbers tell them apart."""
    sisters = [
        changed(COMPANY, id="1", name="Bakker Bouw B.V.", chamber_of_commerce=KVK),
        changed(COMPANY, id="2", name="Bakker Holding B.V.", chamber_of_commerce=OTHER_KVK),
    ]
    accounts = [changed(sister, id=f"account {sister.id}") for sister in sisters]
    proposals = propose(sisters, accounts)
    assert proposals.certain == ()
    assert [proposal.candidates[0].account.id for proposal in proposals.companies] == ["account 1", "account 2"]


def test_one_name_in_two_towns_is_never_certain() -> None:
    """Namesakes in two towns wait for a person, though the right town is first."""
    twins = [
        changed(COMPANY, id="1", vat_number=VAT),
        changed(COMPANY, id="2", vat_number=OTHER_VAT, address=ZWOLLE, name="Bakker Bouw Zwolle"),
    ]
    proposals = propose(twins, [changed(twins[0], id="a"), changed(twins[1], id="b")])
    assert proposals.certain == ()
    assert [proposal.candidates[0].account.id for proposal in proposals.companies] == ["a", "b"]


def test_namesakes_are_all_shown() -> None:
    """Without a number to tell them apart, every company of a name is offered every account of that name."""
    twins = [changed(COMPANY, vat_number=None), changed(COMPANY, id="2", vat_number=None, address=ZWOLLE)]
    proposals = propose(twins, [changed(twins[0], id="a"), changed(twins[1], id="b")])
    shown = [[candidate.account.id for candidate in proposal.candidates] for proposal in proposals.companies]
    assert shown == [["a", "b"], ["b", "a"]]


def test_linked_parties_are_out_but_their_numbers_count() -> None:
    """A company is not offered an account that is linked, and a number that a linked party has is not unique."""
    double = changed(COMPANY, id="2")
    other = changed(ACCOUNT, id="b", name="Bakker Bouwmarkt")
    proposals = propose([COMPANY, double], [ACCOUNT, other], [KnownLink(company_id="1", account_id="a")])
    (proposal,) = proposals.companies
    assert proposal.company.id == "2"
    (candidate,) = proposal.candidates
    assert candidate.account.id == "b"
    assert f"VAT number {VAT} is that of 2 in one system" in candidate.doubts


def test_a_refused_pair_is_not_proposed_again() -> None:
    """What a person rejected stays away, and the next candidate is not pushed into its place as certain."""
    double = changed(ACCOUNT, id="b")
    proposals = propose([COMPANY], [ACCOUNT, double], [link(COMPANY, ACCOUNT, "refused")])
    candidate = only(proposals)
    assert candidate.account.id == "b"
    assert not candidate.certain
    assert [account.id for account in proposals.lone_accounts] == ["a"]


def test_a_proposed_link_binds_nobody() -> None:
    """A pair that was proposed before and not decided is proposed again."""
    assert only(propose([COMPANY], [ACCOUNT], [link(COMPANY, ACCOUNT, "proposed")])).certain


def test_who_has_no_candidate_is_told() -> None:
    """A company and an account with nothing in common are both left over, to be created if the settings say so."""
    stranger = Party(id="z", name="Prins Zorg", address=ZWOLLE)
    proposals = propose([COMPANY], [stranger])
    assert [(proposal.company, proposal.candidates) for proposal in proposals.companies] == [(COMPANY, ())]
    assert proposals.companies[0].best == ()
    assert proposals.lone_accounts == (stranger,)


def test_two_parties_with_one_id_are_refused() -> None:
    """A list that names a party twice was read wrongly, and is not judged."""
    with pytest.raises(ValueError, match="Two parties of Exact have the id a"):
        propose([COMPANY], [ACCOUNT, changed(ACCOUNT, name="Prins")])


def test_a_placeholder_that_everybody_has_costs_no_time() -> None:
    """A telephone number typed on every card brings no pairs together, while their own numbers still do."""
    numbers = [str(10_000_000 + 7919 * number) for number in range(100)]
    sides = [
        [normalise(Party(id=kvk, phone="010-1111111", chamber_of_commerce=kvk)) for kvk in order]
        for order in (numbers, numbers[::-1])
    ]
    assert blocks.pairs(*sides) == {(place, 99 - place) for place in range(100)}


def test_documents_become_parties() -> None:
    """A party is read from a document by the canonical names; what is empty or of no use is passed over."""
    document = {
        "key": "exact/1/accounts/a",
        "name": "Bakker",
        "status": ["customer", "supplier"],
        "email": None,
        "address": {"city": "Utrecht", "postcode": None},
        "contact": {"first_name": "Anna", "phone": "020-1234567"},
        "udf": {"x": 1},
    }
    assert party("a", document) == Party(
        id="a",
        name="Bakker",
        status=("customer", "supplier"),
        address=Address(city="Utrecht"),
        contact=Contact(phone="020-1234567"),
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 50), order=st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(seed: int, order: random.Random) -> None:
    """Whatever the order in which companies, accounts and links are read, the proposals are the same."""
    truth = make_truth(seed, companies=60, accounts=55)
    links = [link(truth.companies[0], truth.accounts[0], "confirmed")]
    links += [link(truth.companies[place], truth.accounts[-place], "refused") for place in range(1, 9)]
    first = propose(truth.companies, truth.accounts, links)
    lists: tuple[MutableSequence[Any], ...] = (truth.companies, truth.accounts, links)
    for each in lists:
        order.shuffle(each)
    assert first == propose(truth.companies, truth.accounts, links)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_candidates_are_sorted_and_certain_ones_alone(seed: int) -> None:
    """Scores fall from the first candidate on, and a certain pair has no other candidate on either side."""
    truth = make_truth(seed, companies=80, accounts=75)
    proposals = propose(truth.companies, truth.accounts)
    wanted = [each.account.id for proposal in proposals.companies for each in proposal.candidates]
    for proposal in proposals.companies:
        scores = [each.score for each in proposal.candidates]
        assert scores == sorted(scores, reverse=True)
        assert all(SHOWN <= score <= 1 for score in scores)
    for candidate in proposals.certain:
        assert wanted.count(candidate.account.id) == 1
        assert truth.same(candidate.company.id, candidate.account.id)


texts = st.none() | st.text(max_size=30) | st.sampled_from([VAT, KVK, IBAN, "1", "\x00", "=1+1", "<b>", "a@b.nl"])
parties = st.builds(
    Party,
    id=st.uuids().map(str),
    code=texts,
    name=texts,
    vat_number=texts,
    chamber_of_commerce=texts,
    phone=texts,
    email=texts,
    website=texts,
    bank_account=texts,
    address=st.builds(Address, line1=texts, postcode=texts, city=texts, country=texts),
    active=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(parties, max_size=6), st.lists(parties, max_size=6))
def test_any_text_in_any_field_is_judged(companies: list[Party], accounts: list[Party]) -> None:
    """Whatever people typed, every candidate has a reason and a score from 0 to 1."""
    for proposal in propose(companies, accounts).companies:
        for candidate in proposal.candidates:
            assert candidate.reasons
            assert SHOWN <= candidate.score <= 1


def test_weights_leave_room() -> None:
    """No rule alone makes a score 1, and no objection alone makes it 0."""
    assert all(0 < rule.weight < 1 for rule in rules.RULES)
    assert all(0 < objection.weight < 1 for objection in rules.OBJECTIONS)
