"""The sink of an entity: records wait until several can be looked up together, then each is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.sinks import Sink
from typing_extensions import override

from tap_autotask.client import MAX_IN
from tap_autotask.exceptions import Refused
from target_autotask.outcomes import Outcome
from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_autotask.target import TargetAutotask
    from target_autotask.writing import Item


class EntitySink(Sink):
    """Writes the records of a stream to the entity that the stream names.

    What waits is let go only once it is written and read back, so that a run that ends early emits no state that
    covers it.
    """

    def __init__(
        self, target: TargetAutotask, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
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
                f"{self.stream_name} is an entity, which a dry run cannot tell about: nothing was written.",
                "Leave dry_run out, or the stream; a dry run is for documents.",
            )
        self.target.drain_all()  # what waits in other streams, or under another schema of this one, comes first
        try:
            self.writer = self.target.writer(self.stream_name)
        except Refused as refusal:
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
        return record  # against the metadata of the entity, and without making other values of dates

    @override
    def _singer_validate_message(self, record: dict[str, Any]) -> None:
        pass  # the keys of the tap are not those of Autotask

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        label = f"record {self.target.number(self.stream_name)}"
        if self._refusal:
            self._note(Outcome(label, "failed", self._refusal))
            return
        item = self.writer.item(label, record)
        self._waiting.append(item)
        if len(self._waiting) >= MAX_IN or item.key is None:
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
