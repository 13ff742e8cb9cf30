"""The Singer target for Autotask."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from tap_autotask.client import MAX_IN
from tap_autotask.exceptions import Refused
from target_autotask.check import Examination
from target_autotask.client import WritingClient, connect, stopping
from target_autotask.companies.sink import Companies
from target_autotask.entities import describe, entity_name
from target_autotask.invoice_payments import InvoicePayments
from target_autotask.settings import SETTINGS
from target_autotask.writing import Policy, Writer
from transfer_ledger.documents import STREAMS
from transfer_ledger.loading import RecordTarget
from transfer_ledger.programs import check_program
from transfer_ledger.records import RecordFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from transfer_ledger.documents import Document
    from transfer_ledger.rehearsal import Finding
    from transfer_ledger.sinks import LedgerSink

NAP = 1.0
"""Longest wait in one piece, so that a signal is noticed."""


class TargetAutotask(RecordTarget):
    """Singer target for Autotask PSA: any writable entity, under its own name or its snake_case."""

    name = "target-autotask"
    config_jsonschema = SETTINGS.to_dict()
    at_once = MAX_IN
    system = "Autotask"
    sink_classes: ClassVar[dict[str, type[LedgerSink]]] = {
        "companies": Companies,
        "invoice_payments": InvoicePayments,
    }
    """Documents go before entities of the same name."""

    def __init__(self, *, config: dict[str, Any] | None = None, **options: Any) -> None:
        self._writers: dict[str, Writer] = {}
        self._expected: set[str] = set()
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

    @override
    def writer(self, stream: str) -> Writer:
        """Return who writes the records of a stream; the metadata of its entity is read once.

        Raises:
            RecordFailed: The API user may not see the entity.
            StopRun: The stream is no entity that can be written, or the settings do not fit it.
        """
        if stream not in self._writers:
            keys = {entity_name(name): tuple(fields) for name, fields in self.config["keys"].items()}
            policy = Policy(
                keys=keys.get(entity_name(stream)),
                create_without_key=self.config["create_without_key"],
                nulls=self.config["nulls"],
            )
            try:
                with stopping():
                    entity = describe(self.client, stream, self.config["routes"])
                    self._writers[stream] = Writer(self.client, entity, policy, self._sleep)
            except Refused as refusal:
                raise RecordFailed(str(refusal)) from refusal
        return self._writers[stream]

    @override
    def progress_facts(self) -> Sequence[str]:
        return [f"{self.client.calls:,} calls to Autotask"] if "client" in self.__dict__ else []

    @override
    def calls_used(self) -> int | None:
        return self.client.calls if "client" in self.__dict__ else None

    @override
    def expect(self, stream: str) -> None:
        self._expected.add(stream)

    @override
    def regard(self, document: Document) -> None:
        self._expected.update(name for name in self.sink_classes if isinstance(document, STREAMS[name]))

    @cached_property
    def examination(self) -> Examination:
        """What a dry run asks beside its documents; where none came, for all kinds of them."""
        return Examination(self.client, self._expected or self.sink_classes)

    @override
    def examine(self) -> Iterable[Finding]:
        return self.examination.findings()

    @override
    def examined_facts(self) -> Sequence[str]:
        return list(self.examination.facts())

    def _sleep(self, seconds: float) -> None:
        """Wait in short pieces; a signal ends the wait and the run, since nothing is under way then."""
        while seconds > 0:
            self.stop_if_told()
            self.wait(min(seconds, NAP))
            seconds -= NAP


check_command = check_program(TargetAutotask)
"""The program ``target-autotask-check``."""
