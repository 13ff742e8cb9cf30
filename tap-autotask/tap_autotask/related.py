"""Rows that others point to: each read once for a whole page, or in a list that is read whole."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tap_autotask.entities import date_fields
from tap_autotask.timestamps import widen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_autotask.client import AutotaskClient, Condition, Row
    from tap_autotask.remembered import Remembered

Index = dict[Any, Any]

logger = logging.getLogger("tap-autotask.related")

KEPT = 250
"""Related rows kept from page to page, for each entity: enough to save calls, few enough to keep memory flat."""


class Reader:
    """Reads rows with timestamps of full width.

    Args:
        client: Where they come from.
        remembered: What earlier runs read.
    """

    def __init__(self, client: AutotaskClient, remembered: Remembered) -> None:
        self.client = client
        self.remembered = remembered
        self.again = False
        """Whether what is read now was read by an earlier run too, so that remembered rows serve."""

    def among(
        self, entity: str, ids: Iterable[int], field: str = "id", conditions: Sequence[Condition] = ()
    ) -> Iterator[Row]:
        """Yield the rows whose field has one of the values and that meet the conditions."""
        for row in self.client.among(entity, ids, field, conditions):
            widen((row,), date_fields(entity))
            self.remembered.learn(entity, row)
            yield row

    def whole(self, entity: str) -> list[Row]:
        """Return all rows of an entity."""
        rows = [row for page in self.client.pages(entity) for row in page]
        widen(rows, date_fields(entity))
        return rows


class Related:
    """Rows of one entity by their id; the latest `KEPT` are kept.

    Args:
        reader: Where they come from.
        entity: ``Companies``.
    """

    def __init__(self, reader: Reader, entity: str) -> None:
        self._reader = reader
        self._entity = entity
        self._kept: dict[int, Row | None] = {}
        self._loaded: dict[int, Row | None] = {}

    def load(self, ids: Iterable[int | None]) -> None:
        """See to it that these rows, and no others, are at hand; what Autotask does not show becomes None."""
        needed = {number for number in ids if number is not None}
        for number in list(self._kept)[: max(0, len(self._kept) - KEPT)]:
            del self._kept[number]
        missing = needed - self._kept.keys()
        earlier = self._reader.remembered.rows(self._entity, missing) if self._reader.again else {}
        missing -= earlier.keys()
        self._kept.update(dict.fromkeys(missing))
        self._kept.update((row["id"], row) for row in self._reader.among(self._entity, missing))
        self._loaded = {number: earlier.get(number) or self._kept[number] for number in needed}

    def get(self, number: int | None) -> Row | None:
        """Return a row that was loaded; None when there is none."""
        return None if number is None else self._loaded[number]


class Lists:
    """Small tables, each read whole at its first use and kept for the run.

    Args:
        reader: Where they come from.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._read: dict[str, Index] = {}
        self._earlier: dict[str, Index] = {}
        self._only: dict[tuple[str, str, Any], Row | None] = {}

    def read(self, entity: str) -> dict[int, Row]:
        """Return the rows of an entity by id, as this run read them."""
        return self._fresh(entity, lambda: self._reader.whole(entity), _by_id)

    def get(self, entity: str, number: int | None) -> Row | None:
        """Return one row; None when there is none."""
        if number is None:
            return None
        earlier: Row | None = self._remembered(entity, _by_id).get(number)
        return earlier or self.read(entity).get(number)

    def only(self, entity: str, field: str, value: Any) -> Row | None:
        """Return the one row with this value; None when there is none or when it is not the only one."""
        earlier: list[Row] = [row for row in self._remembered(entity, _by_id).values() if row.get(field) == value]
        if len(earlier) == 1:
            return earlier[0]
        if (entity, field, value) not in self._only:
            found = [row for row in self.read(entity).values() if row.get(field) == value]
            if len(found) > 1:
                logger.warning("%d rows of %s have %s %r: none of them is used.", len(found), entity, field, value)
            self._only[entity, field, value] = found[0] if len(found) == 1 else None
        return self._only[entity, field, value]

    def labels(self, entity: str) -> dict[str, dict[str, str]]:
        """Return the labels of an entity's picklists by the value's text: rows hold integers, metadata text."""
        name = f"{entity} picklists"
        return self._remembered(name, _by_value) or self._fresh(name, lambda: self._picklists(entity), _by_value)

    def _picklists(self, entity: str) -> list[Row]:
        fields = self._reader.client.metadata(entity)
        return [{name: field[name] for name in ("name", "picklistValues")} for field in fields if _values(field)]

    def _fresh(self, name: str, read: Callable[[], list[Row]], index: Callable[[list[Row]], Index]) -> Index:
        if name not in self._read:
            rows = read()
            self._reader.remembered.learn_whole(name, rows)
            self._read[name] = index(rows)
        return self._read[name]

    def _remembered(self, name: str, index: Callable[[list[Row]], Index]) -> Index:
        """Return a list of an earlier run where that serves and this run has not read it; otherwise an empty one."""
        if not self._reader.again or name in self._read:
            return {}
        if name not in self._earlier:
            self._earlier[name] = index(self._reader.remembered.whole(name))
        return self._earlier[name]


def currency(lists: Lists, company: Row) -> Row | None:
    """Return a company's currency, which its invoices have too (Autotask REST docs); null is the internal one."""
    if company.get("currencyID") is None:
        return lists.only("Currencies", "isInternalCurrency", value=True)
    return lists.get("Currencies", company["currencyID"])


def _by_id(rows: list[Row]) -> dict[int, Row]:
    return {row["id"]: row for row in rows}


def _by_value(fields: list[Row]) -> dict[str, dict[str, str]]:
    return {field["name"]: {str(entry["value"]): entry["label"] for entry in _values(field)} for field in fields}


def _values(field: Row) -> list[Row]:
    return field.get("picklistValues") or []
