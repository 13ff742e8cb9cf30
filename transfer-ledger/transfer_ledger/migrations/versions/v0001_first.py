"""Transfers with their events, runs, links, kept master data, and what was found in the receiving system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    import datetime as dt

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    _transfers()
    _history()
    _kept_copies()
    _found()


def _name(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), primary_key=primary_key, nullable=nullable)


def _key(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(200), primary_key=primary_key, nullable=nullable)


def _text(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _amount(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(50), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[dt.datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


SOURCE = ("administration", "kind", "source_system", "source_tenant", "source_stream")


def _transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer, primary_key=True),
        *map(_name, SOURCE),
        _key("source_id"),
        _key("offered_as"),
        _text("source_url"),
        _name("state"),
        sa.Column("version", sa.Integer, nullable=False),
        _name("run_id"),
        _name("step", nullable=True),
        _text("steps", nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _name("fingerprint", nullable=True),
        _name("offered_fingerprint", nullable=True),
        *map(_text, ("document", "number", "reference", "customer_name", "currency")),
        _amount("gross"),
        sa.Column("invoice_date", sa.Date),
        _key("receipt_id", nullable=True),
        *map(_text, ("receipt_number", "receipt_url", "receipt_totals", "reason", "advice")),
        _text("problems", nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("settled_at", nullable=True),
    )
    op.create_index("transfers_source", "transfers", [*SOURCE, "source_id"], unique=True)
    op.create_index("transfers_receipt", "transfers", ["administration", "kind", "receipt_id"], unique=True)
    op.create_index("transfers_state", "transfers", ["administration", "kind", "state"])


def _history() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("transfer_id", sa.Integer, sa.ForeignKey("transfers.id"), nullable=False),
        _moment("at"),
        _name("run_id"),
        _name("event"),
        _text("detail"),
    )
    op.create_index("ix_events_transfer_id", "events", ["transfer_id"])
    op.create_table(
        "runs",
        _name("id", primary_key=True),
        _name("administration"),
        _name("target"),
        _key("host"),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("process_started", sa.Float, nullable=False),
        _moment("started_at"),
        _moment("heartbeat_at"),
        _moment("finished_at", nullable=True),
        _text("counts"),
        sa.Column("exit_code", sa.Integer),
    )


def _kept_copies() -> None:
    op.create_table(
        "links",
        *(_name(name, primary_key=True) for name in ("administration", "kind", "source_system", "source_tenant")),
        _key("source_id", primary_key=True),
        _key("receiver_id"),
        _text("receiver_code"),
        _name("state"),
        _text("reasons", nullable=False),
        _moment("updated_at"),
    )
    op.create_table(
        "master_data",
        _name("administration", primary_key=True),
        _name("resource", primary_key=True),
        _key("id", primary_key=True),
        _key("code", nullable=True),
        _text("data", nullable=False),
    )
    op.create_index("master_data_code", "master_data", ["administration", "resource", "code"])
    op.create_table(
        "master_data_stamps",
        _name("administration", primary_key=True),
        _name("resource", primary_key=True),
        _text("stamp"),
        _moment("read_at"),
    )


def _found() -> None:
    op.create_table(
        "baselines",
        _name("administration", primary_key=True),
        _name("kind", primary_key=True),
        _moment("scanned_at"),
        sa.Column("found", sa.Integer, nullable=False),
    )
    op.create_table(
        "found",
        _name("administration", primary_key=True),
        _name("kind", primary_key=True),
        _key("id", primary_key=True),
        _key("reference"),
        _key("customer_id"),
        _amount("gross", nullable=False),
        _text("number"),
        sa.Column("date", sa.Date),
        _text("url"),
    )
    op.create_index("found_reference", "found", ["administration", "kind", "reference"])
