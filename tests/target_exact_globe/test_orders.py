"""Documents as orders, and orders as JSON and XML: pure functions."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from target_exact_globe import bodies, characters, tree
from target_exact_globe.elements import TOPICS, envelope, order_element, serialised
from target_exact_globe.orders import Order, OrderLine, Party, purchase_order, spread
from target_exact_globe.preflight import check
from target_exact_globe.purchases import check_purchase
from tests.target_exact_globe.papers import DEFAULTS, bought, invoice, purchase
from tests.target_exact_online.papers import line
from transfer_ledger import texts
from transfer_ledger.amounts import Priced, cents

if TYPE_CHECKING:
    from transfer_ledger.documents import PurchaseOrder

ANY_TEXT = st.text(st.characters(codec="utf-16") | st.characters(max_codepoint=0x9F))
amounts = st.decimals(min_value=-100_000, max_value=100_000, places=2, allow_nan=False)
quantities = st.decimals(min_value=-1000, max_value=1000, places=5, allow_nan=False)
CODES = st.text("ABC123-", min_size=1, max_size=8)


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """Draw an invoice with odd texts and amounts."""
    lines = [
        line(
            description=draw(ANY_TEXT),
            notes=draw(st.none() | ANY_TEXT),
            quantity=draw(quantities),
            unit_price=draw(amounts),
            amount=draw(amounts),
            unit=draw(st.none() | st.just("uur")),
            cost_center=draw(st.none() | CODES),
            from_date=draw(st.none() | st.dates(dt.date(2000, 1, 1))),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    form = draw(st.sampled_from(["sales_order", "sales_invoice"]))
    return invoice(lines=lines, form=form, description=draw(ANY_TEXT), remarks=draw(st.none() | ANY_TEXT))


def made(document: Any, **more: Any) -> Order:
    """Return the order that is made of a document where Globe cannot be asked."""
    prepared, findings = check(document, None, None, DEFAULTS | {"invoice_code": "1"} | more)
    assert prepared is not None, findings.problems
    return prepared.order


@settings(max_examples=60)
@given(documents(), st.sampled_from(["replace", "keep"]))
def test_every_file_is_valid(document: Any, rule: str) -> None:
    """Whatever a document says, its file is well formed and valid against the element tree, and reads back the same."""
    order = made(document, characters=rule)
    content = serialised(envelope(TOPICS[order.kind].name, [order_element(order)]))
    root = etree.fromstring(content)
    assert tree.violations(root) == []
    values = [Decimal(found.text or "") for found in root.iter("Value")]
    counts = [Decimal(found.text or "") for found in root.iter("Quantity")]
    told = [cents(value * count) for value, count in zip(values, counts, strict=True)]
    assert told == [cents(one.amount) for one in document.lines]
    if rule == "replace":
        content.decode().replace("\ufeff", "").encode("cp1252")


@settings(max_examples=60)
@given(documents())
def test_json_says_the_same_as_xml(document: Any) -> None:
    """Quantities, prices, codes and texts are the same over both routes."""
    order = made(document)
    root = order_element(order)
    names = bodies.ENTITIES[order.kind]
    for number, element in enumerate(root.iterfind("*[@lineNo]")):
        body = bodies.line_body(order, order.lines[number])
        assert body["Quantity"] == Decimal(element.findtext("Quantity") or "")
        assert body["Price"] == Decimal(element.findtext("Price/Value") or "")
        assert body[names.item] == element.find("Item").get("code")  # type: ignore[union-attr]
        assert body.get(names.text) == element.findtext("Text")
        assert body.get("Description") == element.findtext("Description")
    header = bodies.header_body(order)
    assert header["YourReference"] == root.findtext("YourRef")
    assert header.get("Reference") == root.findtext("Description")


@given(ANY_TEXT)
def test_replaced_texts_are_held_and_told(text: str) -> None:
    """A replaced text has only characters of Windows-1252, and a text of those alone stays as it is."""
    plain = characters.replaced(text, "replace")
    plain.encode("cp1252")
    assert (plain == unicodedata.normalize("NFC", text)) == (characters.strangers(text, "replace") == [])
    assert characters.strangers(plain, "replace") == []


@given(ANY_TEXT, st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_a_text_is_spread_and_nothing_is_lost(text: str, room: list[int]) -> None:
    """A text is divided over fields that it fits, and what has no room is given back."""
    parts, rest = spread(text, room)
    assert all(texts.width(part) <= length for part, length in zip(parts, room, strict=False))
    assert "".join("".join((*parts, rest)).split()) == "".join(texts.one_line(text).split())


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Één café à € 5, “ja”…", "Één café à € 5, “ja”…"),
        ("Łódź, Čapek, ﬁne", "Lódz, Capek, fine"),
        ("a → b ≥ c \u2212 d", "a -> b >= c - d"),
        ("klaar 👍🏽 ✔", "klaar ?? v"),
        ("nul\x00 bel\x07 del\x7f", "nul bel del"),
        ("日本", "??"),
        ("e\u0301", "é"),
        ("nul\u200bbreedte", "nulbreedte"),
        ("een\x0btwee\x85drie\u2028vier", "een\ntwee\ndrie\nvier"),
    ],
)
def test_characters_that_are_replaced(text: str, sent: str) -> None:
    """Marks and ligatures go, known signs are typed out, what has no plain form is a question mark."""
    assert characters.replaced(text, "replace") == sent


def test_a_purchase_order_is_of_type_b() -> None:
    """A purchase order has the creditor, our reference as its description, and purchase prices."""
    lines = [OrderLine(item="LAP", quantity=Decimal(2), price=Decimal("712.5"), description="Laptop", vat_code="5")]
    order = Order(
        kind="purchase_order",
        reference="AT-PO1043-R2",
        party=Party(code="600042", number="600042"),
        date=dt.date(2026, 3, 14),
        currency="EUR",
        lines=lines,
        warehouse="1",
        descriptions=["PO1043"],
    )
    root = envelope("Orders", [order_element(order)])
    assert tree.violations(root) == []
    assert root.find("Orders/Order[@type='B']/OrderedAt/Creditor[@code='600042'][@number='600042']") is not None
    assert (root.findtext(".//Order/Description"), root.findtext(".//Reference1")) == ("AT-PO1043-R2", "PO1043")
    assert root.find(".//OrderLine/Price[@type='P']/VAT[@code='5']") is not None
    assert bodies.header_body(order) == {
        "OrderedAt": "600042",
        "Description": "AT-PO1043-R2",
        "Description1": "PO1043",
        "PurchaseOrderDate": "2026-03-14T00:00:00",
        "DeliveryDate": "2026-03-14T00:00:00",
        "CurrencyCode": "EUR",
        "Warehouse": "1",
    }


BOTH_SIDES = "<OrderedBy><Debtor code='1'/></OrderedBy><OrderedAt><Creditor code='1'/></OrderedAt>"
FREE_TEXT = f"<FreeFields><FreeTexts><FreeText number='1'>{'f' * 76}</FreeText></FreeTexts></FreeFields>"
WRONG = [
    ("<Orders><Order type='V'><YourRef>x</YourRef><Description>y</Description></Order></Orders>", "stand before it"),
    ("<Orders><Order type='X'/></Orders>", "'X' is none of V, I, B, Q"),
    ("<Orders><Order/></Orders>", "Order/@type: is missing"),
    ("<Orders><Order type='V' colour='red'/></Orders>", "@colour: is no attribute of Order"),
    ("<Orders/><Orders/>", "Orders: stands there 2 times"),
    ("<Orders><Order type='V'><Date>1-2-2026</Date></Order></Orders>", "'1-2-2026' is no date"),
    ("<Orders><Order type='V'><Description>a description of 21</Description></Order></Orders>", None),
    ("<Orders><Order type='V'><Description>a description of 21!!</Description></Order></Orders>", "Globe holds 20"),
    ("<Orders><Order type='V'><OrderedBy><Date>2026-01-01</Date></OrderedBy></Order></Orders>", "Debtor: is missing"),
    ("<Orders><Order type='V'><Nonsense/></Order></Orders>", "is no element of Order"),
    ("<Orders><Order type='V'>text</Order></Orders>", "holds text beside its elements"),
    ("<Orders><Order type='V'><OrderLine><Quantity>1,5</Quantity></OrderLine></Order></Orders>", "'1,5' is no float"),
    (f"<Invoices><Invoice type='V'><Reference1>{'r' * 21}</Reference1></Invoice></Invoices>", "Globe holds 20"),
    (f"<Invoices><Invoice type='V'><Description>{'d' * 21}</Description></Invoice></Invoices>", None),
    (f"<Orders><Order type='V'>{FREE_TEXT}</Order></Orders>", "Globe holds 75"),
    ("<Accounts/><Orders/>", None),
    ("<Orders/><Accounts/>", "must stand before it"),
    (f"<Orders><Order type='V'>{BOTH_SIDES}</Order></Orders>", "where it may hold one of them"),
]


@pytest.mark.parametrize(("inside", "said"), WRONG)
def test_the_tree_refuses_what_it_does_not_allow(inside: str, said: str | None) -> None:
    """Order, attributes, types, counts and lengths are judged, each with the path of the element."""
    found = tree.violations(etree.fromstring(f"<eExact>{inside}</eExact>"))
    if said is None:
        assert [one for one in found if "is missing" not in one] == []
    else:
        assert any(said in one for one in found), found


def test_an_order_of_a_document_says_what_it_changed() -> None:
    """What is cut or left out stands in what the order says of itself."""
    document = invoice(form="sales_invoice", lines=[line(notes="lang " * 40)], description="woord☺ " * 30)
    order = made(document)
    assert [said.partition(":")[0] for said in order.said] == ["description", "line 1"]
    assert len(order.lines[0].text or "") <= 125


def bought_in(document: PurchaseOrder) -> Order:
    """Return the order that is made of a purchase where Globe cannot be asked."""
    prepared, findings = check_purchase(document, None, None, DEFAULTS)
    assert prepared is not None, findings.problems
    return prepared.order


@settings(max_examples=60)
@given(ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, min_size=1, max_size=3))
def test_every_file_of_a_purchase_is_valid(description: str, remarks: str, said: list[str]) -> None:
    """Texts of any kind and length make a valid file that Windows-1252 holds; what was replaced is told."""
    document = purchase(
        description=description * 9, remarks=remarks, lines=[bought(description=one, notes=one * 9) for one in said]
    )
    order = bought_in(document)
    content = serialised(envelope("Orders", [order_element(order)]))
    assert tree.violations(etree.fromstring(content)) == []
    content.decode().encode("cp1252")
    told = {one.partition(":")[0] for one in order.said}
    unfit = {f"line {number}" for number, one in enumerate(said, 1) if characters.strangers(one, "replace")}
    assert told.issuperset(unfit | ({"description"} if characters.strangers(description, "replace") else set()))


def test_goods_under_a_fallback_are_named() -> None:
    """Who reads the line in Globe sees which goods it does not know, and the log says it."""
    line = bought(item="NEW-1", supplier_item_code="V-7", fallback_item="INKOOP", notes="S/N 12")
    price = Priced(Decimal(2), Decimal(200), uneven=False)
    order = purchase_order(purchase(lines=[line]), Party(code="600"), [("INKOOP", price)], DEFAULTS)
    assert order.lines[0].text == "NEW-1 / V-7\nS/N 12"
    assert order.said == ["line 1: Globe does not know NEW-1 / V-7, so it goes as item INKOOP"]


def test_a_description_without_room_stands_in_the_text() -> None:
    """What a header has no room for stands whole with the first line."""
    description = "Onderhoud van alle werkplekken en servers in november 2026 voor alle vestigingen"
    order = made(invoice(description=description, remarks="Uw order 7"))
    assert order.descriptions == ["Onderhoud van alle", "werkplekken en", "servers in november", "2026 voor alle"]
    assert order.lines[0].text == f"{description}\nUw order 7"
