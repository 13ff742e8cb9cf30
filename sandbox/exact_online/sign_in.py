"""The two addresses of OAuth: the consent in the browser, and the token endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from typing_extensions import override

from sandbox.exact_online import user
from sandbox.exact_online.tokens import Issuer, TokenError
from sandbox.wire import TRANSPORT, json_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from sandbox.exact_online.switches import Switches

Endpoint = "Callable[[Request], Awaitable[Response]]"
FORM = "application/x-www-form-urlencoded"


class Lost(Response):
    """An answer that never arrives: the connection is cut instead."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[TRANSPORT].abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def consent(issuer: Issuer) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint that a browser is sent to: everybody consents here, at once."""

    async def endpoint(request: Request) -> Response:
        asked = request.query_params
        redirect_uri = asked.get("redirect_uri", "")
        wrong = [
            name
            for name, right in (
                ("client_id", asked.get("client_id") == user.CLIENT_ID),
                ("response_type", asked.get("response_type") == "code"),
                ("redirect_uri", redirect_uri.startswith(("http://", "https://"))),
            )
            if not right
        ]
        if wrong:
            return PlainTextResponse(f"Invalid: {', '.join(wrong)}", 400)
        given = {"code": issuer.code(redirect_uri)} | ({"state": asked["state"]} if "state" in asked else {})
        return RedirectResponse(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(given)}", 302)

    return endpoint


def exchange(issuer: Issuer, switches: Switches) -> Callable[[Request], Awaitable[Response]]:
    """Return the token endpoint: it wants a form, with the client's secret in it."""
    still_lost = iter(range(switches.lose_token_answers))

    async def endpoint(request: Request) -> Response:
        body = (await request.body()).decode("utf-8", "replace")
        is_form = request.headers.get("content-type", "").startswith(FORM)
        try:
            tokens = issuer.exchange(dict(parse_qsl(body)) if is_form else {})
        except TokenError as error:
            return json_response(error.body, error.status, {"Reason": error.reason} if error.reason else None)
        return Lost() if next(still_lost, None) is not None else json_response(tokens)

    return endpoint
