"""A write without an answer may still arrive: how long to wait for it before it is sent again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from transfer_ledger.transfers import Transfer

POLL_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Patience(msgspec.Struct, frozen=True):
    """Waits until what was sent cannot arrive any more.

    A receiving system goes on with what it received when its client gives up or dies, so a document that is not
    found right after may be found a moment later.
    """

    seconds: float
    clock: Callable[[], dt.datetime]
    wait: Callable[[float], None]
    stopped: Callable[[], bool]

    def outlast(self, transfer: Transfer) -> bool:
        """Let the time pass that an unanswered write may take; return whether there was any left.

        Raises:
            StopRun: the run is to stop; the document stays unknown.
        """
        if transfer.changed_at is None:
            return False
        left = self.seconds - (self.clock() - transfer.changed_at).total_seconds()
        if left <= 0:
            return False
        logger.info("%s may still arrive; it is looked for again in %.0f s.", transfer.key.source_id, left)
        while left > 0:
            if self.stopped():
                raise StopRun("Stopped while waiting for a document whose outcome is unknown.")
            self.wait(min(POLL_SECONDS, left))
            left -= POLL_SECONDS
        return True
