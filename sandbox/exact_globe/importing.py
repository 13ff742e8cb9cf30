"""What the importer does with one record of an eExact file.

Records are taken or refused one by one (the vendor's XML Server settings speak of files that are rejected in part).
Matching is by the keys that the vendor's schema marks; what becomes of one that exists is *inferred* and a switch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from lxml import etree

from sandbox.exact_globe import documents, eexact, masters, schema
from sandbox.exact_globe.errors import Fault, invalid, mandatory, missing
from sandbox.exact_globe.pairs import PURCHASE_ORDERS, SALES_INVOICES, SALES_ORDERS, Pair
from sandbox.exact_globe.values import with_defaults
from sandbox.exact_online.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

TOPICS = {"Accounts": "Account", "Orders": "Order", "Invoices": "Invoice"}
"""Topics that are simulated, and what their records are called."""
ERROR, INFORMATION, FATAL = 0, 2, 3
"""``Message/@type``: the schema does not say; these are Exact Online's (*inferred*)."""
MANDATORY = (
    "@code", "@type", "@status", "Name", "Addresses/Address/AddressLine1", "Addresses/Address/City",
    "Addresses/Address/Country/@code", "Addresses/Address/@type", "Contacts/Contact/@default",
    "Contacts/Contact/JobDescription",
)  # fmt: skip
"""Of an account: "Mandatory in: Accounts" (eExact-Schema.xsd)."""
PARTIES = {"DeliverTo/Debtor": "DeliveryDebtor", "InvoiceTo/Debtor": "InvoiceDebtor"}


