"""The names that a template about a company or an account may use."""

from __future__ import annotations

from mapper_autotask_exact.fields import ROWS, Words, words

_LOCATION = words(
    """
    id name description address1 address2 city state postalCode countryID country phone alternatePhone1 alternatePhone2
    fax isActive isPrimary
    """
)
_COMPANY = ROWS["company"] | words(
    """
    currency invoice_template tax_region parent primary_location main_contact labels tenant web_url bill_to company
    purchaseOrderTemplateID quoteTemplateID
    """
)

COMPANY = Words(
    itself="company",
    roots=_COMPANY,
    rows=ROWS
    | {
        "company": _COMPANY,
        "parent": ROWS["company"],
        "invoice_template": ROWS["invoice_template"] | {"payment_term"},
        "labels": words("companyType classification companyCategoryID marketSegmentID territoryID"),
        "primary_location": _LOCATION,
        "bill_to": _LOCATION,
        "main_contact": words(
            """
            id firstName middleInitial lastName title emailAddress emailAddress2 emailAddress3 phone extension
            mobilePhone alternatePhone externalID isActive primaryContact addressLine addressLine1 city state zipCode
            userDefinedFields
            """
        ),
    },
)
"""Columns of Companies and what the tap adds (Autotask REST documentation, Companies, CompanyLocations, Contacts)."""

_ACCOUNT = words(
    """
    AccountManagerFullName AddressLine1 AddressLine2 AddressLine3 Blocked ChamberOfCommerce City
    ClassificationDescription Code CodeAtSupplier Country CountryName CreditLineSales CustomerSince DunsNumber Email
    EndDate EORINumber EstablishedDate Fax GlnNumber ID InvoiceAccountCode InvoiceAccountName IsSupplier Language
    LanguageDescription Name OINNumber PaymentConditionPurchase PaymentConditionPurchaseDescription
    PaymentConditionSales PaymentConditionSalesDescription PeppolIdentifier Phone PhoneExtension Postcode
    PurchaseCurrency PurchaseVATCode Remarks ResellerCode ResellerName RSIN SalesCurrency SalesVATCode
    SalesVATCodeDescription SearchCode StartDate State StateName Status StatusSince TradeName VATNumber Website
    account bank_account main_contact payment_condition_sales payment_condition_purchase sales_vat_code
    purchase_vat_code web_url Division
    """
)
_CONDITION = words("ID Code Description PaymentDays PaymentMethod")
_VAT_CODE = words("ID Code Description Percentage")

ACCOUNT = Words(
    itself="account",
    roots=_ACCOUNT,
    rows={
        "account": _ACCOUNT,
        "bank_account": words("BankAccount BankAccountHolderName BICCode Description IBAN"),
        "main_contact": words(
            """
            BusinessEmail BusinessMobile BusinessPhone Email FirstName FullName Initials JobTitleDescription LastName
            MiddleName Mobile Phone Title
            """
        ),
        "payment_condition_sales": _CONDITION,
        "payment_condition_purchase": _CONDITION,
        "sales_vat_code": _VAT_CODE,
        "purchase_vat_code": _VAT_CODE,
    },
)
"""Columns of Accounts and what the tap adds (Exact Online REST documentation, crm/Accounts, crm/Contacts);
``bank_account`` is the main one."""
