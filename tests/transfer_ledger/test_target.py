from __future__ import annotations

import io
import json
import logging
import signal
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from typing_extensions import override

from tests.transfer_ledger.fake_target import FakeTarget
from tests.transfer_ledger.remote import ADMINISTRATION, KIND, invoice, missing_vat_code, record
from transfer_ledger import documents
from transfer_ledger.ledger import Ledger
from transfer_ledger.locks import lock_for
from transfer_ledger.schema import runs, transfers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.transfer_ledger.conftest import Clock
    from transfer_ledger.documents import SalesInvoice

STREAM = "expanded_invoices"
encode = msgspec.json.Encoder(decimal_format="number").encode


def schema() -> dict[str, Any]:
    return {"type": "SCHEMA", "stream": KIND, "schema": documents.schema(KIND), "key_properties": ["key"]}


def state(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "STATE", "value": {"bookmarks": {STREAM: {"replication_key_value": value, **more}}}}


def lines(messages: Iterable[dict[str, Any]]) -> io.BytesIO:
    return io.BytesIO(b"".join(encode(message) + b"\n" for message in messages))


class Run:
    """One run of the target in this process."""

    def __init__(self, target: FakeTarget, code: int, output: str) -> None:
        self.target = target
        self.code = code
        self.states = [json.loads(line) for line in output.splitlines()]

    @property
    def open(self) -> list[str]:
        """The open keys that the last state carries."""
        keys: list[str] = self.states[-1]["bookmarks"][STREAM]["open"]
        return keys


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Puts back the signal handlers that a target replaces."""
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.fixture
def config(new_sqlite: Callable[[], str], tmp_path: Path) -> dict[str, Any]:
    written = tmp_path / "written"
    written.touch()
    return {"ledger_url": new_sqlite(), "written": str(written)}


@pytest.fixture
def run(
    config: dict[str, Any], clock: Clock, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Callable[..., Run]:
    """Runs the target on messages and returns how it ended."""
    caplog.set_level(logging.INFO)

    def start(messages: Iterable[dict[str, Any]] | io.BytesIO, **settings: Any) -> Run:
        target = FakeTarget(config=config | settings, clock=clock, wait=clock.move)
        caplog.clear()
        code: Any = 0
        try:
            target.listen(messages if isinstance(messages, io.BytesIO) else lines(messages))  # type: ignore[arg-type]
        except SystemExit as ended:
            code = ended.code
        return Run(target, code, capsys.readouterr().out)

    return start


def offered(*invoices: SalesInvoice, upto: Any = "2026-11-01") -> list[dict[str, Any]]:
    return [schema(), *map(record, invoices), state(upto)]


def test_settled_run_ends_with_zero(run: Callable[..., Run], config: dict[str, Any]) -> None:
    """When every document is settled, the state goes on, nothing is open and the exit code is 0."""
    ended = run(offered(invoice(1), invoice(2), invoice(3, voided=True)))
    assert (ended.code, ended.open) == (0, [])
    assert ended.states[-1]["bookmarks"][STREAM]["replication_key_value"] == "2026-11-01"
    ledger = Ledger.open(config["ledger_url"])
    with ledger.engine.connect() as connection:
        finished = connection.execute(sa.select(runs.c.exit_code, runs.c.counts, runs.c.finished_at)).one()
    ledger.close()
    assert (finished.exit_code, json.loads(finished.counts)) == (0, {"transferred": 2, "skipped": 1})
    assert finished.finished_at is not None


def test_open_document_ends_with_one_and_comes_back_by_its_key(
    run: Callable[..., Run], caplog: pytest.LogCaptureFixture
) -> None:
    """A failed document makes the exit code 1, its key goes into the state, and its repair takes it out."""
    ended = run(offered(invoice(1), invoice(2, problems=[missing_vat_code()]), invoice(3)))
    assert (ended.code, ended.open) == (1, ["2"])
    assert "Offered to administration 1234567: 3 documents; 2 transferred, 1 failed." in caplog.text
    assert "2026-0002 (Bakkerij 't Hoekje, EUR 121.00): failed: no VAT code. See the setting" in caplog.text
    repaired = run([schema(), record(invoice(2)), state("2026-11-01", open=["2"])])
    assert (repaired.code, repaired.open) == (0, [])


def test_allow_open_softens_the_exit_code(run: Callable[..., Run]) -> None:
    """With allow_open, open documents are told and kept in the state, and the exit code is 0."""
    ended = run(offered(invoice(problems=[missing_vat_code()])), allow_open=True)
    assert (ended.code, ended.open) == (0, ["1"])


def test_question_for_a_person_ends_with_one_once(run: Callable[..., Run]) -> None:
    """A void after transfer makes the run that finds it end with 1, and no later one."""
    codes = [run(offered(document)).code for document in (invoice(), invoice(voided=True), invoice(voided=True))]
    assert codes == [0, 1, 0]


def test_open_keys_of_other_runs_are_kept(run: Callable[..., Run]) -> None:
    """What an earlier run left open stays in the state of a run that is offered something else."""
    run(offered(invoice(1, problems=[missing_vat_code()])))
    assert run(offered(invoice(2))).open == ["1"]


def test_open_keys_outlive_the_ledger(run: Callable[..., Run], new_sqlite: Callable[[], str]) -> None:
    """A key that came open with the state and of which the ledger knows nothing stays open until it is settled."""
    run(offered(invoice(1, problems=[missing_vat_code()])))
    came = [schema(), record(invoice(2)), state("2026-11-02", open=["1"])]
    ended = run(came, ledger_url=new_sqlite())
    assert ended.open == ["1"]


def test_settled_key_leaves_the_state_without_being_offered(run: Callable[..., Run]) -> None:
    """A key that came open with the state and that the ledger knows as settled is not read again."""
    run(offered(invoice(1)))
    assert run([schema(), record(invoice(2)), state("2026-11-02", open=["1"])]).open == []


def test_stream_without_records_keeps_its_open_keys(run: Callable[..., Run]) -> None:
    """A run without records passes the tap's state on as it is."""
    came = state("2026-11-02", open=["7"])
    assert run([schema(), came]).states[-1] == came["value"]