class ImportOrder(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One record that the importer brings."""

    server: str
    database: str
    topic: str
    file: str
    record: str
    """The XML of the record alone."""


class Outcome(NamedTuple):
    """What became of a record."""

    type: int
    key: str
    reference: str
    description: str


SHOWN = ("error_files_directory", "error_file_name", "error_file_lists", "import_exit_code", "import_seconds")


def settings(company: Company) -> Row:
    """Return what the importer needs to know: some switches, and the time."""
    now = company.now()
    return {name: getattr(company.switches, name) for name in SHOWN} | {
        "today": f"{now:%Y-%m-%d}",
        "time": f"{now:%Y%m%d%H%M%S%f}",
    }


def read(data: bytes) -> etree._Element:
    """Read XML; nothing in it is followed or expanded.

    Raises:
        ValueError: It is none, or declares a document type, by which files harm who reads them.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise ValueError("a document type declaration is not allowed")
    return root


def import_record(company: Company, order: ImportOrder) -> Outcome:
    """Take one record, or refuse it; either way it is written down in `XMLEvents`."""
    outcome = _outcome(company, order)
    company.events.put(
        {
            "ID": company.next_number("XMLEvents"),
            "Topic": order.topic,
            "File": order.file,
            "Date": company.now(),
            "Type": outcome.type,
            "Key": outcome.key,
            "Reference": outcome.reference,
            "Description": outcome.description,
        }
    )
    return outcome


def _outcome(company: Company, order: ImportOrder) -> Outcome:
    known = (company.switches.server_name.lower(), company.switches.database_name.lower())
    if (order.server.lower(), order.database.lower()) != known:
        return Outcome(FATAL, "", "", f"Failed to login to Globe. Unknown company: {order.server}, {order.database}")
    try:
        record = read(_in_code_page(order.record, company.switches.import_code_page).encode())
    except ValueError as error:
        return Outcome(FATAL, "", "", f"Invalid XML: {error}")
    label, take = TAKERS[order.topic]
    key = record.get("number") or record.get("code") or ""
    reference = eexact.text_at(record, "YourRef") or eexact.text_at(record, "Description") or ""
    try:
        if company.switches.strict_xml and (wrong := schema.violations(record, TOPICS[order.topic])):
            return Outcome(ERROR, key, reference, f"Rejected - {label}: {key} - Schema: {wrong[0]}")
        verb, stored = take(company, record)
    except (Fault, Refusal) as refused:
        return Outcome(ERROR, key, reference, f"Rejected - {label}: {key} - {refused.text}")
    return Outcome(INFORMATION, stored.strip(), reference, f"{verb} - {label}: {stored.strip()}")


def _in_code_page(text: str, name: str) -> str:
    """Return what is left of a text in a code page: letters that it lacks become question marks.

    That the importer loses them is plausible, since two integrations strip diacritics before they send (*inferred*).
    """
    return text.encode(name, "replace").decode(name) if name else text


def _account(company: Company, record: etree._Element) -> tuple[str, str]:
    """Create an account, or do with one of the same code as the switch says."""
    for path in MANDATORY:
        if eexact.text_at(record, path) is None:
            raise mandatory(path)
    entity, switches = company.entities["Account"], company.switches
    row = eexact.account_fields(record, entity, switches)
    for name in ("InvoiceCountry", "DeliveryCountry", "PostalCountry"):
        row.setdefault(name, row.get("MailingCountry"))
    old = company.find("Account", "AccountCode", row["AccountCode"])
    if old is None:
        return "Created", str(masters.create(company, entity, row)["AccountCode"])
    if switches.existing_account == "reject":
        raise Fault(f"Already exists: Account ({row['AccountCode'].strip()})")
    if switches.existing_account == "update":
        masters.merge(company, entity, old, row)
    return {"update": "Updated", "skip": "Skipped"}[switches.existing_account], str(row["AccountCode"])


def _order(company: Company, record: etree._Element) -> tuple[str, str]:
    kind = record.get("type", "")
    letters = {"V": SALES_ORDERS, company.switches.purchase_order_letter: PURCHASE_ORDERS}
    if kind not in letters:
        raise invalid("Order/@type", kind)
    return _document(company, letters[kind], record)


def _invoice(company: Company, record: etree._Element) -> tuple[str, str]:
    if record.get("type") != "V":
        raise invalid("Invoice/@type", record.get("type", ""))
    return _document(company, SALES_INVOICES, record)


def _document(company: Company, pair: Pair, record: etree._Element) -> tuple[str, str]:
    """Make a document of a record: the same as of lines and a header, without a staging."""
    header = eexact.fields(record, eexact.HEADERS[pair.header], company.entities[pair.header], company.switches)
    party = "OrderedAt/Creditor" if pair.side == "I" else "OrderedBy/Debtor"
    header[pair.party] = _party(company, record, party, pair.party_column, create=company.switches.create_master_data)
    for path, name in PARTIES.items():
        if pair.side == "V" and record.find(path) is not None:
            header[name] = _party(company, record, path, pair.party_column, create=False)
    if pair.side == "I" and (reference := eexact.text_at(record, "YourRef")):
        # The entity has no property for the column; whether the importer fills it for purchases is inferred.
        header["docnumber"] = reference
    lines = [_line(company, pair, header, line) for line in record.iterfind(pair.element)]
    if not lines:
        raise mandatory(pair.element)
    made = documents.build(company, pair, header, lines)
    return "Created", str(made.get("OurReference") or made[pair.number])


def _line(company: Company, pair: Pair, header: Row, element: etree._Element) -> Row:
    if element.find("Price") is None and element.find("Amount") is not None:
        raise Fault(f"The sandbox does not simulate {element.tag!s}/Amount; send Price", "Amount")
    entity = company.entities[pair.line]
    row = with_defaults(eexact.fields(element, eexact.LINES[pair.line], entity, company.switches), entity, company)
    if pair.side == "I":
        row.setdefault("DeliveryDate", header.get("DeliveryDate") or header.get(pair.date) or company.today())
    return {**row, "ID": company.next_number(pair.line)}


def _party(company: Company, record: etree._Element, path: str, column: str, *, create: bool) -> str:
    """Return the debtor or creditor number of an account that is named by code or by number.

    Raises:
        Fault: There is none. With ``create`` a debtor that brings its name is made first
            (xconnector.explore-it.nl: "create master data").
    """
    code, number = eexact.text_at(record, f"{path}/@code"), eexact.text_at(record, f"{path}/@number")
    if code is None and number is None:
        raise mandatory(path)
    code_column = column.replace("Number", "Code")
    account = company.coded("Account", code_column, code) or company.coded("Account", column, number)
    if account is None and create and eexact.text_at(record, f"{path}/Name"):
        account = _new_party(company, record, path, column, str(code or number))
    if account is None:
        raise missing(path, code or number)
    return str(account[column])


def _new_party(company: Company, record: etree._Element, path: str, column: str, code: str) -> Row:
    row = {
        "AccountCode": company.padded("Account", "AccountCode", code),
        "AccountName": eexact.text_at(record, f"{path}/Name"),
        "CustomerType": "C" if column == "DebtorNumber" else "S",
        "CustomerStatus": "A",
        "InvoiceCountry": eexact.text_at(record, f"{path.partition('/')[0]}/Address/Country/@code") or "NL",
    }
    return masters.create(company, company.entities["Account"], row)


TAKERS: dict[str, tuple[str, Callable[[Company, etree._Element], tuple[str, str]]]] = {
    "Accounts": ("Account", _account),
    "Orders": ("Order", _order),
    "Invoices": ("Invoice", _invoice),
}
"""What a record is called in messages, and what takes it."""
