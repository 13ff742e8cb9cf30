"""Recognising as ours what the receiving system already holds, so that it is not sent again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Ambiguous, StopRun, Unanswered
from transfer_ledger.receipts import Receipt, match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from transfer_ledger.documents import Voucher
    from transfer_ledger.ledger import Ledger
    from transfer_ledger.receipts import Found

logger = logging.getLogger(__name__)


class Adoption:
    """What one kind of document looks like in the receiving system, and to which transfer it belongs."""

    def __init__(self, ledger: Ledger, administration: str, kind: str, scan: Callable[[], Iterable[Found]]) -> None:
        self.ledger = ledger
        self.administration = administration
        self.kind = kind
        self.scan = scan
        self._found_at_first: int | None = None

    def ensure_scanned(self) -> None:
        """Read what is held in bulk, once in the life of a ledger.

        Raises:
            StopRun: it could not be read.
        """
        if self._found_at_first is None:
            self._found_at_first = self.ledger.baseline(self.administration, self.kind)
        if self._found_at_first is not None:
            return
        logger.info("New ledger: reading which %s administration %s already holds.", self.kind, self.administration)
        try:
            self._found_at_first = self.ledger.save_baseline(self.administration, self.kind, self.scan())
        except Unanswered as error:
            raise StopRun(error.message, error.advice) from error

    def held(self, document: Voucher) -> list[Found]:
        """Return what was held under the document's reference when the ledger was new."""
        if not self._found_at_first:
            return []
        return self.ledger.found(self.administration, self.kind, document.reference)

    def match(self, document: Voucher, customer_id: str | None, candidates: Iterable[Found]) -> Receipt | None:
        """Return the receipt of the one candidate that is this document and belongs to no other transfer.

        Raises:
            Ambiguous: several agree, or none agrees in all and one in part.
        """
        by_id = {found.id: found for found in candidates}
        owned = self.ledger.owned(self.administration, self.kind, by_id) if by_id else ()
        found = match(document, customer_id, [one for one in by_id.values() if one.id not in owned])
        return None if found is None else Receipt(id=found.id, number=found.number, url=found.url)

    def check_owner(self, receipt: Receipt) -> None:
        """Refuse a receipt that is another transfer's.

        Raises:
            Ambiguous: it is.
        """
        if not self.ledger.owned(self.administration, self.kind, [receipt.id]):
            return
        number = receipt.number or receipt.id
        message = f"{number} in the receiving system belongs to another transfer already."
        problem = Problem(field="reference", value=receipt.id, message=message)
        advice = "Give the two documents references that differ, or remove one of them."
        raise Ambiguous([problem], advice, candidates=[number])
