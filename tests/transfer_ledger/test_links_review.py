from __future__ import annotations

from typing import Any

import msgspec
import pytest

from transfer_ledger.documents import Address
from transfer_ledger.links.parties import KnownLink, Party, link
from transfer_ledger.links.review import KINDS, Change, review

VAT, OTHER_VAT = "NL123456789B13", "NL002455799B11"
COMPANY = Party(id="1", code="D10", name="Bakker Bouw B.V.", vat_number=VAT, address=Address(country="NL"))
ACCOUNT = Party(id="a", code="    10", name="Bakker Bouw", vat_number=VAT, address=Address(country="NL"))
LINK = link(COMPANY, ACCOUNT, "confirmed")


def changed(one: Party, **fields: Any) -> Party:
    return msgspec.structs.replace(one, **fields)


def told(changes: list[Change]) -> list[tuple[str, str | None, str]]:
    return [(change.kind, change.system, change.message) for change in changes]


def test_an_unchanged_pair_is_not_mentioned() -> None:
    """Nothing is said of a pair that is as it was, nor of its spelling in other capitals or legal form's dots."""
    assert review([LINK], [changed(COMPANY, name="BAKKER BOUW BV")], [ACCOUNT]) == []


@pytest.mark.parametrize(
    ("company", "account", "expected"),
    [
        ({"active": False}, {}, ("deactivated", "Autotask", "company D10 Bakker Bouw B.V. is not active any more")),
        ({}, {"active": False}, ("deactivated", "Exact", "account 10 Bakker Bouw is not active any more")),
        ({}, {"name": "Prins"}, ("renamed", "Exact", 'account "Bakker Bouw" is called "Prins" now')),
        ({}, {"name": None}, ("renamed", "Exact", 'account "Bakker Bouw" is called "" now')),
        (
            {"name": "Bakker Bouw Holding B.V."},
            {},
            ("renamed", "Autotask", 'company "Bakker Bouw B.V." is called "Bakker Bouw Holding B.V." now'),
        ),
        ({}, {"code": "11"}, ("renumbered", "Exact", "account Bakker Bouw had code 10, now 11")),
        ({}, {"code": None}, ("renumbered", "Exact", "account Bakker Bouw had code 10, now none")),
        (
            {},
            {"vat_number": OTHER_VAT},
            ("contradiction", None, f"other VAT number: {VAT} in Autotask, {OTHER_VAT} in Exact"),
        ),
        (
            {"address": Address(country="BE")},
            {},
            ("contradiction", None, "different country: BE in Autotask, NL in Exact"),
        ),
    ],
)
def test_what_changed_is_told(
    company: dict[str, Any], account: dict[str, Any], expected: tuple[str, str | None, str]
) -> None:
    """A deactivated, renamed or renumbered party, or numbers that part the pair, is told with old and new."""
    assert told(review([LINK], [changed(COMPANY, **company)], [changed(ACCOUNT, **account)])) == [expected]


def test_a_deleted_party_is_told_from_one_that_was_not_read() -> None:
    """What the system reported as deleted is certain; what is merely absent may have been filtered away."""
    assert told(review([LINK], [COMPANY], [], deleted_accounts=["a"])) == [
        ("deleted", "Exact", "account 10 Bakker Bouw was deleted in Exact")
    ]
    assert told(review([LINK], [], [ACCOUNT])) == [
        ("absent", "Autotask", "company D10 Bakker Bouw B.V. was not found in Autotask")
    ]


def test_a_merge_is_reported_with_every_successor_and_links_nobody() -> None:
    """When a linked account is gone and others have its partner's number, they are named and the link is left alone."""
    heirs = [changed(ACCOUNT, id="c", code="12"), changed(ACCOUNT, id="b", code="11")]
    idle = changed(ACCOUNT, id="d", active=False)
    (change,) = review([LINK], [COMPANY], [*heirs, idle], deleted_accounts=["a"])
    assert change.kind == "merged"
    assert change.link == LINK
    assert [heir.id for heir in change.successors] == ["b", "c"]
    assert change.message == (
        "account 10 Bakker Bouw was deleted in Exact; the partner's VAT number, chamber of commerce number or "
        "bank account is now that of 11 Bakker Bouw, 12 Bakker Bouw"
    )


def test_a_deactivated_party_is_told_with_who_may_stand_in() -> None:
    """A company that was deactivated because it was merged is told with the one that has its number now."""
    heir = changed(COMPANY, id="2", code="D11")
    (change,) = review([LINK], [changed(COMPANY, active=False), heir], [ACCOUNT])
    assert (change.kind, change.successors) == ("deactivated", (heir,))


def test_two_links_to_one_account_are_told_for_both() -> None:
    """After a merge two companies may lead to one account, which both links tell."""
    second = changed(COMPANY, id="2", code="D11")
    changes = review([LINK, link(second, ACCOUNT, "confirmed")], [COMPANY, second], [ACCOUNT])
    assert told(changes) == [("shared", "Exact", "2 links lead to account 10 Bakker Bouw")] * 2
    assert [change.link.company_id for change in changes] == ["1", "2"]


def test_a_link_that_remembers_nothing_tells_no_renaming() -> None:
    """Without the name and code of the day of linking there is nothing to compare with."""
    assert review([KnownLink(company_id="1", account_id="a")], [COMPANY], [ACCOUNT]) == []


def test_both_ends_may_be_gone() -> None:
    """A pair of which nothing is left is told twice, by the ids when no more is known."""
    changes = review([KnownLink(company_id="1", account_id="a")], [], [])
    assert [change.message for change in changes] == [
        "company 1 was not found in Autotask",
        "account a was not found in Exact",
    ]


def test_only_confirmed_links_are_reviewed() -> None:
    """A refused pair is nobody's link, so nothing can happen to it."""
    assert review([link(COMPANY, ACCOUNT, "refused")], [], []) == []


def test_every_kind_is_explained() -> None:
    """Each kind of change has a sentence for the documentation."""
    assert all(text.endswith(".") for text in KINDS.values())
