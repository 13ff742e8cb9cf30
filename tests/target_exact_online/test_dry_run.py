from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from tests.target_exact_online.papers import entry, invoice, line
from transfer_ledger.documents import Attachment, Problem
from transfer_ledger.rehearsal import Ended, Finding, Rehearsed, lines_of
from transfer_ledger.schema import baselines, events, found, links, runs, transfers

if TYPE_CHECKING:
    import pytest

    from tests.target_exact_online.papers import Office

PROBLEM = Problem(field="lines.vat_code", value="region: X", message="no row fits", setting="invoices.vat_codes")


def rehearse(office: Office, *papers: Any, **settings: Any) -> tuple[int, list[Any]]:
    """Offer documents in a dry run; return the exit code and what it told."""
    path = office.folder / "rehearsal.jsonl"
    code = office.run(*papers, dry_run=True, dry_run_file=str(path), **settings)
    with path.open("rb") as file:
        return code, list(lines_of(file))


def ledger_rows(office: Office) -> dict[str, list[Any]]:
    """Return all that is known of transfers: master data aside, whatever a run could change."""
    engine = sa.create_engine(office.settings["ledger_url"])
    with engine.connect() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(sa.select(table))]
            for table in (transfers, events, runs, links, baselines, found)
        }
    engine.dispose()
    return rows


def test_a_dry_run_writes_nothing(office: Office) -> None:
    """What would be written is told field by field, with codes; no call writes, no row changes, no state comes out."""
    papers = [invoice(1, definitive=True), entry(2), invoice(3, problems=[PROBLEM]), invoice(4, voided=True)]
    office.calls()
    code, told = rehearse(office, *papers)
    assert code == 1
    assert office.state == {}
    assert not any(call.startswith(("POST", "PUT")) and "oauth2" not in call for call in office.calls())
    assert not any(ledger_rows(office).values())
    first, second, third, fourth, end = told
    assert [each.result for each in told[:-1]] == ["transferred", "transferred", "failed", "skipped"]
    fields = first.writes[0].fields
    assert (first.writes[0].step, fields["OrderedBy"], fields["Journal"]) == ("create", "K100 (Klant)", "70")
    assert fields["SalesInvoiceLines[0].Item"] == "ARBEID"
    assert [write.step for write in first.writes] == ["create", "print"]
    assert second.writes[0].fields["SalesEntryLines[0].GLAccount"] == "8000"
    assert third.problems[0].setting == "invoices.vat_codes"
    assert (third.writes, fourth.writes) == ([], [])
    assert isinstance(end, Ended)
    assert end.counts == {"transferred": 2, "failed": 1, "skipped": 1}
    assert office.held() == []


def test_a_dry_run_after_a_real_one_leaves_it_as_it_is(office: Office) -> None:
    """Beside what is settled it tells what is new; the ledger's rows, the state and Exact stay as they were."""
    assert office.run(invoice(1), invoice(2, problems=[PROBLEM])) == 1
    before, held = ledger_rows(office), office.held()
    code, told = rehearse(office, invoice(1), invoice(2), invoice(3), invoice(1, voided=True, when_voided="credit"))
    assert code == 0
    assert [each.result for each in told[:-1]] == ["present", "transferred", "transferred", "transferred"]
    assert told[3].writes[0].fields["YourRef"] == "2026-0001-void"
    assert (ledger_rows(office), office.held()) == (before, held)
    assert office.run(invoice(1), invoice(2), invoice(3)) == 0
    assert sorted(row["YourRef"] for row in office.held()) == ["2026-0001", "2026-0002", "2026-0003"]


def test_what_exact_holds_already_would_be_adopted(office: Office) -> None:
    """With a new ledger, what is there under our reference is recognised, and the ledger stays new."""
    office.run(invoice(1))
    (office.folder / "transfers.db").unlink()
    _, told = rehearse(office, invoice(1), invoice(2))
    assert [each.result for each in told[:-1]] == ["adopted", "transferred"]
    assert ledger_rows(office)["baselines"] == []
    _, again = rehearse(office, invoice(1), invoice(1, source=invoice(9).source))
    assert [each.result for each in again[:-1]] == ["adopted", "transferred"]


def test_the_account_and_the_files_are_told_too(office: Office) -> None:
    """Every write of a document is there in its order, also those of the customer and the files."""
    file = Attachment(file_name="factuur.pdf", content_type="application/pdf", data="QUJD")
    _, told = rehearse(office, invoice(1, code="NIEUW", attachments=[file]), missing_customer="create")
    writes = {write.step: write.fields for write in told[0].writes}
    assert list(writes) == ["account", "document", "attachment 1", "create"]
    assert writes["account"]["Name"] == "Klant"
    assert writes["attachment 1"] == {"FileName": "factuur.pdf"}
    assert told[0].document["attachments"][0]["data"] == ""
    assert office.held("Documents") == []


def test_the_log_tells_it_too(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Without a file, each field and each refusal stands in the log, and the summary says that it was a dry run."""
    with caplog.at_level(logging.INFO):
        assert office.run(invoice(1), invoice(2, lines=[line(item="WEG")]), dry_run=True) == 1
    assert "2026-0001 (Klant, EUR 242.00): would be transferred" in caplog.text
    assert "create: SalesInvoiceLines[0].NetPrice = 100" in caplog.text
    assert "Exact Online has no item WEG" in caplog.text
    assert "Dry run, nothing was written. Offered to administration exact_online/1234567: 2 documents" in caplog.text


def test_what_stops_the_run_is_told(office: Office) -> None:
    """A right that lacks ends the rehearsal with that finding, and the file is whole."""
    office.reset(forbidden={"VATCodes": "Forbidden"})
    code, told = rehearse(office, invoice(1))
    assert code == 1
    assert isinstance(told[0], Rehearsed)
    assert any(isinstance(each, Finding) and "vat/VATCodes" in each.problem.message for each in told)
    assert isinstance(told[-1], Ended)


def test_a_file_that_cannot_be_written(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """The run stops with the name of the file."""
    assert office.run(invoice(1), dry_run=True, dry_run_file=str(office.folder / "no" / "file")) == 1
    assert "cannot be written" in caplog.text


def test_only_the_owner_reads_the_file(office: Office) -> None:
    """It holds business data."""
    rehearse(office, invoice(1))
    assert (office.folder / "rehearsal.jsonl").stat().st_mode & 0o777 == 0o600


def test_lines_are_read_as_they_were_written(office: Office) -> None:
    """Amounts stay exact on their way through the file."""
    paper = invoice(1)
    _, told = rehearse(office, paper)
    assert told[0].document["totals"]["gross"] == paper.totals.gross
    assert msgspec.to_builtins(paper.source)["id"] == told[0].source["id"]
