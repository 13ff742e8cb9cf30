"""How much a goods receipt brought of each order item, and which earlier receipts it takes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from mapper_autotask_exact.invoices.amounts import ZERO, exact
from transfer_ledger.documents import TakenBack

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

Row = Mapping[str, Any]


class Lot(msgspec.Struct):
    """What one receipt brought of one order item: all its rows together, so that what cancels out is nothing."""

    receipt: str
    rows: list[Row] = []

    @property
    def net(self) -> Decimal:
        """How much came in, on balance."""
        return sum((exact(row.get("quantityNowReceiving")) for row in self.rows), ZERO)

    @property
    def serials(self) -> list[str]:
        """The serial numbers of the pieces that came in, or of those taken back when it takes back."""
        sign = -1 if self.net < 0 else 1
        counted = [
            (str(row.get("serialNumber") or "").strip(), exact(row.get("quantityNowReceiving"))) for row in self.rows
        ]
        gone = {serial for serial, quantity in counted if quantity * sign < 0}
        found = [serial for serial, quantity in counted if serial and quantity * sign > 0 and serial not in gone]
        return list(dict.fromkeys(found))


def lots(rows: Iterable[Row], receipt: str) -> dict[Any, Lot]:
    """Return what a receipt brought, by order item, in the order of its rows."""
    found: dict[Any, Lot] = {}
    for row in rows:
        found.setdefault(row.get("purchaseOrderItemID"), Lot(receipt)).rows.append(row)
    return found


def taken_back(lot: Lot) -> tuple[list[TakenBack], Decimal]:
    """Return which receipts a lot takes back, the latest first, and how much is more than ever came in.

    Receipts before it that took goods back are counted in the same way. Pieces with a serial number are taken from the
    receipt that brought them.

    Args:
        lot: One whose net is negative; its rows know what came ``earlier``.
    """
    earlier: dict[str, Lot] = {}
    for row in next((row["earlier"] for row in lot.rows if row.get("earlier")), ()):
        earlier.setdefault(str(row["receipt"]), Lot(str(row["receipt"]))).rows.append(row)
    left: dict[str, Decimal] = {}
    for each in earlier.values():
        if each.net > 0:
            left[each.receipt] = each.net
        elif each.net < 0:
            _take(each, left, earlier)
    before = dict(left)
    more = _take(lot, left, earlier)
    found = [
        TakenBack(
            receipt=receipt,
            quantity=quantity - left[receipt],
            left=left[receipt],
            source_ids=[str(row["id"]) for row in earlier[receipt].rows],
        )
        for receipt, quantity in reversed(before.items())
        if quantity != left[receipt]
    ]
    return found, more


def _take(lot: Lot, left: dict[str, Decimal], earlier: Mapping[str, Lot]) -> Decimal:
    """Take a lot off what is left of earlier receipts, and return how much could not be taken."""
    wanted, serials = -lot.net, set(lot.serials)
    for receipt in reversed(list(left)):
        own = len(serials.intersection(earlier[receipt].serials))
        step = min(wanted, left[receipt], exact(own))
        left[receipt] -= step
        wanted -= step
    for receipt in reversed(list(left)):
        step = min(wanted, left[receipt])
        left[receipt] -= step
        wanted -= step
    return wanted
