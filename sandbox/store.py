"""Rows of all systems in memory, in key order, with an index on every column that is asked for.

A row is a dict; a column that is absent is null. Rows change through ``put`` and ``delete`` only: a change behind the
table's back would leave its indexes wrong.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Row = dict[str, Any]
Key = Any


class Table:
    """The rows of one resource.

    Args:
        key: The column that identifies a row; its values must be comparable with each other.
        stamp: Called with the row that is about to be stored at every ``put``; it may change the row (a modified
            date, a rowversion).
    """

    def __init__(self, key: str, stamp: Callable[[Row], None] | None = None) -> None:
        self.key = key
        self.stamp = stamp
        self.arrived: dict[Key, None] = {}
        """Keys of the rows that were written since ``Store.settle``, in the order of their first write."""
        self.edit: Callable[[Row], Row] = dict
        """What an edit behind the API's back is completed by, such as a modified date; a half may replace it."""
        self._rows: dict[Key, Row] = {}
        self._order: list[Key] = []
        self._indexes: dict[str, dict[Any, list[Key]]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return self.after(None)

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def get(self, key: Key) -> Row | None:
        """Return the row of a key, or None."""
        return self._rows.get(key)

    def after(self, key: Key | None) -> Iterator[Row]:
        """Iterate over the rows whose key is larger, in key order; None starts at the first."""
        start = 0 if key is None else bisect_right(self._order, key)
        return (self._rows[self._order[position]] for position in range(start, len(self._order)))

    def find(self, column: str, values: Iterable[Any], after: Key | None = None) -> list[Row]:
        """Return the rows of which the column holds one of the values, in key order; indexed at the first call.

        Args:
            column: Any column whose values are hashable.
            values: What to look for; null is never found.
            after: Only rows whose key is larger.
        """
        keys: list[Key] = []
        for found in self._postings(column, values):
            keys += found if after is None else found[bisect_right(found, after) :]
        return [self._rows[key] for key in sorted(keys)]

    def count(self, column: str, values: Iterable[Any]) -> int:
        """Return how many rows ``find`` would find."""
        return sum(map(len, self._postings(column, values)))

    def next_key(self) -> int:
        """Return the number after the last key of a table that is numbered."""
        return int(self._order[-1]) + 1 if self._order else 1

    def put(self, changes: Row) -> Row:
        """Store a row: a new one, or the changes to the one of the same key. Return the row as stored.

        Raises:
            KeyError: The key column is missing.
        """
        key = changes[self.key]
        old = self._rows.get(key)
        row = changes if old is None else old | changes
        if self.stamp:
            self.stamp(row)
        if old is None:
            self._insert_key(key)
        self._rows[key] = row
        self._reindex(key, old or {}, row)
        self.arrived.setdefault(key)
        return row

    def delete(self, key: Key) -> Row | None:
        """Remove the row of a key and return it, or None."""
        row = self._rows.pop(key, None)
        if row is not None:
            del self._order[bisect_right(self._order, key) - 1]
            self._reindex(key, row, {})
            self.arrived.pop(key, None)
        return row

    def _postings(self, column: str, values: Iterable[Any]) -> list[list[Key]]:
        """Return the sorted keys per value."""
        if column == self.key:
            return [[value] for value in set(values) if value in self._rows]
        index = self._indexes[column] if column in self._indexes else self._build_index(column)
        return [index[value] for value in set(values) if value in index]

    def _insert_key(self, key: Key) -> None:
        if not self._order or key > self._order[-1]:
            self._order.append(key)
        else:
            insort(self._order, key)

    def _build_index(self, column: str) -> dict[Any, list[Key]]:
        index: dict[Any, list[Key]] = {}
        for key in self._order:
            _add_to_index(index, self._rows[key].get(column), key)
        self._indexes[column] = index
        return index

    def _reindex(self, key: Key, old: Row, new: Row) -> None:
        for column, index in self._indexes.items():
            before, after = old.get(column), new.get(column)
            if before != after:
                if before is not None:
                    index[before].remove(key)
                _add_to_index(index, after, key)


class Store:
    """The tables of all systems, by system and resource."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], Table] = {}

    def add(self, system: str, resource: str, key: str, stamp: Callable[[Row], None] | None = None) -> Table:
        """Make an empty table for a resource, under the vendor's name for it."""
        table = self._tables[system, resource] = Table(key, stamp)
        return table

    def table(self, system: str, resource: str) -> Table:
        """Return the table of a resource.

        Raises:
            KeyError: No half has added it.
        """
        return self._tables[system, resource]

    def tables(self, system: str) -> dict[str, Table]:
        """Return the tables of one system, by resource."""
        return {resource: table for (owner, resource), table in self._tables.items() if owner == system}

    def settle(self) -> None:
        """Regard all there is now as seed: what is put from here on has *arrived*."""
        for table in self._tables.values():
            table.arrived.clear()


def _add_to_index(index: dict[Any, list[Key]], value: Any, key: Key) -> None:
    if value is None:
        return
    keys = index.setdefault(value, [])
    if keys and key < keys[-1]:
        insort(keys, key)
    else:
        keys.append(key)
