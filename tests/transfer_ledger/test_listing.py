"""The narrow copy of transfers, and the lists that are read from it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlalchemy as sa

from tests.transfer_ledger.many import BEGIN, fill
from tests.transfer_ledger.remote import Remote, invoice, missing_vat_code, protocol_for
from transfer_ledger.database import open_engine
from transfer_ledger.documents import Partner, Problem
from transfer_ledger.ledger import Ledger
from transfer_ledger.report.documents import PAGE, Chosen, by_standing, count, read_page
from transfer_ledger.report.figures import by_day, by_month
from transfer_ledger.report.problems import read_groups, with_members
from transfer_ledger.report.runs import read_page as read_runs
from transfer_ledger.schema import listing, runs, transfers
from transfer_ledger.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.transfer_ledger.conftest import Clock


def copied(ledger: Ledger) -> dict[str, dict[str, Any]]:
    with ledger.engine.connect() as connection:
        query = sa.select(transfers.c.number, listing).join(listing, listing.c.transfer_id == transfers.c.id)
        rows = {row["number"]: dict(row) for row in connection.execute(query).mappings()}
    for row in rows.values():
        row["problems"] = msgspec.json.decode(row["problems"], type=list[Problem])
    return rows


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """A ledger with a transfer of each standing."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice(1, invoice_date=dt.date(2026, 10, 31)))
    protocol.offer(invoice(2, problems=[missing_vat_code()], customer=Partner(id="8", name="ÉCLAIR 100% & Zn_")))
    protocol.offer(invoice(3, voided=True))
    remote.script.append("drop")
    protocol.offer(invoice(4))
    remote.cents_off += 1
    protocol.offer(invoice(5))
    return ledger


def test_copy_says_what_the_transfer_says(filled: Ledger) -> None:
    """Standing, words, amount and problems are those of the transfer, whatever became of it."""
    rows = copied(filled)
    standings = {number[-1]: row["standing"] for number, row in rows.items()}
    assert standings == {"1": "transferred", "2": "failed", "3": "skipped", "4": "unknown", "5": "attention"}
    first = rows["2026-0001"]
    assert first["words"] == "2026-0001 2026-0001 1 bakkerij 't hoekje"
    assert (first["receipt_words"], first["cents"], first["problems"]) == ("2670000", 12100, [])
    assert first["invoice_date"] == dt.date(2026, 10, 31)
    assert "No answer" in rows["2026-0004"]["problems"][0].message


def test_older_ledger_gets_its_copy(filled: Ledger, url: str) -> None:
    """A ledger made before there was a copy is given one that says the same."""
    expected = copied(filled)
    with filled.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE listing"))
        connection.execute(sa.text("DROP TABLE actions"))
        connection.execute(sa.text("DROP TABLE mails"))
        connection.execute(sa.text("DROP INDEX runs_started"))
        connection.execute(sa.text("DROP INDEX events_run"))
        for table, column in (("transfers", "answered"), ("transfers", "dismissed_by"), ("runs", "calls")):
            connection.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0002'"))
    open_engine(url).dispose()
    assert copied(filled) == expected


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"search": "hoekje"}, "1345"),
        ({"search": "HOEKJE 0005"}, "5"),
        ({"search": "2670000"}, "1"),
        ({"search": "éclair"}, "2"),
        ({"search": "100%"}, "2"),
        ({"search": "Zn_"}, "2"),
        ({"search": "0%0"}, ""),
        ({"search": "nobody"}, ""),
        ({"search": "\0"}, "12345"),
        ({"standing": "open"}, "24"),
        ({"standing": "waiting"}, "245"),
        ({"standing": "over"}, "15"),
        ({"standing": "skipped", "search": "hoekje"}, "3"),
        ({"kind": "accounts"}, ""),
        ({"administration": "1234567", "kind": "sales_invoices", "standing": "failed"}, "2"),
    ],
)
def test_documents_are_chosen(filled: Ledger, chosen: dict[str, str], found: str) -> None:
    """Words are looked for as they are written, in any case; signs that mean something in SQL mean nothing here."""
    page = read_page(filled.engine, Chosen(**chosen))
    assert "".join(sorted(row.name[-1] for row in page.rows)) == found


