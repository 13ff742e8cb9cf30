from __future__ import annotations

import pytest

from transfer_ledger.links.decisions import Decision, DecisionsRefused, Mistake, carry_out, known
from transfer_ledger.links.parties import KnownLink, Party

COMPANIES = [Party(id="1", code="D1", name="Bakker"), Party(id="2", name="Prins"), Party(id="3", name="Kok")]
ACCOUNTS = [Party(id="a", code="   10", name="Bakker BV"), Party(id="b", name="Prins NV"), Party(id="c", name="Kok")]
LINKED = KnownLink(company_id="3", account_id="c")
KNOWN = known(COMPANIES, ACCOUNTS, [LINKED])


def refused(*decisions: Decision) -> list[Mistake]:
    with pytest.raises(DecisionsRefused) as caught:
        carry_out(decisions, KNOWN)
    return caught.value.mistakes


def test_decisions_become_links_that_remember_how_the_parties_looked() -> None:
    """A confirmed and a rejected pair become links to write, with the codes and names of today."""
    assert carry_out([Decision(2, "confirm", "1", "a"), Decision(3, "reject", "1", "b")], KNOWN) == [
        KnownLink(
            company_id="1",
            account_id="a",
            state="confirmed",
            company_code="D1",
            company_name="Bakker",
            account_code="   10",
            account_name="Bakker BV",
        ),
        KnownLink(
            company_id="1",
            account_id="b",
            state="refused",
            company_code="D1",
            company_name="Bakker",
            account_name="Prins NV",
        ),
    ]


def test_what_is_decided_already_is_not_written_again() -> None:
    """A file that is imported twice changes nothing the second time, also where it says the same twice."""
    decisions = [Decision(2, "confirm", "3", "c"), Decision(3, "confirm", "1", "a"), Decision(4, "confirm", "1", "a")]
    first = carry_out(decisions, KNOWN)
    assert [(each.company_id, each.account_id) for each in first] == [("1", "a")]
    assert carry_out(decisions, known(COMPANIES, ACCOUNTS, [LINKED, *first])) == []


def test_a_person_may_come_back_on_a_refusal() -> None:
    """A pair that was rejected before can be confirmed."""
    earlier = KnownLink(company_id="1", account_id="a", state="refused")
    (changed,) = carry_out([Decision(2, "confirm", "1", "a")], known(COMPANIES, ACCOUNTS, [earlier]))
    assert changed.state == "confirmed"


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (Decision(7, "confirm", "9", "a"), "there is no company 9 in Autotask; export again"),
        (Decision(7, "reject", "1", "z"), "there is no account z in Exact; export again"),
        (Decision(7, "reject", "3", "c"), "this pair is linked; end the link by itself before you reject the pair"),
        (Decision(7, "confirm", "3", "a"), "company Kok is linked to account Kok already"),
        (Decision(7, "confirm", "1", "c"), "account Kok is linked to company Kok already"),
    ],
)
def test_a_decision_that_cannot_be_carried_out_names_its_line(decision: Decision, message: str) -> None:
    """An unknown party, or one that is linked to another, is told with its line."""
    assert refused(Decision(2, "confirm", "2", "b"), decision) == [(7, message)]


def test_decisions_that_contradict_each_other_are_refused() -> None:
    """One pair confirmed and rejected, a company with two accounts, an account with two companies: all are told."""
    assert refused(
        Decision(2, "confirm", "1", "a"),
        Decision(3, "reject", "1", "a"),
        Decision(4, "confirm", "1", "b"),
        Decision(5, "confirm", "2", "a"),
    ) == [
        (3, "reject here, but confirm in line 2"),
        (4, "company D1 Bakker is confirmed in line 2 already, with another; confirm one of them"),
        (5, "account 10 Bakker BV is confirmed in line 2 already, with another; confirm one of them"),
    ]


def test_the_message_tells_that_nothing_was_changed() -> None:
    """The error alone is enough for a person to mend the file."""
    with pytest.raises(DecisionsRefused, match=r"Nothing was changed\.\nline 4: there is no company 9"):
        carry_out([Decision(4, "confirm", "9", "a")], KNOWN)
