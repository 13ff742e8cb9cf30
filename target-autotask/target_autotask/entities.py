"""The entities of Autotask: which one a stream is, where its rows are written, and which fields the tenant has."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tap_autotask.exceptions import Refused
from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from target_autotask.client import WritingClient

STREAM = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
ROUTE = re.compile(r"(?P<parent>\w+)/\{(?P<column>\w+)\}/(?P<child>\w+)", re.ASCII)
NOT_FOUND = 404

CREATE_ONLY = {
    "Contracts": {"contractPeriodType"},
    "ContractServices": {"unitCost", "unitPrice"},
    "InventoryTransfers": {"notes", "serialNumber", "transferDate", "updateNote"},
    "PurchaseOrderItemReceiving": {"quantityNowReceiving", "serialNumber", "vendorInvoiceNumber"},
}
"""Fields taken on create whose metadata calls them neither writable nor required (metadata and writes of 2026)."""


class Choice(NamedTuple):
    """One value of a picklist; metadata has values as text, rows have numbers (Autotask REST docs)."""

    value: str
    label: str
    active: bool
    parent: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """What the tenant's metadata says of a field.

    Args:
        name: As Autotask spells it.
        type: ``string``, ``integer``, ``decimal``, ``datetime`` …
        length: The most characters; 0: not told.
        read_only: Not to be updated; some such fields are taken on create.
        required: A create needs it.
        queryable: A query may name it.
        choices: Its picklist; None when it has none.
        chosen_by: The field on which the picklist depends.
        udf: It is a field of the tenant's own, whose values are texts.
    """

    name: str
    type: str = "string"
    length: int = 0
    read_only: bool = False
    required: bool = False
    queryable: bool = True
    choices: tuple[Choice, ...] | None = None
    chosen_by: str = ""
    udf: bool = False


class Route(NamedTuple):
    """Where the rows of a child entity are written: ``{parent}/{id}/{child}``; ``column`` holds the parent's id."""

    parent: str
    column: str
    child: str


class Entity:
    """One entity, as the tenant's metadata describes it.

    Args:
        name: As in the API's paths: ``CompanyLocations``.
        info: Its ``entityInformation``, names in lower case.
        fields: Its fields.
        route: Where its rows are written when not at its own path.
        client: Reads the user-defined fields when they are first needed.

    Raises:
        StopRun: The tenant has no field for the parent's id.
    """

    def __init__(
        self, name: str, info: Mapping[str, Any], fields: Iterable[Field], route: Route | None, client: WritingClient
    ) -> None:
        self.name = name
        self.creatable, self.updatable, self.queryable = (
            info.get(f"can{verb}", True) is not False for verb in ("create", "update", "query")
        )
        self.fields = {field.name.lower(): field for field in fields}
        self.route = route
        self.parent = self._parent(route) if route else None
        """The field that holds the parent's id."""
        self._client = client

    def _parent(self, route: Route) -> Field:
        if route.column.lower() not in self.fields:
            raise StopRun(
                f"{self.name} is written below {route.parent}, but has no field {route.column}.",
                f"Set the right one: routes: {{{self.name}: {route.parent}/{{field}}/{route.child}}}.",
            )
        return self.fields[route.column.lower()]

    @functools.cached_property
    def udfs(self) -> dict[str, Field]:
        """The user-defined fields by their names in lower case; one call."""
        described = self._client.metadata(self.name, "userDefinedFields")
        return {field.name.lower(): field for field in map(udf, described)}

    def path(self, parent_id: Any) -> str:
        """Return the path to which rows are written."""
        return f"{self.route.parent}/{parent_id}/{self.route.child}" if self.route else self.name

    def taken_on_create(self, field: Field) -> bool:
        """Return whether a create takes a field: read-only means "not to be updated" in the metadata."""
        if field.name.lower() == "id":
            return False
        listed = CREATE_ONLY.get(self.name, ())
        return not field.read_only or field.required or field.name in listed or field is self.parent


