"""The Singer target for Autotask."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from singer_sdk.helpers.capabilities import STREAM_MAPS_CONFIG, PluginCapabilities
from typing_extensions import override

from target_autotask.client import WritingClient, connect, stopping
from target_autotask.companies.sink import Companies
from target_autotask.entities import describe, entity_name
from target_autotask.invoice_payments import InvoicePayments
from target_autotask.outcomes import Tally
from target_autotask.settings import SETTINGS
from target_autotask.sinks import EntitySink
from target_autotask.writing import Policy, Writer
from transfer_ledger import documents
from transfer_ledger.exceptions import StopRun
from transfer_ledger.sinks import DocumentTarget, LedgerSink
from transfer_ledger.summary import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.sinks import Sink

    from target_autotask.outcomes import Outcome

NAP = 1.0
"""Longest wait in one piece, so that a signal is noticed."""


class TargetAutotask(DocumentTarget):
    """Singer target for Autotask PSA: any writable entity, under its own name or its snake_case."""

    name = "target-autotask"
    config_jsonschema = SETTINGS.to_dict()
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    sink_classes: ClassVar[dict[str, type[LedgerSink]]] = {
        "companies": Companies,
        "invoice_payments": InvoicePayments,
    }
    """Documents go before entities of the same name, see ``get_sink_class``."""

    def __init__(self, *, config: dict[str, Any] | None = None, **options: Any) -> None:
        self.outcomes = Tally()
        self._numbers: Counter[str] = Counter()
        self._writers: dict[str, Writer] = {}
        self._documents: dict[str, bool] = {}
        super().__init__(config=config, **options)

    @property
    @override
    def administration(self) -> str:
        """The key of the tenant, by the domain of the API user: a tenant's users may change, its domain does not."""
        user = self.config["username"].strip().lower()
        return f"autotask/{user.rpartition('@')[2]}"

    @cached_property
    def tenant(self) -> str:
        """The id of the customer database; one call without credentials."""
        with stopping():
            return self.client.zone.tenant

    @cached_property
    def client(self) -> WritingClient:
        """The one client of all streams; nothing is sent before it is used."""
        with stopping():
            return connect(self.config, self._sleep)

    def writer(self, stream: str) -> Writer:
        """Return who writes the records of a stream; the metadata of its entity is read once.

        Raises:
            Refused: The API user may not see the entity.
            StopRun: The stream is no entity that can be written, or the settings do not fit it.
        """
        if stream not in self._writers:
            keys = {entity_name(name): tuple(fields) for name, fields in self.config["keys"].items()}
            policy = Policy(
                keys=keys.get(entity_name(stream)),
                create_without_key=self.config["create_without_key"],
                nulls=self.config["nulls"],
            )
            with stopping():
                entity = describe(self.client, stream, self.config["routes"])
                self._writers[stream] = Writer(self.client, entity, policy, self._sleep)
        return self._writers[stream]

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

    @override
    def progress_facts(self) -> Sequence[str]:
        return [f"{self.client.calls:,} calls to Autotask"] if "client" in self.__dict__ else []

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
        return self.sink_classes[stream_name] if self._documents.get(stream_name) else EntitySink

    @override
    def process_endofpipe(self) -> None:
        super().process_endofpipe()
        if self.outcomes.count("failed") and not self.config["allow_open"]:
            sys.exit(1)

    @override
    def _finish(self, code: int) -> None:
        if not self._finished and "client" in self.__dict__:
            for line in self.outcomes.lines(self.client.calls):
                self.logger.info("%s", line)
        super()._finish(code)

    def _sleep(self, seconds: float) -> None:
        """Wait in short pieces; a signal ends the wait and the run, since nothing is under way then."""
        while seconds > 0:
            self.stop_if_told()
            self.wait(min(seconds, NAP))
            seconds -= NAP
