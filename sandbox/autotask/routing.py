"""Which handler answers which path and verb. Paths match in any case; a known path with a wrong verb is a 405."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.autotask import about, documents, invoice_settings, metadata, queries, writing
from sandbox.autotask.answers import RefusedError, not_found, refuse, wrong_method
from sandbox.autotask.api import BASE
from sandbox.wire import any_case

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from sandbox.autotask.api import Api
    from sandbox.autotask.catalogue import Entity

    Handler = Callable[[Api, Request], Awaitable[Response]]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
V1 = f"{BASE}/V1.0"
PARENTS = {"userdefinedfields": "UserDefinedFieldDefinitions"}
"""Child routes whose parent goes by another name than its own collection."""


def routes(api: Api) -> list[BaseRoute]:
    """Return all routes; the last answers what nothing else does."""
    table: list[tuple[str, Mapping[str, Handler]]] = [
        (f"{BASE}/VersionInformation", {"GET": about.version_information}),
        (f"{V1}/zoneInformation", {"GET": about.zone_information}),
        (f"{V1}/Version", {"GET": _signed_in(about.version)}),
        (f"{V1}/Modules", {"GET": _signed_in(about.modules)}),
        (f"{V1}/ThresholdInformation", {"GET": _signed_in(about.threshold)}),
        (f"{V1}/EntityInformation", {"GET": _signed_in(about.entities)}),
        *_of_companies(),
        *_of_invoices(),
        *_of_entities(),
        *_of_children(),
    ]
    known: list[BaseRoute] = [any_case(path, _by_method(api, verbs), METHODS) for path, verbs in table]
    return [*known, any_case("/{path:path}", _by_method(api, dict.fromkeys(METHODS, _nowhere)), METHODS)]


def _of_companies() -> list[tuple[str, Mapping[str, Handler]]]:
    below = f"{V1}/Companies/{{company_id:int}}/invoiceSettings"
    recipients = f"{below}/{{kind}}"
    return [
        (below, {"GET": _signed_in(invoice_settings.get), "PUT": _signed_in(invoice_settings.put)}),
        (recipients, {"POST": _signed_in(invoice_settings.add_recipients)}),
        (f"{recipients}/{{recipient:int}}", {"DELETE": _signed_in(invoice_settings.remove_recipient)}),
    ]


def _of_invoices() -> list[tuple[str, Mapping[str, Handler]]]:
    below = f"{V1}/Invoices/{{invoice_id:int}}"
    return [
        (f"{below}/InvoicePDF", {"GET": _signed_in(documents.invoice_pdf)}),
        (f"{below}/InvoiceMarkupHtml", {"GET": _signed_in(documents.invoice_html)}),
        (f"{below}/InvoiceMarkupXml", {"GET": _signed_in(documents.invoice_xml)}),
    ]


def _of_entities() -> list[tuple[str, Mapping[str, Handler]]]:
    below = f"{V1}/{{entity}}"
    ask, page, number = (_entity("query", handler) for handler in (queries.query, queries.query_page, queries.count))
    return [
        (f"{below}/query", {"GET": ask, "POST": ask}),
        (f"{below}/query/count", {"GET": number, "POST": number}),
        (f"{below}/query/next", {"GET": page, "POST": page}),
        (f"{below}/query/previous", {"GET": page, "POST": page}),
        *_of_metadata(below, _entity),
        (below, {
            "POST": _entity("create", writing.create),
            "PATCH": _entity("update", writing.update),
            "PUT": _entity("update", writing.update),
        }),
        (f"{below}/{{row_id:int}}", {"GET": _entity("get", queries.get), "DELETE": _entity("delete", writing.delete)}),
    ]  # fmt: skip


def _of_children() -> list[tuple[str, Mapping[str, Handler]]]:
    below = f"{V1}/{{parent}}/{{parent_id:int}}/{{child}}"
    return [
        *_of_metadata(below, _child),
        (below, {
            "GET": _child("get", _children),
            "POST": _child("create", writing.create),
            "PATCH": _child("update", writing.update),
            "PUT": _child("update", writing.update),
        }),
        (f"{below}/{{row_id:int}}", {"GET": _child("get", _one_child), "DELETE": _child("delete", writing.delete)}),
    ]  # fmt: skip


def _of_metadata(below: str, of: Callable[[str, Any], Handler]) -> list[tuple[str, Mapping[str, Handler]]]:
    information = f"{below}/entityInformation"
    return [
        (information, {"GET": of("", metadata.information)}),
        (f"{information}/fields", {"GET": of("", metadata.fields)}),
        (f"{information}/userDefinedFields", {"GET": of("", metadata.user_defined_fields)}),
    ]


def _by_method(api: Api, verbs: Mapping[str, Handler]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            if request.method not in verbs:
                raise wrong_method(request.method)
            if request.method == "GET" and len(str(request.url)) > api.switches.url_limit:
                raise not_found()
            return await verbs[request.method](api, request)
        except RefusedError as refusal:
            return refusal.response

    return endpoint


def _signed_in(handler: Callable[..., Awaitable[Response]]) -> Handler:
    """Let a request through the gate, then give the handler what the path says."""

    async def admitted(api: Api, request: Request) -> Response:
        await api.gate.admit(request)
        return await handler(api, request, **request.path_params)

    return admitted


def _entity(verb: str, handler: Callable[..., Awaitable[Response]]) -> Handler:
    """Give a handler the entity of the path, when the verb is one of its own route's."""

    async def of_entity(api: Api, request: Request, entity: str, **params: int) -> Response:
        found = api.catalogue.entity(entity)
        if found is None:
            raise not_found()
        _check_verb(api, request, found, verb, found.root)
        return await handler(api, request, found, **params)

    return _signed_in(of_entity)


def _child(verb: str, handler: Callable[..., Awaitable[Response]]) -> Handler:
    """Give a handler the child entity of the path and the parent its rows must have; metadata needs no parent."""

    async def of_child(api: Api, request: Request, parent: str, parent_id: int, child: str, **params: int) -> Response:
        found = api.catalogue.child(parent, child)
        if found is None or found.child is None:
            raise not_found()
        if not verb:
            return await handler(api, request, found)
        _check_verb(api, request, found, verb, found.child.verbs)
        if parent_id not in api.rows(PARENTS.get(parent.lower(), found.child.parent)):
            raise not_found()
        return await handler(api, request, found, **params, parent={found.child.column: parent_id})

    return _signed_in(of_child)


def _check_verb(api: Api, request: Request, entity: Entity, verb: str, verbs: frozenset[str]) -> None:
    if verb and verb not in verbs:
        raise wrong_method(request.method)
    told = not verb and api.switches.forbidden_metadata == "told"
    if entity.name in api.switches.forbidden and not told:
        right = verb if verb in ("create", "update", "delete") else "query"
        raise refuse(f"The logged in Resource does not have the adequate permissions to {right} this entity type.")


async def _children(api: Api, request: Request, entity: Entity, parent: dict[str, int]) -> Response:
    ((column, parent_id),) = parent.items()
    return await queries.children(api, request, entity, column, parent_id)


async def _one_child(api: Api, request: Request, entity: Entity, row_id: int, parent: dict[str, int]) -> Response:
    row = api.table(entity).get(row_id) or {}
    belongs = all(row.get(column) == value for column, value in parent.items())
    return await queries.get(api, request, entity, row_id if belongs else -1)


async def _nowhere(_api: Api, _request: Request) -> Response:
    raise not_found()
