"""What the conditions of a table row can ask about a company of Autotask or an account of Exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.facts import COMPANY_TYPES, Fact, flag, names, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mapper_autotask_exact.facts import Row

RELATIONS = {"C": "customer", "P": "prospect", "S": "suspect"}
"""Accounts.Status (Exact Online REST documentation, crm/Accounts); A is none of these."""


def _label(field: str) -> Callable[[Row], tuple[str, ...]]:
    """Read the label of a picklist field, and its number."""
    return lambda record: tuple(
        str(value) for value in ((record.get("labels") or {}).get(field), record.get(field)) if value is not None
    )


def _company_type(record: Row) -> tuple[str, ...]:
    found = _label("companyType")(record)
    known = COMPANY_TYPES.get(record.get("companyType"))
    return (known, *found) if known and len(found) == 1 else found


def _term(record: Row) -> tuple[str, ...]:
    return names("payment_term", "name")(record.get("invoice_template") or {})


def _udfs(record: Row) -> tuple[str, ...]:
    rows = record.get("userDefinedFields") or ()
    return tuple(f"{row.get('name')}={row['value']}" for row in rows if row.get("value") is not None)


def country_names(row: Any) -> tuple[str, ...]:
    """Return code and names of a Countries row."""
    return names("country", "countryCode", "displayName", "name")({"country": row})


COMPANY_FACTS: dict[str, Fact] = {
    "company": Fact("company name", value_of("companyName")),
    "company_number": Fact("company number", value_of("companyNumber")),
    "company_type": Fact("company type: Customer, Lead, Prospect, Vendor, Partner …", _company_type),
    "country": Fact("country: code or name", lambda record: country_names(record.get("country"))),
    "company_in": Fact("where that country is: `home`, `eu` or `world`; see `home_country`", lambda _: ()),
    "has_vat_number": Fact("whether there is a tax ID", lambda record: flag(record.get("taxID")), flag=True),
    "active": Fact("whether it is active", lambda record: flag(record.get("isActive") is not False), flag=True),
    "region": Fact("tax region", names("tax_region", "name")),
    "payment_term": Fact("payment term of its invoice template", _term),
    "template": Fact("invoice template", names("invoice_template", "name")),
    "currency": Fact("currency: EUR, USD …", names("currency", "name")),
    "classification": Fact("classification", _label("classification")),
    "category": Fact("company category", _label("companyCategoryID")),
    "market_segment": Fact("market segment", _label("marketSegmentID")),
    "territory": Fact("territory", _label("territoryID")),
    "parent": Fact("name of the parent company", names("parent", "companyName")),
    "udf": Fact("user-defined fields, each as `Name=value`", _udfs),
}


def relations(record: Row) -> tuple[str, ...]:
    """Return what an account is: customer, prospect or suspect, and supplier."""
    found = RELATIONS.get(str(record.get("Status") or "").strip())
    return tuple(word for word in (found, "supplier" if record.get("IsSupplier") else None) if word)


def _classes(record: Row) -> tuple[str, ...]:
    rows = record.get("classifications") or ()
    return tuple(str(row[name]) for row in rows for name in ("Code", "Description") if row.get(name))


def _active(record: Row) -> tuple[str, ...]:
    return flag(not record.get("Blocked"))


ACCOUNT_FACTS: dict[str, Fact] = {
    "account": Fact("account name", value_of("Name")),
    "account_code": Fact("account code", value_of("Code")),
    "status": Fact('any of `customer`, `prospect`, `suspect` and `supplier`; `""`: none of these', relations),
    "country": Fact("two-letter code of the country", value_of("Country")),
    "account_in": Fact("where that country is: `home`, `eu` or `world`; see `home_country`", lambda _: ()),
    "has_vat_number": Fact("whether there is a VAT number", lambda record: flag(record.get("VATNumber")), flag=True),
    "active": Fact("whether it is not blocked", _active, flag=True),
    "payment_condition": Fact(
        "payment condition for sales: code or description", names("payment_condition_sales", "Code", "Description")
    ),
    "currency": Fact("currency for sales: EUR, USD …", value_of("SalesCurrency")),
    "language": Fact("language", value_of("Language")),
    "classification": Fact("classification: code or description", _classes),
    "account_manager": Fact("name of the account manager", value_of("AccountManagerFullName")),
}
