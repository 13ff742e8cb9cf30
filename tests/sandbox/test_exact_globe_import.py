"""AsImport at the Exact Globe half: a process of its own that brings eExact files to the same company."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from sandbox.exact_globe import asimport, schema

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

    from tests.conftest import Sandbox
    from tests.sandbox.exact_globe_calls import Globe

ROOT = Path(__file__).parents[2]
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<eExact xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:noNamespaceSchemaLocation="eExact-Schema.xsd">'
)
ACCOUNT = """<Account code="200101" type="C" status="A">
  <Name>Van Dijk Techniek B.V.</Name><Phone>+31 30 1234567</Phone><Email>info@vandijk.example</Email>
  <Addresses><Address type="V"><AddressLine1>Havenstraat 12</AddressLine1><PostalCode>3511 AB</PostalCode>
    <City>Utrecht</City><Country code="NL"/></Address></Addresses>
  <Contacts><Contact default="1" gender="O" status="A"><LastName>Jansen</LastName><FirstName>Eva</FirstName>
    <Addresses><Address type="I"><AddressLine1>Postbus 45</AddressLine1><City>Utrecht</City><Country code="NL"/>
    </Address></Addresses><Language code="NL"/><JobDescription>--</JobDescription></Contact></Contacts>
  <Debtor code="200101" number="200101"><Currency code="EUR"/></Debtor>
  <VATNumber>NL123456789B01</VATNumber><ChamberOfCommerce>30123456</ChamberOfCommerce><PaymentCondition code="30"/>
  <FreeFields><FreeTexts><FreeText number="1">AT-174</FreeText></FreeTexts></FreeFields>
</Account>"""


def order(party: str, reference: str = "T1", item: str = "ARBEID", number: str = "") -> str:
    """Return a sales order for a debtor code."""
    attribute = f' number="{number}"' if number else ""
    return f"""<Order type="V"{attribute} confirm="0" partialdelivery="1">
  <Description>Onboarding</Description><YourRef>{reference}</YourRef><Date>2026-03-12</Date><Currency code="EUR"/>
  <Resource number="1"/><OrderedBy><Debtor code="{party}"/></OrderedBy><Warehouse code="1"/>
  <PaymentCondition code="30"/><Costcenter code="SD"/><Selection code="AT"/>
  <OrderLine lineNo="1"><Description>Hours</Description><Item code="{item}" type="L"/><Quantity>2.5</Quantity>
    <Unit unit="uur"/><Price type="S"><Currency code="EUR"/><Value>95</Value><VAT code="2"/></Price>
    <Discount><Percentage>10</Percentage></Discount><Delivery><Date>2026-03-19</Date></Delivery>
    <Costcenter code="SD"/><Text>Imaging</Text></OrderLine>
