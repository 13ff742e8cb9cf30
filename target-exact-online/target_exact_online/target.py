"""The Singer target for Exact Online."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from tap_exact_online.client import Client, connect
from target_exact_online.books import booked
from target_exact_online.check import Examination
from target_exact_online.endpoints.catalogue import find
from target_exact_online.endpoints.writing import AT_ONCE, EndpointWriter, Policy
from target_exact_online.master_data import MasterLists
from target_exact_online.parties.sink import Accounts
from target_exact_online.permissions import Permissions
from target_exact_online.purchases.sink import PurchaseOrders
from target_exact_online.settings import SETTINGS
from target_exact_online.sinks import SalesInvoices
from target_exact_online.translation import reading
from transfer_ledger.exceptions import StopRun
from transfer_ledger.loading import RecordTarget
from transfer_ledger.programs import books_program, check_program

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from transfer_ledger.books import Booked
    from transfer_ledger.documents import Document, Problem
    from transfer_ledger.rehearsal import Finding
    from transfer_ledger.sinks import LedgerSink

NAP = 1.0
"""Longest wait in one piece, so that a signal is noticed."""


class TargetExactOnline(RecordTarget):
    """Writes documents to one administration of Exact Online, and records of other streams to any writable endpoint."""

    name = "target-exact-online"
    config_jsonschema = SETTINGS.to_dict()
    sink_classes: ClassVar[dict[str, type[LedgerSink]]] = {
        "sales_invoices": SalesInvoices,
        "accounts": Accounts,
        "purchase_orders": PurchaseOrders,
    }
    """Documents go before endpoints of the same name."""
    at_once = AT_ONCE
    system = "Exact Online"

    _forecast = ""

    @property
    @override
    def administration(self) -> str:
        return f"exact_online/{self.config['division']}"

    @cached_property
    def client(self) -> Client:
        """The client of the configured division; nothing is sent before it is used."""
        with reading():
            return connect(self.config, local=lambda: self.clock().timestamp(), sleep=self._sleep)

    @cached_property
    def lists(self) -> MasterLists:
        """The codes of Exact Online."""
        return MasterLists(self.client, self.ledger, self.administration, self.clock)

    @cached_property
    def permissions(self) -> Permissions:
        """Sends what is written, and knows what is not allowed."""
        return Permissions(self.client)

    @override
    def writer(self, stream: str) -> EndpointWriter:
        if stream not in self._writers:
            endpoint = find(stream)
            keys = {find(name).resource: columns for name, columns in self.config["keys"].items()}
            policy = Policy(
                keys=keys.get(endpoint.resource, ()),
                create_without_key=self.config["create_without_key"],
                nulls=self.config["nulls"],
            )
            self._writers[stream] = EndpointWriter(self.client, self.permissions, endpoint, policy, self._sleep)
        return self._writers[stream]

    @cached_property
    def _writers(self) -> dict[str, EndpointWriter]:
        return {}

    @cached_property
    def examination(self) -> Examination:
        """What a dry run asks beside its documents."""
        return Examination(self.client, self.lists, self.config["adopt"])

    @override
    def regard(self, document: Document) -> None:
        self.examination.regard(document)

    @override
    def examine(self) -> Iterable[Finding]:
        return self.examination.findings(self.calls_needed, self._left_today())

    @override
    def examined_facts(self) -> Sequence[str]:
        return self.examination.facts()

    @override
    def choices(self, problem: Problem) -> Sequence[str]:
        return self.examination.choices(problem)

    @override
    def booked(self, first: dt.date, last: dt.date) -> Iterator[Booked]:
        with reading():
            yield from booked(self.client, self.lists, self.config["adopt"], first, last)

    def forecast(self, offered: int | None, calls_each: int) -> None:
        """Say once, at the first document that is sent, whether today's calls suffice."""
        left = self._left_today()
        if self._forecast or offered is None or left is None:
            return
        needed = offered * calls_each
        self._forecast = f"{offered:,} documents offered need up to {needed:,} calls, {left:,} are left today"
        if needed > left:
            go = left // calls_each
            self._forecast += f": about {go:,} go over now, the rest stays open for the next days' runs"
            self.logger.warning("%s.", self._forecast)
        else:
            self.logger.info("%s.", self._forecast)

    @override
    def progress_facts(self) -> Sequence[str]:
        if "client" not in self.__dict__:
            return []
        minute, day = self.client.limits.minute, self.client.limits.day
        facts = ((minute.remaining, "this minute"), (day.remaining, "today"))
        return [f"{left:,} calls left {when}" for left, when in facts if left is not None]

    @override
    def summary_facts(self) -> Sequence[str]:
        if "client" not in self.__dict__:
            return []
        used = f"{self.client.calls.total():,} calls used"
        return [used, *self.progress_facts()]

    @override
    def calls_used(self) -> int | None:
        return self.client.calls.total() if "client" in self.__dict__ else None

    def _left_today(self) -> int | None:
        day = self.client.limits.day
        return None if day.remaining is None else max(0, day.remaining - self.client.limits.day_reserve)

    def _sleep(self, seconds: float) -> None:
        """Wait in short pieces; a signal ends the wait and the run, since nothing is under way then."""
        while seconds > 0:
            if self.stop_requested:
                raise StopRun("Stopped while waiting for Exact Online; nothing was under way.")
            self.wait(min(seconds, NAP))
            seconds -= NAP


check = check_program(TargetExactOnline)
"""The program ``target-exact-online-check``."""
books = books_program(TargetExactOnline)
"""The program ``target-exact-online-books``."""
