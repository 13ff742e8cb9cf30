"""Companies with their locations, contacts and what people noted about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import words
from sandbox.autotask.seed.ground import API_USER, ENGINEERS
from sandbox.autotask.seed.master import TEMPLATE_BASE

if TYPE_CHECKING:
    import random

    from sandbox.autotask.seed.ground import Ground
    from sandbox.store import Row
    from sandbox.world import Company

COMPANY_TYPES = {"own": 1, "customer": 1, "prospect": 3, "vendor": 7}
CONTACT_BASE, LOCATION_BASE = 30684000, 41000
NOTED = 5
"""Every so many companies has a note, a to-do and an alert."""


def fill(ground: Ground) -> None:
    """Fill them."""
    chance = ground.chance("companies")
    for number, company in enumerate(ground.world.companies):
        put(ground, chance, number, company)


def put(ground: Ground, chance: random.Random, number: int, company: Company) -> None:
    """Store a company and what belongs to it."""
    ground.put("Companies", _company(ground, chance, number, company))
    ground.put("CompanyLocations", _location(ground, number, company))
    for place in range(1 + number % 2):
        ground.put("Contacts", _contact(ground, chance, 2 * number + place, company))
    if number % NOTED == 1:
        _notes(ground, number, company)


ALIKE: Row = {
    "companyCategoryID": 1,
    "isActive": True,
    "isSample": False,
    "isTaxExempt": False,
    "isClientPortalActive": False,
    "isTaskFireActive": False,
    "isEnabledForComanaged": False,
    "invoiceNonContractItemsToParentCompany": False,
    "address2": "",
    "state": "",
    "billingAddress2": "",
    "billToAddressToUse": 1,
    "billToAttention": "Crediteurenadministratie",
    "alternatePhone1": "",
    "fax": "",
    "invoiceMethod": 2,
    "createdByResourceID": API_USER,
}
"""What every company of the seed has in common."""


def _company(ground: Ground, chance: random.Random, number: int, company: Company) -> Row:
    place, country = company.place, _country(ground, company)
    currency = next(each.id for each in ground.world.currencies if each.code == company.place.currency)
    changed = ground.moment(chance.uniform(1, 300))
    row: dict[str, Any] = ALIKE | {
        "id": company.id,
        "companyName": company.name,
        "companyNumber": company.number,
        "companyType": COMPANY_TYPES[place.kind],
        "ownerResourceID": ENGINEERS[number % len(ENGINEERS)],
        "additionalAddressInformation": "Gebouw B" if number % 11 == 3 else "",
        "address1": company.address,
        "city": company.city,
        "postalCode": company.postcode,
        "countryID": country,
        "billingAddress1": company.address,
        "billToCity": company.city,
        "billToZipCode": company.postcode,
        "billToCountryID": country,
        "phone": company.phone,
        "webAddress": company.website,
        "taxID": company.vat_number,
        "taxRegionID": next(region.id for region in ground.world.tax_regions if region.name == place.tax_region),
        "invoiceTemplateID": TEMPLATE_BASE + company.payment_term,
        "createDate": ground.moment(chance.uniform(400, 2500)),
        "lastTrackedModifiedDateTime": changed,
        "lastActivityDate": changed,
        "userDefinedFields": [
            {"name": "KvK-nummer", "value": company.coc_number or None},
            {"name": "Debiteurnummer ERP", "value": None},
            {"name": "Klantgroep", "value": "NPO" if "Stichting" in company.name else "ZAK"},
        ],
    }
    # A company without a currency uses the internal one; both kinds occur.
    return row if place.currency == "EUR" and number % 2 else row | {"currencyID": currency}


def _location(ground: Ground, number: int, company: Company) -> Row:
    return {
        "id": LOCATION_BASE + number,
        "companyID": company.id,
        "name": "Hoofdvestiging",
        "address1": company.address,
        "city": company.city,
        "postalCode": company.postcode,
        "countryID": _country(ground, company),
        "phone": company.phone,
        "isActive": True,
        "isPrimary": True,
        "isTaxExempt": False,
        "overrideCompanyTaxSettings": False,
    }


def _contact(ground: Ground, chance: random.Random, number: int, company: Company) -> Row:
    first, last = chance.choice(words.FIRST_NAMES), chance.choice(words.SURNAMES)
    created, changed = sorted((chance.uniform(1, 900), chance.uniform(1, 900)), reverse=True)
    return {
        "id": CONTACT_BASE + number,
        "companyID": company.id,
        "firstName": first,
        "lastName": last[0].upper() + last[1:],
        "isActive": 1,
        "emailAddress": company.email.replace("administratie", f"contact{number}"),
        "phone": company.phone,
        "addressLine": company.address,
        "city": company.city,
        "zipCode": company.postcode,
        "countryID": _country(ground, company),
        "primaryContact": number % 2 == 0,
        "createDate": ground.moment(created),
        "lastModifiedDate": ground.moment(changed),
        "lastActivityDate": ground.moment(changed),
        "userDefinedFields": [{"name": "Nieuwsbrief", "value": "J" if number % 3 else None}],
    }


def _country(ground: Ground, company: Company) -> int:
    return next(country.id for country in ground.world.countries if country.code == company.place.country)


def _notes(ground: Ground, number: int, company: Company) -> None:
    person, start, end = ENGINEERS[number % len(ENGINEERS)], ground.moment(20.3), ground.moment(20.2)
    ground.put(
        "CompanyNotes",
        {"id": 5100 + number, "companyID": company.id, "actionType": 1, "assignedResourceID": person,
         "name": "Factuur besproken", "note": "Klant vraagt om het ordernummer op de factuur.",
         "startDateTime": start, "endDateTime": end, "createDateTime": end, "lastModifiedDate": end},
    )  # fmt: skip
    ground.put(
        "CompanyToDos",
        {"id": 6100 + number, "companyID": company.id, "actionType": 3, "assignedToResourceID": person,
         "activityDescription": "Jaargesprek plannen", "startDateTime": start, "endDateTime": end,
         "createDateTime": start, "lastModifiedDate": start, "creatorResourceID": person},
    )  # fmt: skip
    ground.put(
        "CompanyAlerts",
        {"id": 7100 + number, "companyID": company.id, "alertTypeID": 2, "alertText": "Inkoopnummer verplicht."},
    )