</Order>"""


def document(topic: str, *records: str) -> str:
    """Return an eExact document."""
    return f"{HEAD}<{topic}>{''.join(records)}</{topic}></eExact>"


class Importer:
    """The importer, told where to find the sandbox and where its user's files are."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.folder = folder
        self.errors = folder / "local" / "Exact Software"
        self.environment = {"GLOBE_SANDBOX_URL": sandbox.url, "LOCALAPPDATA": str(folder / "local")}

    def switches(self, content: str | bytes, topic: str) -> list[str]:
        """Write a file and return the switches that import it."""
        file = self.folder / "drop.xml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return ["-rSANDBOX\\EXACT", "-D100", "-u", "-~", "I", f"-URL{file}", f"-T{topic}", "-Oauto"]

    def start(self, *switches: str) -> subprocess.Popen[str]:
        """Start it as a process."""
        command = [sys.executable, "-m", "sandbox.exact_globe.asimport", *switches]
        environment = os.environ | self.environment | {"PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, content: str | bytes, topic: str, *switches: str) -> int:
        """Let it run in this process, which is quicker; return its exit code."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            own = self.switches(content, topic)
            try:
                return asimport.main(list(switches) or own)
            except SystemExit as stopped:
                return int(str(stopped.code))

    def messages(self) -> list[tuple[str | None, str | None]]:
        """Return type and description of each message in the one log it left."""
        (file,) = self.errors.iterdir()
        root = etree.parse(file).getroot()
        return [(found.get("type"), found.findtext("Description")) for found in root.iterfind("Messages/Message")]


@pytest.fixture
def importer(sandbox: Sandbox, tmp_path: Path) -> Importer:
    """Return the importer."""
    return Importer(sandbox, tmp_path)


def test_same_data_as_entity_services(globe: Globe, importer: Importer) -> None:
    """An order in a file becomes the same rows as the one that goes line by line."""
    code = globe.debtor()
    line = {"Itemcode": "ARBEID", "Quantity": 2.5, "Price": 95, "VATCode": "2", "DiscountPercentage": 10}
    line |= {"Description": "Hours", "Unit": "uur", "DeliveryDate": "2026-03-19", "CostCenter": "SD"}
    header = {"Reference": "Onboarding", "SalesOrderDate": "2026-03-12", "CurrencyCode": "EUR", "Resource": 1}
    header |= {"Warehouse": "1", "PaymentCondition": "30", "CostCenter": "SD", "SelectionCode": "AT"}
    globe.order(line | {"LongDescription": "Imaging"}, YourReference="T1", PartialDelivery=True, **header)
    with importer.start(*importer.switches(document("Orders", order(code)), "Orders")) as process:
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0
    one, other = (_without(row, "ID", "SalesOrderNumber") for row in globe.table("SalesOrderHeader"))
    assert one == other
    one, other = (_without(row, "ID", "SalesOrderNumber", "Action") for row in globe.table("SalesOrderLine"))
    assert one == other
    assert not importer.errors.exists()


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def test_accounts(globe: Globe, importer: Importer) -> None:
    """An account gets its debtor, padded, with visit and invoice address and its default contact."""
    importer.run(document("Accounts", ACCOUNT), "accounts")
    row = next(row for row in globe.table("Account") if row["AccountCode"].strip() == "200101")
    assert (row["AccountCode"], row["DebtorCode"], row["DebtorNumber"]) == (f"{200101:>20}",) * 2 + ("200101",)
    assert (row["MailingAddress1"], row["InvoiceAddress"]) == ("Havenstraat 12", "Postbus 45")
    assert (row["ContactLastName"], row["TextFreeField1"], row["PaymentCondition"]) == ("Jansen", "AT-174", "30")


@pytest.mark.parametrize(("mode", "name"), [("update", "New"), ("skip", "Old"), ("reject", "Old")])
def test_account_that_exists(sandbox: Sandbox, globe: Globe, importer: Importer, mode: str, name: str) -> None:
    """Whether an account that exists is updated is a switch: nobody documents it."""
    sandbox.reset(exact_globe={"existing_account": mode})
    for wanted in ("Old", "New"):
        importer.run(document("Accounts", ACCOUNT.replace("Van Dijk Techniek B.V.", wanted)), "Accounts")
    (row,) = [row for row in globe.table("Account") if row["AccountCode"].strip() == "200101"]
    assert row["AccountName"] == name
    assert importer.errors.exists() == (mode == "reject")


def test_purchase_orders(globe: Globe, importer: Importer) -> None:
    """A purchase order is type B, with a creditor; lines without a delivery date get the order's."""
    supplier = globe.account("S")["CreditorCode"].strip()
    record = f"""<Order type="B"><Description>AT-PO1043-R2</Description><Reference1>AT-PO1043-R2</Reference1>
      <YourRef>AT-PO1043-R2</YourRef><Currency code="EUR"/><OrderedAt><Creditor code="{supplier}"/>
      <Date>2026-03-14</Date></OrderedAt><DeliverTo><Warehouse code="2"/>
      <Date>2026-03-15</Date></DeliverTo><OrderLine lineNo="1"><Item code="HW-1001"/><Quantity>2</Quantity>
      <Price type="P"><Currency code="EUR"/><Value>712.5</Value></Price></OrderLine></Order>"""
    importer.run(document("Orders", record), "Orders")
    header = globe.table("PurchaseOrderHeader")[0]
    assert (header["Description"], header["Warehouse"], header["TotalAmountExclVAT"]) == ("AT-PO1043-R2", "2", 1425)
    assert header["PurchaseOrderDate"].startswith("2026-03-14")
    assert globe.table("PurchaseOrderLine")[0]["DeliveryDate"].startswith("2026-03-15")


def test_invoices(globe: Globe, importer: Importer) -> None:
    """A sales invoice goes under its series."""
    record = f"""<Invoice type="V" code="1"><Description>Managed service</Description><YourRef>INV-AT-8812</YourRef>
      <Date>{globe.sandbox.clock(seconds=0)[:10]}</Date><Currency code="EUR"/>
      <OrderedBy><Debtor code="{globe.debtor()}"/></OrderedBy>
      <InvoiceLine lineNo="1"><Item code="DIENST"/><Quantity>25</Quantity><Price type="S"><Currency code="EUR"/>
      <Value>32.5</Value><VAT code="2"/></Price></InvoiceLine></Invoice>"""
    importer.run(document("Invoices", record), "Invoices")
    assert globe.table("InvoiceHeader")[0]["TotalAmount"] == Decimal("983.13")
    importer.run(document("Invoices", record.replace(' code="1"', "")), "Invoices")
    assert importer.messages() == [("0", "Rejected - Invoice:  - Mandatory: InvoiceCode")]


def test_records_are_refused_one_by_one(globe: Globe, importer: Importer) -> None:
    """What is refused is named in a log, the others are taken; the exit code tells nothing."""
    code = globe.debtor()
    content = document("Orders", order(code, "A"), order(code, "B", "LAP-99"), order("999999", "C"), order(code, "D"))
    assert importer.run(content, "Orders") == 0
    assert [row["YourReference"] for row in globe.table("SalesOrderHeader")] == ["A", "D"]
    assert importer.messages() == [
        ("2", "Created - Order: 40001"),
        ("0", "Rejected - Order:  - Not found: Itemcode (LAP-99)"),
        ("0", "Rejected - Order:  - Not found: OrderedBy/Debtor (999999)"),
        ("2", "Created - Order: 40002"),
    ]
    assert [row["Reference"] for row in globe.table("XMLEvents")] == ["A", "B", "C", "D"]


def test_the_log_is_what_the_schema_says(globe: Globe, importer: Importer) -> None:
    """The log has the shape of the schema's Messages, and each message the reference of its record."""
    importer.run(document("Orders", order(globe.debtor(), "B-77", "LAP-99")), "Orders")
    (file,) = importer.errors.iterdir()
    root = etree.parse(file).getroot()
    for name in ("Topics", "Messages"):
        (element,) = root.iterfind(name)
        assert schema.violations(element, name) == []
    assert root.findtext("Messages/Message/Topic/DataKey") == "B-77"


def test_settings_of_the_log(sandbox: Sandbox, globe: Globe, importer: Importer) -> None:
    """Folder, name, content and exit code follow the company's settings."""
    folder = importer.folder / "errors"
    options = {"error_files_directory": str(folder), "error_file_name": "{stem}-{topic}.xml"}
    sandbox.reset(exact_globe=options | {"error_file_lists": "rejected", "import_exit_code": 7})
    content = document("Orders", order(globe.debtor()), order("999999"))
    assert importer.run(content, "Orders") == 7
    importer.errors = folder
    assert [kind for kind, _ in importer.messages()] == ["0"]
    assert [file.name for file in folder.iterdir()] == ["drop-Orders.xml"]


def test_file_picked_up_twice(globe: Globe, importer: Importer) -> None:
    """Without a number every import makes a new order; with one the second is refused."""
    code = globe.debtor()
    for _ in range(2):
        importer.run(document("Orders", order(code)), "Orders")
    assert len(globe.table("SalesOrderHeader")) == 2
    for _ in range(2):
        importer.run(document("Orders", order(code, number="70001")), "Orders")
    assert [row["SalesOrderNumber"] for row in globe.table("SalesOrderHeader")][2:] == ["   70001"]
    assert importer.messages() == [("0", "Rejected - Order: 70001 - Already exists: SalesOrderNumber (70001)")]


def test_killed_half_way(sandbox: Sandbox, globe: Globe, importer: Importer) -> None:
    """Records that were taken before a kill stay, the others are not there, and no log tells."""
    sandbox.reset(exact_globe={"import_seconds": 0.2})
    code = globe.debtor()
    content = document("Orders", *(order(code, f"R{number}", "ARBEID" if number else "LAP-99") for number in range(50)))
    with importer.start(*importer.switches(content, "Orders")) as process:
        until = time.monotonic() + 30
        while not globe.table("SalesOrderHeader") and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    taken = [row["YourReference"] for row in globe.table("SalesOrderHeader")]
    assert 0 < len(taken) < 49
    assert taken == [f"R{number}" for number in range(1, len(taken) + 1)]
    assert not importer.errors.exists()


ENTITY = '<?xml version="1.0"?><!DOCTYPE eExact [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
BOMB = '<?xml version="1.0"?><!DOCTYPE eExact [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (ENTITY + "<eExact><Orders><Order><YourRef>&a;</YourRef></Order></Orders></eExact>", "document type"),
        (BOMB + "<eExact><Orders><Order><YourRef>&b;</YourRef></Order></Orders></eExact>", "document type"),
        ("<eExact><Orders><Order></Orders></eExact>", "Invalid file"),
        ("", "Invalid file"),
        ("<Orders/>", "root element Orders"),
        (document("Accounts"), "no Orders"),
        (b"<eExact><Orders><YourRef>\xff</YourRef></Orders></eExact>", "Invalid file"),
    ],
)
def test_refused_files(globe: Globe, importer: Importer, content: str | bytes, text: str) -> None:
    """A file that is hostile or no eExact file is refused as a whole, with a fatal message in the log."""
    assert importer.run(content, "Orders") == 0
    ((kind, description),) = importer.messages()
    assert kind == "3"
    assert text in str(description)
    assert globe.table("XMLEvents") == []


