"""The documents that mappers emit and targets write, in the words of the receiving system.

A document holds business codes and never internal ids of the receiving system. Amounts are ``Decimal`` in the
document's currency, signed from the seller's view of an invoice: a credit has negative amounts. Dates are calendar
dates without a time. One class per kind of document; ``schema`` gives its JSON Schema, ``decode`` reads a Singer
record.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
import hashlib
from decimal import Decimal
from typing import Any, Literal, TypeVar

import msgspec
from singer_sdk.singerlib import resolve_schema_references

Form = Literal["sales_invoice", "sales_order", "sales_entry"]
VoidPolicy = Literal["credit", "report", "ignore"]

_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class Source(msgspec.Struct, kw_only=True):
    """Where a document comes from: enough to find it again and to open it."""

    system: str
    tenant: str
    stream: str
    id: str
    url: str | None = None
    offered: int | None = None
    """How many records this run offers in all, for the progress that is shown; None when unknown."""


class Problem(msgspec.Struct, kw_only=True):
    """Why a document cannot be transferred as it is, and which setting would change that."""

    field: str
    value: str
    message: str
    setting: str | None = None


class Address(msgspec.Struct, kw_only=True):
    """A postal address; ``country`` is the two-letter code."""

    line1: str | None = None
    line2: str | None = None
    postcode: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None


class Customer(msgspec.Struct, kw_only=True):
    """Who is invoiced. ``id`` is the source system's key, by which the account is linked."""

    id: str
    name: str
    code: str | None = None
    vat_number: str | None = None
    chamber_of_commerce: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address: Address = msgspec.field(default_factory=Address)


class Line(msgspec.Struct, kw_only=True):
    """One line. ``amount`` is net of VAT and is the truth; quantity times unit price is for the reader."""

    source_ids: list[str]
    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    item: str | None = None
    gl_account: str | None = None
    notes: str | None = None
    unit: str | None = None
    vat_code: str | None = None
    vat_rate: Decimal | None = None
    """As a fraction: 0.21 is 21 %. The target compares it with the rate of the VAT code in Exact."""
    vat_amount: Decimal | None = None
    cost_center: str | None = None
    cost_unit: str | None = None
    project: str | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    rounding: bool = False
    """Added by the mapper to make the totals agree."""
    rules: dict[str, str] = msgspec.field(default_factory=dict)
    """Field to the settings row that gave its value, for example ``{"vat_code": "invoices.vat_codes[2]"}``."""


class Totals(msgspec.Struct, kw_only=True):
    """Amounts of a whole document, to the cent."""

    net: Decimal
    vat: Decimal
    gross: Decimal


class Attachment(msgspec.Struct, kw_only=True):
    """A file that goes along; ``data`` is base64 and is not kept in the ledger."""

    file_name: str
    content_type: str
    data: str


class SalesInvoice(msgspec.Struct, kw_only=True):
    """An invoice or a credit note for a customer; stream ``sales_invoices``."""

    source: Source
    form: Form
    type: Literal["invoice", "credit_note"]
    number: str
    """The number in the source system."""
    reference: str
    """Written to YourRef; by it the document is found again after a lost answer."""
    journal: str | None = None
    keep_number: bool = False
    """Ask the receiving system to use ``number``; otherwise it numbers by itself."""
    definitive: bool = False
    """Process at once; otherwise the document waits as a concept for a person."""
    invoice_date: dt.date | None = None
    due_date: dt.date | None = None
    description: str = ""
    remarks: str | None = None
    currency: str
    exchange_rate: Decimal | None = None
    """Units of the administration's currency for one unit of ``currency``; None: the receiver's own rate."""
    payment_condition: str | None = None
    customer: Customer
    lines: list[Line]
    totals: Totals
    """What the source system says. The target compares it with what the receiving system answers."""
    voided: bool = False
    when_voided: VoidPolicy = "report"
    """What to do when it is voided in the source system after it was transferred."""
    void_date: dt.date | None = None
    reverses: str | None = None
    """The number of the document that this credit note takes back."""
    skip: str | None = None
    """Why it is not to be transferred at all, when the settings leave it out; the target records it as skipped."""
    attachments: list[Attachment] = msgspec.field(default_factory=list)
    problems: list[Problem] = msgspec.field(default_factory=list)
    rules: dict[str, str] = msgspec.field(default_factory=dict)


