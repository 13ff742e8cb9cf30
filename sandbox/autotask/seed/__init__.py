"""The seed of the Autotask half: one Dutch MSP, deterministic by seed number and relative to the clock's date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.autotask.seed import companies, invoices, master, products, purchasing, work
from sandbox.autotask.seed.ground import Ground

if TYPE_CHECKING:
    from sandbox.context import Context


def fill(context: Context) -> None:
    """Fill all tables, rows that others refer to first."""
    ground = Ground(context)
    for part in (master, companies, products):
        part.fill(ground)
    origins = work.fill(ground)
    invoices.fill(ground, origins)
    purchasing.fill(ground)
