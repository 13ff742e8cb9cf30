from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transfer_ledger.remote import ADMINISTRATION, KIND, Hooks, Remote, invoice, protocol_for, row
from transfer_ledger.doubt import Patience
from transfer_ledger.protocol import WriteProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_ledger.ledger import Ledger


def _protocol(
    ledger: Ledger, remote: Remote, wait: Callable[[float], None], *, stopped: bool = False, seconds: float = 15
) -> WriteProtocol:
    patience = Patience(seconds, ledger.clock, wait, lambda: stopped)
    hooks = Hooks(remote)
    hooks.protocol = WriteProtocol(
        ledger, ledger.runs.begin(ADMINISTRATION, "target-fake"), KIND, hooks, patience.outlast
    )
    return hooks.protocol


@pytest.fixture
def unanswered(ledger: Ledger) -> Remote:
    """A receiving system that did not answer, and does not show the document yet."""
    remote = Remote()
    remote.script.append("drop")
    assert protocol_for(ledger, remote).offer(invoice()).state == "unknown"
    return remote


def test_a_late_arrival_is_not_sent_again(ledger: Ledger, unanswered: Remote) -> None:
    """A document that arrives while the next run is already looking for it is adopted."""

    def arrive(_: float) -> None:
        if not unanswered.held:
            unanswered.create(invoice())

    assert _protocol(ledger, unanswered, arrive).offer(invoice()).result == "adopted"
    assert len(unanswered.held) == 1


def test_what_never_arrives_is_sent_after_the_wait(ledger: Ledger, unanswered: Remote) -> None:
    """A document that is still not there when the time is up is sent, and not waited for longer than that."""
    waited: list[float] = []
    assert _protocol(ledger, unanswered, waited.append).offer(invoice()).result == "transferred"
    assert 14 < sum(waited) <= 15
    assert len(unanswered.held) == 1


def test_what_is_old_is_not_waited_for(ledger: Ledger, unanswered: Remote) -> None:
    """When the time was up before the run began, it is asked for once and sent."""
    waited: list[float] = []
    assert _protocol(ledger, unanswered, waited.append, seconds=0).offer(invoice()).result == "transferred"
    assert waited == []


def test_a_stop_ends_the_wait(ledger: Ledger, unanswered: Remote) -> None:
    """A signal while waiting stops the run and leaves the document unknown."""
    outcome = _protocol(ledger, unanswered, lambda _: None, stopped=True).offer(invoice())
    assert outcome.stop is not None
    assert row(ledger, invoice()).state == "unknown"
    assert not unanswered.held
