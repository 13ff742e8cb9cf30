"""The books of the demo MSP as Exact Online holds them before anything is transferred."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import books
from sandbox.exact_online.accounts import note_code
from sandbox.exact_online.rates import HOME_CURRENCY

if TYPE_CHECKING:
    from sandbox.exact_online.division import Division
    from sandbox.store import Row
    from sandbox.world import Company, Product

NAME_LENGTH = 50
JOURNAL_TYPES = {"cash": 10, "bank": 12, "sales": 20, "purchase": 22, "general": 90}
GL_TYPES = {"receivable": 20, "payable": 22, "vat": 24, "revenue": 110, "discount": 110, "rounding": 120}
BALANCE_SHEET = {"receivable", "payable", "vat"}
VAT_TYPES = {"4": "N", "5": "B", "6": "B", "7": "B"}
VAT_ACCOUNTS = {"1": "1521", "2": "1520", "3": "1520"}
CHARGED = {"5", "6"}
UNITS = {"stuk": ("stuk", "Stuk"), "uur": ("uur", "Uur"), "maand": ("maand", "Maand")}
PRODUCT_LINES = {"Hardware": ("8020", "stuk"), "Licenties": ("8030", "maand")}
DOCUMENT_TYPES = {10: "Verkoopfactuur", 20: "Inkoopfactuur", 55: "Diversen", 131: "Offerte", 160: "Verkooporder"}
ACCOUNT_KINDS: dict[str, Row] = {
    "customer": {"Status": "C", "IsSupplier": False},
    "prospect": {"Status": "P", "IsSupplier": False},
    "supplier": {"Status": "A", "IsSupplier": True},
}
FIRST_RATE = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - a calendar date
YEARS = range(-3, 2)
"""The financial years that exist, counted from this one."""


def fill(division: Division) -> None:
    """Fill all tables."""
    _division(division)
    _currencies(division)
    _ledger(division)
    _settings(division)
    _items(division)
    for company in division.context.world.companies:
        if company.place.in_exact != "none":
            put_account(division, company)
    _classifications(division)
    _purchases(division)


def _put(division: Division, table: str, **values: Any) -> Row:
    """Store a row under a new guid."""
    return division.tables[table].put({"ID": division.new_id(), **values})


def _division(division: Division) -> None:
    own = books.ADMINISTRATION
    moved = division.switches.division_moved
    division.tables["Divisions"].put(
        {
            "Code": own.code,
            "Description": own.name,
            "Hid": own.hid,
            "HID": own.hid,
            "BlockingStatus": 0,
            "Country": "NL ",
            "Currency": HOME_CURRENCY,
            "Current": True,
            "CustomerName": own.name,
            "DivisionMoveDate": dt.datetime.combine(moved, dt.time()) if moved else None,
            "IsMainDivision": True,
            "Legislation": "1",
            "Main": True,
            "StartDate": FIRST_RATE,
            "Status": 1,
        }
    )


def _currencies(division: Division) -> None:
    for currency in division.context.world.currencies:
        division.tables["Currencies"].put(
            {
                "Code": currency.code,
                "Description": currency.name,
                "AmountPrecision": Decimal("0.01"),
                "PricePrecision": Decimal("0.0001"),
            }
        )
        if currency.code != HOME_CURRENCY:
            _put(
                division,
                "ExchangeRates",
                Rate=currency.rate,
                SourceCurrency=currency.code,
                StartDate=FIRST_RATE,
                TargetCurrency=HOME_CURRENCY,
            )


def _ledger(division: Division) -> None:
    for account in books.GL_ACCOUNTS:
        on_balance = account.kind in BALANCE_SHEET
        _put(
            division,
            "GLAccounts",
            Code=account.code,
            Description=account.name,
            Type=GL_TYPES[account.kind],
            BalanceType="B" if on_balance else "W",
            BalanceSide="D" if account.kind == "receivable" else "C",
            IsBlocked=False,
            UseCostcenter=2 if on_balance else 0,
            UseCostunit=2 if on_balance else 0,
        )
    for journal in books.JOURNALS:
        _put(
            division,
            "Journals",
            Code=journal.code,
            Description=journal.name,
            Type=JOURNAL_TYPES[journal.kind],
            Currency=HOME_CURRENCY,
            AllowVariableCurrency=True,
            AllowVAT=journal.kind != "general",
            IsBlocked=False,
        )
    for code in books.VAT_CODES:
        _vat_code(division, code)
    _periods(division)


def _vat_code(division: Division, code: books.VATCode) -> None:
    percentage = Decimal(code.rate) / 100
    gl_account = division.find("GLAccounts", "Code", VAT_ACCOUNTS.get(code.code, ""))
    row = _put(
        division,
        "VATCodes",
        Code=code.code.ljust(3),
        Description=code.name,
        Percentage=percentage,
        Type="I" if code.inclusive else VAT_TYPES.get(code.code, "E"),
        Charged=code.code in CHARGED,
        EUSalesListing="S" if code.code == "6" else "N",
        GLToPay=gl_account["ID"] if gl_account else None,
        IsBlocked=False,
        VATTransactionType="B",
    )
    _put(
        division,
        "VatPercentages",
        LineNumber=1,
        Percentage=percentage,
        StartDate=FIRST_RATE,
        Type=0,
        VATCodeID=row["ID"],
    )


def _periods(division: Division) -> None:
    this_year = division.now().year
    for year in (this_year + offset for offset in YEARS):
        for month in range(1, 13):
            start = dt.datetime(year, month, 1)  # noqa: DTZ001 - a calendar date
            end = start.replace(day=calendar.monthrange(year, month)[1])
            _put(division, "FinancialPeriods", FinYear=year, FinPeriod=month, StartDate=start, EndDate=end)


def _settings(division: Division) -> None:
    for condition in books.PAYMENT_CONDITIONS:
        _put(
            division,
            "PaymentConditions",
            Code=condition.code,
            Description=condition.name,
            PaymentDays=condition.days,
            PaymentEndOfMonths=0,
            PaymentMethod="B",
            Percentage=Decimal(1),
        )
    for table, rows in (("Costcenters", books.COST_CENTRES), ("Costunits", books.COST_UNITS)):
        for dimension in rows:
            _put(division, table, Code=dimension.code, Description=dimension.name, Active=True)
    _put(division, "Warehouses", Code="1", Description="Magazijn", Main=1)
    _put(division, "Layouts", Subject="Verkoopfactuur standaard", Type=10)
    for number, name in DOCUMENT_TYPES.items():
        division.tables["DocumentTypes"].put({"ID": number, "Description": name, "DocumentIsCreatable": True})


def _items(division: Division) -> None:
    for code, name in UNITS.values():
        _put(division, "Units", Code=code, Description=name, Active=True, Main=int(code == "stuk"))
    group = _put(division, "ItemGroups", Code="STD", Description="Standaard", IsDefault=1)
    for item in books.ITEMS:
        _item(division, group, item.code, item.name, (item.gl_account, item.unit))
    for product in division.context.world.products:
        if product.in_exact:
            put_product(division, group, product.sku, product)


def put_product(division: Division, group: Row, code: str, product: Product) -> None:
    """Store the item of a product, under a code."""
    place = PRODUCT_LINES[product.billing_code]
    own: Row = {"StandardSalesPrice": product.price, "CostPriceStandard": product.cost, "IsPurchaseItem": True}
    _item(division, group, code, product.name, place, **own)


def _item(division: Division, group: Row, code: str, name: str, place: tuple[str, str], **more: Any) -> None:
    """Store an item; ``place`` is its revenue account and its unit."""
    gl_code, unit = place
    gl_account = division.find("GLAccounts", "Code", gl_code)
    assert gl_account is not None
    _put(
        division,
        "Items",
        Code=code,
        Description=name,
        GLRevenue=gl_account["ID"],
        IsFractionAllowedItem=True,
        ItemGroup=group["ID"],
        Unit=UNITS[unit][0],
        **({"IsSalesItem": True} | more),
    )


def _purchases(division: Division) -> None:
    """Store what is bought besides products, and who sells the products that are items here, under which code."""
    group = division.find("ItemGroups", "IsDefault", 1) or {}
    for bought in books.PURCHASE_ITEMS:
        place = (bought.gl_account, bought.unit)
        _item(division, group, bought.code, bought.name, place, IsPurchaseItem=True, IsSalesItem=False)
    world = division.context.world
    for product in (product for product in world.products if product.in_exact):
        put_supplier_item(division, product.sku, world.vendors_of(product)[0], product)


def put_supplier_item(division: Division, code: str, vendor: Company, product: Product) -> None:
    """Store that a vendor sells an item, under the part number of a product."""
    item = division.find("Items", "Code", code) or {}
    unit = division.find("Units", "Code", item["Unit"]) or {}
    account = division.find("Accounts", "Code", f"{vendor.number:>18}") or {}
    _put(
        division,
        "SupplierItem",
        Currency=HOME_CURRENCY,
        Item=item["ID"],
        ItemUnit=unit["ID"],
        MainSupplier=True,
        PurchasePrice=product.cost,
        PurchaseUnit=item["Unit"],
        PurchaseUnitFactor=Decimal(1),
        PurchaseVATCode="2  ",
        Supplier=account["ID"],
        SupplierItemCode=product.part_number,
    )


def _classifications(division: Division) -> None:
    """Store what accounts can be classified by; nothing is classified yet."""
    for number, (name, classes) in enumerate(books.CLASSIFICATIONS.items(), start=1):
        of = _put(division, "AccountClassificationNames", Description=name, SequenceNumber=number)
        for code, description in classes:
            _put(
                division,
                "AccountClassifications",
                AccountClassificationName=of["ID"],
                Code=code,
                Description=description,
            )


def put_account(division: Division, company: Company) -> None:
    """Store the account of a company, with its address."""
    terms = {term.id: term.condition for term in division.context.world.payment_terms}
    place = {
        "AddressLine1": company.address,
        "City": company.city,
        "Country": company.place.country.ljust(3),
        "Phone": company.phone,
        "Postcode": company.postcode,
    }
    row = _put(
        division,
        "Accounts",
        **ACCOUNT_KINDS[company.place.in_exact],
        **place,
        Blocked=False,
        ChamberOfCommerce=company.coc_number or None,
        Code=f"{company.number:>18}",
        Email=company.email,
        Language="NL",
        Name=company.name[:NAME_LENGTH],
        PaymentConditionSales=terms[company.payment_term],
        SalesCurrency=company.place.currency,
        VATNumber=company.vat_number or None,
        Website=company.website,
    )
    note_code(division, row["Code"])
    _put(division, "Addresses", **place, Account=row["ID"], Main=True, Type=1)
