"""Receiving rows that belong to one goods receipt: pure functions from rows to receipts.

Autotask has no receipt: who receives ten items makes ten rows that differ by seconds. A receipt is named by the
smallest id of its rows, and stays what it was when it was first offered, whatever the settings say later.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_autotask.timestamps import moment

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from tap_autotask.client import Row

FIELDS = {"person": "receivedByResourceID", "vendor_invoice": "vendorInvoiceNumber"}
"""Words of the setting ``receipt_by`` to the field in which the rows of a receipt agree."""
LONG_AGO = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


class Rule(NamedTuple):
    """By what rows are put together, for receipts that begin with an id greater than ``after``."""

    after: int
    seconds: int
    by: tuple[str, ...]


class Receipt(NamedTuple):
    """Rows of one purchase order that were received together, in the order in which they were made."""

    rows: list[Row]

    @property
    def id(self) -> int:
        """The smallest id of its rows."""
        return min(int(row["id"]) for row in self.rows)

    @property
    def latest(self) -> dt.datetime:
        """When its latest row was made."""
        return max(received_at(row) for row in self.rows)


def received_at(row: Row) -> dt.datetime:
    """Return when a row was made; one without a date is as old as can be, so that nothing waits for it."""
    text = row.get("receiveDate")
    return moment(text) if text else LONG_AGO


def receipts(
    rows: Iterable[Row], orders: Mapping[int, Any], rules: Sequence[Rule], late: Mapping[int, int]
) -> list[Receipt]:
    """Return the receipts that rows make up, by id.

    Args:
        rows: Of any number of orders; of each order all that there are.
        orders: Order item to purchase order. An item of which none is known makes receipts of its own.
        rules: By what rows are put together, the oldest first.
        late: Rows that became visible after their receipt was offered, to the id of the receipt they make instead.
    """
    open_ones: dict[tuple[Any, ...], Receipt] = {}
    found: list[Receipt] = []
    for row in sorted(rows, key=_made):
        rule = next((rule for rule in reversed(rules) if rule.after < row["id"]), rules[0])
        item = row["purchaseOrderItemID"]
        order = orders.get(item, ("item", item))
        key = (order, late.get(row["id"]), rule, *(_text(row.get(FIELDS[word])) for word in rule.by))
        receipt = open_ones.get(key)
        if receipt and abs(received_at(row) - received_at(receipt.rows[-1])) <= dt.timedelta(seconds=rule.seconds):
            receipt.rows.append(row)
        else:
            open_ones[key] = receipt = Receipt([row])
            found.append(receipt)
    return sorted(found, key=lambda receipt: receipt.id)


def beside(found: Iterable[Receipt], fresh: Container[int]) -> dict[int, int]:
    """Return the fresh rows that would join a receipt which was offered, to the id of the receipt they make instead.

    A receipt that was offered never changes, and a row that became visible late is not lost.
    """
    apart: dict[int, int] = {}
    for receipt in found:
        late = [row["id"] for row in receipt.rows if row["id"] in fresh]
        if len(late) < len(receipt.rows):
            apart.update(dict.fromkeys(late, min(late, default=0)))
    return apart


class Shelf(NamedTuple):
    """Order items, and all that was received of their orders, each by id."""

    items: dict[int, Row]
    rows: dict[int, Row]

    def receipts(self, rules: Sequence[Rule], late: Mapping[int, int]) -> list[Receipt]:
        """Return the receipts that all rows make up."""
        return receipts(self.rows.values(), self.orders, rules, late)

    @property
    def orders(self) -> dict[int, Any]:
        """Order item to purchase order."""
        return {number: item.get("orderID") for number, item in self.items.items()}

    def firsts(self, found: Iterable[Receipt]) -> set[int]:
        """Return the ids of the receipts that are the first of their order."""
        orders = self.orders
        first: dict[Any, int] = {}
        for receipt in sorted(found, key=lambda receipt: _made(receipt.rows[0])):
            first.setdefault(orders.get(receipt.rows[0]["purchaseOrderItemID"]), receipt.id)
        return set(first.values())


def undone(found: Iterable[Receipt]) -> dict[int, list[Row]]:
    """Return, for each row that takes goods back, what was received of its order item by the receipts before its own.

    Those are rows of PurchaseOrderItemReceiving, each with the id of its ``receipt``.
    """
    by_item: defaultdict[int, list[Row]] = defaultdict(list)
    earlier: dict[int, list[Row]] = {}
    for receipt in sorted(found, key=lambda receipt: _made(receipt.rows[0])):
        back = [row for row in receipt.rows if (row.get("quantityNowReceiving") or 0) < 0]
        earlier |= {row["id"]: list(by_item[row["purchaseOrderItemID"]]) for row in back}
        for row in receipt.rows:
            by_item[row["purchaseOrderItemID"]].append(row | {"receipt": receipt.id})
    return earlier


def _made(row: Row) -> tuple[dt.datetime, int]:
    return received_at(row), row["id"]


def _text(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
