from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transfer_ledger.remote import invoice
from transfer_ledger import books
from transfer_ledger.books import Booked, Taxed
from transfer_ledger.documents import Totals
from transfer_ledger.reconciliation import Held, Period, Reconciliation, held_of, reconcile
from transfer_ledger.report.reconciliation import html

OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 10, 31))
DAY, LATER = dt.date(2026, 10, 15), dt.date(2026, 11, 3)
NOW = dt.datetime(2026, 11, 5, 9, tzinfo=dt.UTC)


def held(number: int = 1, **more: Any) -> Held:
    """Return an invoice of 100.00 and 21 % VAT of October."""
    values: dict[str, Any] = {
        "number": str(number),
        "reference": str(number),
        "date": DAY,
        "customer_code": "D1",
        "customer_name": "Bakkerij",
        "currency": "EUR",
        "net": Decimal("100.00"),
        "vat": Decimal("21.00"),
        "gross": Decimal("121.00"),
        "codes": {"2": Taxed(net=Decimal("100.00"), vat=Decimal("21.00"))},
    }
    return Held(**(values | more))


def booked(number: int = 1, **more: Any) -> Booked:
    """Return the same as it is booked."""
    same = msgspec.structs.asdict(held(number))
    kept = {name: same[name] for name in ("date", "customer_code", "customer_name", "currency", "net", "vat", "gross")}
    values = kept | {
        "id": f"id-{number}",
        "form": "sales_invoice",
        "number": f"26700{number}",
        "reference": str(number),
    }
    return Booked(**(values | {"codes": same["codes"]} | more))


def kinds(found: Reconciliation) -> list[tuple[str, str]]:
    return [(each.kind, each.number) for each in found.differences]


def test_both_sides_agree() -> None:
    """The same invoices on both sides: nothing is told, and the sums per VAT code are equal."""
    found = reconcile(OCTOBER, [held(1), held(2)], [booked(1), booked(2)])
    assert (found.differences, found.here, found.there, found.agreed) == ([], 2, 2, 2)
    (row,) = found.sums
    assert (row.code, row.here, row.there) == ("2", row.there, Taxed(net=Decimal("200.00"), vat=Decimal("42.00")))


@given(st.lists(st.decimals("0.01", "999", places=2), min_size=1, max_size=20))
def test_a_single_code_has_the_sums_of_its_document(amounts: list[Decimal]) -> None:
    """However VAT was rounded on the lines, what stands under the only code is what the invoice says, to the cent."""
    rate = Decimal("0.21")
    net, vat = sum(amounts, Decimal(0)), sum(((each * rate).quantize(Decimal("0.01")) for each in amounts), Decimal(0))
    line = invoice().lines[0]
    lines = [msgspec.structs.replace(line, amount=each, vat_rate=rate, vat_code="2") for each in amounts]
    document = invoice(lines=lines, totals=Totals(net=net, vat=vat, gross=net + vat))
    assert held_of(document, "").codes == {"2": Taxed(net=net, vat=vat)}


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ([held()], [], [("missing", "1")]),
        ([held()], [booked(), booked(id="other")], [("double", "1")]),
        ([held()], [booked(gross=Decimal("121.01"))], [("different", "1")]),
        ([held()], [booked(currency="USD")], [("different", "1")]),
        ([held()], [booked(customer_code="D2")], [("different", "1")]),
        ([held()], [booked(date=LATER)], [("different", "1")]),
        ([held(date=LATER)], [booked()], [("different", "1")]),
        ([held()], [booked(codes={"1": Taxed(net=Decimal(100), vat=Decimal(21))})], [("different", "1")]),
        ([], [booked(reference="")], [("hand_made", "267001")]),
        ([], [booked(reference="Kas 7")], [("hand_made", "267001")]),
        ([held(voided=True)], [], []),
        ([held(voided=True)], [booked()], [("voided", "1")]),
        ([held(voided=True)], [booked(), booked(id="c", reference="1-void", gross=Decimal(-121))], []),
        ([held(skip="left out")], [], []),
        ([held(paid=DAY)], [booked(open=Decimal("0.00"))], []),
        ([held(paid=DAY)], [booked(open=Decimal("121.00"))], [("paid_here", "1")]),
        ([held()], [booked(open=Decimal("0.00"))], [("paid_there", "1")]),
        ([held()], [booked(open=Decimal("121.00"))], []),
        ([held(paid=DAY)], [booked(open=None)], []),
        ([held(date=LATER)], [booked(date=LATER)], []),
        ([held(date=LATER)], [], []),
        ([held(date=None)], [], [("missing", "1")]),
        ([], [booked(date=LATER, reference="")], []),
    ],
)
def test_each_difference_is_told_once(here: list[Held], there: list[Booked], expected: list[tuple[str, str]]) -> None:
    """Missing, double, different, made by hand, voided, paid on one side only: each as what it is, and nothing else."""
    assert kinds(reconcile(OCTOBER, here, there)) == expected


def test_a_missing_one_says_why() -> None:
    """What a run says of it stands beside it."""
    (told,) = reconcile(OCTOBER, [held(reason="no VAT code")], []).differences
    assert (told.details[0].what, told.details[0].here) == ("reason", "no VAT code")


@given(st.lists(st.integers(1, 60), unique=True), st.lists(st.integers(1, 60), unique=True))
def test_every_number_is_accounted_for(here: list[int], there: list[int]) -> None:
    """Whatever stands where: each agrees, is missing, or is made by hand."""
    found = reconcile(OCTOBER, [held(n) for n in here], [booked(n) for n in there])
    assert {n for kind, n in kinds(found) if kind == "missing"} == {str(n) for n in here if n not in there}
    assert {n for kind, n in kinds(found) if kind == "hand_made"} == {f"26700{n}" for n in there if n not in here}
    assert found.agreed == len({*here} & {*there})


def test_lines_of_the_program_keep_amounts_exact() -> None:
    """What a target's program writes is read as it was."""
    document = booked(open=Decimal("0.10"))
    assert list(books.read([books.written(document)])) == [document]


@pytest.mark.parametrize(("language", "said"), [("en", "121.00"), ("nl", "121,00")])
def test_the_file_can_be_signed_off(language: Any, said: str) -> None:
    """Self-contained HTML in either language, with sums, differences and room to sign; hostile names do no harm."""
    evil = "<script>alert(1)</script>"
    found = reconcile(OCTOBER, [held(customer_name=evil, reason=evil), held(2)], [booked(2, gross=Decimal("120.00"))])
    page = html(found, language, administration="exact_online/1234567", now=NOW)
    assert evil not in page
    assert "&lt;script&gt;" in page
    assert f"€\N{NO-BREAK SPACE}{said}" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert {"en": "Signature", "nl": "Handtekening"}[language] in page
