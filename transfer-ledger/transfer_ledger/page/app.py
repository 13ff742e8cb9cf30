"""The page as an ASGI application: what every request meets before it is answered, and where it goes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from transfer_ledger.exceptions import StopRun
from transfer_ledger.page import acting, linking, reading, signing
from transfer_ledger.page.access import SESSION, Access
from transfer_ledger.page.answers import Pages, broken, not_found, unreadable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable, Sequence

    from sqlalchemy import Engine
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from transfer_ledger.causes import Language

HERE = Path(__file__).parent

LARGEST_BODY = 64 * 1024
"""Bytes of a form; a reason takes far less."""

HEADERS = {
    # Nothing is loaded but our own style sheet; there is no script, and no other site may frame the page.
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
STRICT_TRANSPORT = ("strict-transport-security", "max-age=31536000")


class Options(msgspec.Struct, kw_only=True, frozen=True):
    """How the page is served."""

    hosts: Sequence[str]
    """Names by which it may be asked for."""
    secret: str
    """Signs the sessions."""
    local: str
    """Who acts when nobody has to sign in."""
    users: Path | None = None
    secure: bool = False
    """Browsers reach it by https."""
    language: Language = "en"
    """Spoken when a browser asks for none that is known."""


def make(engine: Engine, options: Options, clock: Callable[[], dt.datetime]) -> Starlette:
    """Return the page over a ledger."""
    cookie = "__Host-transfers" if options.secure else "transfers"
    middleware = [
        Middleware(Armour, secure=options.secure),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(options.hosts), www_redirect=False),
        Middleware(
            SessionMiddleware,
            secret_key=options.secret,
            session_cookie=cookie,
            max_age=int(SESSION.total_seconds()),
            https_only=options.secure,
            same_site="lax",
        ),
        Middleware(Gate),
    ]
    handlers: dict[Any, Any] = {
        404: not_found,
        405: not_found,
        500: broken,
        StopRun: unreadable,
        SQLAlchemyError: unreadable,
    }
    application = Starlette(routes=routes(), middleware=middleware, exception_handlers=handlers, lifespan=_warmed)
    application.state.pages = Pages(engine, clock, options.language)
    application.state.access = Access(options.users, options.local, clock)
    return application


@asynccontextmanager
async def _warmed(application: Starlette) -> AsyncIterator[None]:
    """Prepare what the first visitor would have to wait for."""
    await run_in_threadpool(application.state.pages.warm)
    yield


def routes() -> list[Route | Mount]:
    """Return where each request goes."""
    return [
        Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        Route("/", reading.overview, name="overview"),
        Route("/to-do", reading.to_do, name="to_do"),
        Route("/documents", reading.documents, name="documents"),
        Route("/documents/{transfer_id:int}", reading.document, name="document"),
        Route("/documents/{transfer_id:int}/{action}", acting.decide, methods=["POST"], name="decide"),
        Route("/links", linking.show, name="links"),
        Route("/links/{verdict}", linking.decide, methods=["POST"], name="decide_link"),
        Route("/actions", reading.actions, name="actions"),
        Route("/runs", reading.runs, name="runs"),
        Route("/runs/{run_id}", reading.run, name="run"),
        Route("/sign-in", signing.form, name="sign_in"),
        Route("/sign-in", signing.sign_in, methods=["POST"]),
        Route("/sign-out", signing.sign_out, methods=["POST"], name="sign_out"),
        Route("/language", signing.language, methods=["POST"], name="language"),
    ]


class Armour:
    """Puts the headers on every answer and turns away bodies that no form of ours has."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        headers = [*HEADERS.items(), *([STRICT_TRANSPORT] if secure else [])]
        self.headers = [(name.encode(), value.encode()) for name, value in headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cached = scope["path"].startswith("/static/")
        keep = b"public, max-age=3600" if cached else b"no-store"

        async def armoured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self.headers, (b"cache-control", keep)]
            await send(message)

        if not _small(dict(scope["headers"])):
            await armoured({"type": "http.response.start", "status": 413, "headers": []})
            await armoured({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, armoured)


def _small(headers: dict[bytes, bytes]) -> bool:
    length = headers.get(b"content-length", b"0")
    return b"transfer-encoding" not in headers and length.isdigit() and int(length) <= LARGEST_BODY


class Gate:
    """Lets nobody in without the password; what is outside the gate is the sign-in and the style sheet."""

    OUTSIDE = ("/sign-in", "/language")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or ask to sign in."""
        if scope["type"] == "http":
            access: Access = scope["app"].state.access
            try:
                scope["state"]["visitor"] = access.visitor(scope["session"])
            except StopRun as error:
                scope["state"]["visitor"] = None
                await unreadable(Request(scope), error)(scope, receive, send)
                return
            outside = scope["path"] in self.OUTSIDE or scope["path"].startswith("/static/")
            if scope["state"]["visitor"] is None and not outside:
                await signing.ask(scope)(scope, receive, send)
                return
        await self.app(scope, receive, send)
