"""What the conditions of a table row can ask about a goods receipt and its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.facts import Fact, flag, names, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mapper_autotask_exact.facts import Row


def order_of(record: Row) -> Row:
    """Return the purchase order of a receipt."""
    order: Row = record.get("purchase_order") or {}
    return order


def vendor_of(record: Row) -> Row:
    """Return the supplier of a receipt."""
    vendor: Row = order_of(record).get("vendor") or {}
    return vendor


def is_for_customer(record: Row) -> bool:
    """Tell whether the goods go to the customer they are bought for: name or postcode and street are theirs."""
    order = order_of(record)
    customer = order.get("purchase_for") or {}
    if not customer:
        return False
    name = _same(order.get("shipToName"), customer.get("companyName"))
    street = _same(order.get("shipToAddress1"), customer.get("address1"))
    return name or (street and _same(order.get("shipToPostalCode"), customer.get("postalCode")))


def _same(one: Any, other: Any) -> bool:
    texts = ["".join(str(value or "").split()).casefold() for value in (one, other)]
    return bool(texts[0]) and texts[0] == texts[1]


def _order(read: Callable[[Row], tuple[str, ...]]) -> Callable[[Row], tuple[str, ...]]:
    return lambda record: read(order_of(record))


def _term(order: Row) -> tuple[str, ...]:
    label = (order.get("labels") or {}).get("paymentTerm")
    return tuple(str(value) for value in (label, order.get("paymentTerm")) if value is not None)


def _person(record: Row) -> tuple[str, ...]:
    person = record.get("received_by") or {}
    name = " ".join(str(person[part]) for part in ("firstName", "lastName") if person.get(part))
    return tuple(str(value) for value in (name, person.get("email"), person.get("userName")) if value)


RECEIPT_FACTS: dict[str, Fact] = {
    "vendor": Fact("supplier's name", _order(names("vendor", "companyName"))),
    "vendor_number": Fact("supplier's company number", _order(names("vendor", "companyNumber"))),
    "country": Fact(
        "supplier's country: code or name",
        lambda record: names("country", "countryCode", "displayName", "name")(vendor_of(record)),
    ),
    "vendor_in": Fact("where the supplier's country is: `home`, `eu` or `world`; see `home_country`", lambda _: ()),
    "has_vat_number": Fact(
        "whether the supplier has a tax ID", lambda record: flag(vendor_of(record).get("taxID")), flag=True
    ),
    "payment_term": Fact("payment term of the purchase order", _order(_term)),
    "currency": Fact("currency of the purchase order: EUR, USD …", _order(names("currency", "name"))),
    "order_number": Fact(
        "number of the purchase order, or the one it has elsewhere",
        lambda record: (
            value_of("purchaseOrderNumber")(order_of(record)) + value_of("externalPONumber")(order_of(record))
        ),
    ),
    "purchase_for": Fact(
        "the customer it is bought for", _order(names("purchase_for", "companyName", "companyNumber"))
    ),
    "ship_to": Fact("name of the place it is sent to", _order(value_of("shipToName"))),
    "for_customer": Fact(
        "whether it is sent to that customer: the place has their name, or their street and postcode",
        lambda record: flag(is_for_customer(record)),
        flag=True,
    ),
    "first": Fact("whether it is the first receipt of its order", lambda record: flag(record.get("first")), flag=True),
    "takes_back": Fact("whether it takes goods back", lambda _: (), flag=True),
    "received_by": Fact("who received it: name, e-mail address or user name", _person),
}

LINE_FACTS: dict[str, Fact] = {
    "product": Fact("product: SKU or name", names("product", "sku", "name")),
    "billing_code": Fact(
        "billing code of the product: name or number", names("billing_code", "name", "externalNumber")
    ),
    "charge": Fact("name of the charge it is ordered for", names("charge", "name")),
    "location": Fact("inventory location", names("inventory_location", "locationName")),
    "project": Fact("project: name or number", names("project", "projectName", "projectNumber")),
    "contract": Fact("contract: name or number", names("contract", "contractName", "contractNumber")),
    "ticket": Fact("ticket number", names("ticket", "ticketNumber")),
    "serialised": Fact(
        "whether each piece has a serial number",
        lambda item: flag((item.get("product") or {}).get("isSerialized")),
        flag=True,
    ),
    "freight": Fact("whether it is the line with the freight", lambda item: flag(item.get("freight_line")), flag=True),
}
