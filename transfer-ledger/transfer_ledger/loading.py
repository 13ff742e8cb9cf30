"""Records of any tap, loaded under the receiving system's own names: without documents, links or the ledger."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from singer_sdk.helpers.capabilities import STREAM_MAPS_CONFIG, PluginCapabilities
from singer_sdk.sinks import Sink
from typing_extensions import override

from transfer_ledger import documents
from transfer_ledger.exceptions import StopRun
from transfer_ledger.records import Outcome, RecordFailed, Tally
from transfer_ledger.summary import printable
from transfer_ledger.target import DocumentTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from singer_sdk.helpers.capabilities import CapabilitiesEnum


class Item(Protocol):
    """A record that waits to be written."""

    @property
    def key(self) -> Any:
        """By what its row is looked up; None: by nothing, it is new."""


class Batch(Protocol):
    """Records whose rows were looked up together."""

    @property
    def items(self) -> Sequence[Any]:
        """The records, the first of those that waited."""

    def write(self, item: Any) -> Outcome | None:
        """Write a record; return what became of it, or None when that is known only once it is read back.

        Raises:
            StopRun: It was not written, and no other would be.
        """

    def read_back(self) -> Iterable[Outcome]:
        """Yield what became of the records that were written, by what was kept of them."""


class Writer(Protocol):
    """Writes the records of one stream."""

    def item(self, label: str, record: Mapping[str, Any]) -> Any:
        """Return a record with the key by which its row is looked up."""

    def first(self, waiting: Sequence[Any]) -> Batch:
        """Look up the first of the records that wait, as many as can be looked up together, each row once."""


class RecordTarget(DocumentTarget):
    """A target for documents, and beside them for the records of any other stream."""

    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    at_once: ClassVar[int]
    """So many records are looked up together."""
    system: ClassVar[str]
    """What people call the receiving system."""

    def __init__(self, **options: Any) -> None:
        self.outcomes = Tally()
        self._numbers: Counter[str] = Counter()
        self._documents: dict[str, bool] = {}
        super().__init__(**options)

    def writer(self, stream: str) -> Writer:
        """Return who writes the records of a stream.

        Raises:
            RecordFailed: Nothing of it can be written.
            StopRun: The stream is nothing that can be written, or the settings do not fit it.
        """
        raise NotImplementedError

    def number(self, stream: str) -> int:
        """Count a record of a stream and return its number."""
        self._numbers[stream] += 1
        return self._numbers[stream]

    def note_record(self, stream: str, outcome: Outcome) -> None:
        """Take in what became of a record; a failure is told at once."""
        self.outcomes.add(stream, outcome)
        self._news = True
        if outcome.reason:
            self.logger.error("%s", printable(f"{stream}, {outcome.label}: {outcome.result}: {outcome.reason}"))

    def stop_if_told(self) -> None:
        """End the run between two records when a signal asked for it.

        Raises:
            StopRun: It did.
        """
        if self._signal is not None:
            name = signal.Signals(self._signal).name
            raise StopRun(f"{name} came; records that were read and not yet written come again with the next run")

    @classmethod
    @override
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        super().append_builtin_config(config_jsonschema)
        own = STREAM_MAPS_CONFIG["properties"]
        config_jsonschema["properties"] |= {name: own[name] for name in ("stream_maps", "stream_map_config")}

    @override
    def get_sink(
        self,
        stream_name: str,
        *,
        record: dict[str, Any] | None = None,
        schema: dict[str, Any] | None = None,
        key_properties: Sequence[str] | None = None,
    ) -> Sink:
        if schema is not None:
            self._documents[stream_name] = stream_name in self.sink_classes and documents.is_documents(schema)
        return super().get_sink(stream_name, record=record, schema=schema, key_properties=key_properties)

    @override
    def get_sink_class(self, stream_name: str) -> type[Sink]:  # type: ignore[override] # not only documents
        return self.sink_classes[stream_name] if self._documents.get(stream_name) else RecordSink

    @override
    def process_endofpipe(self) -> None:
        super().process_endofpipe()
        if self.outcomes.count("failed") and not self.config["allow_open"]:
            sys.exit(1)

    @override
    def _finish(self, code: int) -> None:
        used = self.calls_used()
        if not self._finished and used is not None:
            for line in self.outcomes.lines(f"{used:,} calls to {self.system}"):
                self.logger.info("%s", line)
        super()._finish(code)


class RecordSink(Sink):
    """Writes the records of a stream to what the stream names; they wait until several can be looked up together.

    What waits is let go only once it is written and read back, so that a run that ends early emits no state that
    covers it.
    """

    def __init__(
        self, target: RecordTarget, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self.target = target
        self._waiting: list[Item] = []
        self._refusal = ""

    @override
    def setup(self) -> None:
        super().setup()
        if self.target.config["dry_run"]:
            raise StopRun(
                f"{self.stream_name} holds no documents, and a dry run cannot tell about others: nothing was written.",
                "Leave dry_run out, or the stream; a dry run is for documents.",
            )
        self.target.drain_all()  # what waits in other streams, or under another schema of this one, comes first
        try:
            self.writer = self.target.writer(self.stream_name)
        except RecordFailed as refusal:
            self._refusal = str(refusal)

    @property
    @override
    def current_size(self) -> int:
        return len(self._waiting)

    @property
    @override
    def is_full(self) -> bool:
        return False  # what is full is written at once

    @override
    def get_validator(self) -> None:
        return None

    @override
    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        return record  # against what the receiver has, and without making other values of dates

    @override
    def _singer_validate_message(self, record: dict[str, Any]) -> None:
        pass  # the keys of the tap are not those of the receiver

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        label = f"record {self.target.number(self.stream_name)}"
        if self._refusal:
            self._note(Outcome(label, "failed", self._refusal))
            return
        item = self.writer.item(label, record)
        self._waiting.append(item)
        if len(self._waiting) >= self.target.at_once or item.key is None:
            self._write_all()

    @override
    def process_batch(self, context: dict[str, Any]) -> None:
        self._write_all()

    def _write_all(self) -> None:
        while self._waiting:
            self._write_first()

    def _write_first(self) -> None:
        self.target.stop_if_told()
        batch = self.writer.first(self._waiting)
        stop: StopRun | None = None
        try:
            for item in batch.items:
                self.target.stop_if_told()
                self._note(batch.write(item))
                if item.key is None:
                    del self._waiting[0]  # it has no key, so the end of the run must not send it again
        except StopRun as error:
            stop = error
        for outcome in batch.read_back():
            self._note(outcome)
        if stop:
            raise stop
        del self._waiting[: sum(item.key is not None for item in batch.items)]

    def _note(self, outcome: Outcome | None) -> None:
        if outcome:
            self.target.note_record(self.stream_name, outcome)
