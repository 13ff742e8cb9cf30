"""The page as it is read."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import lxml.html
import msgspec
import pytest
import sqlalchemy as sa

from tests.transfer_ledger.many import fill
from tests.transfer_ledger.page_server import serving
from tests.transfer_ledger.remote import Remote, invoice, missing_vat_code, protocol_for
from transfer_ledger.documents import InvoicePayment, Line, Partner, Problem, Source, fingerprint
from transfer_ledger.ledger import Ledger
from transfer_ledger.people import note
from transfer_ledger.schema import listing, runs, transfers
from transfer_ledger.transfers import Transfer, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.transfer_ledger.conftest import Clock

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE transfers; --",
    "{{ 7 * 7 }}{% for x in y %}",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe\u2066 \u200f",
    "a\0b\x1b[2J\r\nSet-Cookie: x=y",
    "long " * 800,
)
"""Texts that harm a reader who takes them for more than text."""


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """A ledger with a transfer of each standing, and a run that ended."""
    remote = Remote()
    protocol = protocol_for(ledger, remote)
    link = "https://ww5.autotask.net/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenAccount&AccountID=7"
    source = Source(system="autotask", tenant="1", stream="expanded_invoices", id="1", url=link)
    rules = {"form": "invoices.form", "journal": "invoices.journal[1]"}
    protocol.offer(invoice(1, source=source, rules=rules, invoice_date=dt.date(2026, 10, 31)))
    protocol.offer(invoice(2, problems=[missing_vat_code()]))
    protocol.offer(invoice(3, voided=True))
    remote.script.append("drop")
    protocol.offer(invoice(4))
    remote.cents_off += 1
    protocol.offer(invoice(5))
    ledger.runs.finish(protocol.run, {"transferred": 2, "failed": 1, "unknown": 1, "skipped": 1}, 1, calls=12)
    return ledger


@pytest.fixture
def page(filled: Ledger, clock: Clock) -> Iterator[httpx.Client]:
    """A visitor of the page."""
    with ExitStack() as stack:
        origin = stack.enter_context(serving(filled.engine, clock))
        yield stack.enter_context(httpx.Client(base_url=origin, headers={"accept-language": "en"}))


def parsed(answer: httpx.Response) -> Any:
    return lxml.html.fromstring(answer.text)


def text(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return " ".join(" ".join(parsed(answer).itertext()).split())


def ids(ledger: Ledger) -> dict[str, int]:
    with ledger.engine.connect() as connection:
        return {row[0][-1]: row[1] for row in connection.execute(sa.select(transfers.c.number, transfers.c.id))}


def paths(ledger: Ledger) -> list[str]:
    with ledger.engine.connect() as connection:
        run = connection.execute(sa.select(runs.c.id)).scalars().first()
    return [
        "/",
        "/to-do",
        "/documents",
        "/runs",
        f"/runs/{run}",
        *(f"/documents/{one}" for one in ids(ledger).values()),
    ]


def test_overview_tells_how_things_stand(page: httpx.Client) -> None:
    """The first page counts what went over and what did not, says what is to be done, and draws it."""
    answer = page.get("/")
    assert "2 gone over 2 not gone over 1 gone over, to be looked at 1 left out" in text(answer)
    assert "no VAT code" in text(answer)
    assert "Something is left" in text(answer)
    charts = parsed(answer).xpath("//figure")
    assert [chart.xpath("figcaption")[0].text for chart in charts] == [
        "Gone over and left open, by day",
        "Invoices by month, EUR with VAT",
    ]
    assert all(chart.xpath(".//rect") and chart.xpath(".//table//td") for chart in charts)


def test_document_tells_its_story(page: httpx.Client, filled: Ledger) -> None:
    """A document shows its lines, both totals, the rows of the tables that made it, its history, and its doors."""
    said = text(page.get(f"/documents/{ids(filled)['1']}"))
    for part in (
        "Werkzaamheden",
        "With VAT € 121.00 € 121.00",
        "Form sales_invoice",
        "Journals 2",
        "Number in Exact 2670000",
        "Gone over Run 2670000 (made)",
    ):
        assert part in said
    tree = parsed(page.get(f"/documents/{ids(filled)['1']}"))
    (door,) = tree.xpath("//a[contains(@href, 'autotask.net')]")
    assert door.get("rel") == "noopener noreferrer"


def test_difference_between_both_sides_is_pointed_out(page: httpx.Client, filled: Ledger) -> None:
    """Totals that differ stand beside each other and are marked with a word, not with a colour alone."""
    said = text(page.get(f"/documents/{ids(filled)['5']}"))
    assert "With VAT € 121.00 € 122.00 differs" in said
    assert "The total in Exact differs from that in Autotask" in said


def test_what_is_to_be_done_stands_by_cause(page: httpx.Client) -> None:
    """Each cause has its documents, an advice, the setting, and the message as it was given."""
    said = text(page.get("/to-do"))
    assert "1 document, € 121.00" in said
    assert "In the settings: invoices.vat_codes" in said
    assert "It was sent, but no answer came" in said
    assert "look in Exact whether it arrived" not in said
    assert "the next run looks in Exact whether it arrived" in said


def test_runs_tell_counts_duration_and_calls(page: httpx.Client, filled: Ledger) -> None:
    """A run shows what went over, what was left, how long it took and how many calls, and each thing it did."""
    assert "administration 1234567 Something is left 2 2 0 s 12" in text(page.get("/runs"))
    run = next(path for path in paths(filled) if path.startswith("/runs/"))
    said = text(page.get(run))
    assert "2026-0004 Bakkerij 't Hoekje Sent, without an answer Uncertain" in said


def test_page_speaks_dutch_to_those_who_ask(page: httpx.Client, filled: Ledger) -> None:
    """The browser's language is spoken, with Dutch dates and amounts, until another is chosen."""
    said = text(page.get(f"/documents/{ids(filled)['1']}", headers={"accept-language": "nl-NL,nl;q=0.9,en;q=0.8"}))
    assert "31-10-2026" in said
    assert "€ 121,00" in said
    assert "Totalen aan beide kanten" in said
    found = re.search(r'name="token" value="([^"]+)"', page.get("/runs").text)
    assert found is not None
    answer = page.post("/language", data={"token": found[1], "language": "nl", "next": "/runs"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    assert "Wat er te doen is" in text(page.get("/"))


def test_a_document_and_its_history_are_told_in_dutch(page: httpx.Client, filled: Ledger) -> None:
    """What failed, what was left out and what was done stand in Dutch; the message itself can be unfolded."""
    problem = Problem(field="lines[0].item", value="HW-1", message="Exact Online has no item HW-1")
    protocol_for(filled, Remote()).offer(invoice(6, problems=[problem]))
    shown: dict[str, str] = {}
    for number in ("1", "3", "6"):
        tree = parsed(page.get(f"/documents/{ids(filled)[number]}", headers={"accept-language": "nl"}))
        for folded in tree.xpath("//details"):
            shown[f"{number} folded"] = " ".join(folded.text_content().split())
            folded.drop_tree()
        shown[number] = " ".join(tree.text_content().split())
    assert "Exact kent dit niet: artikel HW-1" in shown["6"]
    assert "has no item" not in shown["6"]
    assert "Exact Online has no item HW-1" in shown["6 folded"]
    assert "In Autotask vervallen verklaard voordat het werd overgezet" in shown["3"]
    assert "(gemaakt)" in shown["1"]


def test_an_account_shows_what_it_holds_and_not_how_it_is_treated(new_sqlite: Callable[[], str], clock: Clock) -> None:
    """Fields have names of the reader's language, a yes is a yes, a nought is shown, and settings are not."""
    ledger = Ledger.open(new_sqlite(), clock)
    source = Source(system="exact_online", tenant="1", stream="invoice_payments", id="7")
    payment = InvoicePayment(
        source=source, number="26700007", customer=Partner(id="1", name="Vos"), currency="EUR",
        amount=Decimal(5), open_amount=Decimal(0), state="paid", terms=[], paid_date=dt.date(2026, 10, 7),
    )  # fmt: skip
    run = ledger.runs.begin("autotask/msp.example", "target-autotask")
    transfer = Transfer(key=key_of("autotask/msp.example", "invoice_payments", source), offered_as="7")
    transfer.state, transfer.reason = "transferred", "Paid on 2026-10-07"
    transfer.offered_fingerprint = fingerprint(payment)
    ledger.save(transfer, run, event="sent", detail="paidDate: none -> 2026-10-07", document=payment)
    with serving(ledger.engine, clock) as origin:
        said = text(httpx.get(f"{origin}/documents/1", headers={"accept-language": "nl"}))
    ledger.close()
    assert "Betaald 2026-10-07" in said
    assert "betaaldatum: leeg -> 2026-10-07" in said
    assert "openstaand 0" in said
    assert "klant, naam Vos" in said
    assert "not_found" not in said
    assert "overwrite" not in said


@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_page_uses_our_own_words(page: httpx.Client, filled: Ledger, language: str) -> None:
    """Nobody has to know what a ledger, a transfer or a record is."""
    for path in paths(filled):
        tree = parsed(page.get(path, headers={"accept-language": language}))
        for message in tree.xpath("//*[@class='message']"):
            message.drop_tree()
        said = tree.text_content().lower()
        for word in ("ledger", "transfer", "record", "sink", "stream", "fingerprint", "sandbox"):
            assert word not in said, (path, word)


def test_every_answer_carries_the_armour(page: httpx.Client, filled: Ledger) -> None:
    """No script may run, nobody may frame the page or keep a copy, and nothing of an address leaves it."""
    for path in (*paths(filled), "/nowhere", "/documents/999", "/static/page.css"):
        headers = page.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "script-src" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == ("public, max-age=3600" if "static" in path else "no-store")
        assert "server" not in headers


def test_pages_need_neither_script_nor_style_of_their_own(page: httpx.Client, filled: Ledger) -> None:
    """What the browser is told not to run is not there either."""
    for path in paths(filled):
        tree = parsed(page.get(path))
        assert tree.xpath("//script | //style | //iframe | //*[@style] | //*[starts-with(name(@*), 'on')]") == []


@pytest.mark.parametrize("odd", HOSTILE)
def test_hostile_texts_are_text(new_sqlite: Callable[[], str], clock: Clock, odd: str) -> None:
    """Whatever stands in a name, a number, a description, a link or a message is shown and not obeyed."""
    ledger = Ledger.open(new_sqlite(), clock)
    problem = missing_vat_code()
    problem.message = problem.value = problem.setting = odd
    line = Line(source_ids=["1"], description=odd, quantity=0, unit_price=0, amount=0, item=odd, rules={odd: odd})  # type: ignore[arg-type]
    source = Source(system="autotask", tenant="1", stream="expanded_invoices", id="1", url=f"javascript:{odd}")
    names = {"customer": Partner(id="7", name=odd), "reference": odd, "lines": [line]}
    document = invoice(1, source=source, problems=[problem], rules={odd: odd, "form": f"{odd}[3]"}, **names)
    protocol_for(ledger, Remote()).offer(msgspec.structs.replace(document, number=odd))
    with serving(ledger.engine, clock) as origin, httpx.Client(base_url=origin) as visitor:
        for path in (*paths(ledger), f"/documents?search={'%3Cscript%3E'}"):
            answer = visitor.get(path)
            assert answer.status_code == 200
            tree = parsed(answer)
            assert tree.xpath("//script | //img | //*[@onerror]") == []
            assert tree.xpath("//a[starts-with(@href, 'javascript')]") == []
            assert "\0" not in answer.text
            assert "x" not in visitor.cookies
    ledger.close()


@pytest.mark.parametrize(
    "path",
    [
        "/documents?before=abc",
        "/documents?before=99999999999999999999",
        "/documents?after=-1",
        "/documents?search=" + "x%20" * 90,
        "/documents?search=%00%ff",
        "/documents?standing=%27%20or%201=1",
        "/runs?before=nowhere",
        "/runs?before=%00" + "9" * 5000,
        "/to-do?from=100000",
    ],
)
def test_odd_questions_get_an_answer(page: httpx.Client, path: str) -> None:
    """Whatever is written into an address, the page answers, and never with an error of its own."""
    assert page.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "beyond"),
    [
        ("/to-do", "from=100000"),
        ("/documents", "before=1"),
        ("/documents", "after=100000"),
        ("/runs", "before=nowhere"),
        ("/actions", "before=1"),
        ("/runs/RUN", "after=100000"),
    ],
)
def test_a_page_beyond_the_end_is_the_last_or_the_first(
    page: httpx.Client, filled: Ledger, path: str, beyond: str
) -> None:
    """Who looks at a page that is empty by now is not told that there is nothing."""
    note(filled, "anna", "sign-in", "")
    path = path.replace("RUN", next(each for each in paths(filled) if each.startswith("/runs/")).rpartition("/")[2])
    assert text(page.get(f"{path}?{beyond}")) == text(page.get(path))


