"""The protocol for documents that say what a row of the receiving system is to hold, whenever they are offered.

Claim, compare with what the receiver holds now, write what differs, settle. Writing the same again does no harm, so
after a lost answer the next run compares anew and writes only what is still missing. Where a receiver takes a change
and does not keep it, what was written is read back, many rows at once, before it is settled.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from transfer_ledger.attempts import Attempts
from transfer_ledger.documents import Problem, fingerprint
from transfer_ledger.exceptions import DocumentFailed, Taken
from transfer_ledger.outcomes import attention_advice, busy, outcome_of, present, settings_advice
from transfer_ledger.receipts import Receipt  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_ledger.documents import Document
    from transfer_ledger.ledger import Ledger, Run
    from transfer_ledger.outcomes import Outcome
    from transfer_ledger.transfers import Transfer

logger = logging.getLogger(__name__)

UPDATE = "update"
"""The name of the step that writes what differs."""
WAITING = "waiting"
"""What the outcome of a document counts as that is decided later in the run."""
READ_BACK_AT = 500
"""So many written documents are read back together; Autotask takes that many in a query (REST docs, Queries)."""


class Change(msgspec.Struct, kw_only=True, frozen=True):
    """What is to be written for one document, worked out without writing."""

    receipt: Receipt
    """The row of the receiving system; its ``problems`` are what a person must look at although it is written."""
    says: str = ""
    """What changes, for the log: ``paidDate: 2026-10-30 -> none``."""
    note: str = ""
    """What else to say of the document in the log, though nothing is wrong: ``Partly paid: 50.00 of EUR 121.00``."""
    write: Callable[[], None] | None = None
    """Does it; None when the row holds all of it already. What it writes may be written again."""
    wrote: bool = False
    """The row was created for this document, so that something went over though nothing is left to write."""

    @property
    def goes_over(self) -> bool:
        """Whether this run, or the one before it that was cut short, puts anything there."""
        return self.wrote or self.write is not None


class UpdateHooks(Protocol):
    """What a target supplies for one kind of document; see ``transfer_ledger.sinks.UpdateSink``."""

    def change(self, document: Any) -> Change:
        """Return what is to be written, without writing."""


ReadBack = Callable[[Sequence[str]], Mapping[str, Sequence[Problem]]]
"""Reads rows back by their keys, and says of each what was not kept."""


class _Written(NamedTuple):
    """A document that was sent, before it is known whether it was kept."""

    transfer: Transfer
    document: Document
    change: Change
    then: Callable[[], None]


class Updating(Attempts):
    """What the protocols for rows that are kept up to date have in common.

    With ``read_back`` a written document is settled only once its row was read back.
    """

    def __init__(
        self,
        ledger: Ledger,
        run: Run,
        kind: str,
        outlast: Callable[[Transfer], bool] = lambda _: False,
        read_back: ReadBack | None = None,
    ) -> None:
        super().__init__(ledger, run, kind, outlast)
        self.read_back = read_back
        self._written: list[_Written] = []

    def decided(self, *, at_the_end: bool = False) -> Iterator[tuple[Document, Outcome]]:
        """Yield what became of documents that were written a while ago: when there are enough of them, or all.

        Raises:
            StopRun: they could not be read back; the next run compares them anew.
        """
        if self.read_back is None or not self._written or not (at_the_end or len(self._written) >= READ_BACK_AT):
            return
        written, self._written = self._written, []
        lost = self.read_back([each.change.receipt.id for each in written])
        for each in written:
            yield each.document, self._decide(each, lost.get(each.change.receipt.id, ()))

    def _decide(self, written: _Written, lost: Sequence[Problem]) -> Outcome:
        def kept(transfer: Transfer) -> Outcome:
            if lost:
                raise DocumentFailed(lost, "It was taken without a word and not kept: look whether it may be changed.")
            return self._agree(transfer, written.document, written.change, written.then)

        try:
            return self._attempt(written.transfer, written.document, kept)
        except Taken as taken:
            return busy(taken)

    def _offer(self, document: Document, work: Callable[[Transfer, Any], Outcome]) -> Outcome:
        self._written = [each for each in self._written if each.document.source.id != document.source.id]
        try:
            transfer = self._claim(document.source, document.source.id)
            if transfer.dismissed_by is not None:
                return present(transfer)
            transfer.offered_fingerprint = fingerprint(document)
            return self._attempt(transfer, document, lambda transfer: work(transfer, document))
        except Taken as taken:
            logger.warning("Document %s is left to another run: %s", document.source.id, taken.message)
            return busy(taken)

    def _apply(
        self, transfer: Transfer, document: Document, change: Change, then: Callable[[], None] = lambda: None
    ) -> Outcome:
        """Write what differs, and write down that both sides agree; ``then`` does what follows from that."""
        self._check_owner(transfer, change.receipt)
        if not change.goes_over and self._as_before(transfer, change.receipt):
            then()
            return present(transfer)
        transfer.receipt, transfer.step, transfer.steps = change.receipt, None, {UPDATE: change.receipt}
        if change.write is not None:
            self._begin(transfer, UPDATE, document)
            change.write()
            self._unanswered = 0
            if self.read_back is not None:
                self._written.append(_Written(transfer, document, change, then))
                return outcome_of(transfer, WAITING)
        return self._agree(transfer, document, change, then)

    def _agree(self, transfer: Transfer, document: Document, change: Change, then: Callable[[], None]) -> Outcome:
        transfer.state, transfer.problems = "transferred", _unanswered(transfer, change.receipt)
        transfer.answered = [problem for problem in transfer.answered if problem in change.receipt.problems]
        transfer.reason = "; ".join(problem.message for problem in transfer.problems) or change.note
        transfer.advice = attention_advice(transfer.problems)
        self._save(transfer, document, event="sent" if change.goes_over else "agreed", detail=change.says)
        then()
        return outcome_of(transfer, "transferred" if change.goes_over else "agreed", attention=bool(transfer.problems))

    def _as_before(self, transfer: Transfer, receipt: Receipt) -> bool:
        """Whether nothing is left to write down: the document is settled there, and nothing about it changed."""
        return (
            transfer.state == "transferred"
            and transfer.fingerprint == transfer.offered_fingerprint
            and transfer.receipt is not None
            and transfer.receipt.id == receipt.id
            and transfer.problems == _unanswered(transfer, receipt)
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


def _unanswered(transfer: Transfer, receipt: Receipt) -> list[Problem]:
    """Return the problems of a row that no person has dealt with."""
    return [problem for problem in receipt.problems if problem not in transfer.answered]


class UpdateProtocol(Updating):
    """Brings rows of one administration to what documents of one kind say."""

    def __init__(
        self,
        ledger: Ledger,
        run: Run,
        kind: str,
        hooks: UpdateHooks,
        outlast: Callable[[Transfer], bool] = lambda _: False,
        read_back: ReadBack | None = None,
    ) -> None:
        super().__init__(ledger, run, kind, outlast, read_back)
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
