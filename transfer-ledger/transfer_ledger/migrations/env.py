"""Run by Alembic: migrates over the connection that ``transfer_ledger.database`` hands in."""

from __future__ import annotations

from alembic import context

from transfer_ledger import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    transactional_ddl=True,
)
context.run_migrations()
