"""A document as Globe takes it, before it becomes JSON or XML: the same for both routes, so that they agree."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
import textwrap
from decimal import Decimal  # noqa: TC003 - likewise
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from target_exact_globe import characters, numbers
from transfer_ledger import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transfer_ledger.amounts import Priced
    from transfer_ledger.documents import Line, PurchaseOrder, SalesInvoice
    from transfer_ledger.documents import OrderLine as PurchaseLine

Kind = Literal["sales_order", "sales_invoice", "purchase_order"]

LINE_DESCRIPTION = 60
DESCRIPTION_ROOM: dict[str, tuple[int, ...]] = {
    "sales_order": (20, 20, 20, 20),
    "sales_invoice": (30, 20, 20, 20),
    "purchase_order": (20, 20, 20),
}
"""Characters of the descriptions in a header (PU415 entity reference); that of a purchase order holds our reference."""
REFERENCE_LENGTH = {"sales_order": 30, "sales_invoice": 30, "purchase_order": 20}
"""Of YourReference, and of a purchase order's Description."""
PRICE_DECIMALS = {"sales_order": 3, "sales_invoice": 4, "purchase_order": 4}
QUANTITY_DECIMALS = {"sales_order": 3, "sales_invoice": 4, "purchase_order": 3}
"""Decimals that the entities hold (PU415 entity reference)."""
INVOICE_TEXT, INSTRUCTION = 125, 160
"""Of InvoiceLine.LongDescription, and of PurchaseOrderLine.Instruction; a sales order line's text has no length."""
REMARKS = (75, 75, 75)
"""Of FreeField1 to 3 in an order's header."""


class Party(msgspec.Struct, kw_only=True, frozen=True):
    """The debtor or creditor: its code, and its number when Globe was asked."""

    code: str
    number: str | None = None


class OrderLine(msgspec.Struct, kw_only=True, frozen=True):
    """One line; ``quantity`` times ``price`` is its amount to the cent."""

    item: str
    quantity: Decimal
    price: Decimal
    description: str
    text: str | None = None
    """What the description has no room for, and the notes."""
    vat_code: str | None = None
    unit: str | None = None
    warehouse: str | None = None
    cost_center: str | None = None
    cost_unit: str | None = None
    project: str | None = None
    delivery_date: dt.date | None = None


class Order(msgspec.Struct, kw_only=True, frozen=True):
    """A header with its lines."""

    kind: Kind
    reference: str
    party: Party
    date: dt.date | None
    currency: str
    lines: list[OrderLine]
    letter: str | None = None
    """The type of an order in a file; None: the usual one of its kind."""
    number: int | None = None
    """The number that Globe is asked to use; None: its own."""
    descriptions: list[str] = []
    payment_condition: str | None = None
    warehouse: str | None = None
    resource: int | None = None
    selection_code: str | None = None
    invoice_code: str | None = None
    remarks: list[str] = []
    """Free texts of a purchase order, three of 75 characters."""
    said: list[str] = []
    """What does not arrive as it was: characters that were replaced, texts that were cut."""


class Writer:
    """Fits texts to Globe, and notes what it changed."""

    def __init__(self, rule: characters.Rule) -> None:
        self.rule = rule
        self.said: list[str] = []

    def text(self, field: str, value: str | None) -> str:
        """Return a text of which every character arrives; what could not stay is noted."""
        unfit = characters.strangers(value or "", self.rule)
        if unfit:
            shown = " ".join(characters.spelled(one) for one in unfit[:8])
            self.said.append(f"{field}: {shown} is sent as {characters.replaced(''.join(unfit[:8]), self.rule)!r}")
        return texts.text(characters.replaced(value or "", self.rule))

    def cut(self, field: str, value: str | None, length: int) -> str | None:
        """Return a text of at most this length; what is cut is noted."""
        if value is None or texts.width(value) <= length:
            return value
        self.said.append(f"{field}: cut to {length} characters, Globe has no room for more")
        return texts.short(value, length)[0]


def spread(text: str, room: Sequence[int]) -> tuple[list[str], str]:
    """Return a text on one line, divided between words over several fields; and what there is no room for."""
    rest, parts = texts.one_line(text), list[str]()
    for length in room:
        if not rest:
            break
        first = _first_words(rest, length)
        parts.append(first)
        rest = rest[len(first) :].strip()
    return parts, rest


def _first_words(text: str, length: int) -> str:
    """Return as many words as fit, or what fits of the first one; nothing when not even its first character does."""
    for room in range(length, 0, -1):
        first = textwrap.wrap(text, room, break_on_hyphens=False)[0]
        if texts.width(first) <= length:
            return first
    return ""


