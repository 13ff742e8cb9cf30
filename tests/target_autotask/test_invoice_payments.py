from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.target_autotask.tills import DAY, KIND, Till, gross
from transfer_ledger.ledger import Ledger
from transfer_ledger.receivables import receivables

if TYPE_CHECKING:
    from tests.target_autotask.loading import Message

WRITTEN = "2026-10-07T00:00:00.000Z"
LATER = dt.date(2026, 10, 12)


@pytest.fixture
def row(till: Till) -> Message:
    """An invoice that went to the books, and of which the ledger knows how."""
    invoice = till.invoices()[0]
    till.sent([invoice])
    return invoice


def bodies(till: Till) -> list[str]:
    calls = till.dock.sandbox.calls("autotask")
    return [call["path"].rpartition("/V1.0/")[2] for call in calls if call["method"] == "PATCH"]


def test_a_paid_invoice_gets_its_date(till: Till, row: Message) -> None:
    """Found through the ledger: one PATCH on the collection, no other field touched, and read back."""
    loaded = till.offer(till.payment(row))
    assert loaded.code == 0
    assert till.paid_date(row) == WRITTEN
    assert bodies(till) == ["Invoices"]
    assert {**till.dock.row("Invoices", id=row["id"]), "paidDate": None} == {**row, "paidDate": None}
    transfer = till.transfer(till.payment(row))
    assert (transfer.state, transfer.reason) == ("transferred", "Paid on 2026-10-07")
    assert transfer.receipt is not None
    assert (transfer.receipt.id, transfer.receipt.number) == (str(row["id"]), row["invoiceNumber"])


def test_offered_again_nothing_is_written(till: Till, row: Message) -> None:
    """The same payment costs no second PATCH."""
    till.offer(till.payment(row))
    loaded = till.offer(till.payment(row))
    assert (loaded.code, bodies(till)) == (0, [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "open"}, "Not paid, due 2026-10-14"),
        (
            {"state": "partial", "amount": Decimal("121.00"), "open_amount": Decimal("71.00")},
            "Partly paid: 50.00 of EUR 121.00, 71.00 is open, due 2026-10-14",
        ),
        ({"state": "partial", "report_parts": False}, ""),
    ],
)
def test_what_is_not_settled_gets_no_date(till: Till, row: Message, changes: dict[str, Any], said: str) -> None:
    """An open or partly paid invoice is left alone in Autotask, and the log says how far it is."""
    document = till.payment(row, None, due_date=dt.date(2026, 10, 14), **changes)
    loaded = till.offer(document)
    assert (loaded.code, till.paid_date(row), bodies(till)) == (0, None, [])
    assert till.transfer(document).reason == said


def test_a_date_follows_exact_and_is_taken_back(till: Till, row: Message) -> None:
    """Paid, dated otherwise, open again and paid again: Autotask holds what Exact said last."""
    for day, held in ((DAY, WRITTEN), (LATER, "2026-10-12T00:00:00.000Z"), (None, None), (DAY, WRITTEN)):
        assert till.offer(till.payment(row, day)).code == 0
        assert till.paid_date(row) == held


def test_a_reopened_invoice_may_be_left_to_a_person(till: Till, row: Message) -> None:
    """With report the date stays, and the transfer waits for a person, who is asked once."""
    till.offer(till.payment(row))
    document = till.payment(row, None, when_reopened="report")
    loaded = till.offer(document)
    assert (loaded.code, till.paid_date(row)) == (1, WRITTEN)
    assert till.transfer(document).reason == "Autotask holds paid date 2026-10-07, but in Exact it is open again"
    assert "Empty the date in Autotask" in till.transfer(document).advice
    assert till.offer(document).code == 0


def test_what_was_dated_is_followed_to_its_end(till: Till, row: Message) -> None:
    """One that is too old by now is left out, unless this link dated it: then it is taken back, and dated anew."""
    old: dict[str, Any] = {"skip": "dated 2025-01-01, longer ago than payments.window_days", "unless_dated": True}
    unknown = till.payment(row, **old)
    assert (till.offer(unknown).code, till.paid_date(row)) == (0, None)
    assert till.transfer(unknown).state == "skipped"
    for changes, day, held in (({}, DAY, WRITTEN), (old, None, None), (old, DAY, WRITTEN)):
        assert (till.offer(till.payment(row, day, **changes)).code, till.paid_date(row)) == (0, held)


