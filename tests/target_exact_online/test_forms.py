from __future__ import annotations

import datetime as dt
import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_online.papers import cents, entry, invoice, line

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office
    from transfer_ledger.documents import SalesInvoice

RESOURCES = {"sales_invoice": "SalesInvoices", "sales_order": "SalesOrders", "sales_entry": "SalesEntries"}


def paper(form: str, **more: Any) -> SalesInvoice:
    """Return an invoice in a form."""
    return entry(**more) if form == "sales_entry" else invoice(form=form, **more)


def gross(row: dict[str, Any]) -> Decimal:
    """Return what a document in Exact amounts to."""
    return cents(Decimal(row["AmountFC"]))


def lines(office: Office, kind: str = "SalesInvoiceLines") -> list[dict[str, Any]]:
    """Return the lines that Exact holds."""
    return office.held(kind)


@pytest.mark.parametrize("form", RESOURCES)
def test_each_form_arrives(office: Office, form: str) -> None:
    """A document arrives in the form it asks for, under our reference, to the cent, and the run ends well."""
    assert office.run(paper(form)) == 0
    (row,) = office.held(RESOURCES[form])
    assert (row["YourRef"], gross(row), row["PaymentCondition"]) == ("2026-0001", Decimal("242.00"), "30")
    assert office.open() == []


def test_an_invoice_is_a_concept_unless_told_otherwise(office: Office) -> None:
    """Without `definitive` a person processes it."""
    office.run(invoice())
    (row,) = office.held()
    assert (row["Status"], row.get("InvoiceNumber")) == (20, None)
    assert office.held("SalesEntries") == []


def test_a_definitive_invoice_is_processed_and_numbered(office: Office) -> None:
    """With `definitive` Exact books it on the invoice date under a number of its own."""
    assert office.run(invoice(definitive=True)) == 0
    (row,) = office.held()
    assert row["Status"] == 50
    assert row["InvoiceDate"].startswith("2026-11-02")
    (booked,) = office.held("SalesEntries")
    assert booked["EntryNumber"] == row["InvoiceNumber"]


def test_an_entry_keeps_the_number(office: Office) -> None:
    """A numeric number is kept as entry and invoice number when the document asks for it."""
    assert office.run(entry(number="26700007", keep_number=True)) == 0
    (row,) = office.held("SalesEntries")
    assert (row["EntryNumber"], row["InvoiceNumber"], row["YourRef"]) == (26700007, 26700007, "2026-0001")


def test_an_order_keeps_the_number(office: Office) -> None:
    """The number of an order can be chosen too."""
    assert office.run(invoice(form="sales_order", number="4711", keep_number=True)) == 0
    (row,) = office.held("SalesOrders")
    assert row["OrderNumber"] == 4711


