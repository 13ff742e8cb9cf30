"""What every part of the seed stands on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sandbox.autotask import moments
from sandbox.autotask.api import SYSTEM

if TYPE_CHECKING:
    import random

    from sandbox.context import Context
    from sandbox.store import Row

API_USER = 29682885
ENGINEERS = (29682886, 29682887, 29682888, 29682889)
LOCATION = 29682700
MIDNIGHT = dt.time(tzinfo=dt.UTC)


class Ground:
    """The tables to fill, the world to fill them from, and the day it is."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.world = context.world
        self.today = context.clock.today()
        self.code_ids = {code.name: code.id for code in self.world.billing_codes}

    def chance(self, purpose: str) -> random.Random:
        """Return this half's stream of chance for a purpose."""
        return self.context.random(f"{SYSTEM}/{purpose}")

    def put(self, entity: str, row: Row) -> Row:
        """Store a row; what is null is left out."""
        return self.context.store.table(SYSTEM, entity).put(row)

    def moment(self, days_ago: float) -> str:
        """Return a moment so many days before today, as it is sent."""
        return moments.wire(dt.datetime.combine(self.today, MIDNIGHT) - dt.timedelta(days=days_ago))

    def date(self, days_ago: int) -> str:
        """Return a day so many days before today, as it is sent."""
        return moments.wire_date(self.today - dt.timedelta(days=days_ago))
