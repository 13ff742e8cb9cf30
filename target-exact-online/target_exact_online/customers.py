"""The account that is invoiced: linked, found by its code, made a customer, or created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tap_exact_online import odata
from target_exact_online import faults
from target_exact_online.master_data import ACCOUNTS
from transfer_ledger import texts
from transfer_ledger.documents import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_online.findings import Findings
    from target_exact_online.master_data import Resource
    from transfer_ledger.documents import Partner, SalesInvoice
    from transfer_ledger.ledger import Link, MasterRow

CUSTOMER, PROSPECTS = "C", {"P": "a prospect", "S": "a suspect"}
"""Status of an account (Exact REST docs, Accounts)."""

_NAME = 50
_LENGTHS = {
    "AddressLine1": 80,
    "AddressLine2": 80,
    "Postcode": 20,
    "City": 40,
    "VATNumber": 20,
    "ChamberOfCommerce": 40,
    "Email": 100,
    "Phone": 17,
    "Website": 200,
}
"""Longest texts (data model in the Invantive documentation); what is longer goes to the remarks."""


class Account(NamedTuple):
    """What is known about the account: its id, or that it is to be created; whether it is to become a customer."""

    id: str | None = None
    create: bool = False
    promote: bool = False


def resolve(findings: Findings, document: SalesInvoice, link: Link | None, settings: Mapping[str, Any]) -> Account:
    """Find the account of the customer, or note why it cannot be invoiced."""
    customer, code = document.customer, odata.trimmed(document.customer.code)
    if link is None and not code:
        message = f"Customer {customer.name} has no code and is not linked to an account"
        findings.add(
            Problem(field="customer.code", value="", message=message),
            f"Give {customer.name} its number, which is the account's code in Exact Online.",
        )
        return Account()
    if link is None and settings["missing_customer"] == "create" and not findings.lists.rows(ACCOUNTS, code):
        findings.used.add(ACCOUNTS)
        return Account(create=True)
    row = linked(findings, customer, link) if link else _coded(findings, code)
    if row is None:
        return Account()
    faults.note(findings, ACCOUNTS, faults.Use(row, document), "customer.code", None)
    return Account(row.id, promote=_promoted(findings, row, promote=settings["prospects"] == "promote"))


def body(customer: Partner) -> dict[str, Any]:
    """Return the account to be created: a customer under its own code."""
    name, rest = texts.short(customer.name, _NAME)
    address = customer.address
    wanted = {
        "AddressLine1": address.line1,
        "AddressLine2": address.line2,
        "Postcode": address.postcode,
        "City": address.city,
        "VATNumber": customer.vat_number,
        "ChamberOfCommerce": customer.chamber_of_commerce,
        "Email": customer.email,
        "Phone": customer.phone,
        "Website": customer.website,
    }
    lines = {column: texts.one_line(value) for column, value in wanted.items() if texts.one_line(value)}
    fitting = {column: value for column, value in lines.items() if texts.width(value) <= _LENGTHS[column]}
    elsewhere = [f"{column}: {value}" for column, value in lines.items() if column not in fitting]
    state = f"State: {texts.one_line(address.state)}" if address.state else ""
    remarks = texts.paragraphs(rest, *elsewhere, state)
    return {
        "Code": odata.account_code(customer.code or ""),
        "Name": name,
        "Status": CUSTOMER,
        **fitting,
        **({"Country": address.country} if address.country else {}),
        **({"Remarks": remarks} if remarks else {}),
    }


def linked(
    findings: Findings, partner: Partner, link: Link, accounts: Resource = ACCOUNTS, who: str = "customer"
) -> MasterRow | None:
    """Return the account that a customer or supplier is linked to, or note that it is gone."""
    row = findings.by_id(accounts, link.receiver_id)
    if row is None:
        message = f"{partner.name} is linked to account {link.receiver_code or link.receiver_id}, which is gone"
        problem = Problem(field=f"{who}.id", value=partner.id, message=message)
        findings.add(problem, f"Link the {who} to another account.", blame=accounts)
    return row


def _coded(findings: Findings, code: str) -> MasterRow | None:
    setting = "missing_customer"
    return findings.row(ACCOUNTS, "customer.code", code, setting, paste=f"{setting}: create")


def _promoted(findings: Findings, row: MasterRow, *, promote: bool) -> bool:
    """Return whether the account has to be made a customer first, or note that it is none."""
    status, code = row.data["Status"], row.code or row.id
    name = f"{code} ({row.data['Name']})"
    if status == CUSTOMER:
        return False
    if status in PROSPECTS and promote:
        return True
    what = PROSPECTS.get(status, "no customer")
    setting = "prospects" if status in PROSPECTS else None
    paste = f"{setting}: promote" if setting else None
    message = f"Account {name} is {what}"
    problem = Problem(field="customer.code", value=code, message=message, setting=setting, paste=paste)
    hint = ", or set `prospects: promote`" if setting else ""
    findings.add(problem, f"Make account {name} a customer in Exact Online{hint}.", blame=ACCOUNTS)
    return False
