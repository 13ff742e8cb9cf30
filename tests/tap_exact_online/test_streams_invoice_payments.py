from __future__ import annotations

import os
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_exact_online.exceptions import Forbidden
from tests.tap_exact_online.bookings import book_everything, client_of
from tests.tap_exact_online.cashflow import ASKED, FEED, LOG, STREAM, Cashflow, told
from tests.tap_exact_online.running import Run, paths, sandbox_settings, signal_at
from tests.tap_exact_online.tables import Row, guid, refused, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Sandbox

EVERY_RUN = ["system/Divisions", LOG, FEED]


def one(run: Run) -> Row:
    (record,) = run.of(STREAM)
    return record


def with_open(state: Row, *keys: Any) -> Row:
    state["bookmarks"][STREAM]["open"] = list(keys)
    return state


def test_an_invoice_comes_with_all_its_terms(tmp_path: Path) -> None:
    """A record is one transaction: its columns once, and every term with amount, status and dates."""
    books = Cashflow()
    first, _ = books.invoice(1, "50.00", "71.00")
    books.pay(first, "2026-10-09")
    record = one(books.payments(tmp_path))
    assert (record["TransactionID"], record["TransactionEntryID"]) == (guid(1), guid(500_001))
    assert (record["AccountCode"], record["InvoiceNumber"], record["YourRef"]) == ("900", 26_700_001, "F1")
    assert (record["InvoiceDate"], record["TransactionAmountDC"]) == ("2026-09-01", Decimal("121.0"))
    assert [(t["AmountDC"], t["Status"], t["LastPaymentDate"]) for t in record["terms"]] == [
        (Decimal(-50), 50, "2026-10-09"),
        (Decimal(-71), 20, None),
    ]
    assert record["Timestamp"] == books.timestamp
    assert record["noticed_on"] == "2026-09-30"
    assert guid(900) in record["web_url"]


def test_only_sales_invoices_and_credit_notes_come(tmp_path: Path) -> None:
    """What is owed to suppliers, and bank lines, travel in the same feed and are left out."""
    books = Cashflow()
    books.invoice(1, "10.00", LineType=22)
    books.invoice(2, "10.00", kind=40)
    books.invoice(3, "10.00")
    books.invoice(4, "-10.00", kind=21)
    assert list(told(books.payments(tmp_path))) == ["F3", "F4"]


def test_nothing_new_costs_three_calls(tmp_path: Path) -> None:
    """A run without changes asks once where the administration is, what was deleted and what changed."""
    books = Cashflow()
    books.invoice(1, "10.00")
    state = books.payments(tmp_path).state
    assert books.payments(tmp_path, state).of(STREAM) == []
    assert books.resources == EVERY_RUN


def test_a_part_that_is_paid_later_comes_with_the_parts_before_it(tmp_path: Path) -> None:
    """Only the changed term is in the feed; the others are remembered, to the cent, and cost no call."""
    books = Cashflow()
    (rest,) = books.invoice(1, "100.10")
    part = books.split(rest, "33.37")
    books.pay(part, "2026-10-02")
    state = books.payments(tmp_path).state
    books.pay(rest, "2026-10-09")
    run = books.payments(tmp_path, state)
    assert told(run) == {"F1": [(Decimal("-33.37"), 50), (Decimal("-66.73"), 50)]}
    assert books.resources == EVERY_RUN


def test_terms_that_are_not_remembered_are_asked_for(tmp_path: Path) -> None:
    """Without the memory of an earlier run, all terms of a transaction are read by its key."""
    books = Cashflow()
    first, second = books.invoice(1, "50.00", "71.00")
    books.pay(first, "2026-10-02")
    state = books.payments(tmp_path).state
    state["bookmarks"][STREAM]["partitions"][0]["terms"] = {}
    books.pay(second, "2026-10-09")
    assert told(books.payments(tmp_path, state)) == {"F1": [(Decimal(-50), 50), (Decimal(-71), 50)]}
    assert books.query(ASKED)["$filter"] == f"TransactionID eq guid'{guid(1)}'"


def test_an_undone_match_tells_the_invoice_again(tmp_path: Path) -> None:
    """A term that goes back to open is news, with the part that stays paid."""
    books = Cashflow()
    first, second = books.invoice(1, "50.00", "71.00")
    books.pay(first, "2026-10-02")
    books.pay(second, "2026-10-09")
    state = books.payments(tmp_path).state
    books.reopen(second)
    assert told(books.payments(tmp_path, state)) == {"F1": [(Decimal(-50), 50), (Decimal(-71), 20)]}
    assert books.resources == EVERY_RUN


