"""One sink per kind of document that goes to Exact Online."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from typing_extensions import override

from target_exact_online.adoption import held
from target_exact_online.forms import SALES_ENTRY
from target_exact_online.preflight import PreparedInvoice, check
from target_exact_online.steps import steps_of
from target_exact_online.vouchers import VoucherSink

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_ledger.documents import SalesInvoice
    from transfer_ledger.receipts import Found, Step

logger = logging.getLogger(__name__)


class SalesInvoices(VoucherSink[PreparedInvoice]):
    """Writes sales invoices, sales orders and sales entries."""

    @override
    def prepare(self, document: SalesInvoice) -> PreparedInvoice:
        link = self.link_of(document)
        return self.checked(lambda: check(document, self.lists, link, self.config))

    @override
    def steps(self, document: SalesInvoice, prepared: PreparedInvoice) -> Sequence[Step]:
        if document.exchange_rate is not None and document.form != SALES_ENTRY.name:
            self._say_whose_rate()
        steps = steps_of(self.desk, document, prepared, with_files=not self._adoptable(document, prepared))
        self.target.forecast(document.source.offered, len(steps))
        return steps

    @override
    def scan(self) -> Iterable[Found]:
        return held(self.target.client, self.config)

    def _adoptable(self, document: SalesInvoice, prepared: PreparedInvoice) -> bool:
        """Whether a document with files was there, files and all, when the ledger was new."""
        if not document.attachments:
            return False
        held = self.target.ledger.found(self.target.administration, self.stream_name, document.reference)
        return self.match(document, prepared, held) is not None

    @cache  # noqa: B019 - one sink lives as long as its run
    def _say_whose_rate(self) -> None:
        logger.warning("Exact Online uses its own exchange rate for sales invoices and sales orders.")
