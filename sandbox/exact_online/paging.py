"""One page of a collection: which rows, and where the next page begins.

Pages hold 60 rows, or 1,000 of `bulk` and `sync`. ``$skiptoken`` holds the last key, after the values of ``$orderby``
if there is one (recorded live, NangoHQ/integration-templates); that of `sync` resources is inferred.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import total_ordering
from itertools import islice
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from sandbox.exact_online import filters, predicates
from sandbox.exact_online.errors import query_syntax

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.query import Query
    from sandbox.exact_online.sources import Source
    from sandbox.store import Row

Getters = dict[str, "Callable[[Row], Any]"]


@dataclass(frozen=True)
class Page:
    """Rows, and what the next page needs; ``position`` is None on the last page."""

    rows: list[Row]
    position: str | None
    top: int | None


@total_ordering
class _Place:
    """A value in a sorted column: null first, the other way round when descending."""

    __slots__ = ("descending", "value")

    def __init__(self, value: Any, descending: bool) -> None:  # noqa: FBT001 - a column's direction
        self.value = value
        self.descending = descending

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place) and self.value == other.value

    def __lt__(self, other: _Place) -> bool:
        one, two = (other, self) if self.descending else (self, other)
        if one.value is None or two.value is None:
            return one.value is None and two.value is not None
        return bool(one.value < two.value)

    __hash__ = None  # type: ignore[assignment]


class Walk:
    """The rows that a query wants, in its order.

    Args:
        source: Where rows come from.
        resource: As which resource they are read.
        query: What is asked for.
        getter: Gives the function that reads a property.
    """

    def __init__(
        self, source: Source, resource: Resource, query: Query, getter: Callable[[str], Callable[[Row], Any]]
    ) -> None:
        self._source = source
        self._resource = resource
        self._query = query
        self._order = [(getter(name), descending) for name, descending in query.order]
        self._sorted = bool(query.order) and query.order != ((resource.key, False),)
        self._key: Callable[[Row], Any] = lambda row: row[resource.key]
        condition = query.condition
        self._matches = predicates.matcher(condition, resource, getter) if condition else None
        self._check_position()

    def _check_position(self) -> None:
        names = [name for name, _ in self._query.order] if self._sorted else []
        kinds = [predicates.KINDS.get(self._resource.properties[name].type) for name in (*names, self._resource.key)]
        given = [literal.kind for literal in self._query.position]
        same = len(kinds) == len(given) and all(one in (other, "null") for one, other in zip(given, kinds, strict=True))
        if given and not same:
            raise query_syntax()

    def page(self) -> Page:
        """Return one page."""
        query, size = self._query, self._resource.page_size
        top = None if self._resource.is_sync and query.top is not None and query.top > size else query.top
        limit = size if top is None else min(size, top)
        rows = list(islice(self._rows(limit + query.skip + 1), query.skip, query.skip + limit + 1))
        more = len(rows) > limit > 0 and top != limit
        left = None if top is None else top - limit
        return Page(rows[:limit], self._position(rows[limit - 1]) if more else None, left)

    def count(self) -> int:
        """Return how many rows match, on whatever page."""
        return sum(1 for _ in self._matching(self._all(None)))

    def _matching(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows if self._matches is None else filter(self._matches, rows)

    def _rows(self, most: int) -> Iterator[Row]:
        """Iterate over the matches behind the position; so many are needed at most."""
        if not self._sorted:
            start = self._query.position[-1].value if self._query.position else None
            return iter(self._matching(self._all(start)))
        matches = self._matching(self._all(None))
        if self._query.position:
            values = [literal.value for literal in self._query.position]
            behind = [
                _Place(value, descending)
                for value, (_, descending) in zip(values, [*self._order, (None, False)], strict=True)
            ]
            matches = (row for row in matches if self._place(row) > behind)
        return iter(heapq.nsmallest(most, matches, key=self._place))

    def _all(self, start: Any) -> Iterator[Row]:
        """Iterate over all rows that may match, behind a key."""
        if self._resource.is_sync:
            lower = predicates.lower_bound(self._query.condition, self._resource.key)
            return self._source.feed(max(lower, start or 0))
        hit = predicates.candidates(self._query.condition, self._source.indexed)
        if hit is None:
            return self._source.after(start)
        return (row for row in self._source.find(*hit) if start is None or self._key(row) > start)

    def _place(self, row: Row) -> list[_Place]:
        places = [_Place(get(row), descending) for get, descending in self._order]
        return [*places, _Place(self._key(row), descending=False)]

    def _position(self, row: Row) -> str:
        values = [get(row) for get, _ in self._order] if self._sorted else []
        return ",".join(map(filters.literal, (*values, self._key(row))))
