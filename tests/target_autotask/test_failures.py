"""A record that cannot be written fails by itself, with the field, the value and what to do; the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_autotask.entities import Choice, Entity, Field
from target_autotask.payloads import body, changes, differences
from tests.target_autotask.loading import company, stream
from tests.target_autotask.test_entities import client
from tests.target_autotask.test_values import JSON
from transfer_ledger.records import RecordFailed

if TYPE_CHECKING:
    from tests.target_autotask.loading import Dock

FIELDS = [
    Field(name="id", type="long", read_only=True),
    Field(name="city", length=30),
    Field(name="createDate", type="datetime", read_only=True),
    Field(name="issueType", type="integer", choices=(Choice("1", "Hardware", active=True, parent=""),)),
    Field(
        name="subIssueType",
        type="integer",
        chosen_by="issueType",
        choices=(
            Choice("10", "Other", active=True, parent="1"),
            Choice("20", "Other", active=True, parent="2"),
        ),
    ),
]


def entity() -> Entity:
    return Entity("Tickets", {}, FIELDS, None, client())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ciyt": "Delft"}, "Companies has no field 'ciyt'; did you mean city?"),
        ({"paymentTerms": 1}, "Companies has no field 'paymentTerms'"),
        ({"CITY": "A", "city": "B"}, "A field is there twice, in different capitals"),
        ({"createDate": "2026-01-01"}, "createDate: is given by Autotask and ignored in a new row of Companies"),
        ({"id": 77}, "id: is given by Autotask"),
        ({"phone": "1" * 26}, "phone: '11111111111111111111111111' has 26 characters, the field takes 25"),
        ({"companyName": "a\0b"}, "companyName: 'a\\x00b' holds a NUL character"),
        ({"isActive": "yes"}, "isActive: 'yes' is neither true nor false"),
        ({"ownerResourceID": "29682886"}, "ownerResourceID: '29682886' is no whole number"),
        ({"companyType": "Klant"}, "companyType: 'Klant' is not in the picklist: 1 Customer, 2 Lead, 3 Prospect"),
        ({"userDefinedFields": {"KvK-numer": "1"}}, "no user-defined field 'kvk-numer'; did you mean KvK-nummer?"),
        ({"userDefinedFields": {"Klantgroep": "X"}}, "Klantgroep: 'X' is not in the picklist"),
        ({"userDefinedFields": [{"name": "a", "value": 1}, {"name": "A", "value": 2}]}, "has a name twice"),
        ({"userDefinedFields": "KvK"}, "is 'KvK', not a list of names and values"),
        ({"userDefinedFields": [{"naam": "a"}]}, 'which is not {"name": …, "value": …}'),
        ({"companyNumber": ""}, "companyNumber is empty, and it is the key: see the setting keys"),
        ({"companyNumber": 5}, "companyNumber: 5 is no text"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_sent(dock: Dock, wrong: dict[str, Any], said: str) -> None:
    """A name, a type, a length or a value that Autotask would ignore or refuse fails the record without a write."""
    loaded = dock.load(stream("companies", company("K-1") | wrong, company("K-2")))
    (failure,) = loaded.failures
    assert failure.startswith("companies, record 1")
    assert said in failure
    assert (loaded.code, loaded.count("POST Companies 200")) == (1, 1)
    assert dock.row("Companies", companyNumber="K-2")
    assert loaded.states[-1]["bookmarks"]["companies"]["replication_key_value"] == "later"


def test_all_that_is_wrong_is_told_at_once(dock: Dock) -> None:
    """One failure names every problem of its record."""
    wrong = {"phone": "1" * 26, "isActive": 1, "nonsense": True, "userDefinedFields": {"nonsense": 1}}
    (failure,) = dock.load(stream("companies", company("K-1", **wrong))).failures
    assert all(word in failure for word in ("phone", "isActive", "no field", "no user-defined field"))


def test_read_only_fields_may_be_there_unchanged(dock: Dock) -> None:
    """A read-only field with the value that the row has is no problem; with another it is, and nothing is written."""
    row = dock.row("Companies", companyNumber="D10003")
    plain = {name: value for name, value in row.items() if name != "userDefinedFields"}
    same = dock.load(stream("companies", plain | {"city": "Delft"}))
    assert (same.code, dock.row("Companies", companyNumber="D10003")["city"]) == (0, "Delft")
    record = {"companyNumber": "D10003", "city": "Gouda", "billToCity": "Elsewhere"}
    (failure,) = dock.load(stream("companies", record)).failures
    assert f"billToCity: is read-only: Autotask would keep {row['billToCity']!r} and ignore 'Elsewhere'" in failure
    assert dock.row("Companies", companyNumber="D10003")["city"] == "Delft"


def test_what_was_not_kept_is_a_failure(dock: Dock) -> None:
    """A write that Autotask answers with 200 and keeps otherwise is a failure with field, sent and kept value."""
    row_id = dock.rows("Invoices")[0]["id"]
    (failure,) = dock.load(stream("invoices", {"id": row_id, "paidDate": "2026-11-30T13:45:00Z"})).failures
    assert f"row {row_id} was updated, but paidDate: '2026-11-30T13:45:00.000Z' was sent" in failure
    assert "'2026-11-30T00:00:00.000Z' was kept" in failure
    dock.sandbox.reset(autotask={"null_clears": False})
    city = dock.row("Companies", companyNumber="D10003")["city"]
    (failure,) = dock.load(stream("companies", {"companyNumber": "D10003", "city": None})).failures
    assert f"city: None was sent, {city!r} was kept" in failure


def test_what_cannot_be_seen_afterwards_is_a_failure(dock: Dock) -> None:
    """A row that is not found when it is read back is not called created."""
    empty = {"items": [], "pageDetails": {"nextPageUrl": None}}
    dock.sandbox.fault(
        system="autotask", method="POST", path="Companies/query", nth=2, kind="error", status=200, body=empty
    )
    (failure,) = dock.load(stream("companies", company("K-1"))).failures
    assert "was created, but was not found afterwards. Check that the API user may see it" in failure


def test_a_refused_create_tells_what_is_required(dock: Dock) -> None:
    """What Autotask refuses fails with its own words and the required fields that the record lacks."""
    record = {"companyNumber": "K-1", "companyName": "A", "phone": ""}
    (failure,) = dock.load(stream("companies", record)).failures
    assert "Missing Required Field: companyType." in failure
    assert "Required of a new row, and not in the record: companyType, ownerResourceID, phone" in failure
    complete = dock.load(stream("companies", company("K-1", taxRegionID=99)))
    assert "Reference value on field: taxRegionID" in complete.failures[0]
    assert "Required" not in complete.failures[0]


def test_what_the_api_does_not_do_is_named(dock: Dock) -> None:
    """An entity that cannot be created, or not be changed, fails the record that would need it."""
    invoice = dock.rows("Invoices")[0]
    new = dock.load(stream("invoices", {"invoiceNumber": "X"}), keys={"invoices": ["invoiceNumber"]})
    assert "there is no such row, and the API creates no Invoices" in new.failures[0]
    level = {"id": 1, "timeEntryID": 1, "approvalResourceID": 1, "approvalLevel": 1}
    dock.sandbox.put_row("autotask", "BillingItemApprovalLevels", level)
    changed = dock.load(stream("BillingItemApprovalLevels", {"id": 1, "approvalLevel": 2}))
    assert "1 would have to be changed, and the API changes no BillingItemApprovalLevels" in changed.failures[0]
    assert dock.load(stream("invoices", {"id": invoice["id"], "isVoided": invoice["isVoided"]})).code == 0


def test_missing_permission_fails_that_stream_only(dock: Dock) -> None:
    """An entity that the API user may not see fails each of its records without asking again, and no other stream."""
    dock.sandbox.reset(autotask={"forbidden": ["Contacts"]})
    messages = stream("contacts", {"id": 1}, {"id": 2}) + stream("companies", company("K-1"))
    loaded = dock.load(messages)
    assert len(loaded.failures) == 2
    assert "adequate permissions" in loaded.failures[0]
    assert "Give the API user's security level the right to it." in loaded.failures[0]
    assert (loaded.code, loaded.count("Contacts/")) == (1, 1)
    assert dock.row("Companies", companyNumber="K-1")


@pytest.mark.parametrize(
    ("method", "path", "nth"),
    [("POST", "Companies/query", 1), ("PATCH", "Companies", 1), ("POST", "Companies/query", 2)],
)
def test_a_refusal_on_the_way_fails_what_it_is_about(dock: Dock, method: str, path: str, nth: int) -> None:
    """A right that is missing for one verb fails the records that need it, wherever on the way it shows."""
    text = "The logged in Resource does not have the adequate permissions to do this."
    dock.sandbox.fault(
        system="autotask", method=method, path=path, nth=nth, kind="error", status=500, body={"errors": [text]}
    )
    loaded = dock.load(stream("companies", {"companyNumber": "D10003", "city": "Delft"}))
    (failure,) = loaded.failures
    assert text in failure
    assert ("was updated, but cannot be read back" in failure) is (nth == 2)
    assert loaded.code == 1


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("unicorns", {}, "Autotask has no entity Unicorns"),
        ("billing_codes", {}, "the API cannot write BillingCodes"),
        ("no/entity", {}, "is no entity of Autotask"),
        ("companies", {"keys": {"companies": ["number"]}}, "The setting keys names 'number' for Companies, which has"),
        ("companies", {"keys": {"companies": ["sicCode"]}}, "'sicCode' for Companies, which cannot be queried by it"),
        ("companies", {"keys": {"Companies": ["Klantgroep", "KvK-nummer"]}}, "Autotask takes one in a query"),
        ("contacts", {"routes": {"contacts": "Companies/{nameID}/Contacts"}}, "has no field nameID"),
    ],
)
def test_settings_that_cannot_be_stop_at_the_schema(dock: Dock, name: str, settings: dict[str, Any], said: str) -> None:
    """A stream that is no entity, or a setting that does not fit it, stops the run before anything is written."""
    loaded = dock.load(stream(name, {"id": 0, "fax": "1"}), **settings)
    assert loaded.code == 1
    assert any(line.startswith("Stopped: ") and said in line for line in loaded.log)
    assert loaded.count("PATCH") == 0
    assert loaded.states == []


def test_dependent_picklists_go_by_their_parent() -> None:
    """A label that several parents have is that of the parent in the record, else of the one in the row."""
    (one, two) = changes(entity(), {"subIssueType": "other", "issueType": 1}, None)
    assert (one.value, two.value) == (10, 1)
    row = {"id": 1, "issueType": 2, "subIssueType": None}
    assert [change.value for change in changes(entity(), {"subIssueType": "Other"}, row)] == [20]
    with pytest.raises(RecordFailed, match="several values of the picklist: 10, 20"):
        changes(entity(), {"subIssueType": "Other"}, None)


def test_a_label_that_the_row_has_is_no_change() -> None:
    """A read-only picklist may be there by the label of the value that the row has, and by no other."""
    kinds = (Choice("1", "Warm", active=True, parent=""), Choice("2", "Cold", active=True, parent=""))
    sealed = Field(name="kind", type="integer", read_only=True, choices=kinds)
    places = Entity("Places", {}, [sealed], None, client())
    assert changes(places, {"kind": "warm"}, {"id": 1, "kind": 1}) == []
    with pytest.raises(RecordFailed, match="kind: is read-only: Autotask would keep 1 and ignore 2"):
        changes(places, {"kind": "cold"}, {"id": 1, "kind": 1})


def test_a_retired_value_may_stay() -> None:
    """A value that the row has already is no change, also when it is in no picklist any more or too long by now."""
    row = {"id": 1, "issueType": 99, "city": "x" * 99}
    assert changes(entity(), {"issueType": 99, "city": "x" * 99}, row) == []


@given(st.dictionaries(st.sampled_from(["id", "city", "createDate", "issueType", "subIssueType", "x"]), JSON))
def test_any_record_is_written_or_refused(record: dict[str, Any]) -> None:
    """Whatever a record holds, it makes changes that are then as they were sent, or it fails; nothing else happens."""
    for row in (None, {"id": 1, "city": "Delft", "issueType": 1}):
        try:
            wanted = changes(entity(), record, row)
        except RecordFailed:
            continue
        sent = body(0, wanted)
        assert {change.field.name for change in wanted} <= set(sent)
        assert differences(wanted, {change.field.name: change.value for change in wanted}) == []
