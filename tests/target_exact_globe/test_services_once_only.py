"""Entity services: each order is there once, and no line without an order, whatever is lost or killed."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tests.target_exact_globe.papers import invoice, singer
from transfer_ledger.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_globe.papers import Office

FAULTS: dict[str, dict[str, Any]] = {
    "answer lost": {"kind": "drop_after_commit"},
    "error after commit": {"kind": "error_after_commit", "status": 500, "body": ""},
    "gateway": {"kind": "error_after_commit", "status": 504, "body": "<html>"},
    "cut off": {"kind": "truncate"},
    "never done": {"kind": "drop"},
    "no number": {"kind": "error_after_commit", "status": 201, "body": '{"d":{"OrderDebtor":"100"}}'},
    "nested too deep": {"kind": "error_after_commit", "status": 201, "body": "[" * 100_000 + "]" * 100_000},
}
MORTAL = """
import json, os, sys
from target_exact_globe.client import Client
from target_exact_globe.target import TargetExactGlobe

config, nth, moment = json.loads(sys.argv[1])
create, count = Client.create, 0

def deadly(client, entity, body):
    global count
    count += 1
    if (count, moment) == (nth, "before"):
        os._exit(9)
    row = create(client, entity, body)
    if count == nth:
        os._exit(9)
    return row

