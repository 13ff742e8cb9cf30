"""Opening the database of the ledger: a file only its owner reads, brought to the structure this version knows."""

from __future__ import annotations

import logging
import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from transfer_ledger import schema
from transfer_ledger.exceptions import StopRun
from transfer_ledger.migrations import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

READING = {"reading": True}
"""Execution options of a connection that only reads: on SQLite it takes no write lock."""

NOTING = {"noting": True}
"""Execution options of a connection whose commits survive a kill of the process, but not always a loss of power.

They cost no waiting for the disk. Fit for what can be asked for again: a write whose end is forgotten is in doubt.
"""

BUSY_SECONDS = 30
"""How long SQLite waits for another process to finish its transaction."""

OWNER_ONLY = 0o600

CHUNK = 500
"""Rows written with one statement."""


def open_engine(url: str, *, create: bool = True) -> Engine:
    """Open the database, create it when it is absent and ``create`` is set, and migrate it.

    Raises:
        StopRun: the URL cannot be used, the database cannot be reached, or a newer version made it.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        _ensure_file(parsed, create=create)
    try:
        engine = _engine(parsed)
        _migrate(engine)
    except (DBAPIError, NoSuchModuleError, ImportError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        advice = "Check the setting ledger_url." if isinstance(error, DBAPIError) else _WRITTEN_LIKE
        raise StopRun(f"The ledger {shown(parsed)} cannot be opened: {reason}", advice) from None
    return engine


def sqlite_path(engine: Engine) -> Path | None:
    """Return the file the ledger is in, None when a server holds it."""
    return Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None


def shown(url: URL) -> str:
    """Return the URL for people, without its password."""
    return url.render_as_string(hide_password=True)


_WRITTEN_LIKE = "Write it like sqlite:///transfers.db or postgresql+psycopg://user:password@host/database."


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password, so it is not repeated.
        raise StopRun("The setting ledger_url is not a database URL.", _WRITTEN_LIKE) from None


def _ensure_file(url: URL, *, create: bool) -> None:
    path = Path(url.database or ":memory:")
    if str(path) == ":memory:" or url.database is None or url.database.startswith("file:"):
        raise StopRun(
            f"The ledger {shown(url)} is not a plain file, so nothing would be remembered.",
            "Set ledger_url to a file, for example sqlite:///transfers.db.",
        )
    if path.exists():
        return
    if not create:
        raise StopRun(f"There is no ledger at {path}.", "Give its URL with --ledger or TRANSFERS_LEDGER_URL.")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        # The -wal and -shm files take the permissions of the database file (sqlite.org/wal.html).
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
    except OSError as error:
        raise StopRun(
            f"The ledger {path} cannot be created: {error.strerror}.", "Check the folder of ledger_url."
        ) from None


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
        if engine.dialect.name == "postgresql":
            sa.event.listen(engine, "begin", _begin_postgresql)
        return engine
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=arguments, hide_parameters=True)
    sa.event.listen(engine, "connect", _configure_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: SQLite does not wait when a reader turns writer (sqlite.org/rescode.html#busy)."""
    options = connection.get_execution_options()
    if options.get("reading"):
        return  # a SELECT by itself sees one state of the file
    synchronous = "NORMAL" if options.get("noting") else "FULL"
    if connection.info.get("synchronous") != synchronous:
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
        connection.info["synchronous"] = synchronous
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("noting"):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def _migrate(engine: Engine) -> None:
    try:
        with engine.connect().execution_options(**READING) as connection:
            if _version(connection, engine) == VERSIONS[-1]:
                return
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('transfer_ledger migration'))"))
            if _version(connection, engine) != VERSIONS[-1]:
                _upgrade(connection)
    except BaseException:
        engine.dispose()
        raise


def _version(connection: Connection, engine: Engine) -> str | None:
    """Return the version of the structure, None for an empty database.

    Raises:
        StopRun: it is not a version this program knows.
    """
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if version is not None and version not in VERSIONS:
        raise StopRun(
            f"The ledger {shown(engine.url)} has structure {version}; this version knows up to {VERSIONS[-1]}.",
            "Update transfer-ledger to the version that made it; it was left untouched.",
        )
    return str(version) if version is not None else None


def _upgrade(connection: Connection) -> None:
    """Run the missing migrations, with the new version, in the transaction of this connection."""
    # Alembic takes a third of a second to load and is needed once in the life of a ledger.
    # Alembic tells of its parts while it is imported.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    scripts = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "postgresql":
        _comment(connection)


def _comment(connection: Connection) -> None:
    """Put the meaning of tables and columns into the database, where it keeps such comments."""
    for table in schema.metadata.tables.values():
        connection.execute(sa.schema.SetTableComment(table))
        for column in table.columns:
            connection.execute(sa.schema.SetColumnComment(column))


def replace_rows(connection: Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows in the place of those with the same primary key; return how many were written."""
    by_key = sa.delete(table).where(*(column == sa.bindparam(f"key_{column.name}") for column in table.primary_key))
    written = 0
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        # The last of several rows with one key stands.
        unique = {tuple(row[column.name] for column in table.primary_key): row for row in chunk}
        connection.execute(by_key, [_key_binds(table, row) for row in unique.values()])
        connection.execute(sa.insert(table), list(unique.values()))
        written += len(unique)
    return written


def _key_binds(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"key_{column.name}": row[column.name] for column in table.primary_key}
