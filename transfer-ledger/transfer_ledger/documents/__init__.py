"""The documents that mappers emit and targets write, in the words of the receiving system.

A document holds business codes and never internal ids of the receiving system. Amounts are ``Decimal`` in the
document's currency, signed from the seller's view of an invoice: a credit has negative amounts. Dates are calendar
dates without a time. One class per kind of document; ``schema`` gives its JSON Schema, ``decode`` reads a Singer
record. What kinds have in common is in ``parts``.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib import resolve_schema_references

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
from transfer_ledger.documents.invoice_payments import (
    EndedBy,
    InvoicePayment,
    PaymentState,
    PaymentTerm,
    WhenDated,
    WhenNotFound,
    WhenReopened,
)
from transfer_ledger.documents.parts import (
    UNDECIDED,
    Address,
    Attachment,
    Document,
    Headline,
    Partner,
    Problem,
    Source,
    Totals,
    VoidPolicy,
    Voucher,
)
from transfer_ledger.documents.purchase_orders import OrderLine, PurchaseOrder, TakenBack
from transfer_ledger.documents.sales_invoices import Form, Line, SalesInvoice

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KEY_PROPERTIES",
    "STREAMS",
    "TOLD",
    "UNDECIDED",
    "Account",
    "Address",
    "Attachment",
    "CodeRule",
    "Company",
    "Contact",
    "Document",
    "EndedBy",
    "Form",
    "Headline",
    "InvoicePayment",
    "Line",
    "OrderLine",
    "Partner",
    "Party",
    "PaymentState",
    "PaymentTerm",
    "Problem",
    "PurchaseOrder",
    "SalesInvoice",
    "Source",
    "Status",
    "TakenBack",
    "Totals",
    "VoidPolicy",
    "Voucher",
    "WhenDated",
    "WhenMissing",
    "WhenNotFound",
    "WhenReopened",
    "Winner",
    "decode",
    "encode",
    "fingerprint",
    "is_documents",
    "key",
    "schema",
]

_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")

STREAMS: dict[str, type[Document]] = {
    "sales_invoices": SalesInvoice,
    "purchase_orders": PurchaseOrder,
    "accounts": Account,
    "companies": Company,
    "invoice_payments": InvoicePayment,
}
"""The stream each kind of document travels in."""

_LAST = ("lines", "totals", "voided", "when_voided", "void_date", "attachments", "skip", "problems", "rules")

KEY_PROPERTIES = ["key"]
"""Documents have one key column, ``key``: the source's system, tenant, stream and id in one string."""


def key(source: Source) -> str:
    """Return the Singer key of the document made from this source."""
    return f"{source.system}/{source.tenant}/{source.stream}/{source.id}"


def encode(document: Document) -> dict[str, Any]:
    """Return the document as a Singer record: dates as text, amounts as ``Decimal``, fields as people read them."""
    return {"key": key(document.source), **_in_order(msgspec.to_builtins(document, builtin_types=(Decimal,)))}


def decode(stream: str, record: dict[str, Any]) -> Any:
    """Read a Singer record of a document stream; the class of its kind comes out.

    Raises:
        msgspec.ValidationError: the record is not a document; the message names the path.
    """
    return msgspec.convert(record, STREAMS[stream], strict=True)


def is_documents(schema: Mapping[str, Any]) -> bool:
    """Whether a stream with this schema holds documents, and not records of the same name."""
    names = set(schema.get("properties") or ())
    return names == {"key"} or {"key", "source", "problems"} <= names


def fingerprint(document: Document) -> str:
    """Return a digest of the business content: equal for documents that would be written alike.

    Left out: what only explains or shows (links, counts, problems, rules), how a party is merged and made, a
    customer's particulars beside its key and code, and the bytes of attachments.
    """
    return hashlib.sha256(_encoder.encode(_plain({**document.content(), "source": key(document.source)}))).hexdigest()


def schema(stream: str) -> dict[str, Any]:
    """Return the JSON Schema of a document stream, with references resolved and amounts as JSON numbers."""
    (reference,), definitions = msgspec.json.schema_components([STREAMS[stream]], ref_template="#/definitions/{name}")
    top = definitions[reference["$ref"].rpartition("/")[2]]
    resolved = resolve_schema_references({**top, "definitions": definitions})
    resolved.pop("definitions", None)
    amounts = _amounts_as_numbers(resolved)
    return {**amounts, "properties": {"key": {"type": "string"}, **_in_order(amounts["properties"])}}


def _in_order(fields: dict[str, Any]) -> dict[str, Any]:
    """Put what concerns the whole document behind what it says."""
    return dict(sorted(fields.items(), key=lambda field: _LAST.index(field[0]) if field[0] in _LAST else -1))


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
