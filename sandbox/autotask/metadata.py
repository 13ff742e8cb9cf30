"""What the API tells about its entities (REST docs, entityInformation; shapes from the Swagger export)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.autotask.udfs import LIST, definitions, list_items
from sandbox.wire import json_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.autotask.api import Api
    from sandbox.autotask.catalogue import Entity, Field
    from sandbox.store import Row


async def information(api: Api, _request: Request, entity: Entity) -> Response:
    """Answer what may be done with an entity."""
    return json_response({"info": describe(api, entity)})


async def fields(api: Api, _request: Request, entity: Entity) -> Response:
    """Answer the fields of an entity."""
    return json_response({"fields": [describe_field(api, entity, field) for field in entity.fields.values()]})


async def user_defined_fields(api: Api, _request: Request, entity: Entity) -> Response:
    """Answer the user-defined fields of an entity; an empty list for one that has none."""
    return json_response({"fields": [_describe_udf(api, entity, row) for row in definitions(api, entity)]})


LEVELS = ("None", "All", "Restricted")
"""What a user may do, in the order of the Swagger's enum (2020)."""


def describe(api: Api, entity: Entity) -> dict[str, Any]:
    """Return the information about one entity; that it follows the user's security level is inferred."""
    can = {verb: entity.can(verb) for verb in ("create", "delete", "query", "update")}
    return {
        "name": entity.singular,
        **{f"can{verb.title()}": allowed for verb, allowed in can.items()},
        **{f"userAccessFor{verb.title()}": _level(api, entity, allowed=allowed) for verb, allowed in can.items()},
        "hasUserDefinedFields": entity.has_udfs,
        "supportsWebhookCallouts": entity.webhooks,
    }


def _level(api: Api, entity: Entity, *, allowed: bool) -> str | int:
    level = "None" if not allowed or entity.name in api.switches.forbidden else "All"
    if level == "All" and entity.name in api.switches.restricted:
        level = "Restricted"
    return level if api.switches.access_levels == "names" else LEVELS.index(level)


def describe_field(api: Api, entity: Entity, field: Field) -> dict[str, Any]:
    """Return the information about one field; a field taken on create only is read-only here."""
    values = api.picklists.get((entity.name, field.name), {}) if field.picklist else None
    return {
        "name": field.name,
        "dataType": field.type,
        "length": field.length,
        "isRequired": "required" in field.flags,
        "isReadOnly": not field.writable("update"),
        "isQueryable": field.queryable,
        "isReference": bool(field.reference),
        "referenceEntityType": field.reference,
        "isPickList": field.picklist,
        "picklistValues": None if values is None else _values(values),
        "picklistParentValueField": "",
        "isSupportedWebhookField": False,
    }


def _values(values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "value": value,
            "label": label,
            "isDefaultValue": order == 1,
            "sortOrder": order,
            "parentValue": "",
            "isActive": True,
            "isSystem": False,
        }
        for order, (value, label) in enumerate(values.items(), start=1)
    ]


def _describe_udf(api: Api, entity: Entity, row: Row) -> dict[str, Any]:
    listed = row["dataType"] == LIST
    values = {item["valueForExport"]: item["valueForDisplay"] for item in list_items(api, row)} if listed else None
    return {
        "name": row["name"],
        "label": row["name"],
        "type": {2: "double", 3: "datetime"}.get(row["dataType"], "string"),
        "length": 0 if listed else 8000,
        "description": row.get("description") or "",
        "isRequired": bool(row.get("isRequired")),
        "isReadOnly": False,
        "isQueryable": not row.get("isEncrypted"),
        "isReference": False,
        "referenceEntityType": "",
        "isPickList": listed,
        "picklistValues": None if values is None else _values(values),
        "picklistParentValueField": "",
        "defaultValue": row.get("defaultValue") or "",
        "isSupportedWebhookField": entity.webhooks,
    }
