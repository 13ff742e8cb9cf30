"""Which streams there are, and their columns: from the catalog given, the tenant's metadata, or what the tap knows."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from singer_sdk.exceptions import ConfigValidationError

from tap_autotask.entities import ENTITIES, WITH_USER_DEFINED_FIELDS, described_fields, known_fields, schema, undeclared
from tap_autotask.exceptions import Refused
from tap_autotask.expanded_companies import ExpandedCompanies
from tap_autotask.expanded_goods_receipts import ExpandedGoodsReceipts
from tap_autotask.expanded_invoices import ExpandedInvoices
from tap_autotask.streams import AppendedStream, AutotaskStream, MarkedStream

if TYPE_CHECKING:
    from tap_autotask.entities import Entity
    from tap_autotask.tap import TapAutotask

SIGN_IN = ("username", "secret", "integration_code")


def streams(tap: TapAutotask) -> list[AutotaskStream]:
    """Return all streams: the entities this tap knows, those of the setting ``extra_entities``, the expanded ones.

    Raises:
        ConfigValidationError: A setting names an entity or a stream that does not exist.
    """
    own = {entity.name for entity in ENTITIES}
    extra = [name for name in dict.fromkeys(tap.config.get("extra_entities", ())) if name not in own]
    found = [_declared(tap, entity) for entity in ENTITIES] + [_extra(tap, name) for name in extra]
    found += [ExpandedCompanies(tap), ExpandedGoodsReceipts(tap), ExpandedInvoices(tap)]
    _check_filters(tap, {stream.name for stream in found})
    return found


def _check_filters(tap: TapAutotask, names: set[str]) -> None:
    for name in tap.config.get("filters", {}):
        if name not in names:
            raise _wrong(f"The setting filters names {name!r}, which is no stream.", name, names)


def _wrong(message: str, name: str, names: set[str]) -> ConfigValidationError:
    near = difflib.get_close_matches(name, names, n=1)
    text = f"{message} Did you mean {near[0]}?" if near else message
    return ConfigValidationError(text, errors=[text])


def _declared(tap: TapAutotask, entity: Entity) -> AutotaskStream:
    columns = _from_catalog(tap, entity.stream) or _from_tenant(tap, entity.name)
    return _stream(tap, entity, columns or schema(known_fields()[entity.name]))


def _extra(tap: TapAutotask, name: str) -> AutotaskStream:
    known = known_fields().get(name)
    entity = undeclared(name, known or ())
    columns = _from_catalog(tap, entity.stream) or _from_tenant(tap, name, must=not known)
    columns = columns or schema(known or {})
    return _stream(tap, undeclared(name, columns["properties"]), columns)


def _stream(tap: TapAutotask, entity: Entity, columns: dict[str, Any]) -> AutotaskStream:
    if entity.appended:
        return AppendedStream(tap, entity, columns)
    if entity.marker in columns["properties"]:
        return MarkedStream(tap, entity, columns)
    return AutotaskStream(tap, entity, columns)


def _from_catalog(tap: TapAutotask, stream: str) -> dict[str, Any] | None:
    entry = tap.input_catalog.get_stream(stream) if tap.input_catalog else None
    return entry.schema.to_dict() if entry else None


def _from_tenant(tap: TapAutotask, name: str, *, must: bool = False) -> dict[str, Any] | None:
    """Return the columns the tenant's metadata describes; None where it is not to be read or not shown.

    Args:
        tap: The tap.
        name: The entity.
        must: Nothing else describes this entity.

    Raises:
        ConfigValidationError: There is no such entity.
    """
    signed_in = all(tap.config.get(setting) for setting in SIGN_IN)
    if not must and not (signed_in and tap.config["read_metadata"]):
        return None
    try:
        fields = described_fields(tap.client.metadata(name))
        udfs = tap.client.metadata(name, "userDefinedFields") if must or name in WITH_USER_DEFINED_FIELDS else ()
    except Refused as refusal:
        if must:
            raise _wrong(
                f"The setting extra_entities names {name!r}, which this Autotask does not show ({refusal})."
                " Names are as in the API's paths, and mostly plural: ConfigurationItems.",
                name,
                set(known_fields()),
            ) from refusal
        tap.logger.warning("%s. The columns this tap knows are used.", refusal)
        return None
    return schema(fields, udfs)
