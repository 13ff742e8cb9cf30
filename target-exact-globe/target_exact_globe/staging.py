"""The lines of an order, which wait in Globe until their header comes, and what becomes of them when it does not.

First the lines, then the header with their key, at which Globe validates and creates everything (vendor help, header
and line entities). Lines whose header never came stay in the table ``EntityTransactions``.
"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING

from target_exact_globe.answers import Row, literal, trimmed
from target_exact_globe.client import NotReadable
from target_exact_globe.metadata import fitting
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed, LedgerError, Unanswered

if TYPE_CHECKING:
    from typing import Any

    from target_exact_globe.bodies import Body, Staged
    from target_exact_globe.client import Client
    from target_exact_globe.metadata import Metadata
    from transfer_ledger.transfers import Key

_NAMESPACE = uuid.UUID("5b0f3f0e-6f0b-4d57-9a3b-3d2f7f5b9d61")
UNREADABLE = "InvoiceLine"
"""Lines of this entity cannot be read (PU415 entity reference)."""

logger = logging.getLogger(__name__)


def key_of_attempt(key: Key, attempt: int) -> uuid.UUID:
    """Return the key of the lines of one attempt at a document: known before it begins, so also after a kill."""
    parts = (key.administration, key.kind, key.source_system, key.source_tenant, key.source_stream, key.source_id)
    return uuid.uuid5(_NAMESPACE, "\n".join((*parts, str(attempt))))


class Staging:
    """Writes orders line by line.

    Args:
        client: of the services.
        metadata: which properties they have.
    """

    def __init__(self, client: Client, metadata: Metadata) -> None:
        self._client = client
        self._metadata = metadata
        self._told: set[str] = set()

    def create(self, document: Staged, key: uuid.UUID | None) -> Row:
        """Write a document and return its header as Globe answers it: a call per line, and one for the header.

        Args:
            document: what is written.
            key: of its lines; None: Globe gives one with the first line.

        Raises:
            DocumentFailed: Globe refused it; its lines were cleared away as far as that is possible.
            Unanswered: the outcome is unknown.
            StopRun: nothing more can be sent; the document was not created.
        """
        given, staged = str(key) if key else None, list[Row]()
        try:
            for line in document.lines:
                row = self._client.create(document.line, self._fitted(document.line, line, given))
                staged.append(row)
                given = _common_key(document.line, row, given, first=len(staged) == 1)
            return self._client.create(document.header, self._fitted(document.header, document.body, given))
        except DocumentFailed:
            self._discard(document.line, staged, given)
            raise

    def clear(self, entity: str, key: uuid.UUID) -> None:
        """Remove the lines of an entity that an earlier attempt left behind under a key.

        Raises:
            StopRun: the service does not answer.
        """
        if entity == UNREADABLE:
            return
        try:
            left = list(self._client.read(entity, select=("ID",), where=f"TransactionKey eq {literal(key)}"))
        except NotReadable as error:
            logger.warning("Lines that an earlier run may have left in Globe cannot be looked for: %s", error)
            return
        self._discard(entity, left, str(key))

    def _discard(self, entity: str, staged: list[Row], key: str | None) -> None:
        """Delete lines; what cannot be deleted is told, since it waits in Globe for ever."""
        kept = 0
        for row in staged:
            try:
                if not row.get("ID"):
                    kept += 1
                    continue
                self._client.delete(entity, literal(int(row["ID"])))
            except LedgerError as error:
                kept += 1
                logger.warning("A line without header could not be removed from Exact Globe: %s", error)
        if kept:
            logger.warning(
                "%d lines in no order are left in Exact Globe (EntityTransactions, TransactionKey %s).",
                kept,
                key,
            )

    def _fitted(self, entity: str, body: Body, key: str | None) -> dict[str, Any]:
        """Return what the service has properties for; without a key Globe gives one with the first line."""
        keyed = body if key is None else {"TransactionKey": key, **body}
        known, unknown = fitting(keyed, self._metadata.properties(entity))
        for name in unknown:
            if f"{entity}.{name}" not in self._told:
                self._told.add(f"{entity}.{name}")
                logger.warning("Exact Globe's %s has no %s: it is not sent.", entity, name)
        return known


def _common_key(entity: str, row: Row, given: str | None, *, first: bool) -> str:
    """Return the key of an order's lines, which the answer on the first one decides.

    Raises:
        Unanswered: Globe was to give it, and the answer names none.
        DocumentFailed: a later line got another, and would be missing from the order.
    """
    answered = trimmed(row.get("TransactionKey")).strip("{}").lower() or given
    if answered is None:
        raise Unanswered(f"Exact Globe's answer on {entity} names no TransactionKey.")
    if not first and answered != given:
        message = f"Exact Globe gave lines of one order the keys {given} and {answered}"
        problem = Problem(field="transaction_key", value=answered, message=message, setting="transaction_key")
        raise DocumentFailed([problem], "Set `transaction_key: service`.")
    return answered
