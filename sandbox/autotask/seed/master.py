"""Lists that change seldom: people, places, money, taxes, terms, billing codes, user-defined fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import words
from sandbox.autotask.seed.ground import API_USER, ENGINEERS, LOCATION

if TYPE_CHECKING:
    from sandbox.autotask.seed.ground import Ground

TEMPLATE_BASE = 100
"""An invoice template per payment term: 100 plus the term's id."""

GL_ACCOUNTS = {
    "Werkzaamheden": 8000, "Werkzaamheden senior": 8000, "Reistijd": 8040, "Hardware": 8020, "Licenties": 8030,
    "Managed services": 8010, "Projectfase": 8050, "Onkosten": 8040, "Korting": 8090,
}  # fmt: skip

UDFS = (
    (1, 1, "KvK-nummer", 1, ()),
    (2, 1, "Debiteurnummer ERP", 1, ()),
    (3, 1, "Klantgroep", 5, (("ZAK", "Zakelijk"), ("NPO", "Stichting of vereniging"))),
    (4, 2, "Nieuwsbrief", 5, (("J", "Ja"), ("N", "Nee"))),
    (5, 5, "Artikelgroep ERP", 1, ()),
    (6, 11, "Kostenplaats", 1, ()),
)
"""Id, udfType, name, dataType, and a list's values with what is displayed."""


def fill(ground: Ground) -> None:
    """Fill all of them."""
    for part in (_people, _places, _money, _taxes, _terms, _billing_codes, _udfs, _small_lists):
        part(ground)


def _people(ground: Ground) -> None:
    chance = ground.chance("people")
    names = [("Koppeling", "API"), *zip(chance.sample(words.FIRST_NAMES, 4), words.SURNAMES, strict=False)]
    for resource, (first, last) in zip((API_USER, *ENGINEERS), names, strict=True):
        ground.put(
            "Resources",
            {
                "id": resource,
                "firstName": first,
                "lastName": last,
                "email": "api@demo-msp.example" if resource == API_USER else f"{resource}@demo-msp.example",
                "emailTypeCode": "PRIMARY",
                "userName": f"user{resource}",
                "isActive": True,
                "licenseType": 7 if resource == API_USER else 1,
                "locationID": LOCATION,
                "hireDate": ground.date(1500),
                "payrollType": 1,
                "resourceType": "Employee",
                "userType": 1,
                "numberFormat": "X.XXX,XX",
            },
        )
    for role in ground.world.roles:
        rate = float(role.hourly_rate)
        ground.put(
            "Roles",
            {"id": role.id, "name": role.name, "hourlyRate": rate, "hourlyFactor": 1.0, "isActive": True,
             "isSystemRole": False, "quoteItemDefaultTaxCategoryId": 1},
        )  # fmt: skip


def _places(ground: Ground) -> None:
    ground.put(
        "InternalLocations",
        {"id": LOCATION, "name": "Utrecht", "address1": "Magazijnweg 2", "city": "Utrecht", "postalCode": "3511 AB",
         "country": "Nederland", "isDefault": True, "timeZone": "Europe/Amsterdam"},
    )  # fmt: skip
    for department in ground.world.departments:
        ground.put(
            "Departments",
            {"id": department.id, "name": department.name, "number": department.cost_centre,
             "primaryLocationID": LOCATION},
        )  # fmt: skip
    for country in ground.world.countries:
        ground.put(
            "Countries",
            {"id": country.id, "name": country.name, "displayName": country.name, "countryCode": country.code,
             "isActive": True, "isDefaultCountry": country.code == "NL", "addressFormatID": 1},
        )  # fmt: skip
    for number, name in enumerate(("Noord", "Zuid"), start=1):
        ground.put("OrganizationalLevel1s", {"id": number, "name": name, "isActive": True})
        ground.put("OrganizationalLevel2s", {"id": number, "name": f"Team {name}", "isActive": True})
        ground.put(
            "OrganizationalLevelAssociations",
            {"id": number, "organizationalLevel1ID": number, "organizationalLevel2ID": number, "isActive": True},
        )