def test_file_at_an_address(globe: Globe, importer: Importer, httpserver: HTTPServer) -> None:
    """The file may be fetched from a web server; what is not there is refused as a file that cannot be read."""
    httpserver.expect_request("/orders.xml").respond_with_data(document("Orders", order(globe.debtor())))
    switches = importer.switches("", "Orders")
    for name in ("orders", "nothing"):
        switches[5] = f"-URL{httpserver.url_for(f'/{name}.xml')}"
        assert importer.run("", "Orders", *switches) == 0
    assert len(globe.table("SalesOrderHeader")) == 1
    assert importer.messages()[0][0] == "3"


@pytest.mark.parametrize("options", [{"import_code_page": "cp0"}, {"error_file_name": "{x}"}, {"password": "a:b"}])
def test_wrong_options(sandbox: Sandbox, options: dict[str, str]) -> None:
    """An option that cannot be used is named, and nothing changes."""
    with pytest.raises(AssertionError, match="exact_globe"):
        sandbox.reset(exact_globe=options)


def test_utf_16(globe: Globe, importer: Importer) -> None:
    """A file in UTF-16 with its mark is read, as one generator writes them."""
    content = document("Orders", order(globe.debtor(), "Zoë ❤")).replace('encoding="utf-8"', 'encoding="utf-16"')
    importer.run(content.encode("utf-16"), "Orders")
    assert globe.table("SalesOrderHeader")[0]["YourReference"] == "Zoë ❤"


