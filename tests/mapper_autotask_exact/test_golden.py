from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.golden.__main__ import main
from tests.golden.cases import COLUMNS, Case, cases, difference, write

if TYPE_CHECKING:
    from pathlib import Path

PAIRS = [pytest.param(case, column, id=f"{case.folder.name}-{column}") for case in cases() for column in COLUMNS]


@pytest.mark.parametrize(("case", "column"), PAIRS)
def test_a_golden_case_is_made_as_it_stands(case: Case, column: str) -> None:
    """Each business case gives exactly the document that a bookkeeper agreed to."""
    found = difference(case, column)
    assert not found, f"\n{found}\nIf that is right: python -m tests.golden --write --force {case.folder.name}"


def test_there_are_cases() -> None:
    """The cases are found, and every folder holds a record."""
    folders = [case.folder for case in cases()]
    assert len(folders) >= 20
    assert [folder.name for folder in folders if not (folder / "record.json").exists()] == []


def test_writing_keeps_what_differs_unless_forced(tmp_path: Path) -> None:
    """A file that says something else is not overwritten by accident."""
    (example,) = (case for case in cases() if case.folder.name == "plain")
    case = Case(tmp_path)
    (tmp_path / "record.json").write_bytes((example.folder / "record.json").read_bytes())
    document = tmp_path / "document.yml"
    assert write(case, "document.yml", force=False).endswith("written")
    assert write(case, "document.yml", force=False).endswith("unchanged")
    document.write_text("corrected by hand\n")
    assert "NOT written" in write(case, "document.yml", force=False)
    assert document.read_text() == "corrected by hand\n"
    assert write(case, "document.yml", force=True).endswith("written")
    assert document.read_text() == (example.folder / "document.yml").read_text()


def test_the_command_compares(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --write the command compares, and says so."""
    assert main(["plain", "voided"]) == 0
    assert capsys.readouterr().out == "2 cases agree\n"


def test_the_command_knows_its_cases(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt case is an error, not an empty success."""
    with pytest.raises(SystemExit):
        main(["plian"])
    assert "there is no case plian" in capsys.readouterr().err
