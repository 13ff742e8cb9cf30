"""The resources that are simulated: their properties, keys and rules of reading, from `catalogue.json`.

The file holds names, types and flags of Exact's public documentation (start.exactonline.nl/docs, HlpRestAPIResources),
as collected by DannyvdSluijs/ExactOnlineRestApiReference, SherinBloemendaal/n8n-exact-online and
Pi-Systems/exact-online. A property is written ``Type``, ``Type P`` (accepted by POST), ``Type PU`` (by POST and PUT),
with a length where one is known. A twin is a `bulk` or `sync` resource that shows the rows of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

SCALARS = frozenset({"Guid", "String", "DateTime", "Double", "Int16", "Int32", "Int64", "Byte", "Boolean", "Binary"})
NUMBERS = frozenset({"Double", "Int16", "Int32", "Int64", "Byte"})
MODELS = "Exact.Web.Api.Models."
SMALL_PAGE, LARGE_PAGE = 60, 1000


@dataclass(frozen=True)
class Property:
    """A column of a resource; of a collection, ``type`` is the name of the resource it holds."""

    name: str
    type: str
    post: bool = False
    put: bool = False
    length: int | None = None

    @property
    def is_collection(self) -> bool:
        """Tell whether it holds rows of another resource."""
        return self.type not in SCALARS


@dataclass(frozen=True)
class Resource:
    """An endpoint. ``table`` names the rows it shows: twins share one."""

    path: str
    table: str
    model: str
    key: str
    methods: frozenset[str]
    properties: dict[str, Property]
    select_needed: bool
    filter_by: tuple[str, ...]
    """A GET must filter on one of these; empty: it need not filter."""
    filter_only: frozenset[str]
    """A GET may filter on these only; empty: on any."""

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def is_sync(self) -> bool:
        """Tell whether it is read by rowversion."""
        return self.path.startswith("sync/")

    @property
    def page_size(self) -> int:
        """Return how many rows a page holds."""
        return LARGE_PAGE if self.path.startswith(("sync/", "bulk/")) else SMALL_PAGE

    @property
    def type_name(self) -> str:
        """Return the type as ``__metadata`` names it."""
        return MODELS + self.model


def _property(name: str, spec: str) -> Property:
    kind, flags, length = (*spec.split(), "", "")[:3]
    return Property(name, kind, "P" in flags, "U" in flags, int(length) if length else None)


def _resource(path: str, raw: dict[str, dict[str, Any]]) -> Resource:
    own = raw[path]
    of = raw[own["twin"]] if "twin" in own else own
    name = path.rpartition("/")[2]
    without = set(own.get("without", "").split())
    added = own.get("properties", {}) if "twin" in own else {}
    specs = {name: spec for name, spec in of["properties"].items() if name not in without}
    if "twin" in own:
        specs = {name: spec.split()[0] for name, spec in (specs | added).items()}
    shown = own["twin"].rpartition("/")[2] if "twin" in own else name
    filter_by = of.get("filter_by", "") if own.get("filter_by") == "=" else own.get("filter_by", "")
    return Resource(
        path=path,
        table=own.get("table", of.get("table", shown)),
        model=_model(path, own.get("model", of["model"])),
        key=own.get("key", of["key"]),
        methods=frozenset(own.get("methods", "GET").split()),
        properties={name: _property(name, spec) for name, spec in specs.items()},
        select_needed=own.get("select", False),
        filter_by=tuple(filter_by.split()),
        filter_only=frozenset(own.get("filter_only", "").split()),
    )


def _model(path: str, model: str) -> str:
    return f"Sync.{model}" if path.startswith("sync/") and not model.startswith("Sync.") else model


@cache
def resources() -> dict[str, Resource]:
    """Return all resources by their path in small letters: Exact does not mind capitals in a path."""
    raw = msgspec.json.decode(Path(__file__).with_name("catalogue.json").read_bytes(), type=dict[str, dict[str, Any]])
    return {path.lower(): _resource(path, raw) for path in raw}


@cache
def collections() -> dict[str, Resource]:
    """Return the resources that are written, by the bare name of their collection."""
    return {resource.name: resource for resource in resources().values() if "POST" in resource.methods}


@cache
def single(table: str) -> Resource:
    """Return the resource that shows the rows of a table one page of 60 at a time."""
    return next(found for found in resources().values() if found.table == table and found.page_size == SMALL_PAGE)


def resource(path: str) -> Resource:
    """Return one resource.

    Raises:
        KeyError: It is not simulated.
    """
    return resources()[path.lower()]
