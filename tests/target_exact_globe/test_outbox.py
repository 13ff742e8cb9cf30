"""The folder with files: each document in one file, whole, wherever a run is killed."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from target_exact_globe import outbox, tree
from target_exact_globe.elements import order_element
from target_exact_globe.file_steps import Desk
from target_exact_globe.importer import ASIMPORT, Importer, command_line
from target_exact_globe.outbox import Outbox
from target_exact_globe.results import Results, Types, messages
from tests.target_exact_globe.papers import invoice
from tests.target_exact_globe.test_orders import made
from transfer_ledger.exceptions import DocumentFailed, Rejected, StopRun

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = dt.datetime(2026, 11, 28, 4, 0, tzinfo=dt.UTC)


class Killed(BaseException):
    """The process is no more."""


def element(serial: int = 1) -> etree._Element:
    return order_element(made(invoice(serial)))


def box(folder: Path, per_file: int = 1) -> Outbox:
    made = Outbox(folder, "sales_invoices", per_file, lambda: NOW)
    made.prepare()
    return made


def in_files(folder: Path) -> list[str]:
    """Return the references in the files that an importer would find."""
    found = [etree.parse(path) for path in sorted(folder.glob("*.xml"))]
    return [reference.text or "" for root in found for reference in root.iter("YourRef")]


def test_one_document_a_file(tmp_path: Path) -> None:
    """Each document is a file of its own, under a name that tells what it is, and nothing else is in the folder."""
    mine = box(tmp_path)
    for serial in (1, 2):
        mine.put("Orders", f"token-{serial}", f"2026/{serial:04}", element(serial))
        assert mine.is_full()
        assert len(list(mine.hand_over())) == 1
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        ".sent",
        "Orders_20261128-040000_2026-0001_token-1.xml",
        "Orders_20261128-040000_2026-0002_token-2.xml",
    ]
    assert in_files(tmp_path) == ["2026-0001", "2026-0002"]


def test_several_documents_a_file(tmp_path: Path) -> None:
    """A file takes as many documents as it may, in their order; the rest goes into the last one."""
    mine = box(tmp_path, per_file=2)
    for serial in range(1, 6):
        mine.put("Orders", f"token-{serial}", str(serial), element(serial))
        if mine.is_full():
            list(mine.hand_over())
    list(mine.hand_over())
    assert [len(list(etree.parse(path).iter("Order"))) for path in sorted(tmp_path.glob("*.xml"))] == [2, 2, 1]
    assert in_files(tmp_path) == [f"2026-000{serial}" for serial in range(1, 6)]
    assert mine.file_of("token-3") == mine.file_of("token-4") != mine.file_of("token-5")


def test_a_document_that_is_not_valid_is_not_written(tmp_path: Path) -> None:
    """What the element tree does not allow fails the document, and leaves no file."""
    wrong = element()
    wrong.find("YourRef").text = "x" * 31  # type: ignore[union-attr]
    with pytest.raises(DocumentFailed, match="YourRef: 31 characters, Globe holds 30"):
        box(tmp_path).put("Orders", "token", "1", wrong)
    assert list(tmp_path.rglob("*.xml")) == []


@pytest.mark.parametrize("nth", range(1, 30))
def test_killed_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    """Killed before any one step on the disk, the next run finds each document in one file, whole, or in none."""
    died, count = _killed_at(monkeypatch, nth, lambda: _put_two(tmp_path))
    assert died == (nth <= count)
    _put_two(tmp_path)
    assert in_files(tmp_path) == ["2026-0001", "2026-0002"]
    assert list(tmp_path.glob(".*.part")) == []
    assert [path.suffix for path in (tmp_path / ".sent" / "sales_invoices").iterdir()] == [".out", ".out"]


@pytest.mark.parametrize("nth", range(1, 11))
def test_killed_at_any_moment_of_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    """Killed before any one step around an import, the next run imports a file that was not begun, and no other one."""
    _put_two(tmp_path / "drop")

    def work() -> bool:
        with contextlib.suppress(Killed):
            Importer(box(tmp_path / "drop"), counting(tmp_path), {"server": "S", "database": "100"}, 60).run()
            return False
        return True

    died, count = _killed_at(monkeypatch, nth, work)
    assert died == (nth <= count)
    work()
    imported = (tmp_path / "imports").read_text().splitlines()
    records = sorted((tmp_path / "drop" / ".sent" / "sales_invoices").iterdir())
    assert len(imported) == len(set(imported))
    assert [len([one for one in imported if path.stem in one]) for path in records if path.suffix != ".started"] == [
        1 for path in records if path.suffix != ".started"
    ]
    assert len([path for path in records if path.suffix == ".started"]) <= died
    assert in_files(tmp_path / "drop") == []


def _killed_at(monkeypatch: pytest.MonkeyPatch, nth: int, work: Callable[[], bool]) -> tuple[bool, int]:
    """Do some work of which the nth step on the disk, or start of a program, kills; return its answer and the steps."""
    count = 0

    def mortal(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == nth:
                raise Killed
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for name in ("rename", "replace", "mkdir"):
            patched.setattr(Path, name, mortal(getattr(Path, name)))
        patched.setattr(os, "fsync", mortal(os.fsync))
        patched.setattr(subprocess, "run", mortal(subprocess.run))
        return work(), count


def _put_two(folder: Path) -> bool:
    """Do what the steps of two documents do, and tell whether that was cut short."""
    try:
        mine = box(folder)
        list(mine.hand_over())
        for serial in (1, 2):
            if mine.file_of(f"token-{serial}") is None:
                mine.put("Orders", f"token-{serial}", str(serial), element(serial))
                list(mine.hand_over())
    except Killed:
        return True
    return False


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A folder that is none stops the run with a sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StopRun, match="cannot be written to"):
        box(tmp_path / "file")


def handed_over(folder: Path) -> Outbox:
    mine = box(folder)
    mine.put("Orders", "token", "1", element())
    list(mine.hand_over())
    return mine


def test_the_command_is_filled_in_without_a_shell() -> None:
    """Each value is glued to its switch, in an argument of its own, whatever is in it."""
    values = {"server": r"SQL\EXACT", "database": "100", "file": r"C:\drop\a b;c.xml", "topic": "Orders"}
    assert command_line(ASIMPORT, values)[1:] == [
        *(r"-rSQL\EXACT", "-D100", "-u", "-~", "I", r"-URLC:\drop\a b;c.xml", "-TOrders", "-Oauto"),
    ]
    with pytest.raises(StopRun, match=r"cannot be filled in.*\{database\}, \{file\}, \{server\}, \{topic\}|cannot be"):
        command_line(["{nonsense}"], values)


def counting(folder: Path) -> list[str]:
    """Return a command that notes each file it is started on."""
    script = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n'); print('imported'); sys.exit(3)"
    return [sys.executable, "-c", script, str(folder / "imports"), "{file}"]


def test_a_file_is_imported_once(tmp_path: Path) -> None:
    """The command is started once on each file, however often the folder is gone through, and its output is kept."""
    mine = handed_over(tmp_path / "drop")
    values = {"server": "S", "database": "100"}
    for _ in range(3):
        Importer(mine, counting(tmp_path), values, 60).run()
    assert len((tmp_path / "imports").read_text().splitlines()) == 1
    (record,) = mine.records(".ended")
    assert (record / "importer.log").read_text() == "imported\n"


def test_an_import_that_was_cut_short_is_not_repeated(tmp_path: Path) -> None:
    """A command that hung, or whose run was killed, is not started on that file again: part of it may have arrived."""
    mine = handed_over(tmp_path / "drop")
    (record,) = mine.records(".out")
    assert mine.take(record)
    record.rename(record.with_suffix(".started"))
    importer = Importer(mine, counting(tmp_path), {"server": "S", "database": "100"}, 60)
    importer.run()
    assert not (tmp_path / "imports").exists()
    assert "its end not seen" in Desk(mine, importer, Results(None, Types([], []))).where(record.stem)[0]


def test_a_command_that_hangs_is_ended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A command that never ends is stopped, and that is told."""
    mine = handed_over(tmp_path)
    Importer(mine, [sys.executable, "-c", "import time; time.sleep(60)"], {"server": "S", "database": "1"}, 0.2).run()
    assert "did not end within 0.2 seconds" in caplog.text


