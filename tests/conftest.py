"""The sandbox, running: for the tests of every package.

``sandbox`` is what a test asks for. It is one server per worker of pytest-xdist, in a thread, on a free port; every
test that asks for it finds it reset to 12 companies and 20 invoices, with no calls, no faults and the clock at real
time::

    def test_it(sandbox: Sandbox) -> None:
        sandbox.reset(invoices=500, autotask={"threshold": 50})   # other options, a new seed
        sandbox.fault(kind="drop", system="exact_online", method="POST", nth=2)
        sandbox.put_row("autotask", "Invoices", {"id": 1501, "isVoided": True})
        ...                                                      # the client under test, against sandbox.url
        assert [call["status"] for call in sandbox.calls("autotask")] == [200, 200]
        assert sandbox.state("exact_online")["SalesInvoices"] == []

For annotations: ``if TYPE_CHECKING: from tests.conftest import Sandbox``. Options, faults and the control routes
are described in sandbox/README.md.
"""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import hypothesis
import pytest
import requests
import uvicorn

from sandbox import app, server

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = {"companies": 12, "invoices": 20}

# What else the machine does makes an example late, which says nothing of the code.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

LONGEST_FIRST = ("e2e", "pipeline")
"""Folders of which the tests take longest."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that workers end together; within that the order is pytest-randomly's."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    folder = item.path.parent.name
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


class Sandbox:
    """A running sandbox, by its control routes.

    Args:
        url: Its origin, such as ``http://127.0.0.1:40123``.
        globe_url: The origin of its Exact Globe, which has a port of its own.
    """

    autotask_headers: ClassVar = {
        "ApiIntegrationCode": "SANDBOXINTEGRATIONCODE00001",
        "UserName": "api@demo-msp.example",
        "Secret": "sandbox-secret",
    }
    """What signs a request in at the Autotask half."""

    globe_headers: ClassVar = {"ServerName": "SANDBOX\\EXACT", "DatabaseName": "100", "Accept": "application/json"}
    """What names the company at the Exact Globe half; NTLM signs in, as `globe_user` with `globe_password`."""
    globe_user: ClassVar = "DEMO\\svc-autotask"
    globe_password: ClassVar = "sandbox-password"

    def __init__(self, url: str, globe_url: str) -> None:
        self.url = url
        self.globe_url = globe_url
        self._session = requests.Session()

    def reset(self, **options: Any) -> None:
        """Begin anew, with the small seed unless the options say otherwise; calls and faults are forgotten."""
        self._control("POST", "reset", SMALL | options)

    def calls(self, system: str | None = None) -> list[dict[str, Any]]:
        """Return the calls since the reset, oldest first, of one system or of all."""
        found = self._control("GET", "calls")
        return [call for call in found if system in (None, call["system"])]

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        self._control("DELETE", "calls")

    def payments(self, event: str, invoices: dict[str, Any] | None = None, **more: Any) -> int | None:
        """Let something become of invoices, such as ``"pay", {"1501": "121.00"}, date="2026-10-25"``.

        An invoice is named by its id in Autotask or by its reference; None instead of an amount is all that is open.
        The number of the match is returned, by which it can be undone.
        """
        order = {"event": event, "invoices": invoices or {}, **more}
        number: int | None = self._control("POST", "payments", order)["payment"]
        return number

    def truth(self, name: str) -> Any:
        """Return what a scenario knows to be true, such as "receipts", numbers with a point as `Decimal`."""
        return self._control("GET", f"truth/{name}")

    def state(self, system: str) -> dict[str, list[dict[str, Any]]]:
        """Return all rows of a system by resource, numbers with a point as `Decimal`."""
        found: dict[str, list[dict[str, Any]]] = self._control("GET", f"state/{system}")
        return found

    def fault(self, **fault: Any) -> None:
        """Order a fault; see `sandbox.faults.Fault`."""
        self._control("POST", "faults", fault)

    def clear_faults(self) -> None:
        """Forget all faults."""
        self._control("DELETE", "faults")

    def clock(self, **order: Any) -> str:
        """Move the clock (``seconds=600``) or set it (``now="2026-11-02T09:00:00Z"``); return its time."""
        return str(self._control("POST", "clock", order)["now"])

    def put_row(self, system: str, resource: str, row: dict[str, Any]) -> dict[str, Any]:
        """Change, or add, a row behind the API's back, found by its key; return the row."""
        order = {"system": system, "resource": resource, "row": row}
        changed: dict[str, Any] = self._control("POST", "rows", order)
        return changed

    def delete_row(self, system: str, resource: str, key: Any) -> None:
        """Delete a row behind the API's back."""
        self._control("DELETE", "rows", {"system": system, "resource": resource, "key": key})

    def close(self) -> None:
        """Close the connection to it."""
        self._session.close()

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body, default=str)
        answer = self._session.request(method, f"{self.url}/_sandbox/{path}", data=data, timeout=60)
        if not answer.ok:
            raise AssertionError(f"The sandbox refused {method} {path}: {answer.text}")
        return json.loads(answer.content, parse_float=Decimal) if answer.content else None


SandboxServer = Sandbox
"""The session's own fixture, for a fixture of a wider scope than a test: reset it yourself."""


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    """Start one sandbox for all tests of a worker; ask for `sandbox` instead, which is reset."""
    sockets = [server.listen("127.0.0.1", 0) for _ in range(2)]
    ports = [listening.getsockname()[1] for listening in sockets]
    serving = uvicorn.Server(server.configure(app.Sandbox(SMALL, ports[1])))
    thread = threading.Thread(target=serving.run, kwargs={"sockets": sockets}, daemon=True)
    thread.start()
    running = Sandbox(*(f"http://127.0.0.1:{port}" for port in ports))
    yield running
    running.close()
    serving.should_exit = True
    thread.join(timeout=10)
    for listening in sockets:
        listening.close()


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    """Return the worker's sandbox as a test expects it: the small seed, nothing recorded, nothing broken."""
    sandbox_server.reset()
    return sandbox_server