def test_1000_payments_cost_at_most_five_calls(tmp_path: Path) -> None:
    """Whole payments, parts, second parts and undone matches of 1,000 invoices at once cost three pages at most."""
    books = Cashflow()
    invoices = [books.invoice(number, "100.00")[0] for number in range(1, 1001)]
    parts = {number: books.split(term, "40.00") for number, term in enumerate(invoices) if number % 5 == 0}
    for part in parts.values():
        books.pay(part, "2026-09-20")
    state = books.payments(tmp_path).state
    for number, term in enumerate(invoices):
        if number % 7 == 0:
            books.pay(books.split(term, "10.00"), "2026-09-28")
        else:
            books.pay(term, "2026-09-28")
    run = books.payments(tmp_path, state)
    assert len(told(run)) == 1000
    assert all(sum(amount for amount, _ in terms) == -100 for terms in told(run).values())
    assert len(books.resources) <= 5


def test_how_an_invoice_ended_without_a_payment(tmp_path: Path) -> None:
    """With a credit note of the same customer matched on the same day it was credited, else written off."""
    books = Cashflow()
    for number, account in ((1, 901), (2, 902)):
        (term,) = books.invoice(number, "50.00", account=account)
        books.pay(term, None, "2026-10-05")
    (credit,) = books.invoice(3, "-50.00", account=901, kind=21)
    books.pay(credit, None, "2026-10-05")
    credited = {record["YourRef"]: record["terms"][0]["credited"] for record in books.payments(tmp_path).of(STREAM)}
    assert credited == {"F1": True, "F2": False, "F3": True}


def test_a_credit_note_of_an_earlier_run_is_asked_for(tmp_path: Path) -> None:
    """An invoice that changes after it was credited still knows that, at the cost of one call."""
    books = Cashflow()
    (term,), (credit,) = books.invoice(1, "50.00"), books.invoice(2, "-50.00", kind=21)
    books.pay(term, None, "2026-10-05")
    books.pay(credit, None, "2026-10-05")
    state = books.payments(tmp_path).state
    books.touch(term, Description="corrected")
    assert one(books.payments(tmp_path, state))["terms"][0]["credited"] is True
    expected = f"TransactionType eq 21 and Status eq 50 and (Account eq guid'{guid(900)}')"
    assert books.query(ASKED)["$filter"] == expected


def test_a_deleted_invoice_is_told(tmp_path: Path) -> None:
    """Of a term that is gone there is a record with its key, when its transaction is not known."""
    books = Cashflow()
    (term,) = books.invoice(1, "50.00")
    state = books.payments(tmp_path).state
    books.delete(term)
    run = books.payments(tmp_path, state)
    record = one(run)
    assert (record["TransactionID"], record["terms"]) == (term["ID"], None)
    assert (record["_sdc_deleted_at"], record["Division"]) == ("2026-09-28T08:00:00.000Z", 1234567)
    assert books.payments(tmp_path, run.state).of(STREAM) == []


def test_a_deleted_invoice_of_several_terms_is_told_once(tmp_path: Path) -> None:
    """Terms that are remembered tell of which transaction they were."""
    books = Cashflow()
    terms = books.invoice(1, "50.00", "71.00")
    state = books.payments(tmp_path).state
    for term in terms:
        books.delete(term)
    record = one(books.payments(tmp_path, state))
    assert record["TransactionID"] == guid(1)
    assert record["_sdc_deleted_at"] == "2026-09-28T08:00:00.000Z"


def test_terms_that_become_one_again(tmp_path: Path) -> None:
    """When a split is undone, the term that is left stands alone and the one that is gone tells nothing."""
    books = Cashflow()
    (rest,) = books.invoice(1, "121.00")
    part = books.split(rest, "50.00")
    state = books.payments(tmp_path).state
    books.delete(part)
    books.touch(rest, AmountDC=-121.0, AmountFC=-121.0)
    run = books.payments(tmp_path, state)
    assert told(run) == {"F1": [(Decimal(-121), 20)]}
    assert books.payments(tmp_path, run.state).of(STREAM) == []


def test_open_keys_are_read_again(tmp_path: Path) -> None:
    """What a target could not settle comes again beside what is new; what Exact does not show any more is gone."""
    books = Cashflow()
    for number in range(1, 51):
        books.invoice(number, "10.00")
    keys = [guid(number) for number in range(1, 46)]
    state = with_open(books.payments(tmp_path).state, *keys, guid(77))
    books.pay(books.terms[0], "2026-10-02")
    run = books.payments(tmp_path, state)
    assert sorted(record["TransactionID"] for record in run.of(STREAM)) == [*keys, guid(77)]
    assert [record["TransactionID"] for record in run.of(STREAM) if record["_sdc_deleted_at"]] == [guid(77)]
    assert books.resources == [*EVERY_RUN, ASKED, ASKED]


