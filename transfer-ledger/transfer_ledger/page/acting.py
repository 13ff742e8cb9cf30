"""What people do on the page: every form passes through here, is checked, carried out once, and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from transfer_ledger.confirmation import Undecidable
from transfer_ledger.exceptions import Taken
from transfer_ledger.ledger import Ledger
from transfer_ledger.page.access import brings
from transfer_ledger.page.answers import LARGEST_NUMBER, Pages, answer, see_other
from transfer_ledger.page.signing import STALE, text_of, trail
from transfer_ledger.people import DECISIONS, Person, transfer_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from transfer_ledger.page.access import Visitor

LONGEST_REASON = 2_000
NOT_ALLOWED = "You may read here, and not act."
CHANGED = "It changed since you looked at it. Look again."


async def decide(request: Request) -> Response:
    """Carry out what an operator decided about a document."""
    action, number = request.path_params["action"], min(request.path_params["transfer_id"], LARGEST_NUMBER)
    brought = await request.form()
    visitor: Visitor = request.state.visitor
    if action not in DECISIONS:
        raise HTTPException(404)
    if not brings(request.session, text_of(brought, "token")):
        return await _refused(request, STALE, number, 403)
    said = " ".join(text_of(brought, "detail").split())[:LONGEST_REASON]
    if not visitor.acts:
        await run_in_threadpool(trail, request, visitor.name, f"{action} refused", NOT_ALLOWED, None)
        return await _refused(request, NOT_ALLOWED, number, 403)
    version = text_of(brought, "version")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < len("1234567890") else -1
    why = await run_in_threadpool(_carry_out, request, action, number, seen, said)
    return see_other(f"/documents/{number}") if why is None else await _refused(request, why, number, 409)


def _carry_out(request: Request, action: str, number: int, version: int, said: str) -> str | None:
    """Return why it could not be done, None when it was."""
    pages: Pages = request.app.state.pages
    name = request.state.visitor.name
    ledger = Ledger(pages.engine, pages.clock)
    try:
        transfer = transfer_of(ledger, number, version)
        DECISIONS[action](ledger, Person(name), transfer, said)
    except Undecidable as error:
        why = str(error)
    except Taken:
        why = CHANGED
    else:
        return None
    finally:
        ledger.let_go()
    trail(request, name, f"{action} refused", f"{number}: {why}")
    return why


async def _refused(request: Request, why: str, number: int, status: int) -> Response:
    return await run_in_threadpool(answer, request, "refused.html", status, said=why, back=f"/documents/{number}")
