"""What the Autotask half tells about its entities, in the shapes of the vendor's Swagger export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.autotask import catalogue
from sandbox.options import OptionsError
from tests.sandbox.autotask_calls import ALL, call, ids, items

if TYPE_CHECKING:
    from tests.conftest import Sandbox

ENTITIES = catalogue.load({}).entities


def _fields(sandbox: Sandbox, entity: str) -> dict[str, dict[str, Any]]:
    answer = call(sandbox, "GET", f"{entity}/entityInformation/fields")
    return {field["name"]: field for field in answer.json()["fields"]}


def test_information(sandbox: Sandbox) -> None:
    """What may be done with an entity, child routes counted in."""
    assert call(sandbox, "GET", "companies/EntityInformation").json() == {
        "info": {
            "name": "Company", "canCreate": True, "canDelete": False, "canQuery": True, "canUpdate": True,
            "userAccessForCreate": "All", "userAccessForDelete": "None", "userAccessForQuery": "All",
            "userAccessForUpdate": "All", "hasUserDefinedFields": True, "supportsWebhookCallouts": True,
        }
    }  # fmt: skip
    below = call(sandbox, "GET", "Companies/0/Contacts/entityInformation").json()
    assert below == call(sandbox, "GET", "Contacts/entityInformation").json()
    assert below["info"]["canCreate"] is True


def test_fields(sandbox: Sandbox) -> None:
    """A field tells type, length, flags, reference and picklist; values are text."""
    fields = _fields(sandbox, "Invoices")
    assert fields["comments"] == {
        "name": "comments", "dataType": "string", "length": 2000, "isRequired": False, "isReadOnly": True,
        "isQueryable": True, "isReference": False, "referenceEntityType": "", "isPickList": False,
        "picklistValues": None, "picklistParentValueField": "", "isSupportedWebhookField": False,
    }  # fmt: skip
    assert (fields["companyID"]["isReference"], fields["companyID"]["referenceEntityType"]) == (True, "Company")
    assert fields["dueDate"]["isQueryable"] is False
    assert [name for name, field in fields.items() if not field["isReadOnly"]] == [
        "invoiceNumber", "invoiceStatus", "invoiceTaxMethodExternalCode", "paidDate", "webServiceDate",
    ]  # fmt: skip
    assert fields["paymentTerm"]["picklistValues"][1] == {
        "value": "2", "label": "30 dagen", "isDefaultValue": False, "sortOrder": 2, "parentValue": "",
        "isActive": True, "isSystem": False,
    }  # fmt: skip


def test_labels_of_billing_item_types(sandbox: Sandbox) -> None:
    """The fifteen types of billing items have their labels in the metadata only."""
    values = _fields(sandbox, "BillingItems")["billingItemType"]["picklistValues"]
    assert [(value["value"], value["label"]) for value in (values[0], values[14])] == [
        ("1", "Labor"),
        ("15", "Contract Incident"),
    ]


def test_field_taken_on_create_only(sandbox: Sandbox) -> None:
    """The metadata calls such a field read-only, and yet a create needs it."""
    field = _fields(sandbox, "PurchaseOrders")["vendorID"]
    assert (field["isReadOnly"], field["isRequired"]) == (True, True)


def test_user_defined_fields(sandbox: Sandbox) -> None:
    """User-defined fields tell `type` instead of `dataType`, and a list its export texts."""
    fields = call(sandbox, "GET", "Companies/entityInformation/userDefinedFields").json()["fields"]
    assert [(field["name"], field["type"], field["isPickList"]) for field in fields] == [
        ("KvK-nummer", "string", False),
        ("Debiteurnummer ERP", "string", False),
        ("Klantgroep", "string", True),
    ]
    assert [value["value"] for value in fields[2]["picklistValues"]] == ["ZAK", "NPO"]
    assert call(sandbox, "GET", "Invoices/entityInformation/userDefinedFields").json() == {"fields": []}


def test_all_entities(sandbox: Sandbox) -> None:
    """All entities are told at once."""
    found = call(sandbox, "GET", "EntityInformation").json()["entityDescriptions"]
    assert len(found) == len(ENTITIES) >= 64


def test_every_entity_answers(sandbox: Sandbox) -> None:
    """Every entity tells its fields, its rows hold exactly those, and one that can not be queried says so."""
    wrong = []
    for name, entity in ENTITIES.items():
        columns = set(_fields(sandbox, name)) | {"userDefinedFields"}
        answer = call(sandbox, "POST", f"{name}/query", ALL | {"MaxRecords": 3})
        if "query" not in entity.root:
            wrong += [name] if answer.status_code != 405 else []
        elif any(set(row) != columns for row in answer.json()["items"]):
            wrong.append(name)
    assert wrong == []


def test_seeded_rows_agree_with_the_metadata(sandbox: Sandbox) -> None:
    """Every seeded value has its field's type and length, is in its picklist, and refers to a row that is there."""
    sandbox.reset(companies=150, invoices=60)
    singular = {entity.singular: name for name, entity in ENTITIES.items()}
    known = {name: set(ids(sandbox, name)) for name, entity in ENTITIES.items() if "query" in entity.root}
    wrong = []
    for name in known:
        fields = _fields(sandbox, name)
        for row in items(sandbox, name):
            for column, value in row.items():
                if value is None or column == "userDefinedFields":
                    continue
                reference = singular.get(fields[column]["referenceEntityType"])
                if not _agrees(fields[column], value) or (reference and value not in known[reference]):
                    wrong.append((name, column, value))
    assert wrong == []


TYPES = {"string": str, "datetime": str, "boolean": bool, "integer": int, "long": int, "double": float}


def _agrees(field: dict[str, Any], value: Any) -> bool:
    if type(value) is not TYPES[field["dataType"]]:
        return False
    if isinstance(value, str) and 0 < field["length"] < len(value):
        return False
    listed = {entry["value"] for entry in field["picklistValues"] or ()}
    return not listed or str(value) in listed


@pytest.mark.parametrize(
    ("target", "text"),
    [("Nothing.city", "string"), ("Companies", "string"), ("Companies.x", "text"), ("Companies.x", "string odd")],
)
def test_wrong_changes_of_the_catalogue(target: str, text: str) -> None:
    """A change that names no field, or is written wrongly, is told with what it should look like."""
    with pytest.raises(OptionsError, match=r"autotask\.fields: "):
        catalogue.load({target: text})
