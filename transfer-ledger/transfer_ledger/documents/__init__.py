"""The documents that mappers emit and targets write, in the words of the receiving system.

A document holds business codes and never internal ids of the receiving system. Amounts are ``Decimal`` in the
document's currency, signed from the seller's view of an invoice: a credit has negative amounts. Dates are calendar
dates without a time. One class per kind of document; ``schema`` gives its JSON Schema, ``decode`` reads a Singer
record. Documents with amounts are in ``sales_invoices``, parties in ``accounts``.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from singer_sdk.singerlib import resolve_schema_references

from transfer_ledger.documents import accounts, sales_invoices
from transfer_ledger.documents.accounts import (
    TOLD,
    Account,
    CodeRule,
    Company,
    Contact,
    Party,
    Status,
    WhenMissing,
    Winner,
)
from transfer_ledger.documents.parts import Address, Problem, Source
from transfer_ledger.documents.sales_invoices import (
    Attachment,
    Customer,
    Form,
    Line,
    SalesInvoice,
    Totals,
    VoidPolicy,
    reversal,
)

__all__ = [
    "KEY_PROPERTIES",
    "PARTY_STREAMS",
    "STREAMS",
    "TOLD",
    "Account",
    "Address",
    "AnyDocument",
    "Attachment",
    "CodeRule",
    "Company",
    "Contact",
    "Customer",
    "Document",
    "DocumentT",
    "Form",
    "Line",
    "Party",
    "Problem",
    "SalesInvoice",
    "Source",
    "Status",
    "Totals",
    "VoidPolicy",
    "WhenMissing",
    "Winner",
    "decode",
    "decode_party",
    "encode",
    "fingerprint",
    "key",
    "reversal",
    "schema",
]

_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")

Document = SalesInvoice
"""What ``decode`` reads and the write protocol takes: documents with amounts."""
DocumentT = TypeVar("DocumentT", bound=SalesInvoice)
AnyDocument = SalesInvoice | Account | Company

STREAMS: dict[str, type[Document]] = {"sales_invoices": SalesInvoice}
"""The stream each kind of document with amounts travels in."""
PARTY_STREAMS: dict[str, type[Account | Company]] = {"accounts": Account, "companies": Company}
"""The stream each kind of party travels in."""

KEY_PROPERTIES = ["key"]
"""Documents have one key column, ``key``: the source's system, tenant, stream and id in one string."""


def key(source: Source) -> str:
    """Return the Singer key of the document made from this source."""
    return f"{source.system}/{source.tenant}/{source.stream}/{source.id}"


def encode(document: AnyDocument) -> dict[str, Any]:
    """Return the document as a Singer record: dates as text, amounts as ``Decimal``."""
    record = msgspec.to_builtins(document, builtin_types=(Decimal,))
    return {"key": key(document.source), **record}


def decode(stream: str, record: dict[str, Any]) -> Document:
    """Read a Singer record of a document stream.

    Raises:
        msgspec.ValidationError: the record is not a document; the message names the path.
    """
    return msgspec.convert(record, STREAMS[stream], strict=True)


def decode_party(stream: str, record: dict[str, Any]) -> Account | Company:
    """Read a Singer record of a stream of parties.

    Raises:
        msgspec.ValidationError: the record is not a document; the message names the path.
    """
    return msgspec.convert(record, PARTY_STREAMS[stream], strict=True)


def fingerprint(document: AnyDocument) -> str:
    """Return a digest of the business content: equal for documents that would be written alike.

    Left out: what only explains or shows (links, counts, problems, rules), how a party is merged and made, a
    customer's particulars beside its key and code, and the bytes of attachments.
    """
    written = sales_invoices.content(document) if isinstance(document, SalesInvoice) else accounts.content(document)
    return hashlib.sha256(_encoder.encode(_plain({**written, "source": key(document.source)}))).hexdigest()


def schema(stream: str) -> dict[str, Any]:
    """Return the JSON Schema of a document stream, with references resolved and amounts as JSON numbers."""
    kind = {**STREAMS, **PARTY_STREAMS}[stream]
    (reference,), definitions = msgspec.json.schema_components([kind], ref_template="#/definitions/{name}")
    top = definitions[reference["$ref"].rpartition("/")[2]]
    resolved = resolve_schema_references({**top, "definitions": definitions})
    resolved.pop("definitions", None)
    amounts = _amounts_as_numbers(resolved)
    return {**amounts, "properties": {"key": {"type": "string"}, **amounts["properties"]}}


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