def test_code_page(sandbox: Sandbox, globe: Globe, importer: Importer) -> None:
    """By switch letters that a code page lacks are lost on import."""
    sandbox.reset(exact_globe={"import_code_page": "cp1252"})
    importer.run(document("Orders", order(globe.debtor(), "Zoë ❤ €")), "Orders")
    assert globe.table("SalesOrderHeader")[0]["YourReference"] == "Zoë ? €"


def test_unknown_company(globe: Globe, importer: Importer) -> None:
    """A company that is not there takes nothing."""
    content = document("Orders", order(globe.debtor()), order(globe.debtor()))
    file = importer.folder / "drop.xml"
    importer.run(content, "Orders", "-rSANDBOX\\EXACT", "-D999", "-u", "-~I", f"-URL{file}", "-TOrders", "-OAuto")
    assert globe.table("SalesOrderHeader") == []
    ((kind, description),) = importer.messages()
    assert (kind, "Failed to login to Globe" in str(description)) == ("3", True)


def test_unattested_switches(importer: Importer) -> None:
    """A switch that no public wrapper uses is an error, not a guess."""
    assert importer.run("", "Orders", "-rX", "-D1", "-~", "E", "-URLx", "-TOrders", "-Oauto") == 2
    assert importer.run("", "Orders", "-rX", "-D1", "-~", "I", "-URLx", "-TOrders", "-OPT1") == 2


