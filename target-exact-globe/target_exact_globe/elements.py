"""Orders and invoices as eExact elements, in the order of the vendor's schema.

The letters: order type V is a sales order and B a purchase order (enumeration of the schema; public generators write B
with ``OrderedAt``), price type S is a sales price and P a purchase price.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_exact_globe.orders import Order, OrderLine, Party

Value = str | int | Decimal | dt.date | None

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "eExact-Schema.xsd"


class Topic(NamedTuple):
    """What an importer is told to import: the element under the root that holds one kind of document."""

    name: str
    document: str
    type: str


TOPICS = {
    "sales_order": Topic("Orders", "Order", "V"),
    "sales_invoice": Topic("Invoices", "Invoice", "V"),
    "purchase_order": Topic("Orders", "Order", "B"),
}
_DESCRIPTIONS = ("Description", "Reference1", "Reference2", "Reference3")


def envelope(topic: str, documents: Iterable[etree._Element]) -> etree._Element:
    """Return the eExact document that holds documents of one topic."""
    root = etree.Element("eExact", nsmap={"xsi": _INSTANCE})
    root.set(f"{{{_INSTANCE}}}noNamespaceSchemaLocation", SCHEMA)
    etree.SubElement(root, topic).extend(list(documents))
    return root


def serialised(root: etree._Element) -> bytes:
    """Return a document as the bytes of a file."""
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def order_element(order: Order) -> etree._Element:
    """Return the Order or Invoice element of a document."""
    topic = TOPICS[order.kind]
    element = etree.Element(topic.document, type=order.letter or topic.type)
    if order.kind == "sales_invoice" and order.invoice_code is not None:
        element.set("code", order.invoice_code)
    if order.number is not None:
        element.set("number", str(order.number))
    for name, text in zip(_DESCRIPTIONS, _described(order), strict=False):
        told(element, name, text)
    told(element, "YourRef", order.reference)
    told(element, "Date", order.date)
    add(element, "Currency", code=order.currency)
    if order.resource is not None:
        add(element, "Resource", number=order.resource)
    _parties(element, order)
    coded(element, "Warehouse", order.warehouse)
    coded(element, "PaymentCondition", order.payment_condition)
    coded(element, "Selection", order.selection_code)
    if order.remarks:
        free = add(add(element, "FreeFields"), "FreeTexts")
        for number, text in enumerate(order.remarks, 1):
            add(free, "FreeText", number=number).text = text
    for number, line in enumerate(order.lines, 1):
        element.append(_line(order, line, number))
    return element


def _described(order: Order) -> list[str]:
    """Return the header's descriptions; the first of a purchase order is our reference, by which it is found."""
    return [order.reference, *order.descriptions] if order.kind == "purchase_order" else order.descriptions


def _parties(element: etree._Element, order: Order) -> None:
    if order.kind == "purchase_order":
        ordered = add(element, "OrderedAt")
        _party(ordered, "Creditor", order.party)
        told(ordered, "Date", order.date)
        if order.warehouse is not None:
            coded(add(element, "DeliverTo"), "Warehouse", order.warehouse)
        return
    ordered = add(element, "OrderedBy")
    _party(ordered, "Debtor", order.party)
    told(ordered, "Date", order.date)


def _party(element: etree._Element, name: str, party: Party) -> None:
    added = add(element, name, code=party.code)
    if party.number is not None:
        added.set("number", party.number)


def _line(order: Order, line: OrderLine, number: int) -> etree._Element:
    element = etree.Element("InvoiceLine" if order.kind == "sales_invoice" else "OrderLine", lineNo=str(number))
    told(element, "Description", line.description)
    add(element, "Item", code=line.item)
    told(element, "Quantity", line.quantity)
    if line.unit:
        add(element, "Unit", unit=line.unit)
    price = add(element, "Price", type="P" if order.kind == "purchase_order" else "S")
    add(price, "Currency", code=order.currency)
    told(price, "Value", line.price)
    coded(price, "VAT", line.vat_code)
    if line.delivery_date is not None:
        told(add(element, "Delivery"), "Date", line.delivery_date)
    coded(element, "Warehouse", line.warehouse)
    coded(element, "Costcenter", line.cost_center)
    coded(element, "Costunit", line.cost_unit)
    coded(element, "Project", line.project)
    told(element, "Instruction" if order.kind == "purchase_order" else "Text", line.text)
    return element


def coded(element: etree._Element, name: str, code: str | None) -> None:
    """Add an element that is a code, where there is one."""
    if code:
        add(element, name, code=code)


def told(element: etree._Element, name: str, value: Value) -> None:
    """Add an element with a text, where there is one."""
    if value not in (None, ""):
        add(element, name).text = _written(value)


def add(element: etree._Element, name: str, **attributes: Value) -> etree._Element:
    """Add an element, whether it will hold anything or not."""
    return etree.SubElement(element, name, {key: _written(value) for key, value in attributes.items()})


def _written(value: Value) -> str:
    """Write a value: amounts with a point and without exponent, dates as CCYY-MM-DD."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)
