"""What a sales entry leaves in the ledger: lines of the general ledger, and a term that waits for payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online.rates import at_rate
from sandbox.exact_online.vat import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from sandbox.exact_online.division import Division
    from sandbox.store import Row

MEMBER_DIGITS = 4
"""Of the guid of a line in the general ledger so many digits count the lines of its entry."""
RECEIVABLE_TYPE = 20
TERM_OPEN, TERM_MATCHED = 20, 50
CUSTOMER_TERM = 20
"""The LineType of what customers owe (Exact REST docs, sync/Cashflow/PaymentTerms)."""

HID = "_HID"
"""A column of the sandbox's own: the number under which the list of receivables shows a term."""

SHARED = frozenset(
    {
        "Currency",
        "Description",
        "Document",
        "DueDate",
        "EntryDate",
        "EntryNumber",
        "InvoiceNumber",
        "Journal",
        "OrderNumber",
        "PaymentCondition",
        "PaymentReference",
        "YourRef",
    }
)
"""Columns that a term has of its entry."""
FROM_ENTRY = SHARED | {"Created", "EntryID", "Modified", "Status", "Type"}
FROM_LINE = frozenset(
    {
        "CostCenter",
        "CostUnit",
        "Description",
        "GLAccount",
        "Notes",
        "Quantity",
        "VATCode",
        "VATPercentage",
    }
)
"""Columns that lines of the general ledger have of the entry and its line."""


def member_id(entry: Row, place: int) -> str:
    """Return the guid of a line of an entry in the general ledger; line 0 is the customer's debt."""
    return f"{entry['EntryID'][:-MEMBER_DIGITS]}{place:04x}"


def receivable_account(division: Division, account: Row) -> str:
    """Return the G/L account that a customer's debt is booked on."""
    rows = division.tables["GLAccounts"].find("Type", [RECEIVABLE_TYPE])
    return str(account.get("GLAR") or rows[0]["ID"])


def post(division: Division, entry: Row) -> None:
    """Write the term of an entry, or renew it; one that was split or matched keeps its amounts.

    What is to be received is negative in a term, and positive in the amount of the transaction (seen live by
    TimPelgrim/exactonline-mcp).
    """
    terms = division.tables["PaymentTerms"].find("TransactionEntryID", [entry["EntryID"]])
    if len(terms) > 1 or any(term["Status"] != TERM_OPEN for term in terms):
        for term in terms:
            division.tables["PaymentTerms"].put({"ID": term["ID"], **_some(entry, SHARED - {"DueDate"})})
        return
    old = terms[0] if terms else None
    account = division.relations.row("Customer", entry["Customer"]) or {}
    term = {
        "ID": old["ID"] if old else division.new_id(),
        "EntryID": old["EntryID"] if old else division.new_id(),
        "Account": entry["Customer"],
        "AmountDC": -entry["AmountDC"],
        "AmountFC": -entry["AmountFC"],
        "GLAccount": receivable_account(division, account),
        "InvoiceDate": entry["EntryDate"],
        "IsFullyPaid": False,
        "LineType": CUSTOMER_TERM,
        "RateFC": entry["Rate"],
        "Status": TERM_OPEN,
        "TransactionAmountDC": entry["AmountDC"],
        "TransactionAmountFC": entry["AmountFC"],
        "TransactionDueDate": entry["DueDate"],
        "TransactionEntryID": entry["EntryID"],
        "TransactionID": member_id(entry, 0),
        "TransactionReportingPeriod": entry["ReportingPeriod"],
        "TransactionReportingYear": entry["ReportingYear"],
        "TransactionStatus": entry["Status"],
        "TransactionType": entry["Type"],
        HID: old[HID] if old else division.next_number("PaymentTerms"),
    }
    division.tables["PaymentTerms"].put(term | _some(entry, SHARED))


def _some(row: Row, names: frozenset[str]) -> Row:
    return {name: value for name, value in row.items() if name in names}


def is_matched(division: Division, entry: Row) -> bool:
    """Tell whether an entry is matched with a payment, in part or in whole."""
    terms = division.tables["PaymentTerms"].find("TransactionEntryID", [entry["EntryID"]])
    return any(term["Status"] == TERM_MATCHED for term in terms)


def withdraw(division: Division, entry: Row) -> None:
    """Remove the terms of an entry."""
    for term in division.tables["PaymentTerms"].find("TransactionEntryID", [entry["EntryID"]]):
        division.delete("PaymentTerms", term["ID"])


def transaction_lines(division: Division, entry: Row) -> list[Row]:
    """Return the lines of an entry in the general ledger: the debt, the revenue, the VAT. They add up to nothing."""
    account = division.relations.row("Customer", entry["Customer"]) or {}
    lines = division.tables["SalesEntryLines"].find("EntryID", [entry["EntryID"]])
    debt = {"AmountFC": entry["AmountFC"], "GLAccount": receivable_account(division, account)}
    revenue = [
        {name: line[name] for name in FROM_LINE if name in line} | {"AmountFC": -line["AmountFC"]} for line in lines
    ]
    rows = [debt, *revenue, *_vat_lines(division, entry, lines)]
    common = _some(entry, FROM_ENTRY) | {
        "Account": entry["Customer"],
        "Date": entry["EntryDate"],
        "ExchangeRate": entry["Rate"],
        "FinancialPeriod": entry["ReportingPeriod"],
        "FinancialYear": entry["ReportingYear"],
        "JournalCode": entry["Journal"],
    }
    return [
        common
        | row
        | {
            "ID": member_id(entry, place),
            "AmountDC": at_rate(row["AmountFC"], entry["Rate"]),
            "LineNumber": place,
            "Timestamp": entry["Timestamp"] + place,
        }
        for place, row in enumerate(rows)
    ]


def _vat_lines(division: Division, entry: Row, lines: list[Row]) -> list[Row]:
    """Return a line for the VAT of every code; what the document adds up to beyond its lines goes to the first."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.get("VATCode", "")] = sums.get(line.get("VATCode", ""), ZERO) + line["VATAmountFC"]
    net = sum((line["AmountFC"] for line in lines), ZERO)
    first = next(iter(sums), "")
    sums[first] = sums.get(first, ZERO) + entry["AmountFC"] - net - sum(sums.values(), ZERO)
    rows = {code: division.relations.row("VATCode", code) or {} for code in sums}
    return [
        {"AmountFC": -amount, "GLAccount": rows[code].get("GLToPay"), "VATCode": code}
        for code, amount in sums.items()
        if amount
    ]
