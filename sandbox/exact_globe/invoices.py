"""Sales invoices: what is checked besides the lines, and what a person does with them in Globe."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sandbox.exact_globe.errors import Fault, exists, mandatory, missing

if TYPE_CHECKING:
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

FIRST_INVOICE = 70001
SALES_JOURNAL = "70"
HISTORY = {
    "CurrencyCode": "CurrencyCode",
    "InvoiceDebtor": "InvoiceDebtor",
    "OrderDebtorName": "OrderDebtor",
    "PaymentCondition": "PaymentCondition",
    "SalesOrderDate": "OrderDate",
    "TotalAmount": "SalesPrice",
    "TranscationDate": "InvoiceDate",
    "YourReference": "YourReference",
}
"""Properties of InvoiceHeader, and what InvoiceHistoryHeader calls the same column (PU415 entity reference)."""
HISTORY_LINES = {
    "AmountInclDiscExclVAT": "AmountInclDiscExclVAT",
    "DeliveryDate": "DeliveryDate",
    "Description": "ItemDescription",
    "DiscountPercentage": "DiscountPercentage",
    "ItemCode": "ItemCode",
    "NetPrice": "SalesPrice",
    "Price": "NetPrice",
    "Quantity": "Quantity",
    "VATCode": "TaxCode",
}


def check_invoice(company: Company, header: Row) -> None:
    """Check series, period and number of an invoice.

    Raises:
        Fault: The invoice code lacks or is unknown, the number is taken (both *inferred*), or the period is closed
            (in Exact Online's words).
    """
    if header.get("InvoiceCode") is None:
        raise mandatory("InvoiceCode")
    if header["InvoiceCode"].strip() not in company.switches.invoice_codes:
        raise missing("InvoiceCode", header["InvoiceCode"])
    check_period(company, header["TranscationDate"])
    number = header.get("OurReference")
    if number is not None and (
        company.find("InvoiceHeader", "OurReference", number)
        or company.find("InvoiceHistoryHeader", "InvoiceNumber", f"{number.strip():>8}")
    ):
        raise exists("OurReference", number)


def number_invoice(company: Company, header: Row) -> Row:
    """Return an invoice with its number: the one that was sent, else the next."""
    if header.get("OurReference") is not None:
        return header
    return header | {"OurReference": str(company.next_number("invoices", FIRST_INVOICE))}


def check_period(company: Company, moment: dt.datetime) -> None:
    """Check that something can be booked on a day.

    Raises:
        Fault: Its period does not exist or is closed.
    """
    for period in company.tables["PeriodDate"]:
        if period["DateBegin"] <= moment < period["DateEnd"] + dt.timedelta(days=1):
            closed = company.switches.closed_until
            if closed is not None and period["DateEnd"].date() <= closed:
                raise Fault(f"Period is closed: {moment:%Y-%m-%d}", "TranscationDate")
            return
    raise Fault(f"Unknown: Financial year (Period-date table): {moment:%Y-%m-%d}", "TranscationDate")


def process(company: Company, header: Row, lines: list[Row]) -> None:
    """Do what a person does who processes an invoice: give it a number and move it to the history."""
    header = number_invoice(company, header)
    own = {"InvoiceNumber": f"{header['OurReference']:>8}", "JournalCode": SALES_JOURNAL}
    shown = {there: header[here] for here, there in HISTORY.items() if header.get(here) is not None}
    key = {"ID": company.next_number("InvoiceHistoryHeader"), "InvoiceType": header["InvoiceType"]}
    company.tables["InvoiceHistoryHeader"].put(shown | own | key)
    for line in lines:
        values = {there: line[here] for here, there in HISTORY_LINES.items() if line.get(here) is not None}
        place = {"ID": company.next_number("InvoiceHistoryLine"), "LineNumber": str(line["LineNumber"])}
        company.tables["InvoiceHistoryLine"].put(values | own | place | {"InvoiceDate": shown["InvoiceDate"]})
