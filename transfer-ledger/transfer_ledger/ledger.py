"""The ledger: every transfer with its state, the links, and kept copies of master data."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from transfer_ledger.database import CHUNK, NOTING, READING, open_engine, replace_rows
from transfer_ledger.exceptions import Taken
from transfer_ledger.links.store import Link, LinkStore
from transfer_ledger.master_data import MasterData, MasterRow
from transfer_ledger.receipts import Found
from transfer_ledger.runs import Run, Runs
from transfer_ledger.schema import OPEN, SETTLED, actions, baselines, events, found, listing, transfers
from transfer_ledger.transfers import (
    ROW_COLUMNS,
    Key,
    Transfer,
    document_columns,
    from_row,
    listing_columns,
    plain,
    progress_columns,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sqlalchemy import Connection, Engine

    from transfer_ledger.documents import Document

__all__ = ["Ledger", "Link", "MasterData", "MasterRow", "Run", "Runs", "utc_now"]


def utc_now() -> dt.datetime:
    """Return the present moment; the default clock."""
    return dt.datetime.now(dt.UTC)


class Author(Protocol):
    """Who changes a transfer: a run, or a person."""

    @property
    def id(self) -> str:
        """What the ledger writes down."""

    @property
    def person(self) -> str | None:
        """The name of a person, who has a trail of actions; None for a run."""


# Built once: what a statement costs beside its execution is mostly its making.
_INSERT = sa.insert(transfers)
_SWAP = sa.update(transfers).where(
    transfers.c.id == sa.bindparam("this_id"), transfers.c.version == sa.bindparam("seen_version")
)
_INSERT_EVENT = sa.insert(events)
_INSERT_ACTION = sa.insert(actions)
_LIST = sa.insert(listing)
_LIST_ANEW = sa.update(listing).where(listing.c.transfer_id == sa.bindparam("this_id"))
_OWNED = sa.select(transfers.c.receipt_id).where(
    transfers.c.administration == sa.bindparam("administration"),
    transfers.c.kind == sa.bindparam("kind"),
    transfers.c.receipt_id.in_(sa.bindparam("ids", expanding=True)),
)
_SELECT = sa.select(*(transfers.c[name] for name in ROW_COLUMNS)).where(
    *(transfers.c[name] == sa.bindparam(name) for name in Key.__struct_fields__)
)


class Ledger:
    """An open ledger. ``Ledger.open`` creates and migrates it; it is used by one thread."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self.engine = engine
        self.clock = clock
        self.runs = Runs(engine, clock)
        self._reader: Connection | None = None
        self._writers: dict[bool, Connection] = {}

    @classmethod
    def open(cls, url: str, clock: Callable[[], dt.datetime] = utc_now, *, create: bool = True) -> Ledger:
        """Open the ledger at a database URL, made and migrated as needed.

        Raises:
            StopRun: it cannot be used; the message says why.
        """
        return cls(open_engine(url, create=create), clock)

    def close(self) -> None:
        """Give back all connections, and close the database."""
        self.let_go()
        self.engine.dispose()

    def let_go(self) -> None:
        """Give back the connections; others may go on with the same engine."""
        for connection in filter(None, (self._reader, *self._writers.values())):
            connection.close()
        self._reader = None
        self._writers.clear()

    def transfer(self, key: Key) -> Transfer | None:
        """Return the transfer with this key."""
        with self._reading() as connection:
            row = connection.execute(_SELECT, msgspec.structs.asdict(key)).mappings().one_or_none()
        return None if row is None else from_row(key, row)

    def save(
        self,
        transfer: Transfer,
        run: Author,
        *,
        event: str | None = None,
        detail: str = "",
        durable: bool = False,
        document: Document | None = None,
    ) -> None:
        """Write a transfer, if nobody else changed it since it was read.

        ``durable`` waits until it is on the disk, as it must be before anything is sent. What is written otherwise
        survives a kill; after a loss of power the transfer may stand as it did before, and then it is in doubt.

        Raises:
            Taken: another run wrote this row meanwhile; nothing was written here.
        """
        seen, now = transfer.version, self.clock()
        transfer.version, transfer.run_id = seen + 1, run.id
        values = progress_columns(transfer) | {"updated_at": now}
        values["settled_at"] = now if transfer.state in SETTLED else None
        if document is not None:
            values |= document_columns(transfer, document)
        with self._writing(durable=durable) as connection:
            if transfer.id is None:
                self._insert(connection, transfer, values)
                row = {"administration": transfer.key.administration, "kind": transfer.key.kind, "words": ""}
                connection.execute(_LIST, row | listing_columns(transfer, document))
            else:
                self._swap(connection, transfer, seen, values)
                connection.execute(_LIST_ANEW, {"this_id": transfer.id} | listing_columns(transfer, document))
            if event is not None:
                self._note(connection, transfer, run, {"at": now, "event": event, "detail": plain(detail)})

    def open_sources(self, administration: str, kind: str) -> list[tuple[str, str, str, str]]:
        """Return (system, tenant, stream, id) of the source record of every open transfer."""
        columns = (transfers.c[name] for name in ("source_system", "source_tenant", "source_stream", "offered_as"))
        query = sa.select(*columns).where(
            transfers.c.administration == administration, transfers.c.kind == kind, transfers.c.state.in_(OPEN)
        )
        with self._reading() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def known_sources(
        self, administration: str, system: str, tenant: str, stream: str, ids: Collection[str]
    ) -> set[str]:
        """Return those of the source ids for which there is a transfer, of any kind."""
        known: set[str] = set()
        remaining = iter(ids)
        while chunk := list(islice(remaining, CHUNK)):
            query = sa.select(transfers.c.source_id).where(
                transfers.c.administration == administration,
                transfers.c.source_system == system,
                transfers.c.source_tenant == tenant,
                transfers.c.source_stream == stream,
                transfers.c.source_id.in_(chunk),
            )
            with self._reading() as connection:
                known.update(connection.execute(query).scalars())
        return known

    def owned(self, administration: str, kind: str, receipt_ids: Collection[str]) -> set[str]:
        """Return those of the receipt ids that belong to a transfer."""
        with self._reading() as connection:
            binds = {"administration": administration, "kind": kind, "ids": list(receipt_ids)}
            return set(connection.execute(_OWNED, binds).scalars())

    def baseline(self, administration: str, kind: str) -> int | None:
        """Return how many documents the receiving system held when it was scanned, None when it never was."""
        query = sa.select(baselines.c.found).where(
            baselines.c.administration == administration, baselines.c.kind == kind
        )
        with self._reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def save_baseline(self, administration: str, kind: str, documents: Iterable[Found]) -> int:
        """Store what the receiving system holds, page by page, and then that it was read whole."""
        whose = {"administration": administration, "kind": kind}
        total = 0
        remaining = iter(documents)
        # The pages come over the network: each is written when it is there, so that no transaction waits for the next.
        while page := list(islice(remaining, CHUNK)):
            with self._writing() as connection:
                rows = ({**whose, **msgspec.structs.asdict(item), "reference": item.reference.strip()} for item in page)
                total += replace_rows(connection, found, rows)
        with self._writing() as connection:
            replace_rows(connection, baselines, [{**whose, "scanned_at": self.clock(), "found": total}])
        return total

    def found(self, administration: str, kind: str, reference: str) -> list[Found]:
        """Return what the receiving system held under a reference when it was scanned."""
        columns = [found.c[name] for name in Found.__struct_fields__]
        query = (
            sa.select(*columns)
            .where(
                found.c.administration == administration, found.c.kind == kind, found.c.reference == reference.strip()
            )
            .order_by(found.c.id)
        )
        with self._reading() as connection:
            return [Found(**row) for row in connection.execute(query).mappings()]

    def master_data(self, administration: str, resource: str) -> MasterData:
        """Return the kept copy of a resource, for example ``VATCodes``; it may be empty."""
        return MasterData(self.engine, administration, resource, self.clock)

    def links(self, administration: str, kind: str) -> dict[tuple[str, str, str], Link]:
        """Return the confirmed links, by (system, tenant, id) of the source record."""
        found = LinkStore(self.engine, administration, kind, self.clock).all(states=["confirmed"])
        return {(link.source_system, link.source_tenant, link.source_id): link for link in found}

    def save_link(self, administration: str, link: Link) -> None:
        """Write a link; see ``LinkStore.save``."""
        LinkStore(self.engine, administration, link.kind, self.clock).save([link])

    def _note(self, connection: Connection, transfer: Transfer, author: Author, happened: dict[str, Any]) -> None:
        """Add what happened to the history, and to the trail of actions when a person did it."""
        connection.execute(_INSERT_EVENT, happened | {"transfer_id": transfer.id, "run_id": author.id})
        if author.person is not None:
            action = {"at": happened["at"], "action": happened["event"], "detail": happened["detail"]}
            who = {"who": author.person, "transfer_id": transfer.id}
            connection.execute(_INSERT_ACTION, action | who)

    def _insert(self, connection: Connection, transfer: Transfer, values: dict[str, Any]) -> None:
        row = {
            **values,
            **msgspec.structs.asdict(transfer.key),
            "offered_as": transfer.offered_as,
            "created_at": values["updated_at"],
        }
        try:
            (transfer.id,) = connection.execute(_INSERT, row).inserted_primary_key or (None,)
        except IntegrityError as error:
            raise Taken(f"{transfer.key.source_id} was written to the ledger by another run.") from error

    def _swap(self, connection: Connection, transfer: Transfer, seen: int, values: dict[str, Any]) -> None:
        changed = connection.execute(_SWAP, values | {"this_id": transfer.id, "seen_version": seen})
        if changed.rowcount != 1:
            raise Taken(f"{transfer.key.source_id} was changed in the ledger by another run.")

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._reader is None:
            self._reader = self.engine.connect().execution_options(**READING)
        with self._reader.begin():
            yield self._reader

    @contextmanager
    def _writing(self, *, durable: bool = True) -> Iterator[Connection]:
        if durable not in self._writers:
            self._writers[durable] = self.engine.connect().execution_options(**({} if durable else NOTING))
        with self._writers[durable].begin():
            yield self._writers[durable]


def _found_columns(item: Found) -> dict[str, Any]:
    texts = {"reference": plain(item.reference.strip()), "number": plain(item.number), "url": plain(item.url)}
    return {**msgspec.structs.asdict(item), **texts}
