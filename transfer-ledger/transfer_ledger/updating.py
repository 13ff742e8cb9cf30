"""The protocol for documents that say what a row of the receiving system is to hold, whenever they are offered.

Claim, compare with what the receiver holds now, write what differs, settle. Writing the same again does no harm, so
after a lost answer the next run compares anew and writes only what is still missing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from transfer_ledger.attempts import Attempts
from transfer_ledger.documents import Problem, fingerprint
from transfer_ledger.exceptions import DocumentFailed, Taken
from transfer_ledger.outcomes import attention_advice, busy, outcome_of, present, settings_advice
from transfer_ledger.receipts import Receipt  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Callable

    from transfer_ledger.documents import Document
    from transfer_ledger.ledger import Ledger, Run
    from transfer_ledger.outcomes import Outcome
    from transfer_ledger.transfers import Transfer

logger = logging.getLogger(__name__)

UPDATE = "update"
"""The name of the step that writes what differs."""


class Change(msgspec.Struct, kw_only=True, frozen=True):
    """What is to be written for one document, worked out without writing."""

    receipt: Receipt
    """The row of the receiving system; its ``problems`` are what a person must look at although it is written."""
    says: str = ""
    """What changes, for the log: ``paidDate: 2026-10-30 -> none``."""
    write: Callable[[], None] | None = None
    """Does it; None when the row holds all of it already. What it writes may be written again."""


class UpdateHooks(Protocol):
    """What a target supplies for one kind of document; see ``transfer_ledger.sinks.UpdateSink``."""

    def change(self, document: Any) -> Change:
        """Return what is to be written, without writing."""


class Updating(Attempts):
    """What the protocols for rows that are kept up to date have in common."""

    def _offer(self, document: Document, work: Callable[[Transfer, Any], Outcome]) -> Outcome:
        try:
            transfer = self._claim(document.source, document.source.id)
            transfer.offered_fingerprint = fingerprint(document)
            return self._attempt(transfer, document, lambda transfer: work(transfer, document))
        except Taken as taken:
            logger.warning("Document %s is left to another run: %s", document.source.id, taken.message)
            return busy(taken)

    def _apply(self, transfer: Transfer, document: Document, change: Change) -> Outcome:
        """Write what differs, and write down that both sides agree."""
        self._check_owner(transfer, change.receipt)
        if change.write is None and self._as_before(transfer, change.receipt):
            return present(transfer)
        transfer.receipt, transfer.step, transfer.steps = change.receipt, None, {UPDATE: change.receipt}
        if change.write is not None:
            self._begin(transfer, UPDATE, document)
            change.write()
            self._unanswered = 0
        return self._agree(transfer, document, change)

    def _agree(self, transfer: Transfer, document: Document, change: Change) -> Outcome:
        transfer.state, transfer.problems = "transferred", list(change.receipt.problems)
        transfer.reason = "; ".join(problem.message for problem in transfer.problems)
        transfer.advice = attention_advice(transfer.problems)
        self._save(transfer, document, event="sent" if change.write else "agreed", detail=change.says)
        return outcome_of(transfer, "transferred" if change.write else "agreed", attention=bool(transfer.problems))

    def _as_before(self, transfer: Transfer, receipt: Receipt) -> bool:
        """Whether nothing is left to write down: the document is settled there, and nothing about it changed."""
        return (
            transfer.state == "transferred"
            and transfer.fingerprint == transfer.offered_fingerprint
            and transfer.receipt is not None
            and transfer.receipt.id == receipt.id
            and transfer.problems == receipt.problems
        )

    def _check_owner(self, transfer: Transfer, receipt: Receipt) -> None:
        """Refuse a row that is another transfer's.

        Raises:
            DocumentFailed: it is.
        """
        if transfer.receipt is not None and transfer.receipt.id == receipt.id:
            return
        if self.ledger.owned(self.administration, self.kind, [receipt.id]):
            name = receipt.number or receipt.id
            message = f"{name} in the receiving system belongs to another document already"
            problem = Problem(field="source.id", value=transfer.key.source_id, message=message)
            raise DocumentFailed([problem], "Look which of the two it is; end the link, or correct the other.")


class UpdateProtocol(Updating):
    """Brings rows of one administration to what documents of one kind say."""

    def __init__(
        self,
        ledger: Ledger,
        run: Run,
        kind: str,
        hooks: UpdateHooks,
        outlast: Callable[[Transfer], bool] = lambda _: False,
    ) -> None:
        super().__init__(ledger, run, kind, outlast)
        self.hooks = hooks

    def offer(self, document: Any) -> Outcome:
        """Bring one document as far as it gets."""
        return self._offer(document, self._bring)

    def _bring(self, transfer: Transfer, document: Document) -> Outcome:
        if document.skip:
            return self._skip(transfer, document, document.skip)
        if document.problems:
            raise DocumentFailed(document.problems, settings_advice(document.problems))
        return self._apply(transfer, document, self.hooks.change(document))
