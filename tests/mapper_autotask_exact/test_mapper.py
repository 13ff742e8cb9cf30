from __future__ import annotations

import io
import json
import logging
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigValidationError

from mapper_autotask_exact import invoices
from mapper_autotask_exact.mapper import MapperAutotaskExact
from tests.golden.cases import base_settings, cases
from tests.mapper_autotask_exact.records import config, line, record
from transfer_ledger.documents import decode, schema

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

encoder = msgspec.json.Encoder(decimal_format="number")
RECORD: dict[str, Any] = {"type": "RECORD", "stream": "expanded_invoices", "record": record()}
STATE: dict[str, Any] = {"type": "STATE", "value": {"bookmarks": {"expanded_invoices": {"replication_key_value": 1}}}}
SCHEMA: dict[str, Any] = {
    "type": "SCHEMA",
    "stream": "expanded_invoices",
    "schema": {"properties": {"id": {"type": "integer"}}},
    "key_properties": ["id"],
}


class Pipe:
    """A mapper whose output is kept."""

    def __init__(self, capfd: pytest.CaptureFixture[bytes], settings: dict[str, Any]) -> None:
        self.capfd = capfd
        self.mapper = MapperAutotaskExact(config=settings)

    def text(self, *messages: dict[str, Any] | bytes) -> str:
        """Send messages through the mapper, as lines, and return what it wrote."""
        lines = [message if isinstance(message, bytes) else encoder.encode(message) for message in messages]
        self.capfd.readouterr()
        self.mapper.listen(io.BytesIO(b"\n".join(lines)))  # type: ignore[arg-type]
        return str(self.capfd.readouterr().out)

    def __call__(self, *messages: dict[str, Any] | bytes) -> list[dict[str, Any]]:
        """Send messages through the mapper and return those that it wrote."""
        return [json.loads(row, parse_float=Decimal) for row in self.text(*messages).splitlines()]

    def failing(self, *messages: dict[str, Any] | bytes) -> list[dict[str, Any]]:
        """Do the same with messages after which the mapper ends with exit code 1."""
        with pytest.raises(SystemExit) as stopped:
            self(*messages)
        assert stopped.value.code == 1
        return [json.loads(row, parse_float=Decimal) for row in str(self.capfd.readouterr().out).splitlines()]


@pytest.fixture
def pipe(capfd: pytest.CaptureFixture[bytes]) -> Pipe:
    """A mapper with the least settings."""
    return Pipe(capfd, config())


def test_messages_at_the_pipe(capfd: pytest.CaptureFixture[bytes], snapshot: SnapshotAssertion) -> None:
    """What leaves the mapper, byte for byte: documents and their schema in place of records, all else as it was."""
    (plain,) = (case for case in cases() if case.folder.name == "plain")
    messages = [
        {"type": "SCHEMA", "stream": "companies", "schema": {"properties": {}}, "key_properties": ["id"]},
        SCHEMA,
        {"type": "RECORD", "stream": "companies", "record": {"id": 1, "rate": Decimal("1.10")}},
        {
            "type": "RECORD",
            "stream": "expanded_invoices",
            "record": plain.record,
            "time_extracted": "2026-11-02T09:00:00Z",
        },
        STATE,
    ]
    assert Pipe(capfd, base_settings()).text(*messages) == snapshot


def test_documents_can_be_read_back(pipe: Pipe) -> None:
    """A document on the wire is a document again on the other side, with every amount as it was."""
    _, message = pipe(SCHEMA, RECORD)
    key = message["record"].pop("key")
    assert key == "autotask/123456/expanded_invoices/1551"
    assert decode("sales_invoices", message["record"]).lines[0].amount == Decimal("142.50")
    assert "142.50" in pipe.text(RECORD)


def test_the_schema_is_that_of_the_documents(pipe: Pipe) -> None:
    """Targets learn the documents' schema and their key, whatever the records' schema was."""
    assert pipe(SCHEMA) == [
        {
            "type": "SCHEMA",
            "stream": "sales_invoices",
            "schema": schema("sales_invoices"),
            "key_properties": ["key"],
        }
    ]


def test_order_is_kept(pipe: Pipe) -> None:
    """Records and STATE leave in the order in which they came, so that a STATE covers what went before it."""
    states = [{"type": "STATE", "value": {"n": number}} for number in range(3)]
    out = pipe(SCHEMA, RECORD, states[0], RECORD, RECORD, states[1], states[2], RECORD)
    assert [message["type"][0] for message in out] == list("SRSRRSSR")
    assert [message["value"]["n"] for message in out if message["type"] == "STATE"] == [0, 1, 2]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "SCHEMA", "stream": "roles", "schema": {"x-odd": [1]}, "key_properties": [], "extra": True},
        {"type": "RECORD", "stream": "roles", "record": {"a": None, "b": 0.1, "c": "é\0"}, "version": 3, "extra": 1},
        {"type": "STATE", "value": {"bookmarks": {}}, "extra": 1},
        {"type": "ACTIVATE_VERSION", "stream": "roles", "version": 3},
        {"type": "BATCH", "stream": "roles", "encoding": {}, "manifest": []},
    ],
)
def test_everything_else_passes_untouched(pipe: Pipe, message: dict[str, Any]) -> None:
    """Other streams and STATE go through as they came, keys unknown to the SDK included."""
    assert pipe.text(message) == encoder.encode(message).decode() + "\n"


