"""An account as an eExact element; the whole of it, since an importer is not known to keep what a file leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from target_exact_globe.accounts.bodies import FILLER
from target_exact_globe.accounts.columns import ADDRESS, IN_FILES, INVOICE_ADDRESS, text
from target_exact_globe.elements import add, coded, told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

TOPIC = "Accounts"
_ADDRESS_PARTS = ("AddressLine1", "AddressLine2", "PostalCode", "City")
_PLAIN = ("MailingAddress1", "MailingAddress2", "MailingPostcode", "MailingCity")


def account_element(row: Mapping[str, Any]) -> etree._Element:
    """Return the element of an account with these properties."""
    own = {name: text(value) for name, value in row.items()}
    element = etree.Element(
        "Account",
        code=own["AccountCode"] or "",
        type=own.get("CustomerType") or "N",
        status=own.get("CustomerStatus") or "A",
    )
    for name, column in (("Name", "AccountName"), ("Phone", "PhoneNumber"), ("Email", "EmailAddress")):
        told(element, name, own.get(column))
    told(element, "HomePage", own.get("WebAddress"))
    _address(add(element, "Addresses"), "V", own, dict(zip(_PLAIN, _PLAIN, strict=True)), "MailingCountry")
    _contact(add(element, "Contacts"), own)
    for side in ("Debtor", "Creditor"):
        _side(element, side, own)
    told(element, "VATNumber", own.get("VATNumber"))
    told(element, "ChamberOfCommerce", own.get("ChamberofCommerceNumber"))
    coded(element, "PaymentCondition", own.get("PaymentCondition"))
    _free_texts(element, own)
    return element


def _address(
    parent: etree._Element, kind: str, own: Mapping[str, Any], columns: Mapping[str, str], country: str
) -> None:
    address = add(parent, "Address", type=kind)
    for part, column in zip(_ADDRESS_PARTS, columns.values(), strict=True):
        told(address, part, own.get(column))
    coded(address, "State", own.get(ADDRESS["state"]) if kind == "V" else own.get("InvoiceState"))
    add(address, "Country", code=own.get(country) or "")


def _contact(parent: etree._Element, own: Mapping[str, Any]) -> None:
    contact = add(parent, "Contact", default="1", gender="O", status="A")
    told(contact, "LastName", own.get("ContactLastName"))
    told(contact, "FirstName", own.get("ContactFirstName"))
    invoice = {one: INVOICE_ADDRESS[one] for one in _PLAIN}
    _address(add(contact, "Addresses"), "I", own, invoice, "InvoiceCountry")
    coded(contact, "Language", own.get("ContactLanguage"))
    told(contact, "JobDescription", own.get("JobDescription") or FILLER)
    told(contact, "Phone", own.get("ContactPhoneNumber"))
    told(contact, "Email", own.get("ContactEmail"))


def _side(element: etree._Element, side: str, own: Mapping[str, Any]) -> None:
    code, number = own.get(f"{side}Code"), own.get(f"{side}Number")
    if not code and not number:
        return
    added = add(element, side, code=code or number)
    if number:
        added.set("number", number)
    coded(added, "Currency", own.get("CurrencyCode"))
    if own.get("BankAccount"):
        bank = add(add(added, "BankAccounts"), "BankAccount", code=own["BankAccount"], default="1")
        told(add(bank, "BankAccountType", code="IBA"), "Description", "IBAN")
        coded(bank, "Currency", own.get("CurrencyCode"))


def _free_texts(element: etree._Element, own: Mapping[str, Any]) -> None:
    texts = {number: own[name] for number, name in enumerate(IN_FILES, 1) if own.get(name)}
    if texts:
        free = add(add(element, "FreeFields"), "FreeTexts")
        for number, text_of in texts.items():
            add(free, "FreeText", number=number).text = text_of
