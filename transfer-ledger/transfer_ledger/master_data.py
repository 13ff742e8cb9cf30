"""Kept copies of the receiving system's master data, so that a run reads only what changed since the last."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING, replace_rows
from transfer_ledger.schema import master_data, master_data_stamps

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy import Connection, Engine, RowMapping

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class MasterRow(msgspec.Struct, kw_only=True):
    """One row of master data of the receiving system, as it was read."""

    id: str
    code: str | None = None
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    """Amounts with a decimal point come back as ``Decimal``, dates as the text they became in JSON."""


class MasterData:
    """The kept copy of one resource of one administration."""

    def __init__(self, engine: Engine, administration: str, resource: str, clock: Callable[[], dt.datetime]) -> None:
        self.engine = engine
        self.clock = clock
        self._whose = {"administration": administration, "resource": resource}

    def stamp(self) -> str | None:
        """Return the change stamp up to which the copy is complete, None when there is no copy yet."""
        stamp: str | None = self._about(master_data_stamps.c.stamp)
        return stamp

    def read_at(self) -> dt.datetime | None:
        """Return when the copy was last brought up to date (UTC), None when there is no copy yet."""
        read_at: dt.datetime | None = self._about(master_data_stamps.c.read_at)
        return read_at

    def by_id(self, row_id: str) -> MasterRow | None:
        """Return the row with this key."""
        return next(self._select(master_data.c.id == row_id), None)

    def by_code(self, code: str) -> list[MasterRow]:
        """Return the rows with this business code; more than one is possible."""
        return list(self._select(master_data.c.code == code))

    def rows(self) -> Iterator[MasterRow]:
        """Yield all rows, by id."""
        return self._select()

    def apply(self, changed: Iterable[MasterRow], deleted: Iterable[str], stamp: str | None) -> None:
        """Write changed rows, remove deleted ids and note the new stamp, all in one transaction."""
        with self.engine.begin() as connection:
            self._write(connection, changed)
            for row_id in deleted:
                connection.execute(self._delete().where(master_data.c.id == row_id))
            self._note(connection, stamp)

    def replace(self, rows: Iterable[MasterRow], stamp: str | None) -> None:
        """Put these rows in the place of the whole copy, in one transaction."""
        with self.engine.begin() as connection:
            connection.execute(self._delete())
            self._write(connection, rows)
            self._note(connection, stamp)

    def _write(self, connection: Connection, rows: Iterable[MasterRow]) -> None:
        values = ({**self._whose, "id": row.id, "code": row.code, "data": _encode(row.data).decode()} for row in rows)
        replace_rows(connection, master_data, values)

    def _note(self, connection: Connection, stamp: str | None) -> None:
        replace_rows(connection, master_data_stamps, [{**self._whose, "stamp": stamp, "read_at": self.clock()}])

    def _delete(self) -> sa.Delete:
        return sa.delete(master_data).where(*_equal(master_data, self._whose))

    def _select(self, *conditions: sa.ColumnElement[bool]) -> Iterator[MasterRow]:
        query = sa.select(master_data).where(*_equal(master_data, self._whose), *conditions).order_by(master_data.c.id)
        with self.engine.connect().execution_options(**READING) as connection:
            for row in connection.execute(query).mappings():
                yield _master_row(row)

    def _about(self, column: sa.Column[Any]) -> Any:
        query = sa.select(column).where(*_equal(master_data_stamps, self._whose))
        with self.engine.connect().execution_options(**READING) as connection:
            return connection.execute(query).scalar_one_or_none()


def _master_row(row: RowMapping) -> MasterRow:
    return MasterRow(id=row["id"], code=row["code"], data=_decode(row["data"]))


def _equal(table: sa.Table, values: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in values.items()]
