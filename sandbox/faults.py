"""Faults that a test orders: they strike the n-th matching request from now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from starlette.responses import Response

from sandbox.wire import TRANSPORT, json_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kind = Literal["error", "error_after_commit", "drop", "drop_after_commit", "delay", "truncate"]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One order. What is not given matches every request."""

    kind: Kind
    system: str | None = None
    method: str | None = None
    path: str | None = None
    """A part of the path; capitals do not matter."""
    nth: Positive = 1
    times: Positive = 1
    status: Annotated[int, msgspec.Meta(ge=100, le=599)] = 500
    body: Any = None
    """Text is sent as it is, anything else as JSON; null sends an empty body."""
    headers: dict[str, str] = {}
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0

    def matches(self, system: str, method: str, path: str) -> bool:
        """Tell whether the order is about such a request."""
        return (
            self.system in (None, system)
            and (self.method is None or self.method.upper() == method)
            and (self.path is None or self.path.lower() in path.lower())
        )


@dataclass
class _Order:
    fault: Fault
    seen: int = 0

    def strikes(self) -> bool:
        self.seen += 1
        return self.fault.nth <= self.seen < self.fault.nth + self.fault.times


class Faults:
    """The orders that stand, each with a count of the requests it was about."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []

    def add(self, fault: Fault) -> None:
        """Take an order; requests are counted from now."""
        self._orders.append(_Order(fault))

    def clear(self) -> None:
        """Forget all orders."""
        self._orders.clear()

    def due(self, system: str, method: str, path: str) -> list[Fault]:
        """Count a request and return the faults that strike it, in the order they were given."""
        about_it = [order for order in self._orders if order.fault.matches(system, method, path)]
        return [order.fault for order in about_it if order.strikes()]


async def strike(faults: list[Fault], app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request as its faults have it: delays first, then the first fault of another kind."""
    for fault in faults:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
    others = [fault for fault in faults if fault.kind != "delay"]
    if others:
        await STRIKES[others[0].kind](others[0], app, scope, receive, send)
    else:
        await app(scope, receive, send)


async def _error(fault: Fault, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    if isinstance(fault.body, str | None):
        response = Response(fault.body, fault.status, fault.headers)
    else:
        response = json_response(fault.body, fault.status, fault.headers)
    await response(scope, receive, send)


async def _error_after_commit(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await _answer_of(app, scope, receive)
    await _error(fault, app, scope, receive, send)


async def _drop(_fault: Fault, _app: ASGIApp, scope: Scope, receive: Receive, _send: Send) -> None:
    scope[TRANSPORT].abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _drop_after_commit(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await _answer_of(app, scope, receive)
    await _drop(fault, app, scope, receive, send)


async def _truncate(_fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    start, *parts = await _answer_of(app, scope, receive)
    body = b"".join(part.get("body", b"") for part in parts)
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    scope[TRANSPORT].close()
    while (await receive())["type"] != "http.disconnect":
        pass


STRIKES: dict[Kind, Callable[[Fault, ASGIApp, Scope, Receive, Send], Awaitable[None]]] = {
    "error": _error,
    "error_after_commit": _error_after_commit,
    "drop": _drop,
    "drop_after_commit": _drop_after_commit,
    "truncate": _truncate,
}


async def _answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    """Let the request be worked on and keep the answer back."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages
