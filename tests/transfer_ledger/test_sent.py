from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.transfer_ledger.remote import Remote, invoice, protocol_for
from tests.transfer_ledger.test_receivables import note, payment
from transfer_ledger.sent import Whose, known, mentioning, sent

if TYPE_CHECKING:
    from transfer_ledger.ledger import Ledger

WHOSE = Whose(
    administration="autotask/1",
    kind="invoice_payments",
    source_system="exact_online",
    source_tenant="1234567",
    source_stream="invoice_payments",
)


def test_the_way_back_from_what_the_receiver_calls_it(ledger: Ledger) -> None:
    """By its key there, or by our reference, a transfer tells whose it is; what never arrived is not known there."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice(1))
    protocol.offer(invoice(2, voided=True))
    where = protocol.administration, protocol.kind
    (found,) = sent(ledger.engine, *where, "reference", ["2026-0001", "2026-0002", "2026-0001"])
    assert (found.source_id, found.number, found.gross) == (invoice(1).source.id, "2026-0001", Decimal("121.00"))
    assert sent(ledger.engine, *where, "receipt_id", [found.receipt_id, "nobody's"]) == [found]
    assert sent(ledger.engine, "elsewhere", where[1], "receipt_id", [found.receipt_id]) == []
    assert sent(ledger.engine, *where, "receipt_id", []) == []


def test_many_are_asked_for_at_once(ledger: Ledger) -> None:
    """More than one statement takes are all found, each under its own key and as it was left."""
    for number in range(1, 12):
        note(ledger, payment(number, ("10.00", 0)), state="transferred" if number % 2 else "failed")
    asked = [f"entry-{number}" for number in range(1, 1200)]
    found = known(ledger.engine, WHOSE, asked)
    assert sorted(found) == sorted(f"entry-{number}" for number in range(1, 12))
    assert {transfer.state for transfer in found.values()} == {"transferred", "failed"}
    assert all(transfer.key == WHOSE.key(source_id) for source_id, transfer in found.items())


def test_a_key_within_a_document_tells_whose_it_is(ledger: Ledger) -> None:
    """A term that was deleted is found in the document that has it; signs of a pattern stand for themselves."""
    for number in (1, 2):
        document = payment(number, ("10.00", 0))
        document.terms[0].id = f"term_{number}%"
        note(ledger, document)
    asked = ["term_2%", "term-2", "term%", *(f"other {number}" for number in range(120))]
    assert mentioning(ledger.engine, WHOSE, asked) == {"term_2%": "entry-2"}
