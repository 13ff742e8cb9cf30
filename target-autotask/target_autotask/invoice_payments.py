"""The sink of payments: what is known of an invoice in the books becomes the paid date of Autotask's."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import msgspec
from typing_extensions import override

from tap_autotask.exceptions import Refused
from target_autotask.client import stopping
from target_autotask.invoice_finding import Answer, Finding, invoice_id
from target_autotask.invoice_matching import number_of
from target_autotask.paid_dates import FIELD, Decision, body, decide, held_date, told
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed, StopRun
from transfer_ledger.receipts import Receipt
from transfer_ledger.sent import Whose, known, mentioning
from transfer_ledger.sinks import GatheringSink
from transfer_ledger.updating import Change

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_autotask.client import Row
    from target_autotask.target import TargetAutotask
    from transfer_ledger.documents import Document, InvoicePayment
    from transfer_ledger.transfers import Transfer

GONE = "deleted"
RELEASED = ":"
"""Stands behind the id of an invoice that was given up, since the one in the books is gone; another may have it."""
REFUSED = "Look in Autotask whether the invoice may be changed, and whether the API user may change it."


class InvoicePayments(GatheringSink):
    """Writes the paid date of invoices, and nothing else of them.

    What an invoice in the books is called in Autotask is looked up for many at once, and so are the dates that stand
    there.
    """

    reads_back = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._findings: dict[str, Finding] = {}
        self._answers: dict[str, Answer] = {}
        self._earlier: dict[str, Transfer] = {}
        self._wanted: dict[str, dt.date | None] = {}

    @property
    def _target(self) -> TargetAutotask:
        return cast("TargetAutotask", self.target)

    def _finding(self, books: str) -> Finding:
        if books not in self._findings:
            self._findings[books] = Finding(self._target.client, self.target.ledger, books)
        return self._findings[books]

    @override
    def prepare(self, documents: Sequence[InvoicePayment]) -> Iterator[tuple[Document, Any]]:
        self._answers, self._earlier = {}, {}
        by_books: dict[tuple[str, str, str], list[InvoicePayment]] = {}
        for each in documents:
            by_books.setdefault((each.source.system, each.source.tenant, each.source.stream), []).append(each)
        for (system, tenant, stream), own in by_books.items():
            whose = Whose(
                administration=self.target.administration,
                kind=self.stream_name,
                source_system=system,
                source_tenant=tenant,
                source_stream=stream,
            )
            yield from self._prepared(f"{system}/{tenant}", whose, own)

    def _prepared(
        self, books: str, whose: Whose, documents: Sequence[InvoicePayment]
    ) -> Iterator[tuple[Document, Any]]:
        """Yield documents of one administration: first those that are gone, since another may take their place."""
        engine = self.target.ledger.engine
        gone = {each.source.id: each for each in documents if each.state == GONE}
        whose_term = mentioning(engine, whose, gone)
        keys = {key: whose_term.get(key, key) for key in gone}
        self._earlier = known(engine, whose, {*keys.values(), *(each.source.id for each in documents)})
        documents = [self._followed(each) for each in documents]
        standing = [each for each in documents if each.state != GONE and not each.skip and not each.problems]
        earlier = {key: transfer for key, transfer in self._earlier.items() if _holds(transfer)}
        finding = self._finding(books)
        with reading():
            rows = finding.rows(invoice_id(held.id) for key in keys.values() if (held := self._receipt(key)))
            self._answers = {key: _shared(answer, rows) for key, answer in finding.find(standing, earlier).items()}
        for key, document in gone.items():
            yield document, self._taken_back(document, keys[key], rows)
        if gone:
            self._note_decided(at_the_end=True)
        for document in documents:
            if document.state != GONE:
                yield document, self._with_reason(document)

    def _followed(self, document: InvoicePayment) -> InvoicePayment:
        """Return a document that is to be left out because of its age without that reason, when it was dated before."""
        transfer = self._earlier.get(document.source.id)
        if not (document.skip and document.unless_dated) or transfer is None or transfer.receipt is None:
            return document
        before = transfer.stored()
        followed = transfer.receipt.ours or (before is not None and before.unless_dated and not before.skip)
        return msgspec.structs.replace(document, skip=None) if followed else document

    def _receipt(self, key: str) -> Receipt | None:
        transfer = self._earlier.get(key)
        return transfer.receipt if transfer is not None else None

    def _taken_back(self, document: InvoicePayment, key: str, rows: Mapping[int, Row]) -> InvoicePayment:
        """Return what is to be offered for an invoice that is gone from the books, under the key it was known by."""
        held = self._receipt(key)
        offered = msgspec.structs.replace(document, source=msgspec.structs.replace(document.source, id=key))
        if held is None:
            offered.skip = "gone from the books; no paid date was written for it"
            return offered
        self._answers[key] = Answer(rows.get(invoice_id(held.id)))
        return self._with_reason(offered)

    def _with_reason(self, document: InvoicePayment) -> InvoicePayment:
        """Return a document with the reason why nothing is to be written for it, if there is one."""
        answer = self._answers.get(document.source.id)
        if answer is None or document.skip or document.problems:
            return document
        if answer.row is not None and answer.row.get("isVoided"):
            return msgspec.structs.replace(document, skip=f"invoice {number_of(answer.row)} is voided in Autotask")
        if answer.nothing and document.when_not_found == "skip":
            return msgspec.structs.replace(document, skip=answer.nothing)
        return document

    @override
    def change(self, document: InvoicePayment) -> Change:
        row = self._row(document)
        earlier = self._receipt(document.source.id)
        if document.state == GONE and earlier is not None and is_released(earlier):
            return Change(receipt=earlier)  # the invoice may be another document's by now
        ours = earlier.ours if earlier is not None else []
        decision = decide(document, held_date(row), ours)
        receipt = Receipt(
            id=f"{row['id']}{RELEASED}{document.source.id}" if document.state == GONE else str(row["id"]),
            number=number_of(row),
            problems=[decision.problem] if decision.problem else [],
            ours=_ours(row, decision, ours),
        )
        write = (lambda: self._write(row, receipt.id, decision.date)) if decision.writes else None
        return Change(receipt=receipt, says=decision.says, note=told(document), write=write)

    def _row(self, document: InvoicePayment) -> Row:
        answer = self._answers.get(document.source.id, Answer())
        if answer.failure is not None:
            raise answer.failure
        if answer.row is None:
            about = answer.nothing or "Autotask does not show its invoice any more"
            problem = Problem(field="number", value=document.number, message=about, setting="payments.not_found")
            raise DocumentFailed([problem], "Put Autotask's number in Your reference, or let not_found be skip.")
        return answer.row

    def _write(self, row: Row, key: str, date: dt.date | None) -> None:
        self._wanted[key] = date
        try:
            with stopping():
                self._target.client.update("Invoices", body(row["id"], date))
        except Refused as refusal:
            problem = Problem(field="paid_date", value=str(date), message=str(refusal))
            raise DocumentFailed([problem], REFUSED) from refusal
        if RELEASED in key:
            row[FIELD] = body(row["id"], date)[FIELD]  # for the document that takes its place

    @override
    def read_back(self, keys: Sequence[str]) -> Mapping[str, Sequence[Problem]]:
        with reading():
            finding = next(iter(self._findings.values()))
            rows = finding.rows(invoice_id(key) for key in keys)
        return {key: list(self._lost(key, rows.get(invoice_id(key)))) for key in keys}

    def _lost(self, key: str, row: Row | None) -> Iterable[Problem]:
        wanted = self._wanted.pop(key)
        if row is None:
            yield Problem(field="paid_date", value=str(wanted), message="The invoice cannot be read back")
        elif (kept := held_date(row)) != wanted:
            message = f"{FIELD}: {wanted or 'none'} was sent, {kept or 'none'} was kept"
            yield Problem(field="paid_date", value=str(wanted), message=message)


def _shared(answer: Answer, rows: Mapping[int, Row]) -> Answer:
    """Return an answer with the row as another document of this round sees it."""
    return answer if answer.row is None else answer._replace(row=rows.get(answer.row["id"], answer.row))


@contextmanager
def reading() -> Iterator[None]:
    """Stop the run when nothing can be read: no document could be compared."""
    try:
        with stopping():
            yield
    except Refused as refusal:
        message = f"The invoices of Autotask cannot be read: {refusal}"
        raise StopRun(message, "Give the API user a security level that may see invoices and companies.") from refusal


def is_released(receipt: Receipt) -> bool:
    """Tell whether an invoice was given up."""
    return RELEASED in receipt.id


def _holds(transfer: Transfer) -> bool:
    return transfer.receipt is not None and not is_released(transfer.receipt)


def _ours(row: Row, decision: Decision, ours: Sequence[str]) -> list[str]:
    """Return the dates in a row that are this link's once a decision is carried out, or is carried out in part."""
    held = held_date(row)
    before = [held.isoformat()] if held and held.isoformat() in ours else []
    agreed = [decision.date.isoformat()] if decision.date and decision.problem is None else []
    return list(dict.fromkeys([*before, *agreed]))
