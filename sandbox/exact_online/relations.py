"""Which columns refer to which rows, and which columns are worked out from others when they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.books import ADMINISTRATION
from sandbox.exact_online.user import USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.store import Row, Store

SYSTEM = "exact_online"


class Reference(NamedTuple):
    """Where a column points: guids at accounts, items, G/L accounts and documents; codes at the rest."""

    table: str
    column: str = "ID"


_BY_TABLE: dict[Reference, str] = {
    Reference("AccountClassificationNames"): "AccountClassificationName",
    Reference("AccountClassifications"): " ".join(f"Classification{number}" for number in range(1, 9)),
    Reference("Accounts"): (
        "Account Accountant Customer DeliverTo InvoiceAccount InvoiceTo OrderedBy Parent Reseller Supplier"
    ),
    Reference("Addresses"): "DeliverToAddress DeliveryAddress",
    Reference("Contacts"): (
        "Contact DeliverToContactPerson InvoiceToContactPerson MainContact OrderedByContactPerson AccountContact "
        "SupplierContact"
    ),
    Reference("Costcenters", "Code"): "CostCenter Costcenter",
    Reference("Costunits", "Code"): "CostUnit Costunit",
    Reference("Currencies", "Code"): "CostPriceCurrency Currency SourceCurrency TargetCurrency",
    Reference("Documents"): "Document",
    Reference("GLAccounts"): (
        "GLAccount GLAccountPurchase GLAccountSales GLAP GLAR GLCosts GLCostsWorkInProgress GLDiscountPurchase "
        "GLDiscountSales GLRevenue GLRevenueWorkInProgress GLStock GLToClaim GLToPay PaymentInTransitAccount "
        "PrivateGLAccount"
    ),
    Reference("GoodsReceipts"): "GoodsReceiptID",
    Reference("ItemGroups"): "ItemGroup",
    Reference("Items"): "Item",
    Reference("Journals", "Code"): "Journal",
    Reference("Layouts"): "DocumentLayout",
    Reference("PaymentConditions", "Code"): "PaymentCondition PaymentConditionPurchase PaymentConditionSales",
    Reference("PurchaseOrderLines"): "PurchaseOrderLineID",
    Reference("PurchaseOrders", "PurchaseOrderID"): "PurchaseOrderID",
    Reference("SalesEntries", "EntryID"): "EntryID FinancialTransactionEntryID",
    Reference("SalesInvoices", "InvoiceID"): "InvoiceID",
    Reference("SalesOrders", "OrderID"): "OrderID",
    Reference("Units"): "ItemUnit",
    Reference("Units", "Code"): "PurchaseUnit Unit UnitCode",
    Reference("VATCodes", "Code"): "PurchaseVATCode SalesVATCode SalesVatCode VATCode",
    Reference("Warehouses"): "Warehouse WarehouseID",
}
REFERENCES = {column: reference for reference, columns in _BY_TABLE.items() for column in columns.split()}

SUFFIXES = {"Code": "Code", "Description": "Description", "FullName": "FullName", "Name": "Name", "Subject": "Subject"}
"""A column named after a reference and one of these shows that column of the row referred to."""

_SHOWN: dict[str, tuple[str, str]] = {
    "AccountCountry": ("Account", "Country"),
    "AccountIsCustomer": ("Account", "IsSales"),
    "AccountIsSupplier": ("Account", "IsSupplier"),
    "AccountMainContact": ("Account", "MainContact"),
    "DocumentNumber": ("Document", "HID"),
    "JournalCode": ("Journal", "Code"),
    "OrderNumber": ("OrderID", "OrderNumber"),
    "PurchaseOrderNumber": ("PurchaseOrderID", "OrderNumber"),
    "SupplierContactPersonFullName": ("SupplierContact", "FullName"),
    "SupplierDescription": ("Supplier", "Name"),
    "UnitDescription": ("UnitCode", "Description"),
    "VATDescription": ("VATCode", "Description"),
    "WarehouseCode": ("WarehouseID", "Code"),
    "WarehouseDescription": ("WarehouseID", "Description"),
}
"""Columns that show a column of the row referred to, under a name of their own."""

_SYNONYMS = {"UnitCode": "Unit", "WarehouseID": "Warehouse"}
"""References that some tables call otherwise."""

CONSTANTS: dict[str, Any] = {
    "Creator": USER.id,
    "CreatorFullName": USER.full_name,
    "Division": ADMINISTRATION.code,
    "Modifier": USER.id,
    "ModifierFullName": USER.full_name,
}

_ENUMERATIONS: dict[tuple[str, str], tuple[str, dict[Any, str]]] = {
    ("SalesInvoices", "StatusDescription"): ("Status", {10: "Concept", 20: "Open", 50: "Verwerkt"}),
    ("SalesInvoices", "TypeDescription"): (
        "Type",
        {8020: "Verkoopfactuur", 8021: "Creditnota", 8023: "Directe verkoopfactuur", 8024: "Directe creditnota"},
    ),
    ("SalesEntries", "StatusDescription"): ("Status", {20: "Open", 50: "Verwerkt"}),
    ("SalesEntries", "TypeDescription"): ("Type", {20: "Verkoopboeking", 21: "Verkoopcreditnota"}),
    ("PurchaseOrders", "ApprovalStatusDescription"): (
        "ApprovalStatus",
        {0: "Te accorderen", 1: "Automatisch", 2: "Geaccordeerd"},
    ),
    ("SalesOrders", "StatusDescription"): (
        "Status",
        {12: "Open", 20: "Gedeeltelijk", 21: "Volledig", 45: "Geannuleerd"},
    ),
    ("SalesOrders", "ApprovalStatusDescription"): (
        "ApprovalStatus",
        {0: "Te accorderen", 1: "Automatisch", 2: "Geaccordeerd"},
    ),
    ("GLAccounts", "TypeDescription"): (
        "Type",
        {20: "Debiteuren", 22: "Crediteuren", 24: "Btw", 110: "Omzet", 120: "Overige kosten"},
    ),
    ("Documents", "TypeDescription"): (
        "Type",
        {10: "Verkoopfactuur", 20: "Inkoopfactuur", 55: "Diversen"},
    ),
}

_COMPUTED: dict[tuple[str, str], Callable[[Row], Any]] = {
    ("Accounts", "IsSales"): lambda row: row.get("Status") == "C",
    ("Accounts", "Type"): lambda _row: "A",
    ("BankAccounts", "Type"): lambda _row: "A",
    ("Contacts", "FullName"): lambda row: " ".join(filter(None, (row.get("FirstName"), row.get("LastName")))),
    ("Documents", "HasEmptyBody"): lambda row: not row.get("Body"),
    ("DocumentAttachments", "Attachment"): lambda _row: None,
    ("DocumentAttachments", "FileSize"): lambda row: len(row.get("Attachment") or b""),
    ("SalesOrders", "ID"): lambda row: row["OrderID"],
    ("SalesOrderLines", "DeliveryStatus"): lambda _row: 12,
    ("SalesOrderLines", "InvoiceStatus"): lambda _row: 12,
    ("SalesOrderLines", "OrderStatus"): lambda _row: 12,
    ("SalesEntryLines", "Type"): lambda row: 21 if row["AmountFC"] < 0 else 20,
}
"""The bytes of an attachment are fetched at its Url; whether a GET shows them too was not tried live."""

SAME_COLUMNS = {
    "PurchaseOrderFeed": "PurchaseOrders",
    "Receivables": "PaymentTerms",
    "SalesInvoiceFeed": "SalesInvoices",
}
"""Resources without a table of their own, and the table whose columns they show."""


class Relations:
    """Reads columns of rows, those of the rows they refer to included.

    Args:
        store: Holds the tables.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def row(self, column: str, value: Any) -> Row | None:
        """Return the row that a value of a referring column points at, or None."""
        reference = REFERENCES.get(column)
        if reference is None or value is None:
            return None
        table = self._store.table(SYSTEM, reference.table)
        if reference.column == table.key:
            return table.get(value)
        return next(iter(table.find(reference.column, [value])), None)

    def getter(self, table: str, column: str) -> Callable[[Row], Any]:
        """Return the function that reads a column from a row of a table."""
        table = SAME_COLUMNS.get(table, table)
        if (table, column) in _COMPUTED:
            return _COMPUTED[table, column]
        if (table, column) == ("Contacts", "IsMainContact"):
            return lambda row: (self.row("Account", row.get("Account")) or {}).get("MainContact") == row["ID"]
        if (table, column) in _ENUMERATIONS:
            source, texts = _ENUMERATIONS[table, column]
            return lambda row: texts.get(row.get(source))
        shown = shown_by(column)
        if shown is not None:
            return self._shown(column, *shown)
        default = CONSTANTS.get(column)
        return lambda row: row.get(column, default)

    def _shown(self, column: str, reference: str, other: str) -> Callable[[Row], Any]:
        computed = _COMPUTED.get((REFERENCES[reference].table, other))

        def get(row: Row) -> Any:
            if column in row:
                return row[column]
            target = self.row(reference, row.get(reference) or row.get(_SYNONYMS.get(reference, "")))
            if target is None:
                return None
            return computed(target) if computed else target.get(other)

        return get


def shown_by(column: str) -> tuple[str, str] | None:
    """Return which reference a column shows, and which column of the row referred to; None: it shows itself."""
    if column in _SHOWN:
        return _SHOWN[column]
    for suffix, other in SUFFIXES.items():
        reference = column.removesuffix(suffix)
        if reference != column and reference in REFERENCES:
            return reference, other
    return None
