"""What the elements of an eExact record are called in Entity Services: both lead to the same columns.

The pairs follow the columns that the vendor's schema and entity reference name; of order headers and lines the schema
names none, and they are paired by meaning (*inferred*). Where two elements lead to one property the later one counts.
What is not listed is passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_globe.values import read_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from sandbox.exact_globe.catalogue import Entity
    from sandbox.exact_globe.switches import Switches
    from sandbox.store import Row

TRUE = {"true", "1"}
ACCOUNT = {
    "@code": "AccountCode",
    "@type": "CustomerType",
    "@status": "CustomerStatus",
    "Name": "AccountName",
    "Phone": "PhoneNumber",
    "Fax": "FaxNumber",
    "Email": "EmailAddress",
    "HomePage": "WebAddress",
    "Manager/@number": "AccountManagerID",
    "Debtor/@code": "DebtorCode",
    "Debtor/@number": "DebtorNumber",
    "Debtor/Currency/@code": "CurrencyCode",
    "Debtor/CreditLine": "CreditLine",
    "Debtor/DebtorInvoice/@number": "InvoiceDebtor",
    "Debtor/BankAccounts/BankAccount/@code": "BankAccount",
    "Creditor/@code": "CreditorCode",
    "Creditor/@number": "CreditorNumber",
    "Creditor/Currency/@code": "CurrencyCode",
    "Creditor/BankAccounts/BankAccount/@code": "BankAccount",
    "Creditor/CustomerCode": "CodeatSupplier",
    "VAT/@code": "VatCode",
    "VATNumber": "VATNumber",
    "ChamberOfCommerce": "ChamberofCommerceNumber",
    "PaymentCondition/@code": "PaymentCondition",
    "DunsNumber": "DunBradstreetNumber",
    "GLN": "GLN",
} | {f"FreeFields/FreeTexts/FreeText[@number='{number}']": f"TextFreeField{number}" for number in range(1, 6)}
CONTACT = {
    "LastName": "ContactLastName",
    "FirstName": "ContactFirstName",
    "MiddleName": "ContactMiddleName",
    "Initials": "ContactInitials",
    "@gender": "ContactGender",
    "Language/@code": "ContactLanguage",
    "JobDescription": "JobDescription",
    "Phone": "ContactPhoneNumber",
    "Email": "ContactEmail",
}
"""Of the default contact."""
ADDRESSES = {
    "V": (
        "MailingAddress1",
        "MailingAddress2",
        "MailingAddress3",
        "MailingPostcode",
        "MailingCity",
        "MailingState",
        "MailingCountry",
    ),
    "I": (
        "InvoiceAddress",
        "InvoiceAddress2",
        "InvoiceAddress3",
        "InvoiceAddressPostCode",
        "InvoiceCity",
        "InvoiceState",
        "InvoiceCountry",
    ),
    "D": (
        "DeliveryAddressline1",
        "DeliveryAddressline2",
        "DeliveryAddressline3",
        "DeliveryPostCode",
        "DeliveryCity",
        "DeliveryState",
        "DeliveryCountry",
    ),
    "P": (
        "PostalAddressLine1",
        "PostalAddressLine2",
        "PostalAddressLine3",
        "PostalPostCode",
        "PostalCity",
        "PostalState",
        "PostalCountry",
    ),
}
"""Types of addresses seen in use: visit, invoice, delivery, postal; that the mailing address is the visit address is
*inferred*."""
ADDRESS_PARTS = ("AddressLine1", "AddressLine2", "AddressLine3", "PostalCode", "City", "State/@code", "Country/@code")

_HEADER = {
    "DeliverTo/Warehouse/@code": "Warehouse",
    "Currency/@code": "CurrencyCode",
    "Rate": "CurrencyRate",
    "Resource/@number": "Resource",
    "Warehouse/@code": "Warehouse",
    "PaymentMethod/@code": "PaymentMethod",
    "PaymentCondition/@code": "PaymentCondition",
    "DeliveryMethod/@code": "ShippingVia",
    "Costcenter/@code": "CostCenter",
    "Selection/@code": "SelectionCode",
    "Reference1": "Description1",
    "Reference2": "Description2",
    "Reference3": "Description3",
    "IsUseAdditionalFields": "IsUseAdditionalFields",
}
_HEADER |= {f"FreeFields/FreeTexts/FreeText[@number='{number}']": f"FreeField{number}" for number in range(1, 6)}
_ADDITIONAL = {f"AdditionalFields/TextField{number:02}": f"AdditionalField{number:02}" for number in range(1, 11)}
_LINE = _ADDITIONAL | {
    "Description": "Description",
    "Quantity": "Quantity",
    "Unit/@unit": "Unit",
    "Price/Value": "Price",
    "Price/VAT/@code": "VATCode",
    "PriceList/@code": "PriceList",
    "Discount/Percentage": "DiscountPercentage",
    "Delivery/Date": "DeliveryDate",
    "Warehouse/@code": "Warehouse",
    "Costcenter/@code": "CostCenter",
    "Costunit/@code": "CostUnit",
    "Project/@code": "Project",
    "Instruction": "Instruction",
    "Text": "LongDescription",
}
_SALES = _ADDITIONAL | {
    "@partialdelivery": "PartialDelivery",
    "DeliverTo/Date": "DeliveryDate",
    "YourRef": "YourReference",
}
HEADERS: dict[str, dict[str, str]] = {
    "SalesOrderHeader": _HEADER
    | _SALES
    | {
        "@number": "SalesOrderNumber",
        "Description": "Reference",
        "OrderedBy/Date": "SalesOrderDate",
        "Date": "SalesOrderDate",
    },
    "PurchaseOrderHeader": _HEADER
    | _ADDITIONAL
    | {
        "@number": "PurchaseOrderNumber",
        "Description": "Description",
        "OrderedAt/Date": "PurchaseOrderDate",
        "Date": "PurchaseOrderDate",
        "DeliverTo/Date": "DeliveryDate",
        "PurchaseOrderMethod/@code": "PurchaseOrderMethod",
    },
    "InvoiceHeader": _HEADER
    | _SALES
    | {"@code": "InvoiceCode", "@number": "OurReference", "Description": "Reference", "Date": "TranscationDate"},
}
LINES: dict[str, dict[str, str]] = {
    "SalesOrderLine": _LINE | {"Item/@code": "Itemcode"},
    "PurchaseOrderLine": {path: name for path, name in _LINE.items() if path != "Text"} | {"Item/@code": "ItemCode"},
    "InvoiceLine": _LINE | {"Item/@code": "ItemCode"},
}


def text_at(element: etree._Element, path: str) -> str | None:
    """Return the text or the attribute at a path; None: it is not there, or empty."""
    where, _, attribute = f"./{path}".partition("/@")
    found = element.find(where)
    if found is None:
        return None
    return ((found.get(attribute) if attribute else found.text) or "").strip() or None


def fields(element: etree._Element, names: Mapping[str, str], entity: Entity, switches: Switches) -> Row:
    """Return what an element says about an entity's properties, as it is stored.

    Raises:
        Refusal: A value is of another type than its property.
        Fault: A value does not fit.
    """
    found = {name: text for path, name in names.items() if (text := text_at(element, path)) is not None}
    typed = {name: _typed(text, entity, name) for name, text in found.items() if name in entity.columns}
    return read_values(typed, entity, switches)


def _typed(text: str, entity: Entity, name: str) -> str | bool:
    return text.lower() in TRUE if entity.columns[name].type == "Boolean" else text


def account_fields(account: etree._Element, entity: Entity, switches: Switches) -> Row:
    """Return what an account says of itself, of its default contact and of all its addresses."""
    row = fields(account, ACCOUNT, entity, switches)
    for contact in account.iterfind("Contacts/Contact"):
        if contact.get("default", "").lower() in TRUE:
            row |= fields(contact, CONTACT, entity, switches)
    for address in account.iterfind(".//Address"):
        parts = dict(zip(ADDRESS_PARTS, ADDRESSES.get(address.get("type", "V"), ()), strict=False))
        row |= fields(address, parts, entity, switches)
    return row
