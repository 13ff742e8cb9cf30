from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from mapper_autotask_exact.templates import Style, TemplateError, fill, first_filled, parse

INVOICE: dict[str, Any] = {
    "number": "10850",
    "orderNumber": None,
    "id": 1551,
    "comments": "a\0b",
    "invoiceDateTime": "2026-09-30T00:00:00.000Z",
    "company": {"companyName": "Voorbeeld BV", "userDefinedFields": [{"name": "ERP Debtor Code", "value": "D1"}]},
}
ITEM: dict[str, Any] = {
    "id": 7,
    "itemDate": "2026-09-11T00:00:00.000Z",
    "quantity": Decimal("1.5000000"),
    "nonBillable": 0,
    "extendedPrice": Decimal("1234.5"),
    "product": None,
    "labels": {"billingItemType": "Labor"},
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{number}", "10850"),
        ("{company.companyName}, {number}", "Voorbeeld BV, 10850"),
        ("{company.userDefinedFields[ERP Debtor Code]}", "D1"),
        ("{company[notYetKnown]}", ""),
        ("{labels.billingItemType} on {itemDate}", "Labor on 11-09-2026"),
        ("{invoiceDateTime:%Y%m}", "202609"),
        ("{quantity} or {quantity:.2f}", "1,5 or 1,50"),
        ("{nonBillable}", "0"),
        ("{extendedPrice:,.2f}", "1.234,50"),
        ("{id} of {invoice.id}, {invoice.company.companyName}", "7 of 1551, Voorbeeld BV"),
        ("{{literal}}", "{literal}"),
        ("{comments}", "ab"),
        ("{first_date}", "12-09-2026"),
    ],
)
def test_fields_are_filled_in(source: str, text: str) -> None:
    """A field gives its value as a person writes it, a line's own before the invoice's."""
    scopes = (INVOICE, {**ITEM, "first_date": dt.date(2026, 9, 12)})
    assert fill(parse(source, line=True), scopes)[0] == text


def test_dates_and_numbers_follow_the_style() -> None:
    """The settings say how dates and numbers are written."""
    template = parse("{itemDate} {quantity}", line=True, style=Style("%Y-%m-%d", "."))
    assert fill(template, (INVOICE, ITEM)) == ("2026-09-11 1.5", [])


def test_empty_fields_are_named() -> None:
    """What has no value is left blank and named, also below a row that is not there."""
    assert fill(parse("{orderNumber}{product.sku}!", line=True), (INVOICE, ITEM)) == (
        "!",
        ["orderNumber", "product.sku"],
    )


def test_the_first_filled_template_counts() -> None:
    """Of several templates the first whose fields all have a value counts; of one alone the blanks are accepted."""
    order, number = parse("Order {orderNumber}", line=False), parse("Invoice {number}", line=False)
    assert first_filled((order, number), (INVOICE,)) == "Invoice 10850"
    assert first_filled((order,), (INVOICE,)) == "Order"
    assert first_filled((order, order), (INVOICE,)) == ""
    assert first_filled((), (INVOICE,)) == ""


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("{product.skuu}", True, "{product.skuu}: product has no field 'skuu'; did you mean sku?"),
        ("{nummer}", False, "{nummer}: there is no field 'nummer'; did you mean number?"),
        ("{itemName}", False, "{itemName}: there is no field 'itemName'"),
        ("{number.sku}", False, "{number.sku}: number is a value, it has no field 'sku'"),
        ("{company.x}", False, "a field that is not known here is written {company[x]}"),
        ("{number", False, "write a literal brace twice: {{ or }}"),
        ("{}", False, "{} is no field name; write {field}, {row.field} or {row[field]}"),
        ("{number!r}", False, "leave out !r"),
        ("{quantity:.x}", True, "write for instance {quantity:.2f}"),
    ],
)
def test_mistakes_are_found_before_anything_is_read(source: str, line: bool, message: str) -> None:  # noqa: FBT001
    """A field that does not exist, or a stray brace, is an error that says what to write."""
    with pytest.raises(TemplateError) as caught:
        parse(source, line=line)
    assert message in str(caught.value)
