"""GET: collections page by page, and single rows.

The dialect is OData v2 like Exact Online's, so that reading, filtering and paging are shared with that half: ``eq``,
``substringof``, ``$top``, ``$skip``, ``$select``, ``$orderby`` and ``__next`` with a ``$skiptoken`` are in use at Globe
(leapforce-libraries/go_exactglobe, omniboost/go-exactglobe-webservices); the rest is *inferred*. A filter
compares with what is stored, padding and all (jovana/exact-globe-api; HikitaIkaruga/Exact-Globe-Connect).
"""

from __future__ import annotations

import re
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sandbox.exact_globe.views import VIEW_ROWS
from sandbox.exact_online import filters, predicates, query, times
from sandbox.exact_online.errors import not_found, query_syntax
from sandbox.exact_online.paging import Walk
from sandbox.exact_online.sources import Source
from sandbox.exact_online.switches import Switches as Dialect
from sandbox.store import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.exact_globe.catalogue import Entity
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

INDEXED = frozenset(
    [
        "AccountCode", "Code", "CreditorCode", "CreditorNumber", "DebtorCode", "DebtorNumber", "Description", "ID",
        "ItemCode", "PurchaseOrderNumber", "SalesOrderNumber", "TransactionKey", "YourReference",
    ]
)  # fmt: skip
"""Columns that are looked up rather than searched."""
KEY_FORMS: dict[str, Callable[[Any], str]] = {
    "Guid": "guid'{}'".format,
    "Int32": str,
    "String": lambda text: f"'{text.replace(chr(39), chr(39) * 2)}'",
}
WRITERS: dict[str, Callable[[Any], Any]] = {"DateTime": times.to_wire}


def write(row: Row, entity: Entity, root: str, select: Iterable[str] = ()) -> dict[str, Any]:
    """Write a row as JSON."""
    chosen = set(select)
    uri = f"{root}/{entity.path}({KEY_FORMS[entity.properties[entity.key].type](row[entity.key])})"
    written: dict[str, Any] = {"__metadata": {"uri": uri, "type": entity.type_name}}
    for name, column in entity.columns.items():
        if not chosen or name in chosen:
            value = row.get(name)
            writer = WRITERS.get(column.type)
            written[name] = writer(value) if writer is not None and value is not None else value
    return written


def read_collection(company: Company, entity: Entity, query_string: str, root: str) -> dict[str, Any]:
    """Answer a GET of a collection.

    Raises:
        Refusal: The query string cannot be understood.
    """
    asked = query.read(query_string, entity, _dialect(company))
    walk = Walk(source(company, entity), entity, asked, column_of)
    page = walk.page()
    answer: dict[str, Any] = {"results": [write(row, entity, root, asked.select) for row in page.rows]}
    if asked.count:
        answer["__count"] = str(walk.count())
    if page.position is not None:
        answer["__next"] = asked.next_link(f"{root}/{entity.path}", page.position, page.top)
    return {"d": answer}


def read_entity(company: Company, entity: Entity, key: str, query_string: str, root: str) -> dict[str, Any]:
    """Answer a GET of one row.

    Raises:
        Refusal: There is no such row, or the query string cannot be understood.
    """
    asked = query.read(query_string, entity, _dialect(company), by_key=True)
    return {"d": write(find_row(company, entity, key), entity, root, asked.select)}


def find_row(company: Company, entity: Entity, key: str) -> Row:
    """Return the row of a key as it stands in an address.

    Raises:
        Refusal: It is no key of this entity, or there is no such row.
    """
    given = re.fullmatch(rf"(?:{entity.key}=)?(.*)", key)
    values = filters.literals(given[1] if given else key)
    if len(values) != 1 or values[0].kind != predicates.KINDS[entity.properties[entity.key].type]:
        raise query_syntax()
    row = source(company, entity).get(values[0].value) or _staged(company, entity, values[0].value)
    if row is None:
        raise not_found(entity.path)
    return row


def _staged(company: Company, entity: Entity, key: Any) -> Row | None:
    """Return a line that waits, whether it can be seen or not."""
    row = company.staged.get(key)
    return row if row is not None and row["EntityName"] == entity.path else None


def source(company: Company, entity: Entity) -> Source:
    """Return where the rows of an entity come from, with the staged ones where those can be seen."""
    name, key = entity.path, itemgetter(entity.key)
    rows = _as_table(entity.key, VIEW_ROWS[name](company)) if name in VIEW_ROWS else company.tables[name]
    indexed = INDEXED & set(entity.columns) | {entity.key}
    visible = company.switches.staged_lines_visible and company.switches.staged_line_id == "own"
    staged = company.staged.find("EntityName", [name]) if visible else []
    if not staged:
        return Source(rows.get, rows.after, rows.find, _no_feed, indexed)
    waiting = _as_table(entity.key, staged)
    return Source(
        get=lambda value: rows.get(value) or waiting.get(value),
        after=lambda start: merge(rows.after(start), waiting.after(start), key=key),
        find=lambda column, values: sorted([*rows.find(column, values), *waiting.find(column, values)], key=key),
        feed=_no_feed,
        indexed=indexed,
    )


def _no_feed(_stamp: int) -> Iterator[Row]:
    return iter(())


def _dialect(company: Company) -> Dialect:
    return Dialect(max_query_bytes=company.switches.max_query_bytes)


def _as_table(key: str, rows: Iterable[Row]) -> Table:
    table = Table(key)
    for row in rows:
        table.put(row)
    return table


def column_of(name: str) -> Callable[[Row], Any]:
    """Return what reads a property from a row; absent is null."""
    return lambda row: row.get(name)
