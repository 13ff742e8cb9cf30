from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from target_exact_online.target import books
from tests.target_exact_online.papers import entry, invoice, line
from transfer_ledger.books import Booked, Taxed, read

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office

NOVEMBER = ("2026-11-01", "2026-11-30")


def held(office: Office, first: str = NOVEMBER[0], last: str = NOVEMBER[1], **settings: Any) -> list[Booked]:
    """Return what the program writes of a period."""
    path = office.folder / "settings.json"
    path.write_text(json.dumps(office.settings | settings))
    result = CliRunner().invoke(books, ["--config", str(path), "--from", first, "--until", last])
    assert result.exit_code == 0, result.output
    return list(read(result.stdout.encode().splitlines()))


def low(**more: Any) -> Any:
    """Return a line taxed at 9 %."""
    return line(vat_code="1", vat_rate=Decimal("0.09"), **more)


def test_each_form_is_told_once_with_its_vat_codes(office: Office) -> None:
    """Invoices, orders and entries of the period, each with customer, totals and what stands under each VAT code."""
    papers = [
        invoice(1, lines=[line(), low()], definitive=True),
        invoice(2, form="sales_order"),
        entry(3),
        invoice(4, invoice_date=dt.date(2026, 12, 1)),
    ]
    assert office.run(*papers) == 0
    found = {each.reference: each for each in held(office)}
    assert {ref: each.form for ref, each in found.items()} == {
        "2026-0001": "sales_invoice",
        "2026-0002": "sales_order",
        "2026-0003": "sales_entry",
    }
    first = found["2026-0001"]
    assert (first.customer_code, first.customer_name, first.currency) == ("K100", "'t Hoekje & Zn", "EUR")
    assert first.codes == {
        "1": Taxed(net=Decimal("200.00"), vat=Decimal("18.00")),
        "2": Taxed(net=Decimal("200.00"), vat=Decimal("42.00")),
    }
    assert (first.gross, first.open) == (Decimal("460.00"), Decimal("460.00"))
    assert found["2026-0003"].open == Decimal("242.00")
    assert found["2026-0002"].open is None


def test_what_stands_under_the_codes_adds_up_to_the_document(office: Office) -> None:
    """Exact rounds the VAT of each line, and that of the document once per code: the codes come to the document."""
    price = {"quantity": Decimal(1), "unit_price": Decimal("10.02"), "amount": Decimal("10.02")}
    for number, sign in ((1, 1), (2, -1)):
        signed = price | {"quantity": Decimal(sign), "amount": sign * price["amount"]}
        lines = [line(**signed), line(**signed), low(**signed)]
        kind = "invoice" if sign > 0 else "credit_note"
        assert office.run(invoice(number, type=kind, lines=lines)) == 0
        found = {each.reference: each for each in held(office)}[f"2026-000{number}"]
        assert found.codes == {
            "1": Taxed(net=sign * Decimal("10.02"), vat=sign * Decimal("0.90")),
            "2": Taxed(net=sign * Decimal("20.04"), vat=sign * Decimal("4.21")),
        }
        assert found.vat == sum(each.vat for each in found.codes.values())


def test_a_concept_can_not_be_paid_and_a_credit_is_negative(office: Office) -> None:
    """What is not processed has no open amount; a credit note has negative amounts whatever Exact's sign."""
    credit = [line(quantity=Decimal(-2), amount=Decimal(-200))]
    office.run(invoice(1), invoice(2, type="credit_note", lines=credit), entry(3, lines=[]), entry(4))
    found = {each.reference: each for each in held(office)}
    assert found["2026-0001"].open is None
    assert found["2026-0002"].gross == Decimal("-242.00")
    assert found["2026-0002"].codes["2"].net == Decimal("-200.00")


def test_what_was_made_by_hand_is_there(office: Office) -> None:
    """A document without a reference is told, and nothing outside the period."""
    office.run(entry(1))
    (row,) = office.held("SalesEntries")
    office.sandbox.put_row("exact_online", "SalesEntries", {"EntryID": row["EntryID"], "YourRef": None})
    (found,) = held(office)
    assert (found.reference, found.number) == ("", str(row["EntryNumber"]))
    assert held(office, "2026-10-01", "2026-10-31") == []


def test_a_right_that_lacks_ends_with_its_name(office: Office) -> None:
    """The program says what it could not read."""
    office.reset(forbidden={"Receivables": "Forbidden"})
    path = office.folder / "settings.json"
    path.write_text(json.dumps(office.settings))
    result = CliRunner().invoke(books, ["--config", str(path), "--from", NOVEMBER[0], "--until", NOVEMBER[1]])
    assert result.exit_code == 1
    assert "Receivables" in result.output
