"""One run at a time per administration and kind of document.

The lock keeps runs out of each other's way and costs no calls. That nothing is written twice does not rest on it: each
write is claimed by a compare-and-swap on its row.
"""

from __future__ import annotations

import hashlib
import logging
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from transfer_ledger.database import OWNER_ONLY, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class Lock(Protocol):
    """What the ledger needs of a lock."""

    def acquire(self) -> bool:
        """Take the lock if it is free."""

    def release(self) -> None:
        """Give it back."""


class OwnFileLock:
    """A lock file next to the SQLite file; the operating system frees it when the process ends, however it ends."""

    def __init__(self, engine: Engine, name: str) -> None:
        path = sqlite_path(engine)
        readable = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        self.lock = FileLock(f"{path}.{readable}-{digest}.lock", timeout=0, mode=OWNER_ONLY, thread_local=False)

    def acquire(self) -> bool:
        """Take the lock if it is free."""
        try:
            self.lock.acquire()
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Give it back."""
        self.lock.release()


class AdvisoryLock:
    """A PostgreSQL advisory lock on a connection of its own; the server frees it when the connection ends."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        self.connection: Connection | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free."""
        connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(sa.select(sa.func.pg_try_advisory_lock(self.key))).scalar():
            self.connection = connection
            return True
        connection.close()
        return False

    def release(self) -> None:
        """Give it back."""
        if self.connection is not None:
            # The server notices the end of a connection a moment later, and in the pool it would keep the lock.
            with suppress(SQLAlchemyError):
                self.connection.execute(sa.select(sa.func.pg_advisory_unlock(self.key)))
            self.connection.invalidate()
            self.connection.close()
            self.connection = None


class NoLock:
    """For a database without a lock that outlives no process: only the compare-and-swap guards."""

    def __init__(self, engine: Engine, name: str) -> None:
        logger.warning("There is no run lock on %s; %s is guarded row by row.", engine.dialect.name, name)

    def acquire(self) -> bool:
        """Take the lock, always."""
        return True

    def release(self) -> None:
        """Give it back."""


_LOCKS: dict[str, Callable[[Engine, str], Lock]] = {"sqlite": OwnFileLock, "postgresql": AdvisoryLock}


def lock_for(engine: Engine, administration: str, kind: str) -> Lock:
    """Return the lock of one kind of document in one administration, not yet taken."""
    return _LOCKS.get(engine.dialect.name, NoLock)(engine, f"{administration}/{kind}")


def acquire_within(
    lock: Lock, seconds: float, *, wait: Callable[[float], None], stopped: Callable[[], bool] = lambda: False
) -> bool:
    """Take the lock, trying again until the time is up or a stop is asked for."""
    tries = max(1, round(seconds / POLL_SECONDS) + 1)
    for attempt in range(tries):
        if attempt:
            wait(POLL_SECONDS)
        if stopped():
            return False
        if lock.acquire():
            return True
    return False
