"""User-defined fields: their definitions are rows of their own, their values stand in the rows they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.autotask.answers import refuse

if TYPE_CHECKING:
    from sandbox.autotask.api import Api
    from sandbox.autotask.catalogue import Entity
    from sandbox.store import Row

OWNERS = {"Companies": 1, "Contacts": 2, "Products": 5, "Projects": 6, "Tickets": 10, "Contracts": 11}
"""The value of UserDefinedFieldDefinitions.udfType by entity; 1 is documented, the rest follows the list's order."""
LIST = 5
"""The value of dataType that has a picklist (msoukhomlinov/n8n-nodes-autotask#43)."""


def definitions(api: Api, entity: Entity) -> list[Row]:
    """Return the active definitions of an entity, in their order."""
    if entity.name not in OWNERS:
        return []
    rows = api.rows("UserDefinedFieldDefinitions").find("udfType", [OWNERS[entity.name]])
    return sorted((row for row in rows if row.get("isActive")), key=lambda row: row.get("sortOrder") or 0)


def list_items(api: Api, definition: Row) -> list[Row]:
    """Return the values that a list field may take."""
    return api.rows("UserDefinedFieldListItems").find("udfFieldId", [definition["id"]])


def values(api: Api, entity: Entity, given: Any, old: Row | None) -> list[dict[str, Any]]:
    """Return the values of a row after a write, in the order of the definitions.

    Args:
        api: The half.
        entity: Whose row is written.
        given: What the request says: a list of names and values.
        old: The row whose values stay where the request names none; None: they become null.

    Raises:
        RefusedError: A name is not known, or a value not in the field's list.
    """
    known = {definition["name"].lower(): definition for definition in definitions(api, entity)}
    merged = {udf["name"].lower(): udf["value"] for udf in (old or {}).get("userDefinedFields", ())}
    for item in given or ():
        name, value = str(item.get("name")), item.get("value")
        if name.lower() not in known:
            raise refuse(f"Unable to find {name} in the {entity.singular} Entity.")
        _check_list(api, known[name.lower()], value)
        merged[name.lower()] = None if value is None else str(value)
    return [{"name": row["name"], "value": merged.get(name)} for name, row in known.items()]


def _check_list(api: Api, definition: Row, value: Any) -> None:
    if definition["dataType"] != LIST or value is None:
        return
    if str(value) not in {item["valueForExport"] for item in list_items(api, definition)}:
        raise refuse(f"The value {value} is not in the list of the user-defined field {definition['name']}.")