@pytest.mark.parametrize("wanted", [DAY, None])
def test_a_date_of_somebody_else_is_kept_and_told(till: Till, row: Message, wanted: dt.date | None) -> None:
    """A date that this link did not write stays, whatever Exact says, and the log names both."""
    till.hold(row, "2026-09-30")
    loaded = till.offer(till.payment(row, wanted))
    assert (loaded.code, till.paid_date(row), bodies(till)) == (1, "2026-09-30T00:00:00.000Z", [])
    assert "2026-09-30, which this link did not write" in till.transfer(till.payment(row)).reason


@pytest.mark.parametrize(("wanted", "held"), [(DAY, WRITTEN), (None, None)])
def test_a_date_of_somebody_else_may_be_overwritten(
    till: Till, row: Message, wanted: dt.date | None, held: str | None
) -> None:
    """With overwrite Exact wins, and the history says that the date was not this link's."""
    till.hold(row, "2026-09-30")
    document = till.payment(row, wanted, when_dated="overwrite")
    assert till.offer(document).code == 0
    assert till.paid_date(row) == held
    assert "2026-09-30 (not written by this link)" in history(till)


def history(till: Till) -> str:
    ledger = Ledger.open(till.url)
    with ledger.engine.connect() as connection:
        text = str(connection.exec_driver_sql("SELECT event, detail FROM events").all())
    ledger.close()
    return text


def test_a_date_that_a_person_changed_afterwards_is_theirs(till: Till, row: Message) -> None:
    """What the link wrote and somebody changed is not overwritten by a later change in Exact."""
    till.offer(till.payment(row))
    till.hold(row, "2026-10-31")
    assert till.offer(till.payment(row, LATER)).code == 1
    assert till.paid_date(row) == "2026-10-31T00:00:00.000Z"


def test_the_day_it_was_noticed_stays(till: Till, row: Message) -> None:
    """When dates are those of the day a payment was noticed, a later notice does not move them."""
    till.offer(till.payment(row, DAY, noticed=True))
    assert till.offer(till.payment(row, LATER, noticed=True, due_date=LATER)).code == 0
    assert till.paid_date(row) == WRITTEN
    till.offer(till.payment(row, None, noticed=True))
    till.offer(till.payment(row, LATER, noticed=True))
    assert till.paid_date(row) == "2026-10-12T00:00:00.000Z"


def test_a_voided_invoice_is_never_touched(till: Till, row: Message) -> None:
    """It is skipped with the reason, paid or open again, whatever date stands there."""
    till.offer(till.payment(row))
    till.dock.sandbox.put_row("autotask", "Invoices", {"id": row["id"], "isVoided": True})
    for day in (LATER, None):
        assert till.offer(till.payment(row, day)).code == 0
        assert (till.paid_date(row), bodies(till)) == (WRITTEN, [])
    assert till.transfer(till.payment(row)).reason == f"invoice {row['invoiceNumber']} is voided in Autotask"


def test_the_credit_of_a_voided_invoice_is_no_concern(till: Till, row: Message) -> None:
    """What the link itself credited in the books belongs to the voided invoice."""
    till.dock.sandbox.put_row("autotask", "Invoices", {"id": row["id"], "isVoided": True})
    credit = replace(till.payment(row), receipt_ids=["entry-void"])
    ledger = Ledger.open(till.url)
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE transfers SET source_id = source_id || ':void', receipt_id = 'entry-void'")
    ledger.close()
    assert (till.offer(credit).code, bodies(till)) == (0, [])
    assert "is voided in Autotask" in till.transfer(credit).reason


def test_what_autotask_does_not_keep_fails(till: Till, row: Message) -> None:
    """Autotask may answer 200 and ignore an empty date: it is read back, and the failure says so."""
    till.dock.sandbox.reset(autotask={"null_clears": False})
    till.offer(till.payment(row))
    loaded = till.offer(till.payment(row, None))
    assert loaded.code == 1
    transfer = till.transfer(till.payment(row))
    assert (transfer.state, transfer.reason) == ("failed", "paidDate: none was sent, 2026-10-07 was kept")


