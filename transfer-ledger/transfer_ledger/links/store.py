"""The links as the ledger keeps them, one row a pair."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING, replace_rows
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed
from transfer_ledger.schema import actions, links
from transfer_ledger.transfers import plain

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sqlalchemy import Connection, Engine

ACCOUNTS = "accounts"
"""The kind of link between a company of Autotask and an account of Exact: the company is always its source."""

_JSON = ("reasons", "base")

DECIDED = {"confirmed": "confirm link", "refused": "reject link", "new": "create link", "ended": "end link"}
"""State that a person gives a link, to what the trail of actions calls that."""


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

    def all(self, *, states: Collection[str] | None = None, **where: str) -> list[Link]:
        """Return the links, by the ids of their ends.

        Args:
            states: Only these.
            where: Column to the only value that is asked for, such as ``source_tenant``.
        """
        query = sa.select(links).where(*self._mine(), *(links.c[name] == value for name, value in where.items()))
        if states is not None:
            query = query.where(links.c.state.in_(states))
        with self.engine.connect().execution_options(**READING) as connection:
            rows = connection.execute(query.order_by(links.c.source_id, links.c.receiver_id)).mappings().all()
        return [_link(dict(row)) for row in rows]

    def save(self, wanted: Iterable[Link], person: str | None = None) -> None:
        """Write links, all or none; what was proposed or said before of the ends of a decided one goes.

        Args:
            wanted: The links.
            person: Whoever decided so: each stands in the trail of actions too.

        Raises:
            DocumentFailed: one is to be confirmed of which an end is linked with another.
        """
        with self._alone() as connection:
            for link in wanted:
                if link.state == "confirmed":
                    self._refuse_a_second(connection, link)
                if link.state in {"confirmed", "new"}:
                    unsettled = links.c.state.in_(("proposed", "new"))
                    connection.execute(sa.delete(links).where(*self._others(link), unsettled))
                replace_rows(connection, links, [self._row(link)])
                if person is not None:
                    connection.execute(sa.insert(actions).values(self._action(link, person)))

    def agree(self, link: Link) -> bool:
        """Write what both sides of a link agreed on, and their names; whether it is confirmed still."""
        row = self._row(link)
        kept = ("source_code", "source_name", "receiver_code", "receiver_name", "base", "updated_at")
        pair = [links.c[name] == row[name] for name in ("source_system", "source_tenant", "source_id", "receiver_id")]
        still = sa.update(links).where(*self._mine(), *pair, links.c.state == "confirmed")
        with self.engine.begin() as connection:
            return connection.execute(still.values({name: row[name] for name in kept})).rowcount == 1

    def propose(self, system: str, tenant: str, wanted: Iterable[Link]) -> None:
        """Put proposals in the place of all earlier ones of this source; what a person decided stays."""
        source = (*self._mine(), links.c.source_system == system, links.c.source_tenant == tenant)
        with self._alone() as connection:
            connection.execute(sa.delete(links).where(*source, links.c.state == "proposed"))
            decided = connection.execute(sa.select(links.c.source_id, links.c.receiver_id).where(*source)).all()
            pairs = set(map(tuple, decided))
            rows = [self._row(link) for link in wanted if (link.source_id, link.receiver_id) not in pairs]
            replace_rows(connection, links, rows)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """Open a transaction beside which nobody else writes links; SQLite has no other kind."""
        with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("LOCK TABLE links IN SHARE ROW EXCLUSIVE MODE"))
            yield connection

    def _refuse_a_second(self, connection: Connection, link: Link) -> None:
        query = sa.select(links).where(*self._others(link), links.c.state == "confirmed")
        row = connection.execute(query).mappings().first()
        if row is None:
            return
        there = _link(dict(row))
        message = f"{_pair(link)} cannot be linked: {_pair(there)} are linked already"
        problem = Problem(field="source.id", value=link.source_id, message=message)
        raise DocumentFailed([problem], f"If that is wrong, end it with `transfers links end {there.source_id}`.")

    def _others(self, link: Link) -> list[sa.ColumnElement[bool]]:
        """Return what the other links of either end of a link have in common."""
        ends = [links.c[name] == key for name in ("source_id", "receiver_id") if (key := getattr(link, name))]
        pair = sa.and_(links.c.source_id == link.source_id, links.c.receiver_id == link.receiver_id)
        same = (links.c.source_system == link.source_system, links.c.source_tenant == link.source_tenant)
        return [*self._mine(), *same, sa.or_(*ends), sa.not_(pair)]

    def _action(self, link: Link, person: str) -> dict[str, Any]:
        ends = ((link.source_code or link.source_id, link.source_name),
                (link.receiver_code or link.receiver_id, link.receiver_name))  # fmt: skip
        pair = " – ".join(filter(None, (" ".join(filter(None, end)) for end in ends)))  # noqa: RUF001
        detail = plain(f"{pair} ({self._whose['administration']})")
        return {"at": self.clock(), "who": plain(person), "action": DECIDED[link.state], "detail": detail}

    def _mine(self) -> list[sa.ColumnElement[bool]]:
        return [links.c[name] == value for name, value in self._whose.items()]

    def _row(self, link: Link) -> dict[str, Any]:
        values = msgspec.structs.asdict(link) | self._whose
        texts = {name: msgspec.json.encode(values[name]).decode() for name in _JSON}
        return values | texts | {"updated_at": self.clock()}


def _link(row: dict[str, Any]) -> Link:
    decoded = {name: msgspec.json.decode(row[name]) for name in _JSON}
    return Link(**{name: row[name] for name in Link.__struct_fields__} | decoded)


def _pair(link: Link) -> str:
    ours = " ".join(filter(None, (link.source_code, link.source_name))) or link.source_id
    theirs = " ".join(filter(None, (link.receiver_code, link.receiver_name))) or link.receiver_id
    return f"company {ours} and account {theirs}"
