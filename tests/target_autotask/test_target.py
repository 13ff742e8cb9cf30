from __future__ import annotations

import datetime as dt
import json
import logging
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from target_autotask.settings import SETTINGS
from target_autotask.target import TargetAutotask
from tests.target_autotask.loading import company, lines, stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.target_autotask.loading import Dock, Message

ROOT = Path(__file__).parents[2]
README = ROOT / "target-autotask" / "README.md"
HAND_MADE = Path(__file__).with_name("hand_made.singer")


def test_the_file_in_the_readme_is_loaded(dock: Dock) -> None:
    """The Singer file made by hand that the README shows creates one company and changes another, without a mapper."""
    assert HAND_MADE.read_text() in README.read_text()
    loaded = dock.load(HAND_MADE.read_bytes())
    assert (loaded.code, loaded.failures) == (0, [])
    assert dock.row("Companies", companyNumber="K-500")["companyName"] == "Bakkerij 't Hoekje"
    assert dock.row("Companies", companyNumber="D10003")["city"] == "Delft"
    assert loaded.states == [json.loads(HAND_MADE.read_text().splitlines()[-1])["value"]]


def test_every_setting_says_what_it_is_for() -> None:
    """Each setting has a sentence, and what is secret is marked so that Meltano and the SDK hide it."""
    properties = SETTINGS.to_dict()["properties"]
    assert all(len(setting["description"]) > 20 for setting in properties.values())
    assert [name for name, setting in properties.items() if setting.get("secret")] == [
        "secret",
        "integration_code",
        "ledger_url",
    ]


def test_the_command_line_names_itself() -> None:
    """`--about` describes the target with its own settings and stream maps, and none that it would not honour."""
    about = json.loads(CliRunner().invoke(TargetAutotask.cli, ["--about", "--format=json"]).stdout)
    own = set(SETTINGS.to_dict()["properties"])
    assert set(about["settings"]["properties"]) == own | {"stream_maps", "stream_map_config"}
    assert about["capabilities"] == ["about", "stream-maps", "structured-logging"]


@pytest.mark.parametrize(
    "wrong", [{"keys": {"companies": "companyNumber"}}, {"nulls": "drop"}, {"routes": {"a": "../b"}}, {"username": ""}]
)
def test_settings_that_make_no_sense_are_refused(dock: Dock, wrong: dict[str, Any]) -> None:
    """A setting of another form than described ends the program before anything is read."""
    with pytest.raises(Exception, match=r"(?i)config validation failed"):
        TargetAutotask(config=dock.settings(**wrong))


