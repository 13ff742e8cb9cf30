"""The record of all requests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import msgspec
from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from sandbox.clock import Clock


class Call(msgspec.Struct, kw_only=True):
    """One request and what became of it."""

    system: str
    method: str
    path: str
    query: str
    """Decoded, for people and tests to read."""
    status: int | None = None
    """None: under way, or the connection was dropped without an answer."""
    request_bytes: int = 0
    response_bytes: int = 0
    at: str


def new_call(system: str, scope: Scope, clock: Clock) -> Call:
    """Return the record of a request that has just come in."""
    return Call(
        system=system,
        method=scope["method"],
        path=scope["path"],
        query=unquote_plus(scope["query_string"].decode("latin-1")),
        at=clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


async def read_body(call: Call, receive: Receive) -> Receive:
    """Read the body, count it, and return a ``receive`` that gives it again."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    call.request_bytes = sum(map(len, parts))
    waiting: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def counted_send(call: Call, clock: Clock, send: Send) -> Send:
    """Return a ``send`` that notes status and bytes, and dates the answer by the sandbox's clock."""

    async def counting(message: Message) -> None:
        if message["type"] == "http.response.start":
            call.status = message["status"]
            MutableHeaders(scope=message)["date"] = clock.http_date()
        else:
            call.response_bytes += len(message.get("body", b""))
        await send(message)

    return counting