def test_an_interrupted_run_begins_again(tmp_path: Path) -> None:
    """After a signal nothing is lost: terms of one invoice are spread over the feed, so the bookmark waits."""
    books = Cashflow(page=3)
    for number in range(1, 9):
        books.invoice(number, "4.00", "6.00")
    cut = books.payments(tmp_path, after=signal_at(2))
    assert cut.exit_code == 128 + 15
    assert len(told(books.payments(tmp_path, cut.state))) == 8


def test_without_the_right_to_ask_the_message_names_it(tmp_path: Path) -> None:
    """When the terms of a transaction may not be asked for, the message says which right is lacking."""
    books = Cashflow()
    books.invoice(1, "10.00")
    books.refused[ASKED] = refused(403, "Forbidden")
    with pytest.raises(Forbidden, match="Financial cashflow"):
        books.payments(tmp_path, with_open(books.payments(tmp_path).state, guid(1)))


@pytest.fixture(params=["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def zone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set the clock of this machine in another zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-12-31", "2027-01-01"])
def test_a_day_stays_that_day(tmp_path: Path, day: str) -> None:
    """The day of a payment never shifts: not when summer time begins or ends, nor with this machine's zone."""
    books = Cashflow()
    (term,) = books.invoice(1, "10.00")
    books.pay(term, day)
    (paid,) = one(books.payments(tmp_path))["terms"]
    assert (paid["LastPaymentDate"], paid["EndDate"]) == (day, day)


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-03-28T22:59:59", "2026-03-28"),
        ("2026-03-28T23:00:00", "2026-03-29"),
        ("2026-10-24T22:00:00", "2026-10-25"),
        ("2026-10-25T22:59:59", "2026-10-25"),
        ("2026-10-25T23:00:00", "2026-10-26"),
    ],
)
def test_it_is_noticed_on_the_day_of_exact(tmp_path: Path, utc: str, day: str) -> None:
    """The day a payment is noticed is the one on the wall of Exact's server, in winter and summer time."""
    books = Cashflow()
    books.invoice(1, "10.00")
    books.time.local = int(wire(utc)[6:-2]) / 1000
    assert one(books.payments(tmp_path))["noticed_on"] == day


STEPS = st.lists(
    st.tuples(st.sampled_from(["book", "pay", "split", "reopen", "delete", "run"]), st.integers(0, 5)), max_size=40
)


def _delete_all(books: Cashflow, term: Row) -> None:
    for each in [row for row in books.terms if row["TransactionID"] == term["TransactionID"]]:
        books.delete(each)


HAPPENINGS: dict[str, Callable[[Cashflow, Row], object]] = {
    "pay": lambda books, term: books.pay(term, "2026-10-02"),
    "split": lambda books, term: term["AmountDC"] <= -2 and books.split(term, "1.00"),
    "reopen": lambda books, term: books.reopen(term),
    "delete": _delete_all,
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(1, 4))
def test_whatever_happens_between_runs_the_last_word_is_the_truth(
    tmp_path: Path, steps: list[tuple[str, int]], page: int
) -> None:
    """After any payments, splits, undone matches and deletions, what was told last of each invoice is what it is."""
    books, last, state = Cashflow(page), dict[str, Any](), None
    for step, number in [*steps, ("run", 0)]:
        if step == "run":
            run = books.payments(tmp_path, state)
            state, last = run.state, {**last, **told(run)}
        elif step == "book" or not books.terms:
            books.invoice(books.timestamp, "100.00")
        else:
            HAPPENINGS[step](books, books.terms[number % len(books.terms)])
    truth: dict[str, list[tuple[Decimal, int]]] = {}
    for row in books.terms:
        truth.setdefault(row["YourRef"], []).append((Decimal(str(row["AmountDC"])), row["Status"]))
    shown = {name: sorted(last[name]) for name in truth}
    assert shown == {name: sorted(terms) for name, terms in truth.items()}


def test_at_the_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    """Against the sandbox: a booked entry comes open, its payment comes once, then nothing, without a refusal."""
    client = client_of(sandbox, tmp_path)
    book_everything(client, sandbox)
    sandbox.clear_calls()
    first = Run(sandbox_settings(sandbox, tmp_path), [STREAM])
    record = one(first)
    paid = {"Status": 50, "IsFullyPaid": True, "LastPaymentDate": "2026-10-25", "EndDate": "2026-10-25"}
    sandbox.put_row("exact_online", "PaymentTerms", {"ID": record["terms"][0]["ID"], **paid})
    sandbox.clear_calls()
    second = Run(sandbox_settings(sandbox, tmp_path), [STREAM], first.state)
    assert [term["LastPaymentDate"] for term in one(second)["terms"]] == ["2026-10-25"]
    assert Run(sandbox_settings(sandbox, tmp_path), [STREAM], second.state).of(STREAM) == []
    assert paths(sandbox) == EVERY_RUN * 2
    assert {call["status"] for call in sandbox.calls("exact_online")} == {200}
