from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from target_exact_online.target import check
from tests.target_exact_online.papers import entry, invoice, line
from tests.target_exact_online.test_dry_run import rehearse
from transfer_ledger.documents import Problem
from transfer_ledger.rehearsal import Ended, Finding

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office


def findings(told: list[Any]) -> dict[str, Finding]:
    return {each.problem.value: each for each in told if isinstance(each, Finding)}


def test_all_rights_are_looked_into_at_once(office: Office) -> None:
    """Every right that lacks is told in one run, also those behind the one that stops it, without a write."""
    office.reset(
        forbidden={"VATCodes": "Forbidden", "salesinvoice": "LicenseExpired", "PaymentConditions": "Forbidden"}
    )
    code, told = rehearse(office, invoice(1), adopt=[])
    assert code == 1
    assert {"vat/VATCodes", "salesinvoice/SalesInvoices", "cashflow/PaymentConditions"} <= findings(told).keys()
    refused = [call for call in office.sandbox.calls("exact_online") if call["status"] >= 400]
    assert len(refused) <= 4


def test_what_is_not_used_is_not_asked_for(office: Office) -> None:
    """A right to something that no document needs is nobody's trouble."""
    office.reset(forbidden={"salesentry": "Forbidden", "Costunits": "Forbidden"})
    code, told = rehearse(office, invoice(1), adopt=[])
    assert (code, findings(told)) == (0, {})


def test_a_year_without_periods(office: Office) -> None:
    """Invoice dates for which Exact has no financial period are counted by year."""
    day = dt.date(2041, 1, 15)
    _, told = rehearse(office, invoice(1, invoice_date=day), invoice(2, invoice_date=day), invoice(3))
    assert list(findings(told)) == ["2041"]
    assert "no financial period for 2 invoice dates in 2041" in findings(told)["2041"].problem.message


def test_numbers_that_are_taken(office: Office) -> None:
    """A number that is to be kept and that another document has is told before anything is sent."""
    assert office.run(entry(1, number="26700001", keep_number=True)) == 0
    papers = [entry(n, number=f"2670000{n}", reference=f"R{n}", keep_number=True) for n in (5, 6)]
    taken = entry(7, number="26700001", reference="R7", keep_number=True)
    code, told = rehearse(office, *papers, taken)
    assert code == 0
    assert "1 numbers that are to be kept are taken in Exact Online: 26700001 (2026-0001)" in (
        findings(told)["70"].problem.message
    )


def test_more_documents_than_calls(office: Office) -> None:
    """When today's calls do not suffice it is said how many are needed, with each write of a document counted."""
    office.reset(limits=True, day_limit=60)
    _, told = rehearse(office, *(invoice(n, definitive=True) for n in range(1, 40)))
    assert "78 calls are needed" in findings(told)["78"].problem.message


@pytest.mark.parametrize(
    ("field", "paste", "choices"),
    [
        ("lines.vat_code", "- {rate: 21, code: '?'}", ["2 BTW hoog 21 % exclusief"]),
        ("lines.vat_code", "- {region: X, rate: 9, code: '?'}", ["1 BTW laag 9 % exclusief"]),
        (
            "payment_condition",
            "- {payment_term: x, code: '?'}",
            ["00 Contant", "14 14 dagen", "30 30 dagen", "60 60 dagen"],
        ),
        ("journal", "- {journal: '?'}", ["70 Verkoopboek", "71 Verkoopboek export"]),
        ("lines.item", "- {item: '?'}", []),
        ("lines.vat_code", None, []),
    ],
)
def test_what_there_is_to_choose_from(office: Office, field: str, paste: str | None, choices: list[str]) -> None:
    """For a missing row Exact's own codes are told: VAT codes for sales with that rate, sales journals, conditions."""
    problem = Problem(field=field, value="", message="no row fits", paste=paste)
    _, told = rehearse(office, invoice(1, problems=[problem]))
    assert told[0].problems[0].choices == choices


def test_what_the_target_finds_says_what_to_set(office: Office) -> None:
    """A missing account and a prospect come with the setting that would do, a missing item with what to create."""
    office.account("P1", Status="P")
    papers = [invoice(1, code="WEG"), invoice(2, code="P1"), invoice(3, lines=[line(item="WEG")])]
    _, told = rehearse(office, *papers)
    assert [each.problems[0].paste for each in told[:3]] == ["missing_customer: create", "prospects: promote", None]
    assert told[2].problems[0].advice == "Create item WEG in Exact Online, or map to another."
    _, (undecided, *_) = rehearse(office, invoice(4, lines=[line(item="?")]))
    assert undecided.problems[0].advice == "Choose the item in the settings, where the ? stands."
    assert rehearse(office, *papers[:2], missing_customer="create", prospects="promote")[0] == 0


def test_the_end_tells_where_and_until_when(office: Office) -> None:
    """The administration by name, and how long the sign-in holds without a run."""
    _, told = rehearse(office, invoice(1))
    end = told[-1]
    assert isinstance(end, Ended)
    assert end.facts[0] == "administration 1234567: Demo MSP B.V."
    assert end.facts[1].startswith("sign-in renewed on ")


def _checked(office: Office, **settings: Any) -> tuple[int, str]:
    path = office.folder / "settings.json"
    path.write_text(json.dumps(office.settings | settings))
    result = CliRunner().invoke(check, ["--config", str(path)])
    return result.exit_code, result.output


def test_the_program_looks_without_documents(office: Office) -> None:
    """`target-exact-online-check` tells of administration and rights; the exit code says whether all is well."""
    code, said = _checked(office)
    assert code == 0, said
    assert "administration 1234567: Demo MSP B.V." in said
    assert "Nothing is in the way." in said
    office.reset(forbidden={"Journals": "Forbidden"})
    code, said = _checked(office)
    assert code == 1
    assert "1. 1234567/financial/Journals: no access" in said


def test_a_wrong_administration_is_one_finding(office: Office) -> None:
    """A division that the user does not have is told, and nothing after it is asked."""
    code, said = _checked(office, division=7654321)
    assert code == 1
    assert "1. 7654321/system/Divisions: no access" in said
    assert "2. " not in said
