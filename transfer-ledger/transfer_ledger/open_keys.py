"""The keys a tap reads again on its next run, carried by the Singer state.

A target may add ``bookmarks.<stream>.open`` to the state it emits; the tap finds it in its stream state. So bookmarks
always move on, and what is open comes back by its key.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from transfer_ledger.documents import Source


class Origin(NamedTuple):
    """Where records come from: one stream of one tenant."""

    system: str
    tenant: str
    stream: str


class OpenKeys:
    """The open transfers of a run, kept in memory so that emitting a state costs no query."""

    def __init__(self, known: Callable[[Origin, Collection[str]], set[str]]) -> None:
        self._known_to_ledger = known
        self._open: dict[Origin, set[tuple[str, str]]] = defaultdict(set)
        self._decided: dict[Origin, set[str]] = defaultdict(set)
        self._asked: dict[Origin, set[str]] = defaultdict(set)
        self._seen: set[Origin] = set()

    def load(self, kind: str, sources: Iterable[tuple[str, str, str, str]]) -> None:
        """Take in what the ledger holds open for a kind: (system, tenant, stream, id)."""
        for system, tenant, stream, source_id in sources:
            self._open[Origin(system, tenant, stream)].add((kind, source_id))

    def note(self, kind: str, source: Source, *, settled: bool) -> None:
        """Take in what became of an offered record."""
        origin = Origin(source.system, source.tenant, source.stream)
        self._seen.add(origin)
        if source.id in self._asked[origin]:
            self._decided[origin].add(source.id)
        if settled:
            self._open[origin].discard((kind, source.id))
        else:
            self._open[origin].add((kind, source.id))

    def into(self, state: dict[str, Any]) -> dict[str, Any]:
        """Write the open keys of the streams seen in this run into a state, and return it.

        A stream of which nothing was offered keeps the keys it came with.
        """
        if not self._seen:
            return state
        bookmarks = state.setdefault("bookmarks", {})
        for stream in {origin.stream for origin in self._seen}:
            bookmark = bookmarks.setdefault(stream, {})
            came = {str(source_id) for source_id in bookmark.get("open") or ()}
            origins = [origin for origin in self._seen if origin.stream == stream]
            ids = {source_id for origin in origins for _, source_id in self._open[origin]}
            bookmark["open"] = sorted(ids.union(*(self._undecided(origin, came) for origin in origins)))
        return state

    def _undecided(self, origin: Origin, came: set[str]) -> set[str]:
        """Return the keys of the incoming state that no ledger row speaks for: they are not lost with the ledger."""
        new = came - self._asked[origin]
        if new:
            self._asked[origin] |= new
            self._decided[origin] |= self._known_to_ledger(origin, new)
        return came - self._decided[origin]