@pytest.mark.parametrize(("allowed", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_is_honest(dock: Dock, *, allowed: bool, code: int) -> None:
    """Failures make the exit code 1 unless they are allowed, and the state is written in both cases."""
    messages = stream("companies", company("K-1", phone=None), company("K-2"), state=7)
    loaded = dock.load(messages, allow_open=allowed)
    assert loaded.code == code
    assert loaded.states[-1] == {"bookmarks": {"companies": {"replication_key_value": 7}}}
    assert "companies: 2 records; 1 created, 1 failed." in loaded.log
    assert any(line.startswith("Failed: 1, each with its reason above.") for line in loaded.log)


def test_a_run_without_records_says_nothing(dock: Dock) -> None:
    """Without records there is no summary, and the state goes through."""
    loaded = dock.load(stream("companies", state=3))
    assert (loaded.code, len(loaded.states)) == (0, 1)
    assert not any("records;" in line or "calls to" in line for line in loaded.log)


def test_states_cover_only_what_was_written(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that comes while records wait has them written before it goes on."""
    monkeypatch.setattr("transfer_ledger.target.STATE_INTERVAL", dt.timedelta())
    parts = [stream("companies", company(f"K-{number}"), state=number) for number in range(4)]
    loaded = dock.load([message for part in parts for message in part])
    values = [state["bookmarks"]["companies"]["replication_key_value"] for state in loaded.states]
    assert values == sorted(values)
    assert values[-1] == 3
    assert loaded.count("POST Companies 200") == 4


def test_nothing_secret_is_told(dock: Dock, caplog: pytest.LogCaptureFixture) -> None:
    """In a run full of trouble no log line and no state holds the secret or the tracking identifier."""
    echo = {"errors": ["no sandbox-secret, no SANDBOXINTEGRATIONCODE00001"]}
    strike = {"system": "autotask", "method": "POST", "path": "Companies", "kind": "error"}
    dock.sandbox.fault(**strike, nth=2, status=500, body=echo)
    dock.sandbox.fault(**strike, nth=3, status=401, body=echo)
    dock.sandbox.fault(**strike, nth=4, status=503, body=echo)
    with caplog.at_level(logging.DEBUG):
        loaded = dock.load(stream("companies", *(company(f"K-{number}") for number in range(4))))
    assert "no ***, no ***" in "".join(loaded.failures)
    for secret in ("sandbox-secret", "SANDBOXINTEGRATIONCODE"):
        assert secret not in caplog.text
        assert secret not in json.dumps(loaded.states)


def test_data_cannot_forge_a_log_line(dock: Dock) -> None:
    """Line breaks and escapes in a record stay inside the line that names it."""
    record = company("K-1\nINFO All is well \x1b[2J", city="x" * 31, companyName="<b>\u202e")
    (failure,) = dock.load(stream("companies", record)).failures
    assert "\n" not in failure
    assert "\x1b" not in failure
    assert "city" in failure


@pytest.mark.parametrize("text", ["🚀 Ærø & <b>", 'a "b" \\ c', "x\r\n\ty", "\u202eabc"])
def test_odd_texts_arrive(dock: Dock, text: str) -> None:
    """Emoji, markup, quotes and line ends arrive as they were and are unchanged the next time."""
    assert dock.load(stream("companies", company("K-1", companyName=text))).failures == []
    assert dock.row("Companies", companyNumber="K-1")["companyName"] == text
    assert "companies: 1 record; 1 unchanged." in dock.load(stream("companies", company("K-1", companyName=text))).log


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"\xff\xfe\n", "is no Singer message"),
        (b'{"type": "RECORD", "stream": "contacts", "record": {}}\n', "before a corresponding schema"),
        (b'{"type": "BATCH", "stream": "companies", "encoding": {}, "manifest": []}\n', "Switch batch_config off"),
    ],
)
def test_a_wrong_line_is_a_clear_stop(dock: Dock, line: bytes, said: str) -> None:
    """A line that is no use ends the run with 1 and one sentence, after what came before it is written."""
    loaded = dock.load(lines(stream("companies", company("K-1"))) + line)
    assert (loaded.code, len(loaded.states)) == (1, 1)
    assert any(said in entry for entry in loaded.log)
    assert dock.row("Companies", companyNumber="K-1")


class Started:
    """The target as a process, fed by hand."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        (folder / "config.json").write_text(json.dumps(settings))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "target_autotask", "--config", str(folder / "config.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def feed(self, messages: list[Message]) -> None:
        """Write messages and leave the pipe open."""
        assert self.process.stdin is not None
        self.process.stdin.write(lines(messages))
        self.process.stdin.flush()

    def end(self, signum: int) -> tuple[int, str, str]:
        """Send a signal and return exit code, output and log."""
        self.process.send_signal(signum)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out.decode(), err.decode()


@pytest.fixture
def start(dock: Dock, tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start the target as a process that is gone afterwards."""
    started: list[Started] = []

    def one(**settings: Any) -> Started:
        started.append(Started(tmp_path, dock.settings(**settings)))
        return started[-1]

    yield one
    for each in started:
        each.process.kill()
        each.process.communicate()


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.e2e
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_record_in_hand_finish(dock: Dock, start: Callable[..., Started], signum: int) -> None:
    """At a signal the record in hand is written and read back, the rest and the state wait for the next run."""
    dock.sandbox.fault(system="autotask", method="POST", path="Companies", nth=2, kind="delay", seconds=0.8)
    process = start()
    messages = stream("companies", *(company(f"K-{number}") for number in range(200)))
    process.feed(messages)
    until(lambda: len(dock.sandbox.calls("autotask")) >= 5)
    code, out, log = process.end(signum)
    assert (code, out) == (128 + signum, "")
    assert "companies: 1 record; 1 created." in log
    assert "Traceback" not in log
    assert [row["companyNumber"] for row in dock.rows("Companies") if row["companyNumber"][:2] == "K-"] == ["K-0"]
    assert [call["path"].rpartition("/")[2] for call in dock.sandbox.calls("autotask")][-2:] == ["Companies", "query"]
    assert dock.load(messages).code == 0
    assert len([row for row in dock.rows("Companies") if row["companyNumber"][:2] == "K-"]) == 200


@pytest.mark.e2e
def test_a_signal_ends_a_wait_for_records(dock: Dock, start: Callable[..., Started]) -> None:
    """A target that waits for more records ends at once, without the state of those that it has not written."""
    process = start()
    process.feed(stream("companies", company("K-1"))[:2])
    until(lambda: len(dock.sandbox.calls("autotask")) >= 3)
    began = time.monotonic()
    code, out, _ = process.end(signal.SIGTERM)
    assert (code, out) == (143, "")
    assert time.monotonic() - began < 10
    assert dock.rows("Companies", companyNumber="K-1") == []


@pytest.mark.e2e
def test_a_signal_ends_a_wait_for_autotask(dock: Dock, start: Callable[..., Started]) -> None:
    """A target that waits because Autotask turned it away ends soon, and what it would have sent is sent by nobody."""
    full = {"errors": ["The Autotask API request threshold of 10000 requests has been exceeded."]}
    dock.sandbox.fault(
        system="autotask", method="POST", path="Companies", nth=2, times=99, kind="error", status=429, body=full
    )
    process = start()
    process.feed(stream("companies", *(company(f"K-{number}") for number in range(200))))
    until(lambda: len(dock.sandbox.calls("autotask")) >= 5)
    time.sleep(0.2)
    code, out, log = process.end(signal.SIGTERM)
    assert (code, out) == (143, "")
    assert "SIGTERM came" in log
    assert not [row for row in dock.rows("Companies") if row["companyNumber"][:2] == "K-"]


def test_a_dry_run_leaves_entities_alone(dock: Dock) -> None:
    """A dry run tells about documents; the records of an entity stop it before anything is sent."""
    loaded = dock.load(stream("companies", company("K-500")), dry_run=True)
    assert (loaded.code, loaded.calls) == (1, [])
    assert any("holds no documents, and a dry run cannot tell about others" in line for line in loaded.log)
