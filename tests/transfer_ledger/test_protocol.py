from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.exc import OperationalError
from typing_extensions import override

from tests.transfer_ledger.remote import (
    Hooks,
    Remote,
    history,
    invoice,
    missing_vat_code,
    protocol_for,
    row,
)
from transfer_ledger.documents import Attachment, Problem
from transfer_ledger.exceptions import StopRun
from transfer_ledger.schema import transfers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_ledger.documents import SalesInvoice
    from transfer_ledger.ledger import Ledger
    from transfer_ledger.receipts import Prepared, Receipt, Receipts, Step


def test_new_document_is_written_once(ledger: Ledger) -> None:
    """A document that is offered twice is written once, and the second offer makes no call."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    first = protocol.offer(invoice())
    calls = dict(remote.calls)
    second = protocol.offer(invoice())
    assert (first.result, second.result) == ("transferred", "present")
    assert remote.calls == calls
    assert history(ledger) == ["sent"]
    receipt = row(ledger, invoice()).receipt
    assert receipt is not None
    assert (receipt.id, receipt.number) == ("guid-1", "2670000")


def test_problems_are_recorded_and_nothing_is_sent(ledger: Ledger) -> None:
    """A document with problems fails with all of them and the setting to mend, without a call."""
    remote = Remote()
    outcome = protocol_for(ledger, remote).offer(invoice(problems=[missing_vat_code()]))
    assert (outcome.state, outcome.settled) == ("failed", False)
    assert outcome.reason == "no VAT code"
    assert outcome.advice == "See the setting invoices.vat_codes."
    assert row(ledger, invoice()).problems == [missing_vat_code()]
    assert remote.calls.keys() == {"scan"}


def test_repaired_document_is_sent_without_asking(ledger: Ledger) -> None:
    """What was never sent is written on its next offer without a question first."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice(problems=[missing_vat_code()]))
    outcome = protocol.offer(invoice())
    assert outcome.result == "transferred"
    assert remote.calls == {"scan": 1, "create": 1}
    assert row(ledger, invoice()).problems == []
    assert row(ledger, invoice()).reason == ""


def test_failed_document_does_not_stop_the_next(ledger: Ledger) -> None:
    """A refusal concerns one document, with the words of the receiving system as its reason."""
    remote = Remote()
    remote.script.append("refuse")
    protocol = protocol_for(ledger, remote)
    refused, written = protocol.offer(invoice(1)), protocol.offer(invoice(2))
    assert (refused.state, refused.reason, refused.advice) == (
        "failed",
        "Ongeldig: Klant (Type)",
        "Make it a customer.",
    )
    assert written.result == "transferred"


def test_stopped_write_is_open_and_says_why(ledger: Ledger) -> None:
    """A quota that ends during a write leaves the document to the next run, with the reason."""
    remote = Remote()
    remote.script.append("stop")
    outcome = protocol_for(ledger, remote).offer(invoice())
    assert (outcome.state, outcome.reason) == ("pending", "The calls of today are used up.")
    assert isinstance(outcome.stop, StopRun)
    assert protocol_for(ledger, remote).offer(invoice()).result == "transferred"
    assert len(remote.held) == 1


