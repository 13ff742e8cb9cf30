"""A Singer target for documents: one ledger, one protocol, an orderly end, an honest exit code."""

from __future__ import annotations

import datetime as dt
import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol, TypeVar, runtime_checkable

import msgspec
from singer_sdk import Target
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import LedgerError, StopRun
from transfer_ledger.ledger import Ledger, utc_now
from transfer_ledger.ledger_run import LedgerRun
from transfer_ledger.open_keys import OpenKeys, Origin
from transfer_ledger.reader import MessageReader
from transfer_ledger.rehearsal import STOPPED, ForgetfulLedger, Rehearsal, examined, told_of
from transfer_ledger.settings import SDK_SETTINGS, unknown
from transfer_ledger.summary import Tally, progress_line, sentences, summary_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from types import FrameType

    from transfer_ledger.books import Booked
    from transfer_ledger.documents import Document, Source
    from transfer_ledger.ledger import Run
    from transfer_ledger.outcomes import Outcome
    from transfer_ledger.rehearsal import Finding
    from transfer_ledger.sinks import LedgerSink
    from transfer_ledger.transfers import Transfer

ProtocolT = TypeVar("ProtocolT")

STATE_INTERVAL = dt.timedelta(seconds=1)
PROGRESS_INTERVAL = dt.timedelta(seconds=10)

_encode = msgspec.json.Encoder(decimal_format="number").encode


@runtime_checkable
class Finishing(Protocol):
    """A sink with something to do when the tap has ended well."""

    def finish(self) -> None:
        """Do it."""


