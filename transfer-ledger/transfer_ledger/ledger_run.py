"""One run of a target on a ledger: its row, its heartbeat and its locks, from the first kind of document to the end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from transfer_ledger.doubt import Patience
from transfer_ledger.exceptions import StopRun
from transfer_ledger.locks import Lock, acquire_within, lock_for
from transfer_ledger.runs import Heartbeat, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transfer_ledger.ledger import Ledger
    from transfer_ledger.transfers import Transfer

logger = logging.getLogger(__name__)

ProtocolT = TypeVar("ProtocolT")


class LedgerRun:
    """Begins with the first lock it gets; ends once, whatever the reason."""

    def __init__(self, ledger: Ledger, administration: str, target: str) -> None:
        self.ledger = ledger
        self.administration = administration
        self.target = target
        self.row: Run | None = None
        self.heartbeat: Heartbeat | None = None
        self.locks: dict[str, Lock] = {}

    def open_kind(
        self,
        kind: str,
        make: Callable[[Ledger, Run, Callable[[Transfer], bool]], ProtocolT],
        lock_timeout: float,
        *,
        doubt_seconds: float,
        wait: Callable[[float], None],
        stopped: Callable[[], bool],
    ) -> ProtocolT:
        """Take the lock of a kind of document and return the protocol for it.

        Raises:
            StopRun: another run holds the lock.
        """
        if kind not in self.locks:
            lock = lock_for(self.ledger.engine, self.administration, kind)
            if not acquire_within(lock, lock_timeout, wait=wait, stopped=stopped):
                raise self._held(kind, lock_timeout)
            self.locks[kind] = lock
        patience = Patience(doubt_seconds, self.ledger.clock, wait, stopped)
        return make(self.ledger, self._begun(), patience.outlast)

    def finish(self, counts: Mapping[str, int], exit_code: int, calls: int | None = None) -> None:
        """Write down how the run ended and let others in."""
        try:
            if self.heartbeat is not None:
                self.heartbeat.end()
            if self.row is not None:
                self.ledger.runs.finish(self.row, counts, exit_code, calls)
        except SQLAlchemyError as error:
            logger.warning("The end of this run could not be written to the ledger: %s", error)
        for lock in self.locks.values():
            lock.release()
        self.locks.clear()
        self.ledger.close()

    def _begun(self) -> Run:
        if self.row is None:
            self.row = self.ledger.runs.begin(self.administration, self.target)
            self.heartbeat = Heartbeat(self.ledger.runs, self.row)
            self.heartbeat.start()
        return self.row

    def _held(self, kind: str, lock_timeout: float) -> StopRun:
        holders = "; ".join(str(run) for run in self.ledger.runs.at_work(self.administration)) or "not known"
        return StopRun(
            f"Another run writes {kind} to administration {self.administration} (at work: {holders}).",
            f"Run again when it has ended; lock_timeout ({lock_timeout:g} seconds) is how long this one waited.",
        )
