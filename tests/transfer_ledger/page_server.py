"""The page on a port of this machine, in a thread of the test."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from transfer_ledger.page.app import Options, make

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

LOCAL = ("127.0.0.1", "localhost")


@contextmanager
def serving(engine: Engine, clock: Callable[[], dt.datetime], **options: Any) -> Iterator[str]:
    """Serve the page and give its origin."""
    chosen = Options(**({"hosts": LOCAL, "secret": "s" * 64, "local": "somebody"} | options))
    config = uvicorn.Config(make(engine, chosen, clock), log_config=None, access_log=False, server_header=False)
    # asyncio spares a connection the 40 ms of Nagle's algorithm only where the protocol is named.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


class Browser(httpx.Client):
    """Keeps cookies, and sends forms with the token that the page gave, as a browser does."""

    def form_token(self, path: str) -> str:
        """Return the token in the forms of a page."""
        found = re.search(r'name="token" value="([^"]+)"', self.get(path).text)
        assert found is not None
        return found[1]

    def submit(self, path: str, page: str = "/sign-in", **fields: str) -> httpx.Response:
        """Send a form that stands on a page."""
        return self.post(path, data={"token": self.form_token(page)} | fields)