def test_no_sandbox(importer: Importer, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a sandbox the importer says so."""
    importer.environment["GLOBE_SANDBOX_URL"] = "http://127.0.0.1:9"
    assert importer.run(document("Orders"), "Orders") == 3
    assert "GLOBE_SANDBOX_URL" in capsys.readouterr().err


def test_order_of_elements_by_switch(sandbox: Sandbox, globe: Globe, importer: Importer) -> None:
    """The importer minds the schema only by switch; what is valid passes then too."""
    content = document(
        "Accounts",
        ACCOUNT.replace("<Name>Van Dijk Techniek B.V.</Name>", "").replace(
            "<VATNumber>", "<Name>Late</Name><VATNumber>"
        ),
    )
    assert importer.run(content, "Accounts") == 0
    assert not importer.errors.exists()
    sandbox.reset(exact_globe={"strict_xml": True})
    importer.run(content, "Accounts")
    assert importer.messages() == [("0", "Rejected - Account: 200101 - Schema: Account/Name: not expected here")]
    importer.run(document("Orders", order(globe.debtor())), "Orders")
    importer.run(document("Accounts", ACCOUNT), "Accounts")
    assert len(list(importer.errors.iterdir())) == 1


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (('type="V"', 'type="X"'), "Order/@type: 'X' is no V|I|B|Q"),
        (('type="V"', ""), "Order/@type: missing"),
        (("<Quantity>2.5<", "<Quantity>2,5<"), "Order/OrderLine/Quantity: '2,5' is no float"),
        (("<Date>2026-03-12<", "<Date>12-03-2026<"), "Order/Date: '12-03-2026' is no date"),
        (("<Quantity>2.5</Quantity>", ""), "Order/OrderLine/Quantity: missing"),
        (('<Resource number="1"/>', '<Resource code="x"/>'), "Order/Resource/@number: missing"),
        (("<YourRef>T1</YourRef>", "<YourRef>T1</YourRef><YourRef>T2</YourRef>"), "Order/YourRef: more than one"),
        (
            ("<OrderedBy><Debtor code", "<OrderedBy><Debtor what='x' code"),
            "Order/OrderedBy/Debtor/@what: not expected here",
        ),
        (('<OrderedBy><Debtor code="1"/></OrderedBy>', ""), "Order: one of OrderedBy, OrderedAt is needed"),
        (('<Debtor code="1"', f'<Debtor code="{"1" * 21}"'), "Order/OrderedBy/Debtor/@code: longer than 20"),
    ],
)
def test_schema(change: tuple[str, str], wrong: str) -> None:
    """The schema's order, attributes, types and lengths are checked, and what is wrong has its place."""
    assert schema.violations(etree.fromstring(order("1")), "Order") == []
    broken = order("1").replace(*change)
    assert broken != order("1")
    assert schema.violations(etree.fromstring(broken), "Order") == [wrong]


def test_new_debtors_by_switch(sandbox: Sandbox, globe: Globe, importer: Importer) -> None:
    """By switch an unknown debtor that brings its name and address is made first."""
    sandbox.reset(exact_globe={"create_master_data": True})
    record = order("888").replace(
        '<Debtor code="888"/>',
        '<Debtor code="888"><Name>Nieuw B.V.</Name></Debtor><Address><City>Gent</City><Country code="BE"/></Address>',
    )
    importer.run(document("Orders", record), "Orders")
    assert globe.table("SalesOrderHeader")[0]["OrderDebtorName"] == "Nieuw B.V."
