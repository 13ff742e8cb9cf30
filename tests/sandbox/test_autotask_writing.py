"""Writes at the Autotask half: verbs, what is ignored, what is checked, what the server sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.autotask_calls import JSON, call, ids, item, refused

if TYPE_CHECKING:
    from tests.conftest import Sandbox

OWNER = 29682886
NEW_COMPANY = {"id": 0, "companyName": "Voorbeeld BV", "companyType": 1, "ownerResourceID": OWNER, "phone": "020"}


def create(sandbox: Sandbox, path: str, body: JSON, headers: dict[str, str] | None = None) -> int:
    """Create a row and return its id."""
    answer = call(sandbox, "POST", path, body, headers)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["itemId"]
    created: int = answer.json()["itemId"]
    return created


def patch(sandbox: Sandbox, path: str, body: JSON) -> None:
    """Change a row."""
    answer = call(sandbox, "PATCH", path, body)
    assert (answer.status_code, answer.json()) == (200, {"itemId": body["id"]}), answer.text


def test_create(sandbox: Sandbox) -> None:
    """A create answers 200 with the new id, the server says when and by whom, and user-defined fields are kept."""
    sandbox.reset(now="2026-03-04T09:12:44.080Z")
    body = NEW_COMPANY | {"userDefinedFields": [{"name": "kvk-nummer", "value": "12345678"}]}
    row = item(sandbox, "Companies", create(sandbox, "Companies", body))
    assert row["companyName"] == "Voorbeeld BV"
    assert row["isActive"] is True
    assert row["createdByResourceID"] == 29682885
    assert row["createDate"].startswith("2026-03-04T09:12:4")
    assert row["createDate"] == row["lastTrackedModifiedDateTime"]
    assert row["userDefinedFields"] == [
        {"name": "KvK-nummer", "value": "12345678"},
        {"name": "Debiteurnummer ERP", "value": None},
        {"name": "Klantgroep", "value": None},
    ]


def test_impersonation(sandbox: Sandbox) -> None:
    """A create on behalf of a resource is that resource's, and tells that the API user did it."""
    created = create(sandbox, "Companies", NEW_COMPANY, {"ImpersonationResourceId": str(OWNER)})
    row = item(sandbox, "Companies", created)
    assert (row["createdByResourceID"], row["impersonatorCreatorResourceID"]) == (OWNER, 29682885)


def test_unknown_and_read_only_properties_are_ignored(sandbox: Sandbox) -> None:
    """Properties that do not exist or can not be written change nothing, and the answer is 200 all the same."""
    before = item(sandbox, "Invoices", ids(sandbox, "Invoices")[0])
    patch(sandbox, "Invoices", {"id": before["id"], "foo": 1, "invoiceTotal": 5, "paymentTerms": 3})
    assert item(sandbox, "Invoices", before["id"]) == before


def test_patch_changes_what_is_given(sandbox: Sandbox) -> None:
    """PATCH on the collection changes only what it names; a paid date loses its time."""
    before = item(sandbox, "Invoices", ids(sandbox, "Invoices")[0])
    patch(
        sandbox,
        "invoices",
        {"ID": 0, "id": before["id"], "PAIDDATE": "2026-09-20T13:45:00Z", "webServiceDate": "2026-09-06T02:00:00.5"},
    )
    assert item(sandbox, "Invoices", before["id"]) == before | {
        "paidDate": "2026-09-20T00:00:00.000Z",
        "webServiceDate": "2026-09-06T02:00:00.5Z",
    }


def test_put_empties_what_is_left_out(sandbox: Sandbox) -> None:
    """PUT empties every writable field that it leaves out, and keeps the read-only ones."""
    company = ids(sandbox, "Companies")[1]
    before = item(sandbox, "Companies", company)
    assert call(sandbox, "PUT", "Companies", NEW_COMPANY | {"id": company}).status_code == 200
    after = item(sandbox, "Companies", company)
    assert before["address1"]
    assert (after["companyName"], after["address1"], after["companyNumber"]) == ("Voorbeeld BV", None, None)
    assert after["createDate"] == before["createDate"]
    assert {udf["value"] for udf in after["userDefinedFields"]} == {None}


