"""The names that a template about a goods receipt may use."""

from __future__ import annotations

from mapper_autotask_exact.fields import ROWS, Words, words

_ORDER = words(
    """
    id additionalVendorInvoiceNumbers cancelDateTime createDateTime creatorResourceID externalPONumber fax freight
    generalMemo internalCurrencyFreight latestEstimatedArrivalDate paymentTerm phone purchaseForCompanyID
    purchaseOrderNumber purchaseOrderTemplateID shippingDate shippingType shipToAddress1 shipToAddress2 shipToCity
    shipToName shipToPostalCode shipToState status submitDateTime taxRegionID useItemDescriptionsFrom vendorID
    vendorInvoiceNumber labels vendor currency purchase_for
    """
)
_RECEIPT = words("id number date received_at received_by vendor_invoice_number order vendor currency purchase_for")
_ITEM = words(
    """
    chargeID contractID estimatedArrivalDate internalCurrencyUnitCost inventoryLocationID memo orderID productID
    projectID quantity salesOrderID ticketID unitCost product product_vendor billing_code charge inventory_location
    project contract ticket serial_numbers
    """
)

RECEIPT = Words(
    itself="receipt",
    roots=_RECEIPT,
    rows=ROWS
    | {
        "receipt": _RECEIPT,
        "order": _ORDER,
        "vendor": ROWS["company"],
        "purchase_for": ROWS["company"],
        "labels": words("status paymentTerm"),
        "received_by": words("id firstName lastName userName email"),
        "product_vendor": words("id vendorPartNumber vendorCost vendorID isDefault isActive"),
        "inventory_location": words("id locationName isDefault"),
        "ticket": words("id ticketNumber title companyID purchaseOrderNumber externalID userDefinedFields"),
        "product": ROWS["product"] | {"unitCost", "isSerialized", "productCategory"},
    },
    line_roots=_ITEM,
)
"""Columns of PurchaseOrders, PurchaseOrderItems and what the tap adds (Autotask REST documentation)."""
