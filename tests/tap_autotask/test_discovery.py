from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_autotask.entities import ENTITIES, described_fields, known_fields, schema
from tap_autotask.streams import AppendedStream, MarkedStream
from tap_autotask.tap import TapAutotask
from tests.tap_autotask.fake import ZONE, client_of, failure, is_zone, ok

if TYPE_CHECKING:
    import requests
    from syrupy.assertion import SnapshotAssertion

    from tests.tap_autotask.fake import Autotask, Reply

REQUIRED = {
    "billing_codes", "billing_items", "companies", "company_locations", "contacts", "contract_charges",
    "contract_services", "contracts", "countries", "currencies", "departments", "expanded_companies",
    "expanded_invoices", "inventory_locations", "invoice_templates", "invoices", "payment_terms", "product_vendors",
    "products", "project_charges", "projects", "purchase_order_item_receiving", "purchase_order_items",
    "purchase_orders", "resources", "roles", "tax_categories", "tax_regions", "taxes", "ticket_charges", "tickets",
    "user_defined_field_definitions",
}  # fmt: skip
SIGNED_IN = {"username": "u", "secret": "s", "integration_code": "c"}


def described(*fields: tuple[str, str]) -> Reply:
    return ok({"fields": [{"name": name, "dataType": kind, "type": kind} for name, kind in fields]})


def tap_of(replies: dict[str, Reply], **config: Any) -> tuple[TapAutotask, Autotask]:
    """Return a tap on an Autotask that knows the metadata of some entities."""

    def handler(request: requests.PreparedRequest) -> Reply:
        path = request.path_url.partition("/V1.0/")[2]
        return ok(ZONE) if is_zone(request) else replies.get(path, failure(404))

    client, autotask, _ = client_of(handler)
    tap = TapAutotask(config=SIGNED_IN | config, setup_mapper=False)
    tap.__dict__["client"] = client
    return tap, autotask


def test_the_catalog(snapshot: SnapshotAssertion) -> None:
    """What is offered without asking a tenant: a change of a column shows here and is looked at."""
    tap = TapAutotask(config={"read_metadata": False}, validate_config=False)
    streams = {
        stream["tap_stream_id"]: {
            "replication": f"{stream['replication_method']} {stream.get('replication_key') or ''}".strip(),
            "columns": {
                name: " ".join([*column.get("type", ["any"]), column.get("format", "")]).strip()
                for name, column in stream["schema"]["properties"].items()
            },
        }
        for stream in tap.catalog_dict["streams"]
    }
    assert streams == snapshot


def test_the_streams_that_were_promised_are_there() -> None:
    """Every stream of the README exists without credentials and without a network, keyed by id."""
    tap = TapAutotask(config={}, validate_config=False)
    assert set(tap.streams) >= REQUIRED
    assert {tuple(stream.primary_keys) for stream in tap.streams.values()} == {("id",)}


def test_every_column_may_be_null_but_the_key() -> None:
    """Rows hold null also where the metadata says that a field is required."""
    for entity in ENTITIES:
        columns = schema(known_fields()[entity.name])["properties"]
        assert {name for name, column in columns.items() if "null" not in column["type"]} == {"id"}


def test_markers_and_dates_are_columns() -> None:
    """What a stream is followed by is among its columns."""
    for entity in ENTITIES:
        used = {entity.marker, entity.dated, *entity.late} - {None}
        assert used <= set(known_fields()[entity.name])


def test_the_tenants_own_metadata_goes_first() -> None:
    """Its columns and types are taken as they are, and its user-defined fields are named."""
    tap, _ = tap_of(
        {
            "Companies/entityInformation/fields": described(("id", "long"), ("isNew", "boolean"), ("rate", "Decimal")),
            "Companies/entityInformation/userDefinedFields": described(("ERP Debtor Code", "string")),
        }
    )
    columns = tap.streams["companies"].schema["properties"]
    assert set(columns) == {"id", "isNew", "rate", "userDefinedFields"}
    assert (columns["isNew"]["type"], columns["rate"]["type"]) == (["boolean", "null"], ["number", "null"])
    assert columns["userDefinedFields"]["description"] == "ERP Debtor Code (string)"


