"""The sandbox behind uvicorn, with the connection in reach so that a fault can cut it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.wire import TRANSPORT

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send
    from uvicorn._types import ASGI3Application


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 that tells the application its transport."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app: ASGI3Application = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            await app(scope, receive, send)  # type: ignore[arg-type]

        self.app = with_transport


def configure(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """Return the server's configuration; the Date header is the application's own."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
    )