def entity_name(stream: str) -> str:
    """Return the entity that a stream names: ``company_locations`` and ``CompanyLocations`` are both the latter.

    Raises:
        StopRun: No entity can have such a name.
    """
    if not STREAM.fullmatch(stream):
        raise StopRun(f"Stream {stream!r:.80} is no entity of Autotask.", "Rename it with stream_maps and __alias__.")
    return "".join(part[:1].upper() + part[1:] for part in stream.split("_"))


def describe(client: WritingClient, stream: str, routes: Mapping[str, str]) -> Entity:
    """Return the entity of a stream, from two calls for the tenant's metadata.

    Args:
        client: Asks.
        stream: The name of the stream.
        routes: The setting of that name.

    Raises:
        Refused: The API user may not see it.
        StopRun: There is no such entity, nobody can write it, or its route is wrong.
    """
    name = entity_name(stream)
    try:
        answer = client.get(f"{name}/entityInformation")
    except Refused as refusal:
        if refusal.status != NOT_FOUND:
            raise
        raise StopRun(
            f"Stream {stream!r}: Autotask has no entity {name}.",
            "Name the stream as in the API's paths, mostly plural: Companies or companies; stream_maps can rename it.",
        ) from refusal
    entity = Entity(name, information(answer), map(field_of, client.metadata(name)), _route(name, routes), client)
    if not (entity.creatable or entity.updatable):
        raise StopRun(f"Stream {stream!r}: the API cannot write {name}.", "Leave the stream out.")
    return entity


def information(answer: Any) -> dict[str, Any]:
    """Return what ``entityInformation`` answered, by names in lower case."""
    info = _lower(answer).get("info")
    return _lower(info)


def _lower(value: Any) -> dict[str, Any]:
    return {str(name).lower(): each for name, each in value.items()} if isinstance(value, dict) else {}


def _route(name: str, routes: Mapping[str, str]) -> Route | None:
    own = {entity_name(stream): template for stream, template in routes.items()}
    match = ROUTE.fullmatch(own.get(name) or _routes().get(name, ""))
    return Route(**match.groupdict()) if match else None


@functools.cache
def _routes() -> Mapping[str, str]:
    """Return the routes of the entities that are written below a parent only.

    The paths are those of the vendor's Swagger (KelvinTegelaar/AutotaskAPI, api-evangelist/kaseya); the columns are
    its fields of 2020, and by their form for newer entities (inferred, not tried live: hence the setting routes).
    """
    text = resources.files("target_autotask").joinpath("routes.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, str])


def field_of(described: Mapping[str, Any]) -> Field:
    """Return a field from one entry of ``entityInformation/fields``."""
    return Field(
        name=str(described["name"]),
        type=str(described.get("dataType") or "string").lower(),
        length=_whole(described.get("length")),
        read_only=bool(described.get("isReadOnly")),
        required=bool(described.get("isRequired")),
        queryable=described.get("isQueryable") is not False,
        choices=_choices(described),
        chosen_by=str(described.get("picklistParentValueField") or ""),
    )


def udf(described: Mapping[str, Any]) -> Field:
    """Return a user-defined field from one entry of ``entityInformation/userDefinedFields``."""
    return msgspec.structs.replace(field_of(described), type=str(described.get("type") or "string").lower(), udf=True)


def _choices(described: Mapping[str, Any]) -> tuple[Choice, ...] | None:
    listed = described.get("picklistValues")
    if not described.get("isPickList") or not isinstance(listed, list) or not listed:
        return None  # a list that the tenant does not publish is left to Autotask
    return tuple(_choice(_lower(each)) for each in listed)


def _choice(value: Mapping[str, Any]) -> Choice:
    label, parent = (str(value.get(name) or "") for name in ("label", "parentvalue"))
    return Choice(str(value.get("value")), label, value.get("isactive") is not False, parent)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
