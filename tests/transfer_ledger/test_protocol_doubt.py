from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from tests.transfer_ledger.remote import (
    Hooks,
    Killed,
    Remote,
    WithCustomer,
    bury,
    die_while,
    history,
    invoice,
    protocol_for,
    row,
)
from transfer_ledger.documents import Partner, Totals

if TYPE_CHECKING:
    from transfer_ledger.documents import SalesInvoice
    from transfer_ledger.ledger import Ledger
    from transfer_ledger.receipts import Prepared


@pytest.mark.parametrize(("how", "held"), [("refuse", 1), ("lie", 1)])
def test_refusal_is_not_believed_twice(ledger: Ledger, how: str, held: int) -> None:
    """After a refused write the next run asks before it writes, since a refusal may lie."""
    remote = Remote()
    remote.script.append(how)
    protocol_for(ledger, remote).offer(invoice())
    outcome = protocol_for(ledger, remote).offer(invoice())
    assert outcome.state == "transferred"
    assert remote.calls["find"] == 1
    assert len(remote.held) == held


def test_lost_answer_is_asked_for_at_once(ledger: Ledger) -> None:
    """A document whose answer was lost after it was written is found in the same run and not written again."""
    remote = Remote()
    remote.script.append("lose")
    outcome = protocol_for(ledger, remote).offer(invoice())
    assert outcome.state == "transferred"
    assert remote.calls == {"scan": 1, "create": 1, "find": 1}


def test_unanswered_write_stays_unknown_and_is_asked_first(ledger: Ledger) -> None:
    """A write without an answer or a trace is unknown, is not repeated in that run, and is asked for in the next."""
    remote = Remote()
    remote.script.append("drop")
    outcome = protocol_for(ledger, remote).offer(invoice())
    assert (outcome.state, outcome.settled, outcome.stop) == ("unknown", False, None)
    assert remote.calls["create"] == 1
    assert protocol_for(ledger, remote).offer(invoice()).result == "transferred"
    assert remote.calls == {"scan": 1, "create": 2, "find": 2}
    assert history(ledger) == ["unknown", "sent"]


def test_question_without_answer_leaves_it_unknown(ledger: Ledger) -> None:
    """As long as the question goes unanswered, nothing is written."""
    remote = Remote()
    remote.script.extend(["drop", "ask_drop", "ask_drop"])
    protocol_for(ledger, remote).offer(invoice())
    assert protocol_for(ledger, remote).offer(invoice()).state == "unknown"
    assert remote.calls["create"] == 1


def test_quota_during_the_question_leaves_it_unknown(ledger: Ledger) -> None:
    """A run stopped while it asks what became of a lost write does not forget the doubt."""
    remote = Remote()
    remote.script.extend(["lose", "ask_stop"])
    outcome = protocol_for(ledger, remote).offer(invoice())
    assert outcome.state == "unknown"
    assert outcome.stop is not None
    assert protocol_for(ledger, remote).offer(invoice()).result == "adopted"
    assert len(remote.held) == 1


def test_unknown_document_that_cannot_be_prepared_stays_unknown(ledger: Ledger) -> None:
    """A document in doubt is never called failed: its problems keep it from being asked for, and it says so."""
    remote = Remote()
    remote.script.append("drop")
    protocol_for(ledger, remote).offer(invoice())
    hooks = Hooks(remote)
    hooks.unknown_customers.add("7")
    outcome = protocol_for(ledger, remote, hooks).offer(invoice())
    assert outcome.state == "unknown"
    assert "may have arrived" in outcome.reason
    assert "no account" in outcome.reason


