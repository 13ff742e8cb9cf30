"""Reading: query, count, pages, get by id and the children of one parent."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import msgspec

from sandbox.autotask.answers import not_found, refuse, wrong_method
from sandbox.autotask.api import BASE, any_case, decode_object, read_json, render
from sandbox.autotask.filters import Compiler, unknown
from sandbox.autotask.udfs import definitions
from sandbox.wire import json_response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.autotask.api import Api
    from sandbox.autotask.catalogue import Entity
    from sandbox.autotask.filters import Condition, Filter
    from sandbox.store import Row, Table

MAX_RECORDS = 500
PAGES_REMEMBERED = 50
INDEX_FROM = 4
"""An index serves when it leaves at most one row in so many."""


class Paging(msgspec.Struct, rename="camel", kw_only=True):
    """Where a page is: a keyset on id, as captured in a next page's URL. ``next_ids`` holds the id before the page."""

    page_size: int = MAX_RECORDS
    previous_ids: list[int] = []
    next_ids: Annotated[list[int], msgspec.Meta(min_length=1)] = msgspec.field(default_factory=lambda: [-1])


async def query(api: Api, request: Request, entity: Entity) -> Response:
    """Answer the first page of a query."""
    body = await _body(request)
    size = body.get("maxrecords")
    if size is None:
        size = MAX_RECORDS
    if not isinstance(size, int) or not 1 <= size <= MAX_RECORDS:
        raise refuse("maxCountOfRecordsToReturn must be between 1 and 500")
    return _page(api, request, entity, body, Paging(page_size=size))


async def query_page(api: Api, request: Request, entity: Entity) -> Response:
    """Answer a further page: by the verb of the first, and to a POST with its body (WYRE-AI/autotask-mcp#170)."""
    if (request.method == "GET") != ("search" in request.query_params):
        raise wrong_method(request.method)
    try:
        paging = msgspec.json.decode(request.query_params.get("paging", ""), type=Paging)
    except msgspec.DecodeError as error:
        raise refuse(f"The paging of the URL could not be read: {error}.") from error
    return _page(api, request, entity, await _body(request), paging)


async def count(api: Api, request: Request, entity: Entity) -> Response:
    """Answer how many rows a filter matches."""
    compiled = _compile(api, entity, await _body(request))
    return json_response({"queryCount": sum(1 for _ in _matches(api.table(entity), compiled, -1))})


async def get(api: Api, _request: Request, entity: Entity, row_id: int) -> Response:
    """Answer one row."""
    row = api.table(entity).get(row_id)
    if row is not None:
        return json_response({"item": render(entity, row)})
    if api.switches.missing_row == "null":
        return json_response({"item": None})
    raise not_found()


async def children(api: Api, _request: Request, entity: Entity, column: str, parent: int) -> Response:
    """Answer the children of one parent, unfiltered and on one page."""
    rows = api.table(entity).find(column, [parent])
    details = {"count": len(rows), "requestCount": MAX_RECORDS, "prevPageUrl": None, "nextPageUrl": None}
    return json_response({"items": [render(entity, row) for row in rows], "pageDetails": details})


async def _body(request: Request) -> dict[str, Any]:
    if request.method == "POST":
        return any_case(await read_json(request))
    return any_case(decode_object(request.query_params.get("search", "")))


def _compile(api: Api, entity: Entity, body: dict[str, Any]) -> Filter:
    udfs = {udf["name"].lower(): bool(udf.get("isEncrypted")) for udf in definitions(api, entity)}
    return Compiler(entity, udfs).compile(body.get("filter"))


def _page(api: Api, request: Request, entity: Entity, body: dict[str, Any], paging: Paging) -> Response:
    included = _included(api, entity, body.get("includefields"))
    compiled = _compile(api, entity, body)
    start = paging.next_ids[-1]
    rows = list(islice(_matches(api.table(entity), compiled, start), paging.page_size + 1))
    more = len(rows) > paging.page_size and (included is None or "id" in included)
    rows = rows[: paging.page_size]
    following = Paging(
        page_size=paging.page_size,
        previous_ids=[*paging.previous_ids, start][-PAGES_REMEMBERED:],
        next_ids=[rows[-1]["id"]] if rows else [start],
    )
    before = Paging(
        page_size=paging.page_size, previous_ids=paging.previous_ids[:-1], next_ids=paging.previous_ids[-1:]
    )
    details = {
        "count": len(rows),
        "requestCount": paging.page_size,
        "prevPageUrl": _url(request, entity, "previous", before) if paging.previous_ids else None,
        "nextPageUrl": _url(request, entity, "next", following) if more else None,
    }
    return json_response({"items": [_shown(entity, row, included) for row in rows], "pageDetails": details})


def _url(request: Request, entity: Entity, direction: str, paging: Paging) -> str:
    """Return a page's URL; a GET query carries its filter along and may grow too long (KelvinTegelaar#66)."""
    origin = f"{request.url.scheme}://{request.headers['host']}"
    search = f"&search={quote(request.query_params['search'], safe='')}" if request.method == "GET" else ""
    text = quote(msgspec.json.encode(paging), safe="")
    return f"{origin}{BASE}/V1.0/{entity.name}/query/{direction}?paging={text}{search}"


def _included(api: Api, entity: Entity, names: Any) -> dict[str, None] | None:
    """Return the columns that the query asks for, user-defined ones among them; None: all."""
    if not names:
        return None
    udfs = {udf["name"].lower(): udf["name"] for udf in definitions(api, entity)}
    included: dict[str, None] = {}
    for name in names:
        field = entity.by_lower.get(str(name).lower())
        if field is None and str(name).lower() not in udfs:
            raise unknown(str(name), entity)
        included[field.name if field else udfs[str(name).lower()]] = None
    return included


def _shown(entity: Entity, row: Row, included: dict[str, None] | None) -> Row:
    if included is None:
        return render(entity, row)
    shown = {name: row.get(name) for name in included if name in entity.fields}
    udfs = [udf for udf in row.get("userDefinedFields", ()) if udf["name"] in included]
    return shown | {"userDefinedFields": udfs}


def _matches(table: Table, compiled: Filter, after: int) -> Iterator[Row]:
    """Iterate over the rows behind an id that a filter lets pass, in the order of ids, by an index where one helps."""
    for condition in compiled.conditions:
        bounds = condition.indexable and condition.field == "id" and condition.op in ("gt", "gte")
        if bounds and isinstance(condition.value, int):
            after = max(after, condition.value - (condition.op == "gte"))
    return filter(compiled.test, _candidates(table, compiled.conditions, after))


def _candidates(table: Table, conditions: Iterable[Condition], after: int) -> Iterable[Row]:
    lookups = [
        (condition.field, [condition.value] if condition.op == "eq" else list(condition.value))
        for condition in conditions
        if condition.indexable and condition.op in ("eq", "in") and condition.value is not None
    ]
    counted = [(table.count(column, values), column, values) for column, values in lookups]
    best = min(counted, default=None, key=lambda entry: entry[0])
    if best is None or best[0] * INDEX_FROM > len(table):
        return table.after(after)
    return table.find(best[1], best[2], after)
