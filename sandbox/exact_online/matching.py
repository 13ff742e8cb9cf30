"""Payment terms as money comes in: split, matched with bank lines, credit notes or journal entries, matched no more.

A term is a part of a transaction that is paid by itself. What is to be received is negative, what was received or
credited positive (seen live by TimPelgrim/exactonline-mcp); what is matched adds up to nothing. Bank lines are terms
too (Exact REST docs, sync/Cashflow/PaymentTerms). How a term is split, and what a match leaves in its columns, was not
tried live: see the switches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.exact_online import checks, postings, rates
from sandbox.exact_online.postings import TERM_MATCHED, TERM_OPEN
from sandbox.exact_online.vat import ZERO, cents

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from decimal import Decimal

    from sandbox.exact_online.division import Division
    from sandbox.store import Row

BANK_ENTRY, GENERAL_ENTRY, PURCHASE_ENTRY = 40, 90, 30
"""TransactionType of bank lines (seen live by TimPelgrim/exactonline-mcp), general journal and purchase entries."""
JOURNALS = {BANK_ENTRY: "20", GENERAL_ENTRY: "90", PURCHASE_ENTRY: "60"}
SUPPLIER_TERM = 22
PAYABLE_TYPE = 22
SELECTED, PROCESSED = 30, 40
"""A term that is in a collection, and one whose collection was sent: not money yet."""
MATCH = "_Match"
"""A column of the sandbox's own: which rows were matched with each other."""
UNMATCHED: Row = {
    MATCH: None,
    "EndDate": None,
    "EndPeriod": None,
    "EndYear": None,
    "IsFullyPaid": False,
    "LastPaymentDate": None,
    "Status": TERM_OPEN,
}
OWN = ("Created", "Modified", "Timestamp")


def terms(division: Division, entry_id: str) -> list[Row]:
    """Return all terms of an entry."""
    return division.tables["PaymentTerms"].find("TransactionEntryID", [entry_id])


def open_terms(division: Division, entry_id: str) -> list[Row]:
    """Return the terms of an entry that are not matched, the one that is due first before the others."""
    rows = [row for row in terms(division, entry_id) if row["Status"] != TERM_MATCHED]
    return sorted(rows, key=lambda row: (row["DueDate"], row["ID"]))


def split(division: Division, term: Row, amount: Decimal, due: dt.datetime | None = None) -> tuple[Row, Row]:
    """Split a term in two; return the part with the amount, and the rest.

    Both stay parts of one transaction, under an EntryID each (Exact REST docs, PaymentTerms.EntryID).

    Args:
        division: Whose term it is.
        term: Not matched.
        amount: Of the part, in the term's currency, with the term's sign.
        due: When the part is due; None: when the term was.
    """
    in_own = cents(term["AmountDC"] * amount / term["AmountFC"])
    part = {"AmountFC": amount, "AmountDC": in_own}
    rest = {"AmountFC": term["AmountFC"] - amount, "AmountDC": term["AmountDC"] - in_own}
    kept, new = (part, rest) if division.switches.split_keeps == "part" else (rest, part)
    table = division.tables["PaymentTerms"]
    number = division.next_number("PaymentTerms")
    fresh = {"ID": division.new_id(), "EntryID": division.new_id(), postings.HID: number}
    copy = {name: value for name, value in term.items() if name not in OWN}
    rows = table.put({"ID": term["ID"], **kept}), table.put({**copy, **fresh, **new})
    found, left = rows if kept is part else (rows[1], rows[0])
    return (table.put({"ID": found["ID"], "DueDate": due}) if due else found), left


def take(division: Division, entry_id: str, amount: Decimal) -> list[Row]:
    """Return terms of an entry that add up to an amount, the earliest first, splitting the last as needed.

    Raises:
        ValueError: So much is not open.
    """
    taken: list[Row] = []
    for term in open_terms(division, entry_id):
        if amount == ZERO:
            break
        whole = abs(term["AmountFC"]) <= abs(amount)
        taken.append(term if whole else split(division, term, amount)[0])
        amount -= taken[-1]["AmountFC"]
    if amount != ZERO:
        raise ValueError(f"{abs(amount)} more than what is open of it")
    return taken


def line(division: Division, kind: int, account: Row, amount: Decimal, date: dt.datetime, **more: Any) -> Row:
    """Book a line of a bank or general journal entry on a customer's account; return its term.

    Args:
        division: Where it is booked.
        kind: The type of the transaction.
        account: Whose debt becomes less.
        amount: In ``Currency`` of ``more``, positive when something was received or credited.
        date: The day of the bank, or of the entry.
        more: Columns that it has besides, such as the YourRef of the one invoice it is matched with.

    Raises:
        ValueError: The books have no such day.
    """
    currency = more.pop("Currency", rates.HOME_CURRENCY)
    rate = more.pop("RateFC", None) or rates.exchange_rate(division, currency, date)
    entry_id = division.new_id()
    row = {
        "ID": division.new_id(),
        "Account": account["ID"],
        "Currency": currency,
        "EntryID": division.new_id(),
        "GLAccount": postings.receivable_account(division, account),
        "IsFullyPaid": False,
        "LineType": postings.CUSTOMER_TERM,
        "RateFC": rate,
        "Status": TERM_OPEN,
        "TransactionEntryID": entry_id,
        "TransactionID": postings.member_id({"EntryID": entry_id}, 1),
        "TransactionStatus": 50,
        "TransactionType": kind,
        postings.HID: division.next_number("PaymentTerms"),
        **_amounts(amount, rates.at_rate(amount, rate)),
        **_dates(division, JOURNALS[kind], date),
    }
    return division.tables["PaymentTerms"].put(row | more)


