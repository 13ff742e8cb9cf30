"""Runs of targets: who is at work, and whether a run that never ended is still alive."""

from __future__ import annotations

import datetime as dt
import logging
import platform
import threading
import uuid
from typing import TYPE_CHECKING, Any

import msgspec
import psutil
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from transfer_ledger.database import READING
from transfer_ledger.schema import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Engine

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15
SILENCE = dt.timedelta(seconds=60)
"""A run on another host that was not heard of for so long is dead."""

START_TOLERANCE = 2.0
"""Seconds by which the start of one process may read differently: it is derived from the boot time."""


class Run(msgspec.Struct, kw_only=True, frozen=True):
    """One start of a target. Host, process and its start tell it from every other."""

    id: str
    administration: str
    target: str
    host: str
    pid: int
    process_started: float
    started_at: dt.datetime
    heartbeat_at: dt.datetime
    finished_at: dt.datetime | None = None

    @property
    def person(self) -> None:
        """A run is no person."""

    @override
    def __str__(self) -> str:
        return f"{self.target}, process {self.pid} on {self.host}, since {self.started_at:%Y-%m-%d %H:%M:%S} UTC"


def process_start(pid: int) -> float | None:
    """Return when the process with this id started (Unix time), None when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


def is_alive(run: Run, host: str, now: dt.datetime, started: Callable[[int], float | None] = process_start) -> bool:
    """Return whether the run may still be at work: by its process on this host, by its heartbeat on another."""
    if run.finished_at is not None:
        return False
    if run.host != host:
        return now - run.heartbeat_at < SILENCE
    start = started(run.pid)
    return start is not None and abs(start - run.process_started) < START_TOLERANCE


class Runs:
    """The rows of ``runs``."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
        self.engine = engine
        self.clock = clock
        self.host = platform.node()

    def begin(self, administration: str, target: str) -> Run:
        """Write down that this process starts working on an administration."""
        process = psutil.Process()
        now = self.clock()
        run = Run(
            id=uuid.uuid4().hex,
            administration=administration,
            target=target,
            host=self.host,
            pid=process.pid,
            process_started=process.create_time(),
            started_at=now,
            heartbeat_at=now,
        )
        with self.engine.begin() as connection:
            connection.execute(sa.insert(runs).values(msgspec.structs.asdict(run)))
        return run

    def beat(self, run: Run) -> None:
        """Show that the run lives."""
        self._update(run, heartbeat_at=self.clock())

    def finish(self, run: Run, counts: Mapping[str, int], exit_code: int, calls: int | None = None) -> None:
        """Write down how the run ended, and how many calls it took when they were counted."""
        text, now = msgspec.json.encode(dict(counts)).decode(), self.clock()
        self._update(run, heartbeat_at=now, finished_at=now, counts=text, exit_code=exit_code, calls=calls)

    def at_work(self, administration: str) -> list[Run]:
        """Return the runs that are alive and write to an administration, oldest first."""
        query = (
            sa.select(*_RUN_COLUMNS)
            .where(runs.c.administration == administration, runs.c.finished_at.is_(None))
            .order_by(runs.c.started_at)
        )
        with self.engine.connect().execution_options(**READING) as connection:
            found = [Run(**row) for row in connection.execute(query).mappings()]
        return [run for run in found if self.alive(run)]

    def get(self, run_id: str) -> Run | None:
        """Return the run with this id."""
        with self.engine.connect().execution_options(**READING) as connection:
            row = connection.execute(sa.select(*_RUN_COLUMNS).where(runs.c.id == run_id)).mappings().one_or_none()
        return None if row is None else Run(**row)

    def alive(self, run: Run) -> bool:
        """Return whether the run may still be at work."""
        return is_alive(run, self.host, self.clock())

    def _update(self, run: Run, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.update(runs).where(runs.c.id == run.id).values(values))


_RUN_COLUMNS = [runs.c[name] for name in Run.__struct_fields__]


class Heartbeat(threading.Thread):
    """Shows now and then that a run lives, also while it waits for a quota."""

    def __init__(self, all_runs: Runs, run: Run, seconds: float = HEARTBEAT_SECONDS) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.runs = all_runs
        self.run_row = run
        self.seconds = seconds
        self.ended = threading.Event()

    @override
    def run(self) -> None:
        while not self.ended.wait(self.seconds):
            try:
                self.runs.beat(self.run_row)
            except SQLAlchemyError as error:
                logger.warning("The heartbeat of this run could not be written: %s", error)

    def end(self) -> None:
        """Stop, and wait until the last beat is written."""
        self.ended.set()
        self.join()
