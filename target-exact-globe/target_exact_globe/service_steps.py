"""The write of one order over entity services, and the question whether it was done before."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from target_exact_globe import bodies
from target_exact_globe.answers import calendar_date, literal, trimmed
from transfer_ledger.amounts import cents
from transfer_ledger.documents import Problem, Totals
from transfer_ledger.exceptions import Ambiguous, DocumentFailed, Unanswered
from transfer_ledger.receipts import Found, Receipt, Receipts, Step

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from target_exact_globe.answers import Row
    from target_exact_globe.client import Client
    from target_exact_globe.orders import Kind, Order
    from target_exact_globe.staging import Staging

CREATE = "create"
HISTORY = "InvoiceHistoryHeader"
"""Processed sales invoices; those that are not processed yet can be read nowhere (PU415 entity reference)."""


def creation(staging: Staging, ask: Callable[[], Receipt | None], order: Order, keys: Sequence[UUID | None]) -> Step:
    """Return the step that writes an order.

    Args:
        staging: writes it.
        ask: looks it up; only called where an earlier attempt may have arrived.
        order: what is written.
        keys: of the lines of this attempt, then of earlier ones, the latest first.
    """
    doubted, written = False, bodies.staged(order)

    def find(_: Receipts) -> Receipt | None:
        nonlocal doubted
        doubted = True
        return ask()

    def write(_: Receipts) -> Receipt:
        for key in keys[1:] if doubted else ():
            if key is not None:
                staging.clear(written.line, key)
        try:
            return receipt(order.kind, staging.create(written, keys[0]))
        except DocumentFailed:
            # An earlier header that was on its way longer than anyone waits may have arrived meanwhile.
            late = ask() if doubted else None
            if late is None:
                raise
            return late

    return Step(name=CREATE, find=find, write=write, shows=lambda _: bodies.readable(order))


def under_reference(client: Client, order: Order) -> list[Found]:
    """Return the orders that Globe holds under the reference."""
    names = bodies.ENTITIES[order.kind]
    where = f"{names.reference} eq {literal(order.reference)}"
    return [found(order.kind, row) for row in client.read(names.header, select=columns(order.kind), where=where)]


def every(client: Client, kind: Kind, since: dt.date | None) -> Iterator[Found]:
    """Yield all orders that Globe holds, for a ledger that is new."""
    names = bodies.ENTITIES[kind]
    where = f"{names.dates[0]} ge datetime'{since}T00:00:00'" if since else ""
    for row in client.read(names.header, select=columns(kind), where=where):
        one = found(kind, row)
        if one.reference:
            yield one


def columns(kind: Kind) -> tuple[str, ...]:
    """Return what has to be read to recognise an order."""
    names = bodies.ENTITIES[kind]
    amount = names.net if kind == "purchase_order" else names.gross
    return (names.number, names.reference, names.party, names.dates[0], amount)


def found(kind: Kind, row: Row) -> Found:
    """Return an order in Globe as the ledger compares it."""
    names = bodies.ENTITIES[kind]
    number = trimmed(row.get(names.number))
    return Found(
        id=number,
        number=number,
        reference=trimmed(row.get(names.reference)),
        customer_id=trimmed(row.get(names.party)),
        gross=_amount(row.get(columns(kind)[-1])),
        date=calendar_date(row.get(names.dates[0])),
    )


def receipt(kind: Kind, row: Row) -> Receipt:
    """Return what a header's answer says: the number, and the totals that Globe computed.

    Raises:
        Unanswered: it names no number, so that it must be looked up.
    """
    names = bodies.ENTITIES[kind]
    number = trimmed(row.get(names.number))
    own = number or (f"{names.header} {row['ID']}" if row.get("ID") else "")
    if not own:
        raise Unanswered(f"Exact Globe's answer on {names.header} names no {names.number}.")
    return Receipt(id=own, number=number or None, totals=_totals(kind, row))


def invoice_in_history(client: Client, order: Order) -> Receipt | None:
    """Return the receipt of a sales invoice that was processed in Globe; None when none was.

    Raises:
        Ambiguous: several were.
    """
    where = f"YourReference eq {literal(order.reference)}"
    select = ("InvoiceNumber", "YourReference", "OrderDebtor", "InvoiceDebtor")
    rows = [
        row
        for row in client.read(HISTORY, select=select, where=where)
        if order.party.number in (trimmed(row.get("OrderDebtor")), trimmed(row.get("InvoiceDebtor")))
    ]
    numbers = [trimmed(row.get("InvoiceNumber")) for row in rows]
    if len(numbers) > 1:
        message = f"Exact Globe holds {len(numbers)} invoices under reference {order.reference}: {', '.join(numbers)}"
        problem = Problem(field="reference", value=order.reference, message=message)
        raise Ambiguous([problem], "Look there which one it is; credit what is too many.", candidates=numbers)
    return Receipt(id=numbers[0], number=numbers[0]) if numbers else None


def unknowable(order: Order, why: str) -> DocumentFailed:
    """Return the error of a document that may be in Globe, where nobody can be asked whether it is."""
    message = f"Whether {order.reference} arrived cannot be asked: {why}"
    advice = (
        "Look for your reference in Globe, then say `transfers confirm` with its number, or with `--not-there` when it "
        "is not there."
    )
    return DocumentFailed([Problem(field="reference", value=order.reference, message=message)], advice)


def _totals(kind: Kind, row: Row) -> Totals | None:
    names = bodies.ENTITIES[kind]
    net, vat, gross = (row.get(name) for name in (names.net, names.vat, names.gross))
    if kind == "purchase_order" and net is not None:
        # Of purchases the source system knows no VAT, so Globe's is left out of the comparison.
        return Totals(net=_amount(net), vat=cents(Decimal(0)), gross=_amount(net))
    if net is None or gross is None:
        return None
    tax = _amount(vat) if vat is not None else _amount(gross) - _amount(net)
    return Totals(net=_amount(net), vat=tax, gross=_amount(gross))


def _amount(value: Any) -> Decimal:
    return cents(Decimal(value or 0))
