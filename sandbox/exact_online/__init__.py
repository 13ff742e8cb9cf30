"""Exact Online's REST API, simulated. README.md beside this file says how it behaves and where that is known from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online.division import TABLES, Division, columns_of
from sandbox.exact_online.limits import Limits
from sandbox.exact_online.relations import SYSTEM, shown_by
from sandbox.exact_online.seed import fill
from sandbox.exact_online.server import Api
from sandbox.exact_online.server import routes as routes_of
from sandbox.exact_online.sources import source
from sandbox.exact_online.switches import Switches
from sandbox.exact_online.tokens import Issuer
from sandbox.options import convert

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from sandbox.context import Context
    from sandbox.store import Row

__all__ = ["PAGE", "routes", "seed", "state"]

PAGE = {
    "SalesInvoices": ("YourRef", "OrderNumber", "InvoiceNumber", "Status", "InvoiceDate", "Currency", "AmountFC"),
    "SalesEntries": ("YourRef", "EntryNumber", "Status", "EntryDate", "Currency", "AmountFC", "VATAmountFC"),
    "SalesOrders": ("YourRef", "OrderNumber", "Status", "OrderDate", "Currency", "AmountFC"),
    "PurchaseOrders": ("YourRef", "OrderNumber", "OrderStatus", "OrderDate", "SupplierName", "Currency", "AmountFC"),
    "GoodsReceipts": ("YourRef", "ReceiptNumber", "ReceiptDate", "SupplierName"),
    "Accounts": ("Code", "Name", "Status", "City", "VATNumber"),
}


def seed(context: Context) -> None:
    """Make the tables and fill them."""
    switches = convert(context.options.exact_online, Switches, "exact_online")
    division = Division(context, switches)
    fill(division)
    context.halves[SYSTEM] = Api(division, switches, Limits(context.clock, switches), Issuer(context.clock, switches))


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes."""
    return routes_of(context.halves[SYSTEM])


def state(context: Context) -> dict[str, list[Row]]:
    """Return all rows by resource, with the codes and names of what they refer to; amounts as `Decimal`."""
    division: Division = context.halves[SYSTEM].division
    return {name: _rows(division, name) for name in sorted({*TABLES, "TransactionLines"})}


def _rows(division: Division, name: str) -> list[Row]:
    shown = {column: division.relations.getter(name, column) for column in columns_of(name) if shown_by(column)}
    return [
        {column: value for column, value in row.items() if not column.startswith("_") and not isinstance(value, bytes)}
        | {column: value for column, get in shown.items() if (value := get(row)) is not None}
        for row in source(division, name).after(None)
    ]
