"""documents/Documents and their attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online import checks
from sandbox.exact_online.catalogue import resource

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

SALES_INVOICE = 10
"""The type of a document that holds a sales invoice (recorded live, NangoHQ/integration-templates)."""
DOCUMENTS, ATTACHMENTS = resource("documents/Documents"), resource("documents/DocumentAttachments")


def create(division: Division, values: Values) -> Row:
    """Create a document.

    Raises:
        Invalid: Its subject or type is missing or wrong.
    """
    values = {name: value for name, value in values.items() if value is not None}
    checks.refuse(checks.missing(values, ["Subject", "Type"]) + _problems(division, values))
    return _file(division, {"DocumentDate": division.today(), **values})


def _problems(division: Division, values: Values) -> list[Problem]:
    unknown = "Type" in values and values["Type"] not in division.tables["DocumentTypes"]
    found: list[Problem] = [("invalid_reference", "Type")] if unknown else []
    return found + checks.references(division, DOCUMENTS, values)


def _file(division: Division, values: Values) -> Row:
    number = division.next_number("Documents")
    return division.tables["Documents"].put({**values, "ID": division.new_id(), "HID": number})


def change(division: Division, row: Row, values: Values) -> None:
    """Change a document.

    Raises:
        Invalid: A value is wrong.
    """
    checks.refuse(_problems(division, values))
    division.tables["Documents"].put({"ID": row["ID"], **values})


def remove(division: Division, row: Row) -> None:
    """Remove a document and its attachments."""
    for attachment in division.tables["DocumentAttachments"].find("Document", [row["ID"]]):
        division.delete("DocumentAttachments", attachment["ID"])
    division.delete("Documents", row["ID"])


def attach(division: Division, values: Values) -> Row:
    """Add a file to a document.

    Raises:
        Invalid: The document is unknown, or the file has no name or no content.
    """
    problems = checks.missing(values, ["Attachment", "Document", "FileName"])
    problems += [("mandatory", "Attachment")] if values.get("Attachment") == b"" else []
    checks.refuse(problems + checks.references(division, ATTACHMENTS, values))
    return division.tables["DocumentAttachments"].put({**values, "ID": division.new_id()})


def detach(division: Division, row: Row) -> None:
    """Remove a file."""
    division.delete("DocumentAttachments", row["ID"])


def file_invoice(division: Division, invoice: Row, entry: Row, content: bytes) -> Row:
    """File a printed invoice under its customer and its entry."""
    number = invoice["InvoiceNumber"]
    document = _file(
        division,
        {
            "Account": invoice["InvoiceTo"],
            "AmountFC": invoice["AmountFC"],
            "Currency": invoice["Currency"],
            "DocumentDate": invoice["InvoiceDate"],
            "FinancialTransactionEntryID": entry["EntryID"],
            "SalesInvoiceNumber": number,
            "Subject": f"Verkoopfactuur {number}",
            "Type": SALES_INVOICE,
        },
    )
    attach(division, {"Attachment": content, "Document": document["ID"], "FileName": f"{number}.pdf"})
    return document
