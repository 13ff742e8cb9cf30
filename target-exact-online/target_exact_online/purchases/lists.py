"""The codes that purchases name, each list kept by itself: its columns are not those that sales look at."""

from __future__ import annotations

from target_exact_online.master_data import Resource

SUPPLIERS = Resource(
    "Suppliers",
    "sync/CRM/Accounts",
    ("Name", "Status", "IsSupplier", "Blocked", "StartDate", "EndDate"),
    "account",
    changes=True,
    instead="correct the number of the company in Autotask, or set `missing_supplier: create` on the target",
)
BOUGHT_ITEMS = Resource(
    "BoughtItems",
    "sync/Logistics/Items",
    ("Description", "IsPurchaseItem", "IsSerialItem", "StartDate", "EndDate"),
    "item",
    changes=True,
    instead="map to another or to a fallback, or set `missing_item: create` on the target",
)
SUPPLIER_CODES = Resource(
    "SupplierCodes",
    "sync/Logistics/SupplierItem",
    ("Supplier", "Item"),
    "supplier's item",
    changes=True,
    code="SupplierItemCode",
)
"""Supplier's items by the supplier's own code."""
PURCHASE_TERMS = Resource(
    "PurchaseTerms",
    "sync/Logistics/SupplierItem",
    ("Supplier", "PurchaseUnit", "PurchaseUnitFactor"),
    "supplier's item",
    changes=True,
    code="Item",
)
"""Supplier's items by the id of the item."""
WAREHOUSES = Resource("Warehouses", "inventory/Warehouses", (), "warehouse")
