"""What a document says about the receipt as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import sources
from mapper_autotask_exact.sources import text_of
from mapper_autotask_exact.templates import fill, first_filled
from transfer_ledger.documents import Address, Partner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.purchases.case import Case
    from transfer_ledger.documents import Source

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
    """Return the text by which the order is found again in Exact: one line, as Exact keeps it."""
    filled, empty = fill(case.settings.reference, (case.scope,))
    text = " ".join("".join(sign for sign in filled if sign.isprintable() or sign.isspace()).split())
    if not text or empty:
        message = f"{' and '.join(empty) or 'the template'} is empty for this receipt, so it would not be found again"
        case.problem("reference", case.settings.reference.source, message, "purchases.reference")
    return text


def supplier(case: Case) -> Partner:
    """Return who delivered."""
    vendor, number = case.vendor, str(case.order.get("vendorID") or "")
    if case.order and not vendor:
        message = "the supplier is not in the record; let the API user of the tap see the company in Autotask"
        case.problem("supplier", number, message)
    texts = {
        name: first_filled((template,), (case.scope,)) or None for name, template in case.settings.supplier.items()
    }
    return Partner(
        id=number,
        name=text_of(vendor.get("companyName")) or "",
        phone=text_of(vendor.get("phone")),
        website=text_of(vendor.get("webAddress")),
        address=Address(
            line1=text_of(vendor.get("address1")),
            line2=text_of(vendor.get("address2")),
            postcode=text_of(vendor.get("postalCode")),
            city=text_of(vendor.get("city")),
            state=text_of(vendor.get("state")),
            country=text_of((vendor.get("country") or {}).get("countryCode")),
        ),
        **texts,
    )


def payment_condition(case: Case) -> str | None:
    """Return the payment condition's code; None leaves it to the receiving system."""
    table = case.settings.payment_conditions
    row = None if table is None else case.need("payment_condition", table)
    return (row.result["code"] or None) if row else None


def currency(case: Case) -> str:
    """Return the currency's code."""
    table = case.settings.currencies
    name = text_of((case.order.get("currency") or {}).get("name")) or ""
    if not name and case.vendor:
        case.problem("currency", "", "the supplier's currency is not in the record; look at it in Autotask")
    row = None if table is None else case.need("currency", table)
    if row is None:
        return name
    if not row.result.get("allowed", True):
        case.problem("currency", name, f"{row.path} does not allow purchases in {name}", f"{row.path}.allowed")
    code: str = row.result.get("code", name)
    return code
