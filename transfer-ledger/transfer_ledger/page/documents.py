"""One document as the page shows it: its history, its lines, its totals here and there, the rules that made it."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
import re
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.documents import STREAMS, Problem, SalesInvoice, Totals
from transfer_ledger.people import CHOICES
from transfer_ledger.receipts import TOLERANCE
from transfer_ledger.report.documents import Row, read_rows
from transfer_ledger.schema import events, transfers
from transfer_ledger.transfers import Key, Transfer
from transfer_ledger.wording.details import EXPLAINED, field_name, happened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from sqlalchemy import Engine

    from transfer_ledger.causes import Explained
    from transfer_ledger.wording import Words

MACHINERY = {
    *("source", "rules", "problems", "own", "fields_won_by", "code_rule", "report_parts", "unless_dated"),
    *("when_missing", "when_voided", "when_corrected", "when_dated", "when_reopened", "when_not_found"),
}
"""Fields of a document that say how it is treated, or that stand elsewhere on its page."""
_decode_problems = msgspec.json.Decoder(list[Problem]).decode
_RULE = re.compile(r"^(?P<table>[\w.]+)\[(?P<row>\d+)\]")


class Event(msgspec.Struct, kw_only=True, frozen=True):
    """Something that happened to a document."""

    at: dt.datetime
    run_id: str
    event: str
    told: str
    """What there is to say about it."""
    message: str | None
    """The words it was said in, where those are others."""


class Told(msgspec.Struct, kw_only=True, frozen=True):
    """A problem, and what it means."""

    problem: Problem
    explained: Explained


class Rule(msgspec.Struct, kw_only=True, frozen=True):
    """Which row of which table of the settings gave a value."""

    field: str
    value: str
    table: str
    row: int | None
    """Counted from 1; None when the setting is no table."""
    lines: list[int]
    """Lines it holds for; empty for the document as a whole."""


class Side(msgspec.Struct, kw_only=True, frozen=True):
    """One total here and there."""

    name: str
    here: Decimal
    there: Decimal | None

    @property
    def differs(self) -> bool:
        """Whether it differs by a cent or more."""
        return self.there is not None and abs(self.here - self.there) > TOLERANCE


class View(msgspec.Struct, kw_only=True, frozen=True):
    """All that is shown of one document."""

    row: Row
    version: int
    state: str
    attempts: int
    reason: str
    dismissed_by: str | None
    told: list[Told]
    note: str
    """What there is to say of it where nothing is wrong, such as why it is left out."""
    history: list[Event]
    invoice: SalesInvoice | None
    content: list[tuple[str, str]]
    """Fields of a document that is no invoice."""
    totals: list[Side]
    rules: list[Rule]
    choices: list[str]
    """What a person can decide about it."""


def read(engine: Engine, transfer_id: int, words: Words) -> View | None:
    """Return a document with its history, None when there is none with this number."""
    names = ("version", "state", "attempts", "step", "document", "receipt_totals", "dismissed_by")
    query = sa.select(*(transfers.c[name] for name in names)).where(transfers.c.id == transfer_id)
    what = (events.c.at, events.c.run_id, events.c.event, events.c.detail)
    history = sa.select(*what).where(events.c.transfer_id == transfer_id).order_by(events.c.id)
    rows = read_rows(engine, [transfer_id])
    with engine.connect().execution_options(**READING) as connection:
        found = connection.execute(query).mappings().one_or_none()
        events_of = [_event(row, words) for row in connection.execute(history).mappings()]
    if found is None or not rows:
        return None
    row = rows[0]
    invoice, content = _content(row.kind, found["document"], words)
    problems = _decode_problems(row.problems)
    return View(
        row=row,
        version=found["version"],
        state=found["state"],
        attempts=found["attempts"],
        reason=row.reason or "",
        dismissed_by=found["dismissed_by"],
        told=[Told(problem=problem, explained=words.explain(problem.message)) for problem in problems],
        note=_note(row, problems, found["dismissed_by"], words),
        history=events_of,
        invoice=invoice,
        content=content,
        totals=_totals(invoice, found["receipt_totals"]),
        rules=[] if invoice is None else list(rules(invoice)),
        choices=_choices(found["state"], row),
    )


def _event(row: sa.RowMapping, words: Words) -> Event:
    detail = row["detail"] or ""
    told = happened(row["event"], detail, words)
    message = detail if told != detail and row["event"] in EXPLAINED else None
    return Event(at=row["at"], run_id=row["run_id"], event=row["event"], told=told, message=message)


def _note(row: Row, problems: list[Problem], dismissed_by: str | None, words: Words) -> str:
    if not row.reason or problems or row.standing not in {"skipped", "transferred"}:
        return ""
    return row.reason if dismissed_by else words.message(row.reason)


def _choices(state: str, row: Row) -> list[str]:
    key = Key("", row.kind, "", "", "", "")
    transfer = Transfer(key=key, offered_as="", state=state, problems=_decode_problems(row.problems))
    return [name for name, can in CHOICES.items() if can(transfer)]


def _content(kind: str, document: str | None, words: Words) -> tuple[SalesInvoice | None, list[tuple[str, str]]]:
    if document is None:
        return None, []
    if STREAMS.get(kind) is SalesInvoice:
        return msgspec.json.decode(document, type=SalesInvoice), []
    flat = _flat(msgspec.json.decode(document))
    told = ((path, words("yes") if value is True else str(value)) for path, value in flat)
    return None, [(field_name(path, words.language), value) for path, value in told]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what is filled in of any document and a person asks for, each with the path to it."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in (MACHINERY if not path else {"rules"}):
                yield from _flat(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _flat(item, f"{path} {number}")
    elif value is not None and value is not False and value != "":
        yield path, value


def _totals(invoice: SalesInvoice | None, receipt_totals: str | None) -> list[Side]:
    if invoice is None:
        return []
    there = None if receipt_totals is None else msgspec.json.decode(receipt_totals, type=Totals)
    return [
        Side(name=name, here=getattr(invoice.totals, name), there=getattr(there, name, None))
        for name in Totals.__struct_fields__
    ]


def rules(invoice: SalesInvoice) -> Iterator[Rule]:
    """Yield which settings made an invoice: those of the whole, then those of its lines, alike ones together."""
    for field, path in invoice.rules.items():
        yield _rule(field, str(getattr(invoice, field, "") or ""), path, [])
    alike: dict[tuple[str, str, str], list[int]] = {}
    for number, line in enumerate(invoice.lines, start=1):
        for field, path in line.rules.items():
            value = "" if field == "description" else str(getattr(line, field, "") or "")
            alike.setdefault((field, value, path), []).append(number)
    for (field, value, path), lines in alike.items():
        yield _rule(field, value, path, lines)


def _rule(field: str, value: str, path: str, lines: list[int]) -> Rule:
    found = _RULE.match(path)
    if found is None:
        return Rule(field=field, value=value, table=path, row=None, lines=lines)
    return Rule(field=field, value=value, table=found["table"], row=int(found["row"]) + 1, lines=lines)
