"""From a record to what is sent of it: only what changes, under Exact's own names, and only what it takes.

Exact answers 400 to a name that it does not know, which counts as one of ten errors an hour, and takes read-only
columns without a word and without effect (picqer/exact-php-client#461), so all of it is known before anything is sent.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from target_exact_online.endpoints.catalogue import Writable, writable
from target_exact_online.endpoints.values import same, sent
from transfer_ledger.records import RecordFailed, Unfit, is_empty, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Row = dict[str, Any]


def columns(of: Writable, record: Mapping[str, Any]) -> tuple[Row, list[str]]:
    """Return the columns that a record names, as Exact spells them, and what is wrong with its names."""
    found: Row = {}
    problems = []
    for name, value in record.items():
        column = of.names.get(name.lower())
        if column is None:
            near = difflib.get_close_matches(name.lower(), of.names, n=1)
            hint = f"; did you mean {of.names[near[0]]}?" if near else ""
            problems.append(f"{of.resource} has no column {shown(name)}{hint}")
        elif column in found:
            problems.append(f"{column} is there twice, in different capitals")
        else:
            found[column] = value
    return found, problems


def changes(of: Writable, record: Mapping[str, Any], row: Row | None, *, nulls: str = "clear") -> Row:
    """Return what of a record has to be written.

    Args:
        of: The endpoint.
        record: The record; its names may be in any case.
        row: The row as it is; None: it is to be created.
        nulls: ``clear`` or ``leave``: what null does to a column that has a value.

    Raises:
        RecordFailed: With everything that is wrong with it.
    """
    found, problems = columns(of, record)
    wanted: Row = {}
    for column, value in found.items():
        if value is None and (row is None or nulls == "leave"):
            continue
        try:
            if column in of.lines:
                wanted |= _lines(of, column, value, row)
            else:
                wanted |= _change(of, column, value, row)
        except Unfit as error:
            problems.append(f"{column}: {shown(value)} {error}")
        except RecordFailed as failure:
            problems.append(f"{column}: {failure}")
    if problems:
        raise RecordFailed(*problems)
    return wanted


def _change(of: Writable, column: str, value: Any, row: Row | None) -> Row:
    """Return the change that a value makes: none where the row has it already."""
    kind = of.endpoint.columns[column]
    if row is not None and same(kind, value, row.get(column)):
        return {}
    if column not in of.columns:
        if row is None:
            raise Unfit("would be ignored: Exact Online gives that column itself")
        raise Unfit(f"would be ignored: the column is read-only, and the row has {shown(row.get(column))}")
    return {column: None if value is None else sent(kind, value)}


def _lines(of: Writable, column: str, value: Any, row: Row | None) -> Row:
    """Return the lines of a new row; those of a row that is there can be compared, but not changed with it."""
    if not isinstance(value, list) or not all(isinstance(line, dict) for line in value):
        raise Unfit("is no list of rows")
    lines = writable().get(of.lines[column])
    if row is None:
        return {column: [changes(lines, line, None) if lines else line for line in value]}
    there = row.get(column)
    if isinstance(there, list) and lines and len(there) == len(value):
        pairs = zip(value, there, strict=True)
        if all(not changes(lines, line, kept) for line, kept in pairs):
            return {}
    where = f"as stream {lines.endpoint.stream}" if lines else "by hand"
    raise RecordFailed(f"the rows there are others; Exact Online changes them one by one, so write them {where}")


def missing(of: Writable, wanted: Row) -> list[str]:
    """Return what the documentation wants of a new row and the record lacks; told only when a create is refused."""
    return [name for name in of.required if is_empty(wanted.get(name))]


def differences(of: Writable, wanted: Row, row: Row) -> Iterator[str]:
    """Yield where a row is not what was sent, each with the column, the sent and the kept value."""
    for column, value in wanted.items():
        kept = row.get(column)
        if column not in of.lines and not same(of.endpoint.columns[column], value, kept):
            yield f"{column}: {shown(value)} was sent, {shown(kept)} was kept"
