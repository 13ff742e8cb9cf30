"""A debtor's ledger of Exact Online in plain rows: invoices, payments in parts, credit notes, write-offs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.tap_exact_online.tables import Row, Tables, guid, wire

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tap_exact_online.running import Run

STREAM = "invoice_payments"
FEED, ASKED, LOG = "sync/Cashflow/PaymentTerms", "bulk/Cashflow/Receivables", "sync/Deleted"
TERMS = 1_000_000
"""Ids of terms start here, those of transactions at 1."""


class Cashflow(Tables):
    """Terms by number; every change gives a row a new rowversion."""

    def __init__(self, page: int = 1000) -> None:
        self.timestamp = 1000
        self.last_term = TERMS
        self.terms: list[Row] = []
        super().__init__({FEED: self.terms, ASKED: self.terms, LOG: []}, page)

    def invoice(self, number: int, *amounts: str, account: int = 900, kind: int = 20, **more: Any) -> list[Row]:
        """Book an invoice with a term of each amount, or a credit note; open."""
        total = sum(map(Decimal, amounts))
        common = {
            "TransactionID": guid(number),
            "TransactionEntryID": guid(500_000 + number),
            "TransactionType": kind,
            "TransactionAmountDC": float(total),
            "TransactionAmountFC": float(total),
            "LineType": 20,
            "Account": guid(account),
            "AccountCode": f"{account:>18}",
            "AccountName": "Voorbeeld BV",
            "InvoiceNumber": 26_700_000 + number,
            "YourRef": f"F{number}",
            "Journal": "70",
            "Currency": "EUR",
            "InvoiceDate": wire("2026-09-01"),
            "Status": 20,
            "IsFullyPaid": False,
            "LastPaymentDate": None,
            "EndDate": None,
            "DueDate": wire("2026-10-01"),
        }
        return [self.add({**common, **more, "AmountDC": -float(each), "AmountFC": -float(each)}) for each in amounts]

    def add(self, row: Row) -> Row:
        """Add a term."""
        self.last_term += 1
        term = {**row, "ID": guid(self.last_term), "EntryID": guid(self.last_term)}
        self.terms.append(term)
        return self.touch(term)

    def touch(self, term: Row, **changes: Any) -> Row:
        """Change a term, which gives it a new rowversion."""
        self.timestamp += 1
        term.update(changes, Timestamp=str(self.timestamp))
        return term

    def pay(self, term: Row, day: str | None, ended: str | None = None) -> None:
        """Match a term; without a day no payment is known."""
        end = ended or day
        self.touch(
            term, Status=50, IsFullyPaid=True, LastPaymentDate=day and wire(day), EndDate=wire(end) if end else None
        )

    def split(self, term: Row, part: str) -> Row:
        """Split a part off a term, as a payment in part does; return the part."""
        rest = float(Decimal(str(-term["AmountDC"])) - Decimal(part))
        self.touch(term, AmountDC=-rest, AmountFC=-rest)
        return self.add({**term, "AmountDC": -float(part), "AmountFC": -float(part)})

    def reopen(self, term: Row) -> None:
        """Undo the match of a term."""
        self.touch(term, Status=20, IsFullyPaid=False, LastPaymentDate=None, EndDate=None)

    def delete(self, term: Row) -> None:
        """Delete a term, and log that."""
        self.terms.remove(term)
        self.timestamp += 1
        gone = {"ID": guid(self.timestamp), "EntityKey": term["ID"], "EntityType": 10}
        self.rows[LOG].append({**gone, "Timestamp": str(self.timestamp), "DeletedDate": wire("2026-09-28T10:00:00")})

    def payments(self, folder: Path, state: Row | None = None, **options: Any) -> Run:
        """Run the tap for the one stream."""
        return self.run(folder, [STREAM], state, **options)


def told(run: Run) -> dict[str, list[tuple[Decimal, int]]]:
    """Return the amount and status of all terms, by the number of their invoice."""
    return {
        record["YourRef"]: [(term["AmountDC"], term["Status"]) for term in record["terms"]]
        for record in run.of(STREAM)
        if record["terms"] is not None
    }
