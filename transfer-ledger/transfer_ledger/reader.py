"""Reads Singer messages from bytes, fast, and keeps what they hold out of error messages."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, NoReturn

import msgspec
from singer_sdk.exceptions import RecordsWithoutSchemaException
from singer_sdk.singerlib.encoding import GenericSingerReader
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class MessageReader(GenericSingerReader[bytes]):
    """Hands messages to a target; what stops the run goes to ``stop`` instead of up as a traceback."""

    stop: Callable[[Exception], NoReturn]

    @property
    @override
    def default_input(self) -> IO[bytes]:
        return sys.stdin.buffer

    @override
    def process_lines(
        self, file_input: IO[bytes] | None, callbacks: dict[str, Callable[[dict[str, Any]], None]]
    ) -> Counter[str]:
        try:
            return super().process_lines(file_input, callbacks)
        except (StopRun, SQLAlchemyError, RecordsWithoutSchemaException) as error:
            self.stop(error)

    @override
    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        try:
            return _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StopRun(
                f"A line of {len(line):,} bytes is no Singer message: {error}.",
                "The tap or the mapper broke off, or writes something else to its output; see its log.",
            ) from error

    @staticmethod
    @override
    def assert_line_requires(line_dict: dict[str, Any], requires: set[str]) -> None:
        missing = sorted(requires - line_dict.keys())
        if missing:
            raise StopRun(
                f"A {line_dict.get('type', 'Singer')} message lacks {', '.join(missing)}.",
                "Correct the tap or the mapper that wrote it.",
            )

    @override
    def _process_unknown_message(self, message_dict: dict[str, Any]) -> None:
        raise StopRun(f"There is no Singer message of type {message_dict['type']!r:.80}.", "Correct the tap or mapper.")
