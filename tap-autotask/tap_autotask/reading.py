"""Rows that a stream wants in one run: those asked for by id, and those that are new or changed, in one query."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_autotask.client import MAX_IN, Page, batches, is_in
from tap_autotask.entities import date_fields
from tap_autotask.exceptions import StopRun
from tap_autotask.timestamps import widen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from tap_autotask.client import AutotaskClient, Condition, Row


PAGE = 500
"""How many rows are put together with what belongs to them at a time."""

logger = logging.getLogger("tap-autotask.reading")


class Choice(NamedTuple):
    """Which rows of an entity are wanted.

    Args:
        asked: Ids of rows that are wanted whatever they are.
        wanted: What all other rows have to meet.
        touched: Ids of rows that are wanted if they meet that, changed or not.
        changed: Which others are wanted; empty: all.
    """

    asked: Collection[int]
    wanted: Sequence[Condition] = ()
    touched: Collection[int] = ()
    changed: Sequence[Condition] = ()


class Queries(NamedTuple):
    """The queries for a choice: one for nearly all, and one for each further `MAX_IN` ids, with those ids."""

    folded: list[Condition]
    apart: list[tuple[list[int], list[Condition]]]


def queries(choice: Choice) -> Queries:
    """Return the queries for a choice, as few as the 500 OR conditions of a query allow.

    Of what is asked for the highest ids go into the one query: what is left over is old.
    """
    asked = sorted(choice.asked)
    touched = sorted(set(choice.touched).difference(asked)) if choice.changed else []
    asked_apart, asked = asked[:-MAX_IN], asked[-MAX_IN:]
    room = MAX_IN - len(asked)
    touched, touched_apart = touched[:room], touched[room:]
    others = list(choice.wanted)
    if choice.changed:
        others.append(any_of([*_in(touched), *choice.changed]))
    folded = [any_of([*_in(asked), all_of(others)])] if asked and others else others
    apart = [(ids, _in(ids)) for ids in batches(asked_apart, MAX_IN)]
    apart += [(ids, [*_in(ids), *choice.wanted]) for ids in batches(touched_apart, MAX_IN)]
    return Queries(folded, apart)


def any_of(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that one of some is met."""
    return conditions[0] if len(conditions) == 1 else {"op": "or", "items": list(conditions)}


def all_of(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that all of some are met."""
    return conditions[0] if len(conditions) == 1 else {"op": "and", "items": list(conditions)}


def _in(ids: list[int]) -> list[Condition]:
    return [is_in(ids)] if ids else []


class Reading:
    """One reading of an entity, begun with its first page.

    Args:
        client: Where the rows come from.
        entity: ``Invoices``.
        choice: Which rows are wanted.
        known: Tells of a row that it need not be emitted; those chosen by their id are emitted all the same.
    """

    def __init__(
        self, client: AutotaskClient, entity: str, choice: Choice, known: Callable[[Row], bool] = lambda _: False
    ) -> None:
        self._client = client
        self._entity = entity
        self._known = known
        self.asked = frozenset(choice.asked)
        self.missing = set(choice.asked)
        """The ids that were asked for and did not come yet."""
        self._chosen = {*choice.asked, *choice.touched}
        self.conditions, self._further = queries(choice)
        self._apart = {number for ids, _ in self._further for number in ids}
        self._first, self._more = client.page(entity, self.conditions)
        widen(self._first, date_fields(entity))
        self.expected = client.count(entity, self.conditions) if self._more else len(self._first)
        """How many rows `rows` should yield; a page that is not full tells it without a question."""
        self.count = 0
        """How many rows `rows` yielded."""
        self.offered = len(self._apart) + self.expected - sum(not self.emits(row) for row in self._first)
        """How many rows are emitted; what is known behind the first page is counted, too."""

    def emits(self, row: Row) -> bool:
        """Tell whether a row of `rows` is to be emitted, and was not among those of `apart`."""
        return row["id"] not in self._apart and (row["id"] in self._chosen or not self._known(row))

    def apart(self) -> Iterator[Row]:
        """Yield the rows chosen by their id that had no place in the one query: before the others, in any order."""
        for _, conditions in self._further:
            for page in self._client.pages(self._entity, conditions):
                yield from self._seen(page)

    def rows(self) -> Iterator[Row]:
        """Yield all rows of the one query, by ascending id; what is added meanwhile is left to the next run."""
        page, self._first = Page(self._first, self._more), []
        while page.rows:
            self.count += len(page.rows)
            after = page.rows[-1]["id"]
            yield from self._seen(page.rows)
            logger.info("%d of %d rows of %s read.", self.count, self.expected, self._entity)
            more = page.more and self.count < self.expected
            page = self._client.page(self._entity, self.conditions, after=after) if more else Page([], more=False)

    def _seen(self, page: list[Row]) -> list[Row]:
        widen(page, date_fields(self._entity))
        self.missing.difference_update(row["id"] for row in page)
        return page


def open_keys(stream: str, state: Mapping[str, Any]) -> set[int]:
    """Return the ids that a target wants again: ``open`` in the stream's state.

    Args:
        stream: The stream's name, for the message.
        state: Its state.

    Raises:
        StopRun: The state holds something that is no id.
    """
    keys = state.get("open") or ()
    wrong = [item for item in keys if not str(item).isdecimal()]
    if wrong:
        raise StopRun(
            f"The state names {wrong[:5]} under bookmarks.{stream}.open, which are no ids. Correct the state; Meltano"
            " shows it with `meltano state get`."
        )
    return {int(item) for item in keys}
