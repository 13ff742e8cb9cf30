"""What a dry run finds beside the documents themselves: what the API user may see and do, and this hour's calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tap_autotask.exceptions import Refused
from target_autotask.client import stopping
from target_autotask.entities import information
from transfer_ledger.documents import Problem
from transfer_ledger.rehearsal import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from target_autotask.client import WritingClient

LEVELS: Mapping[str, str] = {"0": "none", "1": "all", "2": "restricted"}
"""The numbers of userAccessFor… in the order of the Swagger's enum; whether names or numbers come is not settled."""
DONE = {"query": "seen", "update": "changed", "create": "created"}


class Need(NamedTuple):
    """What a stream of documents cannot do without."""

    entity: str
    verbs: tuple[str, ...]


NEEDS: Mapping[str, tuple[Need, ...]] = {
    "companies": (Need("Companies", ("query", "update", "create")), Need("Contacts", ("query", "update", "create"))),
    "invoice_payments": (Need("Invoices", ("query", "update")), Need("Companies", ("query",))),
}


class Examination:
    """Asks once what the API user may do, without a call that is refused where all is well.

    Args:
        client: Asks.
        streams: Of which documents come.
    """

    def __init__(self, client: WritingClient, streams: Collection[str]) -> None:
        self._client = client
        self._streams = [stream for stream in NEEDS if stream in streams]
        self._levels: dict[str, Mapping[str, Any]] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield each right that lacks, with the streams that need it."""
        for entity, verbs in self._needed().items():
            try:
                with stopping():
                    lacking = [verb for verb in verbs if self._level(entity, verb) == "none"]
                    if "query" not in lacking:
                        self._client.page(entity, (), after=_LAST, fields=("id",))
            except Refused as refusal:
                yield _finding(entity, str(refusal), self._of(entity))
                continue
            for verb in lacking:
                yield _finding(entity, f"{entity} may not be {DONE[verb]} by the API user", self._of(entity))

    def facts(self) -> Iterator[str]:
        """Yield what was seen and is well, or no obstacle; to be called after ``findings``."""
        with stopping():
            yield f"tenant {self._client.zone.tenant}"
        needed = self._needed()
        for entity in self._levels:
            narrow = [DONE[verb] for verb in needed[entity] if self._level(entity, verb) == "restricted"]
            if narrow:
                yield f"not all {entity} can be {' and '.join(narrow)}: what is hidden is taken for not being there"
        yield from self._hour()

    def _hour(self) -> Iterator[str]:
        try:
            with stopping():
                told = self._client.get("ThresholdInformation")
            used, limit = int(told["currentTimeframeRequestCount"]), int(told["externalRequestThreshold"])
        except (Refused, KeyError, TypeError, ValueError):
            return
        yield f"{used:,} of {limit:,} calls of this hour are used, those of other programs included"

    def _needed(self) -> dict[str, dict[str, None]]:
        """Return the entities with what has to be done with their rows."""
        found: dict[str, dict[str, None]] = {}
        for stream in self._streams:
            for entity, verbs in NEEDS[stream]:
                found.setdefault(entity, {}).update(dict.fromkeys(verbs))
        return found

    def _of(self, entity: str) -> str:
        return " and ".join(stream for stream in self._streams if entity in {need.entity for need in NEEDS[stream]})

    def _level(self, entity: str, verb: str) -> str:
        """Return ``all``, ``restricted`` or ``none``; empty when Autotask tells nothing."""
        if entity not in self._levels:
            self._levels[entity] = information(self._client.get(f"{entity}/entityInformation"))
        told = str(self._levels[entity].get(f"useraccessfor{verb}", "")).lower()
        return LEVELS.get(told, told)


_LAST = 2**31 - 2
"""An id that no row has: the answer is an empty page."""


def _finding(entity: str, message: str, streams: str) -> Finding:
    return Finding(
        problem=Problem(field="rights", value=entity, message=message),
        advice=f"{streams} needs it: extend the security level of the API user in Autotask (Admin, Resources).",
    )
