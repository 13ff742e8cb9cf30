"""What the page, the report and the mail need: a narrow copy of transfers, what people did, calls of a run."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from sqlalchemy import RowMapping

revision = "0003"
down_revision = "0002"

CHUNK = 500
"""Rows written with one statement."""


def upgrade() -> None:
    """Add tables, columns and indexes, and fill the copy from the transfers there are."""
    op.add_column("transfers", sa.Column("answered", sa.Text))
    op.add_column("transfers", sa.Column("dismissed_by", sa.String(64)))
    op.add_column("runs", sa.Column("calls", sa.Integer))
    op.create_index("runs_started", "runs", ["started_at"])
    op.create_index("events_run", "events", ["run_id", "id"])
    _people()
    listing = _listing()
    found = _transfers(op.get_bind())
    while rows := [row for _, row in zip(range(CHUNK), found, strict=False)]:
        op.bulk_insert(listing, rows)


def _name(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), nullable=False)


def _moment(name: str) -> sa.Column[dt.datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _people() -> None:
    op.create_table(
        "actions",
        sa.Column("id", sa.Integer, primary_key=True),
        _moment("at"),
        sa.Column("who", sa.String(200), nullable=False),
        _name("action"),
        sa.Column("transfer_id", sa.Integer, sa.ForeignKey("transfers.id")),
        sa.Column("detail", sa.Text),
    )
    op.create_index("ix_actions_transfer_id", "actions", ["transfer_id"])
    op.create_table(
        "mails", sa.Column("id", sa.Integer, primary_key=True), _moment("at"), _name("policy"), _name("digest")
    )


def _listing() -> sa.Table:
    table = op.create_table(
        "listing",
        sa.Column("transfer_id", sa.Integer, sa.ForeignKey("transfers.id"), primary_key=True),
        *map(_name, ("administration", "kind", "standing")),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("receipt_words", sa.Text, nullable=False),
        sa.Column("invoice_date", sa.Date),
        sa.Column("currency", sa.Text),
        sa.Column("cents", sa.BigInteger),
        sa.Column("outstanding", sa.BigInteger),
        sa.Column("problems", sa.Text, nullable=False),
    )
    op.create_index("listing_standing", "listing", ["administration", "kind", "standing"])
    return table


_COPIED = ("administration", "kind", "invoice_date", "currency")
_SEARCHED = ("number", "reference", "source_id", "customer_name")
_READ = (*_COPIED, *_SEARCHED, "id", "state", "document", "problems", "reason", "gross", "receipt_number")


def _transfers(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Yield the copy of each transfer, by pages: one connection cannot read and write at once everywhere."""
    old = sa.table(
        "transfers", *map(sa.column, _READ[:2]), sa.column("invoice_date", sa.Date), *map(sa.column, _READ[3:])
    )
    last = 0
    while (
        rows := connection.execute(sa.select(old).where(old.c.id > last).order_by(old.c.id).limit(CHUNK))
        .mappings()
        .all()
    ):
        yield from map(_copy, rows)
        last = rows[-1]["id"]


def _copy(row: RowMapping) -> dict[str, Any]:
    attention = row["state"] == "transferred" and row["problems"] != "[]"
    return {
        "transfer_id": row["id"],
        **{name: row[name] for name in _COPIED},
        "standing": "attention" if attention else row["state"],
        "words": " ".join(filter(None, (row[name] for name in _SEARCHED))).casefold(),
        "receipt_words": (row["receipt_number"] or "").casefold(),
        "cents": _cents(row["gross"]),
        "outstanding": _cents(json.loads(row["document"] or "{}", parse_float=str).get("open_amount")),
        "problems": _problems(row),
    }


def _cents(amount: object) -> int | None:
    return None if amount is None else round(Decimal(str(amount)) * 100)


def _problems(row: RowMapping) -> str:
    if row["problems"] != "[]" or row["state"] in {"transferred", "skipped"}:
        return str(row["problems"]) if row["state"] != "skipped" else "[]"
    reason = row["reason"] or f"It is {row['state']}."
    return json.dumps([{"field": "", "value": "", "message": reason, "setting": None}], ensure_ascii=False)