Document = SalesInvoice
DocumentT = TypeVar("DocumentT", bound=SalesInvoice)

STREAMS: dict[str, type[Document]] = {"sales_invoices": SalesInvoice}
"""The stream each kind of document travels in."""

KEY_PROPERTIES = ["key"]
"""Documents have one key column, ``key``: the source's system, tenant, stream and id in one string."""


def key(source: Source) -> str:
    """Return the Singer key of the document made from this source."""
    return f"{source.system}/{source.tenant}/{source.stream}/{source.id}"


def encode(document: Document) -> dict[str, Any]:
    """Return the document as a Singer record: dates as text, amounts as ``Decimal``."""
    record = msgspec.to_builtins(document, builtin_types=(Decimal,))
    return {"key": key(document.source), **record}


def decode(stream: str, record: dict[str, Any]) -> Document:
    """Read a Singer record of a document stream.

    Raises:
        msgspec.ValidationError: the record is not a document; the message names the path.
    """
    return msgspec.convert(record, STREAMS[stream], strict=True)


def fingerprint(document: Document) -> str:
    """Return a digest of the business content: equal for documents that would be written alike.

    Left out: what only explains or shows (links, counts, problems, rules), the customer's particulars beside its
    key and code, and the bytes of attachments.
    """
    content = msgspec.to_builtins(document, builtin_types=(Decimal,))
    for name in ("problems", "rules"):
        del content[name]
    content["source"] = key(document.source)
    content["customer"] = [document.customer.id, document.customer.code]
    content["attachments"] = [attachment.file_name for attachment in document.attachments]
    content["lines"] = [{k: v for k, v in line.items() if k != "rules"} for line in content["lines"]]
    return hashlib.sha256(_encoder.encode(_plain(content))).hexdigest()


def schema(stream: str) -> dict[str, Any]:
    """Return the JSON Schema of a document stream, with references resolved and amounts as JSON numbers."""
    kind = STREAMS[stream]
    (reference,), definitions = msgspec.json.schema_components([kind], ref_template="#/definitions/{name}")
    top = definitions[reference["$ref"].rpartition("/")[2]]
    resolved = resolve_schema_references({**top, "definitions": definitions})
    resolved.pop("definitions", None)
    amounts = _amounts_as_numbers(resolved)
    return {**amounts, "properties": {"key": {"type": "string"}, **amounts["properties"]}}


def reversal(document: SalesInvoice) -> SalesInvoice:
    """Return the credit note that takes back a transferred invoice which was voided since."""
    return msgspec.structs.replace(
        document,
        source=msgspec.structs.replace(document.source, id=f"{document.source.id}:void"),
        type="invoice" if document.type == "credit_note" else "credit_note",
        reference=f"{document.reference}-void",
        number=f"{document.number}-void",
        invoice_date=document.void_date or document.invoice_date,
        due_date=None,
        reverses=document.number,
        voided=False,
        lines=[_negated(line) for line in document.lines],
        totals=Totals(net=-document.totals.net, vat=-document.totals.vat, gross=-document.totals.gross),
        attachments=[],
    )


def _negated(line: Line) -> Line:
    vat = None if line.vat_amount is None else -line.vat_amount
    return msgspec.structs.replace(line, quantity=-line.quantity, amount=-line.amount, vat_amount=vat)


def _plain(value: Any) -> Any:
    """Write amounts so that 1, 1.0 and 1.00 are alike."""
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _amounts_as_numbers(node: Any) -> Any:
    if isinstance(node, dict):
        if node.get("format") == "decimal":
            return {**{k: v for k, v in node.items() if k != "format"}, "type": "number"}
        return {name: _amounts_as_numbers(item) for name, item in node.items()}
    if isinstance(node, list):
        return [_amounts_as_numbers(item) for item in node]
    return node