def _amounts(amount: Decimal, in_own: Decimal) -> Row:
    return {
        "AmountDC": in_own,
        "AmountFC": amount,
        "TransactionAmountDC": -in_own,
        "TransactionAmountFC": -amount,
    }


def _dates(division: Division, journal: str, date: dt.datetime) -> Row:
    """Return where a line stands in the books.

    Raises:
        ValueError: There is no financial period of the day.
    """
    period, _ = checks.period(division, date)
    if not period:
        raise ValueError(f"the books have no period of {date:%d-%m-%Y}")
    return {
        **dict.fromkeys(("DueDate", "EntryDate", "InvoiceDate", "TransactionDueDate"), date),
        "EntryNumber": rates.next_number(division, journal, date.year),
        "Journal": journal,
        "TransactionReportingPeriod": period["FinPeriod"],
        "TransactionReportingYear": period["FinYear"],
    }


def payable(division: Division, account: Row, amount: Decimal, date: dt.datetime, reference: str) -> Row:
    """Book what is owed to a supplier: it travels in the same feed, under another LineType (the sign is inferred)."""
    rows = division.tables["GLAccounts"].find("Type", [PAYABLE_TYPE])
    more = {"GLAccount": rows[0]["ID"], "LineType": SUPPLIER_TERM, "YourRef": reference}
    return line(division, PURCHASE_ENTRY, account, amount, date, **more)


def match(division: Division, rows: Iterable[Row]) -> int:
    """Match terms with each other; return the number of the match.

    EndDate is the highest invoice date of all that are matched; of a bank line that is the day of the bank (Exact REST
    docs, PaymentTerms.EndDate).
    """
    matched = list(rows)
    number = division.next_number("Matches")
    last = max(matched, key=lambda row: row["InvoiceDate"])
    paid = [row["InvoiceDate"] for row in matched if row["TransactionType"] == BANK_ENTRY]
    other = last["InvoiceDate"] if division.switches.offset_payment_date else None
    ended = {
        MATCH: number,
        "EndDate": last["InvoiceDate"],
        "EndPeriod": last["TransactionReportingPeriod"],
        "EndYear": last["TransactionReportingYear"],
        "LastPaymentDate": max(paid) if paid else other,
        "Status": TERM_MATCHED,
    }
    for row in matched:
        division.tables["PaymentTerms"].put({"ID": row["ID"], "IsFullyPaid": True, **ended})
    _tell_fully_paid(division, matched)
    return number


def unmatch(division: Division, number: int) -> list[Row]:
    """Undo a match: its terms are open again, under new rowversions (picqer/exact-php-client#618). Return them."""
    table = division.tables["PaymentTerms"]
    rows = [table.put({"ID": row["ID"], **UNMATCHED}) for row in table.find(MATCH, [number])]
    _tell_fully_paid(division, rows)
    if division.switches.unmatch_merges:
        for entry_id in {row["TransactionEntryID"]: None for row in rows}:
            _merge(division, entry_id)
    return rows


def _tell_fully_paid(division: Division, rows: list[Row]) -> None:
    """Let IsFullyPaid speak of the whole transaction, if the switch says that it does."""
    if division.switches.fully_paid == "row":
        return
    for entry_id in dict.fromkeys(row["TransactionEntryID"] for row in rows):
        members = terms(division, entry_id)
        whole = all(row["Status"] == TERM_MATCHED for row in members)
        for row in members:
            if row["IsFullyPaid"] != whole:
                division.tables["PaymentTerms"].put({"ID": row["ID"], "IsFullyPaid": whole})


def _merge(division: Division, entry_id: str) -> None:
    """Put open terms that are due on one day together again; those that vanish are logged as deleted."""
    by_day: dict[Any, Row] = {}
    for row in (row for row in open_terms(division, entry_id) if row["Status"] == TERM_OPEN):
        first = by_day.get(row["DueDate"])
        if first is None:
            by_day[row["DueDate"]] = row
            continue
        sums = {name: first[name] + row[name] for name in ("AmountFC", "AmountDC")}
        by_day[row["DueDate"]] = division.tables["PaymentTerms"].put({"ID": first["ID"], **sums})
        division.delete("PaymentTerms", row["ID"])


def collect(division: Division, entry_id: str, status: int) -> None:
    """Put what is open of an entry into a collection (30), or note that the collection was sent (40)."""
    for row in open_terms(division, entry_id):
        division.tables["PaymentTerms"].put({"ID": row["ID"], "Status": status})
