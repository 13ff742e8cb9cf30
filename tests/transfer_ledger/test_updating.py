from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from msgspec import structs
from typing_extensions import override

from transfer_ledger.documents import InvoicePayment, Partner, Problem, Source
from transfer_ledger.exceptions import DocumentFailed, Unanswered
from transfer_ledger.receipts import Receipt
from transfer_ledger.transfers import key_of
from transfer_ledger.updating import Change, UpdateProtocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_ledger.ledger import Ledger
    from transfer_ledger.transfers import Transfer

ADMINISTRATION, KIND = "autotask/1", "invoice_payments"
DAY, LATER = dt.date(2026, 10, 25), dt.date(2026, 10, 26)


def payment(number: int = 1, paid: dt.date | None = DAY, problems: list[Problem] | None = None) -> InvoicePayment:
    """Return what is known of the payment of one invoice."""
    return InvoicePayment(
        source=Source(system="exact_online", tenant="1234567", stream="invoice_payments", id=f"entry-{number}"),
        number=f"2026-{number:04}",
        customer=Partner(id="7", name="Bakkerij 't Hoekje"),
        currency="EUR",
        amount=Decimal("121.00"),
        open_amount=Decimal("0.00"),
        state="paid",
        paid_date=paid,
        problems=problems or [],
    )


class Invoices:
    """Hooks of a system that holds a paid date for each invoice, and may lose an answer."""

    def __init__(self) -> None:
        self.held: dict[str, dt.date | None] = {}
        self.writes = 0
        self.script: list[str] = []
        self.row: str | None = None

    def change(self, document: InvoicePayment) -> Change:
        """Compare."""
        row = self.row or document.number
        held = self.held.get(row)
        receipt = Receipt(id=row, number=row)
        if held == document.paid_date:
            return Change(receipt=receipt)
        says = f"paidDate: {held or 'none'} -> {document.paid_date or 'none'}"
        return Change(receipt=receipt, says=says, write=lambda: self.write(row, document.paid_date))

    def write(self, row: str, day: dt.date | None) -> None:
        """Do what the script says with a write."""
        how = self.script.pop(0) if self.script else "take"
        self.writes += 1
        if how == "refuse":
            raise DocumentFailed([Problem(field="paid_date", value=str(day), message="voided")], "Leave it.")
        if how != "lose":
            self.held[row] = day
        if how in {"lose", "lie"}:
            raise Unanswered("No answer came.")


@pytest.fixture
def invoices() -> Invoices:
    return Invoices()


@pytest.fixture
def protocol(ledger: Ledger, invoices: Invoices) -> UpdateProtocol:
    return UpdateProtocol(ledger, ledger.runs.begin(ADMINISTRATION, "target-fake"), KIND, invoices)


def row(ledger: Ledger, document: InvoicePayment) -> Transfer:
    """Return the transfer of a document."""
    found = ledger.transfer(key_of(ADMINISTRATION, KIND, document.source))
    assert found is not None
    return found


def test_what_differs_is_written_once(protocol: UpdateProtocol, invoices: Invoices, ledger: Ledger) -> None:
    """A difference is written; offered again unchanged, nothing is written and nothing said."""
    outcomes = [protocol.offer(payment()) for _ in range(3)]
    assert [outcome.result for outcome in outcomes] == ["transferred", "present", "present"]
    assert (invoices.writes, invoices.held) == (1, {"2026-0001": DAY})
    assert row(ledger, payment()).version == 2


def test_later_content_is_written_too(protocol: UpdateProtocol, invoices: Invoices) -> None:
    """A document that says something else later brings the row to that, also back to nothing."""
    for day in (DAY, LATER, None):
        assert protocol.offer(payment(paid=day)).state == "transferred"
    assert (invoices.writes, invoices.held) == (3, {"2026-0001": None})


def test_what_is_there_already_is_only_noted(protocol: UpdateProtocol, invoices: Invoices) -> None:
    """A row that holds all of it is not written; the transfer is settled all the same."""
    invoices.held["2026-0001"] = DAY
    assert [protocol.offer(payment()).result for _ in range(2)] == ["agreed", "present"]
    assert invoices.writes == 0


@pytest.mark.parametrize(("how", "writes"), [("lose", 2), ("lie", 1)])
def test_a_lost_answer_is_settled_by_comparing(
    protocol: UpdateProtocol, invoices: Invoices, how: str, writes: int
) -> None:
    """After a lost answer the transfer is in doubt; the next offer writes only what is not there."""
    invoices.script = [how]
    assert protocol.offer(payment()).state == "unknown"
    assert protocol.offer(payment()).state == "transferred"
    assert (invoices.writes, invoices.held) == (writes, {"2026-0001": DAY})