def test_a_command_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    """Nothing was imported with it, so the file is imported once the setting is right."""
    mine = handed_over(tmp_path / "drop")
    values = {"server": "S", "database": "100"}
    with pytest.raises(StopRun, match="The importer cannot be started: /nowhere/AsImport"):
        Importer(mine, ["/nowhere/AsImport"], values, 60).run()
    Importer(mine, counting(tmp_path), values, 60).run()
    assert len((tmp_path / "imports").read_text().splitlines()) == 1


LOG = """<?xml version="1.0" encoding="utf-8"?><eExact><Messages batch="1">
<Message type="2"><Topic code="Orders"><DataKey code="20260117">2026-0001</DataKey></Topic>
 <Description>Created</Description></Message>
<Message type="0"><Topic code="Orders"><DataKey code="x">2026-0002</DataKey></Topic>
 <Description>Not found: Item (NIX)</Description></Message>
<Message type="1"><Topic><DataKey>2026-0003</DataKey></Topic><Description>Warning</Description></Message>
<Message type="3"><Description>Order 2026-0004 cannot be read</Description></Message>
</Messages></eExact>"""
TYPES = Types((0, 3), (2,))


def test_what_a_result_file_says(tmp_path: Path) -> None:
    """Taken in with its number, refused with the reason, a warning says neither; each is about one document."""
    (tmp_path / "log.xml").write_text(LOG)
    results = Results(tmp_path, TYPES)
    receipt = results.told("2026-0001", "Orders", ())
    assert receipt is not None
    assert (receipt.id, receipt.number) == ("20260117", "20260117")
    with pytest.raises(Rejected, match=r"Exact Globe refused it: Not found: Item \(NIX\)"):
        results.told("2026-0002", "Orders", ())
    assert results.told("2026-0003", "Orders", ()) is None
    with pytest.raises(Rejected, match="cannot be read"):
        results.told("2026-0004", "Orders", ())
    assert results.told("2026-000", "Orders", ()) is None
    assert results.told("026-0004", "Orders", ()) is None
    assert results.told("2026-0002", "Orders", ("log.xml",)) is None
    assert results.told("2026-0002", "Invoices", ()) is None