class DocumentTarget(Target):
    """A Singer target for documents.

    ``clock`` gives the present moment with its zone, ``wait`` lets seconds pass; both are given by tests.
    """

    sink_classes: ClassVar[dict[str, type[LedgerSink]]] = {}
    """Kind of document, which is the stream it comes in, to its sink."""

    capabilities: ClassVar[list[CapabilitiesEnum]] = [PluginCapabilities.ABOUT, PluginCapabilities.STRUCTURED_LOGGING]
    message_reader_class = MessageReader
    message_reader: MessageReader

    def __init__(
        self,
        *,
        clock: Callable[[], dt.datetime] = utc_now,
        wait: Callable[[float], None] = time.sleep,
        **options: Any,
    ) -> None:
        self.clock = clock
        self.wait = wait
        self.tally = Tally()
        self._open_keys = OpenKeys(self._known)
        self._ledger: Ledger | None = None
        self._run: LedgerRun | None = None
        self._rehearsal: Rehearsal | None = None
        self._signal: int | None = None
        self._working = True
        self._finished = False
        self._news = False
        self._state_at = self._progress_at = clock()
        super().__init__(**options)
        self.max_parallelism = 1
        self.tally.rehearsed = self.config["dry_run"]
        self.message_reader.stop = self._stop
        self._end_of_work()

    @property
    def administration(self) -> str:
        """The key of the administration that is written to, as the ledger keeps it; no remote call."""
        raise NotImplementedError

    @property
    def ledger(self) -> Ledger:
        """The ledger named by ``ledger_url``, opened and migrated on first use.

        Raises:
            StopRun: it cannot be used.
        """
        if self._ledger is None:
            kind = ForgetfulLedger if self.config["dry_run"] else Ledger
            self._ledger = kind.open(self.config["ledger_url"], self.clock)
        return self._ledger

    @property
    def rehearsal(self) -> Rehearsal | None:
        """What takes down the writes of a dry run; None in a real run.

        Raises:
            StopRun: its file cannot be written.
        """
        if self._rehearsal is None and self.config["dry_run"]:
            path = self.config.get("dry_run_file")
            self._rehearsal = Rehearsal(self.name, self.administration, path, self.clock())
        return self._rehearsal

    @property
    def stop_requested(self) -> bool:
        """Whether a signal asked to stop: a long wait before a write should then end in ``StopRun``."""
        return self._signal is not None

    def progress_facts(self) -> Sequence[str]:
        """Return what else to say about progress, such as ``48 calls left this minute``; called now and then."""
        return ()

    def summary_facts(self) -> Sequence[str]:
        """Return what else to say at the end, such as ``412 calls used, 4,588 left today``."""
        return self.progress_facts()

    def calls_used(self) -> int | None:
        """Return how many calls this run made to the receiving system, None when they are not counted."""
        return None

    def expect(self, stream: str) -> None:
        """Take in that a check without documents is to look at what this stream needs."""

    def regard(self, document: Any) -> None:
        """Take in a document of a dry run, for ``examine``."""

    def examine(self) -> Iterable[Finding]:
        """Find what would fail beside the documents themselves, at the end of a dry run: rights, periods, quota."""
        return ()

    def examined_facts(self) -> Sequence[str]:
        """Return what a dry run saw beside the documents that is well, such as the name of the administration."""
        return ()

    def booked(self, first: dt.date, last: dt.date) -> Iterable[Booked]:
        """Yield what the receiving system holds that is dated in a period; for ``transfers reconcile``.

        Raises:
            StopRun: it cannot be read.
        """
        raise StopRun(f"{self.name} cannot tell what it holds from {first} until {last}.", "Reconcile another job.")

    @property
    def calls_needed(self) -> int:
        """How many writes a dry run took down."""
        return 0 if self._rehearsal is None else self._rehearsal.taken_down

    def choices(self, problem: Problem) -> Sequence[str]:  # noqa: ARG002 - by default nothing is known
        """Return what the receiving system has for a problem, as ``code name``, for a person to choose from."""
        return ()

    def open_kind(self, kind: str, make: Callable[[Ledger, Run, Callable[[Transfer], bool]], ProtocolT]) -> ProtocolT:
        """Take the lock of a kind of document and return the protocol for it; called by its sink.

        Raises:
            StopRun: another run holds the lock, or the ledger cannot be used.
        """
        if self.rehearsal is not None:
            return make(self.ledger, self.rehearsal.run, lambda _: False)
        if self._run is None:
            self._run = LedgerRun(self.ledger, self.administration, self.name)
        protocol = self._run.open_kind(
            kind,
            make,
            self.config["lock_timeout"],
            doubt_seconds=self.config["doubt_seconds"],
            wait=self.wait,
            stopped=lambda: self.stop_requested,
        )
        self._open_keys.load(kind, self.ledger.open_sources(self.administration, kind))
        return protocol

    def note(self, kind: str, source: Source, label: str, outcome: Outcome, document: Document | None = None) -> None:
        """Take in what became of a document, None when the record was none; called by its sink.

        Raises:
            StopRun: nothing more can be sent.
        """
        self._open_keys.note(kind, source, settled=outcome.settled)
        self.tally.add(label, outcome, source.offered)
        if self.rehearsal is not None:
            if document is not None:
                self.regard(document)
            told = told_of(kind, label, source, outcome, self.choices)
            self.rehearsal.tell(told, document, self.tally.words)
        self._news = True
        if outcome.stop is not None:
            raise outcome.stop
        if self.clock() - self._progress_at >= PROGRESS_INTERVAL:
            self._progress_at = self.clock()
            self.logger.info("%s", progress_line(self.tally, self.progress_facts()))

    def put_off(self, kind: str, source: Source) -> None:
        """Take in that a document is decided later in this run; called by its sink."""
        self._open_keys.note(kind, source, settled=False)
        self._news = True

    @override
    def get_sink_class(self, stream_name: str) -> type[LedgerSink]:
        if stream_name in self.sink_classes:
            return self.sink_classes[stream_name]
        raise StopRun(
            f"Stream {stream_name!r:.80} is no kind of document that {self.name} writes.",
            f"It writes {', '.join(sorted(self.sink_classes))}: put the mapper between the tap and this target.",
        )

    @classmethod
    @override
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        # What the SDK offers here (metadata columns, load methods, batch sizes) means nothing for documents.
        config_jsonschema.setdefault("properties", {})

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        errors = super()._validate_config(raise_errors=False)
        errors += unknown(self._config, {*self.config_jsonschema["properties"], *SDK_SETTINGS})
        if errors and raise_errors:
            raise ConfigValidationError("Config validation failed", errors=errors)
        return errors

    @override
    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        with self._at_work():
            super()._process_schema_message(message_dict)

    @override
    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        with self._at_work():
            super()._process_record_message(message_dict)

    @override
    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        with self._at_work():
            super()._process_state_message(message_dict)
            self._news = True
            self._emit_when_due()

    @override
    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        raise StopRun("Records in batch files are not read.", "Switch batch_config off in the tap.")

    @override
    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        pass  # Documents are never removed for being absent from a later run.

    @override
    def _handle_max_record_age(self) -> None:
        self._emit_when_due()

    @override
    def process_endofpipe(self) -> None:
        with self._at_work():
            try:
                _ = self.rehearsal
                for sink in (*self._sinks_to_clear, *self._sinks_active.values()):
                    if isinstance(sink, Finishing):
                        sink.finish()
                self.drain_all(is_endofpipe=True)
            except (StopRun, SQLAlchemyError) as error:
                self._stop(error)
            code = self.tally.exit_code(allow_open=self.config["allow_open"])
            self._finish(code)
        if code:
            sys.exit(code)

    @override
    def _write_state_message(self, state: dict[str, Any]) -> None:
        if self.config["dry_run"]:
            return
        sys.stdout.write(_encode(self._open_keys.into(state)).decode() + "\n")
        sys.stdout.flush()
        self._news = False
        self._state_at = self.clock()

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        self._signal = signum
        if self._working:
            self.logger.info("%s: what is in hand is finished first.", signal.Signals(signum).name)
        else:
            self._end_by_signal(signum)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Let a signal wait until the work is done."""
        self._working = True
        try:
            yield
        finally:
            self._working = False
        self._end_of_work()

    def _end_of_work(self) -> None:
        self._working = False
        if self._signal is not None and not self._finished:
            self._end_by_signal(self._signal)

    def _end_by_signal(self, signum: int) -> NoReturn:
        self._working = True
        name = signal.Signals(signum).name
        self.logger.info("Stopped by %s; what was not offered yet comes with the next run.", name)
        self._end(128 + signum)

    def _stop(self, error: Exception) -> NoReturn:
        """End the run because of something that is no mistake in this program: said without a traceback."""
        self._working = True
        message, advice = (error.message, error.advice) if isinstance(error, LedgerError) else (_plain(error), "")
        self.logger.error("%s", f"Stopped: {sentences(message, advice)}")
        if self._rehearsal is not None:
            self._rehearsal.find(Problem(field=STOPPED, value="", message=message), advice)
        self._end(1 if self._signal is None else 128 + self._signal)

    def _end(self, code: int) -> NoReturn:
        try:
            self.drain_all(is_endofpipe=True)
        except (StopRun, SQLAlchemyError) as error:
            self.logger.warning("The last state could not be written: %s", error)
        self._finish(code)
        sys.exit(code)

    def _finish(self, code: int) -> None:
        if self._finished:
            return
        self._finished = True
        if self._rehearsal is not None:
            examined(self.examine(), self._rehearsal)
        if self._run is not None or self._rehearsal is not None:
            for line in summary_lines(self.tally, self.administration, self.summary_facts()):
                self.logger.info("%s", line)
        if self._run is not None:
            self._run.finish(self.tally.counts, code, self.calls_used())
        elif self._rehearsal is not None:
            self._rehearsal.end(self.tally.counts, self._facts())
            self.ledger.close()

    def _facts(self) -> list[str]:
        try:
            return [*self.examined_facts(), *self.summary_facts()]
        except LedgerError:
            return list(self.summary_facts())

    def _emit_when_due(self) -> None:
        if self._news and self.clock() - self._state_at >= STATE_INTERVAL:
            self.drain_all()

    def _known(self, origin: Origin, ids: Collection[str]) -> set[str]:
        return self.ledger.known_sources(self.administration, *origin, ids)


def _plain(error: Exception) -> str:
    """Return an error of the database or of the SDK without statements and values."""
    cause = getattr(error, "orig", None) or error
    return f"{type(error).__name__}: {cause}"
