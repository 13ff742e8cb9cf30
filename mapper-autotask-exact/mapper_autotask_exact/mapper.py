"""The Singer mapper: expanded records in, documents out, everything else passed on as it came.

A crash here would make Meltano kill the target in the middle of a write, so nothing in the data raises. What cannot
be read at all is logged, no STATE is passed on after it (so that the next run reads it again), and the exit code
at the end is 1.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecWriter, decoder
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from singer_sdk.mapper_base import InlineMapper
from singer_sdk.singerlib.encoding import GenericSingerReader
from singer_sdk.singerlib.messages import Message
from typing_extensions import override

from mapper_autotask_exact import schema, settings
from mapper_autotask_exact.routes import ROUTES
from transfer_ledger import documents
from transfer_ledger.documents import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from mapper_autotask_exact.routes import Route

logger = logging.getLogger("mapper-autotask-exact")

_NOTHING: dict[str, Any] = {"type": "NOTHING"}


@dataclass(slots=True)
class PlainMessage(Message):
    """A message that is written as it stands here."""

    content: dict[str, Any]

    @override
    def to_dict(self) -> dict[str, Any]:
        return self.content


class LineReader(GenericSingerReader[bytes]):
    """Reads messages as bytes; counts what is no message, and names it without its content."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0

    @property
    @override
    def default_input(self) -> IO[bytes]:
        return sys.stdin.buffer

    @override
    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        try:
            message = decoder.decode(line) if line.strip() else _NOTHING
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.lose(f"A line of {len(line)} bytes is not JSON ({type(error).__name__})")
            return _NOTHING
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            self.lose(f"A line of {len(line)} bytes is no Singer message")
            return _NOTHING
        return message

    @override
    def _process_unknown_message(self, message_dict: dict[str, Any]) -> None:
        if message_dict is not _NOTHING:
            self.lose("A message has a type that Singer does not know")

    def lose(self, what: str) -> None:
        """Count and log something that could not be handed on."""
        self.lost += 1
        logger.error("%s. It is left out, and no STATE is passed on from here, so that it is read again.", what)


class LineWriter(MsgSpecWriter):
    """Writes whole lines: a signal that comes while one is written waits until it is complete."""

    def __init__(self) -> None:
        super().__init__()
        self.writing = False
        self.signal = 0

    @override
    def write_message(self, message: Message) -> None:
        self.writing = True
        try:
            self._write(bytes(self.format_message(message)))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            logger.error("The target stopped reading; see its own log.")  # noqa: TRY400 - where we were says nothing
            sys.exit(128 + self.signal if self.signal else 1)
        self.writing = False
        if self.signal:
            sys.exit(128 + self.signal)

    def _write(self, line: bytes) -> None:
        """Write all of a line: with PYTHONUNBUFFERED a signal cuts a single write short."""
        while line:
            line = line[sys.stdout.buffer.write(line) :]
        sys.stdout.flush()


class MapperAutotaskExact(InlineMapper):
    """Singer mapper from records of Autotask to documents for Exact, and back."""

    name = "mapper-autotask-exact"
    capabilities: ClassVar[list[CapabilitiesEnum]] = [PluginCapabilities.ABOUT, PluginCapabilities.STRUCTURED_LOGGING]
    config_jsonschema = schema.CONFIG
    message_reader_class = LineReader
    message_writer_class = LineWriter
    message_reader: LineReader
    message_writer: LineWriter

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self.settings = settings.Settings()
        try:
            self.settings = settings.load(self._config)
        except settings.SettingsError as error:
            if raise_errors:
                raise ConfigValidationError(str(error), errors=error.errors, schema=schema.CONFIG) from error
            return error.errors
        return []

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        self.logger.info("Stopped by %s.", signal.Signals(signum).name)
        if self.message_writer.writing:
            self.message_writer.signal = signum
        else:
            sys.exit(128 + signum)

    @override
    def process_endofpipe(self) -> None:
        if self.message_reader.lost:
            self.logger.error("%d messages were left out; see above.", self.message_reader.lost)
            sys.exit(1)

    def _route(self, message_dict: dict[str, Any]) -> Route | None:
        """Return what becomes of a message's stream; None when it passes through."""
        route = ROUTES.get(str(message_dict.get("stream")))
        return route if route and getattr(self.settings, route.area) is not None else None

    @override
    def map_schema_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        route = self._route(message_dict)
        if route:
            message_dict = {
                "type": "SCHEMA",
                "stream": route.kind,
                "schema": documents.schema(route.kind),
                "key_properties": documents.KEY_PROPERTIES,
            }
        yield PlainMessage(message_dict)

    @override
    def map_record_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        route = self._route(message_dict)
        if route is None:
            yield PlainMessage(message_dict)
        elif (document := self._document(message_dict, route)) is not None:
            message = {"type": "RECORD", "stream": route.kind, "record": documents.encode(document)}
            extracted = message_dict.get("time_extracted")
            yield PlainMessage(message | {"time_extracted": extracted} if extracted else message)

    @override
    def map_state_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        if not self.message_reader.lost:
            yield PlainMessage(message_dict)

    @override
    def map_activate_version_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        if self._route(message_dict) is None:
            yield PlainMessage(message_dict)

    @override
    def map_batch_message(self, message_dict: dict[str, Any]) -> Iterable[Message]:
        if self._route(message_dict):
            stream = message_dict["stream"]
            self.message_reader.lose(f"A BATCH of {stream} cannot be mapped; switch off batch_config in the tap")
        else:
            yield PlainMessage(message_dict)

    def _document(self, message_dict: dict[str, Any], route: Route) -> documents.Document | None:
        """Map a record; one that cannot be mapped becomes a document with a problem, as long as it has an id."""
        record = message_dict.get("record")
        if not isinstance(record, dict) or record.get(route.key, "") in (None, ""):
            self.message_reader.lose(f"A record of {message_dict['stream']} has no {route.key}")
            return None
        try:
            return route.document(record, getattr(self.settings, route.area))
        except Exception as error:  # noqa: BLE001 - a crash would kill the target in the middle of a write
            place = traceback.extract_tb(error.__traceback__)[-1]
            key = str(record[route.key])
            self.logger.error(  # noqa: TRY400 - the message of the error could hold a customer's data
                "%s with id %s cannot be mapped: unexpected %s.\n%s",
                route.noun,
                key,
                type(error).__name__,
                "".join(traceback.format_tb(error.__traceback__)),
            )
            return route.unmapped(record, _unexpected(error, key, f"{Path(place.filename).name}:{place.lineno}"))


def _unexpected(error: Exception, key: str, place: str) -> Problem:
    return Problem(
        field="record",
        value=key,
        message=f"unexpected {type(error).__name__} at {place} of the mapper: a field holds what it should not, or the "
        "mapper has a mistake; report it with the log of this run",
    )
