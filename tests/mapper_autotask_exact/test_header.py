from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.mapper_autotask_exact.records import MINIMAL, ROUNDING, VAT_CODES, line, mapped, only_problem, record


def test_source_and_key() -> None:
    """A document tells where it comes from, so that it can be found again and opened."""
    source = mapped(web_url="https://autotask.example/1551", offered=12).source
    assert (source.system, source.tenant, source.stream, source.id) == (
        "autotask",
        "123456",
        "expanded_invoices",
        "1551",
    )
    assert (source.url, source.offered) == ("https://autotask.example/1551", 12)


def test_a_record_of_an_unknown_tenant_is_a_problem() -> None:
    """Without the tenant a document could be taken for that of another Autotask."""
    assert only_problem(mapped(tenant=None)).field == "source.tenant"


@pytest.mark.parametrize(
    ("settings", "form"),
    [
        ({}, "sales_invoice"),
        ({"form": "sales_order"}, "sales_order"),
        ({"form": [{"company_type": "Vendor", "form": "sales_entry"}, {"form": "sales_order"}]}, "sales_order"),
        ({"form": [{"company_type": "customer", "form": "sales_entry"}, {"form": "sales_order"}]}, "sales_entry"),
        ({"form": [{"country": "NL", "form": "sales_entry"}]}, "sales_entry"),
        ({"form": [{"company_number": "D1*", "form": "sales_entry"}]}, "sales_entry"),
    ],
)
def test_the_form_is_one_for_all_or_by_table(settings: dict[str, Any], form: str) -> None:
    """What is made is one form for all invoices, or the form of the first row that fits."""
    assert mapped(with_settings=settings).form == form


def test_a_table_without_a_fitting_row_is_a_problem() -> None:
    """An invoice that no row of the form's table fits is not guessed at."""
    problem = only_problem(mapped(with_settings={"form": [{"country": "BE", "form": "sales_order"}]}))
    assert (problem.field, problem.setting, problem.value) == ("form", "invoices.form", "country: NL")


def test_the_journal_can_differ_for_credits() -> None:
    """A table gives credits and foreign customers a journal of their own."""
    journals = {"journal": [{"credit": True, "journal": "71"}, {"currency": "USD", "journal": "72"}, {"journal": "70"}]}
    credit = mapped(line(extendedPrice=Decimal(-10)), with_settings=journals)
    assert (credit.journal, credit.rules["journal"]) == ("71", "invoices.journal[0]")
    assert mapped(currency={"name": "USD"}, with_settings=journals).journal == "72"
    assert mapped(with_settings=journals).journal == "70"


def test_an_invoice_without_a_number_takes_its_id() -> None:
    """Autotask shows the id where there is no number; the settings can make that a problem."""
    assert mapped(invoiceNumber=None).number == "1551"
    assert mapped(invoiceNumber=" ").reference == "1551"
    problem = only_problem(mapped(invoiceNumber="", with_settings={"missing_number": "problem"}))
    assert problem.setting == "invoices.missing_number"


@pytest.mark.parametrize(("number", "fits"), [("26700123", True), ("F-2026-1", False)])
def test_a_kept_number_has_digits_only(number: str, fits: bool) -> None:  # noqa: FBT001
    """A number that Exact is to keep must be one that Exact can hold."""
    document = mapped(invoiceNumber=number, with_settings={"form": "sales_entry", "keep_number": True})
    assert document.keep_number
    assert [problem.setting for problem in document.problems] == ([] if fits else ["invoices.keep_number"])


def test_a_sales_invoice_cannot_keep_its_number() -> None:
    """Exact numbers sales invoices itself, so keeping the number there is a problem of the row that wants it."""
    keep = [{"country": "NL", "keep_number": True}, {"keep_number": False}]
    settings = {"form": [{"country": "NL", "form": "sales_invoice"}, {"form": "sales_entry"}], "keep_number": keep}
    assert only_problem(mapped(with_settings=settings)).setting == "invoices.keep_number[0]"


def test_the_reference_is_one_line() -> None:
    """Doubled blanks, line ends and what cannot be seen leave the reference, since Exact does not keep them."""
    assert mapped(invoiceNumber=" A  1\t0\r\n\x07\u200e2").reference == "A 1 0 2"


def test_the_reference_must_be_there() -> None:
    """A reference that comes out empty is a problem, for by it the document is found again."""
    assert only_problem(mapped(with_settings={"reference": "{orderNumber}"})).setting == "invoices.reference"
    assert mapped(with_settings={"reference": "AT-{id}"}).reference == "AT-1551"


