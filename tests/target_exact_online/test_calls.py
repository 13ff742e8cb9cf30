from __future__ import annotations

import logging
import time
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.target_exact_online.papers import INVOICE_DATE, entry, invoice, line

if TYPE_CHECKING:
    import pytest

    from tests.target_exact_online.papers import Office
    from transfer_ledger.documents import SalesInvoice

INVOICES = "POST salesinvoice/SalesInvoices"


def many(count: int) -> list[SalesInvoice]:
    """Return invoices of five lines that together use every list of codes but the G/L accounts."""
    lines = [
        line(item=item, unit="uur", cost_center="SD", cost_unit="100", vat_code=code, vat_rate=Decimal(rate))
        for item, code, rate in (
            ("ARBEID", "2", "0.21"),
            ("ARBEID-SR", "1", "0.09"),
            ("REIS", "5", "0"),
            ("DIENST", "2", "0.21"),
            ("LICENTIE", "2", "0.21"),
        )
    ]
    return [invoice(number, lines=lines) for number in range(1, count + 1)]


def test_one_call_an_invoice(office: Office) -> None:
    """Invoices of five lines cost one write each and at most fifteen other calls together, the first run included."""
    assert office.run(*many(120)) == 0
    calls = office.calls()
    assert calls.count(INVOICES) == 120
    assert len(calls) - 120 <= 15
    assert len(office.held()) == 120


def test_a_rerun_with_nothing_new_costs_nothing(office: Office) -> None:
    """What was transferred is not looked at again, and without an invoice no list is read."""
    papers = many(3)
    office.run(*papers)
    office.calls()
    assert office.run(*papers) == 0
    assert office.run() == 0
    assert office.calls() == []


def test_broken_invoices_offered_again_cost_five_calls(office: Office) -> None:
    """Several kinds of broken invoices are judged with what changed in Exact since, in at most five calls."""
    office.account("P100", Status="P")
    broken = [
        invoice(10, code="K999"),
        invoice(11, code="P100"),
        invoice(12, lines=[line(item="HW-0000")]),
        invoice(13, lines=[line(item="HW-0001")]),
        invoice(14, reference="x" * 50),
    ]
    assert office.run(*many(3), *broken) == 1
    office.calls()
    office.sandbox.clock(seconds=3600)
    assert office.run(*many(3), *broken) == 1
    calls = office.calls()
    assert len(calls) <= 5
    assert not [call for call in calls if call.startswith("POST") and "oauth2" not in call]
    assert office.open() == ["10", "11", "12", "13", "14"]


def test_what_fails_by_itself_costs_no_call(office: Office) -> None:
    """An invoice whose fault no list could take away is not a reason to read one."""
    office.run(invoice())
    office.calls()
    assert office.run(invoice(2, reference="x" * 50), invoice(3, lines=[])) == 1
    assert office.calls() == []


def test_a_definitive_invoice_costs_three_calls(office: Office) -> None:
    """Writing, processing and reading its number."""
    office.run(invoice())
    office.calls()
    office.run(invoice(2, definitive=True), invoice(3, definitive=True))
    calls = office.calls()
    assert calls.count("POST salesinvoice/PrintedSalesInvoices") == calls.count(INVOICES) == 2
    assert calls.count("GET salesinvoice/SalesInvoices") == 2


def test_lists_are_read_as_changes(office: Office) -> None:
    """On a later run only accounts and items that changed come over; a new item is found by that."""
    office.run(invoice())
    item = next(row for row in office.held("Items") if row["Code"] == "ARBEID")
    office.sandbox.put_row("exact_online", "Items", {**item, "ID": office.account("x"), "Code": "NIEUW"})
    assert office.run(invoice(2, lines=[line(item="NIEUW")])) == 0
    feeds = [call for call in office.sandbox.calls("exact_online") if call["path"].endswith("sync/Logistics/Items")]
    assert feeds[0]["query"].endswith("$filter=Timestamp gt 1")
    assert feeds[1]["response_bytes"] < feeds[0]["response_bytes"] / 3


def test_a_division_that_moved_is_read_whole(office: Office) -> None:
    """After Exact moved the division the stored rowversion means nothing, so accounts and items are read whole."""
    office.run(invoice(lines=[line(item="X")]))
    office.reset(division_moved="2026-11-20", first_timestamp=1000)
    office.folder.joinpath("tokens.json").unlink()
    assert office.run(invoice(2)) == 0
    feeds = [call["query"] for call in office.sandbox.calls("exact_online") if "/sync/" in call["path"]]
    assert len(feeds) == 2
    assert all(query.endswith("$filter=Timestamp gt 1") for query in feeds)


def test_an_archived_division_is_named(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is sent to a division that Exact has closed or is moving."""
    (division,) = office.held("Divisions")
    office.sandbox.put_row("exact_online", "Divisions", {"Code": 1234567, **division, "BlockingStatus": 2})
    assert office.run(invoice()) == 1
    assert "blocking status 2" in caplog.text
    assert office.held() == []


def test_everything_is_written_at_sixty_a_minute(office: Office) -> None:
    """With Exact's minute limit in force every invoice arrives, and no call is refused."""
    office.reset(limits=True, time_scale=120)
    assert office.run(*many(130), wait=time.sleep) == 0
    assert len(office.held()) == 130
    statuses = {call["status"] for call in office.sandbox.calls("exact_online")}
    assert 429 not in statuses


def test_the_day_limit_stops_in_good_order(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """When today's calls are used up the run stops, says until when, and the next day finishes the work."""
    office.reset(limits=True, minute_limit=1000, day_limit=20)
    papers = many(15)
    for paper in papers:
        paper.source.offered = 15
    with caplog.at_level(logging.INFO):
        assert office.run(*papers) == 1
    assert "15 documents offered need up to 15 calls" in caplog.text
    assert "go over now, the rest stays open" in caplog.text
    assert "today's are used up until" in caplog.text
    written = len(office.held())
    assert 0 < written < 15
    office.sandbox.clock(seconds=86_400)
    assert office.run(*papers) == 0
    assert len(office.held()) == 15


def test_refusals_of_one_invoice_are_its_own(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """What Exact refuses all the same fails with its own words and our advice, and the next one goes on."""
    office.reset(closed_until="2026-10-31")
    with caplog.at_level(logging.INFO):
        assert office.run(entry(1, invoice_date=INVOICE_DATE.replace(month=10)), entry(2)) == 1
    assert "De periode is afgesloten" in caplog.text
    assert "open it in Exact Online" in caplog.text
    assert [row["YourRef"] for row in office.held("SalesEntries")] == ["2026-0002"]
    assert office.open() == ["1"]
