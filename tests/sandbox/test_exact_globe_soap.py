"""The SOAP services at the Exact Globe half: one entity, sets, metadata, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from tests.sandbox.exact_globe_calls import Globe, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

FAULTS = "{http://www.exactsoftware.com/schemas/faults/}"
ENTITIES = "{http://www.exactsoftware.com/schemas/entities/}"
METADATA = "{http://www.exactsoftware.com/schemas/metadata/entities/}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
SERVICES = "http://www.exactsoftware.com/services/entities/"
KINDS = {str: "string", bool: "boolean", int: "int", float: "double"}
COMPANY = ("SANDBOX\\EXACT", "100")


def envelope(body: str, company: tuple[str, str] = COMPANY) -> str:
    """Return an envelope as the SOAP client of Node makes it."""
    space = "urn:exact.services.entitymodel.backoffice:v1"
    names = zip(("ServerName", "DatabaseName"), company, strict=True)
    header = "".join(f'<{name} xmlns="{space}">{value}</{name}>' for name, value in names)
    return (
        '<?xml version="1.0" encoding="utf-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<soapenv:Header>{header}</soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )


def call(globe: Globe, service: str, body: str, company: tuple[str, str] = COMPANY) -> tuple[int, etree._Element]:
    """Send an envelope; return the status and the answer's body."""
    url = f"{globe.sandbox.globe_url}/services/{service}"
    headers = {"Content-Type": "text/xml; charset=utf-8", "ServerName": "", "DatabaseName": ""}
    answer = globe.session.post(url, envelope(body, company).encode(), headers=headers, timeout=20)
    content = etree.fromstring(answer.content).find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
    assert content is not None
    return answer.status_code, content


def one(globe: Globe, operation: str, entity: str, **values: Any) -> tuple[int, etree._Element]:
    """Call the service of one entity."""
    properties = "".join(
        f"<e:PropertyData><e:Name>{name}</e:Name><e:NoRights>false</e:NoRights>"
        f'<e:Value i:type="b:{KINDS[type(value)]}">{escape(str(value))}</e:Value></e:PropertyData>'
        for name, value in values.items()
    )
    body = (
        f'<{operation} xmlns="{SERVICES}"><data xmlns:e="{ENTITIES[1:-1]}" xmlns:i="{TYPE[1:-5]}" '
        f'xmlns:b="http://www.w3.org/2001/XMLSchema"><e:EntityName>{entity}</e:EntityName>'
        f"<e:Properties>{properties}</e:Properties></data></{operation}>"
    )
    return call(globe, "Exact.Entity.EG", body)


def retrieve_set(globe: Globe, entity: str, *criteria: tuple[str, str, str], size: int = 0, session: int = 0) -> Any:
    """Return the rows and the session of a set."""
    listed = "".join(
        f"<e:QueryProperty><e:Operation>{escape(operator)}</e:Operation><e:PropertyName>{name}</e:PropertyName>"
        f'<e:PropertyValue i:type="b:string">{value}</e:PropertyValue></e:QueryProperty>'
        for operator, name, value in criteria
    )
    body = (
        f'<RetrieveSet xmlns="{SERVICES}"><data xmlns:e="{ENTITIES[1:-1]}" xmlns:i="{TYPE[1:-5]}" '
        f'xmlns:b="http://www.w3.org/2001/XMLSchema"><e:BatchSize>{size}</e:BatchSize><e:EntityName>{entity}</e:EntityName>'
        f"<e:FilterQuery><e:Properties>{listed}</e:Properties></e:FilterQuery><e:SessionId>{session}</e:SessionId>"
        "</data></RetrieveSet>"
    )
    status, content = call(globe, "Exact.Entities.EG", body)
    assert status == 200, etree.tostring(content)
    return [read(data) for data in content.iter(f"{ENTITIES}EntityData")], int(text(content, f"{ENTITIES}SessionID"))


def text(element: etree._Element, tag: str) -> str:
    """Return the text of the first element of a tag."""
    return next((found.text or "" for found in element.iter(tag)), "")


def read(element: etree._Element) -> dict[str, str | None]:
    """Return the properties of an EntityData."""
    found = element.iter(f"{ENTITIES}PropertyData")
    return {text(one, f"{ENTITIES}Name"): one.findtext(f"{ENTITIES}Value") or None for one in found}


