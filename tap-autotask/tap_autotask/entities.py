"""The entities of Autotask: how each is followed over time, and the columns it has."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Fields = dict[str, str]
"""Field name to ``integer``, ``number``, ``boolean``, ``string`` or ``date-time``."""


class Entity(NamedTuple):
    """One entity and its way of telling what changed.

    Args:
        name: As in the API's paths: ``CompanyLocations``.
        marker: The field that moves with every edit; without one the whole table is read.
        dated: The field that says when a row came into being.
        appended: Rows are known by their ascending id; those of the last months are read again for their changes.
        late: Fields whose date says that an older row of an appended entity changed.
    """

    name: str
    marker: str | None = None
    dated: str | None = None
    appended: bool = False
    late: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        """The name of the stream: ``company_locations``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()


INVOICES = Entity("Invoices", dated="createDateTime", appended=True, late=("paidDate", "voidedDate", "webServiceDate"))

RECEIVING = Entity("PurchaseOrderItemReceiving", dated="receiveDate", appended=True)

COMPANIES = Entity("Companies", "lastTrackedModifiedDateTime", "createDate")
CONTACTS = Entity("Contacts", "lastModifiedDate", "createDate")

ENTITIES = (
    # Companies and contacts
    COMPANIES,
    Entity("CompanyLocations"),
    CONTACTS,
    # Invoicing and tax
    INVOICES,
    Entity("BillingItems", dated="postedDate", appended=True, late=("webServiceDate",)),
    Entity("BillingCodes"),
    Entity("Currencies"),
    Entity("InvoiceTemplates"),
    Entity("PaymentTerms"),
    Entity("TaxCategories"),
    Entity("TaxRegions"),
    Entity("Taxes"),
    # Contracts and services
    Entity("Contracts", "lastModifiedDateTime"),
    Entity("ContractCharges"),
    Entity("ContractServices"),
    Entity("Services", "lastModifiedDate", "createDate"),
    Entity("ServiceBundles", "lastModifiedDate", "createDate"),
    # Projects and service desk
    Entity("Projects"),
    Entity("ProjectCharges"),
    Entity("Tickets", "lastTrackedModificationDateTime", "createDate"),
    Entity("TicketCharges"),
    # Products, inventory and purchasing
    Entity("InventoryLocations"),
    Entity("Products"),
    Entity("ProductVendors"),
    Entity("PurchaseOrders"),
    Entity("PurchaseOrderItems"),
    RECEIVING,
    # Organisation
    Entity("Countries"),
    Entity("Departments"),
    Entity("Resources"),
    Entity("Roles"),
    Entity("UserDefinedFieldDefinitions"),
)

WITH_USER_DEFINED_FIELDS = {"Companies", "Contacts", "Contracts", "Products", "Projects", "Tickets"}
"""Only these of the entities above have fields of the tenant's own (Autotask REST docs, User-defined fields)."""

MARKERS = ("lastTrackedModifiedDateTime", "lastTrackedModificationDateTime", "lastModifiedDateTime", "lastModifiedDate")
DATED = ("createDate", "createDateTime", "createdTime")

TYPES: dict[str, type[th.JSONTypeHelper[Any]]] = {
    "integer": th.IntegerType,
    "number": th.NumberType,
    "boolean": th.BooleanType,
    "string": th.StringType,
    "date-time": th.DateTimeType,
}

WIRE_TYPES = {
    "integer": "integer",
    "short": "integer",
    "long": "integer",
    "double": "number",
    "decimal": "number",
    "float": "number",
    "boolean": "boolean",
    "datetime": "date-time",
}
"""The ``dataType`` of entityInformation/fields; anything else is text (Autotask REST docs, Swagger of 2020)."""


@functools.cache
def known_fields() -> Mapping[str, Fields]:
    """Return the fields of the entities this tap knows without asking the tenant."""
    text = resources.files("tap_autotask").joinpath("schemas/entities.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Fields])


@functools.cache
def date_fields(entity: str) -> tuple[str, ...]:
    """Return the fields of a known entity that hold timestamps."""
    return tuple(name for name, kind in known_fields()[entity].items() if kind == "date-time")


def undeclared(name: str, fields: Iterable[str]) -> Entity:
    """Return an entity of which only its fields are known; its change marker follows from their names."""
    names = set(fields)
    return Entity(
        name,
        marker=next((marker for marker in MARKERS if marker in names), None),
        dated=next((dated for dated in DATED if dated in names), None),
    )


def described_fields(metadata: Iterable[Mapping[str, Any]]) -> Fields:
    """Return the fields that the tenant's metadata describes.

    Args:
        metadata: The ``fields`` of ``{Entity}/entityInformation/fields``.
    """
    fields = {field["name"]: WIRE_TYPES.get(str(field.get("dataType")).lower(), "string") for field in metadata}
    return {"id": "integer", **fields}


def schema(fields: Fields, user_defined: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return the JSON Schema of an entity's rows: every column may be null but the key.

    Rows hold null even in fields the metadata calls required (Anteris-Dev/autotask-client#57).

    Args:
        fields: The columns.
        user_defined: The ``fields`` of ``{Entity}/entityInformation/userDefinedFields``, named in the description.
    """
    columns = [th.Property(name, TYPES[kind], required=name == "id") for name, kind in fields.items()]
    described = ", ".join(f"{field['name']} ({field.get('type')})" for field in user_defined)
    udf = th.ObjectType(th.Property("name", th.StringType), th.Property("value", th.StringType))
    columns.append(th.Property("userDefinedFields", th.ArrayType(udf), description=described or None))
    return th.PropertiesList(*columns).to_dict()


def expanded(entity: Entity, additions: th.PropertiesList) -> dict[str, Any]:
    """Return the JSON Schema of an entity's known columns and of what is added to them."""
    plain = schema(known_fields()[entity.name])
    return plain | {"properties": plain["properties"] | additions.to_dict()["properties"]}
