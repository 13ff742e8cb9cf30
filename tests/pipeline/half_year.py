"""Half a year of goods receipts: read by the tap, mapped by the demo's settings, written to Exact Online."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.purchases import orders
from mapper_autotask_exact.settings import load
from tests.golden.cases import base_settings
from tests.tap_autotask.on_sandbox import Reading

if TYPE_CHECKING:
    from tests.conftest import Sandbox
    from tests.target_exact_online.papers import Office
    from transfer_ledger.documents import PurchaseOrder

STREAM = "expanded_goods_receipts"
ALLOWED = {"missing_supplier": "create", "unmarked_supplier": "mark"}
"""The settings of the target under which every receipt of the half year goes over."""
FREIGHT = "Vrachtkosten"


def read(sandbox: Sandbox, state: dict[str, Any] | None = None, **changes: Any) -> Reading:
    """Run the tap."""
    return Reading(sandbox, STREAM, state, start_date="2020-01-01", **changes)


def mapped(records: list[dict[str, Any]], **changes: Any) -> list[PurchaseOrder]:
    """Map what the tap read, by the demo's settings with changes."""
    settings = load({"purchases": base_settings("purchases")["purchases"] | changes}).purchases
    assert settings is not None
    return [orders.document(record, settings) for record in records]


def there(office: Office) -> dict[str, dict[str, Any]]:
    """Return the orders that Exact holds by our reference, each with its lines."""
    lines: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in office.held("PurchaseOrderLines"):
        lines[line["PurchaseOrderID"]].append(line)
    found: dict[str, dict[str, Any]] = {}
    for order in office.held("PurchaseOrders"):
        assert order["YourRef"] not in found
        found[order["YourRef"]] = order | {"lines": lines[order["PurchaseOrderID"]]}
    return found


def told(truth: dict[str, Any]) -> Counter[tuple[str, Decimal]]:
    """Return what is true of a receipt's goods: name and cost of each to how much came in."""
    sums: Counter[tuple[str, Decimal]] = Counter()
    for row in truth["rows"]:
        sums[row["name"], Decimal(str(row["unit_cost"]))] += row["quantity"]
    return Counter({good: quantity for good, quantity in sums.items() if quantity})


def booked(order: dict[str, Any]) -> Counter[tuple[str, Decimal]]:
    """Return the same of an order in Exact, without its freight."""
    sums: Counter[tuple[str, Decimal]] = Counter()
    for line in order["lines"]:
        if line["Description"] != FREIGHT:
            sums[line["Description"], Decimal(line["NetPrice"])] += int(line["QuantityInPurchaseUnits"])
    return sums


def freight(order: dict[str, Any]) -> Decimal:
    """Return the freight on an order in Exact."""
    return sum((Decimal(line["NetPrice"]) for line in order["lines"] if line["Description"] == FREIGHT), Decimal(0))
