"""What every protocol does around a write: claim, take over, begin, and write down what went wrong.

A row says ``sending``, durably, before anything leaves for the receiving system. A run that dies in between leaves
that row behind, and whoever comes next knows that the write may have arrived.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy.exc import SQLAlchemyError

from transfer_ledger.exceptions import Awaited, DocumentFailed, Rejected, StopRun, Taken, Unanswered
from transfer_ledger.outcomes import Outcome, busy, explain, outcome_of, present, state_after
from transfer_ledger.transfers import Transfer, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_ledger.documents import Document, Problem, Source
    from transfer_ledger.ledger import Ledger, Run

logger = logging.getLogger(__name__)

MAX_UNANSWERED = 3
"""So many lost answers in a row stop the run: the receiving system is not there."""


class Attempts:
    """Takes documents of one kind to one administration, one attempt at a time."""

    once: ClassVar[bool] = False
    """Whether a document that is there is never written again."""

    def __init__(
        self, ledger: Ledger, run: Run, kind: str, outlast: Callable[[Transfer], bool] = lambda _: False
    ) -> None:
        self.ledger = ledger
        self.run = run
        self.administration = run.administration
        self.kind = kind
        self.outlast = outlast
        self._unanswered = 0

    def refuse(self, source: Source, problem: Problem) -> Outcome:
        """Note that what was offered for this source is no document."""

        def refused(_: Transfer) -> Outcome:
            raise DocumentFailed([problem], "Correct the mapper; the record is offered again on the next run.")

        try:
            transfer = self._claim(source, source.id)
            if transfer.dismissed_by is not None:
                return present(transfer)
            there = self.once and transfer.receipt is not None
            return present(transfer) if there else self._attempt(transfer, None, refused)
        except Taken as taken:
            return busy(taken)

    def _claim(self, source: Source, offered_as: str) -> Transfer:
        """Return the transfer of this source, new or as it was left.

        Raises:
            Taken: another run that lives is sending it.
        """
        key = key_of(self.administration, self.kind, source)
        transfer = self.ledger.transfer(key)
        if transfer is None:
            return Transfer(key=key, offered_as=offered_as)
        if transfer.state == "sending":
            self._take_over(transfer)
        return transfer

    def _take_over(self, transfer: Transfer) -> None:
        owner = self.ledger.runs.get(transfer.run_id)
        if owner is not None and owner.id != self.run.id and self.ledger.runs.alive(owner):
            raise Taken(f"Another run is sending it: {owner}.", "It is offered again on the next run.")
        transfer.state = "unknown"
        transfer.reason = "The run that was sending it ended before the answer was written down."
        self.ledger.save(transfer, self.run, event="interrupted", detail=f"Left by {owner or transfer.run_id}.")

    def _attempt(self, transfer: Transfer, document: Document | None, work: Callable[[Transfer], Outcome]) -> Outcome:
        """Do the work; what goes wrong is written down and concerns this document only."""
        try:
            return work(transfer)
        except (Taken, SQLAlchemyError):
            raise
        except (StopRun, Unanswered, Awaited, DocumentFailed) as error:
            return self._leave(transfer, document, error)
        except Exception as error:
            logger.exception("Document %s met an unexpected error.", transfer.key.source_id)
            return self._leave(transfer, document, error)

    def _leave(self, transfer: Transfer, document: Document | None, error: Exception) -> Outcome:
        transfer.state = state_after(error, transfer.state)
        explain(transfer, error)
        if isinstance(error, Rejected):
            transfer.step, transfer.steps = None, {}
        event = "handed over" if isinstance(error, Awaited) else transfer.state
        self._save(transfer, document, event=event, detail=transfer.reason)
        return outcome_of(transfer, transfer.state, stop=self._stop(error))

    def _stop(self, error: Exception) -> StopRun | None:
        """Return why the run cannot go on after this error, None when it can."""
        if isinstance(error, StopRun):
            return error
        self._unanswered = self._unanswered + 1 if isinstance(error, Unanswered) else 0
        if self._unanswered < MAX_UNANSWERED:
            return None
        message = f"No answer {MAX_UNANSWERED} times in a row; the last: {error}"
        return StopRun(message, "Run again when the receiving system answers; what is unknown is asked for first.")

    def _begin(self, transfer: Transfer, step: str, document: Document | None) -> None:
        """Write down that a step is sent, so that it is on the disk before it is."""
        transfer.state, transfer.step, transfer.reason, transfer.advice = "sending", step, "", ""
        transfer.attempts += 1
        # Whatever a person said is or is not there, it may be there from now on.
        transfer.answered = [problem for problem in transfer.answered if problem.field != "reference"]
        self.ledger.save(transfer, self.run, document=document, durable=True)

    def _skip(self, transfer: Transfer, document: Document, why: str) -> Outcome:
        """Write down, once, that a document is not to be transferred."""
        if transfer.state == "skipped" and transfer.reason == why:
            return present(transfer)
        transfer.state, transfer.reason, transfer.advice, transfer.problems = "skipped", why, "", []
        self._save(transfer, document, event="skipped", detail=why)
        return outcome_of(transfer, "skipped")

    def _save(self, transfer: Transfer, document: Document | None, *, event: str, detail: str) -> None:
        """Write the transfer, and the document when it is to be remembered."""
        self.ledger.save(transfer, self.run, document=document, event=event, detail=detail)
