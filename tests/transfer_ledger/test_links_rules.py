from __future__ import annotations

import pytest

from transfer_ledger.documents import Address
from transfer_ledger.links import rules
from transfer_ledger.links.normal import normalise, shares
from transfer_ledger.links.parties import Contact, Party

UTRECHT = Address(line1="Kade 12", postcode="3511 AB", city="Utrecht", country="NL")
ZWOLLE = Address(line1="Markt 3", postcode="8011 CD", city="Zwolle", country="NL")
VAT, OTHER_VAT, BAD_VAT = "NL123456789B13", "NL002455799B11", "NL123456788B13"


def judge(company: Party, account: Party) -> rules.Judgement:
    ours, theirs = normalise(company), normalise(account)
    return rules.judge(ours, theirs, shares([ours], [theirs]))


@pytest.mark.parametrize(
    ("company", "account", "reason"),
    [
        (Party(id="1", vat_number=VAT), Party(id="a", vat_number="123456789B13"), f"same VAT number {VAT}"),
        (
            Party(id="1", vat_number=BAD_VAT),
            Party(id="a", vat_number=BAD_VAT),
            f"same VAT number {BAD_VAT} (not a valid one)",
        ),
        (
            Party(id="1", chamber_of_commerce="12345678"),
            Party(id="a", chamber_of_commerce="KvK 12345678"),
            "same chamber of commerce number 12345678",
        ),
        (
            Party(id="1", bank_account="NL91ABNA0417164300"),
            Party(id="a", bank_account="NL91 ABNA 0417 1643 00"),
            "same bank account NL91ABNA0417164300",
        ),
        (Party(id="1", name="Bakker B.V."), Party(id="a", name="BAKKER"), "same name"),
        (Party(id="1", name="Bakker Bouw"), Party(id="a", name="Baker Bouw"), "name alike 95 %"),
        (Party(id="1", address=UTRECHT), Party(id="a", address=UTRECHT), "same postcode and house number 3511AB 12"),
        (Party(id="1", address=UTRECHT), Party(id="a", address=Address(postcode="3511AB")), "same postcode 3511AB"),
        (Party(id="1", address=UTRECHT), Party(id="a", address=Address(city="UTRECHT")), "same town UTRECHT"),
        (Party(id="1", email="a@b.nl"), Party(id="a", website="www.b.nl"), "same internet domain b.nl"),
        (
            Party(id="1", email="jan@gmail.com"),
            Party(id="a", contact=Contact(email="Jan@gmail.com")),
            "same e-mail address jan@gmail.com",
        ),
        (
            Party(id="1", phone="020-1234567"),
            Party(id="a", contact=Contact(phone="+31201234567")),
            "same telephone number +31201234567",
        ),
        (Party(id="1", code="D10042"), Party(id="a", code="D10042"), "same code D10042"),
        (Party(id="1", code="D10042"), Party(id="a", code="10042"), "codes alike D10042 and 10042"),
    ],
)
def test_every_rule_says_why_it_holds(company: Party, account: Party, reason: str) -> None:
    """One thing in common gives one reason, in words for the finance department, and a score below 1."""
    judgement = judge(company, account)
    assert judgement.reasons == (reason,)
    assert 0 < judgement.score < 1


