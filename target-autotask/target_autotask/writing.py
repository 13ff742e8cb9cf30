"""Writes records to an entity, a batch at a time: looked up together, written one by one, read back together."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_autotask.client import MAX_IN
from tap_autotask.exceptions import Refused
from target_autotask.client import stopping
from target_autotask.keys import Key, Value, folded
from target_autotask.payloads import Change, body, changes, differences, missing
from target_autotask.rows import told
from transfer_ledger.exceptions import StopRun, Unanswered
from transfer_ledger.records import UNCHECKED, Outcome, RecordFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_autotask.client import Row
    from target_autotask.client import WritingClient
    from target_autotask.entities import Entity

ATTEMPTS = 3
PAUSE = 2.0
"""Seconds before a row is looked for whose create was not answered, in case it is still under way; then twice, …"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Policy:
    """What the settings say about writing: see those of the same names."""

    keys: Sequence[str] | None = None
    create_without_key: bool = False
    nulls: str = "clear"


class Item(NamedTuple):
    """A record that waits to be written.

    Args:
        label: What messages call it.
        record: The record.
        key: By what its row is looked up; None: by nothing, it is new.
        value: The key's value.
        problem: Why it cannot be looked up.
    """

    label: str
    record: Mapping[str, Any]
    key: Key | None = None
    value: Value = ()
    problem: str = ""


class Written(NamedTuple):
    """A record that Autotask took, before it is known what it kept."""

    label: str
    result: str
    row_id: int
    wanted: list[Change]


class Writer:
    """Writes to one entity.

    Args:
        client: Calls Autotask.
        entity: What is written.
        policy: How.
        wait: Lets seconds pass.
    """

    def __init__(self, client: WritingClient, entity: Entity, policy: Policy, wait: Callable[[float], None]) -> None:
        self.client, self.entity, self.policy, self.wait = client, entity, policy, wait
        self._key = Key(entity, policy.keys) if policy.keys else None
        self.by_id = Key(entity, ["id"]) if entity.queryable else None

    def item(self, label: str, record: Mapping[str, Any]) -> Item:
        """Return a record with the key by which its row is looked up: the one of the settings, else its id."""
        has_id = any(name.lower() == "id" and value is not None for name, value in record.items())
        key = self._key or (self.by_id if has_id else None)
        if key is None:
            return Item(label, record, problem=self._keyless(has_id=has_id))
        try:
            value = key.value(record)
        except RecordFailed as failure:
            return Item(label, record, key, problem=str(failure))
        return Item(f"{label} ({key.told(value)})", record, key, value)

    def _keyless(self, *, has_id: bool) -> str:
        name = self.entity.name
        if has_id:
            return f"{name} cannot be queried, so a row cannot be found by its id"
        if not self.policy.create_without_key:
            return (
                f"it has no id, and the setting keys names no other field by which a row of {name} is known: offered"
                " twice, it would be created twice. Name one, or set create_without_key"
            )
        return ""

    def first(self, waiting: Sequence[Item]) -> Batch:
        """Look up the first of the records that wait, as many as can be looked up together, each row once.

        Raises:
            StopRun: Autotask cannot be asked.
        """
        items: dict[Any, Item] = {}
        for number, item in enumerate(waiting[:MAX_IN]):
            key = folded(item.value) if item.value else number
            if key in items or (items and item.key is not waiting[0].key):
                break
            items[key] = item
        return Batch(self, list(items.values()))


