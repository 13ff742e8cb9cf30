"""Records as the tap gives them, with the settings to map them, small enough to see what a test is about."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import invoices
from mapper_autotask_exact.settings import InvoiceSettings, load

if TYPE_CHECKING:
    from transfer_ledger.documents import Problem, SalesInvoice

VAT_CODES: list[dict[str, Any]] = [
    {"region": "NL", "tax_category": "Hoog", "rate": 21, "code": "2"},
    {"region": "NL", "tax_category": "Laag", "rate": 9, "code": "1"},
    {"region": "NL", "rate": 0, "code": "4"},
    {"region": "EU", "rate": 0, "code": "6", "reverse_charge": True},
]
ROUNDING: dict[str, Any] = {"item": "AFRONDING", "gl_account": "9990", "vat_code": "4"}
ZERO_LINE: dict[str, Any] = {"extendedPrice": Decimal(0), "taxDollars": Decimal(0), "quantity": 1, "rate": 0}
"""What makes a billing item one of nothing."""
MINIMAL: dict[str, Any] = {
    "journal": "70",
    "vat_codes": VAT_CODES,
    "items": [
        {"billing_code": "Hardware", "item": "{product.sku}", "gl_account": "8020"},
        {"item": "ARBEID", "gl_account": "8000"},
    ],
}


def config(**changes: Any) -> dict[str, Any]:
    """Return the mapper's config: the least there must be, with changes."""
    return {"invoices": {**MINIMAL, **changes}}


def settings(**changes: Any) -> InvoiceSettings:
    """Return compiled settings: the least there must be, with changes."""
    compiled = load(config(**changes)).invoices
    assert compiled is not None
    return compiled


def line(**changes: Any) -> dict[str, Any]:
    """Return a billing item: an hour and a half of labour, 21 % VAT unless said otherwise."""
    item: dict[str, Any] = {
        "id": 1,
        "itemName": "T1 - VPN down",
        "description": "Tunnel restored",
        "itemDate": "2026-09-11T00:00:00.000Z",
        "quantity": Decimal("1.5"),
        "rate": 95,
        "extendedPrice": Decimal("142.5"),
        "nonBillable": 0,
        "labels": {"billingItemType": "Labor", "subType": "Labor"},
        "billing_code": {"id": 1, "name": "Werkzaamheden"},
        "tax_category": {"id": 1, "name": "Hoog"},
        **changes,
    }
    price = item["extendedPrice"]
    return {"taxDollars": None if price is None else price * Decimal("0.21"), **item}


def record(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a row of ``expanded_invoices`` whose totals are those of its lines, unless said otherwise."""
    lines = list(items) or [line()]
    return {
        "id": 1551,
        "invoiceNumber": "10850",
        "companyID": 29683412,
        "invoiceDateTime": "2026-09-30T00:00:00.000Z",
        "dueDate": "2026-10-14T00:00:00.000Z",
        "fromDate": "2026-09-01T00:00:00.000Z",
        "toDate": "2026-09-30T00:00:00.000Z",
        "invoiceTotal": sum((item["extendedPrice"] or 0 for item in lines), Decimal(0)),
        "totalTaxValue": sum((item["taxDollars"] or 0 for item in lines), Decimal(0)),
        "taxRegionName": "NL",
        "company": {
            "id": 29683412,
            "companyName": "Voorbeeld BV",
            "companyNumber": "D10042",
            "companyType": 1,
            "taxID": "NL001234567B01",
            "country": {"countryCode": "NL", "displayName": "Nederland"},
        },
        "currency": {"name": "EUR", "isInternalCurrency": True},
        "payment_term": {"name": "14 dagen"},
        "invoice_template": {"name": "Standaard"},
        "billing_items": lines,
        "tenant": "123456",
        **changes,
    }


def mapped(*items: dict[str, Any], with_settings: dict[str, Any] | None = None, **changes: Any) -> SalesInvoice:
    """Return the document of such a record."""
    return invoices.document(record(*items, **changes), settings(**(with_settings or {})))


def only_problem(document: SalesInvoice) -> Problem:
    """Return the one problem of a document."""
    (problem,) = document.problems
    return problem
