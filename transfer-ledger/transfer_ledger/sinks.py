"""The Singer side of the write protocol: a sink per kind of document, a target per receiving system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

import msgspec
from singer_sdk.sinks import RecordSink
from typing_extensions import override

from transfer_ledger.documents import Problem, Source, decode
from transfer_ledger.exceptions import StopRun
from transfer_ledger.protocol import WriteProtocol
from transfer_ledger.receipts import Prepared
from transfer_ledger.rehearsal import RehearsedChange, RehearsedSteps
from transfer_ledger.settings import LEDGER_SETTINGS
from transfer_ledger.target import DocumentTarget
from transfer_ledger.updating import WAITING, UpdateProtocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transfer_ledger.documents import Document, Headline, Voucher
    from transfer_ledger.outcomes import Outcome
    from transfer_ledger.receipts import Found, Receipt, Step
    from transfer_ledger.updating import Change

__all__ = ["LEDGER_SETTINGS", "DocumentSink", "DocumentTarget", "KeepingSink", "LedgerSink", "UpdateSink"]

PreparedT = TypeVar("PreparedT", bound=Prepared)


class Offering(Protocol):
    """What a sink asks of its protocol."""

    def offer(self, document: Any) -> Outcome:
        """Bring one document as far as it gets."""

    def refuse(self, source: Source, problem: Problem) -> Outcome:
        """Note that what was offered for this source is no document."""


class Keeping(Offering, Protocol):
    """What the sink of documents that are kept up to date asks of its protocol."""

    def decided(self, *, at_the_end: bool) -> Iterable[tuple[Document, Outcome]]:
        """Yield what became of documents that waited."""


class LedgerSink(RecordSink):
    """What the sinks of all kinds have in common: a record is read as a document and offered to a protocol.

    ``stream_name`` is the kind.
    """

    protocol: Offering

    def __init__(
        self, target: DocumentTarget, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self.target = target

    def finish(self) -> None:
        """Do what can be done only when every document is known; called once, when the tap has ended well."""

    @override
    def get_validator(self) -> None:
        return None

    @override
    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        return record

    @override
    def _singer_validate_message(self, record: dict[str, Any]) -> None:
        pass

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        try:
            document = self.read(record)
        except msgspec.ValidationError as error:
            source = readable_source(self.stream_name, record, error)
            problem = Problem(field="record", value=source.id, message=f"The record is no document: {error}")
            self.target.note(
                self.stream_name, source, f"{source.stream} {source.id}", self.protocol.refuse(source, problem)
            )
        else:
            self.take(document)

    def read(self, record: dict[str, Any]) -> Any:
        """Return the document that a record holds.

        Raises:
            msgspec.ValidationError: It holds none.
        """
        return decode(self.stream_name, record)

    def take(self, document: Any) -> None:
        """Take a document in hand."""
        self.note(document, self.protocol.offer(document))

    def note(self, document: Document, outcome: Outcome) -> None:
        """Tell the target what became of a document."""
        self.target.note(self.stream_name, document.source, _label(document.headline()), outcome, document)


class DocumentSink(LedgerSink, Generic[PreparedT]):
    """Writes one kind of document once; a subclass says how, the protocol says when.

    Hooks run in this order for a document: ``prepare``, ``steps``, then per step ``find`` and ``write``. An exception
    other than those of ``transfer_ledger.exceptions`` fails the document (or leaves it unknown when it came out of a
    write) and is logged with its traceback.
    """

    protocol: WriteProtocol

    def prepare(self, document: Any) -> PreparedT:
        """Resolve codes to ids and check all that can be checked, without writing.

        Raises:
            DocumentFailed: with every problem found, not only the first.
            StopRun: nothing can be sent now.
        """
        raise NotImplementedError

    def steps(self, document: Any, prepared: PreparedT) -> Sequence[Step]:
        """Return the remote writes in order; see ``Step``."""
        raise NotImplementedError

    def scan(self) -> Iterable[Found]:
        """Read what the receiving system already holds, in bulk; called once for a ledger that never saw it.

        Rows are stored in the ledger as they come, so yield them page by page. By default there is nothing to adopt.
        """
        return ()

    def web_url(self, document: Any, partner_key: str | None, receipt: Receipt) -> str | None:  # noqa: ARG002
        """Return the link by which a person opens what was written, None when there is none.

        Args:
            document: What was written.
            partner_key: Its customer or supplier in the receiving system.
            receipt: What the write produced.
        """
        return None

    def match(self, document: Voucher, prepared: PreparedT, found: Iterable[Found]) -> Receipt | None:
        """Return the receipt of the one found document that is this one; for use in a step's ``find``.

        Leaves out what belongs to another transfer.

        Raises:
            Ambiguous: several agree, or none agrees in all and one in part.
        """
        return self.protocol.adoption.match(document, prepared.customer_id, found)

    @override
    def setup(self) -> None:
        super().setup()
        rehearsal = self.target.rehearsal
        hooks = self if rehearsal is None else RehearsedSteps(self, rehearsal)
        self.protocol = self.target.open_kind(
            self.stream_name, lambda ledger, run, outlast: WriteProtocol(ledger, run, self.stream_name, hooks, outlast)
        )


class KeepingSink(LedgerSink):
    """What the sinks of documents that are kept up to date have in common; see ``transfer_ledger.updating``."""

    protocol: Keeping

    reads_back: ClassVar[bool] = False
    """Whether what was written is read back before it is settled: for systems that ignore what they do not take."""

    def read_back(self, keys: Sequence[str]) -> Mapping[str, Sequence[Problem]]:
        """Read rows back that were just written, by their keys, and return of each what was not kept.

        Raises:
            StopRun: they cannot be read.
        """
        raise NotImplementedError

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        super().process_record(record, context)
        self._note_decided(at_the_end=False)

    @override
    def finish(self) -> None:
        self._note_decided(at_the_end=True)

    @override
    def note(self, document: Document, outcome: Outcome) -> None:
        if outcome.result == WAITING:
            self.target.put_off(self.stream_name, document.source)
        else:
            super().note(document, outcome)

    def _note_decided(self, *, at_the_end: bool) -> None:
        for document, outcome in self.protocol.decided(at_the_end=at_the_end):
            self.note(document, outcome)


class UpdateSink(KeepingSink):
    """Brings rows of the receiving system to what documents of one kind say; see ``transfer_ledger.updating``."""

    protocol: UpdateProtocol

    def change(self, document: Any) -> Change:
        """Return what is to be written for a document, worked out without writing.

        Raises:
            DocumentFailed: it cannot be written as it is; with every problem found.
            StopRun: nothing can be sent now.
        """
        raise NotImplementedError

    @override
    def setup(self) -> None:
        super().setup()
        rehearsal = self.target.rehearsal
        hooks = self if rehearsal is None else RehearsedChange(self, rehearsal)
        read_back = self.read_back if self.reads_back and rehearsal is None else None
        self.protocol = self.target.open_kind(
            self.stream_name,
            lambda ledger, run, outlast: UpdateProtocol(ledger, run, self.stream_name, hooks, outlast, read_back),
        )


class GatheringSink(UpdateSink):
    """Gathers documents, so that the rows they are compared with are read many at a time.

    Until they are offered they count as open, so that a run that ends early loses none.
    """

    gathers: ClassVar[int] = 2000
    """So many documents are offered together."""

    def __init__(
        self, target: DocumentTarget, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self._gathered: list[Any] = []

    def prepare(self, documents: Sequence[Any]) -> Iterable[tuple[Document, Any]]:
        """Read what these documents are compared with; return each, and what is to be offered for it.

        Raises:
            StopRun: it cannot be read.
        """
        raise NotImplementedError

    @override
    def take(self, document: Any) -> None:
        self._gathered.append(document)
        self.target.put_off(self.stream_name, document.source)
        if len(self._gathered) >= self.gathers:
            self._offer_all()

    @override
    def finish(self) -> None:
        self._offer_all()
        super().finish()

    def _offer_all(self) -> None:
        gathered, self._gathered = self._gathered, []
        for document, offered in self.prepare(gathered) if gathered else ():
            if self.target.stop_requested:
                raise StopRun("A signal came; what was not offered yet comes again with the next run.")
            self.note(document, self.protocol.offer(offered))
            self._note_decided(at_the_end=False)


def _label(headline: Headline) -> str:
    """Return what people call a document: ``2026-0042 (Bakkerij 't Hoekje, EUR 1,210.00)``."""
    amount = None if headline.gross is None else f"{headline.currency} {headline.gross:,f}"
    told = ", ".join(part for part in (headline.name, amount) if part)
    return f"{headline.number} ({told})" if told else headline.number


def readable_source(stream: str, record: dict[str, Any], error: msgspec.ValidationError) -> Source:
    """Return where a record that is no document comes from.

    Raises:
        StopRun: it does not say so; skipping it would lose it.
    """
    try:
        return msgspec.convert(record.get("source"), Source)
    except msgspec.ValidationError:
        parts = str(record.get("key", "")).split("/", 3)
    if len(parts) == len(("system", "tenant", "stream", "id")) and all(parts):
        return Source(system=parts[0], tenant=parts[1], stream=parts[2], id=parts[3])
    raise StopRun(
        f"A record of stream {stream} is no document and has no readable key: {error}",
        "Correct the mapper that wrote it; nothing after it was read.",
    )
