"""Writes records to an endpoint, a batch at a time: looked up together, written one by one, read back together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from tap_exact_online import odata
from target_exact_online.endpoints.payloads import Row, changes, columns, differences, missing
from target_exact_online.endpoints.values import literal
from target_exact_online.translation import reading
from transfer_ledger.exceptions import DocumentFailed, StopRun, Unanswered
from transfer_ledger.records import UNCHECKED, Outcome, RecordFailed, Unfit, is_empty, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tap_exact_online.client import Client
    from target_exact_online.endpoints.catalogue import Writable
    from target_exact_online.permissions import Permissions

AT_ONCE = 40
"""Terms of a filter that work in one call; 300 did not (ossobv/exactonline)."""
ATTEMPTS = 3
PAUSE = 2.0
"""Seconds before a row is looked for whose create was not answered, in case it is still under way; then twice, …"""


class Policy(NamedTuple):
    """What the settings say about writing: see those of the same names."""

    keys: Sequence[str] = ()
    create_without_key: bool = False
    nulls: str = "clear"


class Item(NamedTuple):
    """A record that waits to be written.

    Args:
        label: What messages call it.
        record: The record.
        key: The filter that finds its row; None: it is new, or cannot be written.
        problem: Why it cannot be looked up.
    """

    label: str
    record: Mapping[str, Any]
    key: str | None = None
    problem: str = ""


class Written(NamedTuple):
    """A record that Exact took, before it is known what it kept."""

    label: str
    result: str
    row_id: str
    wanted: Row


class EndpointWriter:
    """Writes to one endpoint.

    Args:
        client: Calls Exact Online.
        permissions: Sends what is written.
        of: What is written.
        policy: How.
        wait: Lets seconds pass.

    Raises:
        StopRun: The setting keys names a column by which rows cannot be found.
    """

    def __init__(
        self, client: Client, permissions: Permissions, of: Writable, policy: Policy, wait: Callable[[float], None]
    ) -> None:
        self.client, self.permissions, self.of, self.policy, self.wait = client, permissions, of, policy, wait
        self.by_id = not policy.keys
        self._keys = [self._column(name) for name in policy.keys] or (list(of.endpoint.key) if of.readable else [])

    def _column(self, name: str) -> str:
        endpoint = self.of.endpoint
        column = self.of.names.get(name.lower())
        allowed = not endpoint.may_filter or column in endpoint.may_filter
        if column is None or column not in endpoint.columns or not self.of.readable or not allowed:
            why = "cannot be looked up by it" if column else "has no such column"
            raise StopRun(
                f"The setting keys names {name!r} for {self.of.resource}, which {why}.",
                "Name a column that the API can filter by, as it spells it.",
            )
        return column

    def item(self, label: str, record: Mapping[str, Any]) -> Item:
        """Return a record with the filter that finds its row."""
        given, _ = columns(self.of, record)
        lacking = [name for name in self._keys if is_empty(given.get(name))]
        if not self._keys or (self.by_id and lacking):
            return Item(label, record, problem=self._keyless())
        if lacking:
            return Item(label, record, problem=f"{lacking[0]} is empty, and it is the key: see the setting keys")
        kinds, terms = self.of.endpoint.columns, []
        for name in self._keys:
            try:
                terms.append(f"{name} eq {literal(self.of.resource, name, kinds[name], given[name])}")
            except Unfit as error:
                return Item(label, record, problem=f"{name}: {shown(given[name])} {error}")
        told = ", ".join(f"{name} {shown(given[name])}" for name in self._keys)
        return Item(f"{label} ({told})", record, " and ".join(terms))

    def _keyless(self) -> str:
        if self.policy.create_without_key:
            return ""
        return (
            f"it has no id, and the setting keys names no column by which a row of {self.of.resource} is known: "
            "offered twice, it would be created twice. Name one, or set create_without_key"
        )

    def first(self, waiting: Sequence[Item]) -> EndpointBatch:
        """Look up the first of the records that wait, as many as can be looked up together, each row once.

        Raises:
            StopRun: Exact Online cannot be asked.
        """
        items: dict[str, Item] = {}
        for number, item in enumerate(waiting[:AT_ONCE]):
            key = item.key.casefold() if item.key else f"{number}"
            if key in items or (items and (item.key is None) is not (waiting[0].key is None)):
                break
            items[key] = item
            if item.key is None:
                break
        return EndpointBatch(self, list(items.values()))

    def find(self, filters: Sequence[str], records: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Return the rows that one of these filters finds, with the columns that the records name."""
        named = dict.fromkeys(name for record in records for name in columns(self.of, record)[0])
        select = dict.fromkeys(
            (*self.of.endpoint.key, *self._keys, *(n for n in named if n in self.of.endpoint.columns))
        )
        lines = self.of.endpoint.lines if self.of.endpoint.lines in named else None
        nested = [f"{lines}/{name}" for name in self._line_columns(lines, records)] if lines else []
        where = " or ".join(f"({each})" if " and " in each else each for each in filters)
        with reading():
            found = self.client.read(self.of.resource, select=[*select, *nested], where=where, expand=lines or "")
            return [_with_rows(row, lines) for row in found]

    def _line_columns(self, lines: str, records: Iterable[Mapping[str, Any]]) -> Iterable[str]:
        given = (columns(self.of, record)[0].get(lines) or () for record in records)
        return dict.fromkeys(name for rows in given for line in rows if isinstance(line, dict) for name in line)


