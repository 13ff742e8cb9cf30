"""One row of the ledger's ``transfers``: who it is, how far it is, and the columns people read."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from transfer_ledger.documents import STREAMS, Document, Problem, Source, Voucher
from transfer_ledger.exceptions import StopRun
from transfer_ledger.receipts import Receipt
from transfer_ledger.schema import ATTENTION, KEY_LENGTH, NAME_LENGTH, transfers

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import RowMapping

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode_steps = msgspec.json.Decoder(dict[str, Receipt]).decode
_decode_problems = msgspec.json.Decoder(list[Problem]).decode

FALLBACK = {
    "pending": "The run stopped before its turn came.",
    "sending": "It is being sent.",
    "unknown": "No answer came.",
    "sent": "It was handed over; what became of it is not known yet.",
}
"""What is said of a transfer that is open without a reason of its own."""

ROW_COLUMNS = (
    *("id", "version", "state", "run_id", "offered_as", "step", "steps", "attempts", "fingerprint"),
    *("offered_fingerprint", "document", "receipt_id", "reason", "advice", "problems"),
    *("answered", "dismissed_by", "updated_at"),
)
"""What ``from_row`` reads."""

_NAMES = ("number", "reference", "receipt_number", "receipt_id", "source_id")


class Key(msgspec.Struct, frozen=True):
    """What a transfer is known by: one per administration, kind of document and source record."""

    administration: str
    kind: str
    source_system: str
    source_tenant: str
    source_stream: str
    source_id: str


class Transfer(msgspec.Struct, kw_only=True):
    """One document to one administration, as the protocol works on it."""

    key: Key
    offered_as: str
    id: int | None = None
    """None until the row is written."""
    version: int = 0
    state: str = "pending"
    run_id: str = ""
    step: str | None = None
    steps: dict[str, Receipt] = msgspec.field(default_factory=dict)
    attempts: int = 0
    fingerprint: str | None = None
    offered_fingerprint: str | None = None
    document: str | None = None
    receipt: Receipt | None = None
    reason: str = ""
    advice: str = ""
    problems: list[Problem] = msgspec.field(default_factory=list)
    answered: list[Problem] = msgspec.field(default_factory=list)
    """Problems that a person has dealt with; they are not raised again."""
    dismissed_by: str | None = None
    """Who said that it is not to be transferred."""
    changed_at: dt.datetime | None = None
    """When the row was written last, as it was read."""

    def stored(self) -> Any:
        """Return the document that was sent last, or offered when none was."""
        if self.document is None:
            return None
        return msgspec.json.decode(self.document, type=STREAMS[self.key.kind])


def key_of(administration: str, kind: str, source: Source) -> Key:
    """Return the key of the transfer of this source record.

    Raises:
        StopRun: a part of it cannot be kept, so it could not be recognised again.
    """
    parts = (administration, kind, source.system, source.tenant, source.stream, source.id)
    limits = (NAME_LENGTH,) * 5 + (KEY_LENGTH,)
    if all(part and "\0" not in part and len(part) <= limit for part, limit in zip(parts, limits, strict=True)):
        return Key(*parts)
    raise StopRun(
        f"The key {parts!r:.400} cannot be kept: a part is empty, holds a NUL or is too long.",
        f"Parts may have {NAME_LENGTH} characters, the id {KEY_LENGTH}; correct the tap or the mapper.",
    )


def called(name: str) -> sa.ColumnElement[bool]:
    """Return the condition of a query that picks what has this number here or there, reference or source id."""
    return sa.or_(*(transfers.c[column] == name for column in _NAMES))


def from_row(key: Key, row: RowMapping) -> Transfer:
    """Return the transfer that a row holds."""
    steps = _decode_steps(row["steps"])
    receipt_id = row["receipt_id"]
    return Transfer(
        key=key,
        offered_as=row["offered_as"],
        id=row["id"],
        version=row["version"],
        state=row["state"],
        run_id=row["run_id"],
        step=row["step"],
        steps=steps,
        attempts=row["attempts"],
        fingerprint=row["fingerprint"],
        offered_fingerprint=row["offered_fingerprint"],
        document=row["document"],
        receipt=next((receipt for receipt in steps.values() if receipt.id == receipt_id), None),
        reason=row["reason"] or "",
        advice=row["advice"] or "",
        problems=_decode_problems(row["problems"]),
        answered=_decode_problems(row["answered"] or "[]"),
        dismissed_by=row["dismissed_by"],
        changed_at=row["updated_at"],
    )


def progress_columns(transfer: Transfer) -> dict[str, Any]:
    """Return the columns that change as a transfer goes on."""
    receipt = transfer.receipt
    return {
        "state": transfer.state,
        "version": transfer.version,
        "run_id": transfer.run_id,
        "step": transfer.step,
        "steps": _encode(transfer.steps).decode(),
        "attempts": transfer.attempts,
        "offered_fingerprint": transfer.offered_fingerprint,
        "receipt_id": receipt and receipt.id,
        "receipt_number": receipt and plain(receipt.number),
        "receipt_url": receipt and plain(receipt.url),
        "receipt_totals": _encode(receipt.totals).decode() if receipt and receipt.totals else None,
        "reason": plain(transfer.reason),
        "advice": plain(transfer.advice),
        "problems": _encode(transfer.problems).decode(),
        "answered": _encode(transfer.answered).decode() if transfer.answered else None,
        "dismissed_by": transfer.dismissed_by,
    }


def listing_columns(transfer: Transfer, document: Document | None) -> dict[str, Any]:
    """Return what ``listing`` says of a transfer: its standing, and what it is called when the document is given."""
    receipt = transfer.receipt
    attention = transfer.state == "transferred" and transfer.problems
    row = {
        "transfer_id": transfer.id,
        "standing": ATTENTION if attention else transfer.state,
        "receipt_words": _searched(receipt.number) if receipt else "",
        "problems": _encode(wrong_with(transfer)).decode(),
    }
    if document is None:
        return row
    headline = document.headline()
    called = (headline.number, headline.reference, transfer.key.source_id, headline.name)
    return row | {
        "words": _searched(*called),
        "invoice_date": headline.date,
        "currency": plain(headline.currency),
        "cents": _cents(headline.gross),
        "outstanding": _cents(getattr(document, "open_amount", None)),
    }


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else round(amount * 100)


def wrong_with(transfer: Transfer) -> list[Problem]:
    """Return what is wrong with a transfer: its problems, or its reason as one; nothing when it is settled."""
    if transfer.state == "skipped":
        return []
    if transfer.problems or transfer.state == "transferred":
        return transfer.problems
    reason = transfer.reason or FALLBACK.get(transfer.state, "")
    return [Problem(field="", value="", message=reason)]


def _searched(*texts: str | None) -> str:
    return " ".join(filter(None, map(plain, texts))).casefold()


def document_columns(transfer: Transfer, document: Document) -> dict[str, Any]:
    """Note the document, the one offered now, on the transfer and return the columns made from it."""
    transfer.fingerprint, headline = transfer.offered_fingerprint, document.headline()
    transfer.document = _encode(without_bytes(document)).decode()
    return {
        "fingerprint": transfer.fingerprint,
        "document": transfer.document,
        "source_url": plain(document.source.url),
        "number": plain(headline.number),
        "reference": plain(headline.reference),
        "customer_name": plain(headline.name),
        "currency": plain(headline.currency),
        "gross": headline.gross,
        "invoice_date": headline.date,
    }


def without_bytes(document: Document) -> Document:
    """Return the document with its attachments named but empty."""
    if not isinstance(document, Voucher) or not document.attachments:
        return document
    emptied = [msgspec.structs.replace(attachment, data="") for attachment in document.attachments]
    return msgspec.structs.replace(document, attachments=emptied)


def plain(text: str | None) -> str | None:
    """Return text a database accepts: PostgreSQL refuses NUL (PostgreSQL docs, Character Types)."""
    return None if text is None else text.replace("\0", "")
