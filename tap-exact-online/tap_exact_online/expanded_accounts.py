"""The stream ``expanded_accounts``: accounts with all that belongs to them, again when any of it changes."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any
from uuid import UUID

from typing_extensions import override

from tap_exact_online.columns import utc_text
from tap_exact_online.divisions import TERMS
from tap_exact_online.endpoints import known
from tap_exact_online.exceptions import StopRun
from tap_exact_online.expansion import NEEDED, Expansion, additions, among, batches
from tap_exact_online.feeds import FeedStream
from tap_exact_online.streams import DELETED_AT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_exact_online.columns import Row
    from tap_exact_online.feeds import Deletions
    from tap_exact_online.tap import TapExactOnline

ACCOUNTS = known()["bulk/CRM/Accounts"]


class ExpandedAccounts(FeedStream):
    """Every account with its main contact, addresses, bank accounts, conditions, VAT codes and classifications.

    Beside what every feed keeps, the state of an administration holds ``related``, up to where contacts, addresses and
    bank accounts were read; and that of the stream ``open``, which a target adds: the ids of accounts it wants to have
    again.
    """

    def __init__(self, tap: TapExactOnline) -> None:
        super().__init__(tap, "expanded_accounts", known()["sync/CRM/Accounts"])
        self._asked: set[str] | None = None

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
        asked = self._open_keys() - out
        for record in self._again(division, expansion, (again | asked) - out - deletions.keys()):
            asked.discard(record["ID"])
            yield record
        self._asked = asked - deletions.keys()
        if division == self.divisions.codes[-1]:
            yield from self._vanished(utc_text(self.divisions.client(division).now()))
        state["related"] = expansion.bookmarks

    def _open_keys(self) -> set[str]:
        """Return the ids a target wants again that were not found in an earlier administration.

        Raises:
            StopRun: The state holds something that is no id of an account.
        """
        if self._asked is None:
            keys = self.stream_state.get("open", ())
            wrong = [item for item in keys if not is_guid(item)]
            if wrong:
                raise StopRun(
                    f"The state names {wrong[:5]} under bookmarks.{self.name}.open, which are no ids of accounts. "
                    "Correct the state; Meltano shows it with `meltano state get`."
                )
            self._asked = {str(UUID(item)) for item in keys}
        return set(self._asked)

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

    def _vanished(self, at: str) -> Iterator[Row]:
        """Tell of the accounts that a target asked for and that no administration shows any more."""
        for key in sorted(self._asked or ()):
            self.logger.warning("Account %s was asked for, but Exact Online does not show it any more.", key)
            if DELETED_AT in self.schema["properties"]:
                yield self.gone(key, None, at)


def is_guid(text: Any) -> bool:
    """Tell whether something is a GUID."""
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True
