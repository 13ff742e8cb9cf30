"""Writes that precede a document because of its files: a document in Exact that holds them, and each file in it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from tap_exact_online import odata
from target_exact_online import payloads
from target_exact_online.translation import reading, writing
from transfer_ledger import texts
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Ambiguous
from transfer_ledger.receipts import Receipt, Receipts, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_exact_online.desk import Desk
    from transfer_ledger.documents import Attachment, SalesInvoice

HOLDER = "document"


def attachments(desk: Desk, document: SalesInvoice, customer_id: Callable[[Receipts], str]) -> list[Step]:
    """Return a step for the holder and one per file; none without files."""
    if not document.attachments:
        return []
    files = [_file(desk, attachment, number) for number, attachment in enumerate(document.attachments, 1)]
    return [_holder(desk, document, customer_id), *files]


def subject(document: SalesInvoice) -> str:
    """Return the subject of the holder, by which it is found again: no two documents have the same."""
    return texts.one_line(f"{document.reference} ({document.source.system} {document.source.id})")


def _holder(desk: Desk, document: SalesInvoice, customer_id: Callable[[Receipts], str]) -> Step:
    def find(_: Receipts) -> Receipt | None:
        return _one(desk, "documents/Documents", f"Subject eq {odata.literal(subject(document))}")

    def body(done: Receipts) -> payloads.Body:
        return payloads.holder_body(document, subject(document), customer_id(done), desk.settings)

    def write(done: Receipts) -> Receipt:
        with writing():
            return Receipt(id=desk.client.create("documents/Documents", body(done))["ID"])

    return Step(name=HOLDER, find=find, write=write, precedes=True, shows=body)


def _file(desk: Desk, attachment: Attachment, number: int) -> Step:
    def find(done: Receipts) -> Receipt | None:
        holder, name = UUID(done[HOLDER].id), texts.one_line(attachment.file_name)
        where = f"Document eq {odata.literal(holder)} and FileName eq {odata.literal(name)}"
        return _one(desk, "documents/DocumentAttachments", where)

    def write(done: Receipts) -> Receipt:
        body = payloads.attachment_body(attachment, done[HOLDER].id)
        with writing():
            return Receipt(id=desk.client.create("documents/DocumentAttachments", body)["ID"])

    return Step(
        name=f"attachment {number}",
        find=find,
        write=write,
        precedes=True,
        shows=lambda _: {"FileName": texts.one_line(attachment.file_name)},
    )


def _one(desk: Desk, resource: str, where: str) -> Receipt | None:
    with reading():
        rows = list(desk.client.read(resource, select=("ID",), where=where))
    if len(rows) > 1:
        ids = [row["ID"] for row in rows]
        problem = Problem(field="attachments", value=where, message=f"{resource} holds {len(rows)} rows with {where}")
        raise Ambiguous([problem], "Keep one of them in Exact Online.", candidates=ids)
    return Receipt(id=rows[0]["ID"]) if rows else None
