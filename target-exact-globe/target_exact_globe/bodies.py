"""Orders as entity services take them: pure functions to the bodies of lines and header.

Names are those of the PU415 entity reference (omniboost/go-exactglobe-webservices), which writes ``Itemcode`` on sales
order lines and ``ItemCode`` on all others, and ``TranscationDate`` for an invoice's date.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from target_exact_globe.orders import Order, OrderLine

Body = dict[str, Any]


class Entities(NamedTuple):
    """The pair of entities of one kind of document, and what its properties are called."""

    header: str
    line: str
    number: str
    party: str
    reference: str
    descriptions: tuple[str, ...]
    dates: tuple[str, ...]
    item: str
    text: str
    net: str
    vat: str
    gross: str = "TotalAmount"


ENTITIES = {
    "sales_order": Entities(
        header="SalesOrderHeader",
        line="SalesOrderLine",
        number="SalesOrderNumber",
        party="OrderDebtor",
        reference="YourReference",
        descriptions=("Reference", "Description1", "Description2", "Description3"),
        dates=("SalesOrderDate", "DeliveryDate"),
        item="Itemcode",
        text="LongDescription",
        net="TotalAmountExcludingVAT",
        vat="TotalVATAmount",
    ),
    "sales_invoice": Entities(
        header="InvoiceHeader",
        line="InvoiceLine",
        number="OurReference",
        party="OrderDebtor",
        reference="YourReference",
        descriptions=("Reference", "Description1", "Description2", "Description3"),
        dates=("SalesOrderDate", "TranscationDate", "DeliveryDate"),
        item="ItemCode",
        text="LongDescription",
        net="TotalAmountExclVAT",
        vat="TotalVAT",
    ),
    "purchase_order": Entities(
        header="PurchaseOrderHeader",
        line="PurchaseOrderLine",
        number="PurchaseOrderNumber",
        party="OrderedAt",
        reference="Description",
        descriptions=("Description1", "Description2", "Description3"),
        dates=("PurchaseOrderDate", "DeliveryDate"),
        item="ItemCode",
        text="Instruction",
        net="TotalAmountExclVAT",
        vat="TotalVAT",
    ),
}


class Staged(NamedTuple):
    """What is written line by line: the bodies of lines and header, all without the key that holds them together."""

    line: str
    lines: list[Body]
    header: str
    body: Body


def staged(order: Order) -> Staged:
    """Return an order as it is written."""
    names = ENTITIES[order.kind]
    return Staged(names.line, [line_body(order, line) for line in order.lines], names.header, header_body(order))


def header_body(order: Order) -> Body:
    """Return the body that makes a document of the lines that wait."""
    names = ENTITIES[order.kind]
    return _filled(
        {
            names.party: order.party.number or order.party.code,
            names.reference: order.reference,
            **dict(zip(names.descriptions, order.descriptions, strict=False)),
            **dict.fromkeys(names.dates, _date(order.date)),
            names.number: None if order.number is None else str(order.number),
            "CurrencyCode": order.currency,
            "PaymentCondition": order.payment_condition,
            "Warehouse": order.warehouse,
            "Resource": order.resource,
            "SelectionCode": order.selection_code,
            "InvoiceCode": order.invoice_code,
            **{f"FreeField{number}": text for number, text in enumerate(order.remarks, 1)},
        }
    )


def line_body(order: Order, line: OrderLine) -> Body:
    """Return the body that stages one line."""
    names = ENTITIES[order.kind]
    return _filled(
        {
            names.item: line.item,
            "Description": line.description,
            names.text: line.text,
            "Quantity": line.quantity,
            "Unit": line.unit if order.kind != "sales_invoice" else None,
            "Price": line.price,
            "VATCode": line.vat_code,
            "Warehouse": line.warehouse,
            "CostCenter": line.cost_center,
            "CostUnit": line.cost_unit,
            "Project": line.project,
            "DeliveryDate": _date(line.delivery_date),
        }
    )


def readable(order: Order) -> Body:
    """Return header and lines as they would be sent, for a dry run."""
    written = staged(order)
    return {**written.body, f"{written.line}s": written.lines}


def _date(day: dt.date | None) -> str | None:
    return None if day is None else dt.datetime.combine(day, dt.time()).isoformat()


def _filled(body: Body) -> Body:
    return {name: value for name, value in body.items() if value not in (None, "")}
