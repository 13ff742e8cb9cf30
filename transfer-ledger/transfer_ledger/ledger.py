"""The ledger: every transfer with its state, the links, and kept copies of master data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine


class Link(msgspec.Struct, kw_only=True):
    """This record of the source system is that one of the receiving system."""

    kind: str
    """What is linked, for example ``accounts``."""
    source_system: str
    source_tenant: str
    source_id: str
    receiver_id: str
    receiver_code: str | None = None
    state: str = "confirmed"
    reasons: list[str] = msgspec.field(default_factory=list)


class MasterRow(msgspec.Struct, kw_only=True):
    """One row of master data of the receiving system, as it was read."""

    id: str
    code: str | None = None
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    """Amounts come back as ``Decimal``, dates as they were given in text."""


class MasterData:
    """The kept copy of one resource of one administration."""

    def __init__(self, engine: Engine, administration: str, resource: str) -> None:
        self.engine = engine
        self.administration = administration
        self.resource = resource

    def stamp(self) -> str | None:
        """Return the change stamp up to which the copy is complete, None when there is no copy yet."""
        raise NotImplementedError

    def read_at(self) -> dt.datetime | None:
        """Return when the copy was last brought up to date (UTC), None when there is no copy yet."""
        raise NotImplementedError

    def by_id(self, row_id: str) -> MasterRow | None:
        """Return the row with this key."""
        raise NotImplementedError

    def by_code(self, code: str) -> list[MasterRow]:
        """Return the rows with this business code; more than one is possible."""
        raise NotImplementedError

    def rows(self) -> Iterator[MasterRow]:
        """Yield all rows, by id."""
        raise NotImplementedError

    def apply(self, changed: Iterable[MasterRow], deleted: Iterable[str], stamp: str | None) -> None:
        """Write changed rows, remove deleted ids and note the new stamp, all in one transaction."""
        raise NotImplementedError

    def replace(self, rows: Iterable[MasterRow], stamp: str | None) -> None:
        """Put these rows in the place of the whole copy, in one transaction."""
        raise NotImplementedError


class Ledger:
    """An open ledger. ``Ledger.open(url)`` creates and migrates it."""

    engine: Engine

    def master_data(self, administration: str, resource: str) -> MasterData:
        """Return the kept copy of a resource, for example ``VATCodes``; it may be empty."""
        return MasterData(self.engine, administration, resource)

    def link(
        self, administration: str, kind: str, source_system: str, source_tenant: str, source_id: str
    ) -> Link | None:
        """Return the confirmed link of this source record, None when there is none."""
        raise NotImplementedError

    def save_link(self, administration: str, link: Link) -> None:
        """Write a link, in the place of an earlier one of the same source record."""
        raise NotImplementedError
