"""Which row a record is about: by the field, or fields, that are its key, never by taking the first of several."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_autotask.client import MAX_IN
from target_autotask.rows import udf_values, value_of
from target_autotask.values import sent, wire
from transfer_ledger.exceptions import StopRun
from transfer_ledger.records import RecordFailed, Unfit, is_empty, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_autotask.client import Condition, Row
    from target_autotask.client import WritingClient
    from target_autotask.entities import Entity, Field

Value = tuple[Any, ...]
"""The values of a key's fields, as Autotask takes them."""


class Key:
    """The fields of an entity by which its rows are looked up.

    Args:
        entity: The entity.
        names: The names of the fields.

    Raises:
        StopRun: A name is none of a field that can be queried.
    """

    def __init__(self, entity: Entity, names: Sequence[str]) -> None:
        self._entity = entity
        self.fields = [_key_field(entity, name) for name in names]
        own = sum(field.udf for field in self.fields)
        if own > 1:
            raise StopRun(
                f"The setting keys has {own} user-defined fields for {entity.name}: Autotask takes one in a query.",
                "Leave all but one out.",
            )
        self.at_once = 1 if own else MAX_IN
        """How many values one query takes; of a user-defined field one (Autotask REST docs, Queries)."""

    def value(self, record: Mapping[str, Any]) -> Value:
        """Return the value of a record's key.

        Raises:
            RecordFailed: It has none, or one that cannot be.
        """
        given = {name.lower(): value for name, value in record.items()}
        own = udf_values(record)
        return tuple(self._part(field, (own if field.udf else given).get(field.name.lower())) for field in self.fields)

    def _part(self, field: Field, value: Any) -> Any:
        if is_empty(value):
            raise RecordFailed(f"{field.name} is empty, and it is the key: see the setting keys")
        try:
            return sent(field, value)
        except Unfit as error:
            raise RecordFailed(f"{field.name}: {shown(value)} {error}") from error

    def find(self, client: WritingClient, wanted: Sequence[Value]) -> dict[Value, list[Row]]:
        """Return the rows of each key that is wanted, by ``folded`` values; one query for ``at_once`` of them."""
        found: dict[Value, list[Row]] = defaultdict(list)
        for start in range(0, len(wanted), self.at_once):
            part = wanted[start : start + self.at_once]
            self._find_part(client, {folded(value): value for value in part}, found)
        return found

    def _find_part(self, client: WritingClient, wanted: dict[Value, Value], found: dict[Value, list[Row]]) -> None:
        strays = False
        for row in self._ask(client, list(wanted.values())):
            key = next(iter(wanted)) if len(wanted) == 1 else self._of_row(row)
            strays |= key not in wanted
            found[key].append(row)
        if strays:  # Autotask holds texts for equal that differ to us, so it is asked about each that is missing
            for key, value in wanted.items():
                if key not in found:
                    found[key] += self._ask(client, [value])

    def _of_row(self, row: Row) -> Value:
        return folded(tuple(value_of(field, row) for field in self.fields))

    def _ask(self, client: WritingClient, wanted: Sequence[Value]) -> Iterator[Row]:
        for page in client.pages(self._entity.name, self._conditions(wanted)):
            yield from page

    def _conditions(self, wanted: Sequence[Value]) -> list[Condition]:
        if len(wanted) == 1:
            return self._all_of(wanted[0])
        if len(self.fields) == 1:
            return [{"op": "in", "field": self.fields[0].name, "value": [wire(value) for (value,) in wanted]}]
        return [{"op": "or", "items": [{"op": "and", "items": self._all_of(value)} for value in wanted]}]

    def _all_of(self, value: Value) -> list[Condition]:
        return [
            {"op": "eq", "field": field.name, "value": wire(part), **({"udf": True} if field.udf else {})}
            for field, part in zip(self.fields, value, strict=True)
        ]

    def told(self, value: Value) -> str:
        """Return a key for messages: ``companyNumber 'D10042'``."""
        parts = zip(self.fields, value, strict=True)
        return ", ".join(f"{field.name} {shown(part)}" for field, part in parts)


def folded(value: Value) -> Value:
    """Return a key's value so that what SQL Server holds for equal is equal: it minds neither case nor end spaces."""
    return tuple(part.rstrip().casefold() if isinstance(part, str) else _plain(part) for part in value)


def _plain(part: Any) -> Any:
    return Decimal(part) if isinstance(part, int) and not isinstance(part, bool) else part


def _key_field(entity: Entity, name: str) -> Field:
    field = entity.fields.get(name.lower()) or entity.udfs.get(name.lower())
    if field is None or not field.queryable or not entity.queryable:
        why = "has no such field" if field is None else "cannot be queried by it"
        raise StopRun(
            f"The setting keys names {name!r} for {entity.name}, which {why}.",
            "Name a field that the API can query, as it spells it.",
        )
    return field
