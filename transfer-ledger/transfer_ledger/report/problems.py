"""What is open or waits for a person, grouped by cause: what solves one of a group solves the others."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.documents import Problem
from transfer_ledger.report.documents import GROUPS, Row, read_rows
from transfer_ledger.schema import listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from transfer_ledger.wording import Words

_decode = msgspec.json.Decoder(list[Problem]).decode

SHOWN = 10
"""Documents of a group that are named; the rest is counted."""


class Group(msgspec.Struct, kw_only=True):
    """Documents that have one cause in common."""

    name: str
    """The name of the cause in the dictionary."""
    title: str
    advice: str
    message: str
    """What was said of the newest of them, in the words it was said in."""
    settings: dict[str, None]
    """Settings that would change it, in the order in which they were met."""
    amounts: dict[str, Decimal]
    """Currency to the sum of the documents' amounts, to the cent."""
    ids: list[int]
    """Numbers of the documents, newest first."""

    @property
    def count(self) -> int:
        """How many documents there are."""
        return len(self.ids)


class Told(msgspec.Struct, kw_only=True, frozen=True):
    """A group, and the first of its documents."""

    group: Group
    members: list[Row]

    @property
    def several(self) -> bool:
        """Whether they go to several places, so that two of them may have one name."""
        return len({row.administration for row in self.members}) > 1


def read_groups(engine: Engine, words: Words) -> list[Group]:
    """Return all groups, the largest first. A document with several problems is in several groups."""
    found: dict[str, Group] = {}
    for row in _rows(engine):
        for problem in _decode(row.problems):
            explained = words.explain(problem.message)
            key = f"{explained.name}/{explained.title}"
            if key not in found:
                found[key] = Group(
                    name=explained.name,
                    title=explained.title,
                    advice=explained.advice,
                    message=problem.message,
                    settings={},
                    amounts=defaultdict(Decimal),
                    ids=[],
                )
            _add(found[key], row, problem)
    return sorted(found.values(), key=lambda group: -group.count)


def with_members(engine: Engine, groups: Sequence[Group], shown: int = SHOWN) -> list[Told]:
    """Return groups with the first of their documents."""
    wanted = {number for group in groups for number in group.ids[:shown]}
    rows = {row.id: row for row in read_rows(engine, sorted(wanted))}
    return [
        Told(group=group, members=[rows[number] for number in group.ids[:shown] if number in rows]) for group in groups
    ]


def _rows(engine: Engine) -> list[sa.Row[Any]]:
    query = (
        sa.select(listing.c.transfer_id, listing.c.problems, listing.c.currency, listing.c.cents)
        .where(listing.c.standing.in_(GROUPS["waiting"]))
        .order_by(listing.c.transfer_id.desc())
    )
    with engine.connect().execution_options(**READING) as connection:
        return list(connection.execute(query))


def _add(group: Group, row: sa.Row[Any], problem: Problem) -> None:
    if problem.setting:
        group.settings[problem.setting] = None
    if group.ids and group.ids[-1] == row.transfer_id:
        return  # the same cause twice on one document
    group.ids.append(row.transfer_id)
    if row.cents is not None:
        group.amounts[row.currency or ""] += Decimal(row.cents) / 100
