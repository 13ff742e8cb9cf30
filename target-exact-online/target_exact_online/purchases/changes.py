"""Goods that are taken back off the open order they came in with: a smaller quantity, or a line or order less.

Quantities are written as what is left, never as a difference, so that a change that arrived twice is one change. Lines
that look alike are told apart once, before the write: which one is meant is written down with it.
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
from transfer_ledger.receipts import Receipt, Receipts, Step, aim_of

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
DONE = ""
"""In the place of the line that a change aims at: it was corrected by hand already."""

Row = dict[str, Any]
Rows = list[Row]


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
        raise DocumentFailed(list({problem.message: problem for problem, _ in problems}.values()), advice)
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
    name = f"change {number}"
    aim_name = aim_of(name)
    done_as = Receipt(id=f"{change.order_id}:{document.source.id}:{number}", number=change.order_number)
    seen: list[Rows] = []

    def aim(done: Receipts) -> Receipt:
        seen[:] = [_rows(desk, change)]
        others = {receipt.id for step, receipt in done.items() if step != aim_name}
        return Receipt(id=_aim([row for row in seen[0] if row["ID"] not in others], change))

    def find(done: Receipts) -> Receipt | None:
        aimed = done.get(aim_name)
        return done_as if aimed is not None and _is_done(_rows(desk, change), aimed.id, change) else None

    def write(done: Receipts) -> Receipt:
        rows, aimed = seen.pop(), done[aim_name].id
        if not _is_done(rows, aimed, change):
            _write(desk, change, rows, aimed)
        return done_as

    shows = {"PurchaseOrder": change.order_number, "Line": change.line.description, "Quantity": change.taken.left}
    return Step(name=name, find=find, write=write, aim=aim, shows=lambda _: shows)


def _aim(rows: Rows, change: Change) -> str:
    """Return the id of the line that is to be changed, ``DONE`` where it is as it is to be.

    Raises:
        DocumentFailed: there is no such line.
    """
    row = _among(rows, change, change.before)
    if row is not None:
        return str(row["ID"])
    if _among(rows, change, change.taken.left) if change.taken.left else not _alike(rows, change):
        return DONE
    raise DocumentFailed([_gone(change)], BY_HAND)


def _is_done(rows: Rows, line_id: str, change: Change) -> bool:
    if line_id == DONE:
        return True
    row = _by_id(rows, line_id)
    return row is None if not change.taken.left else row is not None and Decimal(row["Quantity"]) == change.taken.left


def _write(desk: Desk, change: Change, rows: Rows, line_id: str) -> None:
    row = _by_id(rows, line_id) or {}
    if row["ReceivedQuantity"] or row["InvoicedQuantity"]:
        raise DocumentFailed([_booked(change)], "Make a purchase return in Exact Online, by hand.")
    in_units = _left_in_units(change, row)
    with writing():
        if change.taken.left:
            desk.client.update(forms.LINES, UUID(line_id), {"QuantityInPurchaseUnits": in_units})
        elif len(rows) > 1:
            desk.client.delete(forms.LINES, UUID(line_id))
        else:
            desk.client.delete(forms.ORDERS, UUID(change.order_id))  # one line must remain (Exact REST docs)


def _left_in_units(change: Change, row: Row) -> Decimal:
    """Return what is left as it is ordered: Exact multiplies it by the pieces of a purchase unit.

    Raises:
        DocumentFailed: it is no number of purchase units.
    """
    units, pieces = Decimal(row["QuantityInPurchaseUnits"]), Decimal(row["Quantity"])
    left = units * change.taken.left / pieces
    if units == pieces or left == left.to_integral_value():
        return left
    unit = f"{(pieces / units).normalize():f}"
    message = (
        f"{change.taken.left.normalize():f} pieces would be left of {change.what()}, which are no number of purchase "
        f"units of {unit} pieces"
    )
    raise DocumentFailed([Problem(field="lines.takes_back", value=change.taken.receipt, message=message)], BY_HAND)


def _rows(desk: Desk, change: Change) -> Rows:
    where = f"PurchaseOrderID eq {odata.literal(UUID(change.order_id))}"
    with reading():
        return sorted(desk.client.read(forms.LINES, select=COLUMNS, where=where), key=lambda row: row["LineNumber"])


def _by_id(rows: Rows, line_id: str) -> Row | None:
    return next((row for row in rows if row["ID"] == line_id), None)


def _among(rows: Rows, change: Change, quantity: Decimal) -> Row | None:
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


def _alike(rows: Rows, change: Change) -> Rows:
    """Return the rows that could be the changed line: those with its text, and among them those with its cost."""
    named = [row for row in rows if _says(texts.one_line(row["Description"]), texts.one_line(change.line.description))]
    priced = [row for row in named if _same_cost(row, change.line)]
    return priced or named


def _says(there: str, sent: str) -> bool:
    """Tell whether a line has the text that was sent, which may have been shortened."""
    return there == sent or (there.endswith("…") and sent.startswith(there.removesuffix("…")))


def _same_cost(row: Row, line: OrderLine) -> bool:
    pieces = Decimal(row["Quantity"]) / (Decimal(row["QuantityInPurchaseUnits"]) or 1)
    return abs(Decimal(row["NetPrice"]) - line.unit_cost * pieces) < Decimal("0.01")


def _gone(change: Change) -> Problem:
    message = (
        f"{change.what()} should be {change.before.normalize():f} before {change.taken.quantity.normalize():f} "
        "are taken back, and there is no such line in Exact Online"
    )
    return Problem(field="lines.takes_back", value=change.taken.receipt, message=message)


def _booked(change: Change) -> Problem:
    message = f"{change.what()} was received or invoiced in Exact Online, so its order is not changed any more"
    return Problem(field="lines.takes_back", value=change.taken.receipt, message=message)
