"""What a dry run finds at Exact Globe before anything is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from target_exact_globe.target import check_command
from tests.target_exact_globe.papers import invoice
from transfer_ledger.documents import Problem
from transfer_ledger.gaps import report_of
from transfer_ledger.rehearsal import lines_of

if TYPE_CHECKING:
    from tests.target_exact_globe.papers import Office
    from transfer_ledger.gaps import Report


def rehearsed(office: Office, *documents: Any, **settings: Any) -> Report:
    """Return what a dry run of these documents tells."""
    path = office.folder / "rehearsal.jsonl"
    office.run(*documents, dry_run=True, dry_run_file=str(path), **settings)
    with path.open("rb") as file:
        return report_of(lines_of(file))


def checked(office: Office, **settings: Any) -> tuple[int, str]:
    path = office.folder / "settings.json"
    path.write_text(json.dumps(office.settings | settings))
    result = CliRunner().invoke(check_command, ["--config", str(path)])
    return result.exit_code, result.output


def test_a_dry_run_stages_and_writes_nothing(office: Office) -> None:
    """What is right would go over, what is wrong is told with what to do, and Globe holds neither order nor line."""
    lost = invoice(2)
    lost.lines[0].item = "WEG"
    report = rehearsed(office, invoice(1), lost)
    assert report.outcomes == {"would be transferred": 1, "would fail": 1}
    (gap,) = report.gaps
    assert (gap.title, gap.advice) == ("Exact Globe has no item WEG", "Create item WEG in Globe, or map to another.")
    assert (office.references(), office.staged()) == ([], [])
    assert report.facts[0] == "company 100 on SANDBOX\\EXACT"


def test_a_question_mark_is_for_a_person_to_choose(office: Office) -> None:
    """A code that is not chosen yet is told as that, not as one to create in Globe."""
    paper = invoice(1)
    paper.lines[0].item = "?"
    (gap,) = rehearsed(office, paper).gaps
    assert gap.advice == "Choose the item in the settings, where the ? stands."


def test_every_list_that_cannot_be_read_is_told_at_once(office: Office) -> None:
    """Rights to several lists lack: each is a finding, in one run."""
    office.reset(forbidden=["VAT", "PaymentCondition"])
    code, said = checked(office)
    assert code == 1
    assert "did not let VAT be read" in said
    assert "did not let PaymentCondition be read" in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"password": "wrong"}, "Windows does not let DEMO\\svc-autotask in"),
        ({"company": "999"}, "does not let DEMO\\svc-autotask into company 999"),
        ({"services_url": "http://127.0.0.1:9/none"}, "do not answer"),
    ],
)
def test_who_is_not_let_in_is_one_finding(office: Office, settings: dict[str, Any], said: str) -> None:
    """A password, a company or an address that is wrong is told once, and nothing after it."""
    code, output = checked(office, **settings)
    assert code == 1
    assert said in output
    assert "2. " not in output


def test_all_is_well(office: Office) -> None:
    """The program without documents tells the company, and that nothing is in the way."""
    code, said = checked(office)
    assert (code, "company 100 on SANDBOX\\EXACT" in said, "Nothing is in the way." in said) == (0, True, True)


def test_what_there_is_to_choose_from(office: Office) -> None:
    """For a missing row Globe's VAT codes of that rate are told, and its payment conditions."""
    vat = Problem(field="lines.vat_code", value="", message="no row", paste="- {rate: 21, code: '?'}")
    term = Problem(field="payment_condition", value="", message="no term", paste="- {payment_term: x, code: '?'}")
    gaps = {gap.field: gap.choices for gap in rehearsed(office, invoice(1, problems=[vat, term])).gaps}
    assert gaps["lines.vat_code"]
    assert all(choice.endswith("(21 %)") for choice in gaps["lines.vat_code"])
    assert "30" in gaps["payment_condition"]
