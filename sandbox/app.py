"""The sandbox as one ASGI application: assembly of the systems, the record, the faults, the control routes."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import Response
from starlette.routing import Router

from sandbox import control, faults, recording, scenarios
from sandbox.clock import Clock
from sandbox.context import Context
from sandbox.options import Options, convert, merge
from sandbox.wire import IN_FLIGHT, USER
from sandbox.world import build_world

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sandbox.context import Half

PREFIXES = {"autotask": ("/atservicesrest",), "exact_online": ("/api/", "/docs/")}
"""Under which paths each system answers; capitals do not matter."""
GLOBE = "exact_globe"
"""The system that has a port of its own."""

HALVES: dict[str, Half] = {
    system: cast("Half", importlib.import_module(f"sandbox.{system}"))
    for system in (*PREFIXES, GLOBE)
    if importlib.util.find_spec(f"sandbox.{system}")
}


class Sandbox:
    """The application.

    Args:
        scenario: Options that hold until a reset changes some; see `sandbox.options.Options`.
        globe_port: The port on which Exact Globe answers, and nothing else does; None: it has none.
    """

    def __init__(self, scenario: dict[str, Any] | None = None, globe_port: int | None = None) -> None:
        self.globe_port = globe_port
        self.scenario = scenario or {}
        self.calls: list[recording.Call] = []
        self.faults = faults.Faults()
        self.in_flight: dict[str, list[str]] = {system: [] for system in HALVES}
        self.halves = HALVES
        self.control = Router(control.routes(self))
        self.reset({})

    def reset(self, changes: dict[str, Any]) -> None:
        """Begin anew: all rows from the seed, no calls, no faults, the clock where it started.

        Args:
            changes: Options that differ from the scenario the sandbox was started with.

        Raises:
            OptionsError: An option is wrong; everything stays as it was.
        """
        options = convert(merge(self.scenario, changes), Options)
        clock = Clock(options.now, options.time_scale)
        context = Context(options, clock, build_world(options.seed, options.companies))
        for half in HALVES.values():
            half.seed(context)
        scenarios.play(context)
        context.store.settle()
        self.routers = {system: Router(half.routes(context)) for system, half in HALVES.items()}
        self.gates = {system: half.gate(context) for system, half in HALVES.items() if hasattr(half, "gate")}
        self.context = context
        self.calls.clear()
        self.faults.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        is_globe = self.globe_port is not None and scope["server"][1] == self.globe_port
        system = GLOBE if is_globe else system_of(scope["path"])
        if system in self.routers:
            await self._recorded(system, scope, receive, send)
        else:
            await self.control(scope, receive, send)

    async def _recorded(self, system: str, scope: Scope, receive: Receive, send: Send) -> None:
        clock, router = self.context.clock, self.routers[system]
        call = recording.new_call(system, scope, clock)
        self.calls.append(call)
        under_way = self.in_flight[system]
        scope[IN_FLIGHT] = tuple(under_way)
        under_way.append(call.path)
        try:
            receive = await recording.read_body(call, receive)
            send = recording.counted_send(call, clock, send)
            admitted = self.gates[system].admit(scope) if system in self.gates else ""
            if isinstance(admitted, Response):
                await admitted(scope, receive, send)
                return
            scope[USER] = admitted
            struck = self.faults.due(system, call.method, call.path)
            await faults.strike(struck, router, scope, receive, send)
        finally:
            under_way.remove(call.path)


def system_of(path: str) -> str:
    """Return which system a path belongs to; empty: none."""
    lowered = path.lower()
    return next((system for system, prefixes in PREFIXES.items() if lowered.startswith(prefixes)), "")
