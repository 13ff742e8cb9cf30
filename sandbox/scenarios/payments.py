"""What becomes of invoices: paid, credited, written off, opened again. The books of the sandbox's own bookkeeper.

Every event is done in Exact Online and noted here; what is true of an invoice is worked out from the notes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sandbox.autotask import moments
from sandbox.autotask.seed.ground import ENGINEERS
from sandbox.exact_online import matching, sales_entry_changes, times
from sandbox.scenarios.documents import CENT, ZERO, Office, reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from sandbox.context import Context
    from sandbox.scenarios.documents import Form
    from sandbox.store import Row

Kind = Literal["payment", "credit", "write_off"]


SETTLED: tuple[tuple[Kind, str], ...] = (("payment", "paid"), ("credit", "credited"), ("write_off", "written_off"))
"""What an invoice is called that was settled by this among others; the first counts."""


class NotPossibleError(ValueError):
    """An event that cannot happen; the message says why."""


@dataclass
class Part:
    """What settled a part of an invoice."""

    kind: Kind
    amount: Decimal
    date: dt.date
    match: int


@dataclass(eq=False)
class Followed:
    """An invoice and what became of it. Amounts are in its currency, negative for a credit note."""

    invoice: int | None
    """Its id in Autotask; None: it is in Exact only."""
    reference: str
    amount: Decimal
    form: Form | None = None
    entry: str | None = None
    """The guid of the entry it is booked as; None: it is not booked."""
    parts: list[Part] = field(default_factory=list)
    was_settled: bool = False
    dated_by_hand: dt.date | None = None
    """The paid date that somebody wrote in Autotask."""
    is_removed: bool = False

    @property
    def open(self) -> Decimal:
        """Return what is still to be received."""
        return self.amount - sum((part.amount for part in self.parts), ZERO)

    @property
    def state(self) -> str:
        """Return one word for it: paid as soon as nothing is open and any of it was paid."""
        if self.is_removed:
            return "deleted"
        if not self.amount:
            return "nothing"
        if self.open:
            return "partial" if self.parts else "open"
        kinds = {part.kind for part in self.parts}
        return next(word for kind, word in SETTLED if kind in kinds)


class Payments:
    """The bookkeeper.

    Args:
        context: The life of the sandbox.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.office = Office(context)
        self.division = self.office.division
        self.followed: dict[str, Followed] = {}
        """By reference, in the order in which they were first heard of."""
        self.receipts: dict[int, tuple[str, dt.date]] = {}
        """By the number of a payment: the guid of its bank entry, and the day of the bank."""

    def follow(self, followed: Followed) -> Followed:
        """Follow an invoice from now on."""
        self.followed[followed.reference] = followed
        return followed

    def invoice(self, name: str) -> Row | None:
        """Return the invoice in Autotask that is named by its id or its number, None if there is none.

        Raises:
            NotPossibleError: There are several.
        """
        table = self.context.store.table("autotask", "Invoices")
        numbered = table.find("invoiceNumber", [name])
        row = table.get(int(name)) if name.isdecimal() else None
        found = [*([row] if row else []), *(other for other in numbered if other is not row)]
        if len(found) > 1:
            ids = ", ".join(str(each["id"]) for each in found)
            raise NotPossibleError(f"{name} is the id or the number of several invoices, those with the ids {ids}")
        return found[0] if found else None

    def find(self, name: str) -> Followed:
        """Return an invoice by its id or number in Autotask, or by its reference; what a link booked is found in Exact.

        Raises:
            NotPossibleError: There is none, or there are several.
        """
        row = self.invoice(name)
        wanted = reference(row) if row else name
        if wanted in self.followed:
            return self.followed[wanted]
        entries = self.division.tables["SalesEntries"].find("YourRef", [wanted])
        if len(entries) != 1:
            raise NotPossibleError(f"{len(entries)} entries in Exact have the reference {wanted!r}")
        entry = entries[0]
        return self.follow(Followed(row["id"] if row else None, wanted, entry["AmountFC"], None, entry["EntryID"]))

    def _entry(self, one: Followed) -> Row:
        row = self.division.tables["SalesEntries"].get(one.entry) if one.entry and not one.is_removed else None
        if row is None:
            raise NotPossibleError(f"{one.reference} is not booked in Exact")
        return row

    def _take(self, one: Followed, amount: Decimal) -> list[Row]:
        try:
            return matching.take(self.division, self._entry(one)["EntryID"], -amount)
        except ValueError as error:
            raise NotPossibleError(f"{one.reference}: {error}") from error

    def pay(self, amounts: Mapping[Followed, Decimal | None], date: dt.date, extra: Decimal = ZERO) -> int:
        """Receive one payment for one or more invoices of a customer; return its number.

        Args:
            amounts: What of each; None: all that is open.
            date: The day of the bank.
            extra: What was paid besides and is matched with nothing.
        """
        wanted = _wanted(amounts)
        if extra and not (_is_money(extra) and extra > ZERO):
            raise NotPossibleError(f"{extra} cannot be paid besides")
        entries = [self._entry(one) for one in wanted]
        line = self._line(matching.BANK_ENTRY, entries, sum(wanted.values(), ZERO) + extra, date)
        own = matching.take(self.division, line["TransactionEntryID"], sum(wanted.values(), ZERO))
        number = self._match("payment", wanted, own, date)
        self.receipts[number] = (line["TransactionEntryID"], date)
        return number

    def process(self, name: str) -> Followed:
        """Print what is open in Exact for an invoice, a sales order once it is invoiced; follow what it becomes.

        Raises:
            NotPossibleError: Nothing open has the reference, or several documents have.
        """
        row = self.invoice(name)
        wanted = reference(row) if row else name
        entry = self.office.process(wanted)
        if entry is None:
            raise NotPossibleError(f"Not one open sales invoice or sales order in Exact has the reference {wanted!r}")
        if wanted in self.followed:
            self.followed[wanted].entry = entry
        return self.find(name)

    def receive(self, one: Followed, amount: Decimal, date: dt.date) -> int:
        """Receive a payment of an invoice's customer that is matched with nothing; return its number."""
        if not _is_money(amount):
            raise NotPossibleError(f"{amount} cannot be received")
        line = self._line(matching.BANK_ENTRY, [self._entry(one)], amount, date)
        number = self.division.next_number("Matches")
        self.receipts[number] = (line["TransactionEntryID"], date)
        return number

    def match(self, payment: int, amounts: Mapping[Followed, Decimal | None]) -> int:
        """Match what is open of an earlier payment with invoices; return the number of the match."""
        if payment not in self.receipts:
            raise NotPossibleError(f"There is no payment {payment}")
        wanted, (entry_id, date) = _wanted(amounts), self.receipts[payment]
        try:
            own = matching.take(self.division, entry_id, sum(wanted.values(), ZERO))
        except ValueError as error:
            raise NotPossibleError(f"Payment {payment}: {error}") from error
        number = self._match("payment", wanted, own, date)
        self.receipts[number] = (entry_id, date)
        return number

    def write_off(self, amounts: Mapping[Followed, Decimal | None], date: dt.date) -> int:
        """Write off what will not be received, by an entry in the general journal."""
        wanted = _wanted(amounts)
        entries = [self._entry(one) for one in wanted]
        line = self._line(matching.GENERAL_ENTRY, entries, sum(wanted.values(), ZERO), date)
        return self._match("write_off", wanted, [line], date)

    def credit(self, amounts: Mapping[Followed, Decimal | None], date: dt.date) -> int:
        """Book a credit note by hand for an invoice and match both."""
        number = 0
        for one, amount in _wanted(amounts).items():
            note = self.office.credit_by_hand(self._entry(one), amount, _wall(date))
            rows = matching.take(self.division, note["EntryID"], amount)
            number = self._match("credit", {one: amount}, rows, date)
        return number

    def offset(self, credit: Followed, one: Followed) -> int:
        """Match a credit note of Autotask's with an invoice: both end on the later of their own days."""
        amount = min(one.open, -credit.open)
        if amount <= ZERO:
            raise NotPossibleError(f"{credit.reference} is no open credit note, or {one.reference} is not open")
        return self._match("credit", {credit: -amount, one: amount}, [], dt.date.min)

    def _match(self, kind: Kind, wanted: Mapping[Followed, Decimal], others: list[Row], date: dt.date) -> int:
        rows = [row for one, amount in wanted.items() for row in self._take(one, amount)]
        if kind != "payment":  # the day of the bank counts; else the last of all that is matched (PaymentTerms.EndDate)
            date = max(date, *(row["InvoiceDate"].date() for row in rows))
        number = matching.match(self.division, [*rows, *others])
        for one, amount in wanted.items():
            one.parts.append(Part(kind, amount, date, number))
            one.was_settled |= not one.open
        return number

    def _line(self, kind: int, entries: list[Row], amount: Decimal, date: dt.date) -> Row:
        """Book a line; matched with one invoice it has that one's reference (Exact REST docs, PaymentTerms.YourRef)."""
        if len({(entry["Customer"], entry["Currency"]) for entry in entries}) != 1:
            raise NotPossibleError("A payment is for invoices of one customer in one currency")
        account = self.division.relations.row("Customer", entries[0]["Customer"]) or {}
        more = {"Currency": entries[0]["Currency"], "RateFC": entries[0]["Rate"]}
        if len(entries) == 1:
            more |= {"InvoiceNumber": entries[0]["InvoiceNumber"], "YourRef": entries[0].get("YourRef")}
        more["Description"] = "Betaling" if kind == matching.BANK_ENTRY else "Afgeboekt"
        try:
            return matching.line(self.division, kind, account, amount, _wall(date), **more)
        except ValueError as error:
            raise NotPossibleError(str(error)) from error

    def unmatch(self, number: int) -> int:
        """Undo a match: all invoices in it are open again by so much."""
        touched = [one for one in self.followed.values() if any(part.match == number for part in one.parts)]
        if not touched:
            raise NotPossibleError(f"There is no match {number}")
        matching.unmatch(self.division, number)
        for one in touched:
            one.parts = [part for part in one.parts if part.match != number]
        return number

    def split(self, one: Followed, parts: Iterable[tuple[Decimal, dt.date]]) -> None:
        """Let an invoice be paid in instalments: amounts and when they are due; the rest stays due when it was."""
        entry = self._entry(one)
        rest = matching.open_terms(self.division, entry["EntryID"])[-1:]
        for amount, due in parts:
            if not rest or not _is_money(amount) or not ZERO < amount < -rest[0]["AmountFC"]:
                raise NotPossibleError(f"{amount} cannot be split off what is open of {one.reference}")
            rest = [matching.split(self.division, rest[0], -amount, _wall(due))[1]]

    def collect(self, one: Followed, status: int) -> None:
        """Put an invoice into a collection, or send the collection: its money is not there yet."""
        matching.collect(self.division, self._entry(one)["EntryID"], status)

    def void(self, one: Followed) -> None:
        """Void the invoice in Autotask; Exact knows nothing of it."""
        if one.invoice is None:
            raise NotPossibleError(f"{one.reference} is not in Autotask")
        now = moments.wire(self.context.clock.now())
        changes = {"id": one.invoice, "isVoided": True, "voidedDate": now, "voidedByResourceID": ENGINEERS[0]}
        self.context.store.table("autotask", "Invoices").put(changes)

    def remove(self, one: Followed) -> None:
        """Remove the entry of an invoice of which nothing is matched."""
        entry = self._entry(one)
        if one.parts:
            raise NotPossibleError(f"{one.reference} is matched; undo that first")
        sales_entry_changes.remove(self.division, entry)
        one.is_removed = True

    def truth(self) -> list[Row]:
        """Return what is true of every invoice that was heard of."""
        return [self._truth(one) for one in self.followed.values()]

    def _truth(self, one: Followed) -> Row:
        invoice = self.context.store.table("autotask", "Invoices").get(one.invoice) or {}
        entry = (self.division.tables["SalesEntries"].get(one.entry) if one.entry else None) or {}
        settled = bool(one.parts) and not one.open and not one.is_removed
        paid = [part.date for part in one.parts if part.kind == "payment"]
        return {
            "invoice_id": one.invoice,
            "invoice_number": invoice.get("invoiceNumber"),
            "reference": one.reference,
            "form": one.form,
            "entry_id": one.entry,
            "entry_number": entry.get("EntryNumber"),
            "voided": bool(invoice.get("isVoided")),
            "state": one.state,
            "reopened": one.was_settled and not settled,
            "amount": one.amount,
            "paid": self._sum(one, "payment"),
            "credited": self._sum(one, "credit"),
            "written_off": self._sum(one, "write_off"),
            "open": ZERO if one.is_removed else one.open,
            "settled_on": max(part.date for part in one.parts) if settled else None,
            "last_payment_on": max(paid) if paid else None,
            "dated_by_hand": one.dated_by_hand,
            "matches": [part.match for part in one.parts],
        }

    def _sum(self, one: Followed, kind: Kind) -> Decimal:
        return sum((part.amount for part in one.parts if part.kind == kind), ZERO)


def _wanted(amounts: Mapping[Followed, Decimal | None]) -> dict[Followed, Decimal]:
    """Return how much of each invoice is settled."""
    wanted = {one: one.open if amount is None else amount for one, amount in amounts.items()}
    for one, amount in wanted.items():
        if not _is_money(amount) or abs(amount) > abs(one.open) or (amount > 0) != (one.open > 0):
            raise NotPossibleError(f"{amount} cannot be settled of {one.reference}, of which {one.open} is open")
    if not wanted:
        raise NotPossibleError("No invoice is named")
    return wanted


def _is_money(amount: Decimal) -> bool:
    """Tell whether it is an amount in cents that is not nothing."""
    return amount.is_finite() and bool(amount) and amount == amount.quantize(CENT)


def _wall(date: dt.date) -> dt.datetime:
    return times.midnight(dt.datetime.combine(date, dt.time()))