def test_order_through_soap(globe: Globe) -> None:
    """Lines and header go through Create, and the order is the same as through REST."""
    line = {"Itemcode": "ARBEID", "Quantity": 2.5, "Price": 95.0, "VATCode": "2"}
    status, content = one(globe, "Create", "SalesOrderLine", **line)
    assert status == 200
    key = read(content)["TransactionKey"]
    header = {"TransactionKey": key, "OrderDebtor": globe.debtor(), "YourReference": "R&D"}
    number = read(one(globe, "Create", "SalesOrderHeader", **header)[1])["SalesOrderNumber"]
    assert number == "   40001"
    assert globe.rows("SalesOrderHeader", filter="YourReference eq 'R&D'")[0]["SalesOrderNumber"] == number


def test_values_say_their_types(globe: Globe) -> None:
    """A value comes with its type, and what is not there as nil."""
    _, content = one(globe, "Retrieve", "VAT", ID=2)
    types = {
        text(found, f"{ENTITIES}Name"): value.get(TYPE)
        for found in content.iter(f"{ENTITIES}PropertyData")
        for value in found.iter(f"{ENTITIES}Value")
    }
    assert (types["VATCode"], types["Percentage"], types["ID"]) == ("b:string", "b:double", "b:int")
    assert (types["VATCharged"], types["CreatedDate"], types["Creditor"]) == ("b:boolean", "b:dateTime", None)


def test_update_and_delete(globe: Globe) -> None:
    """Update answers with nothing, and Delete removes by the key."""
    guid = globe.account("P")["ID"]
    status, content = one(globe, "Update", "Account", ID=guid, PhoneNumber="+31 30 1")
    assert (status, read(content)) == (200, {})
    assert globe.account("P")["PhoneNumber"] == "+31 30 1"
    assert one(globe, "Delete", "Account", ID=guid)[0] == 200
    assert guid not in {row["ID"] for row in globe.table("Account")}


def test_entity_fault(globe: Globe) -> None:
    """A refusal is a fault with an EntityFault: message, moment, exceptions, source, user."""
    status, content = one(globe, "Create", "PurchaseOrderHeader", OrderedAt="999999")
    (fault,) = content.iter(f"{FAULTS}EntityFault")
    assert status == 500
    assert [etree.QName(part).localname for part in fault] == [
        "Message", "DateTime", "Exceptions", "Source", "TermID", "User",
    ]  # fmt: skip
    assert text(fault, f"{FAULTS}User") == "svc-autotask"
    (exception,) = fault.iter(f"{FAULTS}WSExceptionInfo")
    assert text(exception, f"{FAULTS}Message") == "Mandatory: TransactionKey"
    assert text(exception, f"{FAULTS}PropertyName") == "TransactionKey"


@pytest.mark.parametrize("company", [("ELSEWHERE", "100"), ("SANDBOX\\EXACT", "999"), ("", "")])
def test_company_stands_in_the_envelope(globe: Globe, company: tuple[str, str]) -> None:
    """The company is named by SOAP headers, whatever HTTP says."""
    body = f'<Retrieve xmlns="{SERVICES}"/>'
    status, content = call(globe, "Exact.Entity.EG", body, company)
    assert status == 500
    assert any("Failed to login to Globe" in (found.text or "") for found in content.iter(f"{FAULTS}Message"))


def test_value_without_type(globe: Globe) -> None:
    """A value that does not say its type is refused with the text that users know."""
    body = (
        f'<Create xmlns="{SERVICES}"><data xmlns:e="{ENTITIES[1:-1]}"><e:EntityName>Account</e:EntityName>'
        "<e:Properties><e:PropertyData><e:Name>AccountCode</e:Name><e:Value>1</e:Value></e:PropertyData>"
        "</e:Properties></data></Create>"
    )
    status, content = call(globe, "Exact.Entity.EG", body)
    assert status == 500
    assert "cannot have child contents to be deserialized as an object. Please use XmlNode[]" in text(
        content, "faultstring"
    )


