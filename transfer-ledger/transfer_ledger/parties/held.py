"""A party as the receiving system holds it, and the copy of all of them that the ledger keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from transfer_ledger.links.parties import Party, party
from transfer_ledger.master_data import MasterRow

if TYPE_CHECKING:
    from transfer_ledger.ledger import Ledger
    from transfer_ledger.master_data import MasterData

PARTIES = "parties"
"""The resource under which targets keep a copy of all parties of their administration."""


class Held(msgspec.Struct, kw_only=True, frozen=True):
    """One party of the receiving system."""

    id: str
    code: str | None = None
    name: str | None = None
    url: str | None = None
    values: dict[str, Any] = {}
    """Field to value, in the words of the documents (``transfer_ledger.merge.told``); only fields that were read."""
    extra: dict[str, Any] = {}
    """What the target needs besides, such as the keys of its contact and its bank account."""

    @property
    def title(self) -> str:
        """How messages name it: code and name, or the id when it has neither."""
        return " ".join(text.strip() for text in (self.code, self.name) if text) or self.id

    @property
    def party(self) -> Party:
        """What is compared to find out who is who."""
        return party(self.id, {**self.values, "code": self.code, "name": self.name})


def as_row(held: Held) -> MasterRow:
    """Return the row under which a copy is kept."""
    return MasterRow(id=held.id, code=held.code, data=msgspec.to_builtins(held))


def kept(ledger: Ledger, administration: str) -> MasterData:
    """Return the kept copy of all parties of an administration; ``kept_parties`` reads it."""
    return ledger.master_data(administration, PARTIES)


def kept_parties(copy: MasterData) -> dict[str, Held]:
    """Return the parties of a kept copy by their keys."""
    return {row.id: msgspec.convert(row.data, Held) for row in copy.rows()}
