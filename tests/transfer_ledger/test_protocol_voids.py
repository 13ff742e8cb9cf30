from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.transfer_ledger.remote import (
    ADMINISTRATION,
    KIND,
    Remote,
    die_while,
    invoice,
    missing_vat_code,
    protocol_for,
    row,
)
from transfer_ledger.schema import transfers
from transfer_ledger.transfers import key_of

if TYPE_CHECKING:
    from transfer_ledger.ledger import Ledger


def test_voided_before_transfer_is_skipped(ledger: Ledger) -> None:
    """A document voided before it was transferred is skipped, settled, and costs no call."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    outcome = protocol.offer(invoice(voided=True, problems=[missing_vat_code()]))
    assert (outcome.result, outcome.settled, outcome.reason) == ("skipped", True, "Voided before it was transferred.")
    assert protocol.offer(invoice(voided=True)).result == "present"
    assert remote.calls.keys() == {"scan"}


def test_left_out_by_the_settings_is_skipped_and_can_come_back(ledger: Ledger) -> None:
    """A document the settings leave out is skipped for that reason, and transferred when they no longer do."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    outcome = protocol.offer(invoice(skip="Before the first day."))
    assert (outcome.result, outcome.reason) == ("skipped", "Before the first day.")
    assert protocol.offer(invoice()).result == "transferred"


@pytest.mark.parametrize("how", ["kill", "kill_after"])
def test_voided_while_in_doubt_is_asked_for(ledger: Ledger, how: str) -> None:
    """A document that may have arrived and was voided since is looked for before it is skipped."""
    remote = Remote()
    die_while(ledger, remote, invoice(), how)
    outcome = protocol_for(ledger, remote).offer(invoice(voided=True, lines=[]))
    assert remote.calls["find"] == 1
    assert (outcome.state, outcome.attention) == (("transferred", True) if how == "kill_after" else ("skipped", False))


def test_voided_after_transfer_is_reported_once(ledger: Ledger) -> None:
    """A transferred document that is voided is one open question for a person, and never a write."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice())
    outcomes = [protocol.offer(invoice(voided=True, when_voided="report")) for _ in range(3)]
    assert [outcome.attention for outcome in outcomes] == [True, False, False]
    assert all(outcome.settled for outcome in outcomes)
    assert "voided in the source system after it was transferred as 2670000" in outcomes[0].reason
    assert "Credit it" in outcomes[0].advice
    assert [problem.field for problem in row(ledger, invoice()).problems] == ["voided"]
    assert remote.calls["create"] == 1


def test_voided_after_transfer_is_ignored_when_told(ledger: Ledger) -> None:
    """With the policy to ignore, a void after transfer changes nothing."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice())
    outcome = protocol.offer(invoice(voided=True, when_voided="ignore"))
    assert (outcome.result, outcome.attention) == ("present", False)
    assert len(remote.held) == 1


def test_voided_after_transfer_is_credited_once(ledger: Ledger) -> None:
    """With the policy to credit, what was sent is taken back once, whatever the voided record says by then."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice())
    void = invoice(voided=True, when_voided="credit", void_date=dt.date(2026, 11, 3), lines=[])
    assert [protocol.offer(void).result for _ in range(3)] == ["transferred", "present", "present"]
    held = {held.found.reference: held.found.gross for held in remote.held.values()}
    assert held == {"2026-0001": Decimal("121.00"), "2026-0001-void": Decimal("-121.00")}
    with ledger.engine.connect() as connection:
        stored = connection.execute(sa.select(transfers.c.source_id, transfers.c.offered_as)).all()
    assert sorted(tuple(one) for one in stored) == [("1", "1"), ("1:void", "1")]


def test_failed_credit_keeps_the_voided_record_open(ledger: Ledger) -> None:
    """A credit that fails is open under the key of the record, so that the tap reads it again."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice())
    remote.script.append("refuse")
    void = invoice(voided=True, when_voided="credit")
    assert protocol.offer(void).settled is False
    assert ledger.open_sources(ADMINISTRATION, KIND) == [("autotask", "1", "expanded_invoices", "1")]
    assert protocol_for(ledger, remote).offer(void).result == "transferred"
    assert ledger.open_sources(ADMINISTRATION, KIND) == []


def test_credit_answers_an_earlier_report(ledger: Ledger) -> None:
    """When the policy changes from report to credit, the credit closes the question that was open."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice())
    protocol.offer(invoice(voided=True, when_voided="report"))
    assert protocol.offer(invoice(voided=True, when_voided="credit")).result == "transferred"
    assert row(ledger, invoice()).problems == []
    assert row(ledger, invoice()).advice == ""


def test_void_ends_what_was_left_to_do(ledger: Ledger) -> None:
    """A created document that was voided before it was printed is not printed any more."""
    remote = Remote()
    remote.script.extend(["answer", "refuse"])
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice(definitive=True))
    outcome = protocol.offer(invoice(definitive=True, voided=True, when_voided="ignore"))
    assert outcome.settled
    assert [held.prints for held in remote.held.values()] == [0]


@pytest.mark.parametrize(("how", "state"), [("refuse", "skipped"), ("lie", "transferred")])
def test_credit_that_was_begun_is_not_left_open(ledger: Ledger, how: str, state: str) -> None:
    """When the policy changes after a credit was tried, it is kept if it arrived, else left out."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice())
    remote.script.append(how)
    assert protocol.offer(invoice(voided=True, when_voided="credit")).state == "failed"
    outcomes = [protocol.offer(invoice(voided=True, when_voided="ignore")) for _ in range(2)]
    assert [outcome.settled for outcome in outcomes] == [True, True]
    assert ledger.open_sources(ADMINISTRATION, KIND) == []
    credited = invoice().reversal(invoice(voided=True))
    credit = ledger.transfer(key_of(ADMINISTRATION, KIND, credited.source))
    assert credit is not None
    assert credit.state == state
    assert remote.references()["2026-0001-void"] == (state == "transferred")
