from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.transfer_ledger.receiver import EXACT, TENANT, Parties, Receiver, account, company, run
from tests.transfer_ledger.remote import history
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Awaited
from transfer_ledger.links.store import ACCOUNTS, LinkStore
from transfer_ledger.parties.book import LinkBook
from transfer_ledger.parties.candidates import described
from transfer_ledger.parties.protocol import PartyProtocol

if TYPE_CHECKING:
    from transfer_ledger.ledger import Ledger

NOBODY = {"vat_number": None, "phone": None}


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def parties(ledger: Ledger, receiver: Receiver) -> Parties:
    return Parties(ledger, receiver)


def states(ledger: Ledger) -> dict[tuple[str, str], str]:
    """Return the links there are, by their ends."""
    store = LinkStore(ledger.engine, EXACT, ACCOUNTS, ledger.clock)
    return {(link.source_id, link.receiver_id): link.state for link in store.all()}


def test_a_party_that_nobody_could_be_is_created_and_linked(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """A new party is made with one call, what that could not carry follows, and a second run writes nothing."""
    assert run(ledger, parties, account())["1"].result == "transferred"
    assert receiver.writes == ["create D00001", "update D00001: phone"]
    assert states(ledger) == {("1", "guid-1"): "confirmed"}
    assert run(ledger, parties, account())["1"].result == "present"
    assert len(receiver.writes) == 2


def test_a_party_that_its_creation_carried_whole_went_over(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """When nothing is left to write after the creation it counts as gone over, and not as alike already."""
    assert run(ledger, parties, account(phone=None))["1"].result == "transferred"
    assert receiver.writes == ["create D00001"]
    assert history(ledger) == ["sent"]
    assert run(ledger, parties, account(phone=None))["1"].result == "present"


def test_a_change_is_written_and_nothing_else(ledger: Ledger, parties: Parties, receiver: Receiver) -> None:
    """Only the field that changed is written; what a person changed at the receiver in another field stays."""
    run(ledger, parties, account())
    receiver.put(account(), "guid-1", name="Korenaar (bezorging)")
    run(ledger, parties, account(phone="030 111 0000"))
    assert receiver.writes[2:] == ["update D00001: phone"]
    assert receiver.rows["guid-1"].values["name"] == "Korenaar (bezorging)"


def test_a_certain_pair_is_linked_only_where_the_setting_allows_it(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """The same number and name is proposed to a person; with ``link_certain`` it is linked, and no account is made."""
    receiver.put(account(), "old-1", code="99001")
    outcome = run(ledger, parties, account())["1"]
    assert outcome.state == "failed"
    assert "it may be 99001 Bakkerij Van Vliet B.V." in outcome.reason
    assert states(ledger) == {("1", "old-1"): "proposed"}
    assert run(ledger, parties, account(), link_certain=True)["1"].state == "transferred"
    assert states(ledger) == {("1", "old-1"): "confirmed"}
    assert list(receiver.rows) == ["old-1"]


def test_a_link_that_a_person_ended_is_not_made_again(ledger: Ledger, parties: Parties, receiver: Receiver) -> None:
    """However certain a pair looks, once its link was ended it waits for a person, and nothing is written."""
    receiver.put(account(), "old-1", code="99001")
    run(ledger, parties, account(), link_certain=True)
    store = LinkStore(ledger.engine, EXACT, ACCOUNTS, ledger.clock)
    (linked,) = store.all()
    linked.state = "ended"
    store.save([linked], "anna")
    written = len(receiver.writes)
    outcome = run(ledger, parties, account(phone="030 111 0000"), link_certain=True)["1"]
    assert (outcome.state, len(receiver.writes)) == ("failed", written)
    assert "it may be D00001 Bakkerij Van Vliet B.V." in outcome.reason
    assert states(ledger) == {("1", "old-1"): "ended"}


def test_equal_candidates_are_all_shown_and_none_is_taken(ledger: Ledger, parties: Parties, receiver: Receiver) -> None:
    """Two accounts with the company's number: neither is linked, nothing is created, both are named."""
    for key in ("old-1", "old-2"):
        receiver.put(account(), key, code=key)
    outcome = run(ledger, parties, account(), link_certain=True)["1"]
    assert outcome.state == "failed"
    assert "old-1 Bakkerij" in outcome.reason
    assert "old-2 Bakkerij" in outcome.reason
    assert states(ledger) == {("1", "old-1"): "proposed", ("1", "old-2"): "proposed"}
    assert receiver.writes == []


def test_two_new_parties_that_are_alike_do_not_take_one_account(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """Two companies with the number of one account are left to a person, whatever the setting."""
    receiver.put(account(), "old-1", code="99001")
    twins = account(), account(5, name=account().name, vat_number=account().vat_number)
    outcomes = run(ledger, parties, *twins, link_certain=True)
    assert {outcome.state for outcome in outcomes.values()} == {"failed"}
    assert receiver.writes == []


def test_a_refused_pair_is_not_proposed_again(ledger: Ledger, parties: Parties, receiver: Receiver) -> None:
    """Once a person said that they are not the same, the company gets an account of its own."""
    held = receiver.put(account(), "old-1", code="99001", vat_number=None)
    run(ledger, parties, account())
    store = LinkStore(ledger.engine, EXACT, ACCOUNTS, ledger.clock)
    (proposed,) = store.all()
    proposed.state = "refused"
    store.save([proposed])
    assert run(ledger, parties, account())["1"].state == "transferred"
    assert receiver.rows["old-1"] == held
    assert states(ledger)["1", "guid-2"] == "confirmed"


@pytest.mark.parametrize(("policy", "advice"), [("ask", "transfers links create 1"), ("fail", "link it")])
def test_without_leave_nothing_is_created(ledger: Ledger, parties: Parties, policy: Any, advice: str) -> None:
    """Where the settings do not create, the failure says what a person can do."""
    outcome = run(ledger, parties, account(when_missing=policy))["1"]
    assert outcome.state == "failed"
    assert advice in outcome.advice


@pytest.mark.parametrize("how", ["lose", "lie"])
def test_a_creation_without_an_answer_is_never_repeated_blindly(
    ledger: Ledger, parties: Parties, receiver: Receiver, how: str
) -> None:
    """After a lost answer the next run asks: what arrived is linked, what did not is created, once."""
    receiver.script = [how]
    assert run(ledger, parties, account())["1"].state == "unknown"
    assert run(ledger, parties, account())["1"].state == "transferred"
    assert [held.code for held in receiver.rows.values()] == ["D00001"]
    assert receiver.writes.count("create D00001") == (2 if how == "lose" else 1)
    assert run(ledger, parties, account())["1"].result == "present"


def test_a_kill_between_creation_and_link_leaves_one_party(
    ledger: Ledger, parties: Parties, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies right after the answer leaves a party that the next run links instead of making another."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LinkBook, "confirm", killed)
        with pytest.raises(KeyboardInterrupt):
            run(ledger, parties, account())
    assert states(ledger) == {}
    assert run(ledger, parties, account())["1"].state == "transferred"
    assert receiver.writes == ["create D00001", "update D00001: phone"]
    assert states(ledger) == {("1", "guid-1"): "confirmed"}


@pytest.mark.parametrize("how", ["lose", "lie"])
def test_a_change_without_an_answer_is_compared_anew(
    ledger: Ledger, parties: Parties, receiver: Receiver, how: str
) -> None:
    """After a lost answer to a change, the next run writes it only if it is not there."""
    run(ledger, parties, account())
    receiver.script = [how]
    changed = account(name="Bakkerij De Vries")
    assert run(ledger, parties, changed)["1"].state == "unknown"
    assert run(ledger, parties, changed)["1"].state == "transferred"
    assert receiver.rows["guid-1"].values["name"] == "Bakkerij De Vries"
    assert len(receiver.writes) == (4 if how == "lose" else 3)


def test_what_we_wrote_does_not_travel_back(ledger: Ledger, parties: Parties, receiver: Receiver) -> None:
    """The other direction finds both sides as they were agreed; a change there travels back, and then stops."""
    ours = Receiver("company")
    ours.put(account(), "1")
    back = Parties(ledger, ours, "account")
    run(ledger, parties, account())
    row = receiver.rows["guid-1"]
    assert run(ledger, back, company(row))["guid-1"].result == "agreed"
    assert ours.writes == []
    changed = receiver.put(account(), "guid-1", phone="030 999 0000")
    assert run(ledger, back, company(changed))["guid-1"].result == "transferred"
    assert ours.writes == ["update D00001: phone"]
    assert run(ledger, parties, account(phone="030 999 0000"))["1"].settled
    assert receiver.writes == ["create D00001", "update D00001: phone"]


def test_a_conflict_is_reported_once_and_nothing_is_written(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """A field that changed on both sides waits for a person where the policy says so."""
    run(ledger, parties, account())
    receiver.put(account(), "guid-1", phone="030 2")
    asked = account(phone="030 1", fields_won_by={**account().fields_won_by, "phone": "report"})
    outcomes = [run(ledger, parties, asked)["1"] for _ in range(2)]
    assert [outcome.attention for outcome in outcomes] == [True, False]
    assert "phone changed on both sides: 030 1 is said, 030 2 is there" in outcomes[0].reason
    assert len(receiver.writes) == 2


def test_a_party_that_is_gone_is_told_and_never_relinked(ledger: Ledger, parties: Parties, receiver: Receiver) -> None:
    """A link whose account was merged into another fails and names who it may be now."""
    run(ledger, parties, account())
    del receiver.rows["guid-1"]
    receiver.put(account(), "guid-9", code="D00009")
    outcome = run(ledger, parties, account(), link_certain=True)["1"]
    assert outcome.state == "failed"
    assert "D00001 Bakkerij Van Vliet B.V. is linked to D00001" in outcome.reason
    assert "transfers links end 1" in outcome.advice
    assert "D00009" in outcome.advice
    assert states(ledger) == {("1", "guid-1"): "confirmed"}


def test_a_deleted_source_leaves_the_receiver_alone(ledger: Ledger, parties: Parties, receiver: Receiver) -> None:
    """When the linked record is deleted, its party stays as it is and a person is told once."""
    run(ledger, parties, account())
    outcomes = [run(ledger, parties, account(deleted=True))["1"] for _ in range(2)]
    assert [outcome.attention for outcome in outcomes] == [True, False]
    assert "was deleted in autotask" in outcomes[0].reason
    assert run(ledger, parties, account(2, deleted=True))["2"].state == "skipped"
    assert len(receiver.writes) == 2


def test_a_refused_party_does_not_stop_the_next(ledger: Ledger, parties: Parties, receiver: Receiver) -> None:
    """What the receiver or a check refuses fails by itself, the others go on, and the next run tries again."""
    receiver.script = ["refuse"]
    documents = account(1), account(2), account(3, code="D" * 19)
    outcomes = run(ledger, parties, *documents)
    assert {key: outcome.state for key, outcome in outcomes.items()} == {
        "1": "failed", "2": "transferred", "3": "failed",
    }  # fmt: skip
    assert "longer than 18" in outcomes["3"].reason
    assert run(ledger, parties, *documents)["1"].state == "transferred"


def test_those_who_wait_are_open_until_they_are_decided(ledger: Ledger, parties: Parties) -> None:
    """A run that is stopped before its end has written down who was waiting."""
    protocol = PartyProtocol(ledger, ledger.runs.begin(EXACT, "target-fake"), "accounts", parties)
    assert protocol.offer(account()).result == "waiting"
    assert ledger.open_sources(EXACT, "accounts") == [("autotask", TENANT, "expanded_companies", "1")]


def test_a_problem_of_the_mapper_is_told_before_any_comparison(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """A party with a problem fails with it, and neither waits nor is checked."""
    problem = Problem(field="vat_number", value="NL1", message="NL1 is no VAT number")
    assert run(ledger, parties, account(problems=[problem]))["1"].reason == "NL1 is no VAT number"
    assert receiver.checks == []


def test_what_a_person_links_while_a_run_is_at_work_stands(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """A pair that is confirmed while its company waits is used, and no account is created beside it."""
    held = receiver.put(account(5), "old-1", code="99001")
    protocol = PartyProtocol(ledger, ledger.runs.begin(EXACT, "target-fake"), "accounts", parties)
    protocol.offer(account())
    LinkBook(ledger, TENANT, EXACT, "company").confirm(described(account()), held.party, ["confirmed by a person"])
    ((_, outcome),) = protocol.decided(at_the_end=True)
    assert outcome.state == "transferred"
    assert list(receiver.rows) == ["old-1"]


def test_what_the_other_direction_is_making_is_not_made_back(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """A company whose creation from an account is not written down yet gets no account of its own."""
    ours = Receiver("company")
    ours.script = ["lie"]
    newer = company(receiver.put(account(), "guid-1"))
    assert run(ledger, Parties(ledger, ours, "account"), newer)["guid-1"].state == "unknown"
    del receiver.rows["guid-1"]  # this direction read the accounts before that one came to be
    outcome = run(ledger, parties, account())["1"]
    assert "it may be D00001 Bakkerij Van Vliet" in outcome.reason
    assert run(ledger, parties, account(), link_certain=True)["1"].state != "transferred"
    assert receiver.writes == []


def test_what_a_creation_filled_in_by_itself_does_not_travel_back(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """What the receiver made of a new account is the company's to change, though the run that made it was cut off."""
    receiver.script = ["take", "lose"]
    assert run(ledger, parties, account())["1"].state == "unknown"
    receiver.put(account(), "guid-1", phone="000")
    ours = Receiver("company")
    ours.put(account(), "1")
    run(ledger, Parties(ledger, ours, "account"), company(receiver.rows["guid-1"]))
    assert ours.writes == []
    won_by_receiver = dict.fromkeys(account().fields_won_by, "receiver")
    run(ledger, parties, account(fields_won_by=won_by_receiver))
    assert receiver.rows["guid-1"].values["phone"] == account().phone


def test_a_run_says_one_line_of_a_party_and_only_when_something_is_new(
    ledger: Ledger, parties: Parties, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever differs of a pair that was linked just now is one line; the next run is silent."""
    held = receiver.put(account(), "old-1", code="99001", phone="1", name="Van Vliet", vat_number="NL004495445B02")
    LinkBook(ledger, TENANT, EXACT, "company").confirm(described(account()), held.party, ["confirmed by a person"])
    for lines in (1, 0):
        caplog.clear()
        run(ledger, parties, account())
        assert len([record for record in caplog.records if record.levelname == "WARNING"]) == lines


def test_who_was_refused_is_not_linked_with_what_a_person_made(
    ledger: Ledger, parties: Parties, receiver: Receiver
) -> None:
    """After a refused creation, a party of that code that a person made is proposed, and not overwritten."""
    receiver.script = ["refuse"]
    run(ledger, parties, account())
    made = receiver.put(account(), "by-hand", phone="030 1")
    assert run(ledger, parties, account())["1"].state == "failed"
    assert receiver.rows == {"by-hand": made}
    assert states(ledger) == {("1", "by-hand"): "proposed"}


def test_a_party_that_was_handed_over_is_not_made_again(
    ledger: Ledger,
    parties: Parties,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What waits in a file for an importer is asked for, however often it is offered, and never made anew."""
    made: list[str] = []

    def hand_over(document: Any) -> None:
        made.append(document.code)
        raise Awaited("It is in the folder.")

    def not_yet(_: Any) -> None:
        raise Awaited("Nothing says yet that it was imported.")

    with monkeypatch.context() as patch:
        patch.setattr(parties, "create", hand_over)
        patch.setattr(parties, "find", not_yet)
        assert [run(ledger, parties, account())["1"].state for _ in range(3)] == ["sent"] * 3
    assert made == ["D00001"]
    assert "unexpected error" not in caplog.text
    parties.receiver.put(account())
    assert run(ledger, parties, account())["1"].state == "transferred"
    assert states(ledger) == {("1", "guid-1"): "confirmed"}