def test_dates_do_not_shift() -> None:
    """Dates are those that Autotask shows, whatever the time zone."""
    document = mapped(invoiceDateTime="2026-03-29T00:00:00Z", dueDate="2026-10-25T00:00:00.000Z")
    assert (document.invoice_date, document.due_date) == (dt.date(2026, 3, 29), dt.date(2026, 10, 25))
    assert mapped(with_settings={"due_date": "payment_condition"}).due_date is None


@pytest.mark.parametrize("value", [None, "soon"])
def test_an_invoice_without_a_date_is_a_problem(value: str | None) -> None:
    """An invoice date that is missing or no date is named."""
    assert only_problem(mapped(invoiceDateTime=value)).field == "invoice_date"


def test_texts_follow_their_templates() -> None:
    """Description and remarks come from templates, of which the first that can be filled counts."""
    settings = {"description": "Factuur {number}", "remarks": ["{comments}", "Order {orderNumber}"]}
    document = mapped(orderNumber="PO-1", with_settings=settings)
    assert (document.description, document.remarks) == ("Factuur 10850", "Order PO-1")
    assert mapped(with_settings=settings).remarks is None


def test_the_customer_is_who_autotask_says() -> None:
    """The customer carries the company's key, code, number and address."""
    company = {
        **record()["company"],
        "phone": " +31 20 555 0100 ",
        "webAddress": "",
        "address1": "Keizersgracht 100",
        "city": "Amsterdam\0",
        "userDefinedFields": [{"name": "KvK", "value": "12345678"}, {"name": "Debtor", "value": "99"}],
    }
    settings = {
        "customer": {
            "code": "{company.userDefinedFields[Debtor]}",
            "chamber_of_commerce": "{company.userDefinedFields[KvK]}",
        }
    }
    customer = mapped(company=company, with_settings=settings).customer
    assert (customer.id, customer.code, customer.vat_number, customer.chamber_of_commerce) == (
        "29683412",
        "99",
        "NL001234567B01",
        "12345678",
    )
    assert (customer.phone, customer.website, customer.address.city) == ("+31 20 555 0100", None, "Amsterdam")
    assert mapped(with_settings={"customer": {"code": "{companyID}"}}).customer.code == "29683412"


def test_a_company_that_cannot_be_seen_is_a_problem() -> None:
    """Without the company nobody can be invoiced."""
    assert [problem.field for problem in mapped(company=None).problems] == ["customer"]


@pytest.mark.parametrize(
    ("table", "term", "code"),
    [
        ([{"payment_term": "14 dagen", "code": "14"}], {"name": "14 Dagen"}, "14"),
        ([{"payment_term": "", "code": "00"}], None, "00"),
        ([{"payment_term": "14 dagen", "code": "14"}, {"code": "30"}], {"name": "Na afspraak"}, "30"),
        ([{"code": ""}], {"name": "Na afspraak"}, None),
        (None, {"name": "Na afspraak"}, None),
    ],
)
def test_payment_conditions(table: list[dict[str, Any]] | None, term: dict[str, str] | None, code: str | None) -> None:
    """The term gives the condition, a row without a term is the default, and without a table Exact decides."""
    settings = {} if table is None else {"payment_conditions": table}
    document = mapped(payment_term=term, with_settings=settings)
    assert (document.payment_condition, document.problems) == (code, [])


def test_an_unmapped_payment_term_is_a_problem() -> None:
    """A term that no row knows is named, not dropped."""
    settings = {"payment_conditions": [{"payment_term": "14 dagen", "code": "14"}]}
    problem = only_problem(mapped(payment_term={"name": "Na afspraak"}, with_settings=settings))
    assert (problem.field, problem.value, problem.setting) == (
        "payment_condition",
        "payment_term: Na afspraak",
        "invoices.payment_conditions",
    )


def test_currencies() -> None:
    """A currency can have another code, be forbidden, or be missing from the table or the record."""
    table = {
        "currencies": [{"currency": "EUR"}, {"currency": "GBP", "code": "LIB"}, {"currency": "USD", "allowed": False}]
    }
    assert mapped(with_settings=table).currency == "EUR"
    assert mapped(currency={"name": "GBP"}, with_settings=table).currency == "LIB"
    assert (
        only_problem(mapped(currency={"name": "USD"}, with_settings=table)).setting == "invoices.currencies[2].allowed"
    )
    assert only_problem(mapped(currency={"name": "CHF"}, with_settings=table)).setting == "invoices.currencies"
    assert mapped(currency={"name": "CHF"}).currency == "CHF"
    assert only_problem(mapped(currency=None)).field == "currency"