class EndpointBatch:
    """Records whose rows were looked up together, and those of them that were written."""

    def __init__(self, writer: EndpointWriter, items: Sequence[Item]) -> None:
        self.items = items
        self._writer, self._of = writer, writer.of
        self._written: list[Written] = []
        self._rows = self._find([item for item in items if item.key])

    def _find(self, items: Sequence[Item]) -> dict[str, list[Row]]:
        """Return the rows of these records by their keys, of which Exact minds neither case nor padding."""
        found: dict[str, list[Row]] = {}
        filters = [item.key for item in items if item.key]
        for row in self._writer.find(filters, [item.record for item in items]) if filters else ():
            key = items[0].key if len(items) == 1 else self._writer.item("", row).key
            found.setdefault((key or "").casefold(), []).append(row)
        return found

    def write(self, item: Item) -> Outcome | None:
        """Write a record; return what became of it, or None when that is known only once it is read back.

        Raises:
            StopRun: It was not written, and no other would be.
        """
        try:
            return self._write(item)
        except RecordFailed as failure:
            return Outcome(item.label, "failed", str(failure))
        except DocumentFailed as failure:
            return Outcome(item.label, "failed", f"{failure.message.rstrip('.')}. {failure.advice}")

    def _write(self, item: Item) -> Outcome | None:
        if item.problem:
            raise RecordFailed(item.problem)
        row = self._row_of(item)
        self._check_verb(item, row)
        wanted = changes(self._of, item.record, row, nulls=self._writer.policy.nulls)
        if row is None:
            self._written.append(Written(item.label, "created", self._create(item, wanted), wanted))
        elif wanted:
            self._written.append(Written(item.label, "updated", self._update(item, row, wanted), wanted))
        else:
            return Outcome(item.label, "unchanged")
        return None

    def _row_of(self, item: Item) -> Row | None:
        """Return the one row of a record, of those that were looked up together."""
        found = self._rows.get(item.key.casefold(), []) if item.key else []
        if len(found) > 1:
            key = self._of.endpoint.key[0]
            told = ", ".join(str(row.get(key)) for row in found)
            raise RecordFailed(f"{len(found)} rows have this key: {told}. Make it unique, or name another in keys")
        return found[0] if found else None

    def _check_verb(self, item: Item, row: Row | None) -> None:
        name = self._of.resource
        if row is None and item.key is not None and self._writer.by_id:
            raise RecordFailed(f"{name} has no such row, and Exact Online gives ids itself")
        if row is None and not self._of.creatable:
            raise RecordFailed(f"there is no such row, and the API creates no {name}")

    def _update(self, item: Item, row: Row, wanted: Row) -> str:
        if not self._of.updatable:
            raise RecordFailed(f"it would have to be changed, and the API changes no {self._of.resource}")
        row_id = str(row[self._of.endpoint.key[0]])
        self._until_answered(
            lambda: self._writer.permissions.update(self._of.resource, UUID(row_id), wanted, item.label)
        )
        return row_id

    def _until_answered(self, send: Callable[[], None]) -> None:
        """Change a row; doing that twice does no harm."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                send()
            except Unanswered as unanswered:
                if attempt == ATTEMPTS:
                    raise RecordFailed(unanswered.message) from unanswered
                self._writer.wait(PAUSE * attempt)
            else:
                return

    def _create(self, item: Item, wanted: Row) -> str:
        """Send a create; where its answer is lost, look for the row before it is sent again."""
        lost = ""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._create_once(wanted)
            except Unanswered as unanswered:
                lost = unanswered.message
            if item.key is None:
                raise RecordFailed(f"{lost} Look yourself before you offer it again: it has no key to find it by")
            self._writer.wait(PAUSE * attempt)
            self._rows |= self._find([item])
            row = self._row_of(item)
            if row is not None:
                return str(row[self._of.endpoint.key[0]])
        raise RecordFailed(f"{lost} Sent {ATTEMPTS} times, and it is not there")

    def _create_once(self, wanted: Row) -> str:
        try:
            answer = self._writer.permissions.create(self._of.resource, wanted)
        except DocumentFailed as refusal:
            lacking = ", ".join(missing(self._of, wanted))
            hint = f" Wanted of a new row, and not in the record: {lacking}." if lacking else ""
            raise RecordFailed(f"{refusal.message.rstrip('.')}. {refusal.advice}{hint}") from refusal
        return str(answer.get(self._of.endpoint.key[0], ""))

    def read_back(self) -> Iterator[Outcome]:
        """Yield what became of the records that were written, by what Exact kept of them.

        Raises:
            StopRun: It cannot be asked; what was written is yielded first.
        """
        written, self._written = self._written, []
        if not written or not (self._of.readable and self._of.endpoint.has_guid):
            yield from (Outcome(each.label, each.result) for each in written)
            return
        key = self._of.endpoint.key[0]
        filters = [f"{key} eq {odata.literal(UUID(each.row_id))}" for each in written]
        try:
            plain = [{name: None for name in each.wanted if name not in self._of.lines} for each in written]
            rows = {row[key]: row for row in self._writer.find(filters, plain)}
        except StopRun:
            yield from (Outcome(each.label, UNCHECKED) for each in written)
            raise
        for each in written:
            yield self._judged(each, rows.get(each.row_id))

    def _judged(self, written: Written, row: Row | None) -> Outcome:
        if row is None:
            problem = "was not found afterwards. Check that the user may see it"
        else:
            problem = "; ".join(differences(self._of, written.wanted, row))
        if not problem:
            return Outcome(written.label, written.result)
        return Outcome(written.label, "failed", f"row {written.row_id} was {written.result}, but {problem}")


def _with_rows(row: Row, lines: str | None) -> Row:
    """Return a row with its lines as a list."""
    nested = row.get(lines) if lines else None
    return row | {lines: nested.get("results")} if lines and isinstance(nested, dict) else row
