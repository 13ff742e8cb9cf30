"""From a record to what is sent of it: only what changes, under the entity's own names, and only what will be kept.

Autotask answers 200 to names it does not know and to fields it does not let be written, and ignores them
(WYRE-AI/autotask-mcp#77, #87), so the tenant's metadata is asked first and the row afterwards.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, NamedTuple

from target_autotask.rows import UDFS, udf_values, value_of
from target_autotask.values import same, sent, wire
from transfer_ledger.records import RecordFailed, Unfit, is_empty, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_autotask.client import Row
    from target_autotask.entities import Entity, Field


class Change(NamedTuple):
    """A field, and the value it is to have, as Autotask takes it."""

    field: Field
    value: Any


def changes(entity: Entity, record: Mapping[str, Any], row: Row | None, *, nulls: str = "clear") -> list[Change]:
    """Return what of a record has to be written.

    Args:
        entity: The entity.
        record: The record; its names may be in any case.
        row: The row as it is; None: it is to be created.
        nulls: ``clear`` or ``leave``: what null does to a field that has a value.

    Raises:
        RecordFailed: With everything that is wrong with it.
    """
    found, problems = _named(entity, record)
    wanted = []
    for field, value in found:
        if value is None and (row is None or nulls == "leave"):
            continue
        try:
            wanted += _change(entity, field, value, row, found)
        except Unfit as error:
            problems.append(f"{field.name}: {error}")
    if problems:
        raise RecordFailed(*problems)
    return wanted


def _named(entity: Entity, record: Mapping[str, Any]) -> tuple[list[Change], list[str]]:
    """Return the fields that a record names, and what is wrong with its names."""
    own = udf_values(record)
    plain = [(name, value) for name, value in record.items() if name.lower() != UDFS.lower()]
    found, problems = _known(entity.fields, plain, f"{entity.name} has no field")
    if len({change.field.name for change in found}) < len(found):
        problems.append("A field is there twice, in different capitals")
    if own:
        theirs, more = _known(entity.udfs, own.items(), f"{entity.name} has no user-defined field")
        return found + theirs, problems + more
    return found, problems


def _known(
    fields: Mapping[str, Field], values: Iterable[tuple[str, Any]], otherwise: str
) -> tuple[list[Change], list[str]]:
    found, problems = [], []
    for name, value in values:
        field = fields.get(name.lower())
        if field is not None:
            found.append(Change(field, value))
            continue
        near = difflib.get_close_matches(name.lower(), fields, n=1)
        hint = f"; did you mean {fields[near[0]].name}?" if near else ""
        problems.append(f"{otherwise} {shown(name)}{hint}")
    return found, problems


def _change(entity: Entity, field: Field, value: Any, row: Row | None, found: list[Change]) -> list[Change]:
    """Return the change that a value makes: none where the row has it already."""
    kept = None if row is None else value_of(field, row)
    if row is not None and same(field, value, kept):
        return []
    value = None if value is None else _fitting(field, value, _parent(field, row, found))
    if row is not None and same(field, value, kept):
        return []
    if field.read_only and not (row is None and entity.taken_on_create(field)):
        raise Unfit(_read_only(entity, value, row, kept))
    return [Change(field, value)]


def _fitting(field: Field, value: Any, parent: Any) -> Any:
    try:
        return sent(field, value, parent)
    except Unfit as error:
        raise Unfit(f"{shown(value)} {error}") from error


def _parent(field: Field, row: Row | None, found: list[Change]) -> Any:
    """Return the value of the field that a picklist depends on: the record's, else the row's."""
    if not field.chosen_by:
        return None
    given = {change.field.name.lower(): change.value for change in found}
    return given.get(field.chosen_by.lower(), (row or {}).get(field.chosen_by))


def _read_only(entity: Entity, value: Any, row: Row | None, kept: Any) -> str:
    if row is None:
        return f"is given by Autotask and ignored in a new row of {entity.name}; the record has {shown(value)}"
    return f"is read-only: Autotask would keep {shown(kept)} and ignore {shown(value)}. Leave it out"


def body(row_id: int, wanted: Iterable[Change]) -> dict[str, Any]:
    """Return the body of a create (with the id 0) or an update."""
    plain = {change.field.name: wire(change.value) for change in wanted if not change.field.udf}
    own = [{"name": change.field.name, "value": change.value} for change in wanted if change.field.udf]
    return {"id": row_id, **plain, **({UDFS: own} if own else {})}


def missing(entity: Entity, wanted: Iterable[Change]) -> list[str]:
    """Return the fields that the metadata requires of a new row and the record lacks.

    They are told when a create is refused, and not before: metadata calls fields required that are not always so
    (Anteris-Dev/autotask-client#57).
    """
    given = {change.field.name for change in wanted if not is_empty(change.value)}
    return [
        field.name
        for field in entity.fields.values()
        if field.required and entity.taken_on_create(field) and field.name not in given
    ]


def differences(wanted: Iterable[Change], row: Row) -> list[str]:
    """Return where a row is not what was sent, each with the field, the sent and the kept value."""
    return [
        f"{field.name}: {shown(value)} was sent, {shown(value_of(field, row))} was kept"
        for field, value in wanted
        if not same(field, value, value_of(field, row))
    ]
