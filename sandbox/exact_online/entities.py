"""Rows as JSON: ``__metadata``, deferred collections, dates, 64-bit numbers as text.

Shapes were recorded live (NangoHQ/integration-templates, integrations/exact-online); the ``__metadata`` of sync
resources is inferred.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox.books import ADMINISTRATION
from sandbox.exact_online import times
from sandbox.exact_online.catalogue import single
from sandbox.exact_online.division import NAVIGATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.store import Row

Entity = dict[str, Any]
KEY_FORMS: dict[str, Callable[[Any], str]] = {
    "Guid": "guid'{}'".format,
    "Int64": "{}L".format,
    "Int32": str,
    "String": "'{}'".format,
}
WRITERS: dict[str, Callable[[Any], Any]] = {
    "DateTime": times.to_wire,
    "Double": float,
    "Int64": str,
    "Binary": lambda data: base64.b64encode(data).decode(),
}
"""How a value is written, by its type; the other types are written as they are."""


class EntityWriter:
    """Writes the rows of one resource.

    Args:
        division: Whose rows they are.
        resource: As which resource they are shown.
        root: The address below which resources are, without a slash at the end.
        select: Names of properties; empty: all.
        expand: Names of collections that are written in full.
        line_select: Names of properties of those collections; empty: all.
    """

    def __init__(
        self,
        division: Division,
        resource: Resource,
        root: str,
        *,
        select: Iterable[str] = (),
        expand: Iterable[str] = (),
        line_select: Iterable[str] = (),
    ) -> None:
        self._division = division
        self._resource = resource
        self._base = f"{root}/{resource.path}"
        self._key_form = KEY_FORMS[resource.properties[resource.key].type]
        chosen = set(select) or set(resource.properties)
        properties = [column for name, column in resource.properties.items() if name in chosen]
        self._plan = [
            (column.name, self._getter(column.name, root), WRITERS.get(column.type))
            for column in properties
            if not column.is_collection
        ]
        self._collections = [column.name for column in properties if column.is_collection]
        self._expanded = {name: self._lines_writer(name, root, line_select) for name in expand}

    def _getter(self, name: str, root: str) -> Callable[[Row], Any]:
        if (self._resource.table, name) == ("DocumentAttachments", "Url"):
            origin = root.partition("/api/")[0]
            return lambda row: f"{origin}/docs/SysAttachment.aspx?ID={row['ID']}&_Division_={ADMINISTRATION.code}"
        return self._division.relations.getter(self._resource.table, name)

    def _lines_writer(self, name: str, root: str, select: Iterable[str]) -> Callable[[Row], list[Entity]]:
        """Return what writes the rows of a collection."""
        if (self._resource.table, name) not in NAVIGATION:
            return lambda _row: []
        table, column = NAVIGATION[self._resource.table, name]
        writer = EntityWriter(self._division, single(table), root, select=select)
        rows = self._division.tables[table]
        return lambda row: [writer.write(line) for line in rows.find(column, [row[self._resource.key]])]

    def uri(self, row: Row) -> str:
        """Return the address of a row."""
        return f"{self._base}({self._key_form(row[self._resource.key])})"

    def write(self, row: Row) -> Entity:
        """Write one row."""
        uri = self.uri(row)
        entity: Entity = {"__metadata": {"uri": uri, "type": self._resource.type_name}}
        for name, get, writer in self._plan:
            value = get(row)
            entity[name] = writer(value) if writer is not None and value is not None else value
        for name in self._collections:
            if name in self._expanded:
                entity[name] = {"results": self._expanded[name](row)}
            else:
                entity[name] = {"__deferred": {"uri": f"{uri}/{name}"}}
        return entity

    def write_key_only(self, row: Row) -> Entity:
        """Write one row of which only the key is filled: what some resources answer to a POST."""
        entity = self.write({self._resource.key: row[self._resource.key]})
        hollow = {name: None for name, _, _ in self._plan if name != self._resource.key}
        return entity | hollow
