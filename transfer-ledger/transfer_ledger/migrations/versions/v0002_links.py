"""Links by pair, with names and what both sides agreed on: a record may be proposed or refused with several."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SOURCE = ("administration", "kind", "source_system", "source_tenant")


def upgrade() -> None:
    """Make the table anew, with the links there were."""
    op.rename_table("links", "links_before")
    op.create_table(
        "links",
        *(sa.Column(name, sa.String(64), primary_key=True, nullable=False) for name in SOURCE),
        *(sa.Column(name, sa.String(200), primary_key=True, nullable=False) for name in ("source_id", "receiver_id")),
        *(sa.Column(name, sa.Text) for name in ("source_code", "source_name", "receiver_code", "receiver_name")),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    kept = (*SOURCE, "source_id", "receiver_id", "receiver_code", "state", "reasons", "updated_at")
    listed = ", ".join(kept)
    op.execute(f"INSERT INTO links ({listed}, base) SELECT {listed}, '{{}}' FROM links_before")  # noqa: S608 - fixed names
    op.drop_table("links_before")
    op.create_index(
        "links_confirmed",
        "links",
        [*SOURCE, "source_id"],
        unique=True,
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    )
