from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from tap_exact_online.tap import TapExactOnline
from tests.tap_exact_online.test_tap_endpoints import SETTINGS

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def shape(schema: Any) -> Any:
    """Return a column's schema as one word or, when it holds rows, their columns."""
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    inner = schema.get("properties") or schema.get("items", {}).get("properties")
    text = " ".join(filter(None, [schema.get("format"), *kinds]))
    return {f"{name} of": " ".join(sorted(inner)) for name in [text]} if inner else text


def by_shape(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the names of the columns by what they are, which is shorter."""
    found: dict[str, Any] = {}
    for name, column in sorted(schema["properties"].items()):
        inner = shape(column)
        if isinstance(inner, dict):
            found[name] = inner
        else:
            found.setdefault(inner, []).append(name)
    return {key: " ".join(value) if isinstance(value, list) else value for key, value in found.items()}


def test_the_catalog(snapshot: SnapshotAssertion) -> None:
    """What the tap offers changes on purpose only: streams, keys, bookmarks, columns and their types."""
    catalog = TapExactOnline(config=SETTINGS).catalog_dict
    shown = {
        entry["tap_stream_id"]: {
            "key": " ".join(entry["key_properties"]),
            "bookmark": entry.get("replication_key"),
            "columns": by_shape(entry["schema"]),
        }
        for entry in catalog["streams"]
    }
    assert shown == snapshot


def test_schemas_are_valid() -> None:
    """Each stream's schema is a JSON Schema, and has its key and its bookmark."""
    for stream in TapExactOnline(config=SETTINGS).streams.values():
        DEFAULT_JSONSCHEMA_VALIDATOR.check_schema(stream.schema)
        assert {*stream.primary_keys, stream.replication_key} - {None} <= set(stream.schema["properties"])


def test_the_schema_is_made_once() -> None:
    """The SDK asks for it at every record."""
    stream = TapExactOnline(config=SETTINGS).streams["accounts"]
    assert stream.schema is stream.schema


def test_discovery_needs_no_settings() -> None:
    """The catalog can be seen before there is a sign-in."""
    tap = TapExactOnline(config={}, validate_config=False, setup_mapper=False)
    assert len(json.loads(tap.catalog_json_text)["streams"]) == len(tap.streams)