def _money(ground: Ground) -> None:
    for currency in ground.world.currencies:
        ground.put(
            "Currencies",
            {"id": currency.id, "name": currency.code, "description": currency.name, "isActive": True,
             "exchangeRate": float(currency.rate), "isInternalCurrency": currency.code == "EUR", "displaySymbol": 1,
             "currencyPositiveFormat": "€ X", "currencyNegativeFormat": "€ -X",
             "lastModifiedDateTime": ground.moment(200.4), "updateResourceId": API_USER},
        )  # fmt: skip


def _taxes(ground: Ground) -> None:
    for category in ground.world.tax_categories:
        ground.put("TaxCategories", {"id": category.id, "name": category.name, "isActive": True})
    number = 0
    for region in ground.world.tax_regions:
        ground.put("TaxRegions", {"id": region.id, "name": region.name, "isActive": True})
        for category in ground.world.tax_categories:
            number += 1
            ground.put(
                "Taxes",
                {"id": number, "taxRegionID": region.id, "taxCategoryID": category.id, "isCompounded": False,
                 "taxName": f"BTW {category.name.lower()}", "taxRate": float(region.rates[category.name])},
            )  # fmt: skip


def _terms(ground: Ground) -> None:
    for term in ground.world.payment_terms:
        row: dict[str, Any] = {"id": term.id, "name": term.name, "paymentDueInDays": term.days, "isActive": True}
        ground.put("PaymentTerms", row)
        ground.put(
            "InvoiceTemplates",
            {"id": TEMPLATE_BASE + term.id, "name": f"Factuur {term.name}", "paymentTerms": term.id, "groupBy": 0,
             "dateFormat": 1, "numberFormat": 1, "timeFormat": 1, "pageLayout": 1, "pageNumberFormat": 1, "sortBy": 1,
             "itemizeItemsInEachGroup": 1, "itemizeServicesAndBundles": True, "showGridHeader": True,
             "displayTaxCategory": True, "currencyPositiveFormat": "€ X", "currencyNegativeFormat": "€ -X"},
        )  # fmt: skip


def _billing_codes(ground: Ground) -> None:
    categories = {category.name: category.id for category in ground.world.tax_categories}
    for code in ground.world.billing_codes:
        row: dict[str, Any] = {
            "id": code.id, "name": code.name, "useType": code.use_type, "billingCodeType": 0, "isActive": True,
            "taxCategoryID": categories[code.tax_category], "unitCost": 0.0, "unitPrice": 0.0,
        }  # fmt: skip
        if code.name in GL_ACCOUNTS:
            row |= {"generalLedgerAccount": GL_ACCOUNTS[code.name], "externalNumber": str(GL_ACCOUNTS[code.name])}
        ground.put("BillingCodes", row)


def _udfs(ground: Ground) -> None:
    item = 0
    for number, owner, name, kind, values in UDFS:
        ground.put(
            "UserDefinedFieldDefinitions",
            {"id": number, "udfType": owner, "name": name, "dataType": kind, "displayFormat": 2, "sortOrder": number,
             "isActive": True, "isRequired": False, "isEncrypted": False, "isProtected": False, "isPrivate": False,
             "createDate": ground.moment(900)},
        )  # fmt: skip
        for value, display in values:
            item += 1
            ground.put(
                "UserDefinedFieldListItems",
                {"id": item, "udfFieldId": number, "valueForExport": value, "valueForDisplay": display,
                 "isActive": True, "createDate": ground.moment(900)},
            )  # fmt: skip


def _small_lists(ground: Ground) -> None:
    for number, name in enumerate(("Ophalen", "Pakketpost", "Koerier"), start=1):
        ground.put("ShippingTypes", {"id": number, "name": name, "isActive": True})
    for number, name in enumerate(("Standaard", "Overheid"), start=1):
        ground.put(
            "CompanyCategories",
            {"id": number, "name": name, "displayColorRgb": 16711680, "isActive": True, "isGlobalDefault": number == 1},
        )
    ground.put(
        "ClassificationIcons",
        {"id": 1, "name": "VIP", "description": "VIP", "isActive": True, "isSystem": True, "relativeUrl": "/vip.png"},
    )