def test_a_number_that_exact_does_not_keep_is_said(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Exact may ignore the number; then both numbers are in the log and the document is not sent again."""
    office.reset(entry_number="ignored")
    with caplog.at_level(logging.WARNING):
        assert office.run(entry(number="26700007", keep_number=True)) == 0
    (row,) = office.held("SalesEntries")
    assert row["EntryNumber"] != 26700007
    assert f"Exact Online gave it {row['EntryNumber']}" in caplog.text


@pytest.mark.parametrize("form", RESOURCES)
def test_a_credit_note_arrives_negative(office: Office, form: str) -> None:
    """A credit is negative in every form, and an invoice knows that it is one."""
    minus = line(quantity=Decimal(-2), amount=Decimal(-200), gl_account="8000" if form == "sales_entry" else None)
    assert office.run(paper(form, type="credit_note", lines=[minus])) == 0
    (row,) = office.held(RESOURCES[form])
    assert gross(row) == Decimal("-242.00")
    if form == "sales_invoice":
        assert row["Type"] == 8021


def test_credit_lines_can_be_positive(office: Office) -> None:
    """Where Exact turns the lines of a credit note round by itself, they are sent positive."""
    office.reset(credit_note_sign="negated")
    minus = line(quantity=Decimal(-2), amount=Decimal(-200))
    assert office.run(invoice(type="credit_note", lines=[minus]), credit_lines="positive") == 0
    assert [gross(row) for row in office.held()] == [Decimal("-242.00")]


def test_a_line_that_does_not_multiply_keeps_its_amount(office: Office) -> None:
    """A seven-decimal quantity goes as 1 x amount, with what was counted in the notes."""
    odd = line(quantity=Decimal("0.3333333"), unit_price=Decimal("95.50"), amount=Decimal("31.84"), unit="uur")
    assert office.run(invoice(lines=[odd])) == 0
    (row,) = lines(office)
    assert [cents(Decimal(row[name])) for name in ("Quantity", "NetPrice", "AmountFC")] == [
        1,
        Decimal("31.84"),
        Decimal("31.84"),
    ]
    assert "0.3333333 uur x 95.5 = 31.84" in row["Notes"]


def test_exact_rounds_vat_by_line(office: Office) -> None:
    """With the rounding that Exact turns out to have, the prediction is right to the cent."""
    office.reset(vat_rounding="line")
    thirds = [line(quantity=Decimal(1), unit_price=Decimal("0.33"), amount=Decimal("0.33")) for _ in range(3)]
    document = invoice(lines=thirds)
    document.totals.vat, document.totals.gross = Decimal("0.21"), Decimal("1.20")
    assert office.run(document, vat_rounding="line") == 0
    assert [gross(row) for row in office.held()] == [Decimal("1.20")]


def test_an_answer_that_differs_is_told_and_not_sent_again(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """When Exact computes other totals than predicted, a person is told; the document stays the only one."""
    office.reset(vat_rounding="line")
    cents_only = [line(quantity=Decimal(1), unit_price=Decimal("0.12"), amount=Decimal("0.12")) for _ in range(10)]
    with caplog.at_level(logging.INFO):
        assert office.run(invoice(lines=cents_only)) == 1
    assert "vat is 0.25 here and 0.30 there" in caplog.text
    office.run(invoice(lines=cents_only))
    assert len(office.held()) == 1


def test_foreign_currency(office: Office) -> None:
    """Amounts are booked in the invoice's own currency; an entry takes the rate along."""
    assert office.run(entry(currency="USD", exchange_rate=Decimal("0.9"))) == 0
    (row,) = office.held("SalesEntries")
    assert (row["Currency"], gross(row), cents(Decimal(row["AmountDC"]))) == (
        "USD",
        Decimal("242.00"),
        Decimal("217.80"),
    )


def test_long_and_odd_texts_stand_whole_somewhere(office: Office) -> None:
    """What a description cannot hold stands whole in the notes; emoji and quotes stay, control characters go."""
    long = "Vervanging 'switch' \U0001f50c\x00 " + "lange omschrijving " * 20
    assert office.run(invoice(description=long, lines=[line(description=long, notes="Regel\r\n2")])) == 0
    (row,), (head,) = lines(office), office.held()
    whole = long.replace("\x00", "").strip()
    assert row["Notes"] == f"{whole}\nRegel\n2"
    assert len(row["Description"]) <= 60
    assert row["Description"].endswith("…")
    assert head["Remarks"] == whole
    assert head["Description"] == row["Description"]


def test_the_period_of_a_line(office: Office) -> None:
    """An invoice shows the period of a line; an entry gets it only when told, since it spreads the revenue."""
    period = {"from_date": dt.date(2026, 11, 1), "to_date": dt.date(2026, 11, 30)}
    office.run(invoice(lines=[line(**period)]), entry(2, lines=[line(gl_account="8000", **period)]))
    assert lines(office)[0]["EndTime"].startswith("2026-11-30")
    assert lines(office, "SalesEntryLines")[0].get("To") is None
    office.run(entry(3, lines=[line(gl_account="8000", **period)]), entry_periods=True)
    assert [row["To"][:10] for row in lines(office, "SalesEntryLines") if row.get("To")] == ["2026-11-30"]


def test_vat_amounts_of_an_entry_can_be_ours(office: Office) -> None:
    """A VAT amount that Exact would compute otherwise is sent when the setting says so."""
    odd = line(gl_account="8000", vat_amount=Decimal("42.01"))
    document = entry(lines=[odd])
    document.totals.vat, document.totals.gross = Decimal("42.01"), Decimal("242.01")
    assert office.run(document, entry_vat_amounts=True) == 0
    assert [gross(row) for row in office.held("SalesEntries")] == [Decimal("242.01")]


def test_dimensions_and_units(office: Office) -> None:
    """Cost centre, cost unit, unit and G/L account of a line arrive."""
    office.run(invoice(lines=[line(cost_center="SD", cost_unit="100", unit="uur", gl_account="8010")]))
    (row,) = lines(office)
    account = next(account for account in office.held("GLAccounts") if account["Code"] == "8010")
    assert (row["CostCenter"], row["CostUnit"], row["UnitCode"], row["GLAccount"]) == (
        "SD",
        "100",
        "uur",
        account["ID"],
    )


def test_a_voided_invoice_is_taken_back(office: Office) -> None:
    """An invoice that is voided after its transfer is credited once, to the cent."""
    office.run(invoice(), invoice(2))
    voided = invoice(voided=True, when_voided="credit", void_date=dt.date(2026, 11, 9))
    assert office.run(voided) == 0
    assert office.run(voided) == 0
    assert sorted((row["YourRef"], gross(row)) for row in office.held()) == [
        ("2026-0001", Decimal("242.00")),
        ("2026-0001-void", Decimal("-242.00")),
        ("2026-0002", Decimal("242.00")),
    ]
