from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tap_exact_online import odata
from target_exact_online.customers import Account, body
from target_exact_online.payloads import attachment_body, document_body, holder_body, print_body
from target_exact_online.preflight import PreparedInvoice
from tests.target_exact_online.papers import INVOICE_DATE, entry, invoice, line
from tests.target_exact_online.shelf import DEFAULTS
from transfer_ledger.amounts import Priced
from transfer_ledger.documents import Address, Attachment, Partner, SalesInvoice

IDS = {"item": "item-id", "gl_account": "gl-id", "project": "project-id", "vat_code": "vat-id", "cost_center": "cc-id"}


def sent(
    document: SalesInvoice, *, uneven: bool = False, attachment: str | None = None, **settings: Any
) -> dict[str, Any]:
    """Return the body for a document whose codes are resolved to the ids above."""
    prices = [
        Priced(Decimal(1), one.amount, uneven=True) if uneven else Priced(one.quantity, one.unit_price, uneven=False)
        for one in document.lines
    ]
    ids = [{name: row_id for name, row_id in IDS.items() if getattr(one, name)} for one in document.lines]
    prepared = PreparedInvoice(customer_id="account-id", account=Account("account-id"), ids=ids, prices=prices)
    return document_body(document, prepared, DEFAULTS | settings, customer_id="account-id", attachment_id=attachment)


FULL = line(
    notes="ticket 7",
    unit="uur",
    cost_center="SD",
    cost_unit="100",
    project="P1",
    gl_account="8000",
    vat_amount=Decimal("42.00"),
    from_date=dt.date(2026, 11, 1),
    to_date=dt.date(2026, 11, 30),
)
HEADER: dict[str, Any] = {
    "remarks": "Met dank",
    "due_date": dt.date(2026, 12, 2),
    "exchange_rate": Decimal("0.9"),
    "number": "26700007",
    "keep_number": True,
    "lines": [FULL],
}
DIMENSIONS = {
    "Description": "Arbeid",
    "VATCode": "2",
    "CostCenter": "SD",
    "CostUnit": "100",
    "Project": "project-id",
    "Notes": "ticket 7",
}


def test_sales_invoice() -> None:
    """An invoice has its codes by code, its references by id, and the quantity and price of its lines."""
    assert sent(invoice(**HEADER), attachment="file-id") == {
        "YourRef": "2026-0001",
        "Description": "November",
        "Currency": "EUR",
        "PaymentCondition": "30",
        "DueDate": dt.date(2026, 12, 2),
        "Document": "file-id",
        "OrderedBy": "account-id",
        "Journal": "70",
        "Type": 8020,
        "OrderDate": INVOICE_DATE,
        "InvoiceDate": INVOICE_DATE,
        "Remarks": "Met dank",
        "SalesInvoiceLines": [
            {
                **DIMENSIONS,
                "Item": "item-id",
                "GLAccount": "gl-id",
                "Quantity": Decimal(2),
                "NetPrice": Decimal(100),
                "UnitCode": "uur",
                "StartTime": dt.date(2026, 11, 1),
                "EndTime": dt.date(2026, 11, 30),
            }
        ],
    }


def test_sales_order() -> None:
    """An order has no journal and no due date; its number can be asked for."""
    order = sent(invoice(form="sales_order", **HEADER))
    assert order["OrderNumber"] == 26700007
    assert not {"Journal", "DueDate", "Type", "InvoiceDate", "Document"} & set(order)
    assert order["SalesOrderLines"][0]["Item"] == "item-id"
    assert "StartTime" not in order["SalesOrderLines"][0]


def test_sales_entry() -> None:
    """An entry is booked by amount on a G/L account, and keeps remarks in the notes of its first line."""
    booked = sent(entry(**HEADER))
    assert booked["SalesEntryLines"] == [
        {
            **DIMENSIONS,
            "Notes": "Met dank\nticket 7",
            "GLAccount": "gl-id",
            "AmountFC": Decimal(200),
            "Quantity": Decimal(2),
        }
    ]
    assert [booked[name] for name in ("Customer", "EntryDate", "EntryNumber", "InvoiceNumber", "Rate")] == [
        "account-id",
        INVOICE_DATE,
        26700007,
        26700007,
        Decimal("0.9"),
    ]
    assert not {"Remarks", "OrderedBy", "Type"} & set(booked)


@pytest.mark.parametrize(
    ("setting", "columns"),
    [
        ({"entry_vat_amounts": True}, {"VATAmountFC": Decimal("42.00")}),
        ({"entry_periods": True}, {"From": dt.date(2026, 11, 1), "To": dt.date(2026, 11, 30)}),
        ({}, {}),
    ],
    ids=["VAT amounts", "periods", "neither"],
)
def test_what_an_entry_sends_only_when_told(setting: dict[str, Any], columns: dict[str, Any]) -> None:
    """VAT amounts replace Exact's, and periods spread the revenue: both only by a setting."""
    (booked,) = sent(entry(**HEADER), **setting)["SalesEntryLines"]
    assert {name: value for name, value in booked.items() if name in ("VATAmountFC", "From", "To")} == columns


