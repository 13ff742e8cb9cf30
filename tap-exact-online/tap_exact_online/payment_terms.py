"""Payment terms of invoices, put together by transaction.

A transaction has a term for each instalment and each part that was paid by itself; they add up to its amount. Terms of
bank lines and of purchases travel in the same feed (Exact REST docs, sync/Cashflow/PaymentTerms).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_exact_online.endpoints import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_exact_online.columns import Row

FEED = known()["sync/Cashflow/PaymentTerms"]
RECEIVABLES = known()["bulk/Cashflow/Receivables"]
"""The same rows, of customers only, where they can be asked for by their transaction."""

RECEIVABLE = 20
"""LineType of what customers owe; 22 is what is owed to suppliers."""
INVOICE, CREDIT_NOTE = 20, 21
"""TransactionType of sales entries and of sales credit notes; others are bank lines and the like."""
MATCHED = 50
"""Status of a term that is matched with a payment or another term."""

REMEMBERED = 500
"""Of how many transactions the state keeps the terms; of others they are asked for when one of them changes."""

OF_TRANSACTION = (
    *("TransactionID", "TransactionEntryID", "TransactionType", "TransactionStatus", "TransactionAmountDC"),
    *("TransactionAmountFC", "TransactionDueDate", "TransactionIsReversal", "Account", "AccountCode", "AccountName"),
    *("InvoiceNumber", "EntryNumber", "YourRef", "Journal", "Description", "Currency", "InvoiceDate"),
    "PaymentCondition",
)
"""Columns that all terms of a transaction have alike."""
OF_TERM = (
    *("ID", "EntryID", "Timestamp", "AmountDC", "AmountFC", "Status", "IsFullyPaid", "DueDate", "LastPaymentDate"),
    "EndDate",
)
"""Columns of one term."""
AMOUNTS = ("AmountDC", "AmountFC")


class Transactions:
    """The transactions of which a term was read, each with all of its terms that are known.

    Args:
        remembered: Transaction to its terms, as an earlier run kept them by `remember`.
    """

    def __init__(self, remembered: Mapping[str, list[Row]] | None = None) -> None:
        self._terms = {
            transaction: {term["ID"]: _recalled(term) for term in terms}
            for transaction, terms in (remembered or {}).items()
        }
        self._headers: dict[str, Row] = {}
        self._credits: set[tuple[Any, Any]] = set()

    def add(self, rows: Iterable[Row]) -> None:
        """Take in rows of the feed; of a term that comes again the newest counts."""
        for row in rows:
            if row["LineType"] == RECEIVABLE and row["TransactionType"] in {INVOICE, CREDIT_NOTE}:
                self._put(row)

    def _put(self, row: Row) -> None:
        transaction = row["TransactionID"]
        terms = self._terms.pop(transaction, {})
        self._terms[transaction] = {**terms, row["ID"]: {name: row[name] for name in OF_TERM}}
        self._headers[transaction] = {name: row[name] for name in OF_TRANSACTION}
        if row["TransactionType"] == CREDIT_NOTE and offset(row):
            self._credits.add((row["Account"], row["EndDate"]))

    def replace(self, rows: Iterable[Row]) -> set[str]:
        """Put rows that were asked for, all terms of their transactions, in the place of what was known; say which."""
        asked: dict[str, list[Row]] = {}
        for row in rows:
            if row["TransactionType"] in {INVOICE, CREDIT_NOTE}:
                asked.setdefault(row["TransactionID"], []).append(row)
        for transaction, found in asked.items():
            self._terms.pop(transaction, None)
            for row in found:
                self._put(row)
        return set(asked)

    def credit(self, rows: Iterable[Row]) -> None:
        """Take in credit notes that were matched with invoices in an earlier run."""
        self._credits.update(
            (row["Account"], row["EndDate"]) for row in rows if row["TransactionType"] == CREDIT_NOTE and offset(row)
        )

    def forget(self, deleted: Iterable[str]) -> dict[str, set[str]]:
        """Take out terms that were deleted; return those that were known, by their transaction."""
        gone = set(deleted)
        found = {transaction: gone & terms.keys() for transaction, terms in self._terms.items() if gone & terms.keys()}
        for transaction, keys in found.items():
            for key in keys:
                del self._terms[transaction][key]
        return found

    @property
    def touched(self) -> list[str]:
        """The transactions that were read in this run and not yet taken."""
        return list(self._headers)

    def incomplete(self) -> list[str]:
        """Return the touched transactions whose terms do not add up to their amount: some were never read."""
        return [key for key, header in self._headers.items() if not _adds_up(header, self._terms[key].values())]

    def unexplained(self) -> set[str]:
        """Return the customers with an invoice that ended without a payment and without a known credit note."""
        return {
            header["Account"]
            for key, header in self._headers.items()
            if header["TransactionType"] == INVOICE
            for term in self._terms[key].values()
            if offset(term) and (header["Account"], term["EndDate"]) not in self._credits
        }

    def ready(self) -> list[Row]:
        """Take the transactions about which nothing more is to be learnt: complete, and paid or open."""
        waiting = {*self.incomplete(), *(key for key in self._headers if any(map(offset, self._terms[key].values())))}
        return [self.take(key) for key in self.touched if key not in waiting]

    def take(self, transaction: str) -> Row:
        """Return a transaction with its terms, the oldest first; it is no longer touched."""
        header, terms = self._headers.pop(transaction), list(self._terms[transaction].values())
        if len(terms) == 1:
            del self._terms[transaction]
        terms.sort(key=lambda term: (term["DueDate"] or "", term["EndDate"] or "9999", term["ID"]))
        told = [{**term, "credited": self._credited(header, term)} for term in terms]
        return {
            **header,
            "Timestamp": max((t["Timestamp"] for t in terms if t["Timestamp"]), default=None),
            "terms": told,
        }

    def _credited(self, header: Row, term: Row) -> bool:
        ended = offset(term)
        return ended and (
            header["TransactionType"] == CREDIT_NOTE or (header["Account"], term["EndDate"]) in self._credits
        )

    def remember(self) -> dict[str, list[Row]]:
        """Return for the next run the terms of those that have several: the open ones first, then the latest."""
        kept = {key: terms for key, terms in self._terms.items() if len(terms) > 1}
        newest_last = sorted(kept, key=lambda key: any(term["Status"] != MATCHED for term in kept[key].values()))
        return {key: [_kept(term) for term in kept[key].values()] for key in newest_last[-REMEMBERED:]}


def offset(term: Row) -> bool:
    """Tell whether a term ended without a payment: by a credit note, or written off.

    That such a term has no ``LastPaymentDate`` is inferred.
    """
    return bool(term["Status"] == MATCHED and not term["LastPaymentDate"])


def _adds_up(header: Row, terms: Iterable[Row]) -> bool:
    """Tell whether terms are all of their transaction; what is to be received is negative in them."""
    unit = "FC" if header["TransactionAmountFC"] is not None else "DC"
    amounts = [term[f"Amount{unit}"] for term in terms]
    whole = header[f"TransactionAmount{unit}"]
    return whole is not None and None not in amounts and sum(map(_exact, amounts)) == -_exact(whole)


def _exact(amount: Any) -> Decimal:
    return Decimal(str(amount))


def _kept(term: Row) -> Row:
    """Return a term as a state can hold it: amounts as text, since JSON would make doubles of them."""
    return {name: str(value) if name in AMOUNTS else value for name, value in term.items() if value is not None}


def _recalled(term: Row) -> Row:
    amounts = {name: Decimal(term[name]) for name in AMOUNTS if name in term}
    return {**dict.fromkeys(OF_TERM), **term, **amounts}


def columns(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield columns of the feed with their kinds."""
    return ((name, FEED.columns[name]) for name in names)
