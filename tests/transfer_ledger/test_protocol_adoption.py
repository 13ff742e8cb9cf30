from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from tests.transfer_ledger.remote import (
    ADMINISTRATION,
    KIND,
    Hooks,
    Remote,
    WithCustomer,
    die_while,
    invoice,
    protocol_for,
    row,
)
from transfer_ledger.exceptions import StopRun
from transfer_ledger.ledger import Ledger
from transfer_ledger.receipts import Found, Prepared, Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transfer_ledger.documents import Document


def test_lost_ledger_adopts_what_is_held(new_url: Callable[[], str], ledger: Ledger) -> None:
    """A new ledger adopts what the receiving system holds by one scan, and writes only what is missing."""
    remote = Remote()
    old = Ledger.open(new_url())
    protocol = protocol_for(old, remote)
    for number in (1, 2):
        protocol.offer(invoice(number))
    old.close()
    protocol = protocol_for(ledger, remote)
    assert [protocol.offer(invoice(number)).result for number in (1, 2, 3)] == ["adopted", "adopted", "transferred"]
    assert remote.calls == {"scan": 2, "create": 3}
    assert protocol_for(ledger, remote).offer(invoice(4)).result == "transferred"
    assert remote.calls["scan"] == 2


def test_adopted_document_is_asked_about_its_later_steps(new_url: Callable[[], str], ledger: Ledger) -> None:
    """After the ledger was lost, a printed document is not printed again and an unprinted one is."""
    remote = Remote()
    old = Ledger.open(new_url())
    protocol = protocol_for(old, remote)
    protocol.offer(invoice(1, definitive=True))
    protocol.offer(invoice(2))
    old.close()
    protocol = protocol_for(ledger, remote)
    for number in (1, 2):
        assert protocol.offer(invoice(number, definitive=True)).result == "adopted"
    assert [held.prints for held in remote.held.values()] == [1, 1]


def test_lost_ledger_and_void_is_recognised(new_url: Callable[[], str], ledger: Ledger) -> None:
    """A voided document that the receiving system holds is reported even when the ledger is new."""
    remote = Remote()
    old = Ledger.open(new_url())
    protocol_for(old, remote).offer(invoice())
    old.close()
    outcome = protocol_for(ledger, remote).offer(invoice(voided=True))
    assert (outcome.state, outcome.attention) == ("transferred", True)


def test_interrupted_scan_is_begun_again(ledger: Ledger) -> None:
    """A scan that broke off is no baseline: the next run scans again before it writes."""
    remote = Remote()

    class Cut(Hooks):
        @override
        def scan(self) -> Iterator[Found]:
            yield Found(id="guid-9", reference="x", customer_id="y", gross=Decimal(1))
            raise StopRun("quota")

    with pytest.raises(StopRun, match="quota"):
        protocol_for(ledger, remote, Cut(remote)).offer(invoice())
    assert ledger.baseline(ADMINISTRATION, KIND) is None
    protocol_for(ledger, remote).offer(invoice())
    assert remote.calls["scan"] == 1


def test_one_held_document_is_not_adopted_twice(new_url: Callable[[], str], ledger: Ledger) -> None:
    """Two documents alike in reference, customer and amount do not share one receipt."""
    remote = Remote()
    old = Ledger.open(new_url())
    protocol_for(old, remote).offer(invoice(1))
    old.close()
    protocol = protocol_for(ledger, remote)
    twin = invoice(2, reference="2026-0001")
    assert protocol.offer(invoice(1)).result == "adopted"
    assert protocol.offer(twin).result == "transferred"
    assert remote.references() == {"2026-0001": 2}


def test_several_candidates_are_left_to_a_person(ledger: Ledger) -> None:
    """When two held documents could be this one, none is taken and nothing is written."""
    remote = Remote()
    remote.create(invoice())
    remote.create(invoice())
    outcome = protocol_for(ledger, remote).offer(invoice())
    assert outcome.state == "failed"
    assert "several documents" in outcome.reason
    assert "2670000" in outcome.reason
    assert "2670001" in outcome.reason
    assert remote.calls["create"] == 2


def test_receipt_of_another_transfer_is_refused(ledger: Ledger) -> None:
    """A find that answers with another transfer's document does not make it this one's."""
    remote = Remote()
    protocol_for(ledger, remote).offer(invoice(1))
    die_while(ledger, remote, invoice(2), "kill")
    receipt = row(ledger, invoice(1)).receipt

    class Mistaken(Hooks):
        @override
        def find(self, document: Document, prepared: Prepared) -> Receipt | None:
            return receipt

    outcome = protocol_for(ledger, remote, Mistaken(remote)).offer(invoice(2))
    assert outcome.state == "unknown"
    assert "belongs to another transfer" in outcome.reason


def test_adopted_document_needs_no_preceding_write(new_url: Callable[[], str], ledger: Ledger) -> None:
    """What a document needs first is not written again for one that is there already."""
    remote = Remote()
    old = Ledger.open(new_url())
    protocol_for(old, remote).offer(invoice())
    old.close()
    hooks = WithCustomer(remote)
    assert protocol_for(ledger, remote, hooks).offer(invoice()).result == "adopted"
    assert hooks.accounts == []
