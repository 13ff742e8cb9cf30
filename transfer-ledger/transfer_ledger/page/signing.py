"""Signing in and out, and the choice of a language."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from transfer_ledger import people
from transfer_ledger.ledger import Ledger
from transfer_ledger.page.access import LONGEST_NAME, Access, brings, tried_by
from transfer_ledger.page.answers import answer, see_other
from transfer_ledger.wording import LANGUAGES

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.types import Scope

STALE = "This form is too old. Try again."


def ask(scope: Scope) -> Response:
    """Return the way to the sign-in, and from there back to what was asked for."""
    if scope["method"] not in {"GET", "HEAD"}:
        return Response(status_code=403)
    request = Request(scope)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}", 303)


def form(request: Request) -> Response:
    """Show the form to sign in."""
    if request.state.visitor is not None:
        return see_other(inside(request.query_params.get("next", "/")))
    return answer(request, "sign_in.html", said="", next=inside(request.query_params.get("next", "/")))


async def sign_in(request: Request) -> Response:
    """Check a password; too many wrong ones and it takes a pause."""
    access: Access = request.app.state.access
    brought = await request.form()
    name, password, wanted = (text_of(brought, field) for field in ("name", "password", "next"))
    address = request.client.host if request.client else ""
    if access.open:
        return see_other("/")
    if not brings(request.session, text_of(brought, "token")):
        return await _again(request, STALE, wanted, 403)
    left = access.throttle.admit(*tried_by(name, address))
    if left is not None:
        said = "Too many wrong passwords. Try again in a quarter of an hour."
        refused = await _again(request, said, wanted, 429)
        refused.headers["retry-after"] = str(int(left.total_seconds()) + 1)
        return refused
    if not await run_in_threadpool(access.sign_in, request.session, name, password, address):
        await run_in_threadpool(trail, request, name, "sign-in refused", address)
        return await _again(request, "Name or password is wrong.", wanted, 403)
    await run_in_threadpool(trail, request, name, "sign-in", address)
    return see_other(inside(wanted))


async def sign_out(request: Request) -> Response:
    """End the session."""
    if brings(request.session, text_of(await request.form(), "token")):
        if request.state.visitor is not None:
            await run_in_threadpool(trail, request, request.state.visitor.name, "sign-out", "")
        access: Access = request.app.state.access
        access.sign_out(request.session)
    return see_other("/sign-in")


async def language(request: Request) -> Response:
    """Remember the language of a visitor."""
    brought = await request.form()
    if brings(request.session, text_of(brought, "token")) and text_of(brought, "language") in LANGUAGES:
        request.session["language"] = text_of(brought, "language")
    return see_other(inside(text_of(brought, "next")))


async def _again(request: Request, said: str, wanted: str, status: int) -> Response:
    return await run_in_threadpool(answer, request, "sign_in.html", status, said=said, next=inside(wanted))


def inside(path: str) -> str:
    """Return a path of this page; anything that could lead elsewhere becomes the first page."""
    plain = path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


def trail(request: Request, who: str, action: str, detail: str, transfer_id: int | None = None) -> None:
    """Write down what somebody did or tried."""
    ledger = Ledger(request.app.state.pages.engine, request.app.state.pages.clock)
    people.note(ledger, who[:LONGEST_NAME], action, detail, transfer_id)


def text_of(brought: FormData, field: str) -> str:
    """Return a field of a form, empty when it is missing or a file."""
    value = brought.get(field, "")
    return value if isinstance(value, str) else ""
