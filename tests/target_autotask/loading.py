"""The target on the sandbox, in this process; what it waits is not waited but remembered."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import msgspec

from target_autotask.target import TargetAutotask

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from tests.conftest import Sandbox

OWNER = 29682886
encode = msgspec.json.Encoder(decimal_format="number").encode
Message = dict[str, Any]


def company(number: str, **fields: Any) -> Message:
    """Return a record with all that a new company needs."""
    return {
        "companyNumber": number,
        "companyName": f"Bedrijf {number}",
        "companyType": 1,
        "ownerResourceID": OWNER,
        "phone": "+31 20 555 0100",
        **fields,
    }


def stream(name: str, *records: Message, state: Any = "later") -> list[Message]:
    """Return the messages of a stream: its schema, its records, a state."""
    return [
        {"type": "SCHEMA", "stream": name, "schema": {"properties": {}}, "key_properties": []},
        *({"type": "RECORD", "stream": name, "record": record} for record in records),
        {"type": "STATE", "value": {"bookmarks": {name: {"replication_key_value": state}}}},
    ]


def lines(messages: Iterable[Message]) -> bytes:
    """Return messages as a tap writes them."""
    return b"".join(encode(message) + b"\n" for message in messages)


class Loaded:
    """How a run ended.

    Args:
        code: Its exit code.
        states: What it wrote.
        log: What it said.
        calls: Method, path below ``/V1.0/`` and status of each of its calls.
        waits: What it waited, in seconds.
    """

    def __init__(self, code: int, states: list[Any], log: list[str], calls: list[str], waits: list[float]) -> None:
        self.code, self.states, self.log, self.calls, self.waits = code, states, log, calls, waits

    @property
    def failures(self) -> list[str]:
        """What was said about records that failed."""
        return [line for line in self.log if ": failed: " in line]

    def count(self, part: str) -> int:
        """Return how many calls have this in method or path."""
        return sum(part in call for call in self.calls)


class Dock:
    """Where cargo is loaded into the sandbox."""

    def __init__(self, sandbox: Sandbox, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
        self.sandbox = sandbox
        self._capsys, self._caplog = capsys, caplog

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Return settings that reach the sandbox."""
        return {
            "api_url": f"{self.sandbox.url}/ATServicesRest",
            "username": "api@demo-msp.example",
            "secret": "sandbox-secret",
            "integration_code": "SANDBOXINTEGRATIONCODE00001",
            "keys": {"companies": ["companyNumber"]},
            **changes,
        }

    def load(self, messages: Iterable[Message] | bytes, **settings: Any) -> Loaded:
        """Run the target on messages to its end."""
        waits: list[float] = []
        self.sandbox.clear_calls()
        self._caplog.clear()
        target = TargetAutotask(config=self.settings(**settings), wait=waits.append)
        code: Any = 0
        try:
            target.listen(io.BytesIO(messages if isinstance(messages, bytes) else lines(messages)))  # type: ignore[arg-type]
        except SystemExit as end:
            code = end.code or 0
        states = [msgspec.json.decode(line) for line in self._capsys.readouterr().out.splitlines()]
        return Loaded(code, states, [entry.getMessage() for entry in self._caplog.records], self._calls(), waits)

    def _calls(self) -> list[str]:
        return [
            f"{call['method']} {call['path'].partition('/V1.0/')[2]} {call['status']}"
            for call in self.sandbox.calls("autotask")
        ]

    def rows(self, entity: str, **values: Any) -> list[dict[str, Any]]:
        """Return the rows of an entity that have these values."""
        found = self.sandbox.state("autotask")[entity]
        return [row for row in found if all(row.get(name) == value for name, value in values.items())]

    def row(self, entity: str, **values: Any) -> dict[str, Any]:
        """Return the only row that has these values."""
        (found,) = self.rows(entity, **values)
        return found
