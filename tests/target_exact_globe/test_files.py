"""The XML route with the whole target: handed over once, followed until it is decided, confirmed by four ways."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from lxml import etree

from target_exact_globe import tree
from tests.target_exact_globe.papers import invoice, purchase, singer
from tests.target_exact_online.papers import line
from transfer_ledger.cli import main
from transfer_ledger.documents import Partner, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_globe.papers import Office

MORTAL = """
import json, os, sys
from target_exact_globe import file_steps
from target_exact_globe.target import TargetExactGlobe

config, nth, moment = json.loads(sys.argv[1])
putting, count = file_steps.Desk.hand_over, 0

def deadly(desk):
    global count
    count += 1
    if (count, moment) == (nth, "before"):
        os._exit(9)
    putting(desk)
    if count == nth:
        os._exit(9)

file_steps.Desk.hand_over = deadly
TargetExactGlobe(config=config).listen(sys.stdin.buffer)
"""
IMPORT = """
import pathlib, sys
books, file, kill = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
with books.open("a") as out:
    for text in file.read_text().split("<YourRef>")[1:]:
        out.write(text.split("<")[0] + "\\n")
        out.flush()
        if kill:
            sys.exit(1)
"""


@pytest.fixture
def drop(office: Office, tmp_path: Path) -> Path:
    """Let the office put files into a folder, without entity services, for a job that takes each once."""
    folder = tmp_path / "drop"
    office.settings |= {"route": "xml", "xml_folder": str(folder), "services_url": None, "picked_up_once": True}
    return folder


def references(folder: Path) -> list[str]:
    """Return the references in the files of a folder; every file is valid."""
    found: list[str] = []
    for path in sorted(folder.glob("*.xml")):
        root = etree.parse(path).getroot()
        assert tree.violations(root) == []
        found += [reference.text or "" for reference in root.iter("YourRef")]
    return found


def confirm(office: Office, *arguments: str) -> str:
    url = str(office.settings["ledger_url"])
    return CliRunner().invoke(main, ["confirm", "--ledger", url, *arguments], catch_exceptions=False).output


def test_a_document_is_in_one_file_however_often_it_is_offered(office: Office, drop: Path) -> None:
    """A document is handed over once, stays open, and no later run writes it again, whatever it says by then."""
    assert office.run(invoice(1), invoice(2, lines=3)) == 1
    assert references(drop) == ["2026-0001", "2026-0002"]
    assert office.open() == ["1", "2"]
    problem = Problem(field="lines[0].vat_code", value="", message="no VAT code")
    assert office.run(invoice(1, description="new"), invoice(2, problems=[problem])) == 1
    assert references(drop) == ["2026-0001", "2026-0002"]
    assert office.run(invoice(1), allow_open=True) == 0


def test_it_is_confirmed_by_a_person(office: Office, drop: Path) -> None:
    """`transfers confirm` settles a document; `--not-there` puts it into another file."""
    office.run(invoice(1), invoice(2))
    assert "2026-0001: transferred." in confirm(office, "2026-0001", "--received-as", "40001")
    assert "to be sent again" in confirm(office, "2026-0002", "--not-there")
    assert office.run(invoice(1), invoice(2)) == 1
    assert references(drop) == ["2026-0001", "2026-0002", "2026-0002"]
    assert office.open() == ["2"]


def test_it_is_confirmed_by_an_acknowledgement(office: Office, drop: Path) -> None:
    """The job that picks files up may put a file beside each; it may delete the file itself."""
    office.run(invoice(1), invoice(2))
    for path in list(drop.glob("*.xml")):
        path.with_name(f"{path.name}.ok").touch()
        path.unlink()
    assert office.run(invoice(1), invoice(2)) == 0
    assert references(drop) == []


def test_it_is_decided_by_a_result_file(office: Office, drop: Path, tmp_path: Path) -> None:
    """What the importer refused fails with its reason and goes again; an earlier result file decides nothing new."""
    results = tmp_path / "errors"
    results.mkdir()
    office.settings["result_folder"] = str(results)
    office.run(invoice(1), invoice(2))
    (results / "log1.xml").write_text(
        "<eExact><Messages>"
        "<Message type='2'><Topic><DataKey code='40001'>2026-0001</DataKey></Topic></Message>"
        "<Message type='0'><Topic><DataKey>2026-0002</DataKey></Topic><Description>Blocked</Description></Message>"
        "</Messages></eExact>"
    )
    assert office.run(invoice(1), invoice(2)) == 1
    assert references(drop) == ["2026-0001", "2026-0002"]
    assert office.open() == ["2"]
    assert office.run(invoice(2)) == 1
    assert references(drop) == ["2026-0001", "2026-0002", "2026-0002"]
    assert office.run(invoice(2)) == 1
    assert references(drop) == ["2026-0001", "2026-0002", "2026-0002"]


def test_an_old_refusal_says_nothing_of_a_file_that_is_being_filled(office: Office, drop: Path, tmp_path: Path) -> None:
    """What was refused before goes once into the next file, also when that takes more documents than there are."""
    results = tmp_path / "errors"
    results.mkdir()
    office.settings |= {"result_folder": str(results), "documents_per_file": 10}
    office.run(invoice(1))
    (results / "log1.xml").write_text(
        "<eExact><Messages><Message type='0'><Topic><DataKey>2026-0001</DataKey></Topic>"
        "<Description>Blocked</Description></Message></Messages></eExact>"
    )
    for _ in range(4):
        assert office.run(invoice(1)) == 1
    assert references(drop) == ["2026-0001", "2026-0001"]


def test_it_is_confirmed_by_reading_back(office: Office, drop: Path) -> None:
    """Where entity services can be asked, an order that has arrived is found there, with its number."""
    office.settings["services_url"] = f"{office.sandbox.globe_url}/Services/Exact.Entity.REST.EG"
    assert office.run(invoice(1), invoice(2)) == 1
    row = {"SalesOrderNumber": "   40001", "YourReference": "2026-0001", "OrderDebtor": "   100", "TotalAmount": 242}
    office.sandbox.put_row("exact_globe", "SalesOrderHeader", row)
    office.run(invoice(1), invoice(2))
    assert office.open() == ["2"]
    assert references(drop) == ["2026-0001", "2026-0002"]
    debtors = [debtor.get("number") for path in drop.glob("*.xml") for debtor in etree.parse(path).iter("Debtor")]
    assert debtors == ["100", "100"]


def test_what_is_still_in_hand_is_not_looked_for(office: Office, drop: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An order in a file that is being filled cannot be in Globe: no call; what is said of it is said once a run."""
    office.settings["services_url"] = f"{office.sandbox.globe_url}/Services/Exact.Entity.REST.EG"
    many = [invoice(number, description="Onderhoud ☺") for number in range(1, 6)]
    office.run(*many, documents_per_file=6)
    assert len(references(drop)) == 5
    assert [call for call in office.calls() if "Order" in call] == ["GET SalesOrderHeader"]
    assert caplog.text.count("2026-0003: description: ☺ is sent as '?'.") == 1
    office.run(*many, documents_per_file=6)
    assert [call for call in office.calls() if "Order" in call] == ["GET SalesOrderHeader"] * 5
    assert caplog.text.count("2026-0003: description: ☺ is sent as '?'.") == 2


