from __future__ import annotations

from decimal import Decimal
from typing import Any

from transfer_ledger.documents import Problem
from transfer_ledger.gaps import gaps_of, report_of, text
from transfer_ledger.rehearsal import Ended, Finding, Question, Rehearsed

END = Ended(target="target-fake", administration="1234567", counts={})
VAT = {
    "field": "lines.vat_code",
    "value": "rate: 9",
    "setting": "invoices.vat_codes",
    "paste": "- {rate: 9, code: '?'}",
}


def problem(message: str = "no row fits", **more: Any) -> Question:
    return Question(**({"field": "lines[0].item", "value": "X", "message": message} | more))


def told(number: int, *problems: Question, gross: str = "121.00", **more: Any) -> Rehearsed:
    """Return a document that would fail with these problems."""
    values: dict[str, Any] = {
        "kind": "sales_invoices",
        "label": f"2026-{number:04}",
        "source": {"id": str(number)},
        "result": "failed" if problems else "transferred",
        "settled": not problems,
        "problems": list(problems),
        "document": {"currency": "EUR", "totals": {"gross": Decimal(gross)}},
    }
    return Rehearsed(**(values | more))


def test_documents_with_one_cause_are_one_gap() -> None:
    """What one row of a table would solve is counted once, with its documents and their amounts."""
    documents = [
        told(1, problem("no row fits (billing item 1, 2)", **VAT), gross="10.50"),
        told(2, problem("no row fits (billing item 3)", **VAT), gross="4200.05"),
        told(3),
    ]
    (gap,) = gaps_of(documents)
    assert (gap.title, gap.documents, gap.alone) == ("no row fits", 2, 2)
    assert gap.amounts == {"EUR": Decimal("4210.55")}
    assert gap.examples == ["2026-0001", "2026-0002"]


def test_lines_of_one_document_count_once() -> None:
    """The same code missing on several lines is one gap of one document; the lines' numbers do not part them."""
    (gap,) = gaps_of([told(1, problem(field="lines[0].item"), problem(field="lines[7].item"))])
    assert (gap.documents, gap.field) == (1, "lines.item")


def test_other_causes_are_other_gaps() -> None:
    """Another code is another thing to do; a document with two gaps counts with both, and alone with neither."""
    first, second = gaps_of(
        [told(1, problem("no item X"), problem("no item Y", value="Y")), told(2, problem("no item X"))]
    )
    assert (first.title, first.documents, first.alone) == ("no item X", 2, 1)
    assert (second.title, second.documents, second.alone) == ("no item Y", 1, 0)


def test_one_setting_for_many_values_is_one_gap() -> None:
    """Where the same setting solves all, the values are listed under it."""
    more = {"field": "customer.code", "setting": "missing_customer", "paste": "missing_customer: create"}
    (gap,) = gaps_of([told(n, problem(f"no account D{n}", value=f"D{n}", **more)) for n in range(1, 4)])
    assert gap.values == ["D1", "D2", "D3"]
    report = report_of([told(n, problem(f"no account D{n}", value=f"D{n}", **more)) for n in range(1, 4)] + [END])
    shown = "\n".join(text(report, "invoices"))
    assert "1. no account D1 (and 2 more: D2, D3)" in shown
    assert "Paste into the config of the target:\n     missing_customer: create" in shown


def test_amounts_that_do_not_agree_are_one_gap() -> None:
    """Each document has its own amounts, and yet the same trouble."""
    (gap,) = gaps_of([told(n, problem(f"net is {n}", field="totals.net", value=str(n))) for n in (1, 2)])
    assert gap.documents == 2


def test_what_has_no_problem_of_a_field_is_told_by_its_reason() -> None:
    """A document that another run holds, or that an error stopped, is not passed over."""
    (gap,) = gaps_of([told(1, result="busy", settled=False, reason="Another run is sending it.", advice="Wait.")])
    assert (gap.title, gap.advice) == ("Another run is sending it.", "Wait.")


def test_a_transferred_one_that_waits_for_a_person_is_a_gap() -> None:
    """Settled and yet to be looked at: it is told."""
    (gap,) = gaps_of([told(1, problem("was voided", field="voided"), settled=True, attention=True)])
    assert gap.title == "was voided"


def test_a_report_says_where_to_paste_and_what_to_choose_from() -> None:
    """The row, the table and mapping it belongs to, and the codes there are."""
    documents = [told(1, problem(choices=["1 laag", "2 hoog"], **VAT)), told(2)]
    report = report_of([*documents, END])
    shown = list(text(report, "invoices-to-exact"))
    assert shown[0] == "target-fake to 1234567: 2 documents; 1 would be transferred, 1 would fail"
    assert "   Paste above the other rows of invoices.vat_codes, in the mapping invoices-to-exact:" in shown
    assert "     - {rate: 9, code: '?'}" in shown
    assert "   Choose from: 1 laag; 2 hoog" in shown
    assert not report.clean


def test_findings_of_no_document_come_first() -> None:
    """A right that lacks stands above what documents lack, and a rehearsal that broke off says so."""
    finding = Finding(problem=Problem(field="rights", value="vat/VATCodes", message="no access"), advice="Give it.")
    report = report_of([told(1, problem()), finding])
    shown = list(text(report))
    assert "did not come to its end" in shown[1]
    assert shown.index("1. no access") < shown.index("2. no row fits")
    assert not report.complete


def test_nothing_in_the_way() -> None:
    """A clean report says so."""
    report = report_of([told(1), END])
    assert report.clean
    assert list(text(report))[-1] == "Nothing is in the way."


def test_parties_that_wait_for_a_link_and_parties_without_any_are_two_gaps() -> None:
    """One is solved by linking, the other by creating or by a setting: each is told with its own advice."""
    waiting = [problem(f"C{number} is not linked; it may be C9", field="source.id", setting=None) for number in (1, 2)]
    lonely = problem("C3 is not linked, and nobody there is alike", field="source.id", setting="when_missing")
    gaps = gaps_of([*(told(number, each) for number, each in enumerate(waiting)), told(3, lonely)])
    assert [(gap.documents, gap.setting) for gap in gaps] == [(2, None), (1, "when_missing")]