@pytest.mark.parametrize(
    ("company", "account", "objection"),
    [
        (
            Party(id="1", vat_number=VAT),
            Party(id="a", vat_number=OTHER_VAT),
            f"other VAT number: {VAT} in Autotask, {OTHER_VAT} in Exact",
        ),
        (
            Party(id="1", vat_number=VAT),
            Party(id="a", vat_number=BAD_VAT),
            f"other VAT number: {VAT} in Autotask, {BAD_VAT} in Exact; not valid: {BAD_VAT}",
        ),
        (
            Party(id="1", chamber_of_commerce="12345678 0001"),
            Party(id="a", chamber_of_commerce="12345678 0002"),
            "other branch of the chamber of commerce number: 0001 in Autotask, 0002 in Exact",
        ),
        (
            Party(id="1", address=Address(country="NL")),
            Party(id="a", address=Address(country="BE")),
            "different country: NL in Autotask, BE in Exact",
        ),
        (
            Party(id="1", address=UTRECHT),
            Party(id="a", address=ZWOLLE),
            "different town: Utrecht in Autotask, Zwolle in Exact",
        ),
        (
            Party(id="1", name="Bakker Bouw"),
            Party(id="a", name="Prins Zorg"),
            "names entirely different (29 %)",
        ),
        (Party(id="1", name="Bakker"), Party(id="a", name="Bakker Holding"), "only one of them is called holding"),
        (
            Party(id="1", name="Bakker V.O.F."),
            Party(id="a", name="Bakker B.V."),
            "different legal form: VOF in Autotask, BV in Exact",
        ),
        (
            Party(id="1", status=("customer",)),
            Party(id="a", status=("supplier",)),
            "a customer in Autotask, a supplier in Exact",
        ),
        (Party(id="1", active=False), Party(id="a"), "not active in Autotask"),
    ],
)
def test_every_rule_says_what_speaks_against(company: Party, account: Party, objection: str) -> None:
    """What differs is told with both values."""
    assert judge(company, account).objections == (objection,)


def test_reasons_add_up_and_objections_take_their_part_off() -> None:
    """Each rule closes its part of the distance to 1, and each objection takes its part of the score."""
    account = "NL91ABNA0417164300"
    here = Party(id="1", bank_account=account, phone="020-1234567", address=Address(country="NL"))
    there = Party(id="a", bank_account=account, phone="+31201234567", address=Address(country="BE"), active=False)
    assert judge(here, there).score == round((1 - 0.2 * 0.6) * 0.5 * 0.9, 4)


@pytest.mark.parametrize(
    ("company", "account"),
    [
        (Party(id="1"), Party(id="a")),
        (Party(id="1", vat_number=VAT, phone="020-1234567"), Party(id="a", name="Bakker")),
        (Party(id="1", email="a@gmail.com"), Party(id="a", email="b@gmail.com")),
        (Party(id="1", code="D10042"), Party(id="a", code="C10042")),
        (Party(id="1", status=("prospect",)), Party(id="a", status=("supplier",))),
        (Party(id="1", status=("customer",)), Party(id="a", status=("customer", "supplier"))),
        (Party(id="1", address=UTRECHT), Party(id="a", address=Address(country="NL"))),
    ],
)
def test_what_is_not_known_says_nothing(company: Party, account: Party) -> None:
    """A missing value, a public mail provider or the letter of a code neither joins nor parts anybody."""
    assert judge(company, account) == (0, (), ())


def test_a_shared_number_weighs_less_with_everybody_who_has_it() -> None:
    """A VAT number that a whole group uses says little about which of them it is."""
    company, account = normalise(Party(id="1", vat_number=VAT)), normalise(Party(id="a", vat_number=VAT))
    alone = rules.judge(company, account, shares([company], [account]))
    crowd = rules.judge(company, account, shares([company] * 4, [account]))
    assert crowd.score < alone.score / 3
    assert crowd.reasons == (f"same VAT number {VAT} (shared by 4)",)


def test_a_number_that_cannot_be_right_weighs_little() -> None:
    """An invalid VAT number that both systems have counts for less than a valid one."""
    valid = judge(Party(id="1", vat_number=VAT), Party(id="a", vat_number=VAT))
    invalid = judge(Party(id="1", vat_number=BAD_VAT), Party(id="a", vat_number=BAD_VAT))
    assert invalid.score < valid.score / 3


def test_only_what_cannot_be_true_of_one_party_is_a_contradiction() -> None:
    """Other numbers and another country contradict; a move to another town does not."""
    company = normalise(Party(id="1", vat_number=VAT, address=UTRECHT))
    moved = normalise(Party(id="a", vat_number=VAT, address=ZWOLLE))
    other = normalise(Party(id="a", vat_number=OTHER_VAT, address=UTRECHT))
    assert rules.contradictions(company, moved) == []
    assert rules.contradictions(company, other) == [f"other VAT number: {VAT} in Autotask, {OTHER_VAT} in Exact"]
