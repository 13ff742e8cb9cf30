"""The entities that are simulated: keys, REST operations and properties, from `catalogue.json`.

The file holds names, types, lengths and flags of the vendor's entity reference for product update 415
(omniboost/go-exactglobe-webservices, docs/EntityDocumentation_PU415). A property is written ``Type length.scale flags
since default``, "-" for what does not apply. Flags: R right aligned, N numeric string, M mandatory, U upper case,
A numbered by Globe; ``since`` is a product update.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from typing_extensions import override

from sandbox.exact_online.catalogue import Property, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPE_PREFIX = "Exact.Metadata.Entity."
"""Of ``__metadata.type`` and of the Atom category (jovana/exact-globe-api, ExactGlobe.py)."""
EDM_TYPES = {
    "Binary": "Binary",
    "Boolean": "Boolean",
    "Date": "DateTime",
    "Double": "Double",
    "GUID": "Guid",
    "Integer": "Int32",
    "Picture": "Binary",
    "String": "String",
}
"""How a type of the entity reference is shown in REST; a Number is Double with a scale and Int32 without (inferred from
the types that omniboost/go-exactglobe-webservices reads)."""

OPERATIONS = {"create": "POST", "retrieve": "GET", "update": "MERGE", "delete": "DELETE"}
RECEIPTS_SINCE = 502
RECEIPTS: dict[str, dict[str, Any]] = {
    "PurchaseOrderReceiptHeader": {
        "key": "EntryNumber",
        "rest": "create retrieve",
        "since": RECEIPTS_SINCE,
        "properties": {
            "Description": "String 20",
            "EntryNumber": "String 8 RN",
            "PurchaseOrderNumber": "String 8 R",
            "ReceiptDate": "Date 6",
            "TransactionKey": "GUID - M",
            "Warehouse": "String 4",
            "YourReference": "String 30",
        },
    },
    "PurchaseOrderReceiptLine": {
        "key": "ID",
        "rest": "create retrieve delete",
        "since": RECEIPTS_SINCE,
        "properties": {
            "EntryNumber": "String 8 R",
            "ID": "Integer - A",
            "ItemCode": "String 30 MU",
            "LineNumber": "Number 4",
            "PurchaseOrderLine": "Number 4",
            "PurchaseOrderNumber": "String 8 R",
            "Quantity": "Double 12.3",
            "TransactionKey": "GUID - M",
        },
    },
}
"""That product update 502 creates receipts is documented (its release notes name both entities); their properties are
not, and these are *inferred* from the receipts that product update 415 shows."""


@dataclass(frozen=True)
class Column(Property):
    """A property of an entity, in the words of the entity reference."""

    kind: str = "String"
    size: int = 0
    """The length as the entity reference gives it: of a number its digits."""
    scale: int | None = None
    right_aligned: bool = False
    numeric: bool = False
    mandatory: bool = False
    upper_case: bool = False
    numbered: bool = False
    since: int = 0
    default: str | None = None

    @property
    def is_padded(self) -> bool:
        """Tell whether texts are stored with spaces on the left, up to the length."""
        return self.right_aligned and self.kind == "String" and self.length is not None


@dataclass(frozen=True)
class Entity(Resource):
    """An entity, as what OData calls a resource."""

    columns: Mapping[str, Column]
    page: int

    @property
    @override
    def page_size(self) -> int:
        return self.page

    @property
    @override
    def type_name(self) -> str:
        return TYPE_PREFIX + self.path


def _column(name: str, spec: str) -> Column:
    parts = spec.split(maxsplit=4)
    kind, size, flags, since, default = (*parts, *("-", "-", "-", "")[len(parts) - 1 :])
    length, _, scale = size.partition(".")
    numbers = "Double" if scale else "Int32"
    return Column(
        name=name,
        type=EDM_TYPES.get(kind, numbers),
        length=int(length) if length.isdigit() and kind == "String" else None,
        kind=kind,
        size=int(length) if length.isdigit() else 0,
        scale=int(scale) if scale else None,
        right_aligned="R" in flags,
        numeric="N" in flags,
        mandatory="M" in flags,
        upper_case="U" in flags,
        numbered="A" in flags,
        since=int(since) if since.isdigit() else 0,
        default=default or None,
    )


def _entity(name: str, raw: dict[str, Any], update: int, page: int) -> Entity:
    columns = {key: _column(key, spec) for key, spec in raw["properties"].items()}
    columns = {key: column for key, column in columns.items() if column.since <= update}
    methods = {OPERATIONS[operation] for operation in raw["rest"].split()}
    return Entity(
        path=name,
        table=name,
        model=name,
        key=raw["key"],
        methods=frozenset(methods | ({"PUT"} if "MERGE" in methods else set())),
        properties=dict(columns),
        select_needed=False,
        filter_by=(),
        filter_only=frozenset(),
        columns=columns,
        page=page,
    )


@cache
def entities(update: int, page: int = 100) -> dict[str, Entity]:
    """Return the entities of a product update by name.

    Args:
        update: Its number; what came later does not exist.
        page: Rows on a page.
    """
    raw = msgspec.json.decode(Path(__file__).with_name("catalogue.json").read_bytes(), type=dict[str, dict[str, Any]])
    known = {name: entity for name, entity in (raw | RECEIPTS).items() if entity.get("since", 0) <= update}
    return {name: _entity(name, entity, update, page) for name, entity in known.items()}
