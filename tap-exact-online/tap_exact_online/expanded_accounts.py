"""The stream ``expanded_accounts``: accounts with all that belongs to them, again when any of it changes."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_exact_online.divisions import TERMS
from tap_exact_online.endpoints import known
from tap_exact_online.expansion import NEEDED, Expansion, additions, among, batches
from tap_exact_online.feeds import AskedFeed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_exact_online.columns import Row
    from tap_exact_online.feeds import Deletions
    from tap_exact_online.tap import TapExactOnline

ACCOUNTS = known()["bulk/CRM/Accounts"]


class ExpandedAccounts(AskedFeed):
    """Every account with its main contact, addresses, bank accounts, conditions, VAT codes and classifications.

    Beside what every feed keeps, the state of an administration holds ``related``, up to where contacts, addresses and
    bank accounts were read; and that of the stream ``open``, which a target adds: the ids of accounts it wants to have
    again.
    """

    noun = "Account"

    def __init__(self, tap: TapExactOnline) -> None:
        super().__init__(tap, "expanded_accounts", known()["sync/CRM/Accounts"])

    @override
    def build_schema(self, config: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
        plain = super().build_schema(config, key)
        return plain | {"properties": plain["properties"] | additions()}

    @override
    def wanted(self, column: str) -> bool:
        return column in NEEDED or super().wanted(column)

    @override
    def told(self, division: int, state: dict[str, Any], deletions: Deletions) -> Iterator[Row]:
        expansion = Expansion(self.divisions, division, super().wanted, self.logger, deepcopy(state.get("related", {})))
        again: set[str] = set()
        if "related" in state:
            again = expansion.touched()
        else:
            expansion.read_all()
        out: set[str] = set()
        for page in self.changes(division, state, deletions):
            out.update(account["ID"] for account in page)
            yield from expansion.expand(page)
        asked = self.open_keys() - out
        for record in self._again(division, expansion, (again | asked) - out - deletions.keys()):
            asked.discard(record["ID"])
            yield record
        yield from self.vanished(division, asked - deletions.keys())
        state["related"] = expansion.bookmarks

    def _again(self, division: int, expansion: Expansion, ids: set[str]) -> Iterator[Row]:
        """Yield accounts by their ids."""
        expansion.expect(len(ids))
        columns = {name: kind for name, kind in self.reader.columns.items() if name in ACCOUNTS.columns}
        for keys in batches(sorted(ids), TERMS):
            found = [
                {**dict.fromkeys(self.reader.columns), **self._complete(record, division)}
                for record in expansion.rows(ACCOUNTS, columns, among("ID", keys))
            ]
            yield from expansion.expand(found)
