"""Where the rows of a resource come from: a table, or other tables put together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.books import ADMINISTRATION
from sandbox.exact_online import times
from sandbox.exact_online.postings import CUSTOMER_TERM, HID, MEMBER_DIGITS, TERM_MATCHED, transaction_lines
from sandbox.exact_online.relations import REFERENCES
from sandbox.exact_online.user import USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.exact_online.division import Division, Feed
    from sandbox.store import Row

INDEXED = frozenset(
    [
        "Code",
        "EntityKey",
        "EntryNumber",
        "InvoiceNumber",
        "OrderNumber",
        "TransactionEntryID",
        "TransactionID",
        "YourRef",
    ]
) | {name for name, reference in REFERENCES.items() if reference.column != "Code"}
"""Columns that are looked up rather than searched: references by guid, and the numbers that documents are found by."""

DELETIONS_KEPT = dt.timedelta(days=61)
ABSENT_FROM_LINES: dict[str, Any] = dict.fromkeys(
    ("AmountDiscount", "AmountDiscountExclVat", "AmountFCExclVat", "Remarks", "VATAmountDC", "VATAmountFC")
)
"""Columns of a header that its lines do not repeat in a feed (inferred)."""


@dataclass(frozen=True)
class Source:
    """Rows in two orders, by key and by rowversion, and by the values of some columns."""

    get: Callable[[Any], Row | None]
    after: Callable[[Any], Iterator[Row]]
    """The rows with a larger key; None: all."""
    find: Callable[[str, Iterable[Any]], list[Row]]
    feed: Callable[[int], Iterator[Row]]
    """The rows with a larger rowversion."""
    indexed: frozenset[str]


def source(division: Division, table: str) -> Source:
    """Return where the rows of a table, or of what only looks like one, come from."""
    if table in VIRTUAL_SOURCES:
        return VIRTUAL_SOURCES[table](division)
    rows = division.tables[table]
    return Source(rows.get, rows.after, rows.find, _feed(division, table), INDEXED | {rows.key})


def _feed(division: Division, table: str) -> Callable[[int], Iterator[Row]]:
    return division.feeds[table].after if table in division.feeds else _no_rows


def _no_rows(_stamp: int) -> Iterator[Row]:
    return iter(())


def _deleted(division: Division) -> Source:
    """Return the log of deletions, which is kept for two months (Exact REST docs, sync/Deleted)."""
    rows = division.tables["Deleted"]
    kept_from = division.now() - DELETIONS_KEPT
    return Source(
        get=rows.get,
        after=rows.after,
        find=rows.find,
        feed=lambda stamp: (row for row in division.feeds["Deleted"].after(stamp) if row["DeletedDate"] >= kept_from),
        indexed=INDEXED,
    )


def _of_row(row: Row, key: str) -> Source:
    """Return the source of a resource that has one row."""
    return Source(
        get=lambda value: row if row[key] == value else None,
        after=lambda value: iter([row] if value is None or value < row[key] else []),
        find=lambda _column, _values: [row],
        feed=lambda _stamp: iter([row]),
        indexed=frozenset(),
    )


def _me(division: Division) -> Source:
    now = division.context.clock.now()
    row = {
        "UserID": USER.id,
        "UserName": USER.name,
        "FullName": USER.full_name,
        "Email": USER.email,
        "CurrentDivision": ADMINISTRATION.code,
        "AccountingDivision": ADMINISTRATION.code,
        "LanguageCode": "NL-NL" if division.switches.language == "nl" else "EN-US",
        "Legislation": 1,
        "ServerTime": times.local(now).isoformat(timespec="seconds"),
        "ServerUtcOffset": times.offset_seconds(now),
        "EmployeeID": "00000000-0000-0000-0000-000000000000",
    }
    return _of_row(row, "UserID")


def _receivables(division: Division) -> Source:
    """Return the payment terms of customers: those of suppliers are in the same feed, and not here."""
    rows = division.tables["PaymentTerms"]

    def receivable(row: Row | None) -> bool:
        return row is not None and row.get("LineType") == CUSTOMER_TERM

    return Source(
        get=lambda key: row if receivable(row := rows.get(key)) else None,
        after=lambda key: filter(receivable, rows.after(key)),
        find=lambda column, values: list(filter(receivable, rows.find(column, values))),
        feed=_no_rows,
        indexed=INDEXED | {"ID"},
    )


def _receivables_list(division: Division) -> Source:
    """Return what customers have not paid yet; amounts are positive here (Exact REST docs)."""
    rows = {
        row[HID]: {
            "HID": row[HID],
            "AccountCode": account.get("Code"),
            "AccountId": row["Account"],
            "AccountName": account.get("Name"),
            "Amount": -row["AmountFC"],
            "AmountInTransit": row["AmountFC"] * 0,
            "CurrencyCode": row["Currency"],
            "Description": row.get("Description"),
            "DueDate": row["DueDate"],
            "EntryNumber": row["EntryNumber"],
            "InvoiceDate": row["InvoiceDate"],
            "InvoiceNumber": row.get("InvoiceNumber"),
            "JournalCode": row["Journal"],
            "JournalDescription": (division.relations.row("Journal", row["Journal"]) or {}).get("Description"),
            "YourRef": row.get("YourRef"),
        }
        for row in _receivables(division).after(None)
        if HID in row and row["Status"] != TERM_MATCHED
        for account in [division.relations.row("Account", row["Account"]) or {}]
    }
    return Source(
        get=rows.get,
        after=lambda key: (rows[number] for number in sorted(rows) if key is None or number > key),
        find=lambda _column, _values: list(rows.values()),
        feed=_no_rows,
        indexed=frozenset(),
    )


def _invoice_feed(division: Division) -> Source:
    return _document_feed(division, "SalesInvoices", "SalesInvoiceLines", "InvoiceID")


def _purchase_order_feed(division: Division) -> Source:
    return _document_feed(division, "PurchaseOrders", "PurchaseOrderLines", "PurchaseOrderID", _by_guid)


def _by_guid(division: Division, row: Row) -> Row:
    """Return a line with its cost dimensions by guid: the feed has code and name beside (Exact REST docs, Sync API)."""
    found: Row = {}
    for column in ("CostCenter", "CostUnit"):
        dimension = division.relations.row(column, row.get(column))
        if dimension is not None:
            found |= {column: dimension["ID"], f"{column}Code": dimension["Code"]}
            found |= {f"{column}Description": dimension["Description"]}
    return row | found


def _document_feed(
    division: Division,
    headers_name: str,
    lines_name: str,
    key: str,
    shown: Callable[[Division, Row], Row] = lambda _division, row: row,
) -> Source:
    """Return the feed of headers and lines: rows of one resource, the header as line 0 (Exact REST docs, Sync API)."""
    headers, lines = division.tables[headers_name], division.tables[lines_name]

    def family(header: Row) -> list[Row]:
        rows = [
            header | {"ID": header[key], "LineNumber": 0},
            *(header | ABSENT_FROM_LINES | shown(division, line) for line in lines.find(key, [header[key]])),
        ]
        return [row | {"Timestamp": header["Timestamp"] + place} for place, row in enumerate(rows)]

    return Source(
        get=headers.get,
        after=headers.after,
        find=headers.find,
        feed=_family_feed(division.feeds[headers_name], family),
        indexed=frozenset(),
    )


def _transaction_lines(division: Division) -> Source:
    """Return the lines of the general ledger; of an entry with its guid they have the guids that follow it."""
    entries = division.tables["SalesEntries"]

    def family(entry: Row) -> list[Row]:
        return transaction_lines(division, entry)

    def after(key: str | None) -> Iterator[Row]:
        start = None if key is None else key[:-MEMBER_DIGITS]
        return (row for entry in entries.after(start) for row in family(entry) if key is None or row["ID"] > key)

    def get(key: str) -> Row | None:
        entry = next(entries.after(key[:-MEMBER_DIGITS]), None)
        return next((row for row in family(entry) if row["ID"] == key), None) if entry else None

    return Source(
        get=get,
        after=after,
        find=lambda column, values: [row for entry in entries.find(column, values) for row in family(entry)],
        feed=_family_feed(division.feeds["SalesEntries"], family),
        indexed=frozenset({"EntryID", "EntryNumber", "InvoiceNumber", "YourRef"}),
    )


def _family_feed(heads: Feed, family: Callable[[Row], list[Row]]) -> Callable[[int], Iterator[Row]]:
    """Return the feed of rows that come in families, whose rowversions follow that of their head."""
    return lambda stamp: (
        row for head in heads.after(stamp, before=1) for row in family(head) if row["Timestamp"] > stamp
    )


VIRTUAL_SOURCES: dict[str, Callable[[Division], Source]] = {
    "Deleted": _deleted,
    "Me": _me,
    "PurchaseOrderFeed": _purchase_order_feed,
    "Receivables": _receivables,
    "ReceivablesList": _receivables_list,
    "SalesInvoiceFeed": _invoice_feed,
    "TransactionLines": _transaction_lines,
}