class Batch:
    """Records whose rows were looked up together, and those of them that were written."""

    def __init__(self, writer: Writer, items: Sequence[Item]) -> None:
        self.items = items
        self._writer, self._client, self._entity = writer, writer.client, writer.entity
        self._written: list[Written] = []
        self._refusal = ""
        try:
            self._rows = self._find(items)
        except Refused as refusal:
            self._rows, self._refusal = {}, str(refusal)

    def _find(self, items: Sequence[Item]) -> Mapping[Value, list[Row]]:
        wanted = [item.value for item in items if item.value]
        key = items[0].key if items else None
        with stopping():
            return key.find(self._client, wanted) if key and wanted else {}

    def write(self, item: Item) -> Outcome | None:
        """Write a record; return what became of it, or None when that is known only once it is read back.

        Raises:
            StopRun: It was not written, and no other would be.
        """
        try:
            with stopping():
                return self._write(item)
        except (RecordFailed, Refused) as failure:
            return Outcome(item.label, "failed", str(failure))

    def _write(self, item: Item) -> Outcome | None:
        if problem := item.problem or self._refusal:
            raise RecordFailed(problem)
        row = _the_one(item, self._rows)
        self._check_verb(item, row)
        wanted = changes(self._entity, item.record, row, nulls=self._writer.policy.nulls)
        if row is None:
            self._written.append(Written(item.label, "created", self._create(item, wanted), wanted))
        elif wanted:
            self._update(row, wanted)
            self._written.append(Written(item.label, "updated", row["id"], wanted))
        else:
            return Outcome(item.label, "unchanged")
        return None

    def _check_verb(self, item: Item, row: Row | None) -> None:
        name = self._entity.name
        if row is None and item.key is not None and item.key is self._writer.by_id:
            raise RecordFailed(f"{name} has no such row, and Autotask gives ids itself")
        if row is None and not self._entity.creatable:
            raise RecordFailed(f"there is no such row, and the API creates no {name}")

    def _update(self, row: Row, wanted: list[Change]) -> None:
        if not self._entity.updatable:
            raise RecordFailed(f"{told(row)} would have to be changed, and the API changes no {self._entity.name}")
        self._client.update(self._entity.path(self._parent_id(row)), body(row["id"], wanted))

    def _create(self, item: Item, wanted: list[Change]) -> int:
        parent_id = self._parent_id({change.field.name: change.value for change in wanted})
        try:
            return self._create_once(item, self._entity.path(parent_id), body(0, wanted))
        except Refused as refusal:
            lacking = ", ".join(missing(self._entity, wanted))
            hint = f". Required of a new row, and not in the record: {lacking}" if lacking else ""
            raise RecordFailed(f"{refusal}{hint}") from refusal

    def _parent_id(self, values: Mapping[str, Any]) -> Any:
        """Return the id of the parent in a row, or in what a new one is to have; None where there is no parent."""
        parent, route = self._entity.parent, self._entity.route
        if parent is None or route is None:
            return None
        if values.get(parent.name) is None:
            raise RecordFailed(f"{parent.name} is missing: {self._entity.name} are written below {route.parent}")
        return values[parent.name]

    def _create_once(self, item: Item, path: str, content: Mapping[str, Any]) -> int:
        """Send a create; where its answer is lost, look for the row before it is sent again."""
        lost = ""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._client.create(path, content)
            except Unanswered as unanswered:
                lost = unanswered.message
            if item.key is None:
                raise RecordFailed(f"{lost}. It may have been created or not: look before you offer it again")
            self._writer.wait(PAUSE * attempt)
            row = _the_one(item, self._find([item]))
            if row is not None:
                return int(row["id"])
        raise RecordFailed(f"{lost}. Sent {ATTEMPTS} times, and it is not there")

    def read_back(self) -> Iterator[Outcome]:
        """Yield what became of the records that were written, by what Autotask kept of them.

        Raises:
            StopRun: It cannot be asked; what was written is yielded first.
        """
        written, self._written = self._written, []
        if not written or not self._entity.queryable:
            yield from (Outcome(each.label, each.result) for each in written)
            return
        try:
            with stopping():
                rows = {row["id"]: row for row in self._client.among(self._entity.name, (w.row_id for w in written))}
        except StopRun:
            yield from (Outcome(each.label, UNCHECKED) for each in written)
            raise
        except Refused as refusal:
            reason = "row {0.row_id} was {0.result}, but cannot be read back: {1}"
            yield from (Outcome(each.label, "failed", reason.format(each, refusal)) for each in written)
        else:
            yield from (_judged(each, rows.get(each.row_id)) for each in written)


def _judged(written: Written, row: Row | None) -> Outcome:
    if row is None:
        problem = "was not found afterwards. Check that the API user may see it"
    else:
        problem = "; ".join(differences(written.wanted, row))
    if not problem:
        return Outcome(written.label, written.result)
    return Outcome(written.label, "failed", f"row {written.row_id} was {written.result}, but {problem}")


def _the_one(item: Item, rows: Mapping[Value, list[Row]]) -> Row | None:
    found = rows.get(folded(item.value), []) if item.value else []
    if len(found) > 1:
        candidates = ", ".join(told(row) for row in found)
        raise RecordFailed(f"{len(found)} rows have this key: {candidates}. Make it unique, or name another in keys")
    return found[0] if found else None
