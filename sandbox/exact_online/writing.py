"""POST, PUT and DELETE: which module does what to which resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.exact_online import (
    accounts,
    bodies,
    documents,
    goods_receipts,
    masters,
    printing,
    purchase_orders,
    sales_documents,
    sales_entries,
    sales_entry_changes,
    sales_invoices,
    sales_orders,
    supplier_items,
)
from sandbox.exact_online.catalogue import resource as named
from sandbox.exact_online.entities import EntityWriter
from sandbox.exact_online.errors import not_simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.store import Row

HOLLOW = {"Accounts", "Contacts"}
"""Tables whose POST answers with nothing but the key, unless asked to (basvanbeek.nl/exact-online-tips)."""


@dataclass(frozen=True)
class Rules:
    """How the rows of a resource come, change and go."""

    create: Callable[[Division, Values], Row]
    change: Callable[[Division, Row, Values], None] | None = None
    remove: Callable[[Division, Row], None] | None = None


def _lines(kind: sales_documents.Kind) -> Rules:
    return Rules(
        create=lambda division, values: sales_documents.create_line(division, kind, values),
        change=lambda division, row, values: sales_documents.change_line(division, kind, row, values),
        remove=lambda division, row: sales_documents.remove_line(division, kind, row),
    )


def _plain(path: str, create: Callable[[Division, Values], Row] | None = None) -> Rules:
    """Return the rules of master data."""
    of = named(path)
    return Rules(
        create=create or (lambda division, values: masters.create(division, of, values)),
        change=lambda division, row, values: masters.change(division, of, row, values),
        remove=lambda division, row: masters.remove(division, of, row),
    )


def _nested_only(path: str) -> Callable[[Division, Values], Row]:
    def refuse(_division: Division, _values: Values) -> Row:
        raise not_simulated(f"a POST of {path} by itself")

    return refuse


def _removal(path: str) -> Callable[[Division, Row], None]:
    """Return what removes rows that nothing uses."""
    return lambda division, row: masters.remove(division, named(path), row)


def _document(
    kind: sales_documents.Kind,
    create: Callable[[Division, Values], Row],
    change: Callable[[Division, Row, Values], None],
) -> Rules:
    return Rules(create, change, lambda division, row: sales_documents.remove(division, kind, row))


RULES: dict[str, Rules] = {
    "crm/Accounts": Rules(accounts.create, accounts.change, accounts.remove),
    "crm/Addresses": _plain("crm/Addresses", accounts.create_address),
    "crm/BankAccounts": Rules(accounts.create_bank_account, accounts.change_bank_account, _removal("crm/BankAccounts")),
    "crm/Contacts": Rules(accounts.create_contact, accounts.change_contact, accounts.remove_contact),
    "documents/DocumentAttachments": Rules(documents.attach, remove=documents.detach),
    "documents/Documents": Rules(documents.create, documents.change, documents.remove),
    "inventory/StockSerialNumbers": Rules(_nested_only("inventory/StockSerialNumbers")),
    "logistics/SupplierItem": Rules(supplier_items.create, supplier_items.change, supplier_items.remove),
    "purchaseorder/GoodsReceiptLines": Rules(goods_receipts.create_line),
    "purchaseorder/GoodsReceipts": Rules(goods_receipts.create, goods_receipts.change),
    "purchaseorder/PurchaseOrderLines": Rules(
        purchase_orders.create_line, purchase_orders.change_line, purchase_orders.remove_line
    ),
    "purchaseorder/PurchaseOrders": Rules(purchase_orders.create, purchase_orders.change, purchase_orders.remove),
    "salesentry/SalesEntries": Rules(sales_entries.create, sales_entry_changes.change, sales_entry_changes.remove),
    "salesentry/SalesEntryLines": Rules(
        sales_entry_changes.create_line, sales_entry_changes.change_line, sales_entry_changes.remove_line
    ),
    "salesinvoice/PrintedSalesInvoices": Rules(printing.create),
    "salesinvoice/SalesInvoiceLines": _lines(sales_invoices.KIND),
    "salesinvoice/SalesInvoices": _document(sales_invoices.KIND, sales_invoices.create, sales_invoices.change),
    "salesorder/SalesOrderLines": _lines(sales_orders.KIND),
    "salesorder/SalesOrders": _document(sales_orders.KIND, sales_orders.create, sales_orders.change),
} | {
    path: _plain(path)
    for path in (
        "cashflow/PaymentConditions",
        "financial/ExchangeRates",
        "financial/GLAccounts",
        "financial/Journals",
        "hrm/Costcenters",
        "hrm/Costunits",
        "inventory/Warehouses",
        "logistics/Items",
        "vat/VATCodes",
    )
}
"""What can be done with each resource is in its methods; how, is here."""


def create(division: Division, resource: Resource, body: bytes) -> Row:
    """Create a row from the body of a POST.

    Raises:
        Refusal: The body is malformed.
        Invalid: Business validation says no; nothing was changed.
    """
    values = bodies.read(body, resource, division.switches, verb="post")
    return RULES[resource.path].create(division, values)


def change(division: Division, resource: Resource, row: Row, body: bytes) -> None:
    """Change a row by the body of a PUT.

    Raises:
        Refusal: The body is malformed, or the resource knows no PUT.
        Invalid: Business validation says no; nothing was changed.
    """
    change_row = RULES[resource.path].change
    assert change_row is not None
    change_row(division, row, bodies.read(body, resource, division.switches, verb="put"))


def remove(division: Division, resource: Resource, row: Row) -> None:
    """Remove a row.

    Raises:
        Invalid: It cannot be removed; nothing was changed.
    """
    remove_row = RULES[resource.path].remove
    assert remove_row is not None
    remove_row(division, row)


def answer(division: Division, resource: Resource, row: Row, root: str, *, in_full: bool) -> dict[str, Any]:
    """Return what a POST answers with.

    Args:
        division: Whose row it is.
        resource: What was posted.
        row: As it was stored.
        root: The address below which resources are.
        in_full: The client wants the representation, whatever the resource.
    """
    writer = EntityWriter(division, resource, root)
    hollow = resource.table in HOLLOW and not in_full
    return {"d": writer.write_key_only(row) if hollow else writer.write(row)}