def test_null_is_a_switch(sandbox: Sandbox) -> None:
    """Null in a PATCH empties the field, or is ignored."""
    company = ids(sandbox, "Companies")[1]
    patch(sandbox, "Companies", {"id": company, "city": None})
    assert item(sandbox, "Companies", company)["city"] is None
    sandbox.reset(autotask={"null_clears": False})
    patch(sandbox, "Companies", {"id": company, "city": None})
    assert item(sandbox, "Companies", company)["city"]


def test_modified_date_moves(sandbox: Sandbox) -> None:
    """Every write moves the modified date to the clock's time."""
    sandbox.clock(now="2031-05-01T10:00:00.25Z")
    company = ids(sandbox, "Companies")[1]
    patch(sandbox, "Companies", {"id": company, "city": "Delft"})
    assert item(sandbox, "Companies", company)["lastTrackedModifiedDateTime"].startswith("2031-05-01T10:00:0")
    found = ids(
        sandbox,
        "Companies",
        {"op": "gte", "field": "lastTrackedModifiedDateTime", "value": "2031-05-01T10:00:00.25Z"},
    )
    assert found == [company]


@pytest.mark.parametrize("tracked", [True, False])
def test_edits_of_user_defined_fields_are_a_switch(sandbox: Sandbox, *, tracked: bool) -> None:
    """Whether an edit of only user-defined fields moves the modified date is not documented."""
    sandbox.reset(autotask={"udf_edits_tracked": tracked})
    company = ids(sandbox, "Companies")[1]
    before = item(sandbox, "Companies", company)
    patch(sandbox, "Companies", {"id": company, "userDefinedFields": [{"name": "Klantgroep", "value": "NPO"}]})
    after = item(sandbox, "Companies", company)
    assert [udf["value"] for udf in after["userDefinedFields"]][2] == "NPO"
    assert after["userDefinedFields"][:2] == before["userDefinedFields"][:2]
    assert (after["lastTrackedModifiedDateTime"] != before["lastTrackedModifiedDateTime"]) is tracked


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"companyName": None}, "Missing Required Field: companyName."),
        ({"phone": ""}, "Missing Required Field: phone."),
        ({"phone": "1" * 26}, "phone is longer than 25 characters."),
        ({"companyType": 5}, "The value 5 does not exist in the picklist of the field companyType."),
        ({"ownerResourceID": 1}, "Reference value on field: ownerResourceID of type: Resource does not exist"),
        ({"taxRegionID": 99}, "Reference value on field: taxRegionID of type: TaxRegion does not exist"),
        ({"isActive": "true"}, "Error converting value 'true' of the field isActive to type boolean."),
        ({"companyType": True}, "Error converting value 'True' of the field companyType to type integer."),
        ({"companyName": 5}, "Error converting value '5' of the field companyName to type string."),
        ({"userDefinedFields": [{"name": "foo", "value": 1}]}, "Unable to find foo in the Company Entity."),
        ({"userDefinedFields": [{"name": "Klantgroep", "value": "X"}]}, "The value X is not in the list"),
    ],
)
def test_refused_creates(sandbox: Sandbox, changes: JSON, text: str) -> None:
    """What can not be stored is a 500 that names the field, and nothing is stored."""
    before = ids(sandbox, "Companies")
    assert any(text in error for error in refused(call(sandbox, "POST", "Companies", NEW_COMPANY | changes)))
    assert ids(sandbox, "Companies") == before


def test_all_problems_at_once(sandbox: Sandbox) -> None:
    """A create that lacks several things is told all of them."""
    assert len(refused(call(sandbox, "POST", "Companies", {}))) == 4


