from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper_autotask_exact.mapper import MapperAutotaskExact
from tests.mapper_autotask_exact.parties import LEAST, account, company
from transfer_ledger.documents import KEY_PROPERTIES, decode, schema

BOTH = MapperAutotaskExact(config=LEAST)
STREAMS = {"expanded_companies": ("accounts", company, "id"), "expanded_accounts": ("companies", account, "ID")}
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
MORE = {"labels", "invoice_template", "main_contact", "addresses", "bank_accounts", "taxID", "offered"}
FIELDS = sorted({*company(), *account(), *MORE} - {"id", "ID"})


def sent(mapper: MapperAutotaskExact, stream: str, record: Any) -> list[dict[str, Any]]:
    """Return the messages that the mapper makes of a record, as a target reads them."""
    message = {"type": "RECORD", "stream": stream, "record": record}
    made = [each.to_dict() for each in mapper.map_record_message(message)]
    return [json.loads(msgspec.json.encode(each)) for each in made]


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_becomes_its_documents(stream: str) -> None:
    """Schema, key and records of the stream are those of the documents that take its place."""
    kind, record, key = STREAMS[stream]
    (head,) = BOTH.map_schema_message({"type": "SCHEMA", "stream": stream, "schema": {}, "key_properties": [key]})
    assert head.to_dict() == {
        "type": "SCHEMA",
        "stream": kind,
        "schema": schema(kind),
        "key_properties": KEY_PROPERTIES,
    }
    (message,) = sent(BOTH, stream, record())
    assert message["stream"] == kind
    assert decode(kind, message["record"]).source.stream == stream


def test_without_its_settings_a_stream_passes_through() -> None:
    """A mapper that has settings for the one direction leaves the records of the other as they came."""
    one_way = MapperAutotaskExact(config={"accounts": LEAST["accounts"]})
    assert [each["stream"] for each in sent(one_way, "expanded_accounts", account())] == ["expanded_accounts"]
    assert [each["stream"] for each in sent(one_way, "expanded_companies", company())] == ["accounts"]


def test_company_zero_has_an_id() -> None:
    """The id 0 of the own organisation is no missing id: it is a document that is skipped."""
    (message,) = sent(BOTH, "expanded_companies", company(id=0))
    assert message["record"]["skip"].startswith("it is your own organisation")


@settings(deadline=None)
@given(st.sampled_from(sorted(STREAMS)), st.dictionaries(st.sampled_from(FIELDS), ODD))
def test_no_party_stops_the_mapper(stream: str, changes: dict[str, Any]) -> None:
    """Whatever its other fields hold, a record with an id becomes exactly one document that a target can read."""
    kind, record, key = STREAMS[stream]
    row = {**record(), **changes}
    logging.disable()
    (message,) = sent(BOTH, stream, row)
    logging.disable(logging.NOTSET)
    assert decode(kind, message["record"]).source.id == str(row[key])


def test_a_party_that_cannot_be_mapped_is_logged_without_its_data(caplog: pytest.LogCaptureFixture) -> None:
    """It becomes a document with one problem, and the log says where the mapper broke."""
    (message,) = sent(BOTH, "expanded_companies", company(country="Piet de Vries"))
    (problem,) = message["record"]["problems"]
    assert problem["message"].startswith("unexpected AttributeError at ")
    assert "Company with id 29683001 cannot be mapped" in caplog.text
    assert "Piet" not in caplog.text
