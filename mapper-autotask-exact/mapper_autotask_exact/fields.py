"""The names that a text template may use: Autotask's own field names, by row of the record.

From the entity pages of the Autotask REST documentation. A field that is not listed (a new one, say) can be written
between brackets: ``{product[newField]}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The names that templates about one kind of record may use."""

    itself: str
    """How a template names the record as a whole: ``{invoice.number}``."""
    roots: frozenset[str]
    """What a template about the whole record may begin with."""
    rows: Mapping[str, frozenset[str]]
    """Row to its fields."""
    line_roots: frozenset[str] = frozenset()
    """What a template about a line may begin with as well."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


INVOICE = words(
    """
    id batchID comments companyID createDateTime creatorResourceID dueDate fromDate invoiceDateTime
    invoiceEditorTemplateID invoiceNumber invoiceStatus invoiceTaxMethodExternalCode invoiceTotal isVoided orderNumber
    paidDate paymentTerm taxGroup taxRegionName toDate totalTaxValue voidedByResourceID voidedDate webServiceDate
    userDefinedFields
    """
)

BILLING_ITEM = words(
    """
    accountManagerWhenApprovedID billingCodeID billingItemType companyID configurationItemID contractBlockID
    contractChargeID contractID contractServiceAdjustmentID contractServiceBundleAdjustmentID contractServiceBundleID
    contractServiceBundlePeriodID contractServiceID contractServicePeriodID description expenseItemID extendedPrice id
    internalCurrencyExtendedPrice internalCurrencyRate internalCurrencyTaxDollars internalCurrencyTotalAmount invoiceID
    itemApproverID itemDate itemName lineItemFullDescription lineItemGroupDescription lineItemID milestoneID nonBillable
    organizationalLevelAssociationID ourCost postedDate postedOnTime projectChargeID projectID purchaseOrderNumber
    quantity rate roleID serviceBundleID serviceID sortOrderID subType taskID taxCategoryID taxDollars ticketChargeID
    ticketID timeEntryID totalAmount vendorID webServiceDate userDefinedFields
    """
)

_NAMED = words("id name description isActive")
_SERVICE = _NAMED | words("invoiceDescription periodType unitPrice userDefinedFields")

ROWS = {
    "company": words(
        """
        additionalAddressInformation address1 address2 alternatePhone1 alternatePhone2 apiVendorID assetValue
        billingAddress1 billingAddress2 billToAdditionalAddressInformation billToAddressToUse billToAttention billToCity
        billToCompanyLocationID billToCountryID billToState billToZipCode city classification companyCategoryID
        companyName companyNumber companyType competitorID country countryID createDate createdByResourceID currencyID
        fax id invoiceEmailMessageID invoiceMethod invoiceNonContractItemsToParentCompany invoiceTemplateID isActive
        isClientPortalActive isSample isTaxExempt lastActivityDate lastTrackedModifiedDateTime marketSegmentID
        ownerResourceID parentCompanyID phone postalCode sicCode state stockMarket stockSymbol surveyCompanyRating taxID
        taxRegionID territoryID webAddress userDefinedFields
        """
    ),
    "country": words("id name displayName countryCode isActive"),
    "currency": _NAMED | words("exchangeRate isInternalCurrency displaySymbol"),
    "payment_term": _NAMED | {"paymentDueInDays"},
    "invoice_template": words("id name"),
    "tax_region": _NAMED,
    "labels": words("billingItemType subType"),
    "billing_code": _NAMED
    | words("department externalNumber generalLedgerAccount taxCategoryID unitCost unitPrice useType"),
    "department": _NAMED | {"number"},
    "tax_category": _NAMED,
    "role": _NAMED | words("hourlyRate hourlyFactor"),
    "contract": words(
        """
        id contractName contractNumber contractType contractCategory contactName description startDate endDate
        purchaseOrderNumber status userDefinedFields
        """
    ),
    "project": words(
        """
        id projectName projectNumber projectType description department extProjectNumber purchaseOrderNumber
        startDateTime endDateTime status userDefinedFields
        """
    ),
    "service": _SERVICE,
    "service_bundle": _SERVICE,
    "charge": _NAMED
    | words(
        """
        chargeType datePurchased notes internalPurchaseOrderNumber purchaseOrderNumber unitPrice unitQuantity
        userDefinedFields
        """
    ),
    "product": _NAMED
    | words(
        """
        sku externalProductID internalProductID link manufacturerName manufacturerProductName msrp unitPrice
        vendorProductNumber userDefinedFields
        """
    ),
}

HEADER_ROOTS = INVOICE | words(
    "number company currency payment_term invoice_template tax_region tenant web_url",
)
"""What a template about the whole invoice may begin with."""

LINE_ROOTS = BILLING_ITEM | words(
    """
    labels billing_code tax_category role contract project service service_bundle charge product department
    count first_date last_date
    """
)
"""What a template about a line may begin with, besides ``invoice`` and the rows of the invoice."""

INVOICES = Words(itself="invoice", roots=HEADER_ROOTS, rows=ROWS | {"invoice": HEADER_ROOTS}, line_roots=LINE_ROOTS)
