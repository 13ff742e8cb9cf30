"""Codes that must be there: which property refers to what, and what may not be used.

What the vendor's schema marks as keys is what an order refers to (tim-online/go-exactglobe, eExact-Schema.xsd); that an
unknown or blocked one is refused follows from that, the texts are *inferred*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.exact_globe.errors import blocked, invalid, mandatory, missing

if TYPE_CHECKING:
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row


class Reference(NamedTuple):
    """Where the row is that a property names."""

    entity: str
    column: str


REFERENCES = {
    "CostCenter": Reference("CostCenter", "Code"),
    "CostUnit": Reference("CostUnit", "Code"),
    "CurrencyCode": Reference("Currency", "CurrencyCode"),
    "DeliveryDebtor": Reference("Account", "DebtorNumber"),
    "DeliveryMethod": Reference("ShippingMethod", "ShippingMethodProperty"),
    "InvoiceDebtor": Reference("Account", "DebtorNumber"),
    "InvoiceCountry": Reference("Country", "Code"),
    "DeliveryCountry": Reference("Country", "Code"),
    "MailingCountry": Reference("Country", "Code"),
    "PostalCountry": Reference("Country", "Code"),
    "PaymentCondition": Reference("PaymentCondition", "PaymentConditionCode"),
    "Project": Reference("Project", "ProjectNumber"),
    "Resource": Reference("Resource", "ID"),
    "SelectionCode": Reference("BrowserData.SelectionCode", "Code"),
    "ShippingVia": Reference("ShippingMethod", "ShippingMethodProperty"),
    "VATCode": Reference("VAT", "VATCode"),
    "VatCode": Reference("VAT", "VATCode"),
    "Warehouse": Reference("Warehouse", "Code"),
}
BLOCKED_STATUS = "B"
"""Of an account (tim-online/go-exactglobe, eExact-Schema.xsd, Account/@status)."""
USABLE_CONDITIONS = ("A", "D")
"""Of an item: active, and discontinued while stock lasts (*inferred*; eExact-Schema.xsd names the conditions)."""
BOTH = "B"


def check_references(company: Company, row: Row, names: frozenset[str] = frozenset(REFERENCES)) -> None:
    """Check that all codes of a row are there.

    Raises:
        Fault: One is not.
    """
    for name in row.keys() & names:
        if row[name] is not None and company.find(*REFERENCES[name], row[name]) is None:
            raise missing(name, row[name])


def check_mandatory(row: Row, names: tuple[str, ...]) -> None:
    """Check that something was sent for each name.

    Raises:
        Fault: One lacks.
    """
    for name in names:
        if row.get(name) is None:
            raise mandatory(name)


def account_of(company: Company, name: str, number: str, column: str, types: tuple[str, ...]) -> Row:
    """Return the account of a debtor or creditor number.

    Args:
        company: Where it is.
        name: The property that names it.
        number: As it is stored.
        column: DebtorNumber or CreditorNumber.
        types: What it may be.

    Raises:
        Fault: It is not there, of another type, or blocked.
    """
    account = company.find("Account", column, number)
    if account is None:
        raise missing(name, number)
    if account["CustomerType"] not in types:
        raise invalid(f"{name} (Type)", account["CustomerType"])
    if account["CustomerStatus"] == BLOCKED_STATUS or account.get("Blocked"):
        raise blocked(name, number)
    return account


def item_of(company: Company, name: str, code: str, use: str) -> Row:
    """Return an item that may be used.

    Args:
        company: Where it is.
        name: The property that names it.
        code: Its code.
        use: IsSalesItem or IsPurchaseItem.

    Raises:
        Fault: It is not there, or not for this use.
    """
    item = company.tables["Item"].get(code)
    if item is None:
        raise missing(name, code)
    if item["Condition"] not in USABLE_CONDITIONS or item.get("Blocked") == "1":
        raise blocked(name, code)
    if not item[use]:
        raise invalid(name, code)
    return item


def vat_of(company: Company, code: Any, side: str) -> Row:
    """Return a VAT code of the right side, "V" for sales and "I" for purchases.

    Raises:
        Fault: It is not there, or of the other side.
    """
    vat = company.find("VAT", "VATCode", code)
    if vat is None:
        raise missing("VATCode", code)
    if vat["SalesPurchase"] not in (side, BOTH):
        raise invalid("VATCode", code)
    return vat


def supplier_item(company: Company, account: Row, code: str) -> Row:
    """Return what is agreed with a supplier about an item; empty: nothing."""
    agreed = company.tables["ItemAccount"].find("ItemCode", [code])
    return next((row for row in agreed if row["AccountCode"] == account["ID"]), {})
