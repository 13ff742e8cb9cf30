"""Rows of Autotask and records of a tap: their fields, and their user-defined fields in any form they come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_ledger.records import RecordFailed, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_autotask.client import Row
    from target_autotask.entities import Field

UDFS = "userDefinedFields"
TITLES = ("companyname", "contractname", "name", "title", "lastname", "invoicenumber", "purchaseordernumber")


def udf_values(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user-defined fields of a row or a record, by their names in lower case.

    Args:
        record: Has them as Autotask has them, a list of ``{"name": …, "value": …}``, or as an object.

    Raises:
        RecordFailed: They have another form, or one has two values.
    """
    given = next((value for name, value in record.items() if name.lower() == UDFS.lower()), None)
    if given is not None and not isinstance(given, dict | list):
        raise RecordFailed(f"{UDFS} is {shown(given)}, not a list of names and values")
    pairs = list(given.items()) if isinstance(given, dict) else [_pair(each) for each in given or ()]
    values = {name.lower(): value for name, value in pairs}
    if len(values) < len(pairs):
        raise RecordFailed(f"{UDFS} has a name twice")
    return values


def _pair(each: Any) -> tuple[str, Any]:
    name = each.get("name") if isinstance(each, dict) else None
    if not isinstance(name, str) or "value" not in each:
        raise RecordFailed(f'{UDFS} has {shown(each)}, which is not {{"name": …, "value": …}}')
    return name, each["value"]


def value_of(field: Field, row: Row) -> Any:
    """Return the value that a row has in a field."""
    return udf_values(row).get(field.name.lower()) if field.udf else row.get(field.name)


def told(row: Row) -> str:
    """Return a row for people to find it: its id, and what it is called."""
    named = {name.lower(): value for name, value in row.items()}
    title = next((named[title] for title in TITLES if named.get(title)), None)
    return f"{row.get('id')} ({title})" if title else str(row.get("id"))
