"""The division in memory: its tables, rowversions, numbers and log of deletions."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, Any

from sandbox.exact_online import times
from sandbox.exact_online.catalogue import resources
from sandbox.exact_online.relations import SYSTEM, Relations

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from sandbox.context import Context
    from sandbox.exact_online.switches import Switches
    from sandbox.store import Row, Table

VIRTUAL = {
    "Me",
    "PrintedSalesInvoices",
    "PurchaseOrderFeed",
    "Receivables",
    "ReceivablesList",
    "SalesInvoiceFeed",
    "SyncTimestamp",
    "TransactionLines",
}
"""Resources without rows of their own: worked out from others."""
TABLES = {
    resource.table: "ID" if resource.is_sync else resource.key
    for resource in sorted(resources().values(), key=lambda resource: not resource.is_sync)
    if resource.table not in VIRTUAL
}
"""Name and key of every table."""
HEADS = {"PurchaseOrders", "SalesEntries", "SalesInvoices"}
"""Tables whose rows stand in a feed as several: the rows that follow the first have the rowversions that follow its."""
FAMILY = 2**16
FED = {resource.table for resource in resources().values() if resource.is_sync} | HEADS
"""Tables that are read by rowversion, by themselves or as part of a feed."""

NAVIGATION = {
    ("Accounts", "BankAccounts"): ("BankAccounts", "Account"),
    ("GoodsReceiptLines", "SerialNumbers"): ("StockSerialNumbers", "StockTransactionID"),
    ("GoodsReceipts", "GoodsReceiptLines"): ("GoodsReceiptLines", "GoodsReceiptID"),
    ("PurchaseOrders", "PurchaseOrderLines"): ("PurchaseOrderLines", "PurchaseOrderID"),
    ("SalesEntries", "SalesEntryLines"): ("SalesEntryLines", "EntryID"),
    ("SalesInvoices", "SalesInvoiceLines"): ("SalesInvoiceLines", "InvoiceID"),
    ("SalesOrders", "SalesOrderLines"): ("SalesOrderLines", "OrderID"),
    ("VATCodes", "VATPercentages"): ("VatPercentages", "VATCodeID"),
}
"""Where the rows of a collection property are, and by which column they refer to their owner."""

ENTITY_TYPES = {
    "Accounts": 2,
    "Addresses": 3,
    "DocumentAttachments": 4,
    "Contacts": 5,
    "Documents": 6,
    "GLAccounts": 7,
    "Items": 9,
    "PaymentTerms": 10,
    "SalesInvoices": 13,
    "SalesInvoiceLines": 13,
    "PurchaseOrders": 22,
    "PurchaseOrderLines": 22,
    "SalesOrders": 32,
    "SalesOrderLines": 33,
}
"""How the log of deletions calls them (picqer/exact-php-client, SyncDeleted.php)."""
UNLOGGED = 0


class Feed:
    """The rows of a table in the order of their last change."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._stamps = array("q")
        self._keys: list[Any] = []

    def add(self, stamp: int, key: Any) -> None:
        """Note that a row is about to be stored with a new, larger rowversion."""
        self._stamps.append(stamp)
        self._keys.append(key)

    def after(self, stamp: int, before: int = 0) -> Iterator[Row]:
        """Iterate over the rows whose rowversion is larger, starting so many rows before."""
        start = max(bisect_right(self._stamps, stamp) - before, 0)
        for position in range(start, len(self._stamps)):
            row = self._table.get(self._keys[position])
            if row is not None and row["Timestamp"] == self._stamps[position]:
                yield row


class Division:
    """The one division of the sandbox.

    Args:
        context: The life of the sandbox it belongs to.
        switches: How it behaves where Exact does not say.
    """

    def __init__(self, context: Context, switches: Switches) -> None:
        self.context = context
        self.switches = switches
        self.relations = Relations(context.store)
        self._random = context.random("exact_online")
        self._ids = 0
        self._timestamp = switches.first_timestamp
        self.feeds: dict[str, Feed] = {}
        self.tables = {name: self._add_table(name) for name in TABLES}
        self.numbers: dict[Any, int] = {}
        """The highest number used, by whatever is numbered: ("SalesInvoices", "OrderNumber") or (journal, year)."""

    def _add_table(self, name: str) -> Table:
        table = self.context.store.add(SYSTEM, name, TABLES[name], self._stamp(name))
        if name in FED:
            self.feeds[name] = Feed(table)
        return table

    def _stamp(self, name: str) -> Callable[[Row], None]:
        """Return what dates every row of a table that is stored, and gives it a new rowversion."""
        columns = columns_of(name)
        dates = tuple(column for column, kind in columns.items() if kind == "DateTime")
        dated, key = "Modified" in columns, TABLES[name]

        def stamp(row: Row) -> None:
            for column in dates:
                if isinstance(row.get(column), str):
                    row[column] = times.read(row[column])
            if dated:
                row["Modified"] = self.now()
                row.setdefault("Created", row["Modified"])
            if name in FED:
                row["Timestamp"] = self._next_timestamp(FAMILY if name in HEADS else 1)
                self.feeds[name].add(row["Timestamp"], row[key])

        return stamp

    def now(self) -> dt.datetime:
        """Return the server's wall-clock time."""
        return times.local(self.context.clock.now())

    def today(self) -> dt.datetime:
        """Return the server's date, as midnight."""
        return times.midnight(self.now())

    def new_id(self) -> str:
        """Return a guid that is larger than all before, so that rows stay in the order they came."""
        self._ids += 1
        tail = self._random.getrandbits(88)
        head = 0x10000000 + self._ids * 97 + tail % 97
        digits = f"{head:08x}{tail:022x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{8 + tail % 4:x}{digits[15:18]}-{digits[18:30]}"

    def _next_timestamp(self, count: int) -> int:
        """Return a new rowversion, and reserve so many in all."""
        first = self._timestamp + 1
        self._timestamp += count
        return first

    def next_number(self, key: Any, first: int = 1) -> int:
        """Return the number after the highest used so far, and use it."""
        number = max(self.numbers.get(key, 0) + 1, first)
        self.numbers[key] = number
        return number

    def use_number(self, key: Any, number: int) -> None:
        """Note that a number is used."""
        self.numbers[key] = max(self.numbers.get(key, 0), number)

    def delete(self, name: str, key: Any) -> None:
        """Remove a row; what has an entity type leaves a line in the log of deletions."""
        if self.tables[name].delete(key) is None:
            return
        entity_type = ENTITY_TYPES.get(name, UNLOGGED)
        if entity_type != UNLOGGED:
            self.tables["Deleted"].put(
                {"ID": self.new_id(), "EntityKey": key, "EntityType": entity_type, "DeletedDate": self.now()}
            )

    def find(self, name: str, column: str, value: Any) -> Row | None:
        """Return the first row of a table whose column has a value, or None."""
        return next(iter(self.tables[name].find(column, [value])), None)


@cache
def columns_of(name: str) -> dict[str, str]:
    """Return the columns of a table and their types: all that any resource shows of it."""
    shown = [resource for resource in resources().values() if resource.table == name]
    return {column.name: column.type for resource in shown for column in resource.properties.values()}
