"""Half years that are played into all systems when an option asks for them, and what is known to be true of them.

A scenario knows what it did: its truth is computed from its own plan and never read back from a system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.scenarios import fates, receipts
from sandbox.scenarios.payments import Payments

if TYPE_CHECKING:
    from sandbox.context import Context


def play(context: Context) -> None:
    """Play what the options ask for; called when all halves are seeded."""
    if context.options.receipts:
        receipts.play(context)
    payments = context.payments = Payments(context)
    if context.options.payments:
        fates.play(payments)
    context.truths["payments"] = payments.truth
