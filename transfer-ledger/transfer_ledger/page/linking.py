"""Which company is which account: the pairs that wait for a person, and what people decide about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from transfer_ledger.database import READING
from transfer_ledger.exceptions import LedgerError
from transfer_ledger.ledger import Ledger
from transfer_ledger.page.access import brings
from transfer_ledger.page.acting import CHANGED, NOT_ALLOWED
from transfer_ledger.page.answers import Pages, answer, number_of, see_other
from transfer_ledger.page.signing import STALE, text_of, trail
from transfer_ledger.parties.deciding import Office, Sides
from transfer_ledger.people import Person
from transfer_ledger.report.documents import PAGE
from transfer_ledger.schema import links
from transfer_ledger.wording.details import reason

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.requests import Request
    from starlette.responses import Response

    from transfer_ledger.links.decisions import Verdict
    from transfer_ledger.page.access import Visitor
    from transfer_ledger.wording import Words

VERDICTS: dict[str, Verdict] = {"confirm": "confirm", "reject": "reject"}
LONGEST_KEY = 200


class Pair(msgspec.Struct, kw_only=True, frozen=True):
    """A company and an account that may be the same."""

    administration: str
    source_tenant: str
    source_id: str
    source_code: str | None
    source_name: str | None
    receiver_id: str
    receiver_code: str | None
    receiver_name: str | None
    reasons: str

    def why(self, words: Words) -> list[str]:
        """What speaks for it."""
        return [reason(each, words.language) for each in msgspec.json.decode(self.reasons, type=list[str])]


def proposed(engine: Engine, first: int) -> tuple[list[Pair], bool]:
    """Return a page of the pairs that wait, and whether there are more."""
    columns = [links.c[name] for name in Pair.__struct_fields__]
    order = (links.c.administration, links.c.source_tenant, links.c.source_id, links.c.receiver_id)
    query = sa.select(*columns).where(links.c.state == "proposed").order_by(*order).offset(first).limit(PAGE + 1)
    with engine.connect().execution_options(**READING) as connection:
        found = [Pair(**row) for row in connection.execute(query).mappings()]
    return found[:PAGE], len(found) > PAGE


def show(request: Request) -> Response:
    """Show the pairs that wait for a person."""
    pages: Pages = request.app.state.pages
    first = number_of(request, "from") or 0
    pairs, more = proposed(pages.engine, first)
    if not pairs and first:  # those of this page are decided by now
        first = 0
        pairs, more = proposed(pages.engine, first)
    before = None if not first else max(0, first - PAGE)
    return answer(request, "links.html", pairs=pairs, before=before, after=first + PAGE if more else None)


async def decide(request: Request) -> Response:
    """Carry out what an operator decided about a pair."""
    verdict, visitor = request.path_params["verdict"], request.state.visitor
    brought = await request.form()
    if verdict not in VERDICTS:
        raise HTTPException(404)
    if not brings(request.session, text_of(brought, "token")):
        return await _refused(request, STALE, 403)
    names = ("administration", "source_tenant", "source_id", "receiver_id")
    pair = [text_of(brought, name)[:LONGEST_KEY] for name in names]
    if not visitor.acts:
        await run_in_threadpool(trail, request, visitor.name, f"{verdict} link refused", NOT_ALLOWED)
        return await _refused(request, NOT_ALLOWED, 403)
    done = await run_in_threadpool(_carry_out, request, visitor, VERDICTS[verdict], pair)
    return see_other("/links") if done else await _refused(request, CHANGED, 409)


def _carry_out(request: Request, visitor: Visitor, verdict: Verdict, pair: list[str]) -> bool:
    """Write the link and the trail of it, together; return whether it was possible."""
    administration, tenant, company, account = pair
    pages: Pages = request.app.state.pages
    ledger = Ledger(pages.engine, pages.clock)
    try:
        Office(ledger, Sides(tenant, administration), Person(visitor.name)).decide(verdict, company, account)
    except LedgerError as error:
        why = f"{company} – {account} ({administration}): {error.message}"  # noqa: RUF001
        trail(request, visitor.name, f"{verdict} link refused", why)
        return False
    finally:
        ledger.let_go()
    return True


async def _refused(request: Request, why: str, status: int) -> Response:
    return await run_in_threadpool(answer, request, "refused.html", status, said=why, back="/links")
