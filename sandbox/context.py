"""What the halves of the sandbox share, and what a half is.

A half is a module that offers ``routes``, ``seed`` and ``state``. A reset makes a new context, lets every half seed
it and builds the routes anew: a half keeps its state in the context or in what its ``routes`` closes over, never in
its module.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Scope

    from sandbox.clock import Clock
    from sandbox.options import Options
    from sandbox.store import Row
    from sandbox.world import World


@dataclass
class Context:
    """One life of the sandbox, from reset to reset."""

    options: Options
    clock: Clock
    world: World
    store: Store = field(default_factory=Store)
    halves: dict[str, Any] = field(default_factory=dict)
    """Whatever a half wants to find again in its routes, under its system's name."""
    payments: Any = None
    """The sandbox's own bookkeeper, `sandbox.scenarios.payments.Payments`."""
    truths: dict[str, Callable[[], Any]] = field(default_factory=dict)
    """What a scenario knows to be true of what it played, by its name."""

    def random(self, purpose: str) -> random.Random:
        """Return the seed's own stream of chance for one purpose, so that no half disturbs another's."""
        return random.Random(f"{self.options.seed}/{purpose}")


class Gate(Protocol):
    """What signs connections in, before a fault can strike."""

    def admit(self, scope: Scope) -> str | Response:
        """Return the user, or the answer that asks who it is."""


class Half(Protocol):
    """One simulated system.

    It may also offer ``PAGE``: resource to columns, what a person wants to see first; and ``gate``, which returns the
    `Gate` of a context.
    """

    def seed(self, context: Context) -> None:
        """Add the system's tables to the store and fill them. Raise `OptionsError` for a wrong switch."""

    def routes(self, context: Context) -> list[BaseRoute]:
        """Return the routes, paths in full; called after ``seed``."""

    def state(self, context: Context) -> dict[str, list[Row]]:
        """Return all rows by resource, as the vendor names both."""
