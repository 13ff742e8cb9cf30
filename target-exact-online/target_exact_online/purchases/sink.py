"""The sink of purchase orders."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from typing_extensions import override

from target_exact_online.adoption import first_day
from target_exact_online.purchases import changes, forms
from target_exact_online.purchases.preflight import PreparedOrder, check
from target_exact_online.purchases.steps import steps_of
from target_exact_online.vouchers import VoucherSink
from transfer_ledger.carried import Carried
from transfer_ledger.transfers import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_ledger.documents import PurchaseOrder
    from transfer_ledger.receipts import Found, Step
    from transfer_ledger.transfers import Transfer


class PurchaseOrders(VoucherSink[PreparedOrder]):
    """Writes purchase orders, and takes goods that went back off the orders they came in with."""

    @cached_property
    def _carried(self) -> Carried:
        return Carried(self.target.ledger.engine, self.target.administration, self.stream_name)

    @override
    def prepare(self, document: PurchaseOrder) -> PreparedOrder:
        self._carried.check(document)
        link = self.link_of(document)
        return self.checked(lambda: check(document, self.lists, link, self.config))

    @override
    def steps(self, document: PurchaseOrder, prepared: PreparedOrder) -> Sequence[Step]:
        found = changes.changes_of(document, lambda receipt: self._earlier(document, receipt))
        steps = steps_of(self.desk, document, prepared, list(changes.steps(self.desk, document, found)))
        self.target.forecast(document.source.offered, len(steps))
        return steps

    @override
    def scan(self) -> Iterable[Found]:
        if not self.config["adopt_purchases"]:
            return ()
        return forms.held(self.target.client, first_day(self.config.get("adopt_from")))

    def _earlier(self, document: PurchaseOrder, receipt: str) -> Transfer | None:
        """Return the transfer of an earlier receipt of the same source."""
        source = msgspec.structs.replace(document.source, id=receipt)
        return self.target.ledger.transfer(key_of(self.target.administration, self.stream_name, source))