@pytest.mark.parametrize(
    ("form", "credit_lines", "quantity"),
    [
        ("sales_invoice", "negative", -2),
        ("sales_invoice", "positive", 2),
        ("sales_order", "positive", -2),
    ],
)
def test_sign_of_credit_lines(form: Any, credit_lines: str, quantity: int) -> None:
    """The sign of a credit note's lines is a setting for invoices; orders have negative lines always."""
    minus = line(quantity=Decimal(-2), amount=Decimal(-200))
    body = sent(invoice(form=form, type="credit_note", lines=[minus]), credit_lines=credit_lines)
    (row,) = body["SalesInvoiceLines" if form == "sales_invoice" else "SalesOrderLines"]
    assert (row["Quantity"], row["NetPrice"]) == (quantity, Decimal(100))
    assert body.get("Type") == (8021 if form == "sales_invoice" else None)


def test_an_uneven_line_keeps_what_was_counted() -> None:
    """What is sent as 1 x amount says in its notes how much there was, at which price."""
    odd = line(quantity=Decimal("0.3333333"), unit_price=Decimal("95.50"), amount=Decimal("31.84"), notes="ticket 7")
    (row,) = sent(invoice(lines=[odd]), uneven=True)["SalesInvoiceLines"]
    assert (row["Quantity"], row["NetPrice"]) == (1, Decimal("31.84"))
    assert row["Notes"] == "ticket 7\n0.3333333 x 95.5 = 31.84"


def test_what_is_empty_is_not_sent() -> None:
    """Exact fills in what is left out, so nothing empty is sent."""
    body = sent(invoice(description="", payment_condition=None, journal=None))
    assert not {"Description", "PaymentCondition", "Journal", "Remarks", "Document", "DueDate"} & set(body)
    assert None not in body["SalesInvoiceLines"][0].values()


def test_amounts_are_written_digit_for_digit() -> None:
    """The body on the wire holds amounts as numbers without a detour over floating point."""
    odd = line(unit_price=Decimal("0.10"), quantity=Decimal(3), amount=Decimal("0.30"))
    wire = odata.encode(sent(invoice(lines=[odd])))
    assert b'"Quantity":3,"NetPrice":0.10' in wire
    assert b'"InvoiceDate":"2026-11-02"' in wire


def test_processing() -> None:
    """Processing sends no mail unless told, and a layout only when one is set."""
    assert print_body("id", INVOICE_DATE, DEFAULTS) == {
        "InvoiceID": "id",
        "InvoiceDate": INVOICE_DATE,
        "SendEmailToCustomer": False,
    }
    told = print_body("id", None, DEFAULTS | {"email_invoices": True, "document_layout": "layout-id"})
    assert told == {"InvoiceID": "id", "SendEmailToCustomer": True, "DocumentLayout": "layout-id"}


def test_attachments() -> None:
    """The holder belongs to the customer, and a file goes into it as it is."""
    assert holder_body(invoice(), "subject", "account-id", DEFAULTS) == {
        "Subject": "subject",
        "Type": 55,
        "Account": "account-id",
        "DocumentDate": INVOICE_DATE,
    }
    file = Attachment(file_name="F\x001.pdf", content_type="application/pdf", data="JVBERg==")
    assert attachment_body(file, "holder-id") == {
        "Document": "holder-id",
        "FileName": "F1.pdf",
        "Attachment": "JVBERg==",
    }


def test_account() -> None:
    """A new account is a customer under its own padded code; what does not fit stands whole in the remarks."""
    customer = Partner(
        id="100",
        name="Stichting tot Behoud van het Nederlandse Cultureel Erfgoed in Utrecht",
        code="K999",
        vat_number="NL001234560B01",
        phone="+31 (0)30 123 45 67 89",
        email="info@erfgoed.example",
        address=Address(line1="Straat 1", postcode="3511 AA", city="Utrecht", state="Utrecht", country="NL"),
    )
    assert body(customer) == {
        "Code": "              K999",
        "Name": "Stichting tot Behoud van het Nederlandse Culturee…",
        "Status": "C",
        "AddressLine1": "Straat 1",
        "Postcode": "3511 AA",
        "City": "Utrecht",
        "Country": "NL",
        "VATNumber": "NL001234560B01",
        "Email": "info@erfgoed.example",
        "Remarks": "Stichting tot Behoud van het Nederlandse Cultureel Erfgoed in Utrecht\n"
        "Phone: +31 (0)30 123 45 67 89\nState: Utrecht",
    }
