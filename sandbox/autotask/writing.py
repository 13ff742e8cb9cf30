"""Create, update and delete: what is ignored, what is checked, what is set by the server.

Unknown and read-only properties are ignored without a word (WYRE-AI/autotask-mcp#77, #87); everything else is checked
before anything changes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.autotask import moments, udfs
from sandbox.autotask.answers import done, refuse
from sandbox.autotask.api import any_case, read_json
from sandbox.autotask.checks import check
from sandbox.autotask.rules import AFTER, BEFORE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.autotask.api import Api
    from sandbox.autotask.catalogue import Entity
    from sandbox.clock import Clock
    from sandbox.store import Row

CREATED = ("createDate", "createDateTime", "createdTime", "attachDate", "receiveDate", "transferDate")
MODIFIED = (
    "lastActivityDate",
    "lastActivityDateTime",
    "lastModifiedDate",
    "lastModifiedDateTime",
    "lastTrackedModificationDateTime",
    "lastTrackedModifiedDateTime",
)
CREATORS = (
    "attachedByResourceID",
    "createdByResourceID",
    "creatorResourceID",
    "creatorUserID",
    "receivedByResourceID",
    "transferByResourceID",
)
API_USER = 29682885
"""The resource that the credentials belong to."""


async def create(api: Api, request: Request, entity: Entity, parent: Row | None = None) -> Response:
    """Create a row, below its parent where the entity is a child."""
    body = await read_json(request)
    given = _writable(entity, body, "create") | (parent or {})
    row = _defaults(entity) | given
    check(api, entity, row, given)
    table = api.table(entity)
    row["id"] = table.next_key()
    if entity.has_udfs:
        row["userDefinedFields"] = udfs.values(api, entity, any_case(body).get("userdefinedfields"), None)
    row |= _stamps(api.context.clock, entity, CREATED + MODIFIED) | _creator(request, entity)
    _store(api, entity, None, row)
    return done(row["id"])


async def update(api: Api, request: Request, entity: Entity, parent: Row | None = None) -> Response:
    """Change a row: PATCH the properties given, PUT all that can be written."""
    body = await read_json(request)
    old = _existing(api, entity, any_case(body).get("id"), parent)
    given = _writable(entity, body, "update")
    if request.method == "PUT":
        given = {field.name: None for field in entity.fields.values() if field.writable("update")} | given
    elif not api.switches.null_clears:
        given = {name: value for name, value in given.items() if value is not None}
    row = old | given
    check(api, entity, row, given)
    if entity.has_udfs:
        kept = None if request.method == "PUT" else old
        row["userDefinedFields"] = udfs.values(api, entity, any_case(body).get("userdefinedfields"), kept)
    if given or api.switches.udf_edits_tracked:
        row |= _stamps(api.context.clock, entity, MODIFIED)
    _store(api, entity, old, row)
    return done(row["id"])


async def delete(api: Api, _request: Request, entity: Entity, row_id: int, parent: Row | None = None) -> Response:
    """Delete a row."""
    row = api.table(entity).get(row_id)
    if row is None or not _belongs(row, parent):
        raise refuse(
            "No matching records found. The logged in Resource may not have the required permissions to delete the "
            "data."
        )
    api.table(entity).delete(row_id)
    return done(row_id)


def edited(clock: Clock, entity: Entity, changes: Row) -> Row:
    """Return an edit behind the API's back as the wire has it: doubles, moments, and the modified date moved."""
    row = _stamps(clock, entity, MODIFIED) | changes
    for name, value in row.items():
        if isinstance(value, Decimal):
            row[name] = float(value)
        elif value is not None and name in entity.fields and entity.fields[name].type == "datetime":
            row[name] = moments.wire(moments.parse(value))
    return row


def _store(api: Api, entity: Entity, old: Row | None, row: Row) -> None:
    if entity.name in BEFORE:
        BEFORE[entity.name](api, old, row)
    if entity.can("query"):
        api.table(entity).put(row)
    if entity.name in AFTER:
        AFTER[entity.name](api, row)


def _writable(entity: Entity, body: dict[str, Any], verb: str) -> Row:
    """Return what the verb takes of a body, under the fields' own names."""
    given = {}
    for name, value in body.items():
        field = entity.by_lower.get(name.lower())
        if field is not None and field.name != "id" and field.writable(verb):
            given[field.name] = value
    return given


def _existing(api: Api, entity: Entity, row_id: Any, parent: Row | None) -> Row:
    row = api.table(entity).get(row_id) if isinstance(row_id, int) else None
    if row is None or not _belongs(row, parent):
        raise refuse("Error updating entity for record number [1].")
    return row


def _belongs(row: Row, parent: Row | None) -> bool:
    return all(row.get(column) == value for column, value in (parent or {}).items())


def _defaults(entity: Entity) -> Row:
    return {
        name: name == "isActive"
        for name, field in entity.fields.items()
        if field.type == "boolean" and not field.required
    }


def _stamps(clock: Clock, entity: Entity, names: tuple[str, ...]) -> Row:
    now = moments.wire(clock.now())
    return {name: now for name in names if name in entity.fields}


def _creator(request: Request, entity: Entity) -> Row:
    """Return who created a row; with impersonation both the impersonated and the API user are kept."""
    impersonated = request.headers.get("ImpersonationResourceId", "")
    creator = int(impersonated) if impersonated.isdigit() else API_USER
    row = {name: creator for name in CREATORS if name in entity.fields}
    if creator != API_USER and "impersonatorCreatorResourceID" in entity.fields:
        row["impersonatorCreatorResourceID"] = API_USER
    return row
