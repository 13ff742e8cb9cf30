"""Which records become which documents, and by which settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import invoices, payments
from mapper_autotask_exact.parties import accounts, companies
from mapper_autotask_exact.purchases import orders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transfer_ledger.documents import Document, Problem


@dataclass(frozen=True)
class Route:
    """What becomes of the records of one stream."""

    area: str
    """The settings it needs; without them its records pass through as they came."""
    kind: str
    """The stream of documents that takes its place."""
    key: str
    """The record's key column."""
    noun: str
    column: str
    """A column that only records of this stream have."""
    document: Callable[..., Document]
    unmapped: Callable[[dict[str, Any], Problem], Document]


ROUTES = {
    invoices.STREAM: Route(
        "invoices", "sales_invoices", "id", "Invoice", "billing_items", invoices.document, invoices.unmapped
    ),
    accounts.STREAM: Route(
        "accounts", "accounts", "id", "Company", "companyName", accounts.document, accounts.unmapped
    ),
    orders.STREAM: Route(
        "purchases", "purchase_orders", "id", "Goods receipt", "rows", orders.document, orders.unmapped
    ),
    companies.STREAM: Route("companies", "companies", "ID", "Account", "ID", companies.document, companies.unmapped),
    payments.STREAM: Route(
        "payments",
        "invoice_payments",
        payments.KEY,
        "Payment",
        payments.KEY,
        payments.document,
        payments.unmapped,
    ),
}


def route_of(record: Mapping[str, Any]) -> Route:
    """Return what becomes of a record whose stream is not said."""
    found = (route for route in ROUTES.values() if route.column in record)
    return next(found, ROUTES[invoices.STREAM])
