"""The company in memory: its tables, its numbers, and what is staged."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sandbox.exact_globe.catalogue import entities
from sandbox.exact_online import times

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from sandbox.context import Context
    from sandbox.exact_globe.switches import Switches
    from sandbox.store import Row, Table

SYSTEM = "exact_globe"
STAGED = "EntityTransactions"
"""Where lines wait for their header (product update 502, release notes of Entity Services)."""
EVENTS = "XMLEvents"
"""What was imported (xconnector.explore-it.nl, installation); its columns are *inferred*."""
VIEWS = ("BrowserData.PaymentCondition", "BrowserData.VAT", "BrowserData.Warehouses", "BrowserData.Debtors")
"""Entities without rows of their own: worked out from others."""
DIVISION = "100"


class Company:
    """The one company of the sandbox, a database called 100.

    Args:
        context: The life of the sandbox it belongs to.
        switches: How it behaves where nobody says.
    """

    def __init__(self, context: Context, switches: Switches) -> None:
        self.context = context
        self.switches = switches
        self.entities = entities(switches.product_update, switches.page_size)
        self._random = context.random(SYSTEM)
        self.tables = {
            name: context.store.add(SYSTEM, name, entity.key, self._stamp(name))
            for name, entity in self.entities.items()
            if name not in VIEWS
        }
        self.staged = context.store.add(SYSTEM, STAGED, "ID")
        self.events = context.store.add(SYSTEM, EVENTS, "ID")
        self._numbers: dict[str, int] = {}

    def _stamp(self, name: str) -> Callable[[Row], None]:
        """Return what dates every row of a table that is stored."""
        columns = self.entities[name].columns
        dates = tuple(column.name for column in columns.values() if column.type == "DateTime")

        def stamp(row: Row) -> None:
            for date in dates:
                if isinstance(row.get(date), str):
                    row[date] = times.read(row[date])
            if "ModifiedDate" in columns:
                row["ModifiedDate"] = self.now()
                row.setdefault("CreatedDate", row["ModifiedDate"])

        return stamp

    def now(self) -> dt.datetime:
        """Return the server's wall-clock time."""
        return times.local(self.context.clock.now())

    def today(self) -> dt.datetime:
        """Return the server's date, as midnight."""
        return times.midnight(self.now())

    def new_guid(self) -> str:
        """Return a guid, the same after every reset of the same seed."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def next_number(self, series: str, first: int = 1) -> int:
        """Return the number after the highest of a series, and use it."""
        number = max(self._numbers.get(series, 0) + 1, first)
        self._numbers[series] = number
        return number

    def use_number(self, series: str, number: int) -> None:
        """Note that a number is used."""
        self._numbers[series] = max(self._numbers.get(series, 0), number)

    def table(self, name: str) -> Table:
        """Return the table of an entity."""
        return self.tables[name]

    def find(self, name: str, column: str, value: Any) -> Row | None:
        """Return the first row of a table whose column has a value as it is stored, or None."""
        return next(iter(self.tables[name].find(column, [value])), None)

    def padded(self, name: str, column: str, value: str) -> str:
        """Return a code as it is stored."""
        found = self.entities[name].columns[column]
        return value.strip().rjust(found.length or 0) if found.is_padded else value.strip()

    def coded(self, name: str, column: str, value: str | None) -> Row | None:
        """Return the row that a code is for, whether it is padded or not."""
        return None if value is None else self.find(name, column, self.padded(name, column, value))