def test_the_exchange_rate_comes_from_the_lines() -> None:
    """On request the rate is what Autotask used between the lines' own and internal amounts."""
    dollars = {"currency": {"name": "USD", "isInternalCurrency": False}}
    item = line(extendedPrice=Decimal(100), internalCurrencyExtendedPrice=Decimal("92.1234567"))
    wanted = {"exchange_rate": "autotask"}
    assert mapped(item, **dollars, with_settings=wanted).exchange_rate == Decimal("0.921235")
    assert mapped(item, **dollars).exchange_rate is None
    assert mapped(item, with_settings=wanted).exchange_rate is None
    assert only_problem(mapped(**dollars, with_settings=wanted)).setting == "invoices.exchange_rate"


@pytest.mark.parametrize(
    ("policy", "kind", "problems"),
    [("credit_note", "credit_note", []), ("invoice", "invoice", []), ("problem", "credit_note", ["totals.net"])],
)
def test_a_negative_total(policy: str, kind: str, problems: list[str]) -> None:
    """A total below zero becomes a credit note, stays an invoice, or is a problem, as the settings say."""
    document = mapped(line(extendedPrice=Decimal("-142.5")), with_settings={"credit_notes": {"negative_total": policy}})
    assert (document.type, [problem.field for problem in document.problems]) == (kind, problems)
    assert document.totals.gross == Decimal("-172.43")


def test_mixed_lines() -> None:
    """An invoice with lines above and below zero is fine unless the settings forbid it."""
    lines = line(id=1, extendedPrice=Decimal(10)), line(id=2, extendedPrice=Decimal(-4))
    assert mapped(*lines).problems == []
    problem = only_problem(mapped(*lines, with_settings={"credit_notes": {"mixed_lines": "problem"}}))
    assert problem.setting == "invoices.credit_notes.mixed_lines"


@pytest.mark.parametrize("policy", ["credit", "report", "ignore"])
def test_a_voided_invoice_has_no_problems(policy: str) -> None:
    """A voided invoice is never made, so that nothing fits it is no problem; its lines may be gone from Autotask."""
    document = mapped(
        isVoided=True,
        voidedDate="2026-10-02T09:12:44.083Z",
        taxRegionName="Caribisch",
        billing_items=[],
        with_settings={"voids": policy},
    )
    assert (document.voided, document.when_voided, document.void_date) == (True, policy, dt.date(2026, 10, 2))
    assert document.problems == []


@pytest.mark.parametrize(
    ("row", "skipped"),
    [
        ({"number": "1085*"}, True),
        ({"company": "Voorbeeld BV"}, True),
        ({"template": "Proforma"}, False),
    ],
)
def test_invoices_can_be_left_out(row: dict[str, str], skipped: bool) -> None:  # noqa: FBT001
    """An invoice on the skip list travels on with the reason, and without problems."""
    document = mapped(taxRegionName="Caribisch", with_settings={"skip": [row]})
    assert document.skip == ("left out by invoices.skip[0]" if skipped else None)
    assert bool(document.problems) is not skipped


@pytest.mark.parametrize(
    ("policy", "pdf", "attached", "problems"),
    [
        ("attach", True, 1, 0),
        ("attach", False, 0, 0),
        ("require", True, 1, 0),
        ("require", False, 0, 1),
        ("leave", True, 0, 0),
    ],
)
def test_the_pdf_goes_along(policy: str, pdf: bool, attached: int, problems: int) -> None:  # noqa: FBT001
    """Autotask's PDF is attached when the tap brings it, unless the settings leave it out or demand it."""
    file = {"fileName": "Invoice 10850.pdf", "contentType": "application/pdf", "data": "JVBERi0xLjQK"}
    document = mapped(invoice_pdf=file if pdf else None, with_settings={"invoice_pdf": policy})
    assert (len(document.attachments), len(document.problems)) == (attached, problems)


def test_every_gap_is_named_at_once() -> None:
    """All that is missing for an invoice stands in its problems, not only the first."""
    document = mapped(
        line(id=1, billing_code={"name": "Hardware"}, product=None),
        line(id=2, tax_category={"name": "Onbekend"}),
        payment_term={"name": "Na afspraak"},
        invoiceTotal=Decimal(1000),
        with_settings={"payment_conditions": [{"payment_term": "14 dagen", "code": "14"}], "rounding": ROUNDING},
    )
    assert [problem.setting for problem in document.problems] == [
        "invoices.items[0].item",
        "invoices.vat_codes",
        "invoices.rounding.max_amount",
        "invoices.payment_conditions",
    ]


def test_minimal_settings_need_only_two_tables() -> None:
    """VAT codes and items are enough to map an invoice."""
    assert set(MINIMAL) == {"journal", "vat_codes", "items"}
    assert mapped(with_settings={"journal": [], "vat_codes": VAT_CODES}).problems == []