def test_what_is_no_result_file_says_nothing() -> None:
    """Other XML, broken XML, and entities that would read files are no messages."""
    assert messages(b"<eExact/>") == []
    assert messages(b"<eExact><Mess") == []
    bomb = b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e><Message><Description>&x;</Description></Message></e>'
    assert "root:" not in str(messages(bomb))


def test_an_acknowledgement(tmp_path: Path) -> None:
    """A file beside the file says that all of it was taken in, with numbers when it knows them."""
    results, path = Results(None, TYPES), tmp_path / "Orders_1.xml"
    assert results.acknowledged("2026-0001", path) is None
    path.with_name("Orders_1.xml.ok").write_text("2026-0001\t20260117\n")
    known, plain = (results.acknowledged(reference, path) for reference in ("2026-0001", "2026-0002"))
    assert (known and known.number, plain and (plain.id, plain.number)) == ("20260117", ("2026-0002", None))


def test_a_file_of_ten_thousand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand documents go into one file, in their order, and all of it is valid."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(outbox, "_check", lambda *_: None)  # all of it is judged below
    mine, documents = box(tmp_path, per_file=10_000), [element(serial) for serial in range(100)]
    for serial in range(10_000):
        mine.put("Orders", f"token-{serial}", str(serial), documents[serial % 100])
    assert mine.is_full()
    (path,) = mine.hand_over()
    root = etree.parse(path).getroot()
    assert tree.violations(root) == []
    assert [order.findtext("YourRef") for order in root.iter("Order")] == [f"2026-{n % 100:04}" for n in range(10_000)]


def test_of_two_importers_one_starts(tmp_path: Path) -> None:
    """A file that another run began to import meanwhile is left to it."""
    mine = handed_over(tmp_path / "drop")
    values = {"server": "S", "database": "100"}
    slow, quick = (Importer(mine, counting(tmp_path), values, 60) for _ in range(2))
    (seen,) = mine.records(".out")
    quick.run()
    slow._import(seen)
    assert len((tmp_path / "imports").read_text().splitlines()) == 1