def test_pages_hold_every_document_once(new_sqlite: Callable[[], str], clock: Clock) -> None:
    """Going down and up again page by page meets each document once, in order."""
    ledger = Ledger.open(new_sqlite(), clock)
    fill(ledger.engine, PAGE * 3 + 7)
    down, page = [], read_page(ledger.engine, Chosen())
    assert page.newer is None
    while True:
        down += [row.id for row in page.rows]
        if page.older is None:
            break
        page = read_page(ledger.engine, Chosen(), before=page.older)
    assert down == sorted(range(1, PAGE * 3 + 8), reverse=True)
    up = [row.id for row in reversed(page.rows)]
    while page.newer is not None:
        page = read_page(ledger.engine, Chosen(), after=page.newer)
        up += [row.id for row in reversed(page.rows)]
    assert up == sorted(down)
    ledger.close()


def test_problems_are_grouped_by_what_solves_them(ledger: Ledger) -> None:
    """Documents that lack the same are one group, with their number, their amounts by currency and the setting."""
    protocol = protocol_for(ledger, Remote())
    lacking = msgspec.structs.replace(
        missing_vat_code(), message="no row of invoices.vat_codes fits {region: Caribisch}; add one for it"
    )
    for number in range(1, 4):
        protocol.offer(invoice(number, problems=[lacking], currency="USD" if number == 3 else "EUR"))
    protocol.offer(invoice(9, problems=[lacking, msgspec.structs.replace(lacking, message="something else")]))
    groups = read_groups(ledger.engine, Words("nl"))
    assert [(group.title, group.count) for group in groups] == [
        ("Geen btw-code voor regio Caribisch", 4),
        ("something else", 1),
    ]
    assert {currency: str(sum_) for currency, sum_ in groups[0].amounts.items()} == {"EUR": "363", "USD": "121"}
    assert list(groups[0].settings) == ["invoices.vat_codes"]
    (told,) = with_members(ledger.engine, groups[:1], shown=2)
    assert [row.number for row in told.members] == ["2026-0009", "2026-0003"]


def test_figures_add_up(new_url: Callable[[], str], clock: Clock) -> None:
    """Amounts by month are the sums of the documents; a day has what its runs did and what the last one left."""
    ledger = Ledger.open(new_url(), clock)
    fill(ledger.engine, 400)
    months = by_month(ledger.engine, "sales_invoices", dt.date(2023, 1, 31))
    with ledger.engine.connect() as connection:
        gross = connection.execute(sa.select(transfers.c.gross)).scalars().all()
    january = months[-1]
    assert january.over["EUR"] + january.waiting["EUR"] == sum(gross)
    now = BEGIN + dt.timedelta(days=3)
    days = by_day(reversed(read_runs(ledger.engine, lambda: now).rows), now, days=4)
    assert [(day.over, day.left) for day in days] == [(97, 3)] * 4
    assert by_standing(count(ledger.engine)).total() == 400
    ledger.close()


def test_run_that_was_killed_is_told_from_one_at_work(filled: Ledger, clock: Clock) -> None:
    """A run that nobody ended is at work while its process lives, and broken off after."""
    assert [row.end for row in read_runs(filled.engine, clock).rows] == ["working"]
    with filled.engine.begin() as connection:
        connection.execute(sa.update(runs).values(process_started=0.0))
    assert [row.end for row in read_runs(filled.engine, clock).rows] == ["broken off"]
    assert read_runs(filled.engine, clock).rows[0].failed


def test_number_of_calls_of_a_run_is_kept(ledger: Ledger, clock: Clock) -> None:
    """A run writes down how many calls it took."""
    run = ledger.runs.begin("1234567", "target-fake")
    clock.move(61)
    ledger.runs.finish(run, {"transferred": 3, "adopted": 1, "failed": 2}, 1, calls=17)
    (row,) = read_runs(ledger.engine, clock).rows
    assert (row.calls, row.over, row.left, row.end) == (17, 4, 2, "open")
    assert row.duration == dt.timedelta(seconds=61)
