"""SOAP envelopes of Entity Services, read and written (oudshoorn-hydraulics/exact-globe-soap-client, WSDL files).

SOAP 1.1, document literal. A value says its type in ``i:type``; without one the service answers with a text that users
of PHP clients quote. A fault carries an ``EntityFault``.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from sandbox.exact_globe.importing import read
from sandbox.exact_online.errors import bad_request

if TYPE_CHECKING:
    from sandbox.exact_globe.catalogue import Entity
    from sandbox.exact_globe.errors import Fault
    from sandbox.store import Row

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICES = "http://www.exactsoftware.com/services/entities/"
ENTITIES = "http://www.exactsoftware.com/schemas/entities/"
FAULTS = "http://www.exactsoftware.com/schemas/faults/"
COMPANY = "urn:exact.services.entitymodel.backoffice:v1"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
TYPES = "http://www.w3.org/2001/XMLSchema"
TYPE = f"{{{INSTANCE}}}type"
NIL = f"{{{INSTANCE}}}nil"
NO_TYPE = (
    "Element Value from namespace http://www.exactsoftware.com/schemas/entities/ cannot have child contents to be "
    "deserialized as an object. Please use XmlNode[] to deserialize this pattern of XML."
)
"""The part from "cannot" on is quoted by users; the beginning is *inferred*."""
TYPE_NAMES = {"Boolean": "boolean", "DateTime": "dateTime", "Double": "double", "Int32": "int"}
"""What a value is called on its way out; the others are strings."""


class Call(NamedTuple):
    """A request: what is asked, of which company, with what."""

    operation: str
    company: dict[str, str]
    data: etree._Element


def read_call(body: bytes) -> Call:
    """Read an envelope.

    Raises:
        Refusal: It is none.
    """
    try:
        envelope = read(body)
    except ValueError as error:
        raise bad_request(f"The envelope cannot be read: {error}") from error
    operation = envelope.find(f"{{{SOAP}}}Body/*")
    if operation is None:
        raise bad_request("The envelope has no body.")
    header = envelope.find(f"{{{SOAP}}}Header")
    names = ("ServerName", "DatabaseName")
    found = {name: "" if header is None else header.findtext(f"{{{COMPANY}}}{name}") or "" for name in names}
    return Call(etree.QName(operation).localname, found, operation)


def text_of(element: etree._Element, name: str) -> str:
    """Return the text of the first element of a name below, in whatever namespace of the service."""
    return next((found.text or "" for found in element.iter(f"{{{ENTITIES}}}{name}")), "")


def values_of(data: etree._Element, row: str, name: str, value: str) -> list[tuple[etree._Element, str, Any]]:
    """Return the values that a request holds, each with its element and its name.

    Args:
        data: The request.
        row: What one is called: PropertyData, QueryProperty.
        name: What holds its name.
        value: What holds the value.

    Raises:
        Refusal: One does not say its type, or is not of it.
    """
    found = []
    for element in data.iter(f"{{{ENTITIES}}}{row}"):
        given = element.find(f"{{{ENTITIES}}}{value}")
        label = element.findtext(f"{{{ENTITIES}}}{name}") or ""
        found.append((element, label, None if given is None else _value(given)))
    return found


def _value(element: etree._Element) -> Any:
    if element.get(NIL) in ("true", "1"):
        return None
    kind = element.get(TYPE)
    if kind is None:
        raise bad_request(NO_TYPE)
    text, name = element.text or "", kind.rpartition(":")[2]
    if name == "boolean":
        return text.strip().lower() in ("true", "1")
    return text


def envelope(content: etree._Element) -> bytes:
    """Put an answer into an envelope."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Body").append(content)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def response(operation: str) -> etree._Element:
    """Return the element that answers an operation, empty."""
    return etree.Element(f"{{{SERVICES}}}{operation}Response")


def write_entity(parent: etree._Element, name: str, row: Row, entity: Entity, columns: set[str] | None = None) -> None:
    """Write a row as EntityData below an element of its own."""
    data = etree.SubElement(parent, name, nsmap={"a": ENTITIES, "i": INSTANCE, "b": TYPES})
    etree.SubElement(data, f"{{{ENTITIES}}}EntityName").text = entity.path
    properties = etree.SubElement(data, f"{{{ENTITIES}}}Properties")
    for column in entity.columns.values():
        if columns and column.name not in columns:
            continue
        one = etree.SubElement(properties, f"{{{ENTITIES}}}PropertyData")
        etree.SubElement(one, f"{{{ENTITIES}}}Name").text = column.name
        etree.SubElement(one, f"{{{ENTITIES}}}NoRights").text = "false"
        written = etree.SubElement(one, f"{{{ENTITIES}}}Value")
        value = row.get(column.name)
        if value is None:
            written.set(NIL, "true")
        else:
            written.set(TYPE, f"b:{TYPE_NAMES.get(column.type, 'string')}")
            written.text = _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat()
    # What XML cannot hold is left out (inferred).
    return f"{value:f}" if isinstance(value, Decimal) else "".join(filter(is_allowed, str(value)))


def is_allowed(letter: str) -> bool:
    """Tell whether XML can hold a letter."""
    return letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff")


def fault(text: str, inner: Fault | None, source: str, user: str, now: dt.datetime) -> bytes:
    """Return the envelope of a fault, with an EntityFault if Globe itself refused."""
    root = etree.Element(f"{{{SOAP}}}Fault")
    etree.SubElement(root, "faultcode").text = "s:Client"
    etree.SubElement(root, "faultstring").text = text
    if inner is not None:
        about = etree.SubElement(etree.SubElement(root, "detail"), f"{{{FAULTS}}}EntityFault")
        _put(about, Message=text, DateTime=now.isoformat(timespec="seconds"))
        exceptions = etree.SubElement(about, f"{{{FAULTS}}}Exceptions")
        one = etree.SubElement(exceptions, f"{{{FAULTS}}}WSExceptionInfo")
        _put(one, Message=inner.text, Name=inner.kind, PropertyName=inner.property_name, TermID="0")
        _put(about, Source=source, TermID="0", User=user)
    return envelope(root)


def _put(parent: etree._Element, **texts: str) -> None:
    for name, text in texts.items():
        etree.SubElement(parent, f"{{{FAULTS}}}{name}").text = text
