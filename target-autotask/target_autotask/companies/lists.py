"""What ids and picklist values are called in this tenant: short lists, kept in the ledger for a day."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any

from target_autotask.client import stopping
from target_autotask.companies.fields import COUNTRY, PICKLISTS, REFERENCES
from transfer_ledger.master_data import MasterRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from target_autotask.client import WritingClient
    from target_autotask.companies.fields import Reference
    from transfer_ledger.master_data import MasterData

FRESH = dt.timedelta(days=1)
"""A name that changed is noticed a day later at the latest; a name that is not found is looked for at once."""
LABELS = "CompanyPicklists"
COLUMNS = {
    **{reference.entity: reference.column for reference in (*REFERENCES.values(), COUNTRY)},
    "Resources": "email",
}


class NameLists:
    """Looks names up, and reads a list at most once a run."""

    def __init__(
        self, client: WritingClient, copy: Callable[[str], MasterData], clock: Callable[[], dt.datetime]
    ) -> None:
        self._client, self._copy, self._clock = client, copy, clock
        self._lists: dict[str, dict[str, str | None]] = {}
        self._read: set[str] = set()

    def label(self, field: str, value: Any) -> str | None:
        """Return the label of a picklist's value; the value itself where the tenant tells none."""
        return None if value is None else self._list(LABELS).get(f"{field}:{value}") or str(value)

    def name(self, reference: Reference, row_id: Any) -> str | None:
        """Return what documents call a row; its id where it has no name."""
        return None if row_id is None else self._list(reference.entity).get(str(row_id)) or str(row_id)

    def ids(self, entity: str, name: str) -> list[int]:
        """Return the ids of the rows with this name, capitals aside; the list is read anew before that is none."""
        found = self._ids(entity, name)
        if not found and entity not in self._read:
            self._refresh(entity)
            found = self._ids(entity, name)
        return found

    def choices(self, entity: str) -> list[str]:
        """Return all names of a list."""
        return sorted({name for name in self._list(entity).values() if name})

    def _ids(self, entity: str, name: str) -> list[int]:
        wanted = name.strip().casefold()
        return [int(key) for key, each in self._list(entity).items() if (each or "").strip().casefold() == wanted]

    def _list(self, resource: str) -> dict[str, str | None]:
        if resource not in self._lists:
            copy = self._copy(resource)
            read_at = copy.read_at()
            if read_at is None or self._clock() - read_at > FRESH:
                self._refresh(resource)
            else:
                self._lists[resource] = {row.id: row.code for row in copy.rows()}
        return self._lists[resource]

    def _refresh(self, resource: str) -> None:
        with stopping():
            rows = list(self._labels() if resource == LABELS else self._names(resource))
        self._copy(resource).replace(rows, None)
        self._lists[resource] = {row.id: row.code for row in rows}
        self._read.add(resource)

    def _names(self, entity: str) -> Iterable[MasterRow]:
        column = COLUMNS[entity]
        for page in self._client.pages(entity, fields=("id", column)):
            yield from (MasterRow(id=str(row["id"]), code=row.get(column)) for row in page)

    def _labels(self) -> Iterable[MasterRow]:
        for described in self._client.metadata("Companies"):
            for choice in described.get("picklistValues") or ():
                if described["name"] in PICKLISTS.values():
                    yield MasterRow(id=f"{described['name']}:{choice['value']}", code=choice["label"])

    @cached_property
    def resources(self) -> dict[str, list[int]]:
        """The active resources by e-mail address and by user name, read when a company is first created."""
        found: dict[str, list[int]] = {}
        active = {"op": "eq", "field": "isActive", "value": True}
        with stopping():
            for page in self._client.pages("Resources", [active], fields=("id", "email", "userName")):
                for row in page:
                    for name in {str(row.get(column) or "").strip().casefold() for column in ("email", "userName")}:
                        found.setdefault(name, []).append(row["id"])
        return found
