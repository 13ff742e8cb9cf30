"""GET: collections, single rows, counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.exact_online import filters, predicates, query
from sandbox.exact_online.entities import EntityWriter
from sandbox.exact_online.errors import not_found, query_syntax
from sandbox.exact_online.paging import Walk
from sandbox.exact_online.sources import source

if TYPE_CHECKING:
    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.store import Row

Answer = dict[str, Any]


class Within(NamedTuple):
    """The rows of a collection property: those whose column has the key of its owner."""

    column: str
    key: str
    address: str

    def narrow(self, asked: query.Query) -> query.Query:
        """Return a query for these rows only."""
        own = filters.Comparison("eq", filters.Field(self.column), filters.Literal("guid", self.key))
        condition = own if asked.condition is None else filters.Terms("and", (own, asked.condition))
        return replace(asked, condition=condition)


def read_collection(
    division: Division, resource: Resource, query_string: str, root: str, within: Within | None = None
) -> Answer:
    """Answer a GET of a collection.

    A ``$top`` that fits a page gets a bare array, without a wrapper and without a link to a next page (recorded live,
    NangoHQ/integration-templates).

    Args:
        division: Whose rows.
        resource: What is read.
        query_string: As it stands in the address.
        root: The address below which resources are.
        within: Only the rows that belong to another row.

    Raises:
        Refusal: The query string cannot be understood or breaks a rule.
    """
    asked = query.read(query_string, resource, division.switches, by_key=within is not None)
    base = f"{root}/{resource.path}"
    if within is not None:
        asked, base = within.narrow(asked), within.address
    walk = _walk(division, resource, asked)
    page = walk.page()
    writer = EntityWriter(
        division, resource, root, select=asked.select, expand=asked.expand, line_select=asked.line_select
    )
    entities = [writer.write(row) for row in page.rows]
    if asked.top is not None and asked.top <= resource.page_size and not asked.position and not asked.count:
        return {"d": entities}
    answer: Answer = {"results": entities}
    if asked.count:
        answer["__count"] = str(walk.count())
    if page.position is not None:
        answer["__next"] = asked.next_link(base, page.position, page.top)
    return {"d": answer}


def read_count(division: Division, resource: Resource, query_string: str) -> str:
    """Answer a GET of ``…/$count``: a number in plain text."""
    asked = query.read(query_string, resource, division.switches, by_key=True)
    return str(_walk(division, resource, asked).count())


def read_entity(division: Division, resource: Resource, key: str, query_string: str, root: str) -> Answer:
    """Answer a GET of one row.

    Raises:
        Refusal: There is no such row, or the query string cannot be understood.
    """
    asked = query.read(query_string, resource, division.switches, by_key=True)
    row = find_row(division, resource, key)
    writer = EntityWriter(
        division, resource, root, select=asked.select, expand=asked.expand, line_select=asked.line_select
    )
    return {"d": writer.write(row)}


def find_row(division: Division, resource: Resource, key: str) -> Row:
    """Return the row of a key as it stands in an address: ``guid'…'``, ``123L``, ``123``, ``'EUR'``.

    Raises:
        Refusal: It is no key of this resource, or there is no such row.
    """
    values = filters.literals(key)
    if len(values) != 1 or values[0].kind != predicates.KINDS[resource.properties[resource.key].type]:
        raise query_syntax()
    rows = source(division, resource.table)
    if resource.is_sync:
        found = next(rows.feed(values[0].value - 1), None)
        row = found if found and found["Timestamp"] == values[0].value else None
    else:
        row = rows.get(values[0].value)
    if row is None:
        raise not_found(resource.name)
    return row


def _walk(division: Division, resource: Resource, asked: query.Query) -> Walk:
    rows = source(division, resource.table)
    return Walk(rows, resource, asked, lambda name: division.relations.getter(resource.table, name))