def test_inactive_reference(sandbox: Sandbox) -> None:
    """A reference to an inactive row is as bad as one to none."""
    sandbox.put_row("autotask", "Resources", {"id": OWNER, "isActive": False})
    (error,) = refused(call(sandbox, "POST", "Companies", NEW_COMPANY))
    assert error == "Reference value on field: ownerResourceID of type: Resource does not exist or is invalid."


def test_currency_is_fixed_after_the_create(sandbox: Sandbox) -> None:
    """A company's currency can be chosen at the start only."""
    created = create(sandbox, "Companies", NEW_COMPANY | {"currencyID": 2})
    assert "currencyID" in refused(call(sandbox, "PATCH", "Companies", {"id": created, "currencyID": 1}))[0]
    patch(sandbox, "Companies", {"id": created, "currencyID": 2})


def test_update_of_a_missing_row(sandbox: Sandbox) -> None:
    """An update needs the id of a row that is there."""
    expected = ["Error updating entity for record number [1]."]
    assert refused(call(sandbox, "PATCH", "Companies", {"id": 1, "city": "x"})) == expected
    assert refused(call(sandbox, "PATCH", "Companies", {"city": "x"})) == expected


def test_children_are_written_below_their_parent(sandbox: Sandbox) -> None:
    """A contact is created, changed and deleted through its company only."""
    company, other = ids(sandbox, "Companies")[1:3]
    path = f"Companies/{company}/Contacts"
    body = {"id": 0, "companyID": other, "firstName": "Anna", "lastName": "Jansen", "isActive": 1}
    created = create(sandbox, path, body)
    assert item(sandbox, "Contacts", created)["companyID"] == company
    patch(sandbox, path, {"id": created, "title": "Directeur"})
    assert item(sandbox, "Contacts", created)["title"] == "Directeur"
    for method in ("POST", "PATCH", "PUT"):
        assert call(sandbox, method, "Contacts", body).status_code == 405
    assert call(sandbox, "PATCH", f"Companies/{other}/Contacts", {"id": created}).status_code == 500
    assert refused(call(sandbox, "DELETE", f"Companies/{other}/Contacts/{created}"))[0].startswith("No matching")
    assert call(sandbox, "DELETE", f"{path}/{created}").json() == {"itemId": created}
    assert call(sandbox, "GET", f"Contacts/{created}").status_code == 404


def test_child_of_a_missing_parent(sandbox: Sandbox) -> None:
    """Nothing is created below a parent that is not there."""
    assert call(sandbox, "POST", "Companies/1/Contacts", {"firstName": "A"}).status_code == 404


def test_delete(sandbox: Sandbox) -> None:
    """What can be deleted answers its id; a missing row is a 500 with a text about permissions."""
    row = ids(sandbox, "InventoryProducts")[0]
    assert call(sandbox, "DELETE", f"InventoryProducts/{row}").json() == {"itemId": row}
    assert refused(call(sandbox, "DELETE", f"InventoryProducts/{row}"))[0].startswith("No matching records found.")
    assert call(sandbox, "DELETE", "Companies/0").status_code == 405


def test_list_items_below_their_definition(sandbox: Sandbox) -> None:
    """A new value of a list field can be used at once; its parent goes by a name of its own."""
    body = {"valueForDisplay": "Overheid", "valueForExport": "OVH", "isActive": True}
    create(sandbox, "UserDefinedFields/3/ListItems", body)
    company = ids(sandbox, "Companies")[1]
    patch(sandbox, "Companies", {"id": company, "userDefinedFields": [{"name": "Klantgroep", "value": "OVH"}]})


@pytest.mark.parametrize(
    "text",
    [
        'Kabel 1" x 3/4" (d\'r)',
        "Emoji 🚀👩‍💻 ŁŠŽ",
        "nul\x00teken",
        "<script>&amp;]]></script>",
        "a\r\n\tb",
        "x" * 2000,
    ],
)
def test_odd_texts_come_back(sandbox: Sandbox, text: str) -> None:
    """Quotes, emoji, NUL, markup and length come back as they were sent."""
    product = ids(sandbox, "Products")[0]
    patch(sandbox, "Products", {"id": product, "description": text})
    assert item(sandbox, "Products", product)["description"] == text


