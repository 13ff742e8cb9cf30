"""What there is, told by the service itself: ``$metadata`` of the REST service.

A client in use asks for it (omniboost/go-exactglobe-webservices, metadata.go); what it answers is not recorded, and the
document is plain CSDL of OData v2, with the namespace of the type names (*inferred*).
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