def test_codes_are_checked_where_globe_can_be_asked(office: Office, drop: Path) -> None:
    """With the services' address, an unknown item fails before any file is written."""
    office.settings["services_url"] = f"{office.sandbox.globe_url}/Services/Exact.Entity.REST.EG"
    assert office.run(invoice(lines=[line(item="NIX")])) == 1
    assert references(drop) == []


@pytest.mark.parametrize(("per_file", "files"), [(1, 7), (3, 3), (100, 1)])
def test_documents_per_file(office: Office, drop: Path, per_file: int, files: int) -> None:
    """As many documents go into a file as the setting says, all of them by the end of the run."""
    office.run(*(invoice(serial) for serial in range(1, 8)), documents_per_file=per_file)
    assert len(list(drop.glob("*.xml"))) == files
    assert references(drop) == [f"2026-000{serial}" for serial in range(1, 8)]


@pytest.mark.parametrize(("per_file", "nth", "moment"), [(1, 2, "before"), (1, 2, "after"), (2, 2, "before")])
def test_killed_while_it_hands_over(office: Office, drop: Path, nth: int, moment: str, per_file: int) -> None:
    """A target that dies around the moment a file appears leaves each document in exactly one file."""
    documents = [invoice(serial) for serial in (1, 2, 3)]
    config = office.settings | {"documents_per_file": per_file}
    subprocess.run(
        [sys.executable, "-c", MORTAL, json.dumps([config, nth, moment])],
        input=singer(documents),
        capture_output=True,
        timeout=60,
        check=False,
    )
    office.run(*documents, documents_per_file=per_file)
    office.run(*documents, documents_per_file=per_file)
    assert sorted(references(drop)) == ["2026-0001", "2026-0002", "2026-0003"]
    assert office.open() == ["1", "2", "3"]


def importing(books: Path, *more: str) -> list[str]:
    """Return a command that notes the references of a file in a book."""
    return [sys.executable, "-c", IMPORT, str(books), "{file}", *more]


def test_the_importer_is_started_on_each_file_once(office: Office, drop: Path, tmp_path: Path) -> None:
    """With a command each file is imported right after it is complete, and on no later run."""
    books = tmp_path / "books"
    for _ in range(2):
        office.run(invoice(1), invoice(2), import_command=importing(books))
    assert books.read_text().splitlines() == ["2026-0001", "2026-0002"]
    assert references(drop) == []


@pytest.mark.usefixtures("drop")
def test_an_importer_that_dies_half_way(office: Office, tmp_path: Path) -> None:
    """What an importer left half done is not given to it again: each document waits for a word on what became of it."""
    books = tmp_path / "books"
    documents = [invoice(serial) for serial in (1, 2, 3)]
    office.run(*documents, import_command=importing(books, "die"), documents_per_file=3)
    office.run(*documents, import_command=importing(books), documents_per_file=3)
    assert books.read_text().splitlines() == ["2026-0001"]
    assert office.open() == ["1", "2", "3"]
    confirm(office, "2026-0001")
    confirm(office, "2026-0002", "2026-0003", "--not-there")
    office.run(*documents, import_command=importing(books), documents_per_file=3)
    assert books.read_text().splitlines() == ["2026-0001", "2026-0002", "2026-0003"]


