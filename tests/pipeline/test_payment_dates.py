"""What the job payment-dates-to-autotask makes of half a year at the bank, compared with what is true."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.pipeline.payment_dates import PaymentDates, wanted
from tests.pipeline.running import jobs
from transfer_ledger.receivables import outstanding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.conftest import Sandbox

NOW = "2026-11-02T09:00:00Z"
NOTHING_NEW = ["system/Divisions", "sync/Deleted", "sync/Cashflow/PaymentTerms"]


@pytest.fixture
def half_year(sandbox: Sandbox, tmp_path: Path) -> Callable[..., PaymentDates]:
    """Return what makes the job after half a year of so many invoices, with switches and settings."""

    def made(invoices: int = 130, switches: dict[str, Any] | None = None, **payments: Any) -> PaymentDates:
        options = {"minute_limit": 10_000, **(switches or {})}
        sandbox.reset(companies=60, invoices=invoices, payments=True, now=NOW, exact_online=options)
        return PaymentDates(sandbox, tmp_path, **payments)

    return made


def wrong(job: PaymentDates) -> list[tuple[Any, ...]]:
    """Return the invoices of which Autotask does not hold the date that is true."""
    held = job.held()
    return [(key, held[key], told) for key, told in job.truth().items() if held[key] != wanted(told)]


def by_state(told: Iterable[dict[str, Any]]) -> Counter[str]:
    """Count invoices that are in Autotask and in Exact by their state."""
    return Counter(each["state"] for each in told if each["entry_id"] and not each["voided"])


def test_half_a_year_ends_in_the_truth(half_year: Callable[..., PaymentDates]) -> None:
    """1,000 invoices of every form and fate: not one date is wrong, nothing is told wrongly, and it costs few calls."""
    job = half_year(1000)
    job.run()
    assert wrong(job) == []
    assert len(job.patches) > 700
    assert len(job.calls["autotask"]) - len(job.patches) <= 10
    assert len(job.calls["exact_online"]) <= 5
    found, truth = job.receivables(), by_state(job.truth().values())
    assert Counter(each.state for each in found) == {
        **{state: count for state, count in truth.items() if state not in {"deleted", "nothing"}},
        "paid": truth["paid"] + truth["nothing"],
    }
    open_truth = sum(told["open"] for told in job.truth().values() if told["entry_id"] and not told["voided"])
    assert sum(each.open_amount for each in outstanding(found)) == open_truth
    assert {entry.reason.partition(":")[0][:31] for entry in job.entries("failed") if entry.reason} == {
        "an invoice of Autotask agrees o"
    }
    assert [entry.state for entry in job.entries("attention")] == ["transferred"] * 3


def test_what_changes_afterwards_is_followed(half_year: Callable[..., PaymentDates]) -> None:
    """Opened again, paid in parts, credited, written off, removed and booked anew: the next run ends in the truth."""
    job = half_year()
    job.run()
    bank = job.sandbox.payments
    settled = [told for told in job.truth().values() if told["settled_on"] and not told["voided"]]
    for told in settled[:30]:
        bank("unmatch", {told["reference"]: None}, payment=told["matches"][-1])
    still_open = [told["reference"] for told in job.truth().values() if told["open"] > 1 and told["entry_id"]]
    for place, name in enumerate(still_open[:30]):
        event = ("pay", "credit", "write_off")[place % 3]
        bank(event, {name: "1.00" if place % 2 else None}, date=f"2026-10-{20 + place % 10}")
    removable = [
        told["reference"]
        for told in job.truth().values()
        if told["entry_id"] and not told["matches"] and told["state"] == "open"
    ]
    for name in removable[:3]:
        bank("remove", {name: None})
    job.run()
    assert wrong(job) == []
    assert any(told["reopened"] for told in job.truth().values())
    assert len(job.calls["exact_online"]) <= 5


def test_nothing_new_costs_three_calls(half_year: Callable[..., PaymentDates]) -> None:
    """A run without news asks Exact three times and Autotask never, and ends well."""
    job = half_year(60)
    job.run()
    assert job.run() == 0
    assert [call["path"].partition("/1234567/")[2] or "system/Divisions" for call in job.calls["exact_online"]]
    assert len(job.calls["exact_online"]) == len(NOTHING_NEW)
    assert job.calls["autotask"] == []


@pytest.mark.parametrize(
    "switches",
    [
        {"split_keeps": "rest", "unmatch_merges": True},
        {"fully_paid": "transaction", "offset_payment_date": True},
    ],
    ids=["rows merge", "dates of offsets"],
)
def test_whatever_exact_does_where_nobody_looked(
    half_year: Callable[..., PaymentDates], switches: dict[str, Any]
) -> None:
    """What is only inferred of Exact does not change a date: which row a split keeps, what an offset leaves behind."""
    job = half_year(130, switches)
    job.run()
    assert wrong(job) == []
    for told in [told for told in job.truth().values() if told["settled_on"] and len(told["matches"]) > 1][:10]:
        job.sandbox.payments("unmatch", {told["reference"]: None}, payment=told["matches"][0])
    job.run()
    assert wrong(job) == []


@pytest.mark.parametrize("setting", ["credited", "written_off"])
def test_without_date_leaves_them_unpaid(half_year: Callable[..., PaymentDates], setting: str) -> None:
    """What was credited, or written off, gets no date where the settings say so; all others do."""
    job = half_year(130, **{setting: "without_date"})
    job.run()
    held = job.held()
    left = {key for key, told in job.truth().items() if told[setting] and told["settled_on"] and not told["voided"]}
    assert left
    assert {held[key] for key in left} == {None}
    assert [each for each in wrong(job) if each[0] not in left] == []


def test_the_last_payment_may_be_the_date(half_year: Callable[..., PaymentDates]) -> None:
    """With last_payment an invoice of which a rest was written off later has the day of the bank."""
    job = half_year(130, date="last_payment")
    job.run()
    held = job.held()
    truth = [told for told in job.truth().values() if told["settled_on"] and told["paid"] and not told["voided"]]
    later = [told for told in truth if told["settled_on"] != told["last_payment_on"]]
    assert later
    dates = [(told["dated_by_hand"] or told["last_payment_on"], held[told["invoice_id"]]) for told in truth]
    assert [pair for pair in dates if pair[0] != pair[1]] == []


@pytest.mark.parametrize("kind", ["drop", "drop_after_commit", "error_after_commit", "truncate", "delay"])
def test_lost_answers_change_nothing(half_year: Callable[..., PaymentDates], kind: str) -> None:
    """Whatever becomes of calls and answers, after one more run every date is right, and stays."""
    job = half_year(60)
    for nth in (1, 5, 9):
        job.sandbox.fault(
            system="autotask", path="Invoices", nth=nth, times=2, kind=kind, status=503, seconds=0.01, body=""
        )
    job.run(max_retries=1)
    job.sandbox.clear_faults()
    job.run()
    assert wrong(job) == []
    job.run()
    assert job.patches == []


def test_a_lost_ledger_costs_no_date(half_year: Callable[..., PaymentDates]) -> None:
    """With ledger and state gone all is offered again, and nothing is written: what stands there is agreed with."""
    job = half_year(60)
    job.run()
    for path in job.folder.glob("transfers.db*"):
        path.unlink()
    job.state = {}
    job.run()
    assert (job.patches, wrong(job)) == ([], [])


def test_amounts_are_told_to_the_cent(half_year: Callable[..., PaymentDates]) -> None:
    """The log says of each partly paid invoice what was paid and what is open."""
    job = half_year()
    job.run()
    parts = {told["entry_number"]: told for told in job.truth().values() if told["state"] == "partial"}
    said = {entry.number: entry.reason or "" for entry in job.entries("transferred")}
    assert parts
    for number, told in parts.items():
        settled = told["amount"] - told["open"]
        assert f"{settled:,.2f} of EUR {told['amount']:,.2f}, {told['open']:,.2f} is open" in said[str(number)] or (
            Decimal(told["amount"]) > 0 and "EUR" not in said[str(number)]
        )


def test_dates_come_back_whichever_form_an_invoice_went_in(sandbox: Sandbox, tmp_path: Path) -> None:
    """What this project booked as invoices, entries and orders, under references of its own, the ledger finds again."""
    sandbox.reset(companies=12, invoices=14, planted=False, exact_online={"minute_limit": 10_000})
    forms = [
        {"number": ["*1", "*4", "*7"], "form": "sales_entry"},
        {"number": ["*2", "*5", "*8"], "form": "sales_order"},
        {"form": "sales_invoice"},
    ]
    both = jobs(sandbox, tmp_path, **{"invoices-to-exact": {"invoices": {"form": forms, "reference": "AT-{number}"}}})
    both.run("invoices-to-exact-online")
    invoices = {f"AT-{row['invoiceNumber']}": row for row in sandbox.state("autotask")["Invoices"]}
    exact = sandbox.state("exact_online")
    assert all(exact[resource] for resource in ("SalesInvoices", "SalesOrders", "SalesEntries"))
    for resource in ("SalesInvoices", "SalesOrders"):
        for name in sorted({row["YourRef"] for row in exact[resource]}):
            sandbox.payments("process", {name: None})
    booked = {row["YourRef"]: row for row in sandbox.state("exact_online")["SalesEntries"]}
    assert len(booked) > 8
    undated = [name for name in booked if not invoices[name]["paidDate"] and not invoices[name]["isVoided"]]
    for name in undated:
        sandbox.payments("pay", {name: None}, date="2026-10-25")
    both.run("payment-dates-to-autotask")
    held = {row["id"]: row["paidDate"] for row in sandbox.state("autotask")["Invoices"]}
    assert {held[invoices[name]["id"]] for name in undated} == {"2026-10-25T00:00:00.000Z"}
