"""What people did, on the page or by a command."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.report.documents import PAGE
from transfer_ledger.schema import actions, transfers

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Action(msgspec.Struct, kw_only=True, frozen=True):
    """One thing somebody did or tried."""

    id: int
    at: dt.datetime
    who: str
    action: str
    detail: str | None
    transfer_id: int | None
    number: str | None
    """What the document is called."""


def read_page(engine: Engine, before: int | None = None) -> tuple[list[Action], int | None]:
    """Return the newest actions, or those before the one with this number, and where the next page begins."""
    own = (actions.c[name] for name in ("id", "at", "who", "action", "detail", "transfer_id"))
    query = (
        sa.select(*own, sa.func.coalesce(transfers.c.number, transfers.c.source_id).label("number"))
        .select_from(actions.outerjoin(transfers, transfers.c.id == actions.c.transfer_id))
        .order_by(actions.c.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(actions.c.id < before)
    with engine.connect().execution_options(**READING) as connection:
        found = [Action(**row) for row in connection.execute(query).mappings()]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None
