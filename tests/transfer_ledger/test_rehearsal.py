from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.transfer_ledger.remote import Remote, invoice, protocol_for
from tests.transfer_ledger.test_updating import ADMINISTRATION, DAY, KIND, Invoices, payment
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import StopRun
from transfer_ledger.ledger import Ledger
from transfer_ledger.protocol import WriteProtocol
from transfer_ledger.rehearsal import (
    Finding,
    ForgetfulLedger,
    Rehearsal,
    RehearsedChange,
    RehearsedSteps,
    examined,
    flattened,
)
from transfer_ledger.transfers import key_of
from transfer_ledger.updating import UpdateProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.transfer_ledger.conftest import Clock

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def forgetful(url: str, clock: Clock) -> Iterator[ForgetfulLedger]:
    Ledger.open(url, clock).close()
    ledger = ForgetfulLedger.open(url, clock)
    assert isinstance(ledger, ForgetfulLedger)
    yield ledger
    ledger.close()


@pytest.fixture
def rehearsal() -> Rehearsal:
    return Rehearsal("target-fake", ADMINISTRATION, None, NOW)


def test_a_change_is_told_and_not_made(forgetful: ForgetfulLedger, rehearsal: Rehearsal) -> None:
    """What an update would change is taken down as before and after; neither the row nor the ledger changes."""
    invoices = Invoices()
    protocol = UpdateProtocol(forgetful, rehearsal.run, KIND, RehearsedChange(invoices, rehearsal))
    assert protocol.offer(payment()).result == "transferred"
    invoices.held["2026-0002"] = DAY
    assert protocol.offer(payment(2)).result == "agreed"
    assert [write.fields for write in rehearsal.taken()] == [{"changes": f"paidDate: none -> {DAY}"}]
    assert (invoices.held, invoices.writes) == ({"2026-0002": DAY}, 0)
    assert forgetful.transfer(key_of(ADMINISTRATION, KIND, payment().source)) is None


def test_what_is_in_doubt_is_asked_for_and_stays_in_doubt(url: str, clock: Clock, rehearsal: Rehearsal) -> None:
    """A rehearsal asks where an answer was lost, as a real run does; the row stays for that run to settle."""
    real, remote = Ledger.open(url, clock), Remote()
    remote.script.append("lose")
    protocol_for(real, remote).offer(invoice(1))
    remote.script.append("drop")
    lost = protocol_for(real, remote)
    lost.offer(invoice(2))
    before = [real.transfer(key_of(lost.administration, lost.kind, invoice(n).source)) for n in (1, 2)]
    real.close()
    ledger = ForgetfulLedger.open(url, clock)
    run = Rehearsal("target-fake", lost.administration, None, NOW).run
    protocol = WriteProtocol(ledger, run, lost.kind, RehearsedSteps(lost.hooks, rehearsal))
    creates = remote.calls["create"]
    assert [protocol.offer(invoice(n)).state for n in (1, 2)] == ["transferred", "transferred"]
    assert remote.calls["create"] == creates
    assert [ledger.transfer(key_of(lost.administration, lost.kind, invoice(n).source)) for n in (1, 2)] == before
    ledger.close()


def test_what_cannot_be_looked_into_is_a_finding(rehearsal: Rehearsal, caplog: pytest.LogCaptureFixture) -> None:
    """A question that is refused is told beside what was found before it."""

    def asked() -> Iterator[Finding]:
        yield Finding(problem=Problem(field="journal", value="70", message="Journal 70 is blocked"), advice="Open it.")
        raise StopRun("No right to read periods.", "Give it.")

    examined(asked(), rehearsal)
    assert "Journal 70 is blocked. Open it." in caplog.text
    assert "No right to read periods. Give it." in caplog.text


def test_nested_fields_are_told_by_their_path() -> None:
    """Lists of rows and groups become paths; lists of plain values stay one."""
    told = dict(flattened({"A": 1, "B": {"C": [2, 3]}, "Lines": [{"D": None}, {"D": {"E": "x"}}], "F": []}))
    assert told == {"A": 1, "B.C": [2, 3], "Lines[0].D": None, "Lines[1].D.E": "x", "F": []}
