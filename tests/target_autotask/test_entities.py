from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pytest

from sandbox.autotask import catalogue
from tap_autotask.entities import ENTITIES
from target_autotask import entities
from target_autotask.entities import Entity, Field, Route, describe, entity_name, field_of, udf
from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from target_autotask.client import WritingClient

ROUTES = dict(entities._routes())


class Told:
    """A client that knows some answers by heart."""

    def __init__(self, **info: Any) -> None:
        self.info = info

    def get(self, _path: str) -> Any:
        """Return the information."""
        return {"Info": self.info}

    def metadata(self, _entity: str, _kind: str = "fields") -> list[dict[str, Any]]:
        """Return two fields."""
        return [{"name": "id", "dataType": "long", "isReadOnly": True}, {"name": "holderID", "dataType": "integer"}]


def client(**info: Any) -> WritingClient:
    return cast("WritingClient", Told(**info))


def test_streams_of_the_tap_are_entities() -> None:
    """Each stream of tap-autotask, and each entity under its own name, is known by either."""
    for name in {*(entity.name for entity in ENTITIES), *catalogue.load({}).entities, *ROUTES}:
        stream = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        assert entity_name(stream) == entity_name(name) == name


@pytest.mark.parametrize("stream", ["", "a/b", "a b", "../x", "a_", "_a", "a__b", "naïve", "companies\n", "1a"])
def test_names_that_no_entity_has(stream: str) -> None:
    """A stream whose name cannot be in a path stops the run instead of being asked for."""
    with pytest.raises(StopRun, match="is no entity of Autotask"):
        entity_name(stream)


def test_routes_have_a_parent_with_a_column() -> None:
    """Each entity of the table is written below a parent, by a column that the parent's id is in."""
    for name, template in ROUTES.items():
        assert re.fullmatch(r"[A-Z]\w+/\{[a-z]\w*I[Dd]\}/[A-Z]\w+", template), name
    assert ROUTES["Contacts"] == "Companies/{companyID}/Contacts"


def test_routes_agree_with_the_sandbox() -> None:
    """What the sandbox has of the vendor's child routes, the table has too, and nothing it writes at the root."""
    for name, entity in catalogue.load({}).entities.items():
        writes = {"create", "update"} & (entity.child.verbs if entity.child else set())
        if entity.child and writes:
            assert ROUTES[name] == f"{entity.child.parent}/{{{entity.child.column}}}/{entity.child.name}"
        if {"create", "update"} & entity.root:
            assert name not in ROUTES


def test_a_route_of_the_settings_goes_first() -> None:
    """A route that the settings give, under stream or entity name, replaces the one that is known."""
    found = describe(client(), "article_notes", {"article_notes": "Articles/{holderID}/Notes"})
    assert found.route == Route("Articles", "holderID", "Notes")
    assert found.path(7) == "Articles/7/Notes"


def test_a_route_by_a_field_that_is_not_there_stops() -> None:
    """Where the tenant has no such column as the route names, the run stops with the setting that mends it."""
    with pytest.raises(StopRun) as stop:
        describe(client(), "ArticleNotes", {})
    assert "has no field articleID" in stop.value.message
    assert "routes: {ArticleNotes: KnowledgeBaseArticles/{field}/Notes}" in stop.value.advice


def test_what_nobody_can_write_stops() -> None:
    """An entity that can be neither created nor updated stops the run at its schema."""
    with pytest.raises(StopRun, match="the API cannot write BillingCodes"):
        describe(client(CanCreate=False, canUpdate=False), "billing_codes", {})
    assert describe(client(canCreate=False), "billing_codes", {}).updatable


def test_fields_of_either_spelling() -> None:
    """Metadata without some of its properties still makes fields; user-defined ones have their type elsewhere."""
    assert field_of({"name": "a"}) == Field(name="a")
    assert field_of({"name": "a", "dataType": "Integer", "length": None}).type == "integer"
    described = {"name": "Groep", "type": "string", "isPickList": True, "length": 8000}
    values = [{"Value": "NPO", "Label": "Non-profit", "IsActive": False, "ParentValue": None}, {"value": "X"}]
    found = udf(described | {"picklistValues": values})
    assert (found.udf, found.type, found.length) == (True, "string", 8000)
    assert found.choices == (("NPO", "Non-profit", False, ""), ("X", "", True, ""))
    assert udf(described | {"picklistValues": []}).choices is None


def test_some_read_only_fields_are_taken_on_create() -> None:
    """A new row takes a read-only field that is required, its parent's id, or known to be taken; never the id."""
    read_only = {name: Field(name=name, read_only=True) for name in ("id", "unitCost", "contractID", "createDate")}
    required = Field(name="serviceID", read_only=True, required=True)
    route = Route("Contracts", "contractID", "Services")
    entity = Entity("ContractServices", {}, [*read_only.values(), required], route, client())
    taken = [field.name for field in entity.fields.values() if entity.taken_on_create(field)]
    assert taken == ["unitCost", "contractID", "serviceID"]
    other = Entity("Products", {}, read_only.values(), None, client())
    assert not any(map(other.taken_on_create, read_only.values()))