def test_three_lost_answers_in_a_row_stop_the_run(ledger: Ledger) -> None:
    """When the receiving system is gone, the run ends instead of trying every document."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    remote.script.extend(["drop", "refuse", "drop", "drop", "drop"])
    outcomes = [protocol.offer(invoice(number)) for number in range(1, 6)]
    assert [outcome.stop is not None for outcome in outcomes] == [False, False, False, False, True]
    assert outcomes[-1].state == "unknown"


@pytest.mark.parametrize("how", ["kill", "kill_after"])
def test_killed_write_is_asked_for(ledger: Ledger, how: str) -> None:
    """A write cut off by a kill is in doubt: the next run asks, adopts what is there, else writes."""
    remote = Remote()
    die_while(ledger, remote, invoice(), how)
    assert row(ledger, invoice()).state == "sending"
    outcome = protocol_for(ledger, remote).offer(invoice())
    assert outcome.state == "transferred"
    assert remote.references() == {"2026-0001": 1}
    assert history(ledger) == ["interrupted", "adopted" if how == "kill_after" else "sent"]


def test_sending_of_a_live_run_is_left_alone(ledger: Ledger) -> None:
    """A document that a living run is sending stays open here and untouched there."""
    remote = Remote()
    remote.script.append("kill")
    with pytest.raises(Killed):
        protocol_for(ledger, remote).offer(invoice())
    before = row(ledger, invoice())
    outcome = protocol_for(ledger, remote).offer(invoice())
    assert (outcome.result, outcome.settled) == ("busy", False)
    assert "Another run is sending it" in outcome.reason
    assert row(ledger, invoice()) == before
    assert remote.calls["create"] == 1


def test_two_runs_with_a_failing_lock_write_once(ledger: Ledger) -> None:
    """When two runs reach the same document at once, the compare-and-swap lets one of them write."""
    remote = Remote()
    fast = protocol_for(ledger, remote)

    class Overtaken(Hooks):
        @override
        def prepare(self, document: SalesInvoice) -> Prepared:
            assert fast.offer(document).result == "transferred"
            return super().prepare(document)

    assert protocol_for(ledger, remote, Overtaken(remote)).offer(invoice()).result == "busy"
    assert remote.calls["create"] == 1


@pytest.mark.parametrize("how", ["refuse", "lose", "drop", "stop", "bug", "bug_after", "kill", "kill_after"])
def test_later_step_is_resumed(ledger: Ledger, caplog: pytest.LogCaptureFixture, how: str) -> None:
    """A created document that was not printed is finished later, is not created again and not printed twice."""
    caplog.set_level(logging.CRITICAL)
    remote = Remote()
    document = invoice(definitive=True)
    remote.script.extend(["answer", how])
    try:
        outcome = protocol_for(ledger, remote).offer(document)
    except Killed:
        bury(ledger)
    else:
        assert outcome.settled is (how == "lose")
        assert row(ledger, document).receipt is not None
    assert protocol_for(ledger, remote).offer(document).state == "transferred"
    assert remote.calls["create"] == 1
    assert [held.prints for held in remote.held.values()] == [1]


def test_change_between_attempts_keeps_what_was_sent(ledger: Ledger) -> None:
    """A document that arrived before its content changed is adopted as it was sent, and the change is recorded."""
    remote = Remote()
    die_while(ledger, remote, invoice(), "kill_after")
    changed = invoice(description="Oktober")
    assert protocol_for(ledger, remote).offer(changed).result == "adopted"
    assert row(ledger, invoice()).stored() == invoice()
    assert protocol_for(ledger, remote).offer(changed).result == "present"
    assert history(ledger) == ["interrupted", "adopted", "changed"]


def test_form_changed_while_in_doubt_is_asked_in_the_old_form(ledger: Ledger) -> None:
    """A write in doubt is looked for in the form it was sent in, and finished in that form."""
    remote = Remote()
    die_while(ledger, remote, invoice(), "kill_after")
    entry = invoice(form="sales_entry")
    hooks = Hooks(remote)
    assert protocol_for(ledger, remote, hooks).offer(entry).result == "adopted"
    assert {document.form for document in hooks.prepared} == {"sales_invoice"}
    assert len(remote.held) == 1


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"reference": "2026-9999"}, id="renumbered"),
        pytest.param(
            {
                "customer": Partner(id="8", name="Smederij Vos", code="D10043"),
                "totals": Totals(net=Decimal(1), vat=Decimal(0), gross=Decimal(1)),
            },
            id="another customer and amount",
        ),
    ],
)
def test_what_is_in_doubt_is_asked_for_as_it_was_sent(ledger: Ledger, changes: dict[str, Any]) -> None:
    """A write in doubt whose document was renumbered or corrected since is found by what was sent, not sent again."""
    remote = Remote()
    die_while(ledger, remote, invoice(), "kill_after")
    assert protocol_for(ledger, remote).offer(invoice(**changes)).result == "adopted"
    assert row(ledger, invoice()).stored() == invoice()
    assert history(ledger) == ["interrupted", "adopted", "changed"]
    assert len(remote.held) == 1


def test_what_never_arrived_is_sent_as_it_is_now(ledger: Ledger) -> None:
    """A write in doubt that never arrived is sent with the reference the document has by now."""
    remote = Remote()
    die_while(ledger, remote, invoice(), "kill")
    assert protocol_for(ledger, remote).offer(invoice(reference="2026-9999")).result == "transferred"
    assert [held.found.reference for held in remote.held.values()] == ["2026-9999"]


@pytest.mark.parametrize(("how", "state", "held"), [("bug", "unknown", 0), ("bug_after", "unknown", 1)])
def test_unforeseen_error_parks_the_document(
    ledger: Ledger, caplog: pytest.LogCaptureFixture, how: str, state: str, held: int
) -> None:
    """An error nobody foresaw leaves the write unknown, goes to the log, and not with its text into the ledger."""
    remote = Remote()
    remote.script.append(how)
    protocol = protocol_for(ledger, remote)
    with caplog.at_level(logging.ERROR):
        outcome = protocol.offer(invoice())
    assert (outcome.state, len(remote.held)) == (state, held)
    assert "KeyError" in outcome.reason
    assert "secret-in-the-error" not in outcome.reason
    assert caplog.records[0].exc_info
    assert protocol.offer(invoice(2)).state == "transferred"
    assert protocol_for(ledger, remote).offer(invoice()).state == "transferred"
    assert remote.references() == {"2026-0001": 1, "2026-0002": 1}


def test_preceding_step_is_not_the_document(ledger: Ledger) -> None:
    """A write that the document needs first leaves its receipt for later steps, and is done once."""
    remote = Remote()
    hooks = WithCustomer(remote)
    protocol = protocol_for(ledger, remote, hooks)
    remote.script.append("refuse")
    assert protocol.offer(invoice()).state == "failed"
    assert row(ledger, invoice()).receipt is None
    assert protocol.offer(invoice()).state == "transferred"
    assert len(hooks.accounts) == 1
    kept = row(ledger, invoice())
    assert kept.receipt == kept.steps["create"]
    assert list(kept.steps) == ["customer", "create"]