def test_a_tenant_without_a_marker_is_read_whole() -> None:
    """Contracts got their change marker late: where the metadata has none, there is none."""
    base = "Contracts/entityInformation"
    tap, _ = tap_of({f"{base}/fields": described(("id", "long")), f"{base}/userDefinedFields": described()})
    assert tap.streams["contracts"].replication_method == "FULL_TABLE"


def test_metadata_that_is_not_shown_is_replaced_by_what_is_known() -> None:
    """Without the right to one entity's metadata discovery goes on."""
    tap, _ = tap_of({})
    assert "companyName" in tap.streams["companies"].schema["properties"]


def test_a_run_with_a_catalog_asks_for_no_metadata() -> None:
    """Meltano discovers in a process of its own; the run takes the columns it was given."""
    found, _ = tap_of({"TaxRegions/entityInformation/fields": described(("id", "long"), ("extra", "string"))})
    tap = TapAutotask(config=SIGNED_IN, catalog=found.catalog_dict)
    client, autotask, _ = client_of(lambda _: failure(404))
    tap.__dict__["client"] = client
    assert "extra" in tap.streams["tax_regions"].schema["properties"]
    assert autotask.seen == []


def test_read_metadata_can_be_switched_off() -> None:
    """Then discovery makes no call."""
    tap, autotask = tap_of({}, read_metadata=False)
    assert len(tap.streams) == len(ENTITIES) + 3
    assert autotask.seen == []


def test_other_entities_can_be_added() -> None:
    """Their columns come from the tenant, and their change marker is recognised by its name."""
    fields = described(("id", "long"), ("lastModifiedDate", "datetime"), ("createDate", "datetime"))
    replies = {
        "Opportunities/entityInformation/fields": fields,
        "Opportunities/entityInformation/userDefinedFields": described(),
    }
    tap, _ = tap_of(replies, extra_entities=["Opportunities", "Quotes", "Companies"], read_metadata=False)
    added = tap.streams["opportunities"]
    assert isinstance(added, MarkedStream)
    assert (added.replication_key, added.entity.dated) == ("lastModifiedDate", "createDate")
    assert "quoteNumber" in tap.streams["quotes"].schema["properties"]


def test_an_entity_that_does_not_exist_is_a_clear_error() -> None:
    """The message names the setting, the value, what Autotask said, and the nearest name."""
    tap, _ = tap_of({}, extra_entities=["Qoutes"])
    with pytest.raises(ConfigValidationError, match=r"extra_entities names 'Qoutes'.*404.*Did you mean Quotes\?"):
        _ = tap.streams


def test_a_filter_for_no_stream_is_a_clear_error() -> None:
    """A typing error in a stream's name does not silently filter nothing."""
    tap, _ = tap_of({}, filters={"invoice": []}, read_metadata=False)
    with pytest.raises(ConfigValidationError, match=r"filters names 'invoice'.*Did you mean invoices\?"):
        _ = tap.streams


def test_a_catalog_can_turn_a_stream_to_full_table() -> None:
    """The Singer way of asking for everything is obeyed."""
    catalog = TapAutotask(config={}, validate_config=False).catalog_dict
    for stream in catalog["streams"]:
        stream["replication_method"] = "FULL_TABLE"
    tap = TapAutotask(config=SIGNED_IN, catalog=catalog)
    stream = tap.streams["invoices"]
    assert isinstance(stream, AppendedStream)
    assert stream.replication_method == "FULL_TABLE"


def test_pascal_case_and_unknown_types() -> None:
    """Types of any spelling are understood; what is unknown is text."""
    fields = [
        {"name": "a", "dataType": "Long"},
        {"name": "b", "dataType": "DateTime"},
        {"name": "c", "dataType": "guid"},
    ]
    assert described_fields(fields) == {"id": "integer", "a": "integer", "b": "date-time", "c": "string"}