def test_unforeseen_error_before_writing_fails_the_document(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """An error nobody foresaw before anything was sent leaves a failed document, not one in doubt."""

    class Broken(Hooks):
        @override
        def prepare(self, document: SalesInvoice) -> Prepared:
            raise KeyError("account")

    remote = Remote()
    assert protocol_for(ledger, remote, Broken(remote)).offer(invoice()).state == "failed"
    assert "unexpected error" in caplog.text


def test_failing_ledger_is_no_fault_of_the_document(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the ledger cannot be written, nothing is sent and the error goes up."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice(1))

    def full(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(ledger, "save", full)
    with pytest.raises(OperationalError):
        protocol.offer(invoice(2))
    assert remote.references() == {"2026-0001": 1}


def test_totals_that_differ_need_a_person(ledger: Ledger) -> None:
    """A total that comes back a cent off is a problem on the transferred document, and it is not printed."""
    remote = Remote()
    remote.cents_off = Decimal("0.01")
    document = invoice(definitive=True)
    outcome = protocol_for(ledger, remote).offer(document)
    assert (outcome.state, outcome.attention) == ("transferred", True)
    assert "121.00 here and 121.01 there" in outcome.reason
    assert [held.prints for held in remote.held.values()] == [0]
    assert [problem.field for problem in row(ledger, document).problems] == ["totals.gross"]
    again = protocol_for(ledger, remote).offer(document)
    assert (again.result, again.attention) == ("present", False)


def test_changed_document_is_not_sent_again(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """A document that says something else after its transfer is left alone; what differs is recorded once."""
    remote = Remote()
    protocol_for(ledger, remote).offer(invoice())
    changed = invoice()
    changed.lines[0].amount = Decimal("110.00")
    for _ in range(2):
        assert protocol_for(ledger, remote).offer(changed).result == "present"
    assert protocol_for(ledger, remote).offer(invoice()).result == "present"
    assert history(ledger) == ["sent", "changed"]
    assert "lines[0].amount: 100.00 -> 110.00" in caplog.text
    assert remote.calls["create"] == 1
    assert row(ledger, invoice()).stored() == invoice()


def test_record_that_is_no_document_fails_by_its_key(ledger: Ledger) -> None:
    """What is no document is kept as failed under its key, and is transferred once it is one."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    problem = Problem(field="record", value="1", message="The record is no document: Expected `str`")
    assert protocol.refuse(invoice().source, problem).state == "failed"
    assert protocol.offer(invoice()).result == "transferred"
    assert protocol.refuse(invoice().source, problem).result == "present"


def test_attachments_are_named_and_not_kept(ledger: Ledger) -> None:
    """The bytes of an attachment do not enter the ledger."""
    protocol = protocol_for(ledger, Remote())
    attachment = Attachment(file_name="2026-0001.pdf", content_type="application/pdf", data="SECRETBYTES")
    document = invoice(attachments=[attachment])
    protocol.offer(document)
    stored = row(ledger, document).document
    assert stored is not None
    assert "2026-0001.pdf" in stored
    assert "SECRETBYTES" not in stored


@pytest.mark.parametrize("source_id", ["", "1\x002", "x" * 201])
def test_key_that_cannot_be_kept_stops_the_run(ledger: Ledger, source_id: str) -> None:
    """A key that could not be recognised again is not written under another."""
    document = invoice()
    document.source.id = source_id
    with pytest.raises(StopRun, match="cannot be kept"):
        protocol_for(ledger, Remote()).offer(document)


def test_text_a_database_refuses_is_kept_readable(ledger: Ledger) -> None:
    """A NUL in a name does not stop the ledger, and the document itself keeps it."""
    document = invoice()
    document.customer.name = "Bak\x00ker 🍞 'x'; DROP TABLE transfers"
    assert protocol_for(ledger, Remote()).offer(document).result == "transferred"
    with ledger.engine.connect() as connection:
        name = connection.execute(sa.select(transfers.c.customer_name)).scalar()
    assert name == "Bakker 🍞 'x'; DROP TABLE transfers"
    assert row(ledger, document).stored() == document


class Numbering(Hooks):
    """Hooks of a system that numbers a document when it is printed, and not as it was asked to."""

    @override
    def steps(self, document: SalesInvoice, prepared: Prepared) -> Sequence[Step]:
        create, to_paper = super().steps(document, prepared)

        def write(done: Receipts) -> Receipt:
            return replace(create.write(done), number=None)

        def print_it(done: Receipts) -> Receipt:
            problem = Problem(field="number", value="26700012", message="26001 was asked for, 26700012 was given")
            return replace(to_paper.write(done), number="26700012", problems=[problem])

        return [replace(create, write=write), replace(to_paper, write=print_it)]


def test_number_and_problems_may_come_with_a_later_step(ledger: Ledger) -> None:
    """A number that only a later step gives is the transfer's, and what a write brings up is told to a person."""
    remote = Remote()
    document = invoice(definitive=True)
    outcome = protocol_for(ledger, remote, Numbering(remote)).offer(document)
    assert (outcome.state, outcome.attention) == ("transferred", True)
    assert outcome.reason == "26001 was asked for, 26700012 was given"
    receipt = row(ledger, document).receipt
    assert receipt is not None
    assert (receipt.id, receipt.number) == ("guid-1", "26700012")


def test_intent_is_on_the_disk_before_anything_is_sent(ledger: Ledger) -> None:
    """What is about to be sent waits for the disk; what came of it does not."""
    told: list[str] = []
    asynchronous = ("PRAGMA synchronous = NORMAL", "SET LOCAL synchronous_commit TO off")

    class Watched(Hooks):
        @override
        def prepare(self, document: SalesInvoice) -> Prepared:
            told.clear()
            return super().prepare(document)

    def watch(_: object, __: object, statement: str, *___: object) -> None:
        told.append(statement)

    remote = Remote()
    protocol = protocol_for(ledger, remote, Watched(remote))
    sa.event.listen(ledger.engine, "before_cursor_execute", watch)
    protocol.offer(invoice())
    writes = [statement.startswith(("INSERT INTO transfers", "UPDATE transfers")) for statement in told]
    relaxed = [statement in asynchronous for statement in told]
    intent, end = (index for index, is_write in enumerate(writes) if is_write)
    assert intent < relaxed.index(True) < end
    assert relaxed.count(True) == 1
