"""What the conditions of a table row can ask about an invoice and its lines, in the words a bookkeeper sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from typing_extensions import override

from mapper_autotask_exact.templates import clean, plain

Row = Mapping[str, Any]

COMPANY_TYPES: dict[Any, str] = {
    1: "Customer",
    2: "Lead",
    3: "Prospect",
    4: "Dead",
    6: "Cancelation",
    7: "Vendor",
    8: "Partner",
}
"""Labels of Companies.companyType (the vendor's own Postman collection); a label in the record goes first."""

EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV"}
    | {"MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "EL"}
)
"""Member states; EL is how VAT numbers write Greece."""


class Fact(msgspec.Struct, frozen=True):
    """One thing a condition can ask: where it stands in a record, and what to tell the reader about it."""

    about: str
    read: Callable[[Row], tuple[str, ...]]
    flag: bool = False


class LineVat(msgspec.Struct, frozen=True):
    """The VAT of one line as Autotask computed it, which tells the rate."""

    amount: Decimal
    tax: Decimal
    tolerance: Decimal

    def fits(self, percentage: Decimal) -> bool:
        """Whether this rate gives this VAT; a line without amount and VAT fits any rate."""
        return abs(self.amount * percentage / 100 - self.tax) <= self.tolerance and bool(self.amount or not self.tax)

    @property
    def percentage(self) -> Decimal | None:
        """The rate, to a hundredth of a percent; None for a line without amount."""
        return (self.tax / self.amount * 100).quantize(Decimal("0.01")) if self.amount else None

    @override
    def __str__(self) -> str:
        return "any" if self.percentage is None else plain(self.percentage)


def normal(text: str) -> str:
    """Return a text as conditions compare it: trimmed, single spaces, no capitals."""
    return " ".join(clean(text).split()).casefold()


def names(row: str, *fields: str) -> Callable[[Row], tuple[str, ...]]:
    """Read fields of a row of the record; any of them may match."""
    return lambda record: tuple(str(value) for field in fields if (value := (record.get(row) or {}).get(field)))


def value_of(field: str) -> Callable[[Row], tuple[str, ...]]:
    """Read a field of the record itself."""
    return lambda record: (str(record[field]),) if record.get(field) else ()


def _label(field: str) -> Callable[[Row], tuple[str, ...]]:
    return lambda item: tuple(
        str(value) for value in ((item.get("labels") or {}).get(field), item.get(field)) if value is not None
    )


def _company_type(record: Row) -> tuple[str, ...]:
    company = record.get("company") or {}
    number = company.get("companyType")
    label = (company.get("labels") or {}).get("companyType") or COMPANY_TYPES.get(number)
    return tuple(str(value) for value in (label, number) if value is not None)


def _country(record: Row) -> tuple[str, ...]:
    return names("country", "countryCode", "displayName", "name")(record.get("company") or {})


def _contracts(record: Row) -> tuple[str, ...]:
    read = names("contract", "contractName", "contractNumber")
    return tuple(dict.fromkeys(name for item in record.get("billing_items") or () for name in read(item)))


def _department(item: Row) -> tuple[str, ...]:
    named = names("department", "name", "number")(item)
    return named or names("billing_code", "department")(item)


def flag(value: Any) -> tuple[str, ...]:
    """Return a yes or no as a condition compares it."""
    return ("true",) if value else ("false",)


HEADER_FACTS: dict[str, Fact] = {
    "company": Fact("company name", names("company", "companyName")),
    "company_number": Fact("company number", names("company", "companyNumber")),
    "company_type": Fact("company type: Customer, Lead, Prospect, Vendor, Partner …", _company_type),
    "country": Fact("customer's country: code or name", _country),
    "customer_in": Fact("where the customer's country is: `home`, `eu` or `world`; see `home_country`", lambda _: ()),
    "has_vat_number": Fact(
        "whether the company has a tax ID", lambda record: flag((record.get("company") or {}).get("taxID")), flag=True
    ),
    "region": Fact("tax region of the invoice", value_of("taxRegionName")),
    "payment_term": Fact("payment term", names("payment_term", "name")),
    "currency": Fact("currency of the invoice: EUR, USD …", names("currency", "name")),
    "template": Fact("invoice template", names("invoice_template", "name")),
    "number": Fact("invoice number", value_of("invoiceNumber")),
    "order_number": Fact("purchase order number of the invoice", value_of("orderNumber")),
    "credit": Fact("whether the invoice's total is negative", lambda _: (), flag=True),
    "contract": Fact("contract name or number; for a whole invoice: that of any of its lines", _contracts),
}

LINE_FACTS: dict[str, Fact] = {
    "billing_item_type": Fact("type of the line: Labor, Ticket Cost, Milestone …", _label("billingItemType")),
    "sub_type": Fact("subtype of the line", _label("subType")),
    "billing_code": Fact("billing code: name or external number", names("billing_code", "name", "externalNumber")),
    "tax_category": Fact("tax category", names("tax_category", "name")),
    "product": Fact("product: SKU or name", names("product", "sku", "name")),
    "service": Fact("recurring service", names("service", "name")),
    "service_bundle": Fact("recurring service bundle", names("service_bundle", "name")),
    "contract": Fact("contract name or number", names("contract", "contractName", "contractNumber")),
    "project": Fact("project name or number", names("project", "projectName", "projectNumber")),
    "role": Fact("role", names("role", "name")),
    "department": Fact(
        "department of the billing code: its id, or its name or number where the record holds them", _department
    ),
    "item_name": Fact("title of the line", value_of("itemName")),
    "non_billable": Fact(
        "whether the line is shown for information only", lambda item: flag(item.get("nonBillable")), flag=True
    ),
}


class Facts(dict[str, Any]):
    """The facts of one record, or of one line and its invoice; each is read when first asked."""

    def __init__(
        self,
        record: Row,
        header: Facts | None = None,
        known: Mapping[str, Fact] = HEADER_FACTS,
        of_line: Mapping[str, Fact] = LINE_FACTS,
    ) -> None:
        self.record = record
        self.header = header
        self.known = known
        self.of_line = of_line

    def __missing__(self, name: str) -> Any:
        if self.header is None:
            value = self.known[name].read(self.record)
        elif name in self.of_line:
            value = self.of_line[name].read(self.record)
        else:
            value = self.header[name]
        self[name] = value
        return value


def where(country: str | None, home: str) -> tuple[str, ...]:
    """Return whether a country code is home, elsewhere in the European Union, or in the rest of the world."""
    if not country:
        return ()
    if country.upper() == home.upper():
        return ("home",)
    return ("eu",) if country.upper() in EU else ("world",)


def shown(fact: Any) -> str:
    """Return a fact for a person: its first name, or nothing."""
    return str(fact) if isinstance(fact, LineVat) else next(iter(fact), "")


def text_test(wanted: list[str]) -> Callable[[Any], bool]:
    """Return a test for texts: equal to one of the wanted, ``*`` standing for any text; ``""`` for no value."""
    words = [normal(word) for word in wanted]
    exact = frozenset(word for word in words if "*" not in word)
    patterns = [re.compile(".*".join(map(re.escape, word.split("*"))), re.DOTALL) for word in words if "*" in word]

    def test(values: tuple[str, ...]) -> bool:
        if not values:
            return "" in exact
        texts = [normal(value) for value in values]
        return any(text in exact or any(pattern.fullmatch(text) for pattern in patterns) for text in texts)

    return test
