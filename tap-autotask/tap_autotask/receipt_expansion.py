"""Goods receipts with all that belongs to them, put together page by page with a few calls for the whole page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_autotask.receipts import undone
from tap_autotask.related import Lists, Related, currency

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_autotask.client import Row
    from tap_autotask.receipts import Receipt, Shelf
    from tap_autotask.related import Reader

LINKED = (
    ("project", "projectID", "Projects"),
    ("contract", "contractID", "Contracts"),
    ("ticket", "ticketID", "Tickets"),
)
"""Additions to an order item that are read by id: (column, field of the item, entity)."""

CHARGES = (("ticketID", "TicketCharges"), ("projectID", "ProjectCharges"), ("contractID", "ContractCharges"))
"""An item that was ordered for a charge names the charge, and by another field what kind of charge that is."""


class ReceiptExpansion:
    """Adds to receipts what the mapping of a receipt needs.

    Args:
        reader: Where everything comes from.
        shelf: The order items of all receipts to come.
        found: All receipts of their orders, by id.
    """

    def __init__(self, reader: Reader, shelf: Shelf, found: Sequence[Receipt]) -> None:
        self._reader = reader
        self._items, self._earlier, self._firsts = shelf.items, undone(found), shelf.firsts(found)
        self._lists = Lists(reader)
        entities = ["PurchaseOrders", "Companies", "Products", "Resources", *(each[2] for each in LINKED)]
        self._related = {entity: Related(reader, entity) for entity in [*entities, *(each[1] for each in CHARGES)]}
        self._vendor_items: dict[tuple[int, int | None], Row] = {}

    def expand(self, receipts: list[Receipt], *, again: bool = False) -> Iterator[Row]:
        """Yield each receipt of a page as a record.

        Args:
            receipts: Some 1,000 at most: all that belongs to them is in memory at once.
            again: Earlier runs read all of them, so that remembered rows serve.
        """
        self._reader.again = again
        self._load([row for receipt in receipts for row in receipt.rows])
        for receipt in receipts:
            yield self._expanded(receipt)

    def _load(self, rows: list[Row]) -> None:
        """Read what the rows of a page point to, entity by entity."""
        related = self._related
        items = [item for row in rows if (item := self._items.get(row["purchaseOrderItemID"]))]
        related["PurchaseOrders"].load(item.get("orderID") for item in items)
        orders = [order for item in items if (order := self._order(item))]
        related["Companies"].load(order.get(name) for order in orders for name in ("vendorID", "purchaseForCompanyID"))
        related["Resources"].load(row.get("receivedByResourceID") for row in rows)
        for _, field, entity in LINKED:
            related[entity].load(item.get(field) for item in items)
        for field, entity in CHARGES:
            related[entity].load(item.get("chargeID") for item in items if item.get(field))
        related["Products"].load(self._product_id(item) for item in items)
        self._load_vendor_items({number for item in items if (number := self._product_id(item))})

    def _load_vendor_items(self, products: set[int]) -> None:
        """Read by which number each supplier knows a product."""
        rows = self._reader.among("ProductVendors", products, "productID")
        self._vendor_items = {(row["productID"], row.get("vendorID")): row for row in rows}

    def _expanded(self, receipt: Receipt) -> Row:
        first = receipt.rows[0]
        item = self._items.get(first["purchaseOrderItemID"])
        order = self._order(item)
        return {
            "id": receipt.id,
            "received_at": first.get("receiveDate"),
            "received_by": self._person(first.get("receivedByResourceID")),
            "vendor_invoice_number": self._vendor_invoice(receipt.rows),
            "first": receipt.id in self._firsts,
            "purchase_order": order and self._expanded_order(order),
            "rows": [self._expanded_row(row, order) for row in receipt.rows],
        }

    def _vendor_invoice(self, rows: Iterable[Row]) -> str | None:
        numbers = (row.get("vendorInvoiceNumber") for row in rows)
        return ", ".join(dict.fromkeys(number.strip() for number in numbers if number and number.strip())) or None

    def _person(self, number: int | None) -> Row | None:
        person = self._related["Resources"].get(number)
        return person and {name: person.get(name) for name in ("id", "firstName", "lastName", "userName", "email")}

    def _expanded_order(self, order: Row) -> Row:
        vendor = self._company(order.get("vendorID"))
        labels = self._lists.labels("PurchaseOrders")
        return {
            **order,
            "labels": {
                name: labels.get(name, {}).get(str(order.get(name))) for name in ("status", "paymentTerm")
            },
            "vendor": vendor,
            "currency": vendor and currency(self._lists, vendor),
            "purchase_for": self._company(order.get("purchaseForCompanyID")),
        }  # fmt: skip

    def _expanded_row(self, row: Row, order: Row | None) -> Row:
        item = self._items.get(row["purchaseOrderItemID"])
        return {
            **row,
            "order_item": item and self._expanded_item(item, (order or {}).get("vendorID")),
            "earlier": self._earlier.get(row["id"], []),
        }

    def _expanded_item(self, item: Row, vendor: int | None) -> Row:
        number = self._product_id(item)
        product = self._related["Products"].get(number)
        return {
            **item,
            **{column: self._related[entity].get(item.get(field)) for column, field, entity in LINKED},
            "charge": self._charge(item),
            "inventory_location": self._lists.get("InventoryLocations", item.get("inventoryLocationID")),
            "product": product,
            "product_vendor": self._vendor_items.get((number or 0, vendor)),
            "billing_code": self._lists.get("BillingCodes", (product or {}).get("productBillingCodeID")),
        }

    def _order(self, item: Row | None) -> Row | None:
        return self._related["PurchaseOrders"].get((item or {}).get("orderID"))

    def _company(self, number: int | None) -> Row | None:
        company = self._related["Companies"].get(number)
        return company and company | {"country": self._lists.get("Countries", company.get("countryID"))}

    def _charge(self, item: Row) -> Row | None:
        found = (self._related[entity].get(item.get("chargeID")) for field, entity in CHARGES if item.get(field))
        return next((charge for charge in found if charge), None)

    def _product_id(self, item: Row) -> int | None:
        number = item.get("productID") or (self._charge(item) or {}).get("productID")
        return None if number is None else int(number)
