"""The report, in each format."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import stat
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import lxml.html
import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from msgspec.structs import replace

from tests.transfer_ledger.many import BEGIN, fill
from tests.transfer_ledger.remote import Remote, bury, invoice, missing_vat_code, protocol_for
from tests.transfer_ledger.test_page_reading import HOSTILE
from transfer_ledger.cli import main
from transfer_ledger.documents import Partner
from transfer_ledger.ledger import Ledger
from transfer_ledger.report import model
from transfer_ledger.report.formats import FORMATS, headline
from transfer_ledger.schema import listing
from transfer_ledger.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.transfer_ledger.conftest import Clock

EN, NL = Words("en"), Words("nl")


@pytest.fixture
def filled(ledger: Ledger, clock: Clock) -> Ledger:
    """A ledger with one invoice of yesterday, and of today one that went over, one that failed, one in question."""
    remote = Remote()
    protocol_for(ledger, remote).offer(invoice(1))
    clock.move(86_400)
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice(2))
    protocol.offer(invoice(3, problems=[missing_vat_code()]))
    remote.cents_off += 1
    protocol.offer(invoice(4, currency="USD"))
    ledger.runs.finish(protocol.run, {"transferred": 2, "failed": 1}, 1, calls=9)
    return ledger


def told(ledger: Ledger, clock: Clock, words: Words = EN, **more: Any) -> model.Report:
    return model.read(ledger.engine, clock, words, clock() - dt.timedelta(hours=1), **more)


def rows(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))


def test_every_format_tells_the_same(filled: Ledger, clock: Clock) -> None:
    """What went over since, what is open and what is in question stands in each, and what is older in none."""
    report = told(filled, clock)
    assert headline(report, EN) == "2 documents gone over, 1 not, 1 to be looked at"
    assert report.amounts == {"EUR": Decimal("121.00"), "USD": Decimal("121.00")}
    contents = {name: make(report, EN).decode() for name, make in FORMATS.items()}
    for content in contents.values():
        assert all(number in content for number in ("2026-0002", "2026-0003", "2026-0004"))
        assert "2026-0001" not in content
        assert "no VAT code" in content
        assert "The total in Exact differs from that in Autotask" in content
    data = json.loads(contents["json"])
    assert data["counts"] == {"transferred": 2, "failed": 1, "attention": 1}
    assert [run["calls"] for run in data["runs"]] == [9]
    assert [document["gross"] for document in data["documents"]] == ["121.00"] * 3


def test_documents_of_one_name_are_told_apart(ledger: Ledger, clock: Clock) -> None:
    """What goes to several administrations under one cause says where; what has no amount is not told of one."""
    problem = replace(missing_vat_code(), message="D1 is not linked; it may be D1")
    for place in ("exact_online/1", "exact_globe/100"):
        protocol_for(ledger, Remote(), administration=place).offer(invoice(1, problems=[problem]))
    with ledger.engine.begin() as connection:
        connection.execute(sa.update(listing).values(cents=None))
    report = told(ledger, clock, NL)
    said = FORMATS["text"](report, NL).decode()
    assert "welke relatie is: 2 documenten\n" in said
    for format_ in ("text", "html"):
        content = FORMATS[format_](report, NL).decode()
        assert "Exact Online, administratie 1" in content
        assert "Exact Globe, administratie 100" in content


def test_report_is_the_same_to_the_byte(filled: Ledger, clock: Clock) -> None:
    """One report makes one file, however often it is made."""
    for words in (EN, NL):
        for make in FORMATS.values():
            assert make(told(filled, clock, words), words) == make(told(filled, clock, words), words)


def test_dutch_table_opens_in_a_dutch_spreadsheet(filled: Ledger, clock: Clock) -> None:
    """In Dutch, columns are apart by semicolons and amounts have a decimal comma."""
    made = rows(FORMATS["csv"](told(filled, clock, NL), NL), ";")
    assert made[0]["Bedrag"] == "121,00"
    assert [row["Stand"] for row in made] == ["Overgezet, let op", "Niet overgezet", "Overgezet"]


def test_html_needs_nothing_else(filled: Ledger, clock: Clock) -> None:
    """The file loads nothing; it leads to the page when there is one, and only there."""
    for url in (None, "https://log.example/"):
        tree: Any = lxml.html.fromstring(FORMATS["html"](told(filled, clock, page_url=url), EN))
        assert tree.xpath("//script | //link | //img | //iframe | //form") == []
        links = tree.xpath("//a/@href")
        assert all(link.startswith("https://log.example/") for link in links)
        assert bool(links) is bool(url)


@pytest.mark.parametrize("odd", HOSTILE)
def test_hostile_texts_do_no_harm(new_sqlite: Callable[[], str], clock: Clock, odd: str) -> None:
    """No name and no message becomes markup, a formula, a line of its own or a control sequence in any format."""
    ledger = Ledger.open(new_sqlite(), clock)
    problem = missing_vat_code()
    problem.message = problem.setting = odd
    document = invoice(1, problems=[problem], customer=Partner(id="7", name=odd), reference=odd, currency=odd[:3])
    protocol_for(ledger, Remote()).offer(msgspec.structs.replace(document, number=odd))
    report = told(ledger, clock, page_url="https://log.example")
    tree: Any = lxml.html.fromstring(FORMATS["html"](report, EN))
    assert tree.xpath("//script | //img | //*[@onerror]") == []
    (row,) = rows(FORMATS["csv"](report, EN))
    assert [cell for cell in row.values() if cell[:1] in "=+-@\t\r＝＋－＠" and cell] == []  # noqa: RUF001
    plain = FORMATS["text"](report, EN).decode()
    assert all(sign.isprintable() or sign == "\n" for sign in plain)
    assert json.loads(FORMATS["json"](report, EN))["documents"][0]["customer_name"] == odd.replace("\0", "")
    ledger.close()


def test_failed_run_is_told(filled: Ledger, clock: Clock) -> None:
    """A run that was killed, and a job that failed before any run could begin, are said to have failed."""
    clock.move(7200)
    assert not told(filled, clock).failed_before
    before = told(filled, clock, exit_code=1)
    assert before.failed_before
    assert headline(before, EN).startswith("a run failed")
    assert "ended with exit code 1 before anything went over" in FORMATS["text"](before, EN).decode()
    filled.runs.begin("1234567", "target-fake")
    bury(filled)
    killed = told(filled, clock, exit_code=137)
    assert not killed.failed_before
    assert headline(killed, NL).startswith("een run is mislukt")
    assert "did not come to its end" in FORMATS["html"](killed, EN).decode()


def test_nothing_to_do_is_said(ledger: Ledger, clock: Clock) -> None:
    """A report in which all is well says so."""
    protocol = protocol_for(ledger, Remote())
    protocol.offer(invoice(1))
    ledger.runs.finish(protocol.run, {"transferred": 1}, 0)
    report = told(ledger, clock)
    assert report.well
    assert "all that was offered is settled" in FORMATS["html"](report, EN).decode()


@pytest.mark.parametrize("kind", FORMATS)
def test_command_writes_the_file_whole_or_not_at_all(
    filled: Ledger, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The file is its owner's alone; when writing breaks off, the old file stands and nothing is left beside it."""
    path = tmp_path / "out" / f"report.{kind}"
    path.parent.mkdir()
    path.write_text("old")
    arguments = ["report", "--ledger", url, "--format", kind, "--output", str(path), "--since", "2026-01-01"]

    def break_off(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", break_off)
        refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 1
    assert "No space left" in refused.output
    assert [each.read_text() for each in path.parent.iterdir()] == ["old"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"2026-0003" in path.read_bytes()
    assert filled.engine is not None


def test_report_of_many_transfers_is_quick(new_url: Callable[[], str], clock: Clock) -> None:
    """Of 5,000 transfers each format is there in far less than five seconds, and says what it leaves to the others."""
    ledger = Ledger.open(new_url(), clock)
    fill(ledger.engine, 5_000)
    began = time.perf_counter()
    report = model.read(ledger.engine, clock, EN, BEGIN)
    contents = {name: make(report, EN) for name, make in FORMATS.items()}
    assert time.perf_counter() - began < 5
    assert len(rows(contents["csv"])) == len(report.rows) == 5_000
    assert f"and {len(report.over) - 500:,} more" in contents["html"].decode()
    assert f"and {len(report.over) - 500:,} more" in contents["text"].decode()
    ledger.close()
