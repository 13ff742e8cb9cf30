"""The filter grammar of queries: from JSON to a test on rows.

Comparison is SQL Server's: text without regard to case, null never equal or unequal to anything. What the API answers
to wrong values was seen by users (msoukhomlinov/n8n-nodes-autotask CHANGELOG); texts nobody recorded are our own.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.autotask import moments
from sandbox.autotask.answers import refuse
from sandbox.autotask.api import any_case
from sandbox.autotask.catalogue import NUMBERS, WHOLE

if TYPE_CHECKING:
    from sandbox.autotask.catalogue import Entity, Field
    from sandbox.store import Row

MAX_ORS = 500

Test = Callable[["Row"], bool]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "noteq": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "beginsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}
TEXT_ONLY = {"beginsWith", "endsWith", "contains"}
EXISTENCE = {"exist": True, "notExist": False}
MEMBERSHIP = {"in": True, "notIn": False}
NOTHING: frozenset[Any] = frozenset()


@dataclass(frozen=True)
class Condition:
    """One comparison; ``value`` is ready to be compared, None when no row can match."""

    field: str
    op: str
    value: Any
    test: Test
    indexable: bool
    """Whether the value is a whole number, or several, that an index can find."""


@dataclass(frozen=True)
class Filter:
    """A whole filter: its top level is an AND."""

    conditions: tuple[Condition, ...]
    groups: tuple[Test, ...]

    def test(self, row: Row) -> bool:
        """Tell whether a row passes."""
        return all(condition.test(row) for condition in self.conditions) and all(group(row) for group in self.groups)


class Compiler:
    """Compiles one filter of one entity; counts what is limited per query.

    Args:
        entity: Whose fields the filter names.
        udfs: Its user-defined fields by lower-case name, and whether each is encrypted.
    """

    def __init__(self, entity: Entity, udfs: dict[str, bool]) -> None:
        self.entity = entity
        self.udfs = udfs
        self.ors = 0
        self.udf_conditions = 0

    def compile(self, items: Any) -> Filter:
        """Compile the value of ``filter``.

        Raises:
            RefusedError: As the API refuses it.
        """
        conditions, groups = [], []
        for raw in _items(items):
            if _is_group(raw):
                groups.append(self._group(raw))
            else:
                conditions.append(self._condition(raw))
        if self.ors > MAX_ORS:
            raise refuse("Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions.")
        if self.udf_conditions > 1:
            raise refuse("Invalid query syntax. Queries are limited to one user-defined field condition.")
        return Filter(tuple(conditions), tuple(groups))

    def _group(self, raw: dict[str, Any]) -> Test:
        tests = [self._group(item) if _is_group(item) else self._condition(item).test for item in _items(raw["items"])]
        if raw["op"] == "and":
            return lambda row: all(test(row) for test in tests)
        self.ors += len(tests)
        return lambda row: any(test(row) for test in tests)

    def _condition(self, raw: dict[str, Any]) -> Condition:
        op, name = raw.get("op"), raw.get("field")
        if not isinstance(op, str) or op not in COMPARE | EXISTENCE | MEMBERSHIP:
            raise refuse(f"Invalid query syntax. {op!r} is not an operator.")
        if not isinstance(name, str):
            raise refuse("Invalid query syntax. A condition needs a field.")
        if raw.get("udf") is True:
            return self._udf_condition(name, op, raw)
        field = self.entity.by_lower.get(name.lower())
        if field is None:
            raise unknown(name, self.entity)
        if not field.queryable:
            raise refuse(f"The field {field.name} of the {self.entity.singular} Entity can not be queried.")
        return self._compare(field.name, op, _Reader(field), raw, lambda row: row.get(field.name))

    def _udf_condition(self, name: str, op: str, raw: dict[str, Any]) -> Condition:
        self.udf_conditions += 1
        lowered = name.lower()
        if lowered not in self.udfs:
            raise unknown(name, self.entity)
        if self.udfs[lowered]:
            raise refuse(f"The user-defined field {name} is encrypted and can not be queried.")

        def read(row: Row) -> Any:
            return next(
                (udf["value"] for udf in row.get("userDefinedFields", ()) if udf["name"].lower() == lowered), None
            )

        return self._compare(name, op, _Reader(None), raw, read)

    def _compare(
        self, name: str, op: str, reader: _Reader, raw: dict[str, Any], column: Callable[[Row], Any]
    ) -> Condition:
        if op in EXISTENCE:
            wanted = EXISTENCE[op]
            return Condition(name, op, None, lambda row: (column(row) is not None) is wanted, indexable=False)
        if op in MEMBERSHIP:
            return self._membership(name, op, reader, raw.get("value"), column)
        if op in TEXT_ONLY and not reader.is_text:
            raise refuse(f"Invalid query syntax. {op} does not apply to {name}.")
        value, compare = reader.target(raw.get("value"), name), COMPARE[op]

        def test(row: Row) -> bool:
            found = column(row)
            return value is not None and found is not None and compare(reader.stored(found), value)

        return Condition(name, op, value, test, indexable=reader.is_whole)

    def _membership(self, name: str, op: str, reader: _Reader, raw: Any, column: Callable[[Row], Any]) -> Condition:
        if not isinstance(raw, list) or not raw:
            raise refuse(f"Invalid query syntax. {op} needs a list of values.")
        self.ors += len(raw)
        values = {reader.target(value, name) for value in raw} - {None}
        wanted = MEMBERSHIP[op]

        def test(row: Row) -> bool:
            found = column(row)
            return found is not None and (reader.stored(found) in values) is wanted

        return Condition(name, op, values, test, indexable=reader.is_whole)


class _Reader:
    """Brings stored values and filter values of a field into one comparable form."""

    def __init__(self, field: Field | None) -> None:
        self.type = field.type if field else "string"
        self.picklist = field.picklist if field else False
        self.is_text = self.type == "string"
        self.is_whole = self.type in WHOLE

    def stored(self, value: Any) -> Any:
        if self.is_text:
            return str(value).casefold()
        return moments.sortable(value) if self.type == "datetime" else value

    def target(self, value: Any, name: str) -> Any:
        """Return a filter's value; None: of a type that matches nothing."""
        if value is None:
            raise refuse(f"Invalid query syntax. The value for {name} is missing; use exist or notExist.")
        if self.is_text:
            return str(value).casefold()
        if self.type in NUMBERS:
            return self._number(value)
        if self.type == "datetime":
            return _moment(value)
        if not isinstance(value, bool):
            raise refuse(f"Conversion failed when converting the varchar value '{value}' to data type bit.")
        return value

    def _number(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if not self.picklist:
            return None
        try:
            return int(value)
        except ValueError:
            text = f"Conversion failed when converting the varchar value '{value}' to data type int."
            raise refuse(text) from None


def unknown(name: str, entity: Entity) -> Exception:
    """Return the refusal of a field that the entity does not have."""
    return refuse(f"Unable to find {name} in the {entity.singular} Entity.")


def _moment(value: Any) -> str:
    try:
        return moments.sortable(moments.wire(moments.parse(value)))
    except (ValueError, AttributeError):
        raise refuse("Conversion failed when converting date and/or time from character string.") from None


def _items(items: Any) -> list[dict[str, Any]]:
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise refuse("Invalid query syntax. The query needs a filter with at least one condition.")
    return [any_case(item) for item in items]


def _is_group(item: dict[str, Any]) -> bool:
    return item.get("op") in ("and", "or")
