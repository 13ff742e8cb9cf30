"""What a document says about the receipt as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import sources, vouchers
from mapper_autotask_exact.sources import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.purchases.case import Case
    from transfer_ledger.documents import Partner, Source

STREAM = "expanded_goods_receipts"


def source(record: Mapping[str, Any]) -> Source:
    """Return where a document comes from."""
    return sources.source(record, STREAM, "autotask", record.get("tenant"), record["id"])


def checked_source(case: Case) -> Source:
    """Return where the document comes from; that tenant or order is not known is a problem."""
    found = source(case.record)
    if not found.tenant:
        case.problem("source.tenant", "", "the record does not say which Autotask it is from; use this project's tap")
    if not case.order:
        message = "the purchase order is not in the record; let the API user of the tap see it in Autotask"
        case.problem("order_number", "", message)
    return found


def reference(case: Case) -> str:
    """Return the text by which the order is found again."""
    return vouchers.reference(case, case.settings.reference, case.scope, "receipt", "purchases.reference")


def supplier(case: Case) -> Partner:
    """Return who delivered."""
    number = str(case.order.get("vendorID") or "")
    if case.order and not case.vendor:
        message = "the supplier is not in the record; let the API user of the tap see the company in Autotask"
        case.problem("supplier", number, message)
    return vouchers.partner(case.vendor, number, case.settings.supplier, case.scope)


def payment_condition(case: Case) -> str | None:
    """Return the payment condition's code; None leaves it to the receiving system."""
    return vouchers.payment_condition(case, case.settings.payment_conditions)


def currency(case: Case) -> str:
    """Return the currency's code."""
    name = text_of((case.order.get("currency") or {}).get("name")) or ""
    if not name and case.vendor:
        case.problem("currency", "", "the supplier's currency is not in the record; look at it in Autotask")
    return vouchers.currency(case, case.settings.currencies, name, "purchases")