def test_a_refusal_concerns_that_document_and_is_tried_again(protocol: UpdateProtocol, invoices: Invoices) -> None:
    """What is refused fails with its reason, the others go on, and the next offer tries again."""
    invoices.script = ["refuse"]
    assert [protocol.offer(payment(number)).state for number in (1, 2)] == ["failed", "transferred"]
    assert protocol.offer(payment(1)).state == "transferred"


def test_two_documents_never_share_a_row(protocol: UpdateProtocol, invoices: Invoices) -> None:
    """A row that another document has is left alone, and the failure names it."""
    invoices.row = "2026-0001"
    protocol.offer(payment(1))
    outcome = protocol.offer(payment(2, paid=LATER))
    assert outcome.state == "failed"
    assert "2026-0001 in the receiving system belongs to another document already" in outcome.reason
    assert invoices.held == {"2026-0001": DAY}


def test_what_the_mapper_could_not_map_fails_whatever_is_there(protocol: UpdateProtocol, invoices: Invoices) -> None:
    """A problem of the mapper fails a document that was transferred before, and nothing is written."""
    protocol.offer(payment())
    problem = Problem(field="number", value="", message="no number", setting="payments.number")
    outcome = protocol.offer(payment(paid=LATER, problems=[problem]))
    assert (outcome.state, outcome.advice) == ("failed", "See the setting payments.number.")
    assert invoices.held == {"2026-0001": DAY}


class Forgetful(Invoices):
    """A system that answers well and does not keep what it was sent for some rows."""

    def __init__(self, *rows: str) -> None:
        super().__init__()
        self.rows = rows
        self.read: list[list[str]] = []

    @override
    def write(self, row: str, day: dt.date | None) -> None:
        super().write(row, day)
        if row in self.rows:
            self.held[row] = None

    def read_back(self, keys: Sequence[str]) -> dict[str, list[Problem]]:
        """Say which rows hold nothing."""
        self.read.append(list(keys))
        return {
            key: [Problem(field="paid_date", value="", message=f"paidDate of {key} was not kept")]
            for key in keys
            if self.held[key] is None
        }


def test_what_was_written_is_settled_once_it_was_read_back_together(ledger: Ledger) -> None:
    """Rows are read back together, in the end at the latest; one that did not keep its value fails, no other does."""
    invoices = Forgetful("2026-0002")
    begun = ledger.runs.begin(ADMINISTRATION, "target-fake")
    protocol = UpdateProtocol(ledger, begun, KIND, invoices, read_back=invoices.read_back)
    outcomes = [protocol.offer(payment(number)).result for number in range(1, 151)]
    assert set(outcomes) == {"waiting"}
    decided = [outcome for at_the_end in (False, True) for _, outcome in protocol.decided(at_the_end=at_the_end)]
    assert [len(keys) for keys in invoices.read] == [150]
    assert [outcome.state for outcome in decided].count("failed") == 1
    assert decided[1].reason == "paidDate of 2026-0002 was not kept"
    assert len(ledger.open_sources(ADMINISTRATION, KIND)) == 1


def test_a_run_that_ends_before_reading_back_leaves_documents_to_be_compared(ledger: Ledger) -> None:
    """What was sent and not read back is open, and the next run finds what is there."""
    invoices = Forgetful()
    begun = ledger.runs.begin(ADMINISTRATION, "target-fake")
    protocol = UpdateProtocol(ledger, begun, KIND, invoices, read_back=invoices.read_back)
    protocol.offer(payment())
    ledger.runs.finish(begun, {}, 143)
    assert len(ledger.open_sources(ADMINISTRATION, KIND)) == 1
    again = UpdateProtocol(ledger, ledger.runs.begin(ADMINISTRATION, "target-fake"), KIND, invoices)
    assert again.offer(payment()).result == "agreed"
    assert invoices.writes == 1


def test_what_there_is_to_say_is_no_question(ledger: Ledger, invoices: Invoices) -> None:
    """A note stands in the log of a document that is well, and asks nobody for anything; a problem goes before it."""
    change = invoices.change
    problem = Problem(field="paid_date", value="", message="somebody else's date", advice="Look.")

    def noted(document: InvoicePayment) -> Change:
        made = change(document)
        asks = [problem] if document.number == "2026-0002" else []
        return structs.replace(
            made, note="Paid", receipt=structs.replace(made.receipt, problems=asks, ours=["2026-10-25"])
        )

    invoices.change = noted  # type: ignore[method-assign]
    begun = ledger.runs.begin(ADMINISTRATION, "target-fake")
    protocol = UpdateProtocol(ledger, begun, KIND, invoices)
    assert [protocol.offer(payment(number)).attention for number in (1, 2)] == [False, True]
    assert [(row(ledger, payment(n)).reason, row(ledger, payment(n)).advice) for n in (1, 2)] == [
        ("Paid", ""),
        ("somebody else's date", "Look."),
    ]
    receipt = row(ledger, payment(1)).receipt
    assert receipt is not None
    assert receipt.ours == ["2026-10-25"]
