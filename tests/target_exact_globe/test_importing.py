"""Files and the sandbox's importer: picked up twice, by two at once, cut short half-way; each order is there once."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from target_exact_globe.numbers import HIGHEST
from tests.target_exact_globe.papers import DEFAULTS, company, invoice, purchase
from tests.target_exact_globe.test_services_once_only import two_at_once
from transfer_ledger.cli import main as cli
from transfer_ledger.documents import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_globe.papers import Office
    from transfer_ledger.documents import PurchaseOrder, SalesInvoice

SWITCHES = ("-rSANDBOX\\EXACT", "-D100", "-u", "-~", "I", "-Oauto")
IMPORTER = [sys.executable, "-m", "sandbox.exact_globe.asimport", "-r{server}", "-D{database}", "-u", "-~", "I"]
GLUED = ["-URL{file}", "-T{topic}", "-Oauto"]
SHORT_LIVED = """
import os, signal, sys
from sandbox.exact_globe import asimport

left, taken = int(sys.argv.pop(1)), asimport._control

def control(session, origin, method, order):
    global left
    if method == "POST" and left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= method == "POST"
    return taken(session, origin, method, order)

asimport._control = control
sys.exit(asimport.main(sys.argv[1:]))
"""
"""The importer, killed when it comes to a record."""
RANGES = {"sales_numbers_from": 60_000_000, "purchase_numbers_from": 80_000_000}


@pytest.fixture
def drop(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the office put files into a folder, with a range for numbers, beside services that can be asked."""
    monkeypatch.setenv("GLOBE_SANDBOX_URL", office.sandbox.url)
    folder = tmp_path / "drop"
    office.settings |= {"route": "xml", "xml_folder": str(folder), "result_folder": str(tmp_path / "errors"), **RANGES}
    (tmp_path / "errors").mkdir()
    office.reset(error_files_directory=str(tmp_path / "errors"))
    return folder


def pick_up(path: Path) -> None:
    """Import a file as a job does that leaves it where it is."""
    command = [sys.executable, "-m", "sandbox.exact_globe.asimport", *SWITCHES, f"-URL{path}", "-TOrders"]
    subprocess.run(command, check=True, timeout=60)


def settle(office: Office, *arguments: str) -> str:
    url = str(office.settings["ledger_url"])
    return CliRunner().invoke(cli, ["confirm", "--ledger", url, *arguments], catch_exceptions=False).output


@pytest.mark.parametrize("existing", ["reject", "update"])
def test_a_file_that_is_picked_up_twice(office: Office, drop: Path, tmp_path: Path, existing: str) -> None:
    """Whatever Globe does with a number that exists, an order whose file comes in twice is there once, and settled."""
    office.reset(error_files_directory=str(tmp_path / "errors"), duplicate_number=existing)
    papers = [invoice(1), invoice(2, lines=3)]
    assert office.run(*papers) == 1
    for path in [*drop.glob("*.xml"), *drop.glob("*.xml")]:
        pick_up(path)
    assert office.run(*papers) == 0
    assert office.references() == ["2026-0001", "2026-0002"]
    assert [row["SalesOrderNumber"] for row in office.held()] == ["60000002", "60000004"]
    assert [row["TotalAmount"] for row in office.held()] == [242, 726]


def test_purchases_picked_up_twice(office: Office, drop: Path) -> None:
    """A purchase order has a number in a range of its own."""
    assert office.run(purchase(7)) == 1
    (path,) = drop.glob("*.xml")
    for _ in range(2):
        pick_up(path)
    assert office.run(purchase(7)) == 0
    assert [row["PurchaseOrderNumber"] for row in office.held("PurchaseOrderHeader")] == ["80000014"]


