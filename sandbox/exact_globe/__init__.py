"""Exact Globe's Entity Services, simulated. README.md beside this file says how it behaves and how that is known."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from sandbox.exact_globe.company import EVENTS, STAGED, SYSTEM, Company
from sandbox.exact_globe.seed import fill
from sandbox.exact_globe.server import Services
from sandbox.exact_globe.server import routes as routes_of
from sandbox.exact_globe.sign_in import Gate
from sandbox.exact_globe.switches import Switches
from sandbox.options import OptionsError, convert

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from sandbox.context import Context
    from sandbox.store import Row

__all__ = ["PAGE", "gate", "routes", "seed", "state"]

PAGE = {
    "SalesOrderHeader": (
        "YourReference",
        "SalesOrderNumber",
        "OrderDebtor",
        "SalesOrderDate",
        "TotalAmount",
    ),
    "PurchaseOrderHeader": ("Description", "PurchaseOrderNumber", "OrderedAt", "PurchaseOrderDate", "TotalAmount"),
    "ReceiptPurchaseOrderHeader": ("EntryNumber", "PurchaseOrderNumber", "ReceiptDate", "SupplierNumber"),
    "InvoiceHeader": ("YourReference", "InvoiceCode", "OrderDebtor", "TranscationDate", "TotalAmount"),
    "Account": ("AccountCode", "AccountName", "CustomerType", "InvoiceCity", "VATNumber"),
    STAGED: ("TransactionKey", "EntityName", "ID", "Itemcode", "ItemCode", "Quantity"),
    EVENTS: ("ID", "Topic", "Key", "Type", "Description"),
}


def seed(context: Context) -> None:
    """Make the tables and fill them."""
    switches = convert(context.options.exact_globe, Switches, SYSTEM)
    _check(switches)
    company = Company(context, switches)
    fill(company)
    context.halves[SYSTEM] = Services(company, Gate(switches))


def _check(switches: Switches) -> None:
    """Check what only its use would show to be wrong.

    Raises:
        OptionsError: A code page is unknown, or a file's name asks for what there is not.
    """
    try:
        codecs.lookup(switches.import_code_page or "utf-8")
        switches.error_file_name.format(stem="", time="", topic="")
    except (LookupError, ValueError) as error:
        raise OptionsError(f"Scenario (under `{SYSTEM}`): {error}. See sandbox/exact_globe/README.md.") from error


def gate(context: Context) -> Gate:
    """Return what signs connections in."""
    services: Services = context.halves[SYSTEM]
    return services.gate


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes."""
    return routes_of(context.halves[SYSTEM])


def state(context: Context) -> dict[str, list[Row]]:
    """Return all rows by entity, as they are stored: codes with their padding, amounts as `Decimal`."""
    return {name: list(table) for name, table in sorted(context.store.tables(SYSTEM).items())}
