from __future__ import annotations

import datetime as dt
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from transfer_ledger.cli import main
from transfer_ledger.documents import InvoicePayment, Partner, PaymentTerm, Source, fingerprint
from transfer_ledger.ledger import Ledger
from transfer_ledger.receipts import Receipt
from transfer_ledger.receivables import LABELS, age_of, ages, days_late, outstanding, receivables
from transfer_ledger.transfers import Transfer, key_of

if TYPE_CHECKING:
    from transfer_ledger.documents import PaymentState

TODAY = dt.date(2026, 11, 28)


def payment(number: int, *parts: tuple[str, int | None], state: PaymentState = "open", **more: Any) -> InvoicePayment:
    """Return an invoice of parts: an amount, and how many days ago it fell due; None: it is paid."""
    terms = [
        PaymentTerm(
            id=f"term-{place}",
            amount=Decimal(amount),
            due_date=TODAY - dt.timedelta(days=late or 0),
            ended_by="payment" if late is None else None,
        )
        for place, (amount, late) in enumerate(parts)
    ]
    return InvoicePayment(
        source=Source(system="exact_online", tenant="1234567", stream="invoice_payments", id=f"entry-{number}"),
        number=str(number),
        reference=f"F{number}",
        customer=Partner(id="7", name="Bakkerij 't Hoekje"),
        amount=sum((term.amount for term in terms), Decimal(0)),
        open_amount=sum((term.amount for term in terms if term.is_open), Decimal(0)),
        state=state,
        terms=terms,
        **{"currency": "EUR", **more},
    )


def note(ledger: Ledger, document: InvoicePayment, state: str = "transferred") -> None:
    """Put a document into the ledger as its transfer left it."""
    key = key_of("autotask/1", "invoice_payments", document.source)
    transfer = ledger.transfer(key) or Transfer(key=key, offered_as=document.source.id)
    receipt = Receipt(id=f"invoice-{document.number}")
    transfer.state, transfer.receipt, transfer.steps = state, receipt, {"update": receipt}
    transfer.offered_fingerprint = fingerprint(document)
    ledger.save(transfer, ledger.runs.begin("autotask/1", "target-fake"), document=document)


@pytest.fixture
def filled(url: str) -> str:
    """A ledger with an invoice of every age, a paid one, one in dollars and a credit note."""
    ledger = Ledger.open(url)
    for number, late in enumerate((0, 1, 30, 31, 60, 61, 90, 91, 400), start=1):
        note(ledger, payment(number, ("100.10", late)))
    note(ledger, payment(20, ("50.00", None), ("71.00", 45), state="partial"))
    note(ledger, payment(21, ("121.00", None), state="paid"))
    note(ledger, payment(22, ("80.00", 10), currency="USD"))
    note(ledger, payment(23, ("-30.00", 5)))
    ledger.close()
    return url


def show(url: str, *arguments: str) -> Result:
    result = CliRunner().invoke(
        main, ["receivables", "--ledger", url, "--on", str(TODAY), *arguments], env={"COLUMNS": "200"}
    )
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize(
    ("late", "label"),
    [(-5, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (4000, 4)],
)
def test_an_age_counts_the_days_since_it_fell_due(late: int, label: int) -> None:
    """On the day itself nothing is late; thirty days after it the first age ends."""
    assert age_of(TODAY - dt.timedelta(days=late), TODAY) == LABELS[label]


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
def test_every_day_has_one_age(due: dt.date) -> None:
    """No day falls between two ages, and what is without a day is not late."""
    assert age_of(due, TODAY) in LABELS
    assert (age_of(due, TODAY) == LABELS[0]) == (due >= TODAY)
    assert days_late(None, TODAY) == 0


def test_totals_by_age_add_up_to_what_is_open(filled: str) -> None:
    """Each currency has every age; a part counts by its own due date, a credit note takes off."""
    with closing(Ledger.open(filled)) as ledger:
        found = receivables(ledger.engine)
    told = {(age.currency, age.label): (age.open_amount, age.invoices) for age in ages(found, TODAY)}
    expected = [("100.10", 1), ("170.20", 3), ("271.20", 3), ("200.20", 2), ("200.20", 2)]
    assert [told["EUR", label] for label in LABELS] == [(Decimal(amount), count) for amount, count in expected]
    assert [told["USD", label][1] for label in LABELS] == [0, 1, 0, 0, 0]
    assert sum(amount for (currency, _), (amount, _) in told.items() if currency == "EUR") == sum(
        each.open_amount for each in outstanding(found) if each.currency == "EUR"
    )


def test_a_later_document_takes_the_place_of_an_earlier_one(ledger: Ledger) -> None:
    """An invoice is told once, as it was offered last."""
    note(ledger, payment(1, ("100.00", 10)))
    note(ledger, payment(1, ("100.00", None), state="paid"))
    (found,) = receivables(ledger.engine)
    assert (found.books, found.number) == ("exact_online/1234567", "1")
    assert (found.state, found.open_amount) == ("paid", Decimal(0))


def test_invoices_that_are_not_followed_stay_unseen(ledger: Ledger) -> None:
    """What was skipped, since it is no invoice of the receiver, is shown to nobody; nor is what was deleted."""
    note(ledger, payment(1, ("100.00", 10)), state="skipped")
    note(ledger, payment(2, state="deleted"))
    assert receivables(ledger.engine) == []


def test_the_command_shows_what_is_not_paid(filled: str) -> None:
    """The oldest comes first, with what is open of it and for how long; the paid one is only counted."""
    lines = show(filled).output.splitlines()
    rows = [line.split("│")[0].split()[0] for line in lines[2:14]]
    assert rows[:2] == ["9", "8"]
    assert "21" not in rows
    partly = next(line for line in lines if line.startswith("20"))
    assert all(part in partly for part in ("EUR 121.00", "EUR 71.00", "partly paid", "2026-10-14", "45"))
    assert "13 invoices: 1 paid, 1 partly paid, 11 not paid; 11 overdue on 2026-11-28." in lines
    assert "EUR: 941.90 open, of which 841.80 overdue." in lines


def test_only_what_is_overdue(filled: str) -> None:
    """With --overdue the invoice that is due today is left out, and the totals stay."""
    lines = show(filled, "--overdue", "--limit", "3").output.splitlines()
    assert not any(line.startswith("1 ") for line in lines)
    assert "The first 3 of 11; --limit 0 shows all." in lines
    assert any("100.10 (1)" in line for line in lines)


def test_a_ledger_without_payments_says_so(url: str) -> None:
    """Nothing is followed yet."""
    Ledger.open(url).close()
    assert show(url).output == "The ledger follows no payments yet.\n"