def sales_order(document: SalesInvoice, party: Party, prices: Sequence[Priced], settings: Mapping[str, Any]) -> Order:
    """Return a sales invoice or order as Globe takes it; all codes of it are checked already."""
    writer = Writer(settings["characters"])
    kind: Kind = "sales_invoice" if document.form == "sales_invoice" else "sales_order"
    description = writer.text("description", document.description)
    descriptions, rest = spread(description, DESCRIPTION_ROOM[kind])
    # A header has no room for remarks, nor for a long description, so they stand with the first line.
    remarks = texts.paragraphs(description if rest else "", writer.text("remarks", document.remarks))
    warehouse = settings.get("warehouse")
    lines = [
        _sales_line(writer, document, number, prices[number], warehouse, remarks if number == 0 else None)
        for number in range(len(document.lines))
    ]
    writer.said += _left_out(document)
    return Order(
        kind=kind,
        reference=document.reference,
        party=party,
        date=document.invoice_date,
        currency=document.currency,
        lines=lines,
        number=numbers.sales_number(document, settings),
        descriptions=descriptions,
        payment_condition=document.payment_condition,
        warehouse=warehouse,
        resource=settings.get("resource"),
        selection_code=settings.get("selection_code"),
        invoice_code=settings.get("invoice_code") if kind == "sales_invoice" else None,
        said=writer.said,
    )


def _left_out(document: SalesInvoice) -> list[str]:
    """Return what an order in Globe has no place for."""
    said = []
    if document.exchange_rate is not None:
        said.append(f"exchange rate {document.exchange_rate:f} is not sent, Globe uses its own")
    if document.attachments:
        said.append(f"{', '.join(file.file_name for file in document.attachments)}: files are not sent")
    if document.definitive and document.form == "sales_invoice":
        said.append("it waits in Globe until a person processes it")
    return said


def _sales_line(
    writer: Writer, document: SalesInvoice, number: int, price: Priced, warehouse: str | None, remarks: str | None
) -> OrderLine:
    line, field = document.lines[number], f"line {number + 1}"
    description, rest = texts.short(writer.text(field, line.description), LINE_DESCRIPTION)
    counted = _counted(line, line.unit_price) if price.uneven else ""
    text = texts.paragraphs(remarks, rest, _period(line), writer.text(field, line.notes), counted)
    if document.form == "sales_invoice":
        text = writer.cut(field, text, INVOICE_TEXT)
    return OrderLine(
        item=line.item or "",
        quantity=price.quantity,
        price=price.price,
        description=description,
        text=text,
        vat_code=line.vat_code,
        unit=line.unit,
        warehouse=warehouse,
        cost_center=line.cost_center,
        cost_unit=line.cost_unit,
        project=line.project,
        delivery_date=document.invoice_date,
    )


def purchase_order(
    document: PurchaseOrder, party: Party, bought: Sequence[tuple[str, Priced]], settings: Mapping[str, Any]
) -> Order:
    """Return a purchase order as Globe takes it.

    Args:
        document: what was received.
        party: the supplier.
        bought: per line the code of its item, and quantity and price.
        settings: of the target.
    """
    writer = Writer(settings["characters"])
    warehouse = document.warehouse or settings.get("warehouse")
    description = writer.text("description", document.description)
    descriptions, rest = spread(description, DESCRIPTION_ROOM["purchase_order"])
    told = texts.paragraphs(description if rest else "", writer.text("remarks", document.remarks))
    remarks, left = spread(told or "", REMARKS)
    if left:
        writer.said.append(f"remarks: {left!r} is left out, Globe has no room for it")
    lines = [
        _purchase_line(writer, document, number, bought[number], warehouse) for number in range(len(document.lines))
    ]
    return Order(
        kind="purchase_order",
        reference=document.reference,
        party=party,
        date=document.order_date,
        currency=document.currency,
        lines=lines,
        letter=settings.get("purchase_order_type"),
        number=numbers.own_number(document.source, settings, numbers.PURCHASE_RANGE),
        descriptions=descriptions,
        payment_condition=document.payment_condition,
        warehouse=warehouse,
        resource=settings.get("resource"),
        selection_code=settings.get("selection_code"),
        remarks=remarks,
        said=writer.said,
    )


def _purchase_line(
    writer: Writer, document: PurchaseOrder, number: int, bought: tuple[str, Priced], warehouse: str | None
) -> OrderLine:
    line, field = document.lines[number], f"line {number + 1}"
    item, price = bought
    description, rest = texts.short(writer.text(field, line.description), LINE_DESCRIPTION)
    counted = _counted(line, line.unit_cost) if price.uneven else ""
    unknown = _unknown(line, item)
    if unknown:
        writer.said.append(f"{field}: Globe does not know {unknown}, so it goes as item {item}")
    parts = (writer.text(field, unknown), rest, writer.text(field, line.notes), counted)
    text = writer.cut(field, texts.paragraphs(*parts), INSTRUCTION)
    return OrderLine(
        item=item,
        quantity=price.quantity,
        price=price.price,
        description=description,
        text=text,
        vat_code=line.vat_code,
        unit=line.unit,
        warehouse=line.warehouse or warehouse,
        cost_center=line.cost_center,
        cost_unit=line.cost_unit,
        project=line.project,
        delivery_date=document.order_date,
    )


def _unknown(line: PurchaseLine, item: str) -> str:
    """Return the codes of goods that go under their fallback, for whoever reads the line in Globe."""
    codes = (line.item, line.supplier_item_code) if item == line.fallback_item != line.item else ()
    return " / ".join(code for code in codes if code)


def _period(line: Line) -> str:
    return " - ".join(str(day) for day in (line.from_date, line.to_date) if day is not None)


def _counted(line: Line | PurchaseLine, price: Decimal) -> str:
    unit = f" {line.unit}" if line.unit else ""
    return f"{line.quantity.normalize():f}{unit} x {price.normalize():f} = {line.amount:f}"
