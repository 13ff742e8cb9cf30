"""The protocol for documents that are written once, so that each arrives once, wherever a run ends.

Claim, resolve, ask first where an earlier write may have arrived, write, settle.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec
from typing_extensions import override

from transfer_ledger.adoption import Adoption
from transfer_ledger.attempts import Attempts
from transfer_ledger.changes import changed_fields
from transfer_ledger.documents import Problem, fingerprint
from transfer_ledger.exceptions import DocumentFailed, Taken, Unanswered
from transfer_ledger.outcomes import (
    VOIDED,
    Outcome,
    attention_advice,
    busy,
    outcome_of,
    present,
    settings_advice,
)
from transfer_ledger.receipts import AIM, aim_of, totals_problems
from transfer_ledger.transfers import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from transfer_ledger.documents import Document, Voucher
    from transfer_ledger.ledger import Ledger, Run
    from transfer_ledger.receipts import Found, Prepared, Receipt, Step
    from transfer_ledger.transfers import Transfer

logger = logging.getLogger(__name__)


class Hooks(Protocol):
    """What a target supplies for one kind of document; see ``transfer_ledger.sinks.DocumentSink``."""

    def prepare(self, document: Any) -> Any:
        """Resolve and check, without writing."""

    def steps(self, document: Any, prepared: Any) -> Sequence[Step]:
        """Return the remote writes in order."""

    def scan(self) -> Iterable[Found]:
        """Read in bulk what the receiving system already holds."""

    def web_url(self, document: Any, partner_key: str | None, receipt: Receipt) -> str | None:
        """Return the link by which a person opens what was written."""


class _Plan(msgspec.Struct, kw_only=True):
    """What is to be done for one document."""

    document: Voucher
    prepared: Prepared
    steps: Sequence[Step]
    main: Step
    """The step that creates the document."""


class WriteProtocol(Attempts):
    """Writes each document of one kind once to one administration."""

    once: ClassVar[bool] = True

    def __init__(
        self, ledger: Ledger, run: Run, kind: str, hooks: Hooks, outlast: Callable[[Transfer], bool] = lambda _: False
    ) -> None:
        super().__init__(ledger, run, kind, outlast)
        self.hooks = hooks
        self.adoption = Adoption(ledger, run.administration, kind, hooks.scan)

    def offer(self, document: Voucher) -> Outcome:
        """Bring one document as far as it gets.

        Raises:
            StopRun: the ledger is new and what the receiving system holds could not be read.
        """
        self.adoption.ensure_scanned()
        return self._offer(document, offered_as=document.source.id)

    def _offer(self, document: Voucher, *, offered_as: str) -> Outcome:
        try:
            transfer = self._claim(document.source, offered_as)
            # Only one that may be there all the same, and was voided since, needs another look.
            if transfer.dismissed_by is not None and not (document.voided and transfer.step):
                return present(transfer)
            digest = fingerprint(document)
            if transfer.receipt is not None:
                return self._offer_again(transfer, document, digest)
            return self._offer_new(transfer, document, digest)
        except Taken as taken:
            logger.warning("Document %s is left to another run: %s", document.number, taken.message)
            return busy(taken)

    def _offer_new(self, transfer: Transfer, document: Voucher, digest: str) -> Outcome:
        """Take a document there; what turns out to be there already may have been sent with other content."""
        transfer.offered_fingerprint = digest
        work = self._follow_up if transfer.state == "sent" else self._transfer
        outcome = self._attempt(transfer, document, lambda transfer: work(transfer, document))
        if outcome.result == "adopted" and not document.voided:
            self._note_change(transfer, document, digest)
        return outcome

    def _transfer(self, transfer: Transfer, document: Voucher) -> Outcome:
        """Take a document there which, as far as the ledger knows, is not there yet."""
        left_out = "Voided before it was transferred." if document.voided else document.skip
        if left_out:
            return self._leave_out(transfer, document, left_out)
        if document.problems:
            raise DocumentFailed(document.problems, settings_advice(document.problems))
        sent = transfer.stored() if transfer.step else None
        if sent is not None and _sought_by(sent) != _sought_by(document) and self._found_as_sent(transfer, sent):
            return self._advance(transfer, msgspec.structs.replace(sent, attachments=document.attachments))
        return self._advance(transfer, document)

    def _follow_up(self, transfer: Transfer, document: Voucher) -> Outcome:
        """Ask what became of a document that was handed over; it is not sent again, whatever it says now."""
        sent = transfer.stored() or document
        plan = self._plan(sent)
        receipt = plan.main.find(transfer.steps)
        if receipt is None:
            return outcome_of(transfer, transfer.state)
        self._done(transfer, plan, plan.main, receipt)
        outcome = self._advance(transfer, sent)
        return self._settle_voided(transfer, document) if document.voided else outcome

    def _leave_out(self, transfer: Transfer, document: Voucher, why: str) -> Outcome:
        """Skip a document, unless it is there all the same."""
        may_be_there = transfer.step is not None or self.adoption.held(document)
        if may_be_there and self._found_as_sent(transfer, transfer.stored() or document):
            outcome = self._settle(transfer, document)
            return self._settle_voided(transfer, document) if document.voided else outcome
        return self._skip(transfer, document, why)

    def _found_as_sent(self, transfer: Transfer, sent: Voucher) -> bool:
        """Ask for the document in the form it was sent in, and take over what is found."""
        plan = self._plan(sent)
        receipt = self._ask(transfer, plan, plan.main)
        if receipt is not None:
            self._done(transfer, plan, plan.main, receipt)
        return receipt is not None

    def _advance(self, transfer: Transfer, document: Voucher) -> Outcome:
        """Do the steps that are not done yet, as long as nothing is wrong with what is there."""
        plan = self._plan(document)
        transfer.problems = []
        if transfer.receipt is None and (held := self._ask(transfer, plan, plan.main)):
            self._done(transfer, plan, plan.main, held)
        for step in plan.steps:
            needless = step.precedes and transfer.receipt is not None
            if step.name not in transfer.steps and not needless and not transfer.problems:
                asked = None if step is plan.main else self._ask(transfer, plan, step)
                self._done(transfer, plan, step, asked or self._write(transfer, document, step))
        return self._settle(transfer, document)

    def _plan(self, document: Voucher) -> _Plan:
        prepared = self.hooks.prepare(document)
        steps = self.hooks.steps(document, prepared)
        return _Plan(document=document, prepared=prepared, steps=steps, main=next(s for s in steps if not s.precedes))

    def _ask(self, transfer: Transfer, plan: _Plan, step: Step) -> Receipt | None:
        """Return what an earlier write of this step produced, if there may have been one and it is there."""
        receipt = None
        if transfer.step == step.name or any(done.adopted for done in transfer.steps.values()):
            receipt = step.find(transfer.steps)
            if receipt is None and transfer.state == "unknown" and self.outlast(transfer):
                receipt = step.find(transfer.steps)
        elif step is plan.main and not any(problem.field == "reference" for problem in transfer.answered):
            held = self.adoption.held(plan.document)
            receipt = self.adoption.match(plan.document, plan.prepared.customer_id, held)
        if receipt is not None:
            return msgspec.structs.replace(receipt, adopted=True)
        if transfer.step == step.name:
            transfer.state, transfer.step = "pending", None
        return None

    def _write(self, transfer: Transfer, document: Voucher, step: Step) -> Receipt:
        """Write down that the step is sent, and at which row it aims; send it, and ask once when no answer comes."""
        if step.aim is not None:
            transfer.steps[aim_of(step.name)] = step.aim(transfer.steps)
        self._begin(transfer, step.name, None if transfer.receipt else document)
        try:
            return step.write(transfer.steps)
        except Unanswered:
            transfer.state = "unknown"
            receipt = step.find(transfer.steps)
            if receipt is None:
                raise
            return receipt

    def _done(self, transfer: Transfer, plan: _Plan, step: Step, receipt: Receipt) -> None:
        if step is plan.main:
            if receipt.adopted:
                self.adoption.check_owner(receipt)
            receipt = self._with_link(transfer, plan, receipt)
            transfer.receipt = receipt
            transfer.problems = totals_problems(plan.document.totals, receipt.totals)
        transfer.problems = [*transfer.problems, *receipt.problems]
        transfer.steps[step.name] = receipt
        if transfer.receipt is not None and transfer.receipt.number is None and receipt.number is not None:
            # Some systems number a document in a later step, such as its printing.
            transfer.receipt = msgspec.structs.replace(transfer.receipt, number=receipt.number)
            transfer.steps[plan.main.name] = transfer.receipt
        transfer.state = "pending"
        self._unanswered = 0

    def _with_link(self, transfer: Transfer, plan: _Plan, receipt: Receipt) -> Receipt:
        """Add the link for people; the key of a partner that was just created is the first step's receipt."""
        if receipt.url is not None:
            return receipt
        before = (transfer.steps.get(step.name) for step in plan.steps if step.precedes)
        made = next((done.id for done in before if done is not None), None)
        url = self.hooks.web_url(plan.document, plan.prepared.customer_id or made, receipt)
        return msgspec.structs.replace(receipt, url=url)

    def _settle(self, transfer: Transfer, document: Voucher) -> Outcome:
        receipt = transfer.receipt
        adopted = receipt is not None and receipt.adopted
        transfer.state, transfer.dismissed_by = "transferred", None
        transfer.reason = "; ".join(problem.message for problem in transfer.problems)
        transfer.advice = attention_advice(transfer.problems)
        done = ", ".join(name for name in transfer.steps if not name.endswith(AIM))
        detail = f"{receipt.number or receipt.id} ({done})" if receipt else ""
        self._save(transfer, document, event="adopted" if adopted else "sent", detail=detail)
        result = "adopted" if adopted else "transferred"
        return outcome_of(transfer, result, attention=bool(transfer.problems))

    def _offer_again(self, transfer: Transfer, document: Voucher, digest: str) -> Outcome:
        """Finish or leave alone a document that is there; it is not sent again, whatever it says now."""
        if document.voided:
            return self._settle_voided(transfer, document)
        if digest != transfer.offered_fingerprint:
            self._note_change(transfer, document, digest)
        if transfer.state == "transferred":
            return present(transfer)
        sent = transfer.stored() or document
        resumed = msgspec.structs.replace(sent, attachments=document.attachments)
        return self._attempt(transfer, document, lambda transfer: self._advance(transfer, resumed))

    def _note_change(self, transfer: Transfer, document: Voucher, digest: str) -> None:
        """Write down, once, that the document says something else than what was sent."""
        sent = None if digest == transfer.fingerprint else transfer.stored()
        if sent is None:
            return
        transfer.offered_fingerprint = digest
        detail = changed_fields(sent, document)
        logger.warning("Document %s changed after it was transferred; not sent again: %s", document.number, detail)
        self.ledger.save(transfer, self.run, event="changed", detail=detail)

    def _settle_voided(self, transfer: Transfer, document: Voucher) -> Outcome:
        """Act on a document that was voided in the source system after it was transferred."""
        if transfer.state != "transferred":
            transfer.state, transfer.reason, transfer.advice, transfer.problems = "transferred", "", "", []
            self.ledger.save(transfer, self.run, event="voided", detail="What was left to do for it is given up.")
        credited = self._credit(transfer, document)
        if credited is not None and (document.when_voided == "credit" or credited.state != "skipped"):
            return credited
        noted = any(problem.field == VOIDED for problem in (*transfer.problems, *transfer.answered))
        if noted or document.when_voided == "ignore":
            return present(transfer)
        number = transfer.receipt and (transfer.receipt.number or transfer.receipt.id)
        message = f"{document.number} was voided in the source system after it was transferred as {number}"
        transfer.problems.append(Problem(field=VOIDED, value=document.number, message=message))
        self._review(transfer, message)
        return outcome_of(transfer, "transferred", attention=True)

    def _credit(self, transfer: Transfer, document: Voucher) -> Outcome | None:
        """Transfer the credit of what was sent, not of what the voided record says now.

        A credit that was begun before the setting changed is looked for, and left out when it is not there.
        """
        sent = transfer.stored() or document
        credit = sent.reversal(document)
        if credit is None:
            return None
        if document.when_voided != "credit":
            begun = self.ledger.transfer(key_of(self.administration, self.kind, credit.source))
            if begun is None:
                return None
            if begun.receipt is None:
                credit.skip = "Voided documents are no longer to be credited."
        outcome = self._offer(credit, offered_as=document.source.id)
        questions = [problem for problem in transfer.problems if problem.field != VOIDED]
        if outcome.state == "transferred" and questions != transfer.problems:
            transfer.problems = questions
            self._review(transfer, f"Taken back by {credit.number}.")
        return outcome

    def _review(self, transfer: Transfer, detail: str) -> None:
        """Write down that other questions about a voided document are open than before."""
        transfer.reason = "; ".join(problem.message for problem in transfer.problems)
        transfer.advice = attention_advice(transfer.problems)
        self.ledger.save(transfer, self.run, event="voided", detail=detail)

    @override
    def _save(self, transfer: Transfer, document: Document | None, *, event: str, detail: str) -> None:
        """Write the transfer; its document too, unless the one that was sent must be remembered."""
        kept = transfer.document is not None and (transfer.step is not None or transfer.receipt is not None)
        super()._save(transfer, None if kept else document, event=event, detail=detail)


def _sought_by(document: Voucher) -> tuple[str, str, str, str | None, Decimal]:
    """Return by what a document is found in the receiving system; what was sent is not found by what it says since."""
    partner = document.partner
    return document.sought_as, document.reference, partner.id, partner.code, document.totals.gross
