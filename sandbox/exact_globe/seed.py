"""The books of the demo MSP as Exact Globe holds them before anything is transferred."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import books
from sandbox.exact_globe.company import DIVISION
from sandbox.exact_globe.values import USER_ID, fit_text, with_defaults

if TYPE_CHECKING:
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row
    from sandbox.world import Company as Party
    from sandbox.world import Product

NAME_LENGTH = 50
JOURNAL_TYPES = {"cash": "K", "bank": "B", "sales": "V", "purchase": "I", "general": "M"}
"""eExact-Schema.xsd, Journal/@type."""
BALANCE = {"receivable": "D", "payable": "C", "vat": "N"}
VAT_ACCOUNTS = {"1": "1521", "2": "1520", "3": "1520"}
CHARGED = {"5", "6"}
WITHOUT_VAT = "4"
PRODUCT_LINES = {"Hardware": ("8020", "stuk"), "Licenties": ("8030", "maand")}
CUSTOMER_TYPES = {"customer": "C", "prospect": "P", "supplier": "S"}
SELECTION_CODES = (("AT", "Autotask"), ("WS", "Webshop"))
YEARS = range(-3, 2)
"""The financial years that exist, counted from this one."""
SALES_VAT = {"NL": "2", "NL verlegd": "5", "EU": "6", "Buiten EU": "7"}
STANDARD_VAT = "2"


def fill(company: Company) -> None:
    """Fill all tables."""
    _division(company)
    _ledger(company)
    _settings(company)
    _items(company)
    for party in company.context.world.companies:
        if party.place.in_exact != "none":
            put_account(company, party)
    _purchases(company)


def _put(company: Company, name: str, **values: Any) -> Row:
    """Store a row with the defaults of its entity, under a new key where Globe makes one."""
    entity = company.entities[name]
    fitted = {
        key: fit_text(value, entity.columns[key], company.switches) if isinstance(value, str) else value
        for key, value in values.items()
        if value is not None
    }
    row = with_defaults(fitted, entity, company)
    if entity.key not in row:
        is_guid = entity.columns[entity.key].type == "Guid"
        row[entity.key] = company.new_guid() if is_guid else company.next_number(name)
    return company.tables[name].put(row)


def _division(company: Company) -> None:
    _put(company, "Division", Code=DIVISION, CountryCode="NL", CurrencyCode="EUR")
    for number, (code, name) in enumerate((("svc-autotask", "Koppeling Autotask"), ("boekhouding", "Bakker")), USER_ID):
        user = company.switches.username if number == USER_ID else code
        _put(company, "Resource", ID=number, FullName=name, LastName=name, UserID=user, CountryCode="NL")
    for currency in company.context.world.currencies:
        _put(company, "Currency", CurrencyCode=currency.code, Description=currency.name)
    for country in company.context.world.countries:
        _put(company, "Country", Code=country.code, Description=country.name, Active=True)


def _ledger(company: Company) -> None:
    for account in books.GL_ACCOUNTS:
        on_balance = account.kind in BALANCE
        _put(
            company,
            "GeneralLedgerAccount",
            GeneralLedgerCode=account.code,
            GeneralLedgerDescription=account.name,
            BalanceProfitAndLoss="B" if on_balance else "W",
            DebitCredit="D" if account.kind == "receivable" else "C",
            CentralizationAccount=BALANCE.get(account.kind, "N"),
        )
    for journal in books.JOURNALS:
        kind = JOURNAL_TYPES[journal.kind]
        _put(company, "BrowserData.Journal", JournalNumber=journal.code, Description=journal.name, JournalType=kind)
    for code in books.VAT_CODES:
        _put(
            company,
            "VAT",
            VATCode=code.code,
            Description=code.name,
            CompanyCode=DIVISION,
            Percentage=Decimal(code.rate),
            Excluded="I" if code.inclusive else "N" if code.code == WITHOUT_VAT else "E",
            SalesPurchase="B",
            VATCharged=code.code in CHARGED,
            GLToPay=VAT_ACCOUNTS.get(code.code),
        )
    _periods(company)


def _periods(company: Company) -> None:
    this_year = company.now().year
    for year in (this_year + offset for offset in YEARS):
        for month in range(1, 13):
            start = dt.datetime(year, month, 1)  # noqa: DTZ001 - a calendar date
            end = start.replace(day=calendar.monthrange(year, month)[1])
            period = {"FinancialYear": year, "FinancialPeriod": str(month), "DateBegin": start, "DateEnd": end}
            _put(company, "PeriodDate", **period)


def _settings(company: Company) -> None:
    for condition in books.PAYMENT_CONDITIONS:
        _put(
            company,
            "PaymentCondition",
            PaymentConditionCode=condition.code,
            Description=condition.name,
            NumberOfDays1=condition.days,
        )
    for name, rows in (("CostCenter", books.COST_CENTRES), ("CostUnit", books.COST_UNITS)):
        for dimension in rows:
            _put(company, name, Code=dimension.code, Description=dimension.name, CompanyCode=DIVISION)
    for code, name in (("1", "Magazijn"), ("2", "Servicebus")):
        _put(company, "Warehouse", Code=code, Description=name, Country="NL")
    _put(company, "ShippingMethod", ShippingMethodProperty="POST", Description="Pakketpost")
    for code, name in SELECTION_CODES:
        _put(company, "BrowserData.SelectionCode", Code=code, Description=name)
    _put(company, "AddressType", **{company.entities["AddressType"].key: "VIS"})


def _items(company: Company) -> None:
    for item in books.ITEMS:
        _item(company, item.code, item.name, (item.gl_account, item.unit))
    for product in company.context.world.products:
        if product.in_exact:
            put_product(company, product.sku, product)


def put_product(company: Company, code: str, product: Product) -> None:
    """Store the item of a product, under a code."""
    own = {"SalesPackagePrice": product.price, "CostPriceStandard": product.cost}
    flags = {"IsPurchaseItem": True, "IsStockItem": True, "IsSerialNumberItem": product.serialised}
    _item(company, code, product.name, PRODUCT_LINES[product.billing_code], **own, **flags)


def _purchases(company: Company) -> None:
    """Store what is bought besides products, and who sells the products that are items here, under which code."""
    for bought in books.PURCHASE_ITEMS:
        place = (bought.gl_account, bought.unit)
        _item(company, bought.code, bought.name, place, IsPurchaseItem=True, IsSalesItem=False)
    world = company.context.world
    for product in (product for product in world.products if product.in_exact):
        put_supplier_item(company, product.sku, world.vendors_of(product)[0], product)


def put_supplier_item(company: Company, code: str, vendor: Party, product: Product) -> None:
    """Store that a vendor sells an item, under the part number of a product."""
    account = company.coded("Account", "CreditorNumber", vendor.number) or {}
    _put(
        company,
        "ItemAccount",
        AccountCode=account["ID"],
        CreditorNumber=vendor.number,
        ItemCode=code,
        ItemCodeAccount=product.part_number,
        MainAccount=True,
        PurchaseCurrency="EUR",
        PurchasePrice=product.cost,
        PurchaseVATCode=STANDARD_VAT,
    )


def _item(company: Company, code: str, name: str, place: tuple[str, str], **more: Any) -> None:
    """Store an item; ``place`` is its revenue account and its unit."""
    gl_account, unit = place
    _put(
        company,
        "Item",
        ItemCode=code,
        Description0=name,
        GLAccountRevenue=gl_account,
        SalesUnit=unit,
        IsFractionAllowedItem=True,
        SalesVATCode=STANDARD_VAT,
        **({"IsSalesItem": True} | more),
    )


def put_account(company: Company, party: Party) -> None:
    """Store the account of a company; a prospect has no number, as it is neither debtor nor creditor."""
    terms = {term.id: term.condition for term in company.context.world.payment_terms}
    kind = party.place.in_exact
    side = {"customer": "Debtor", "supplier": "Creditor"}.get(kind)
    numbers = {f"{side}Code": party.number, f"{side}Number": party.number} if side else {}
    _put(
        company,
        "Account",
        AccountCode=party.number,
        AccountName=party.name[:NAME_LENGTH],
        ChamberofCommerceNumber=party.coc_number or None,
        CompanyCode=DIVISION,
        CompanySize="UNKNOWN",
        SectorCode="UNKNOWN",
        ContactFullName="--",
        CurrencyCode=party.place.currency,
        CustomerStatus="A",
        CustomerType=CUSTOMER_TYPES[kind],
        EmailAddress=party.email,
        PaymentCondition=terms[party.payment_term],
        PhoneNumber=party.phone,
        VatCode=SALES_VAT.get(party.place.tax_region),
        VATNumber=party.vat_number or None,
        WebAddress=party.website,
        **numbers,
        **_addresses(party),
    )


def _addresses(party: Party) -> dict[str, Any]:
    country = party.place.country
    return {
        "InvoiceAddress": party.address,
        "InvoiceAddressPostCode": party.postcode or None,
        "InvoiceCity": party.city,
        "InvoiceCountry": country,
        "MailingAddress1": party.address,
        "MailingPostcode": party.postcode or None,
        "MailingCity": party.city,
        "MailingCountry": country,
        "DeliveryCountry": country,
        "PostalCountry": country,
    }
