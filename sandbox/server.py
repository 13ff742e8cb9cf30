"""The sandbox behind uvicorn, with the connection in reach so that a fault can cut it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.wire import CONNECTION, TRANSPORT

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send
    from uvicorn._types import ASGI3Application


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 that tells the application its transport, and lets it remember a connection."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app: ASGI3Application = self.app
        connection: dict[str, Any] = {}

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            scope[CONNECTION] = connection
            await app(scope, receive, send)  # type: ignore[arg-type]

        self.app = with_transport


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0: on any free one.

    The protocol is named since asyncio spares a connection the 40 ms of Nagle's algorithm only then.

    Raises:
        OSError: The port is taken.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise OSError(error.errno, f"The sandbox cannot listen on port {port} of {host}: {error.strerror}") from error
    return listening


def configure(app: ASGIApp) -> uvicorn.Config:
    """Return the server's configuration; the Date header is the application's own."""
    return uvicorn.Config(
        app,
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
    )
