"""What the SOAP services do: one entity, sets of entities, metadata (oudshoorn-hydraulics/exact-globe-soap-client)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree

from sandbox.exact_globe import envelopes, metadata, writing
from sandbox.exact_globe.envelopes import ENTITIES, SERVICES
from sandbox.exact_globe.errors import Fault, mandatory, missing
from sandbox.exact_globe.reading import source
from sandbox.exact_globe.values import read_value, read_values
from sandbox.exact_online.errors import bad_request, not_simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.exact_globe.catalogue import Entity
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

SELECT = "#SELECT"
"""The pseudo-property that names what is wanted (Entity Services, RetrieveSet plus)."""
RIGHTS = {"Create": "POST", "Delete": "DELETE", "Retrieve": "GET", "Update": "MERGE"}
"""Operations that are simulated, and the REST method that the entity reference allows with each."""

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda held, asked: held is not None and held > asked,
    "<": lambda held, asked: held is not None and held < asked,
    ">=": lambda held, asked: held is not None and held >= asked,
    "<=": lambda held, asked: held is not None and held <= asked,
    "<>": lambda held, asked: held != asked,
    "CONTAINS": lambda held, asked: held is not None and asked in held,
    "EQUALS": lambda held, asked: held == asked,
    "ISEMPTY": lambda held, _asked: held is None,
    "ISNOTNULL": lambda held, _asked: held is not None,
    "ISNULL": lambda held, _asked: held is None,
    "NOTEQUAL": lambda held, asked: held != asked,
    "NOTEQUALS": lambda held, asked: held != asked,
    "STARTSWITH": lambda held, asked: held is not None and held.startswith(asked),
}
"""How a set is filtered; IN and NOTIN are known by name alone and are not simulated."""
NEED_NO_VALUE = {"ISEMPTY", "ISNOTNULL", "ISNULL"}
AS_IT_IS = {"CONTAINS", "STARTSWITH"}
"""Operators whose value is a part and is not padded."""


class Sets:
    """Sets that are fetched batch by batch, forward only (Entity Services, RetrieveSet plus)."""

    def __init__(self) -> None:
        self._left: dict[int, Iterator[Row]] = {}

    def batch(self, session: int, rows: Callable[[], Iterator[Row]], size: int) -> tuple[list[Row], int]:
        """Return the next rows of a session and its number.

        Args:
            session: 0: a new one.
            rows: All rows of a new one.
            size: How many at most; 0: all.

        Raises:
            Fault: The session is unknown.
        """
        if session and session not in self._left:
            raise missing("SessionId", session)
        number = session or len(self._left) + 1
        if not session:
            self._left[number] = rows()
        return list(islice(self._left[number], size or None)), number


def entity_of(company: Company, call: envelopes.Call) -> Entity:
    """Return the entity that a request is about.

    Raises:
        Fault: It is unknown, or the caller has no rights for it.
    """
    name = envelopes.text_of(call.data, "EntityName")
    if name not in company.entities:
        raise missing("EntityName", name)
    if name in company.switches.forbidden:
        raise Fault(f"No rights: {name}", name, "RightsException")
    return company.entities[name]


def one(company: Company, call: envelopes.Call) -> bytes:
    """Answer `Exact.Entity.EG`: Create, Retrieve, Update, Delete."""
    if call.operation not in RIGHTS:
        raise not_simulated(call.operation)
    entity = entity_of(company, call)
    if RIGHTS[call.operation] not in entity.methods:
        raise Fault(f"Not allowed: {call.operation} of {entity.path}", "EntityName")
    given = envelopes.values_of(call.data, "PropertyData", "Name", "Value")
    values = read_values({name: value for _, name, value in given}, entity, company.switches)
    answer = envelopes.response(call.operation)
    result = f"{{{SERVICES}}}{call.operation}Result"
    if call.operation == "Create":
        envelopes.write_entity(answer, result, writing.create(company, entity, values), entity)
        return envelopes.envelope(answer)
    row = _keyed(company, entity, values)
    if call.operation == "Retrieve":
        envelopes.write_entity(answer, result, row, entity)
    elif call.operation == "Update":
        writing.update(company, entity, row, values)
    else:
        writing.delete(company, entity, row)
    return envelopes.envelope(answer)


def _keyed(company: Company, entity: Entity, values: Row) -> Row:
    if values.get(entity.key) is None:
        raise mandatory(entity.key)
    row = source(company, entity).get(values[entity.key])
    if row is None:
        raise missing(entity.key, values[entity.key])
    return row


def many(company: Company, call: envelopes.Call, sets: Sets) -> bytes:
    """Answer `Exact.Entities.EG`: RetrieveSet, criteria combined with AND."""
    if call.operation != "RetrieveSet":
        raise not_simulated(call.operation)
    entity = entity_of(company, call)
    criteria = [
        (element.findtext(f"{{{ENTITIES}}}Operation") or "", name, value)
        for element, name, value in envelopes.values_of(call.data, "QueryProperty", "PropertyName", "PropertyValue")
    ]
    select = {part.strip() for _, name, value in criteria if name == SELECT for part in str(value).split(",")}
    tests = [_test(entity, company, *one) for one in criteria if one[1] != SELECT]
    size, session = (_number(envelopes.text_of(call.data, name)) for name in ("BatchSize", "SessionId"))
    rows = source(company, entity).after(None)
    found, number = sets.batch(session, lambda: iter([row for row in rows if all(test(row) for test in tests)]), size)
    answer = envelopes.response("RetrieveSet")
    result = etree.SubElement(answer, f"{{{SERVICES}}}RetrieveSetResult")
    listed = etree.SubElement(result, f"{{{ENTITIES}}}Entities")
    for row in found:
        envelopes.write_entity(listed, f"{{{ENTITIES}}}EntityData", row, entity, select)
    etree.SubElement(result, f"{{{ENTITIES}}}EntityName").text = entity.path
    etree.SubElement(result, f"{{{ENTITIES}}}SessionID").text = str(number)
    return envelopes.envelope(answer)


def _test(entity: Entity, company: Company, operator: str, name: str, value: Any) -> Callable[[Row], bool]:
    if operator.upper() not in OPERATORS:
        raise not_simulated(f"the operator {operator!r}")
    if name not in entity.columns:
        raise bad_request(f"{entity.path} has no property {name!r}.")
    if operator.upper() in AS_IT_IS and entity.columns[name].type != "String":
        raise bad_request(f"{operator} needs a text, which {name} is not.")
    compare = OPERATORS[operator.upper()]
    asked = value if operator.upper() in AS_IT_IS or value is None else _asked(value, name, entity, company)
    if asked is None and operator.upper() not in NEED_NO_VALUE:
        raise bad_request(f"{operator} needs a value for {name}.")
    return lambda row: compare(row.get(name), asked)


def _asked(value: Any, name: str, entity: Entity, company: Company) -> Any:
    """Return a value to compare with; texts stay as they were sent, since filters compare with what is stored."""
    column = entity.columns[name]
    return value if column.type == "String" else read_value(value, column, company.switches)


def _number(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 0


def described(company: Company, call: envelopes.Call) -> bytes:
    """Answer `Exact.Metadata.EG`: DefinedEntities, and Retrieve of one."""
    if call.operation == "DefinedEntities":
        return envelopes.envelope(metadata.defined_entities(company.entities))
    name = "".join(str(part).strip() for part in call.data.itertext())
    if call.operation != "Retrieve" or name not in company.entities:
        raise bad_request(f"Unknown entity: {name}")
    return envelopes.envelope(metadata.described(company.entities[name]))
