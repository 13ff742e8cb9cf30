"""How a document came to be: which row of which table of the settings gave each field.

A transfer keeps its document as it was mapped, with the path of the row behind each field. The row itself is read from
the settings as they are today; where it gives something else by now, that is said.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.documents import Problem
from transfer_ledger.schema import events, transfers
from transfer_ledger.transfers import called

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from sqlalchemy import Engine

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_GIVEN_AS = {"item": ("item", "gl_account", "unit"), "description": ("description", "notes")}
"""What the row behind a rule gives beside the field that it is named after."""
_RESULTS = {"vat_code": "code", "payment_condition": "code", "grouping": "by"}
"""The name under which a row holds what it gives, where that is not the name of the field."""
GONE = "The settings have no such row any more."
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode
_decode_problems = msgspec.json.Decoder(list[Problem]).decode


class Answer(msgspec.Struct, kw_only=True):
    """What one row of the settings gave."""

    field: str
    value: str
    """What the document says there; empty when nothing."""
    rule: str
    """Path of the row, such as ``invoices.vat_codes[2]``."""
    row: Any = None
    """The row as it stands in the settings today; None without settings."""
    doubt: str = ""
    """How the row differs from what it gave, when it does."""


class LineAnswers(msgspec.Struct, kw_only=True):
    """One line of a document, and what was made of it by which rows."""

    title: str
    source_ids: list[str]
    answers: list[Answer]


class Event(msgspec.Struct, kw_only=True):
    """One moment in the history of a transfer."""

    at: dt.datetime
    event: str
    detail: str | None


class Explanation(msgspec.Struct, kw_only=True):
    """One transfer, and how its document came to be."""

    transfer: dict[str, Any]
    """The columns that say which it is and what became of it."""
    answers: list[Answer]
    lines: list[LineAnswers]
    problems: list[Problem]
    events: list[Event]


_COLUMNS = (
    *("id", "administration", "kind", "source_system", "source_tenant", "source_stream", "source_id", "source_url"),
    *("state", "number", "reference", "customer_name", "currency", "gross", "invoice_date", "receipt_number"),
    *("receipt_id", "receipt_url", "reason", "advice"),
)


def explanations(engine: Engine, wanted: str, settings: Mapping[str, Any] | None = None) -> list[Explanation]:
    """Return every transfer that is meant by a number, a reference, an id or a whole key, oldest first.

    Args:
        engine: The ledger's.
        wanted: The number here or there, our reference, the id of the record or of the receipt, or
            ``system/tenant/stream/id``.
        settings: Those of the mapper, as they are today.
    """
    query = sa.select(transfers).where(_meant(wanted)).order_by(transfers.c.id)
    with engine.connect().execution_options(**READING) as connection:
        rows = connection.execute(query).mappings().all()
        return [_explained(row, _history(connection, row["id"]), settings) for row in rows]


def row_at(settings: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path such as ``invoices.vat_codes[2]``.

    Raises:
        LookupError: nothing does.
    """
    found: Any = settings
    for index, name in _STEP.findall(path):
        try:
            found = found[int(index)] if index else found[name]
        except (KeyError, IndexError, TypeError):
            raise LookupError(path) from None
    return found


def _meant(wanted: str) -> sa.ColumnElement[bool]:
    named = called(wanted)
    parts = wanted.split("/", 3)
    whole = ("source_system", "source_tenant", "source_stream", "source_id")
    if len(parts) < len(whole):
        return named
    return sa.or_(named, sa.and_(*(transfers.c[name] == part for name, part in zip(whole, parts, strict=True))))


def _history(connection: sa.Connection, transfer_id: int) -> list[Event]:
    columns = (events.c[name] for name in Event.__struct_fields__)
    query = sa.select(*columns).where(events.c.transfer_id == transfer_id).order_by(events.c.id)
    return [Event(**row) for row in connection.execute(query).mappings()]


def _explained(row: sa.RowMapping, history: list[Event], settings: Mapping[str, Any] | None) -> Explanation:
    document = _decode(row["document"]) if row["document"] else {}
    lines = [
        LineAnswers(title=_title(line), source_ids=line.get("source_ids") or [], answers=_answers(line, settings))
        for line in document.get("lines") or ()
    ]
    return Explanation(
        transfer={name: row[name] for name in _COLUMNS},
        answers=_answers(document, settings),
        lines=lines,
        problems=_decode_problems(row["problems"]),
        events=history,
    )


def _title(line: Mapping[str, Any]) -> str:
    added = " (added so that the totals agree)" if line.get("rounding") else ""
    price = line.get("unit_price", line.get("unit_cost"))
    counted = f"{line.get('quantity')} x {price} = {line.get('amount')}"
    return f"{counted}  {line.get('description') or line.get('item') or ''}{added}"


def _answers(part: Mapping[str, Any], settings: Mapping[str, Any] | None) -> list[Answer]:
    """Return what the rows gave that stand behind the fields of a document, or of one of its lines."""
    return [_answer(part, field, rule, settings) for field, rule in (part.get("rules") or {}).items()]


def _answer(part: Mapping[str, Any], field: str, rule: str, settings: Mapping[str, Any] | None) -> Answer:
    values = {name: part[name] for name in _GIVEN_AS.get(field, (field,)) if part.get(name) not in (None, "", [])}
    answer = Answer(field=field, value=", ".join(_shown(value) for value in values.values()), rule=rule)
    if settings is None:
        return answer
    try:
        answer.row = row_at(settings, rule)
    except LookupError:
        answer.doubt = GONE if "[" in rule else "Left out in the settings: its default."
    else:
        answer.doubt = _doubt(answer.row, field, values)
    return answer


def _doubt(row: Any, field: str, values: Mapping[str, Any]) -> str:
    """Say what a row gives today where that is not what the document holds; templates are not filled in here."""
    given = row if isinstance(row, dict) else {_RESULTS.get(field, field): row}
    pairs = ((given.get(_RESULTS.get(name, name)), value) for name, value in values.items())
    changed = [
        f"{_shown(today)}, not {_shown(value)}"
        for today, value in pairs
        if isinstance(today, str | bool) and "{" not in str(today) and _shown(today) != _shown(value)
    ]
    return f"The row was changed since: it gives {'; '.join(changed)}." if changed else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)
