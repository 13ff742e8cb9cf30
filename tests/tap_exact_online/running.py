"""One run of the tap in this process, and what it wrote."""

from __future__ import annotations

import contextlib
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_exact_online.tap import TapExactOnline

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

    from singer_sdk import Stream

    from tests.conftest import Sandbox

Row = dict[str, Any]


class Chosen(TapExactOnline):
    """The tap with some of its streams only, since the SDK copies the schema of each many times.

    Args:
        chosen: Their names; none: all of them.
        options: What the tap takes.
    """

    def __init__(self, chosen: Iterable[str], **options: Any) -> None:
        self._chosen = set(chosen)
        super().__init__(**options)

    @override
    def discover_streams(self) -> Sequence[Stream]:
        return [stream for stream in super().discover_streams() if not self._chosen or stream.name in self._chosen]


class Run:
    """A run of the tap with some streams selected.

    Args:
        settings: The settings of the tap.
        select: The streams that are read; none: none, though all are there.
        state: What the last run left.
        deselect: Columns left out, as ``stream.column``.
        after: Is called after every record with how many there were; to send a signal, say.
        options: What else the tap takes.
    """

    def __init__(
        self,
        settings: Row,
        select: Collection[str],
        state: Row | None = None,
        *,
        deselect: Iterable[str] = (),
        after: Callable[[TapExactOnline, int], None] | None = None,
        **options: Any,
    ) -> None:
        tap = Chosen(select, config=settings, state=json.loads(json.dumps(state or {})), **options)
        self.tap, self.exit_code = tap, 0
        chosen = set(select)
        for stream in tap.streams.values():
            stream.selected = stream.name in chosen
        for name, _, column in (each.partition(".") for each in deselect):
            tap.streams[name].metadata["properties", column].selected = False
            tap.streams[name]._mask = None
        _call_after_records(tap, after)
        self.messages: list[Row] = []
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        try:
            with contextlib.redirect_stdout(out):
                tap.sync_all()
        except SystemExit as end:
            self.exit_code = int(end.code or 0)
        finally:
            out.seek(0)
            self.messages += [json.loads(line, parse_float=Decimal) for line in out]

    def of(self, stream: str) -> list[Row]:
        """Return the records of a stream."""
        return [each["record"] for each in self.messages if each["type"] == "RECORD" and each["stream"] == stream]

    @property
    def states(self) -> list[Row]:
        """The values of all STATE messages."""
        return [each["value"] for each in self.messages if each["type"] == "STATE"]

    @property
    def state(self) -> Row:
        """The last state."""
        return self.states[-1]

    def bookmark(self, stream: str, place: int = 0) -> Row:
        """Return the state of a stream in one administration."""
        found: Row = self.state["bookmarks"][stream]["partitions"][place]
        return found


def _call_after_records(tap: TapExactOnline, after: Callable[[TapExactOnline, int], None] | None) -> None:
    if after is None:
        return
    writer, count = tap.message_writer, iter(range(1, 1_000_000))
    write = writer.write_message

    def watched(message: Any) -> None:
        write(message)
        if message.type == "RECORD":
            after(tap, next(count))

    writer.write_message = watched  # type: ignore[method-assign]


def signal_at(record: int, signum: int = 15) -> Callable[[TapExactOnline, int], None]:
    """Return what sends a tap a signal after so many records."""
    return lambda tap, count: tap._handle_termination(signum, None) if count == record else None


def sandbox_settings(sandbox: Sandbox, folder: Path, **more: Any) -> Row:
    """Return the settings that reach the sandbox."""
    return {
        "api_url": sandbox.url,
        "division": 1234567,
        "client_id": "{00000000-0000-4000-8000-000000000001}",
        "client_secret": "sandbox-client-secret",
        "refresh_token": "sandbox-refresh-token",
        "token_file": str(folder / "tokens.json"),
        **more,
    }


def paths(sandbox: Sandbox) -> list[str]:
    """Return the resources that were called, in order."""
    return [call["path"].partition("/1234567/")[2] or call["path"] for call in sandbox.calls("exact_online")]