def test_a_refused_invoice_stops_no_other(till: Till, row: Message) -> None:
    """Each failure is one document's, in Autotask's own words; the other is written."""
    other = till.invoices()[1]
    till.sent([other])
    refusal = {"errors": ["The paidDate is locked."]}
    till.dock.sandbox.fault(
        system="autotask", method="PATCH", path="Invoices", nth=1, kind="error", status=500, body=json.dumps(refusal)
    )
    loaded = till.offer(till.payment(row), till.payment(other))
    assert loaded.code == 1
    assert till.transfer(till.payment(row)).reason.endswith("The paidDate is locked.")
    assert (till.paid_date(row), till.paid_date(other)) == (None, WRITTEN)
    assert loaded.states[-1]["bookmarks"][KIND]["open"] == [f"transaction-{row['id']}"]


def test_an_invoice_that_is_gone_loses_its_date(till: Till, row: Message) -> None:
    """A term that was deleted tells which invoice is meant; booked anew, another document may have it."""
    till.offer(till.payment(row))
    gone = till.payment(row, None, state="deleted", terms=[], receipt_ids=[])
    gone.source = replace(gone.source, id=f"term-{row['id']}")
    again = till.payment(row, LATER, terms=[])
    again.source = replace(again.source, id="transaction-anew")
    assert till.offer(again, gone).code == 0
    assert till.paid_date(row) == "2026-10-12T00:00:00.000Z"
    assert till.offer(gone).code == 0
    assert till.paid_date(row) == "2026-10-12T00:00:00.000Z"


def test_what_is_gone_and_was_never_written_is_skipped(till: Till, row: Message) -> None:
    """A deletion of which nobody knows the invoice is no failure."""
    gone = till.payment(row, None, state="deleted", terms=[], receipt_ids=[])
    assert (till.offer(gone).code, bodies(till)) == (0, [])
    assert till.transfer(gone).state == "skipped"


def test_a_dry_run_writes_nothing(till: Till, row: Message) -> None:
    """It tells which date would be written, and neither Autotask nor the ledger changes."""
    loaded = till.offer(till.payment(row), dry_run=True)
    assert (loaded.code, till.paid_date(row), bodies(till), loaded.states) == (0, None, [], [])
    assert any("paidDate: none -> 2026-10-07" in line for line in loaded.log)
    with pytest.raises(AssertionError):
        till.transfer(till.payment(row))


def test_without_the_right_to_see_invoices_it_stops(till: Till, row: Message) -> None:
    """When nothing can be compared the run ends, and what was offered stays open."""
    till.dock.sandbox.reset(autotask={"forbidden": ["Invoices"]})
    loaded = till.offer(till.payment(row))
    assert loaded.code == 1
    assert any("The invoices of Autotask cannot be read" in line for line in loaded.log)
    assert loaded.states[-1]["bookmarks"][KIND]["open"] == [f"transaction-{row['id']}"]


def test_1000_changes_cost_1000_patches_and_ten_calls(till: Till) -> None:
    """All invoices of a batch are read, and read back, 500 at a time."""
    till.dock.sandbox.reset(companies=20, invoices=1050)
    rows = till.invoices()[:1000]
    till.sent(rows[:950])
    till.hold(rows[0], "2026-10-07")
    overwriting: dict[str, Any] = {"when_dated": "overwrite"}  # the seed has dates that somebody filled in
    byhand = [replace(till.payment(row, **overwriting), reference=str(row["invoiceNumber"])) for row in rows[950:]]
    loaded = till.offer(*(till.payment(row, **overwriting) for row in rows[:950]), *byhand, hourly_check_calls=1000)
    assert (loaded.code, [line for line in loaded.log if "failed" in line]) == (0, [])
    assert loaded.count("PATCH") == 999
    assert len(loaded.calls) <= 999 + 10
    assert {row["paidDate"] for row in till.dock.rows("Invoices") if row["id"] in {row["id"] for row in rows}} == {
        WRITTEN
    }


def test_the_ledger_tells_what_is_to_be_received(till: Till, row: Message) -> None:
    """After a run the receivables hold the invoice with its amounts, for people and for the page."""
    till.offer(till.payment(row, None))
    ledger = Ledger.open(till.url)
    (found,) = receivables(ledger.engine)
    ledger.close()
    assert (found.open_amount, found.open_terms) == (gross(row), ((DAY, gross(row)),))