def test_amounts_in_a_state_survive(run: Callable[..., Run]) -> None:
    """A fraction in a tap's state comes out as it came in."""
    messages = lines([schema(), {"type": "STATE", "value": {"bookmarks": {}, "seconds": Decimal("0.10")}}])
    target = run(messages).target
    assert target._latest_state == {"bookmarks": {}, "seconds": Decimal("0.10")}


def test_state_follows_settled_documents_at_a_measured_pace(run: Callable[..., Run], clock: Clock) -> None:
    """While documents settle, the state is emitted again after a second, and not after each one."""

    def stream() -> Iterator[bytes]:
        yield encode(schema())
        for number in range(1, 31):
            clock.move(0.2)
            yield encode(record(invoice(number)))
            yield encode(state(number))

    emitted = run(io.BytesIO(b"")).states + run(_Lazy(stream())).states
    values = [one["bookmarks"][STREAM]["replication_key_value"] for one in emitted]
    assert values == sorted(values)
    assert values[-1] == 30
    assert 5 <= len(values) <= 8


class _Lazy(io.BytesIO):
    """A pipe that is filled while it is read."""

    def __init__(self, source: Iterator[bytes]) -> None:
        super().__init__()
        self.source = source

    @override
    def __next__(self) -> bytes:
        return next(self.source)