@pytest.mark.usefixtures("drop")
def test_a_second_refusal_where_nobody_can_ask(office: Office, drop: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without services the refusal of the second import is told with both its meanings, and a person settles it."""
    office.settings["services_url"] = None
    office.run(invoice())
    (path,) = drop.glob("*.xml")
    for _ in range(2):
        pick_up(path)
    assert office.run(invoice()) == 1
    assert "Already exists: SalesOrderNumber" in caplog.text
    assert "say `transfers confirm 2026-0001 --received-as 60000002`" in caplog.text
    assert "2026-0001: transferred" in settle(office, "2026-0001", "--received-as", "60000002")
    assert office.run(invoice()) == 0
    assert office.references() == ["2026-0001"]


UNSAFE: list[SalesInvoice | PurchaseOrder] = [
    invoice(), purchase(), invoice(form="sales_invoice"), invoice(keep_number=True, number="X"),
]  # fmt: skip


@pytest.mark.parametrize("paper", UNSAFE, ids=["order", "purchase", "invoice", "number"])
def test_what_could_come_in_twice_is_not_handed_over(
    office: Office, drop: Path, caplog: pytest.LogCaptureFixture, paper: SalesInvoice | PurchaseOrder
) -> None:
    """Without a number, and without a word that each file is picked up once, no file is written."""
    nothing = dict.fromkeys(RANGES)
    assert office.run(paper, **nothing, invoice_code="1") == 1
    assert list(drop.glob("*.xml")) == []
    told = "cannot be kept" if paper.number == "X" else "from being in Globe twice"
    assert told in caplog.text
    if paper.number != "X":
        assert office.run(paper, **nothing, invoice_code="1", picked_up_once=True) == 1
        assert len(list(drop.glob("*.xml"))) == 1


def test_a_record_without_a_number_in_the_range(office: Office, drop: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Ids that are no numbers, or too high for eight digits, are told instead of going over without protection."""
    other = Source(system="other", tenant="1", stream="invoices", id="INV-1")
    assert office.run(invoice(1, source=other)) == 1
    assert "made of record INV-1 and sales_numbers_from" in caplog.text
    assert office.run(invoice(2), sales_numbers_from=HIGHEST - 3) == 1
    assert "made of record 2 and sales_numbers_from" in caplog.text
    assert list(drop.glob("*.xml")) == []


@pytest.mark.usefixtures("drop")
def test_an_invoice_and_its_credit_have_numbers_of_their_own(office: Office) -> None:
    """What takes an order back does not take its number."""
    paper = invoice(5, when_voided="credit")
    office.run(paper, import_command=[*IMPORTER, *GLUED])
    voided = invoice(5, when_voided="credit", voided=True)
    assert office.run(voided, import_command=[*IMPORTER, *GLUED]) == 0
    assert [(row["SalesOrderNumber"], row["TotalAmount"]) for row in office.held()] == [
        ("60000010", 242),
        ("60000011", -242),
    ]


@pytest.mark.usefixtures("drop")
@pytest.mark.parametrize("reached", [0, 2, 4])
def test_an_importer_that_is_killed_half_way(office: Office, reached: int) -> None:
    """What an importer came to before it was killed is found in Globe; the rest goes over in a new file."""
    papers = [invoice(serial, lines=serial) for serial in range(1, 6)]
    settings: dict[str, Any] = {"documents_per_file": 5, **dict.fromkeys(RANGES)}
    mortal = [sys.executable, "-c", SHORT_LIVED, str(reached), *IMPORTER[3:], *GLUED]
    assert office.run(*papers, **settings, import_command=mortal) == 1
    assert len(office.held()) == reached
    for _ in range(3):
        code = office.run(*papers, **settings, import_command=[*IMPORTER, *GLUED])
    assert code == 0
    assert office.references() == [f"2026-000{serial}" for serial in range(1, 6)]
    assert [row["TotalAmount"] for row in sorted(office.held(), key=lambda row: row["YourReference"])] == [
        Decimal(242) * serial for serial in range(1, 6)
    ]


@pytest.mark.usefixtures("drop")
def test_an_importer_of_accounts_that_is_killed(office: Office) -> None:
    """An account that a killed importer did not come to goes over in a new file; the other one is linked."""
    companies = [company(serial) for serial in (1, 2)]
    mortal = [sys.executable, "-c", SHORT_LIVED, "1", *IMPORTER[3:], *GLUED]
    assert office.run(*companies, documents_per_file=2, import_command=mortal) == 1
    for _ in range(3):
        code = office.run(*companies, import_command=[*IMPORTER, *GLUED])
    assert code == 0
    made = [row["AccountCode"].strip() for row in office.held("Account")]
    assert [made.count(code) for code in ("1001", "1002")] == [1, 1]


def test_a_killed_importer_where_nobody_can_ask(office: Office, drop: Path) -> None:
    """Without services nothing is sent again after a kill until a person has looked."""
    office.settings["services_url"] = None
    mortal = [sys.executable, "-c", SHORT_LIVED, "0", *IMPORTER[3:], *GLUED]
    for _ in range(3):
        assert office.run(invoice(), import_command=mortal) == 1
    assert (office.held(), list(drop.glob("*.xml"))) == ([], [])
    settle(office, "2026-0001", "--not-there")
    office.run(invoice(), import_command=[*IMPORTER, *GLUED])
    assert office.references() == ["2026-0001"]


@pytest.mark.usefixtures("drop")
def test_two_runs_at_once(office: Office) -> None:
    """Two runs that are given the same orders, each with an importer of its own, bring each of them there once."""
    office.settings |= {"import_command": [*IMPORTER, *GLUED], "documents_per_file": 4}
    many = [invoice(serial, lines=2) for serial in range(1, 9)]
    assert sorted({0, 1, *two_at_once(office, many)}) == [0, 1]
    assert office.run(*many) == 0
    assert office.references() == sorted(document.reference for document in many)


def test_a_job_that_was_quicker_has_the_file(office: Office, drop: Path) -> None:
    """A file that a job took out of the folder is not imported by the run as well, and nothing is left there."""
    office.run(invoice(), picked_up_once=True)
    (path,) = drop.glob("*.xml")
    path.rename(elsewhere := drop.parent / path.name)
    office.run(invoice(), import_command=[*IMPORTER, *GLUED])
    assert office.held() == []
    pick_up(elsewhere)
    assert office.run(invoice(), import_command=[*IMPORTER, *GLUED]) == 0
    assert office.references() == ["2026-0001"]
    assert [path.name for path in drop.iterdir() if path.name != ".sent"] == []


def test_by_default_nothing_is_said_of_picking_up() -> None:
    """The safe way is the one that nobody has to choose."""
    assert (DEFAULTS["picked_up_once"], DEFAULTS["sales_numbers_from"]) == (False, None)
