"""One sink per kind of document that goes to Exact Online."""

from __future__ import annotations

import logging
from functools import cache, cached_property
from typing import TYPE_CHECKING

from typing_extensions import override

from target_exact_online.account_steps import LINKED
from target_exact_online.adoption import held
from target_exact_online.desk import Desk
from target_exact_online.forms import SALES_ENTRY
from target_exact_online.preflight import PreparedInvoice, check
from target_exact_online.steps import steps_of
from target_exact_online.translation import reading
from transfer_ledger.sinks import DocumentSink

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from target_exact_online.master_data import MasterLists
    from target_exact_online.target import TargetExactOnline
    from transfer_ledger.documents import SalesInvoice
    from transfer_ledger.ledger import Link
    from transfer_ledger.receipts import Found, Step

logger = logging.getLogger(__name__)


class SalesInvoices(DocumentSink[PreparedInvoice]):
    """Writes sales invoices, sales orders and sales entries."""

    target: TargetExactOnline

    @cached_property
    def lists(self) -> MasterLists:
        """The codes of Exact Online."""
        return self.target.lists

    @cached_property
    def desk(self) -> Desk:
        """What the steps work with."""
        return Desk(self.target.client, self.lists, self.target.config, self._save_link, self.match)

    @override
    def prepare(self, document: SalesInvoice) -> PreparedInvoice:
        link = self._link(document)
        while True:
            prepared, findings = check(document, self.lists, link, self.config)
            with reading():
                newer = self.lists.refresh(findings.blamed if findings.problems else findings.used)
            if not newer:
                break
        if findings.problems:
            raise findings.failure()
        return prepared

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

    def _link(self, document: SalesInvoice) -> Link | None:
        source = document.source
        return self._links.get((source.system, source.tenant, document.customer.id))

    @cached_property
    def _links(self) -> dict[tuple[str, str, str], Link]:
        return self.target.ledger.links(self.target.administration, LINKED)

    def _save_link(self, link: Link) -> None:
        self.target.ledger.save_link(self.target.administration, link)
        self._links[link.source_system, link.source_tenant, link.source_id] = link