def test_a_version_of_the_records_is_none_of_the_documents(pipe: Pipe) -> None:
    """Documents are things to do, not a table that could be replaced."""
    assert pipe({"type": "ACTIVATE_VERSION", "stream": "expanded_invoices", "version": 1}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"invoiceTotal": "a lot"},
        {"billing_items": 5},
        {"billing_items": [None]},
        {"billing_items": [{"no": "id"}]},
        {"company": "Voorbeeld BV"},
        {"invoice_pdf": {"no": "name"}},
        {"invoiceTotal": Decimal("1E+400")},
    ],
)
def test_an_unexpected_error_becomes_a_document(pipe: Pipe, changes: dict[str, Any]) -> None:
    """A record that breaks the mapper becomes a document with a problem, and the next ones go on."""
    out = pipe(SCHEMA, {**RECORD, "record": record(**changes)}, RECORD, STATE)
    assert [message["type"] for message in out] == ["SCHEMA", "RECORD", "RECORD", "STATE"]
    broken, whole = (message["record"] for message in out if message["type"] == "RECORD")
    assert broken["key"] == whole["key"]
    (problem,) = broken["problems"]
    assert (problem["field"], problem["value"]) == ("record", "1551")
    assert problem["message"].startswith("unexpected ")
    assert decode("sales_invoices", broken).lines == []


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(sorted({*record(), "web_url", "offered", "comments", "voidedDate"} - {"id"})), anything
    ),
    st.dictionaries(st.sampled_from(sorted({*line(), "product", "contract", "project", "role"} - {"id"})), anything),
)
def test_no_record_with_an_id_stops_the_mapper(
    pipe: Pipe, changes: dict[str, Any], item_changes: dict[str, Any]
) -> None:
    """Whatever its other fields hold, a record becomes exactly one document that a target can read."""
    broken = record(**{"billing_items": [{**line(), **item_changes}], **changes})
    logging.disable()
    (message,) = pipe.mapper.map_record_message({**RECORD, "record": broken})
    logging.disable(logging.NOTSET)
    made = json.loads(encoder.encode(message.to_dict()["record"]), parse_float=Decimal)
    assert decode("sales_invoices", made).source.id == "1551"


def test_an_unexpected_error_is_logged_without_data(pipe: Pipe, caplog: pytest.LogCaptureFixture) -> None:
    """The log shows where the mapper broke, but not what the record holds."""
    pipe({**RECORD, "record": record(totalTaxValue="Piet de Vries")})
    assert "Invoice with id 1551 cannot be mapped: unexpected" in caplog.text
    assert "amounts.py" in caplog.text
    assert "Piet" not in caplog.text


@pytest.mark.parametrize(
    "lost",
    [
        b'{"type": "RECORD", "stream": "expanded_inv',
        b"\xff\xfe",
        b"[" * 100_000,
        b"[1, 2]",
        b"{}",
        b'{"type": "NOISE"}',
        encoder.encode({**RECORD, "record": {**record(), "id": None}}),
        b'{"type": "RECORD", "stream": "expanded_invoices"}',
        b'{"type": "BATCH", "stream": "expanded_invoices", "encoding": {}, "manifest": []}',
    ],
)
def test_what_cannot_be_read_holds_back_the_state(pipe: Pipe, lost: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """After a message that had to be left out no STATE passes, the rest is mapped, and the run fails in the end."""
    out = pipe.failing(SCHEMA, STATE, lost, RECORD, STATE, b"")
    assert [message["type"] for message in out] == ["SCHEMA", "STATE", "RECORD"]
    assert "It is left out" in caplog.text
    assert "Voorbeeld" not in caplog.text


def test_empty_lines_are_nothing(pipe: Pipe) -> None:
    """An empty line loses nothing and is no error."""
    assert [message["type"] for message in pipe(SCHEMA, b"", b"  ", RECORD, STATE)] == ["SCHEMA", "RECORD", "STATE"]


def test_without_settings_for_invoices_their_records_pass(
    capfd: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mapper that is told nothing about invoices leaves their records alone."""
    mapper = Pipe(capfd, config())
    monkeypatch.setattr(mapper.mapper, "settings", type(mapper.mapper.settings)())
    assert [message["stream"] for message in mapper(SCHEMA, RECORD)] == ["expanded_invoices"] * 2


def test_bad_settings_are_refused_with_all_that_is_wrong() -> None:
    """The mapper does not start with settings that cannot be used."""
    with pytest.raises(ConfigValidationError) as caught:
        MapperAutotaskExact(config=config(jornal="70", form="x"))
    assert [error.split(":")[0] for error in caught.value.errors] == ["invoices.jornal", "invoices.form"]


def test_mapping_reads_no_clock_and_changes_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same record and settings give the same document, and the record stays as it was."""
    given, rules = record(line(id=1), line(id=2)), MapperAutotaskExact(config=config()).settings.invoices
    assert rules is not None
    first = invoices.document(given, rules)
    monkeypatch.setattr(sys.modules["time"], "time", lambda: 0)
    assert invoices.document(given, rules) == first
    assert given == record(line(id=1), line(id=2))
