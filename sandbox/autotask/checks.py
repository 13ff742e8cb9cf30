"""What is checked of a row before it is written: types, lengths, lists, references, required fields.

The text of a bad reference was seen by users; the other texts nobody recorded are our own (inferred).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.autotask import moments
from sandbox.autotask.answers import refuse
from sandbox.autotask.catalogue import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.autotask.api import Api
    from sandbox.autotask.catalogue import Entity, Field
    from sandbox.store import Row


def check(api: Api, entity: Entity, row: Row, given: Row) -> None:
    """Check a row that is about to be written, and bring its dates into the wire's form.

    Args:
        api: The half.
        entity: Whose row it is.
        row: The row after the write.
        given: What of it the request brought.

    Raises:
        RefusedError: With all that is wrong.
    """
    problems = [
        f"Missing Required Field: {field.name}."
        for field in entity.fields.values()
        if field.required and row.get(field.name) in (None, "")
    ]
    for name, value in given.items():
        if value is not None:
            problems += _problems(api, entity, entity.fields[name], value)
    if problems:
        raise refuse(*problems)
    for name, value in given.items():
        if entity.fields[name].type == "datetime" and value is not None:
            row[name] = moments.wire(moments.parse(value))


def _problems(api: Api, entity: Entity, field: Field, value: Any) -> Iterator[str]:
    if not _fits(field, value):
        yield f"Error converting value '{value}' of the field {field.name} to type {field.type}."
    elif field.length and len(value) > field.length:
        yield f"The value of the field {field.name} is longer than {field.length} characters."
    elif field.picklist and not _listed(api, entity, field, value):
        yield f"The value {value} does not exist in the picklist of the field {field.name}."
    elif field.reference and not _refers(api, field, value):
        yield f"Reference value on field: {field.name} of type: {field.reference} does not exist or is invalid."


def _fits(field: Field, value: Any) -> bool:
    if field.type == "string":
        return isinstance(value, str)
    if field.type == "boolean":
        return isinstance(value, bool)
    if field.type == "datetime":
        return _is_moment(value)
    if isinstance(value, bool):
        return False
    return isinstance(value, int) if field.type in WHOLE else isinstance(value, int | float)


def _is_moment(value: Any) -> bool:
    try:
        moments.parse(value)
    except (ValueError, AttributeError):
        return False
    return True


def _listed(api: Api, entity: Entity, field: Field, value: Any) -> bool:
    """Tell whether a list has the value; of lists that no tenant published every value is taken."""
    values = api.picklists.get((entity.name, field.name))
    return not values or str(value) in values


def _refers(api: Api, field: Field, value: Any) -> bool:
    """Tell whether a reference is good; inactive rows are not (msoukhomlinov/n8n-nodes-autotask)."""
    entity = api.catalogue.referenced(field.reference)
    if entity is None:
        return True
    row = api.table(entity).get(value)
    return row is not None and row.get("isActive") not in (False, 0)