def test_bytes_that_are_no_utf8(sandbox: Sandbox) -> None:
    """A body in another encoding than UTF-8 has its letters turned into question marks."""
    product = ids(sandbox, "Products")[0]
    requests.patch(
        f"{sandbox.url}/ATServicesRest/V1.0/Products",
        data=f'{{"id": {product}, "description": "Financiën"}}'.encode("latin-1"),
        headers=sandbox.autotask_headers | {"Content-Type": "application/json"},
        timeout=5,
    )
    assert item(sandbox, "Products", product)["description"] == "Financi?n"


def test_body_that_is_no_json(sandbox: Sandbox) -> None:
    """A body that can not be read is a 500."""
    answer = requests.post(
        f"{sandbox.url}/ATServicesRest/V1.0/Companies", data=b"{", headers=sandbox.autotask_headers, timeout=5
    )
    assert "could not be read" in refused(answer)[0]


def test_flags_can_be_changed_by_a_scenario(sandbox: Sandbox) -> None:
    """Which fields are read-only differs between tenants: a scenario says how it is here."""
    company = ids(sandbox, "Companies")[1]
    change: Any = {"id": company, "billToCity": "Delft"}
    patch(sandbox, "Companies", change)
    assert item(sandbox, "Companies", company)["billToCity"] != "Delft"
    sandbox.reset(autotask={"fields": {"Companies.billToCity": "string(50)"}})
    patch(sandbox, "Companies", change)
    assert item(sandbox, "Companies", company)["billToCity"] == "Delft"


def test_invoice_settings(sandbox: Sandbox) -> None:
    """How a company wants its invoices is an object below it, with recipients."""
    company = ids(sandbox, "Companies")[1]
    path = f"Companies/{company}/invoiceSettings"
    assert call(sandbox, "PUT", path, {"taxId": "NL1", "otherEmails": "a@b.example"}).status_code == 200
    contacts = [row["id"] for row in call(sandbox, "GET", f"Companies/{company}/Contacts").json()["items"]]
    for _ in range(2):
        assert call(sandbox, "POST", f"{path}/contactRecipients", {"items": contacts}).status_code == 200
    found = call(sandbox, "GET", path).json()
    assert found | {"taxRegionId": 0} == {
        "taxExempt": False, "taxRegionId": 0, "taxId": "NL1", "invoiceEmailingEnabled": False,
        "otherEmails": "a@b.example", "contactRecipients": contacts, "resourceRecipients": [],
    }  # fmt: skip
    assert item(sandbox, "Companies", company)["taxID"] == "NL1"
    assert call(sandbox, "DELETE", f"{path}/contactRecipients/{contacts[0]}").status_code == 200
    assert call(sandbox, "DELETE", f"{path}/contactRecipients/{contacts[0]}").status_code == 404
    assert call(sandbox, "GET", path).json()["contactRecipients"] == contacts[1:]


@pytest.mark.parametrize(
    ("switch", "status", "kept"), [("written", 200, False), ("refused", 500, True), ("ignored", 200, True)]
)
def test_a_voided_invoice(sandbox: Sandbox, switch: str, status: int, kept: bool) -> None:  # noqa: FBT001
    """Nobody could tell whether a voided invoice takes a paid date: a switch says."""
    sandbox.reset(autotask={"voided_invoices": switch})
    voided = ids(sandbox, "Invoices", {"op": "eq", "field": "isVoided", "value": True})[0]
    before = item(sandbox, "Invoices", voided)
    body = {"id": voided, "paidDate": "2026-09-20T00:00:00Z"}
    assert call(sandbox, "PATCH", "Invoices", body).status_code == status
    assert (item(sandbox, "Invoices", voided) == before) == kept