def test_quota_stops_the_run_and_the_rest_stays_open(
    run: Callable[..., Run], config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A used-up quota ends the run with 1, without a traceback, with the state so far and the document open."""
    messages = [schema(), record(invoice(1)), state(1), record(invoice(2)), record(invoice(3)), state(3)]
    ended = run(messages, stop_after=1)
    assert (ended.code, ended.open) == (1, ["2"])
    assert ended.states[-1]["bookmarks"][STREAM]["replication_key_value"] == 1
    assert "Stopped: The calls of today are used up. Run again after midnight." in caplog.text
    assert not any(entry.exc_info for entry in caplog.records)
    assert run(messages).code == 0
    assert len(Path(config["written"]).read_text().split()) == 3


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([{"type": "SCHEMA", "stream": "expanded_invoices", "schema": {"properties": {}}}], "put the mapper between"),
        ([{"type": "RECORD", "stream": KIND, "record": {}}], "before a corresponding schema"),
        ([{"type": "RECORD", "stream": KIND}], "A RECORD message lacks record"),
        ([{"stream": KIND}], "A Singer message lacks type"),
        ([{"type": "BANANA"}], "no Singer message of type 'BANANA'"),
        ([{"type": "BATCH", "stream": KIND, "encoding": {}, "manifest": []}], "Switch batch_config off"),
        ([schema(), {"type": "RECORD", "stream": KIND, "record": {"number": "SECRET"}}], "has no readable key"),
    ],
)
def test_wrong_message_is_a_clear_stop(
    run: Callable[..., Run], caplog: pytest.LogCaptureFixture, messages: list[dict[str, Any]], said: str
) -> None:
    """A message that is no use ends the run with 1 and one line that says what to do, without its content."""
    assert run(messages).code == 1
    assert said in caplog.text
    assert "SECRET" not in caplog.text
    assert not any(entry.exc_info for entry in caplog.records)


@pytest.mark.parametrize("line", [b'{"type": "RECORD", "SECRET', b"\xff\xfe\n", b"[1]\n", b"METRIC: SECRET\n"])
def test_broken_line_is_a_clear_stop(run: Callable[..., Run], caplog: pytest.LogCaptureFixture, line: bytes) -> None:
    """A line that is no message ends the run with 1 and the state so far, without the line in the log."""
    ended = run(io.BytesIO(lines(offered(invoice())).getvalue() + line))
    assert (ended.code, ended.open) == (1, [])
    assert "is no Singer message" in caplog.text
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize("broken", [{"currency": 7}, {"source": "7"}, {"lines": [{"amount": "much"}]}])
def test_record_that_is_no_document_fails_alone(
    run: Callable[..., Run], caplog: pytest.LogCaptureFixture, broken: dict[str, Any]
) -> None:
    """A record that is no document fails under its key with the place that is wrong; the next one goes on."""
    message = record(invoice(1))
    message["record"] |= broken
    ended = run([schema(), message, record(invoice(2)), state(2)])
    assert (ended.code, ended.open) == (1, ["1"])
    assert f"at `$.{next(iter(broken))}" in caplog.text
    assert "1 transferred, 1 failed" in caplog.text


def test_changed_schema_goes_on_with_the_same_lock(run: Callable[..., Run]) -> None:
    """A second SCHEMA message with another schema does not lock the target out."""
    other = schema()
    other["schema"]["properties"]["extra"] = {"type": "string"}
    ended = run([schema(), record(invoice(1)), other, record(invoice(2)), state(2)])
    assert (ended.code, ended.open) == (0, [])


def test_activate_version_is_passed_over(run: Callable[..., Run]) -> None:
    """An ACTIVATE_VERSION message deletes nothing."""
    activate = {"type": "ACTIVATE_VERSION", "stream": KIND, "version": 1}
    assert run([schema(), record(invoice(1)), activate, state(1)]).code == 0


def test_second_run_waits_and_then_says_who_is_at_work(
    run: Callable[..., Run], config: dict[str, Any], clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A run that finds the lock taken waits as long as it may, then stops and names who is at work."""
    ledger = Ledger.open(config["ledger_url"], clock)
    holder = ledger.runs.begin(ADMINISTRATION, "target-other")
    lock = lock_for(ledger.engine, ADMINISTRATION, KIND)
    assert lock.acquire()
    began = clock.now
    assert run(offered(invoice()), lock_timeout=30).code == 1
    assert (clock.now - began).total_seconds() == 30
    assert f"target-other, process {holder.pid} on {holder.host}" in caplog.text
    lock.release()
    assert run(offered(invoice()), lock_timeout=30).code == 0
    ledger.close()


def test_signal_ends_the_wait_for_a_lock(config: dict[str, Any]) -> None:
    """A target that waits for another run ends on a signal instead of waiting on."""
    ledger = Ledger.open(config["ledger_url"])
    lock = lock_for(ledger.engine, ADMINISTRATION, KIND)
    assert lock.acquire()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        signal.raise_signal(signal.SIGTERM)

    target = FakeTarget(config=config, wait=wait)
    with pytest.raises(SystemExit) as ended:
        target.listen(lines(offered(invoice())))  # type: ignore[arg-type]
    assert (ended.value.code, len(waited)) == (128 + signal.SIGTERM, 1)
    assert target.stop_requested
    lock.release()
    ledger.close()


def test_ledger_that_fails_is_a_clear_stop(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk ends the run with 1 and its reason, without the statement and its values."""

    def full(*_: object, **__: object) -> None:
        raise OperationalError("INSERT SECRET", {"name": "SECRET"}, Exception("database or disk is full"))

    monkeypatch.setattr(Ledger, "save", full)
    assert run(offered(invoice())).code == 1
    assert "Stopped: OperationalError: database or disk is full" in caplog.text
    assert "SECRET" not in caplog.text


def test_progress_is_told_now_and_then(run: Callable[..., Run], clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """Long work says how far it is of how much, and what the target adds, every ten seconds."""

    def stream() -> Iterator[bytes]:
        yield encode(schema())
        for number in range(1, 26):
            clock.move(1)
            document = invoice(number)
            document.source.offered = 400
            yield encode(record(document))

    run(_Lazy(stream()))
    told = [entry.getMessage() for entry in caplog.records if "documents done" in entry.getMessage()]
    assert told == [
        "10 of 400 documents done; 48 calls left this minute",
        "20 of 400 documents done; 48 calls left this minute",
    ]


def test_long_summary_is_counted_not_cut(run: Callable[..., Run], caplog: pytest.LogCaptureFixture) -> None:
    """A summary names some of many failures and says how many it does not name."""
    run(offered(*(invoice(number, problems=[missing_vat_code()]) for number in range(1, 41))))
    assert caplog.text.count("no VAT code") == 25
    assert "and 15 more" in caplog.text
    assert "Open, and offered again on the next run: 40." in caplog.text


def test_data_cannot_forge_a_log_line(run: Callable[..., Run], caplog: pytest.LogCaptureFixture) -> None:
    """Line breaks and escapes in a name stay inside the line that names it."""
    document = invoice(problems=[missing_vat_code()])
    document.customer.name = "Bakker\nINFO All is well \x1b[2J"
    run(offered(document))
    (line,) = [entry.getMessage() for entry in caplog.records if "failed:" in entry.getMessage()]
    assert "Bakker INFO All is well \\x1b[2J" in line


def test_large_attachment_passes_by_the_ledger(run: Callable[..., Run], config: dict[str, Any]) -> None:
    """A document with megabytes of attachment is transferred, and the ledger stays small."""
    attachment = documents.Attachment(file_name="a.pdf", content_type="application/pdf", data="A" * 5_000_000)
    assert run(offered(invoice(attachments=[attachment]))).code == 0
    ledger = Ledger.open(config["ledger_url"])
    with ledger.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.length(transfers.c.document))).scalar_one() < 5_000
    ledger.close()


def test_settings_are_only_those_that_mean_something() -> None:
    """The target offers its own settings and those of the ledger, and none of the SDK's for tables."""
    about = FakeTarget._get_about_info()
    assert set(about.settings["properties"]) == {
        "ledger_url",
        "allow_open",
        "lock_timeout",
        "doubt_seconds",
        "dry_run",
        "dry_run_file",
        "written",
        "slow_seconds",
        "stop_after",
        "refused",
    }
    assert about.settings["properties"]["ledger_url"]["secret"] is True