Client.create = deadly
TargetExactGlobe(config=config).listen(sys.stdin.buffer)
"""


def documents() -> list[Any]:
    """Return three orders of three lines."""
    return [invoice(number, lines=3) for number in (1, 2, 3)]


PLACES = [("SalesOrderLine", 4), ("SalesOrderHeader", 2)]
"""The first line, and the header, of the second order."""
CASES = [
    *((name, *place, "own") for name in FAULTS for place in PLACES),
    ("answer lost", "SalesOrderLine", 6, "own"),
    ("answer lost", "SalesOrderLine", 4, "service"),
    ("no number", "SalesOrderLine", 4, "service"),
]


@pytest.mark.parametrize(("fault", "entity", "nth", "key"), CASES)
def test_every_order_is_there_once(office: Office, fault: str, entity: str, nth: int, key: str) -> None:
    """Whatever happens to one answer, a line's or the header's, after a rerun each order is there exactly once."""
    office.sandbox.fault(system="exact_globe", method="POST", path=entity, nth=nth, **FAULTS[fault])
    office.run(*documents(), transaction_key=key)
    assert office.run(*documents(), transaction_key=key) == 0
    assert office.references() == ["2026-0001", "2026-0002", "2026-0003"]
    assert len(office.held("SalesOrderLine")) == 9
    assert office.open() == []
    if key == "own":
        assert office.staged() == []


@pytest.mark.parametrize(("nth", "moment"), [(6, "after"), (8, "before"), (8, "after")])
def test_killed_while_it_writes(office: Office, nth: int, moment: str) -> None:
    """A target that dies just before or after a line or a header leaves nothing that the next run does not mend."""
    died = subprocess.run(
        [sys.executable, "-c", MORTAL, json.dumps([office.settings, nth, moment])],
        input=singer(documents()),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == 9, died.stderr.decode()
    assert office.run(*documents()) == 0
    assert office.references() == ["2026-0001", "2026-0002", "2026-0003"]
    assert len(office.held("SalesOrderLine")) == 9
    assert office.staged() == []


def test_two_runs_at_once(office: Office) -> None:
    """Two targets that are given the same orders at the same time write each of them once."""
    many = [invoice(number, lines=2) for number in range(1, 9)]
    assert two_at_once(office, many) == [0, 0]
    assert office.references() == sorted(document.reference for document in many)
    assert office.staged() == []


def two_at_once(office: Office, documents: list[Any]) -> list[int]:
    """Offer documents to two targets at the same time; return how they ended."""
    config = office.folder / "config.json"
    config.write_text(json.dumps(office.settings | {"lock_timeout": 60}))
    command = [sys.executable, "-m", "target_exact_globe", "--config", str(config)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write(singer(documents))
        process.stdin.close()
    return [process.wait(timeout=120) for process in running]


def test_an_invoice_whose_answer_is_lost_waits_for_a_person(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Globe shows unprocessed invoices to nobody, so one in doubt is not sent again before somebody has looked."""
    document = invoice(form="sales_invoice")
    office.sandbox.fault(system="exact_globe", method="POST", path="InvoiceHeader", kind="drop_after_commit")
    assert office.run(document, invoice_code="1") == 1
    assert office.run(document, invoice_code="1") == 1
    assert "Whether 2026-0001 arrived cannot be asked" in caplog.text
    assert len(office.held("InvoiceHeader")) == 1
    arguments = ["confirm", "--ledger", office.settings["ledger_url"], "2026-0001"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert office.run(document, invoice_code="1") == 0
    assert len(office.held("InvoiceHeader")) == 1


def test_an_invoice_that_was_refused_goes_again(office: Office) -> None:
    """A refusal leaves no doubt: once it is repaired, the invoice is written."""
    document = invoice(form="sales_invoice", lines=2)
    assert office.run(document, invoice_code="9") == 1
    assert office.staged() == []
    assert office.run(document, invoice_code="1") == 0
    assert [row["YourReference"] for row in office.held("InvoiceHeader")] == ["2026-0001"]


def test_another_route_does_not_forget_a_doubt(office: Office, tmp_path: Path) -> None:
    """An order in doubt does not go into a file when Globe can no longer be asked."""
    office.sandbox.fault(system="exact_globe", method="POST", path="SalesOrderHeader", kind="drop")
    office.sandbox.fault(system="exact_globe", method="GET", path="SalesOrderHeader", nth=2, kind="drop")
    office.run(invoice())
    office.sandbox.clear_faults()
    folder = tmp_path / "drop"
    assert office.run(invoice(), route="xml", services_url=None, xml_folder=str(folder)) == 1
    assert list(folder.glob("*.xml")) == []
    assert office.run(invoice()) == 0
    assert office.references() == ["2026-0001"]


def test_a_late_header_makes_no_second_order(office: Office) -> None:
    """An order whose header arrived after it was looked for is found when its second try is refused, not doubled."""
    office.sandbox.fault(system="exact_globe", method="POST", path="SalesOrderHeader", kind="drop_after_commit")
    office.sandbox.fault(
        system="exact_globe", method="GET", path="SalesOrderHeader", nth=2, kind="error", status=200,
        body='{"d":{"results":[]}}', times=2,
    )  # fmt: skip
    office.run(invoice(lines=2))
    assert office.open() == ["1"]
    office.sandbox.clear_faults()
    assert office.run(invoice(lines=2)) == 0
    assert office.references() == ["2026-0001"]


def test_an_order_made_elsewhere_under_our_reference_is_a_question(office: Office) -> None:
    """After a lost answer, an order with our reference and another amount is neither taken nor passed over."""
    office.sandbox.fault(system="exact_globe", method="POST", path="SalesOrderHeader", kind="drop")
    office.run(invoice())
    office.sandbox.clear_faults()
    other = {"SalesOrderNumber": "       7", "YourReference": "2026-0001", "OrderDebtor": "   100", "TotalAmount": 1}
    office.sandbox.put_row("exact_globe", "SalesOrderHeader", other)
    assert office.run(invoice()) == 1
    assert office.references() == ["2026-0001"]
    assert office.open() == ["1"]


def test_a_lost_ledger_adopts_what_is_there(office: Office, tmp_path: Path) -> None:
    """With a new ledger, the orders that Globe holds are read once, in bulk, and not written again."""
    office.run(*documents())
    for file in tmp_path.glob("transfers.db*"):
        file.unlink()
    office.calls()
    assert office.run(*documents(), invoice(4)) == 0
    calls = office.calls()
    assert calls.count("GET SalesOrderHeader") == 1
    assert [call for call in calls if call.startswith("POST")] == ["POST SalesOrderLine", "POST SalesOrderHeader"]
    assert office.references() == ["2026-0001", "2026-0002", "2026-0003", "2026-0004"]


def test_adoption_can_be_bounded(office: Office, tmp_path: Path) -> None:
    """Orders from before the link's start need not be read."""
    office.run(invoice())
    for file in tmp_path.glob("transfers.db*"):
        file.unlink()
    assert office.run(invoice(), adopt_from="2026-11-03") == 0
    assert office.references() == ["2026-0001", "2026-0001"]
    assert office.run(invoice(2), adopt_from="yesterday", ledger_url=f"sqlite:///{tmp_path / 'new.db'}") == 1


def test_a_reference_with_a_quote(office: Office) -> None:
    """A quote in the reference does not break the question for what is there."""
    office.sandbox.fault(system="exact_globe", method="POST", path="SalesOrderHeader", kind="drop_after_commit")
    assert office.run(invoice(reference="INV '26 & co+1")) == 0
    assert office.references() == ["INV '26 & co+1"]