def test_a_run_that_dies_with_its_importer(office: Office, drop: Path, tmp_path: Path) -> None:
    """An import during which the run was killed is not begun again, and says so."""
    office.run(invoice())
    (record,) = (drop / ".sent" / "sales_invoices").iterdir()
    record.rename(record.with_suffix(".started"))
    office.run(invoice(), import_command=importing(tmp_path / "books"))
    assert not (tmp_path / "books").exists()


def test_what_needs_no_globe_is_checked_without_it(
    office: Office, drop: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Lengths, characters and what is missing are told before a file is written, also where Globe cannot be asked."""
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"lines": [line(item="X" * 31)]}, "Exact Globe holds 1 to 30"),
        ({"lines": [line(item="PIJL→")]}, "characters that Exact Globe may not hold: →"),
        ({"customer": Partner(id="1", name="Zonder", code=None)}, "Customer Zonder has no code"),
        ({"reference": "R" * 31}, "Exact Globe holds 1 to 30"),
        ({"lines": []}, "has no lines"),
    ]
    assert office.run(*(invoice(serial, **changes) for serial, (changes, _) in enumerate(wrong))) == 1
    assert [said for _, said in wrong if said not in caplog.text] == []
    assert references(drop) == []


def test_a_dry_run_writes_nothing(office: Office, drop: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A dry run makes no folder and starts no command, and shows the XML."""
    assert office.run(invoice(), dry_run=True, import_command=["/nowhere/AsImport"]) == 0
    assert not drop.exists()
    assert "<YourRef>2026-0001</YourRef>" in caplog.text


def test_a_sales_invoice(office: Office, drop: Path) -> None:
    """The form of the document decides which element it becomes."""
    office.run(invoice(form="sales_invoice"), invoice_code="1")
    (path,) = drop.glob("Invoices_*.xml")
    assert etree.parse(path).find("Invoices/Invoice[@type='V'][@code='1']/InvoiceLine") is not None


@pytest.mark.usefixtures("drop")
def test_the_folder_must_be_set(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Without a folder the route cannot be used, and the message names the setting."""
    assert office.run(invoice(), xml_folder=None) == 1
    assert "The setting xml_folder is not set." in caplog.text


def test_through_the_importer(office: Office, drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the sandbox's importer takes in is what was sent, letter by letter, and is settled in the same run.

    The code page of that importer makes question marks of what Windows-1252 lacks, which is what was replaced before.
    """
    errors = tmp_path / "errors"
    errors.mkdir()
    office.reset(import_code_page="cp1252", error_files_directory=str(errors))
    office.item("GEHEIM", Condition="B")
    monkeypatch.setenv("GLOBE_SANDBOX_URL", office.sandbox.url)
    settings = {
        "services_url": f"{office.sandbox.globe_url}/Services/Exact.Entity.REST.EG",
        "import_command": [
            *(sys.executable, "-m", "sandbox.exact_globe.asimport", "-r{server}", "-D{database}", "-u", "-~", "I"),
            *("-URL{file}", "-T{topic}", "-Oauto"),
        ],
    }
    odd = [line(description="Café → Łódź", notes="\u2019t Hoekje \u2013 €5")]
    assert office.run(invoice(1, lines=odd), invoice(2, lines=3), **settings) == 0
    assert office.references() == ["2026-0001", "2026-0002"]
    assert [row["TotalAmount"] for row in office.held()] == [242, 726]
    first = office.held("SalesOrderLine")[0]
    assert (first["Description"], first["LongDescription"]) == ("Café -> Lódz", "\u2019t Hoekje \u2013 €5")
    refused = invoice(3, lines=[line(item="GEHEIM")])
    without_asking = settings | {"services_url": None, "result_folder": str(errors)}
    assert office.run(refused, **without_asking) == 1
    assert office.open() == ["3"]
    assert references(drop) == []


@pytest.mark.parametrize("letter", ["B", "I"])
def test_the_letter_of_a_purchase_order(
    office: Office, drop: Path, monkeypatch: pytest.MonkeyPatch, letter: str
) -> None:
    """What a purchase order is called in a file is a setting, since sources differ on it; both ways it arrives."""
    office.reset(purchase_order_letter=letter)
    monkeypatch.setenv("GLOBE_SANDBOX_URL", office.sandbox.url)
    assert office.run(purchase(), purchase_order_type=letter) == 1
    (path,) = drop.glob("Orders_*.xml")
    assert tree.violations(etree.parse(path).getroot()) == []
    command = [sys.executable, "-m", "sandbox.exact_globe.asimport", "-rSANDBOX\\EXACT", "-D100", "-u", "-~", "I"]
    subprocess.run([*command, f"-URL{path}", "-TOrders", "-Oauto"], check=True, timeout=60)
    assert [row["Description"] for row in office.held("PurchaseOrderHeader")] == ["PO-1043/1"]