def test_sets(globe: Globe) -> None:
    """Criteria are combined with AND and compare with what is stored; #SELECT names what is wanted."""
    code = globe.account()["DebtorCode"]
    rows, _ = retrieve_set(globe, "Account", ("EQUALS", "DebtorCode", code), ("#SELECT", "#SELECT", "AccountCode"))
    assert rows == [{"AccountCode": code}]
    assert retrieve_set(globe, "Account", ("EQUALS", "DebtorCode", code.strip()))[0] == []
    assert len(retrieve_set(globe, "Account", ("ISNULL", "DebtorCode", ""), ("EQUALS", "CustomerType", "P"))[0]) == 1
    found, _ = retrieve_set(globe, "Item", ("STARTSWITH", "ItemCode", "HW-"), (">", "SalesPackagePrice", "1000"))
    assert {row["ItemCode"] for row in found} == {"HW-1002", "HW-1022"}


@pytest.mark.parametrize(
    "criterion",
    [
        ("LIKE", "ItemCode", "a"),
        ("CONTAINS", "SalesPackagePrice", "1"),
        (">", "Nope", "1"),
        (">", "SalesPackagePrice", "x"),
    ],
)
def test_sets_that_make_no_sense(globe: Globe, criterion: tuple[str, str, str]) -> None:
    """An operator, a property or a value that cannot be is a fault."""
    with pytest.raises(AssertionError):
        retrieve_set(globe, "Item", criterion)


def test_batches(globe: Globe) -> None:
    """A session gives the next batch until nothing is left, all rows once."""
    first, session = retrieve_set(globe, "Item", size=20)
    second, again = retrieve_set(globe, "Item", size=20, session=session)
    assert session == again != 0
    codes = [row["ItemCode"] for row in first + second]
    assert sorted(codes) == sorted(row["ItemCode"] for row in globe.table("Item"))
    assert retrieve_set(globe, "Item", size=20, session=session)[0] == []


def test_metadata(sandbox: Sandbox, globe: Globe) -> None:
    """The metadata service names the entities, and of one its key, operations and properties."""
    space = "http://www.exactsoftware.com/services/metadata/"
    _, content = call(globe, "Exact.Metadata.EG", f'<DefinedEntities xmlns="{space}"/>')
    names = {text(found, f"{METADATA}Name") for found in content.iter(f"{METADATA}DefinedEntity")}
    assert "SalesOrderHeader" in names
    assert "PurchaseOrderReceiptHeader" not in names
    request = f'<Retrieve xmlns="{space}"><entity>Account</entity></Retrieve>'
    _, content = call(globe, "Exact.Metadata.EG", request)
    described = {text(found, f"{METADATA}Name"): found for found in content.iter(f"{METADATA}MetadataProperty")}
    code = {etree.QName(part).localname: part.text for part in described["AccountCode"]}
    assert (code["Length"], code["RightAligned"], code["NumericString"], code["Mandatory"], code["Type"]) == (
        "20", "true", "true", "true", "string",
    )  # fmt: skip
    operations = {text(found, f"{METADATA}Name") for found in content.iter(f"{METADATA}MetadataOperation")}
    assert (text(content, f"{METADATA}KeyProperty"), operations) == ("ID", {"Create", "Retrieve", "Update", "Delete"})
    sandbox.reset(exact_globe={"product_update": 502})
    _, content = call(globe, "Exact.Metadata.EG", f'<DefinedEntities xmlns="{space}"/>')
    assert "PurchaseOrderReceiptHeader" in {found.text for found in content.iter(f"{METADATA}Name")}


@pytest.mark.parametrize("body", ["junk", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_envelope(globe: Globe, body: str) -> None:
    """What is no envelope, or a hostile one, is a fault."""
    url = f"{globe.sandbox.globe_url}/services/Exact.Entity.EG"
    answer = globe.session.post(url, body.encode(), headers={"Content-Type": "text/xml"}, timeout=20)
    assert (answer.status_code, b"EntityFault" in answer.content) == (500, False)


@pytest.mark.parametrize(
    ("headers", "status"), [({"Accept": "application/atom+xml"}, 406), ({"Content-Type": "x/y"}, 415)]
)
def test_atom_is_not_simulated(globe: Globe, headers: dict[str, str], status: int) -> None:
    """REST speaks Atom unless JSON is asked for; the sandbox says that it does not."""
    assert refusal(globe.send("POST", "Account", {}, headers))[0] == status
