"""Goods that are taken back off the open order they came in with: a smaller quantity, or a line or order less.

Quantities are written as what is left, never as a difference, so that a change that arrived twice is one change.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tap_exact_online import odata
from target_exact_online.purchases import forms
from target_exact_online.translation import reading, writing
from transfer_ledger import texts
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Ambiguous, DocumentFailed
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from target_exact_online.desk import Desk
    from transfer_ledger.documents import OrderLine, PurchaseOrder, TakenBack
    from transfer_ledger.transfers import Transfer

    Earlier = Callable[[str], Transfer | None]
    """Returns the transfer of a receipt, None when there is none."""

COLUMNS = (
    "ID", "LineNumber", "Description", "Quantity", "QuantityInPurchaseUnits", "NetPrice", "ReceivedQuantity",
    "InvoicedQuantity",
)  # fmt: skip
BY_HAND = "Correct it in Exact Online by hand, and leave this receipt out with `purchases.skip` in the mapping."
WAITS = "It is offered again on the next run, after that receipt."


@dataclass(frozen=True)
class Change:
    """What is left of a line of an earlier order."""

    order_id: str
    order_number: str
    line: OrderLine
    """Of the earlier order, as it was sent."""
    taken: TakenBack

    @property
    def before(self) -> Decimal:
        """What there was of it."""
        return self.taken.left + self.taken.quantity

    def what(self) -> str:
        """Return what people call it."""
        return f"{texts.one_line(self.line.description)[:60]} of order {self.order_number}"


def changes_of(document: PurchaseOrder, earlier: Earlier) -> list[Change]:
    """Return what a document changes of earlier orders.

    Raises:
        DocumentFailed: one of them is not there, or not yet; with all that is wrong.
    """
    if document.when_corrected != "change":
        return []
    found: list[Change] = []
    problems: list[tuple[Problem, str]] = []
    for number, line in enumerate(document.lines):
        for taken in line.takes_back:
            made = _change(earlier(taken.receipt), taken, f"lines[{number}].takes_back")
            if isinstance(made, Change):
                found.append(made)
            else:
                problems.append(made)
    if problems:
        advice = " ".join(dict.fromkeys(advice for _, advice in problems))
        raise DocumentFailed([problem for problem, _ in problems], advice)
    return found


def _change(transfer: Transfer | None, taken: TakenBack, field: str) -> Change | tuple[Problem, str]:
    name = f"Receipt {taken.receipt}, of which goods are taken back,"
    if transfer is None:
        return _wrong(field, taken, f"{name} was never transferred by this link"), BY_HAND
    if transfer.state == "skipped":
        return _wrong(field, taken, f"{name} was left out"), BY_HAND
    if transfer.receipt is None or transfer.state != "transferred":
        return _wrong(field, taken, f"{name} is not transferred yet"), WAITS
    lines = [line for line in _lines(transfer) if set(line.source_ids) & set(taken.source_ids)]
    if len(lines) != 1:
        return _wrong(field, taken, f"{name} has no such line"), BY_HAND
    receipt = transfer.receipt
    return Change(receipt.id, receipt.number or receipt.id, lines[0], taken)


def _wrong(field: str, taken: TakenBack, message: str) -> Problem:
    return Problem(field=field, value=taken.receipt, message=message)


def _lines(transfer: Transfer) -> list[OrderLine]:
    sent: Any = transfer.stored()
    return [] if sent is None else sent.lines


def steps(desk: Desk, document: PurchaseOrder, changes: list[Change]) -> Iterator[Step]:
    """Yield a step for each change."""
    for number, change in enumerate(changes, 1):
        yield _step(desk, document, change, number)


def _step(desk: Desk, document: PurchaseOrder, change: Change, number: int) -> Step:
    done_as = Receipt(id=f"{change.order_id}:{document.source.id}:{number}", number=change.order_number)

    def find(_: Receipts) -> Receipt | None:
        rows = _rows(desk, change)
        return done_as if _among(rows, change, change.before) is None and _is_done(rows, change) else None

    def write(_: Receipts) -> Receipt:
        rows = _rows(desk, change)
        row = _among(rows, change, change.before)
        if row is None and _is_done(rows, change):
            return done_as
        if row is None:
            raise DocumentFailed([_gone(change)], BY_HAND)
        if row["ReceivedQuantity"] or row["InvoicedQuantity"]:
            raise DocumentFailed([_booked(change)], "Make a purchase return in Exact Online, by hand.")
        with writing():
            _write(desk, change, rows, row)
        return done_as

    shows = {"PurchaseOrder": change.order_number, "Line": change.line.description, "Quantity": change.taken.left}
    return Step(name=f"change {number}", find=find, write=write, shows=lambda _: shows)


def _write(desk: Desk, change: Change, rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    if change.taken.left:
        in_units = Decimal(row["QuantityInPurchaseUnits"]) / Decimal(row["Quantity"]) * change.taken.left
        desk.client.update(forms.LINES, UUID(row["ID"]), {"QuantityInPurchaseUnits": in_units})
    elif len(rows) > 1:
        desk.client.delete(forms.LINES, UUID(row["ID"]))
    else:
        desk.client.delete(forms.ORDERS, UUID(change.order_id))  # one line must remain (Exact REST docs)


def _rows(desk: Desk, change: Change) -> list[dict[str, Any]]:
    where = f"PurchaseOrderID eq {odata.literal(UUID(change.order_id))}"
    with reading():
        return sorted(desk.client.read(forms.LINES, select=COLUMNS, where=where), key=lambda row: row["LineNumber"])


def _among(rows: list[dict[str, Any]], change: Change, quantity: Decimal) -> dict[str, Any] | None:
    """Return the row of the changed line that has this quantity; of several that are alike, the first.

    Raises:
        Ambiguous: several have it at different prices.
    """
    found = [row for row in _alike(rows, change) if Decimal(row["Quantity"]) == quantity]
    if len({Decimal(row["NetPrice"]) for row in found}) > 1:
        named = [f"line {row['LineNumber']} at {Decimal(row['NetPrice']):f}" for row in found]
        message = f"Order {change.order_number} has several lines that could be {change.what()}: {', '.join(named)}"
        problem = Problem(field="lines.takes_back", value=change.taken.receipt, message=message)
        raise Ambiguous([problem], BY_HAND, candidates=named)
    return found[0] if found else None


def _alike(rows: list[dict[str, Any]], change: Change) -> list[dict[str, Any]]:
    """Return the rows that could be the changed line: those with its text, and among them those with its cost."""
    named = [row for row in rows if _says(texts.one_line(row["Description"]), texts.one_line(change.line.description))]
    priced = [row for row in named if _same_cost(row, change.line)]
    return priced or named


def _says(there: str, sent: str) -> bool:
    """Tell whether a line has the text that was sent, which may have been shortened."""
    return there == sent or (there.endswith("…") and sent.startswith(there.removesuffix("…")))


def _same_cost(row: dict[str, Any], line: OrderLine) -> bool:
    pieces = Decimal(row["Quantity"]) / (Decimal(row["QuantityInPurchaseUnits"]) or 1)
    return abs(Decimal(row["NetPrice"]) - line.unit_cost * pieces) < Decimal("0.01")


def _is_done(rows: list[dict[str, Any]], change: Change) -> bool:
    if not change.taken.left:
        return not _alike(rows, change)
    return _among(rows, change, change.taken.left) is not None


def _gone(change: Change) -> Problem:
    message = (
        f"{change.what()} should be {change.before.normalize():f} before {change.taken.quantity.normalize():f} "
        "are taken back, and there is no such line in Exact Online"
    )
    return Problem(field="lines.takes_back", value=change.taken.receipt, message=message)


def _booked(change: Change) -> Problem:
    message = f"{change.what()} was received or invoiced in Exact Online, so its order is not changed any more"
    return Problem(field="lines.takes_back", value=change.taken.receipt, message=message)
