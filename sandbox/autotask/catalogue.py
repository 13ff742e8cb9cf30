"""What each entity is: its fields, verbs and routes.

``catalogue.json`` holds names, types and flags of the vendor's Swagger export (KelvinTegelaar/AutotaskAPI, v1.json)
and of metadata that others published from live tenants (Anteris-Dev/autotask-client, ecitsolutions/Autotask,
api-evangelist/kaseya). Flags differ between tenants and years: a scenario can change any of them.

A field reads ``type(length) flag … > Entity``; a child route reads ``Parent/Name parentColumn: verbs``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.options import OptionsError

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELD = re.compile(r"(?P<type>[a-z]+)(\((?P<length>\d+)\))?(?P<flags>[a-z -]*)(> (?P<reference>\w+))?")
FLAGS = {"required", "read-only", "create-only", "picklist", "unqueryable"}
WHOLE = frozenset({"integer", "long"})
NUMBERS = WHOLE | {"double", "decimal", "float"}
TYPES = NUMBERS | {"string", "datetime", "boolean"}


@dataclass(frozen=True)
class Field:
    """One field; ``reference`` is the singular name of the entity it points to."""

    name: str
    type: str
    length: int
    flags: frozenset[str]
    reference: str

    @property
    def required(self) -> bool:
        """Whether a create needs it."""
        return "required" in self.flags and "read-only" not in self.flags

    @property
    def picklist(self) -> bool:
        """Whether its values come from a list."""
        return "picklist" in self.flags

    @property
    def queryable(self) -> bool:
        """Whether a filter may name it."""
        return "unqueryable" not in self.flags

    def writable(self, verb: str) -> bool:
        """Tell whether ``create`` or ``update`` takes it; read-only fields are ignored without a word."""
        return not self.flags & ({"read-only"} if verb == "create" else {"read-only", "create-only"})


@dataclass(frozen=True)
class ChildRoute:
    """``/{parent}/{id}/{name}``; ``column`` holds the parent's id."""

    parent: str
    name: str
    column: str
    verbs: frozenset[str]


@dataclass(frozen=True)
class Entity:
    """One entity; ``name`` is its collection in the URL."""

    name: str
    singular: str
    root: frozenset[str]
    child: ChildRoute | None
    has_udfs: bool
    webhooks: bool
    fields: Mapping[str, Field]

    @cached_property
    def by_lower(self) -> dict[str, Field]:
        """Return the fields by lower-case name: the API takes any case."""
        return {name.lower(): field for name, field in self.fields.items()}

    @cached_property
    def blank(self) -> dict[str, Any]:
        """Return an empty row, columns in the order they are sent."""
        return dict.fromkeys(self.fields) | {"userDefinedFields": []}

    def can(self, verb: str) -> bool:
        """Tell whether the entity knows the verb on any route."""
        return verb in self.root or (self.child is not None and verb in self.child.verbs)


class Catalogue:
    """All entities, found by the names that URLs and references use, in any case."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self.entities = entities
        self._by_path = {name.lower(): entity for name, entity in entities.items()}
        self._by_singular = {entity.singular: entity for entity in entities.values()}
        self._by_route = {
            (entity.child.parent.lower(), entity.child.name.lower()): entity
            for entity in entities.values()
            if entity.child
        }

    def entity(self, path: str) -> Entity | None:
        """Return the entity of a collection's name."""
        return self._by_path.get(path.lower())

    def referenced(self, singular: str) -> Entity | None:
        """Return the entity that references name by its singular, or None when it is not simulated."""
        return self._by_singular.get(singular)

    def child(self, parent: str, name: str) -> Entity | None:
        """Return the entity behind a child route."""
        return self._by_route.get((parent.lower(), name.lower()))


def load(changes: Mapping[str, str]) -> Catalogue:
    """Return the catalogue with a scenario's changes.

    Args:
        changes: ``Companies.billToCity`` to a field as the catalogue writes it; empty removes the field.

    Raises:
        OptionsError: A change names no entity, or is not written like a field.
    """
    return _load(tuple(sorted(changes.items())))


@cache
def _load(changes: tuple[tuple[str, str], ...]) -> Catalogue:
    raw = msgspec.json.decode(Path(__file__).with_name("catalogue.json").read_bytes())
    for target, text in changes:
        name, _, field = target.partition(".")
        if name not in raw or not field:
            raise OptionsError(f"autotask.fields: {target!r} names no entity and field such as `Companies.city`.")
        raw[name]["fields"] |= {field: text}
    return Catalogue({name: _entity(name, data) for name, data in raw.items()})


def _entity(name: str, data: dict[str, Any]) -> Entity:
    return Entity(
        name=name,
        singular=data["singular"],
        root=frozenset(data["root"].split()),
        child=_child(data["child"]) if "child" in data else None,
        has_udfs=data.get("userDefinedFields", False),
        webhooks=data.get("webhooks", False),
        fields={field: _field(name, field, text) for field, text in data["fields"].items() if text},
    )


def _child(text: str) -> ChildRoute:
    route, column, *verbs = text.replace(":", "").split()
    parent, name = route.split("/")
    return ChildRoute(parent, name, column, frozenset(verbs))


def _field(entity: str, name: str, text: str) -> Field:
    match = FIELD.fullmatch(text)
    flags = frozenset(match["flags"].split()) if match else frozenset()
    if not match or match["type"] not in TYPES or flags - FLAGS:
        raise OptionsError(
            f"autotask.fields: {entity}.{name} = {text!r} is not written like `string(50) required picklist > Company`."
        )
    return Field(name, match["type"], int(match["length"] or 0), flags, match["reference"] or "")
