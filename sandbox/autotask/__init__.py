"""Autotask PSA's REST API 1.0, simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from sandbox.context import Context
    from sandbox.store import Row

__all__ = ["routes", "seed", "state"]

SYSTEM = "autotask"


def seed(context: Context) -> None:
    """Fill the tables."""
    context.store.add(SYSTEM, "Companies", "id")


def routes(_context: Context) -> list[BaseRoute]:
    """Return the routes."""
    return []


def state(context: Context) -> dict[str, list[Row]]:
    """Return all rows by entity."""
    return {name: list(table) for name, table in context.store.tables(SYSTEM).items()}
