"""The links as the ledger keeps them, one row a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING, replace_rows
from transfer_ledger.schema import links

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable

    from sqlalchemy import Connection, Engine

ACCOUNTS = "accounts"
"""The kind of link between a company of Autotask and an account of Exact: the company is always its source."""

_JSON = ("reasons", "base")


class Link(msgspec.Struct, kw_only=True):
    """This record of the source system is that one of the receiving system."""

    kind: str
    """What is linked, for example ``accounts``."""
    source_system: str
    source_tenant: str
    source_id: str
    receiver_id: str
    """Empty where a person said that there is none yet."""
    source_code: str | None = None
    source_name: str | None = None
    receiver_code: str | None = None
    receiver_name: str | None = None
    state: str = "confirmed"
    """See ``transfer_ledger.schema.LINK_STATES``."""
    reasons: list[str] = msgspec.field(default_factory=list)
    base: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    """What both sides held when they last agreed, seen from the source; see ``transfer_ledger.merge``."""


class LinkStore:
    """The links of one kind with one administration."""

    def __init__(self, engine: Engine, administration: str, kind: str, clock: Callable[[], dt.datetime]) -> None:
        self.engine = engine
        self.clock = clock
        self._whose = {"administration": administration, "kind": kind}

    def all(
        self, *, states: Collection[str] | None = None, system: str | None = None, tenant: str | None = None
    ) -> list[Link]:
        """Return the links, by the ids of their ends; of some states or of one source only where that is asked."""
        query = sa.select(links).where(*self._mine())
        if states is not None:
            query = query.where(links.c.state.in_(states))
        for column, value in ((links.c.source_system, system), (links.c.source_tenant, tenant)):
            query = query if value is None else query.where(column == value)
        with self.engine.connect().execution_options(**READING) as connection:
            rows = connection.execute(query.order_by(links.c.source_id, links.c.receiver_id)).mappings().all()
        return [_link(dict(row)) for row in rows]

    def save(self, wanted: Iterable[Link]) -> None:
        """Write links, all or none.

        A confirmed one ends an earlier one of the same source record, and takes its proposals away.
        """
        with self.engine.begin() as connection:
            for link in wanted:
                if link.state in {"confirmed", "new"}:
                    self._make_room(connection, link)
                replace_rows(connection, links, [self._row(link)])

    def propose(self, system: str, tenant: str, wanted: Iterable[Link]) -> None:
        """Put proposals in the place of all earlier ones of this source; what a person decided stays."""
        of_this_source = self.all(system=system, tenant=tenant)
        decided = {(link.source_id, link.receiver_id) for link in of_this_source if link.state != "proposed"}
        rows = [self._row(link) for link in wanted if (link.source_id, link.receiver_id) not in decided]
        with self.engine.begin() as connection:
            connection.execute(
                sa.delete(links).where(
                    *self._mine(),
                    links.c.source_system == system,
                    links.c.source_tenant == tenant,
                    links.c.state == "proposed",
                )
            )
            replace_rows(connection, links, rows)

    def _make_room(self, connection: Connection, link: Link) -> None:
        same = (
            *self._mine(),
            links.c.source_system == link.source_system,
            links.c.source_tenant == link.source_tenant,
            links.c.source_id == link.source_id,
            links.c.receiver_id != link.receiver_id,
        )
        connection.execute(sa.delete(links).where(*same, links.c.state.in_(("proposed", "new"))))
        connection.execute(
            sa.update(links).where(*same, links.c.state == "confirmed").values(state="ended", updated_at=self.clock())
        )

    def _mine(self) -> list[sa.ColumnElement[bool]]:
        return [links.c[name] == value for name, value in self._whose.items()]

    def _row(self, link: Link) -> dict[str, Any]:
        values = msgspec.structs.asdict(link) | self._whose
        texts = {name: msgspec.json.encode(values[name]).decode() for name in _JSON}
        return values | texts | {"updated_at": self.clock()}


def _link(row: dict[str, Any]) -> Link:
    decoded = {name: msgspec.json.decode(row[name]) for name in _JSON}
    return Link(**{name: row[name] for name in Link.__struct_fields__} | decoded)
