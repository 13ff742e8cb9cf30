"""The Singer side of the write protocol: a sink per kind of document, a target per receiving system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from singer_sdk import Target
from singer_sdk.sinks import RecordSink
from singer_sdk.typing import BooleanType, IntegerType, PropertiesList, Property, StringType
from typing_extensions import override

from transfer_ledger.receipts import Found, Prepared, Receipt, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_ledger.documents import Document
    from transfer_ledger.ledger import Ledger

PreparedT = TypeVar("PreparedT", bound=Prepared)

LEDGER_SETTINGS = PropertiesList(
    Property("ledger_url", StringType, default="sqlite:///transfers.db", secret=True),
    Property("allow_open", BooleanType, default=False),
    Property("lock_timeout", IntegerType, default=60),
)


class DocumentSink(RecordSink, Generic[PreparedT]):
    """Writes one kind of document; a subclass says how, the protocol says when.

    ``stream_name`` is the kind. Hooks run in this order for a document: ``prepare``, ``steps``, then per step
    ``find`` and ``write``. An exception other than those of ``transfer_ledger.exceptions`` fails the document (or
    leaves it unknown when it came out of a write) and is logged with its traceback.
    """

    target: DocumentTarget

    def prepare(self, document: Document) -> PreparedT:
        """Resolve codes to ids and check all that can be checked, without writing.

        Raises:
            DocumentFailed: with every problem found, not only the first.
            StopRun: nothing can be sent now.
        """
        raise NotImplementedError

    def steps(self, document: Document, prepared: PreparedT) -> Sequence[Step]:
        """Return the remote writes in order; the first creates the document, and its receipt is the transfer's."""
        raise NotImplementedError

    def scan(self) -> Iterable[Found]:
        """Read what the receiving system already holds, in bulk; called once for a ledger that never saw it.

        Rows are stored in the ledger as they come, so yield them page by page. By default there is nothing to adopt.
        """
        return ()

    def match(self, document: Document, prepared: Prepared, found: Iterable[Found]) -> Receipt | None:
        """Return the receipt of the one found document that is this one; for use in a step's ``find``.

        Leaves out what belongs to another transfer.

        Raises:
            Ambiguous: several agree, or one agrees in part.
        """
        raise NotImplementedError


class DocumentTarget(Target):
    """A Singer target for documents: one administration, one ledger, one protocol, an honest exit code."""

    sink_classes: ClassVar[dict[str, type[DocumentSink[Any]]]] = {}
    """Stream (kind of document) to its sink."""

    @property
    def administration(self) -> str:
        """The key of the administration that is written to, as the ledger keeps it; no remote call."""
        raise NotImplementedError

    @property
    def ledger(self) -> Ledger:
        """The ledger named by ``ledger_url``, opened and migrated on first use."""
        raise NotImplementedError

    @property
    def stop_requested(self) -> bool:
        """Whether a signal asked to stop: a long wait before a write should then end in ``StopRun``."""
        raise NotImplementedError

    def progress_facts(self) -> Sequence[str]:
        """Return what else to say about progress, such as ``48 calls left this minute``; called now and then."""
        return ()

    def summary_facts(self) -> Sequence[str]:
        """Return what else to say at the end, such as ``412 calls used, 4,588 left today``."""
        return self.progress_facts()

    @override
    def get_sink_class(self, stream_name: str) -> type[DocumentSink[Any]]:
        return self.sink_classes[stream_name]
