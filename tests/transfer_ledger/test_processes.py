"""The target as a real process: signals, kills, and two at once."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlalchemy as sa

from tests.transfer_ledger.remote import KIND, invoice, record
from transfer_ledger import documents
from transfer_ledger.schema import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
STREAM = "expanded_invoices"
COUNT = 6
WITHOUT_LOCK = "import transfer_ledger.locks as locks; locks._LOCKS.clear(); "
RUN = "from tests.transfer_ledger.fake_target import FakeTarget; FakeTarget.cli()"
encode = msgspec.json.Encoder(decimal_format="number").encode


def messages() -> bytes:
    schema = {"type": "SCHEMA", "stream": KIND, "schema": documents.schema(KIND), "key_properties": ["key"]}
    told: list[dict[str, Any]] = [schema]
    for number in range(1, COUNT + 1):
        told += [record(invoice(number)), {"type": "STATE", "value": {"bookmarks": {STREAM: {"at": number}}}}]
    return b"".join(encode(message) + b"\n" for message in told)


class Place:
    """Where the processes of one test work: a ledger, and a file that is the receiving system."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.written = folder / "written"
        self.written.touch()
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *, code: str = RUN, **settings: Any) -> subprocess.Popen[bytes]:
        """Start a target that waits for messages."""
        config = self.folder / f"config{len(self.started)}.json"
        config.write_text(json.dumps({"ledger_url": self.url, "written": str(self.written), **settings}))
        process = subprocess.Popen(
            [sys.executable, "-c", code, "--config", str(config)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started.append(process)
        return process

    def feed(self, process: subprocess.Popen[bytes], content: bytes) -> None:
        """Send messages and leave the pipe open."""
        assert process.stdin is not None
        process.stdin.write(content)
        process.stdin.flush()

    def run(self, count: int = 1, **settings: Any) -> list[int]:
        """Run targets at once on all messages to their end, and return their exit codes."""
        processes = [self.start(**settings) for _ in range(count)]
        for process in processes:
            self.feed(process, messages())
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None
        for process in processes:
            process.communicate(timeout=120)
        return [process.returncode for process in processes]

    def exit_codes(self) -> list[int | None]:
        """Return the exit codes that the ledger has for the runs."""
        engine = sa.create_engine(self.url)
        with engine.connect() as connection:
            codes = list(connection.execute(sa.select(runs.c.exit_code)).scalars())
        engine.dispose()
        return codes

    def references(self) -> list[str]:
        """Return what the receiving system holds."""
        return sorted(self.written.read_text().split())

    def until(self, count: int) -> None:
        """Wait until the receiving system holds so many documents."""
        for _ in range(6000):
            if len(self.references()) >= count:
                return
            time.sleep(0.01)
        raise AssertionError(f"Still only {self.references()}")


@pytest.fixture
def place(new_sqlite: Callable[[], str], tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path, new_sqlite())
    yield place
    for process in place.started:
        process.kill()
        process.communicate()


ALL = [invoice(number).reference for number in range(1, COUNT + 1)]


def test_signal_lets_the_document_in_hand_finish(place: Place) -> None:
    """A signal during a write lets it finish and settle; state, exit code 128 + signal, and the next run goes on."""
    process = place.start(slow_seconds=0.4)
    place.feed(process, messages())
    place.until(2)
    process.terminate()
    output, said = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    written = len(place.references())
    assert 2 <= written < COUNT
    assert json.loads(output.splitlines()[-1])["bookmarks"][STREAM] == {"at": written - 1, "open": []}
    assert f"{written:,} documents; {written} transferred." in said.decode()
    assert place.exit_codes() == [128 + signal.SIGTERM]
    assert place.run() == [0]
    assert place.references() == ALL


def test_signal_while_idle_ends_at_once(place: Place) -> None:
    """A target that waits for its tap ends at once on Ctrl-C, with the state of all it was given."""
    process = place.start()
    place.feed(process, messages())
    place.until(COUNT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert json.loads(output.splitlines()[-1])["bookmarks"][STREAM] == {"at": COUNT, "open": []}


def test_killed_runs_lose_and_double_nothing(place: Place) -> None:
    """Runs killed at any moment leave a free lock and a ledger that the next run finishes, each document once."""
    chance = random.Random()
    for kill in range(1, 4):
        process = place.start(slow_seconds=0.1)
        place.feed(process, messages())
        place.until(kill)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.communicate()
    assert place.run(lock_timeout=0) == [0]
    assert place.references() == ALL


def test_two_runs_at_once_take_turns(place: Place) -> None:
    """Two targets started at once on one ledger both end well, and each document is written once."""
    assert place.run(2, slow_seconds=0.05) == [0, 0]
    assert place.references() == ALL


def test_two_runs_at_once_without_a_lock_write_once(place: Place) -> None:
    """When the lock fails and two targets work on one ledger, each document is still written once."""
    assert set(place.run(2, code=WITHOUT_LOCK + RUN, slow_seconds=0.1)) <= {0, 1}
    assert place.run() == [0]
    assert place.references() == ALL


def test_ledger_files_are_for_the_owner_only(place: Place) -> None:
    """Whatever the umask, the files of the ledger can be read by their owner only, also while a run is at work."""
    (place.folder / "made.db").unlink(missing_ok=True)
    place.url = f"sqlite:///{place.folder / 'made.db'}"
    process = place.start(code="import os; os.umask(0); " + RUN, slow_seconds=0.2)
    place.feed(process, messages())
    place.until(1)
    modes = {path.name: path.stat().st_mode & 0o777 for path in place.folder.glob("made.db*")}
    process.communicate(timeout=60)
    assert {"made.db", "made.db-wal", "made.db-shm"} < modes.keys()
    assert any(name.endswith(".lock") for name in modes)
    assert set(modes.values()) == {0o600}
