"""What every route needs of HTTP: JSON answers, paths in any case, the connection below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.requests import Request

TRANSPORT = "sandbox.transport"
"""Key of an ASGI scope: the asyncio transport of the connection."""

CONNECTION = "sandbox.connection"
"""Key of an ASGI scope: a dict that lives as long as the connection, for what is signed in once for all requests."""

USER = "sandbox.user"
"""Key of an ASGI scope: who the gate of a half let in."""

IN_FLIGHT = "sandbox.in_flight"
"""Key of an ASGI scope: the paths of the same system's requests that were under way when this one came."""

_encoder = msgspec.json.Encoder(decimal_format="number")


def json_response(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON; a `Decimal` becomes a number with its own digits."""
    return Response(_encoder.encode(data), status, headers, media_type="application/json")


def any_case(path: str, endpoint: Callable[[Request], Awaitable[Response]], methods: Sequence[str]) -> Route:
    """Return a route whose fixed parts match in any case, as on the vendors' IIS servers."""
    route = Route(path, endpoint, methods=list(methods))
    route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return route
