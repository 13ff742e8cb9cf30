"""A dry run with accounts or companies: what would be linked, created and changed is told and not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from typing_extensions import override

from transfer_ledger.links.store import ACCOUNTS, Link, LinkStore
from transfer_ledger.merge import told
from transfer_ledger.parties.held import Held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from transfer_ledger.documents import Source
    from transfer_ledger.parties.book import LinkBook
    from transfer_ledger.parties.protocol import PartyHooks
    from transfer_ledger.rehearsal import Rehearsal


class RehearsedParties:
    """The hooks of a sink; what it would write is taken down, and links are forgotten."""

    def __init__(self, hooks: PartyHooks, rehearsal: Rehearsal) -> None:
        self._hooks = hooks
        self._rehearsal = rehearsal
        self.held = hooks.held
        self.check = hooks.check
        self.find = hooks.find

    def create(self, document: Any) -> Held:
        """Take down what would be created, and return what stands for it."""
        said = told(document)
        receipt = self._rehearsal.write("create", {field: value for field, value in said.items() if value})
        return Held(id=receipt.id, code=said.get("code"), name=said.get("name"), values=said)

    def update(self, document: Any, held: Held, changes: Mapping[str, Any]) -> Held:  # noqa: ARG002 - as the hooks
        """Take down what would change."""
        self._rehearsal.write("update", changes)
        return msgspec.structs.replace(held, values={**held.values, **changes})

    def book(self, source: Source) -> LinkBook:
        """Return the links; what this run would add to them is not kept."""
        book = self._hooks.book(source)
        book.store = _Unwritten(book.store.engine, book.administration, ACCOUNTS, book.store.clock)
        return book


class _Unwritten(LinkStore):
    """Links that are read and not written."""

    @override
    def save(self, wanted: Iterable[Link], person: str | None = None) -> None:
        pass

    @override
    def agree(self, link: Link) -> bool:
        return True

    @override
    def propose(self, system: str, tenant: str, wanted: Iterable[Link]) -> None:
        pass
