"""The routes under ``/_sandbox/``: read the record, look inside, order faults, move the clock, edit rows."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from sandbox import page
from sandbox.exact_globe import importing
from sandbox.faults import Fault
from sandbox.options import OptionsError, convert
from sandbox.scenarios import orders
from sandbox.wire import json_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from sandbox.app import Sandbox
    from sandbox.store import Table

T = TypeVar("T")


class ClockOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Move the clock by seconds, or set it."""

    seconds: float = 0.0
    now: dt.datetime | None = None


class RowOrder(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Edit one row behind the API's back: upsert ``row`` by its key, or delete by ``key``."""

    system: str
    resource: str
    row: dict[str, Any] = {}
    key: Any = None


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Return the control routes of a sandbox."""
    table: list[tuple[str, str, Callable[[Sandbox, Request], Awaitable[Response]]]] = [
        ("GET", "/_sandbox/calls", get_calls),
        ("DELETE", "/_sandbox/calls", delete_calls),
        ("GET", "/_sandbox/state/{system}", get_state),
        ("GET", "/_sandbox/addresses", get_addresses),
        ("GET", "/_sandbox/truth/{name}", get_truth),
        ("GET", "/_sandbox/globe-import", get_globe_import),
        ("POST", "/_sandbox/globe-import", post_globe_import),
        ("POST", "/_sandbox/payments", post_payments),
        ("POST", "/_sandbox/reset", post_reset),
        ("POST", "/_sandbox/faults", post_faults),
        ("DELETE", "/_sandbox/faults", delete_faults),
        ("POST", "/_sandbox/clock", post_clock),
        ("POST", "/_sandbox/rows", post_rows),
        ("DELETE", "/_sandbox/rows", delete_rows),
        ("GET", "/_sandbox/", get_page),
    ]
    return [Route(path, _bound(handler, sandbox), methods=[method]) for method, path, handler in table]


def _bound(
    handler: Callable[[Sandbox, Request], Awaitable[Response]], sandbox: Sandbox
) -> Callable[[Request], Awaitable[Response]]:
    """Give the handler its sandbox, and tell the tester what was wrong with an order."""

    @wraps(handler)
    async def bound(request: Request) -> Response:
        try:
            return await handler(sandbox, request)
        except OptionsError as error:
            return json_response({"error": str(error)}, 400)

    return bound


async def _order(request: Request, to: type[T]) -> T:
    body = await request.body()
    try:
        data = msgspec.json.Decoder(float_hook=Decimal).decode(body or b"{}")
    except msgspec.DecodeError as error:
        raise OptionsError(f"The body of {request.url.path} is not JSON: {error}") from error
    return convert(data, to, request.url.path)


async def get_calls(sandbox: Sandbox, _request: Request) -> Response:
    """Answer with all calls, oldest first."""
    return json_response(sandbox.calls)


async def delete_calls(sandbox: Sandbox, _request: Request) -> Response:
    """Forget the calls."""
    sandbox.calls.clear()
    return Response(status_code=204)


async def get_state(sandbox: Sandbox, request: Request) -> Response:
    """Answer with all rows of a system."""
    system = request.path_params["system"]
    if system not in sandbox.halves:
        raise OptionsError(f"There is no system {system!r}; there are {', '.join(sandbox.halves)}.")
    return json_response(sandbox.halves[system].state(sandbox.context))


async def get_addresses(sandbox: Sandbox, request: Request) -> Response:
    """Answer with the origin of each system: Exact Globe's is another port."""
    here = request.url
    globe = here.replace(port=sandbox.globe_port) if sandbox.globe_port else None
    origins = dict.fromkeys(sandbox.halves, f"{here.scheme}://{here.netloc}")
    return json_response(origins | {"exact_globe": globe and f"{globe.scheme}://{globe.netloc}"})


async def get_truth(sandbox: Sandbox, request: Request) -> Response:
    """Answer with what a scenario knows of what it played, whatever any system shows."""
    truths, name = sandbox.context.truths, request.path_params["name"]
    if name not in truths:
        played = f"there are {', '.join(truths)}" if truths else "no scenario was played"
        raise OptionsError(f"There is no truth {name!r}; {played}. See sandbox/README.md, Half years.")
    return json_response(truths[name]())


async def post_payments(sandbox: Sandbox, request: Request) -> Response:
    """Let something become of invoices: paid, credited, written off, open again."""
    order = await _order(request, orders.PaymentOrder)
    return json_response(orders.do(sandbox.context.payments, order))


async def post_reset(sandbox: Sandbox, request: Request) -> Response:
    """Begin anew, with the options of the body over those of the start."""
    sandbox.reset(await _order(request, dict[str, Any]))
    return json_response(sandbox.context.options)


async def post_faults(sandbox: Sandbox, request: Request) -> Response:
    """Order a fault."""
    sandbox.faults.add(await _order(request, Fault))
    return Response(status_code=204)


async def delete_faults(sandbox: Sandbox, _request: Request) -> Response:
    """Forget all faults."""
    sandbox.faults.clear()
    return Response(status_code=204)


async def post_clock(sandbox: Sandbox, request: Request) -> Response:
    """Move or set the clock."""
    order = await _order(request, ClockOrder)
    clock = sandbox.context.clock
    if order.now is not None:
        clock.set(order.now)
    clock.move(order.seconds)
    return json_response({"now": clock.now()})


async def get_globe_import(sandbox: Sandbox, _request: Request) -> Response:
    """Answer with what Exact Globe's importer needs to know before it starts."""
    return json_response(importing.settings(sandbox.context.halves["exact_globe"].company))


async def post_globe_import(sandbox: Sandbox, request: Request) -> Response:
    """Take one record that Exact Globe's importer brings."""
    order = await _order(request, importing.ImportOrder)
    if order.topic not in importing.TOPICS:
        raise OptionsError(f"There is no topic {order.topic!r}; there are {', '.join(importing.TOPICS)}.")
    return json_response(importing.import_record(sandbox.context.halves["exact_globe"].company, order)._asdict())


def _table(sandbox: Sandbox, order: RowOrder) -> Table:
    tables = sandbox.context.store.tables(order.system)
    if order.resource not in tables:
        raise OptionsError(f"{order.system!r} has no {order.resource!r}; it has {', '.join(tables) or 'no rows'}.")
    return tables[order.resource]


async def post_rows(sandbox: Sandbox, request: Request) -> Response:
    """Upsert a row by its key."""
    order = await _order(request, RowOrder)
    table = _table(sandbox, order)
    if table.key not in order.row:
        raise OptionsError(f"A row of {order.resource} needs its key {table.key!r}.")
    return json_response(table.put(table.edit(order.row)))


async def delete_rows(sandbox: Sandbox, request: Request) -> Response:
    """Delete a row by its key."""
    order = await _order(request, RowOrder)
    if _table(sandbox, order).delete(order.key) is None:
        raise OptionsError(f"{order.resource} has no row {order.key!r}.")
    return Response(status_code=204)


async def get_page(sandbox: Sandbox, _request: Request) -> Response:
    """Show a person what arrived in each system."""
    return Response(page.render(sandbox.context, sandbox.halves), media_type="text/html; charset=utf-8")
