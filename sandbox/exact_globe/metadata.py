"""What there is, told by the services themselves.

``$metadata`` of the REST service: a client in use asks for it (omniboost/go-exactglobe-webservices, metadata.go); what
it gets is not recorded, and the document is plain CSDL of OData v2, in the namespace of the type names (*inferred*).
`Exact.Metadata.EG`: its WSDL (oudshoorn-hydraulics/exact-globe-soap-client, wsdl/Exact.Metadata.EG.xml).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.exact_globe.catalogue import Column, Entity

EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"
EDM = "http://schemas.microsoft.com/ado/2006/04/edm"
SERVICE = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
NAMESPACE = "Exact.Metadata.Entity"
METADATA = "http://www.exactsoftware.com/services/metadata/"
SCHEMAS = "http://www.exactsoftware.com/schemas/metadata/entities/"
OPERATIONS = {"DELETE": "Delete", "GET": "Retrieve", "MERGE": "Update", "POST": "Create"}


def edmx(entities: Mapping[str, Entity]) -> bytes:
    """Return the document of all entities."""
    root = etree.Element(f"{{{EDMX}}}Edmx", {"Version": "1.0"}, nsmap={"edmx": EDMX, "m": SERVICE})
    services = etree.SubElement(root, f"{{{EDMX}}}DataServices", {f"{{{SERVICE}}}DataServiceVersion": "1.0"})
    schema = etree.SubElement(services, f"{{{EDM}}}Schema", {"Namespace": NAMESPACE})
    for entity in entities.values():
        _entity_type(schema, entity)
    container = etree.SubElement(schema, f"{{{EDM}}}EntityContainer", {"Name": "Entities"})
    container.set(f"{{{SERVICE}}}IsDefaultEntityContainer", "true")
    for name in entities:
        etree.SubElement(container, f"{{{EDM}}}EntitySet", {"Name": name, "EntityType": f"{NAMESPACE}.{name}"})
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _entity_type(schema: etree._Element, entity: Entity) -> None:
    element = etree.SubElement(schema, f"{{{EDM}}}EntityType", {"Name": entity.path})
    key = etree.SubElement(element, f"{{{EDM}}}Key")
    etree.SubElement(key, f"{{{EDM}}}PropertyRef", {"Name": entity.key})
    for column in entity.columns.values():
        etree.SubElement(element, f"{{{EDM}}}Property", _property(column, entity.key))


def _property(column: Column, key: str) -> dict[str, str]:
    described = {"Name": column.name, "Type": f"Edm.{column.type}"}
    described["Nullable"] = str(column.name != key).lower()
    if column.length is not None:
        described["MaxLength"] = str(column.length)
    return described


def defined_entities(entities: Mapping[str, Entity]) -> etree._Element:
    """Return the answer to DefinedEntities: all names."""
    answer = etree.Element(f"{{{METADATA}}}DefinedEntitiesResponse")
    result = etree.SubElement(answer, f"{{{METADATA}}}DefinedEntitiesResult")
    for name in entities:
        defined = etree.SubElement(result, f"{{{SCHEMAS}}}DefinedEntity")
        _texts(defined, Description=name, Name=name)
    return answer


def described(entity: Entity) -> etree._Element:
    """Return the answer to Retrieve: the key, the properties and the operations of an entity."""
    answer = etree.Element(f"{{{METADATA}}}RetrieveResponse")
    result = etree.SubElement(answer, f"{{{METADATA}}}RetrieveResult")
    interface = etree.SubElement(result, f"{{{SCHEMAS}}}Interface")
    _texts(interface, KeyProperty=entity.key)
    properties = etree.SubElement(interface, f"{{{SCHEMAS}}}Properties")
    for column in entity.columns.values():
        _texts(etree.SubElement(properties, f"{{{SCHEMAS}}}MetadataProperty"), **_described(column))
    _texts(result, Name=entity.path)
    permissions = etree.SubElement(result, f"{{{SCHEMAS}}}OperationPermissions")
    operations = etree.SubElement(permissions, f"{{{SCHEMAS}}}Operations")
    for method in sorted(entity.methods - {"PUT"}):
        _texts(etree.SubElement(operations, f"{{{SCHEMAS}}}MetadataOperation"), Name=OPERATIONS[method])
    return answer


def _described(column: Column) -> dict[str, str]:
    """Return what is said of a property, in the order of the schema."""
    return {
        "AutoIncrement": str(column.numbered).lower(),
        "DefaultValue": column.default or "",
        "Length": str(column.size),
        "Mandatory": str(column.mandatory).lower(),
        "Name": column.name,
        "NumericString": str(column.numeric).lower(),
        "RightAligned": str(column.right_aligned).lower(),
        "Scale": str(column.scale or 0),
        "Type": column.kind.lower(),
        "UpperCase": str(column.upper_case).lower(),
    }


def _texts(parent: etree._Element, **texts: str) -> None:
    for name, text in texts.items():
        etree.SubElement(parent, f"{{{SCHEMAS}}}{name}").text = text
