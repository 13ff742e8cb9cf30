"""Which streams there are: those with a name of their own, and endpoints that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.exceptions import ConfigValidationError

from tap_exact_online.endpoints import find, known
from tap_exact_online.expanded_accounts import ExpandedAccounts
from tap_exact_online.feeds import FeedStream
from tap_exact_online.invoice_payments import InvoicePayments
from tap_exact_online.streams import WITHOUT_DIVISION, ExactStream, ModifiedStream

if TYPE_CHECKING:
    from tap_exact_online.endpoints import Endpoint
    from tap_exact_online.tap import TapExactOnline

STREAMS = {
    # Accounts
    "accounts": "sync/CRM/Accounts",
    "contacts": "sync/CRM/Contacts",
    "addresses": "sync/CRM/Addresses",
    "bank_accounts": "crm/BankAccounts",
    "account_classifications": "crm/AccountClassifications",
    "account_classification_names": "crm/AccountClassificationNames",
    "quotations": "sync/CRM/QuotationHeaders",
    "quotation_lines": "sync/CRM/QuotationLines",
    # Ledger
    "gl_accounts": "sync/Financial/GLAccounts",
    "gl_classifications": "sync/Financial/GLClassifications",
    "transaction_lines": "sync/Financial/TransactionLines",
    "journals": "financial/Journals",
    "financial_periods": "financial/FinancialPeriods",
    "exchange_rates": "financial/ExchangeRates",
    "cost_centers": "hrm/Costcenters",
    "cost_units": "hrm/Costunits",
    # VAT
    "vat_codes": "vat/VATCodes",
    "vat_percentages": "vat/VatPercentages",
    # Cash flow
    "payment_terms": "sync/Cashflow/PaymentTerms",
    "payment_conditions": "cashflow/PaymentConditions",
    "receivables": "bulk/Cashflow/Receivables",
    "payments": "bulk/Cashflow/Payments",
    # Items
    "items": "sync/Logistics/Items",
    "item_groups": "logistics/ItemGroups",
    "sales_item_prices": "sync/Logistics/SalesItemPrices",
    "supplier_items": "sync/Logistics/SupplierItem",
    "units": "logistics/Units",
    # Sales
    "sales_invoices": "sync/SalesInvoice/SalesInvoices",
    "sales_entries": "salesentry/SalesEntries",
    "sales_orders": "sync/SalesOrder/SalesOrderHeaders",
    "sales_order_lines": "sync/SalesOrder/SalesOrderLines",
    "goods_deliveries": "sync/SalesOrder/GoodsDeliveries",
    "goods_delivery_lines": "sync/SalesOrder/GoodsDeliveryLines",
    "subscriptions": "sync/Subscription/Subscriptions",
    "subscription_lines": "sync/Subscription/SubscriptionLines",
    # Purchase
    "purchase_orders": "sync/PurchaseOrder/PurchaseOrders",
    "goods_receipts": "purchaseorder/GoodsReceipts",
    "purchase_entries": "purchaseentry/PurchaseEntries",
    "purchase_invoices": "purchase/PurchaseInvoices",
    # Inventory
    "warehouses": "inventory/Warehouses",
    "item_warehouses": "sync/Inventory/ItemWarehouses",
    "stock_positions": "sync/Inventory/StockPositions",
    # Projects
    "projects": "sync/Project/Projects",
    "time_cost_transactions": "sync/Project/TimeCostTransactions",
    # Documents
    "documents": "sync/Documents/Documents",
    "document_attachments": "sync/Documents/DocumentAttachments",
    "document_types": "documents/DocumentTypes",
    # Organisation
    "currencies": "general/Currencies",
    "deleted": "sync/Deleted",
    "divisions": "system/Divisions",
}
"""The resource of each stream; of several that show the same rows the one that costs the fewest calls."""


def streams(tap: TapExactOnline) -> list[ExactStream]:
    """Return all streams.

    Raises:
        ConfigValidationError: The setting ``extra_endpoints`` names one that does not exist or cannot be read.
    """
    found = [stream(tap, name, known()[resource]) for name, resource in STREAMS.items()]
    names = {resource: name for name, resource in STREAMS.items()}
    for text in dict.fromkeys(tap.config.get("extra_endpoints", ())):
        endpoint = _found(text)
        if endpoint.resource not in names:
            found.append(stream(tap, endpoint.stream, endpoint))
        elif names[endpoint.resource] not in STREAMS:
            raise _wrong(f"{endpoint.resource} is named twice, and a stream is read in one way.")
        else:
            tap.logger.info("%s is the stream %s already.", endpoint.resource, names[endpoint.resource])
        names.setdefault(endpoint.resource, endpoint.stream)
    return [*found, ExpandedAccounts(tap), InvoicePayments(tap)]


def stream(tap: TapExactOnline, name: str, endpoint: Endpoint) -> ExactStream:
    """Return the stream of an endpoint: by rowversion, by date of change, or whole each time."""
    if endpoint.is_feed:
        return FeedStream(tap, name, endpoint)
    if endpoint.tells_changes and endpoint.resource not in WITHOUT_DIVISION:
        return ModifiedStream(tap, name, endpoint)
    return ExactStream(tap, name, endpoint)


def _found(text: str) -> Endpoint:
    try:
        return find(text)
    except ValueError as error:
        raise _wrong(str(error)) from error


def _wrong(message: str) -> ConfigValidationError:
    text = f"The setting extra_endpoints: {message}"
    return ConfigValidationError(text, errors=[text])