def test_what_was_handed_over_has_not_gone_over_yet(page: httpx.Client, filled: Ledger) -> None:
    """The first page counts what it leads to: what lies in a file is open, as in the report."""
    with filled.engine.begin() as connection:
        connection.execute(sa.update(listing).where(listing.c.standing == "unknown").values(standing="sent"))
    assert "2 not gone over" in text(page.get("/"))
    listed = parsed(page.get("/documents?standing=open")).xpath("//tbody/tr")
    assert len(listed) == 2


@pytest.mark.parametrize("path", ["/documents/999999999999", "/documents/x", "/runs/none", "/static/../app.py", "/x"])
def test_what_is_not_there_is_said(page: httpx.Client, path: str) -> None:
    """A document, a run or a page that does not exist is answered with a sentence."""
    answer = page.get(path)
    assert answer.status_code == 404
    if "static" not in path:
        assert "There is no such page" in answer.text


def test_other_names_are_not_answered(page: httpx.Client) -> None:
    """A foreign name that leads to this machine is no way in: a web site could read the page through it."""
    assert page.get("/", headers={"host": "evil.example"}).status_code == 400
    assert page.get("/", headers={"host": "localhost:8770"}).status_code == 200


def test_ledger_that_cannot_be_read_is_said(page: httpx.Client, filled: Ledger) -> None:
    """An error of the database is told in a sentence, without statement or address."""
    with filled.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE listing RENAME TO gone"))
    try:
        answer = page.get("/documents")
    finally:
        with filled.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE gone RENAME TO listing"))
    assert answer.status_code == 503
    assert "cannot be shown at the moment" in answer.text
    assert "listing" not in answer.text


def test_pages_are_quick_over_many_transfers(new_url: Callable[[], str], clock: Clock) -> None:
    """Over 5,000 transfers, 150 of them open, each page is there in far less than a second."""
    ledger = Ledger.open(new_url(), clock)
    fill(ledger.engine, 5_000)
    with serving(ledger.engine, clock) as origin, httpx.Client(base_url=origin) as visitor:
        for path in ("/", "/to-do", "/documents?before=60", "/documents?search=nobody", "/documents/4000", "/runs"):
            visitor.get(path)
            began = time.perf_counter()
            assert visitor.get(path).status_code == 200
            assert time.perf_counter() - began < 0.8, path
    ledger.close()


def test_targets_do_not_load_the_page() -> None:
    """What the page needs is an extra: a target and the other commands start without it."""
    needs = ("argon2", "itsdangerous", "jinja2", "starlette", "uvicorn")
    modules = "transfer_ledger.sinks, transfer_ledger.cli.log, transfer_ledger.cli.report, transfer_ledger.cli.mail"
    code = f"import sys, {modules}; print([name for name in {needs} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
