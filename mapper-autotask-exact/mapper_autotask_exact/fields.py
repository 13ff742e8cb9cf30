"""The names that a text template may use: Autotask's own field names, by row of the record.

From the entity pages of the Autotask REST documentation. A field that is not listed (a new one, say) can be written
between brackets: ``{product[newField]}``.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INVOICE = _words(
    """
    id batchID comments companyID createDateTime creatorResourceID dueDate fromDate invoiceDateTime
    invoiceEditorTemplateID invoiceNumber invoiceStatus invoiceTaxMethodExternalCode invoiceTotal isVoided orderNumber
    paidDate paymentTerm taxGroup taxRegionName toDate totalTaxValue voidedByResourceID voidedDate webServiceDate
    userDefinedFields
    """
)

BILLING_ITEM = _words(
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

_NAMED = _words("id name description isActive")
_SERVICE = _NAMED | _words("invoiceDescription periodType unitPrice userDefinedFields")

ROWS = {
    "company": _words(
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
    "country": _words("id name displayName countryCode isActive"),
    "currency": _NAMED | _words("exchangeRate isInternalCurrency displaySymbol"),
    "payment_term": _NAMED | {"paymentDueInDays"},
    "invoice_template": _words("id name"),
    "tax_region": _NAMED,
    "labels": _words("billingItemType subType"),
    "billing_code": _NAMED
    | _words("department externalNumber generalLedgerAccount taxCategoryID unitCost unitPrice useType"),
    "department": _NAMED | {"number"},
    "tax_category": _NAMED,
    "role": _NAMED | _words("hourlyRate hourlyFactor"),
    "contract": _words(
        """
        id contractName contractNumber contractType contractCategory contactName description startDate endDate
        purchaseOrderNumber status userDefinedFields
        """
    ),
    "project": _words(
        """
        id projectName projectNumber projectType description department extProjectNumber purchaseOrderNumber
        startDateTime endDateTime status userDefinedFields
        """
    ),
    "service": _SERVICE,
    "service_bundle": _SERVICE,
    "charge": _NAMED
    | _words(
        """
        chargeType datePurchased notes internalPurchaseOrderNumber purchaseOrderNumber unitPrice unitQuantity
        userDefinedFields
        """
    ),
    "product": _NAMED
    | _words(
        """
        sku externalProductID internalProductID link manufacturerName manufacturerProductName msrp unitPrice
        vendorProductNumber userDefinedFields
        """
    ),
}

HEADER_ROOTS = INVOICE | _words(
    "number company currency payment_term invoice_template tax_region tenant web_url",
)
"""What a template about the whole invoice may begin with."""

LINE_ROOTS = BILLING_ITEM | _words(
    """
    labels billing_code tax_category role contract project service service_bundle charge product department
    count first_date last_date
    """
)
"""What a template about a line may begin with, besides ``invoice`` and the rows of the invoice."""
