"""One sink per kind of document that goes to Exact Globe; both routes stand behind each."""

from __future__ import annotations

import datetime as dt
import logging
from functools import cached_property, partial
from typing import TYPE_CHECKING

from typing_extensions import override

from target_exact_globe import bodies, file_steps, goods_receipts, service_steps
from target_exact_globe.files import FileRoute, token
from target_exact_globe.preflight import PreparedOrder, check
from target_exact_globe.purchases import check_purchase
from target_exact_globe.service_steps import CREATE
from target_exact_globe.staging import Staging, key_of_attempt
from transfer_ledger.carried import Carried
from transfer_ledger.exceptions import StopRun
from transfer_ledger.sinks import DocumentSink
from transfer_ledger.transfers import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from target_exact_globe.findings import Findings
    from target_exact_globe.lists import Lists
    from target_exact_globe.orders import Kind
    from target_exact_globe.target import TargetExactGlobe
    from transfer_ledger.documents import PurchaseOrder, SalesInvoice, Voucher
    from transfer_ledger.ledger import Link
    from transfer_ledger.receipts import Found, Receipt, Step
    from transfer_ledger.transfers import Key, Transfer

LINKED = "accounts"
"""The kind of link between a company and an account."""
EARLIER = 2
"""Attempts whose lines are looked for: the last one, and the one before it, which it may have been clearing away."""

logger = logging.getLogger(__name__)


class Orders(FileRoute, DocumentSink[PreparedOrder]):
    """What sales and purchases have in common: a header with lines."""

    target: TargetExactGlobe
    adopted: tuple[Kind, ...]
    """Kinds that are looked for when the ledger is new."""

    def checked(self, document: Voucher, link: Link | None) -> tuple[PreparedOrder | None, Findings]:
        """Resolve and check a document."""
        raise NotImplementedError

    @override
    def prepare(self, document: Voucher) -> PreparedOrder:
        source = document.source
        link = self._links.get((source.system, source.tenant, document.partner.id))
        prepared, findings = self.checked(document, link)
        if prepared is None:
            raise findings.failure()
        if not self.target.by_file:
            # What the services know of themselves is asked before anything is under way.
            self.target.metadata.properties(bodies.ENTITIES[prepared.order.kind].header)
        return prepared

    @override
    def steps(self, document: Voucher, prepared: PreparedOrder) -> Sequence[Step]:
        order, key = prepared.order, key_of(self.target.administration, self.stream_name, document.source)
        begun = self.target.ledger.transfer(key)
        ask = partial(self._ask, document, prepared, begun)
        for said in order.said if key not in self._said_of else ():
            logger.warning("%s: %s.", document.number, said)
        self._said_of.add(key)
        attempts = begun.attempts if begun is not None else 0
        if self.target.by_file:
            tokens = (token(key, attempts + 1), token(key, attempts))
            conclusive = self.target.can_ask and order.kind != "sales_invoice" and _is_sent(begun)
            return file_steps.steps(self.desk, order, tokens, ask, conclusive=conclusive)
        own, *earlier = self._keys_of_attempts(key, attempts)
        keys = [own if self.config["transaction_key"] == "own" else None, *earlier]
        return [service_steps.creation(self.staging, ask, order, keys)]

    @override
    def scan(self) -> Iterable[Found]:
        since = self.config.get("adopt_from")
        if self.target.can_ask:
            for kind in self.adopted:
                yield from service_steps.every(self.target.client, kind, _day(since) if since else None)

    @property
    def lists(self) -> Lists | None:
        """Globe's codes, where Globe can be asked."""
        return self.target.lists if self.target.can_ask else None

    @cached_property
    def _said_of(self) -> set[Key]:
        """Documents of which was said what does not arrive as it was."""
        return set()

    @cached_property
    def staging(self) -> Staging:
        """Writes over the services."""
        return Staging(self.target.client, self.target.metadata)

    def _ask(self, document: Voucher, prepared: PreparedOrder, begun: Transfer | None) -> Receipt | None:
        """Look an order up in Globe; None when it is not there.

        Raises:
            DocumentFailed: it may be there, and nobody can be asked.
        """
        order, doubted = prepared.order, begun is not None and begun.state == "unknown"
        if not self.target.can_ask:
            if doubted and begun is not None and file_steps.FILE not in begun.steps and begun.step == CREATE:
                raise service_steps.unknowable(order, "it was sent over services that are no longer set")
            return None
        if order.kind != "sales_invoice":
            return self.match(document, prepared, service_steps.under_reference(self.target.client, order))
        found = service_steps.invoice_in_history(self.target.client, order)
        if found is None and doubted and not self.target.by_file:
            raise service_steps.unknowable(order, "Exact Globe shows sales invoices only once they are processed")
        return found

    def _keys_of_attempts(self, key: Key, attempts: int) -> list[UUID]:
        """Return the keys of the lines of the attempt that is to come, then of those before it, the latest first."""
        return [key_of_attempt(key, number) for number in range(attempts + 1, max(0, attempts - EARLIER), -1)]

    @cached_property
    def _links(self) -> dict[tuple[str, str, str], Link]:
        return self.target.ledger.links(self.target.administration, LINKED)


class SalesInvoices(Orders):
    """Writes sales invoices as sales orders or as sales invoices, as the document says."""

    adopted = ("sales_order",)

    @override
    def checked(self, document: SalesInvoice, link: Link | None) -> tuple[PreparedOrder | None, Findings]:  # type: ignore[override]
        return check(document, self.lists, link, self.config)


class PurchaseOrders(Orders):
    """Writes a purchase order for each receipt of goods."""

    adopted = ("purchase_order",)

    @cached_property
    def _carried(self) -> Carried:
        return Carried(self.target.ledger.engine, self.target.administration, self.stream_name)

    @override
    def prepare(self, document: PurchaseOrder) -> PreparedOrder:  # type: ignore[override]
        self._carried.check(document)
        return super().prepare(document)

    @override
    def steps(self, document: PurchaseOrder, prepared: PreparedOrder) -> Sequence[Step]:  # type: ignore[override]
        steps = super().steps(document, prepared)
        if not document.goods_receipt:
            return steps
        if self.target.by_file or not goods_receipts.bookable(self.target.metadata):
            logger.warning("%s: the goods are not booked as received: do that in Globe, on the order.", document.number)
            return steps
        key = key_of(self.target.administration, self.stream_name, document.source)
        begun = self.target.ledger.transfer(key)
        keys = self._keys_of_attempts(key, begun.attempts if begun is not None else 0)
        return [*steps, goods_receipts.step(self.staging, self.target.client, prepared.order, keys)]

    @override
    def checked(self, document: PurchaseOrder, link: Link | None) -> tuple[PreparedOrder | None, Findings]:  # type: ignore[override]
        return check_purchase(document, self.lists, link, self.config)


def _is_sent(begun: Transfer | None) -> bool:
    return begun is not None and begun.state == "sent"


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise StopRun(
            f"The setting adopt_from is {text!r:.40}, which is no date.", "Write it like 2026-01-31."
        ) from error
