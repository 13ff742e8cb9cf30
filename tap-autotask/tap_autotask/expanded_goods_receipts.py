"""The stream ``expanded_goods_receipts``: every goods receipt once, whole, when no row of it is to come any more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from singer_sdk import typing as th
from typing_extensions import override

from tap_autotask.client import batches
from tap_autotask.entities import RECEIVING
from tap_autotask.reading import Choice, Reading, open_keys
from tap_autotask.receipt_expansion import ReceiptExpansion
from tap_autotask.receipt_standing import Standing
from tap_autotask.receipts import Receipt, Rule, Shelf, beside, received_at
from tap_autotask.related import Reader
from tap_autotask.settings import WEB_URL
from tap_autotask.streams import AppendedStream
from tap_autotask.timestamps import stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from singer_sdk.helpers.types import Context

    from tap_autotask.client import Condition, Row
    from tap_autotask.tap import TapAutotask

PAGE = 1000
"""How many receipts are put together with what belongs to them at a time."""

ROW = th.ObjectType(th.Property("id", th.IntegerType), nullable=True)
SCHEMA = th.PropertiesList(
    th.Property("id", th.IntegerType, required=True),
    th.Property("received_at", th.DateTimeType),
    th.Property("received_by", ROW),
    th.Property("vendor_invoice_number", th.StringType),
    th.Property("first", th.BooleanType),
    th.Property("purchase_order", ROW),
    th.Property("rows", th.ArrayType(th.ObjectType(th.Property("id", th.IntegerType)))),
    th.Property("tenant", th.StringType),
    th.Property("web_url", th.StringType),
    th.Property("offered", th.IntegerType),
)


class ExpandedGoodsReceipts(AppendedStream):
    """Every goods receipt once, with all that the mapping of one needs.

    The bookmark is the id of the receiving row up to which all is offered; it never passes a receipt that is not
    settled. Beside it and ``upper_bound`` the state holds ``recent``, the rows offered since ``recent_since`` that the
    next run will meet again; ``rules``, by which rows were put together since which id; ``late``, the few rows that
    became visible after their receipt was offered and make one of their own; and ``open``, which a target adds: ids of
    receipts that it wants to have again.
    """

    STATE_MSG_FREQUENCY = 50

    def __init__(self, tap: TapAutotask) -> None:
        super().__init__(tap, RECEIVING, SCHEMA.to_dict(), "expanded_goods_receipts")
        self._offered = 0
        self._written: tuple[Standing, Receipt, dict[int, int]] | None = None

    @override
    def get_records(self, context: Context | None) -> Iterator[Row]:
        return self.changes()

    @override
    def changes(self) -> Iterator[Row]:
        standing = self._standing()
        asked = open_keys(self.name, self.progress)
        choice = Choice(asked, self.wanted, changed=_newer(standing))
        reading = Reading(self.client, RECEIVING.name, choice, lambda row: row["id"] in standing.known)
        rows = {row["id"]: row for pages in (reading.apart(), reading.rows()) for row in pages}
        self.check(reading.conditions, -1, reading.count, reading.expected)
        if reading.missing:
            self.logger.warning("Goods receipts %s are open, but Autotask does not show them.", sorted(reading.missing))

        fresh = standing.fresh(rows, asked)
        wanted = [row for row in rows.values() if row["id"] in fresh or row["id"] in asked]
        highest = max(rows, default=-1)
        standing.wait_for(wanted, highest)
        if any(row["id"] in asked or standing.is_settled(received_at(row)) for row in wanted):
            reader = Reader(self.client, self.tap.remembered)
            shelf = self._shelf(reader, rows, wanted, whole=self._is_whole(standing, reading))
            yield from self._offer(standing, shelf, asked & rows.keys() - fresh, fresh, highest)
        standing.finished()
        self.tap.remembered.close()

    def _standing(self) -> Standing:
        config = self.config
        return Standing(
            self.progress,
            self.client.now(),
            overlap=dt.timedelta(minutes=config["overlap_minutes"]),
            # never shorter than what the rows of one receipt may differ
            settling=dt.timedelta(seconds=max(60 * config["settle_minutes"], config["receipt_seconds"])),
            rule=Rule(-1, config["receipt_seconds"], tuple(sorted(set(config["receipt_by"])))),
        )

    def _is_whole(self, standing: Standing, reading: Reading) -> bool:
        """Tell whether all rows that there are were read, so that no order has others."""
        if standing.bookmark >= 0:
            return False
        return not reading.conditions or self.client.count(RECEIVING.name) == reading.count

    def _shelf(self, reader: Reader, rows: dict[int, Row], wanted: Iterable[Row], *, whole: bool) -> Shelf:
        """Read the order items of rows, and what else was received of the same orders."""
        items = _by_id(reader.among("PurchaseOrderItems", (row["purchaseOrderItemID"] for row in wanted)))
        if whole:
            return Shelf(items, rows)
        orders = {number for item in items.values() if (number := item.get("orderID")) is not None}
        items |= _by_id(reader.among("PurchaseOrderItems", orders, "orderID"))
        others = _by_id(reader.among(RECEIVING.name, items, "purchaseOrderItemID"))
        return Shelf(items, others | {row["id"]: row for row in wanted})

    def _offer(
        self, standing: Standing, shelf: Shelf, asked: Collection[int], fresh: set[int], highest: int
    ) -> Iterator[Row]:
        """Yield the receipts that are asked for, then the new ones that are settled, by id."""
        late = standing.late | beside(shelf.receipts(standing.rules, standing.late), fresh)
        found = shelf.receipts(standing.rules, late)
        again = [receipt for receipt in found if receipt.id in asked]
        new = [receipt for receipt in found if receipt.id in fresh]
        ready = [receipt for receipt in new if standing.is_settled(receipt.latest)]
        waiting = [row for receipt in new if not standing.is_settled(receipt.latest) for row in receipt.rows]
        standing.wait_for(waiting, highest)
        self._tell(asked, again, ready, waiting)

        expansion = ReceiptExpansion(Reader(self.client, self.tap.remembered), shelf, found)
        for page in batches(again, PAGE):
            yield from self._expanded(expansion, page, again=True)
        for page in batches(ready, PAGE):
            for receipt, record in zip(page, self._expanded(expansion, page), strict=True):
                self._written = standing, receipt, late
                yield record

    def _tell(self, asked: Collection[int], again: list[Receipt], ready: list[Receipt], waiting: list[Row]) -> None:
        self._offered = len(again) + len(ready)
        text = "%d goods receipts are offered, %d of them because they are open; %d rows are not settled yet."
        self.logger.info(text, self._offered, len(again), len(waiting))
        if gone := set(asked).difference(receipt.id for receipt in again):
            self.logger.warning("Goods receipts %s are open, but no receipt begins with that row.", sorted(gone))

    def _expanded(self, expansion: ReceiptExpansion, page: list[Receipt], *, again: bool = False) -> Iterator[Row]:
        zone = self.client.zone
        for record in expansion.expand(page, again=again):
            vendor = (record["purchase_order"] or {}).get("vendorID")
            yield record | {
                "tenant": zone.tenant,
                "web_url": WEB_URL.format(web_url=zone.web_url, company_id=vendor),
                "offered": self._offered,
            }

    @override
    def remember(self, row: Row) -> None:
        if self._written:
            standing, receipt, late = self._written
            standing.written(receipt, late)
            self._written = None


def _newer(standing: Standing) -> list[Condition]:
    """Return the conditions for rows that are new or came late, one of which has to be met."""
    if standing.bookmark < 0:
        return []
    return [
        {"op": "gt", "field": "id", "value": standing.bookmark},
        {"op": "gte", "field": "receiveDate", "value": stamp(standing.since)},
    ]


def _by_id(rows: Iterable[Row]) -> dict[int, Row]:
    return {row["id"]: row for row in rows}
