"""How rows of purchase orders in Exact Online are read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_exact_online import odata
from target_exact_online.translation import reading
from transfer_ledger.amounts import cents
from transfer_ledger.documents import Totals
from transfer_ledger.receipts import Found, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_exact_online.client import Client

ORDERS, LINES = "purchaseorder/PurchaseOrders", "purchaseorder/PurchaseOrderLines"
FEED = "sync/PurchaseOrder/PurchaseOrders"
COLUMNS = ("PurchaseOrderID", "OrderNumber", "Supplier", "OrderDate", "YourRef", "AmountFCExclVat")


def found(row: Mapping[str, Any]) -> Found:
    """Return what Exact holds as the ledger compares it: without VAT, which Autotask does not know."""
    return Found(
        id=row["PurchaseOrderID"],
        reference=row["YourRef"] or "",
        customer_id=row["Supplier"] or "",
        gross=cents(Decimal(row["AmountFCExclVat"] or 0)),
        number=number_of(row),
        date=odata.calendar_date(row["OrderDate"]),
    )


def number_of(row: Mapping[str, Any]) -> str | None:
    """Return what people call the order."""
    return str(row["OrderNumber"]) if row.get("OrderNumber") else None


def receipt(row: Mapping[str, Any]) -> Receipt:
    """Return what a write produced, with the total that Exact computed."""
    net = row.get("AmountFCExclVat")
    total = None if net is None else cents(Decimal(net))
    totals = None if total is None else Totals(net=total, vat=Decimal(0), gross=total)
    return Receipt(id=row["PurchaseOrderID"], number=number_of(row), totals=totals)


def held(client: Client, since: Any) -> Iterator[Found]:
    """Yield every order that Exact holds with a reference, 1,000 rows a call.

    The feed has headers and lines as rows of one resource; the header is line 0 (Exact REST docs, Sync API).

    Args:
        client: of the administration.
        since: only orders from this day on; None: all.
    """
    where = f"Timestamp gt {odata.literal(1)}"
    latest: dict[str, Found] = {}
    with reading():
        for row in client.read(FEED, select=("Timestamp", "LineNumber", *COLUMNS), where=where):
            if row["LineNumber"] == 0 and (row["YourRef"] or "").strip():
                latest[row["PurchaseOrderID"]] = found(row)
    yield from (one for one in latest.values() if since is None or one.date is None or one.date >= since)
