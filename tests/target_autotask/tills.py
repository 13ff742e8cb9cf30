"""Payments of the sandbox's invoices, and a ledger that knows how these went to the books."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from tests.target_autotask.loading import Dock, Loaded, Message, stream
from transfer_ledger.documents import (
    InvoicePayment,
    Partner,
    PaymentTerm,
    SalesInvoice,
    Source,
    Totals,
    encode,
    fingerprint,
    schema,
)
from transfer_ledger.ledger import Ledger, Link
from transfer_ledger.receipts import Receipt
from transfer_ledger.transfers import Transfer, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BOOKS, DIVISION = "exact_online/1234567", "1234567"
DAY = dt.date(2026, 10, 7)
KIND = "invoice_payments"


def gross(row: Message) -> Decimal:
    """Return what the customer owes for an invoice."""
    return (Decimal(row["invoiceTotal"]) + Decimal(row["totalTaxValue"])).quantize(Decimal("0.01"), ROUND_HALF_UP)


class Till:
    """Offers payments of invoices to the target.

    Args:
        dock: Where they are loaded.
        folder: Takes the ledger.
    """

    def __init__(self, dock: Dock, folder: Path) -> None:
        self.dock = dock
        self.url = f"sqlite:///{folder / 'transfers.db'}"
        self._companies: dict[int, Message] = {}

    def invoices(self) -> list[Message]:
        """Return the invoices that are not voided, by number."""
        rows = [row for row in self.dock.rows("Invoices", isVoided=False) if row["invoiceNumber"]]
        return sorted(rows, key=lambda row: str(row["invoiceNumber"]))

    def company(self, row: Message) -> Message:
        """Return the company of an invoice."""
        if row["companyID"] not in self._companies:
            self._companies = {each["id"]: each for each in self.dock.rows("Companies")}
        return self._companies[row["companyID"]]

    def paid_date(self, row: Message) -> str | None:
        """Return the date that an invoice holds now."""
        held: str | None = self.dock.row("Invoices", id=row["id"])["paidDate"]
        return held

    def hold(self, row: Message, date: str | None) -> None:
        """Put a paid date into Autotask behind the link's back."""
        moment = date and f"{date}T00:00:00.000Z"
        self.dock.sandbox.put_row("autotask", "Invoices", {"id": row["id"], "paidDate": moment})

    def payment(self, row: Message, paid: dt.date | None = DAY, **changes: Any) -> InvoicePayment:
        """Return what Exact says of an invoice: all of it paid on a day, or nothing."""
        amount = changes.get("amount", gross(row))
        term = PaymentTerm(
            id=f"term-{row['id']}", amount=amount, due_date=DAY, ended_by="payment" if paid else None, paid_on=paid
        )
        values: dict[str, Any] = {
            "source": Source(system="exact_online", tenant=DIVISION, stream=KIND, id=f"transaction-{row['id']}"),
            "number": f"267{row['id']:05}",
            "receipt_ids": [f"entry-{row['id']}", f"transaction-{row['id']}"],
            "customer": Partner(id=f"account-{row['companyID']}", name=self.company(row)["companyName"]),
            "currency": "EUR",
            "amount": amount,
            "open_amount": Decimal(0) if paid else amount,
            "state": "paid" if paid else "open",
            "terms": [term],
            "invoice_date": dt.date(2026, 9, 25),
            "paid_date": paid,
        }
        return InvoicePayment(**values | changes)

    def sent(self, rows: Iterable[Message], receipt: str = "entry-{id}") -> None:
        """Let the ledger know that invoices went to the books, under a receipt."""
        with closing(Ledger.open(self.url)) as ledger:
            run = ledger.runs.begin(BOOKS, "target-exact-online")
            for row in rows:
                self._send(ledger, run, row, receipt.format(id=row["id"]))

    def _send(self, ledger: Ledger, run: Any, row: Message, receipt_id: str) -> None:
        number, receipt = str(row["invoiceNumber"]), Receipt(id=receipt_id)
        document = SalesInvoice(
            source=Source(system="autotask", tenant="123456", stream="expanded_invoices", id=str(row["id"])),
            form="sales_entry",
            type="invoice",
            number=number,
            reference=f"AT-{number}",
            currency="EUR",
            customer=Partner(id=str(row["companyID"]), name=self.company(row)["companyName"]),
            lines=[],
            totals=Totals(net=Decimal(row["invoiceTotal"]), vat=Decimal(row["totalTaxValue"]), gross=gross(row)),
        )
        transfer = Transfer(key=key_of(BOOKS, "sales_invoices", document.source), offered_as=document.source.id)
        transfer.state, transfer.receipt, transfer.steps = "transferred", receipt, {"create": receipt}
        transfer.offered_fingerprint = fingerprint(document)
        ledger.save(transfer, run, document=document)

    def link(self, row: Message, account: str) -> None:
        """Link the company of an invoice with an account."""
        made = Link(
            kind="accounts",
            source_system="autotask",
            source_tenant="123456",
            source_id=str(row["companyID"]),
            receiver_id=account,
        )
        with closing(Ledger.open(self.url)) as ledger:
            ledger.save_link(BOOKS, made)

    def offer(self, *documents: InvoicePayment, **settings: Any) -> Loaded:
        """Run the target on documents to its end."""
        head, *rest = stream(KIND, *map(encode, documents))
        return self.dock.load([{**head, "schema": schema(KIND)}, *rest], ledger_url=self.url, **settings)

    def transfer(self, document: InvoicePayment) -> Transfer:
        """Return what the ledger holds of a document."""
        with closing(Ledger.open(self.url)) as ledger:
            found = ledger.transfer(key_of("autotask/demo-msp.example", KIND, document.source))
        assert found is not None
        return found
