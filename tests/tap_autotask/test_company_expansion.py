from __future__ import annotations

from typing import Any

import pytest

from tests.tap_autotask.fake import ok
from tests.tap_autotask.tables import Run, Tables

STREAM = "expanded_companies"
OLD = "2026-06-01T08:00:00Z"
PICKLISTS = {
    "fields": [
        {
            "name": "companyType",
            "picklistValues": [{"value": "1", "label": "Customer"}, {"value": 7, "label": "Vendor"}],
        },
        {"name": "classification", "picklistValues": [{"value": "2", "label": "Goud"}]},
        {"name": "companyName", "picklistValues": None},
        {"name": "phone"},
    ]
}


def world(*companies: dict[str, Any], **changes: list[dict[str, Any]]) -> Tables:
    """Companies, and all that a company can point to."""
    rows: dict[str, list[dict[str, Any]]] = {
        "Companies": [{"createDate": OLD, "lastTrackedModifiedDateTime": OLD, **row} for row in companies],
        "CompanyLocations": [
            {"id": 41, "companyID": 5, "name": "Magazijn", "isPrimary": False, "countryID": 23},
            {"id": 42, "companyID": 5, "name": "Hoofdvestiging", "isPrimary": True, "countryID": 157},
            {"id": 40, "companyID": 5, "name": "Balie", "isPrimary": None, "countryID": None},
            {"id": 43, "companyID": 6, "name": "Elders", "isPrimary": True, "countryID": 157},
        ],
        "Contacts": [
            {"id": 71, "companyID": 5, "lastName": "Bos", "primaryContact": False, "lastModifiedDate": OLD},
            {"id": 72, "companyID": 5, "lastName": "Vis", "primaryContact": True, "lastModifiedDate": OLD},
            {"id": 73, "companyID": 6, "lastName": "Smit", "primaryContact": None, "lastModifiedDate": OLD},
        ],
        "Countries": [{"id": 157, "countryCode": "NL"}, {"id": 23, "countryCode": "BE"}],
        "Currencies": [{"id": 1, "name": "EUR", "isInternalCurrency": True}, {"id": 2, "name": "USD"}],
        "InvoiceTemplates": [{"id": 102, "name": "Standaard", "paymentTerms": 2}, {"id": 103, "name": "Kaal"}],
        "PaymentTerms": [{"id": 2, "name": "30 dagen"}],
        "TaxRegions": [{"id": 3, "name": "NL"}],
    }
    return Tables(**rows | changes)


def one(tables: Tables | None = None, **fields: Any) -> dict[str, Any]:
    """Return the record of company 5."""
    tables = tables or world({"id": 5, **fields})
    run = Run(lambda request: ok(PICKLISTS) if request.path_url.endswith("/fields") else tables(request), STREAM)
    return next(record for record in run.records if record["id"] == 5)


def test_a_company_keeps_its_own_columns() -> None:
    """Those of the API and the user-defined ones, with timestamps of full width."""
    udfs = [{"name": "KvK-nummer", "value": "12345678"}]
    record = one(companyName="C5", taxID="NL1", newInRelease=1, userDefinedFields=udfs)
    assert (record["companyName"], record["taxID"], record["newInRelease"]) == ("C5", "NL1", 1)
    assert record["userDefinedFields"] == udfs
    assert record["createDate"] == "2026-06-01T08:00:00.000Z"


def test_a_company_has_its_rows() -> None:
    """Country, currency, tax region, and the invoice template, through which its payment term is found."""
    record = one(countryID=157, currencyID=2, invoiceTemplateID=102, taxRegionID=3)
    assert record["country"] == {"id": 157, "countryCode": "NL"}
    assert record["currency"]["name"] == "USD"
    assert record["tax_region"]["name"] == "NL"
    assert record["invoice_template"]["name"] == "Standaard"
    assert record["invoice_template"]["payment_term"] == {"id": 2, "name": "30 dagen"}
    assert one(invoiceTemplateID=103)["invoice_template"]["payment_term"] is None


def test_what_autotask_does_not_have_or_show_is_null() -> None:
    """A company of which nothing is filled in, or whose rows are hidden from the API user: null, never a guess."""
    names = ("country", "invoice_template", "tax_region", "parent", "primary_location", "main_contact")
    bare = one(world({"id": 5}, CompanyLocations=[], Contacts=[]))
    hidden = one(
        world(
            {"id": 5, "countryID": 9, "invoiceTemplateID": 9, "taxRegionID": 9, "parentCompanyID": 9},
            CompanyLocations=[],
            Contacts=[],
        )
    )
    for record in (bare, hidden):
        assert {name: record[name] for name in names} == dict.fromkeys(names)
        assert (record["locations"], record["currency"]["name"]) == ([], "EUR")


def test_locations_come_with_the_primary_one_first() -> None:
    """Then by id, each with its country; the primary one stands by itself too."""
    record = one()
    assert [location["id"] for location in record["locations"]] == [42, 40, 41]
    countries = [(location["country"] or {}).get("countryCode") for location in record["locations"]]
    assert countries == ["NL", None, "BE"]
    assert record["primary_location"] == record["locations"][0]


def test_the_main_contact_is_the_primary_one() -> None:
    """Another contact does not step in for it."""
    assert one()["main_contact"]["lastName"] == "Vis"
    records = Run(world({"id": 5}, {"id": 6}), STREAM).records
    assert [(record["main_contact"] or {}).get("id") for record in records] == [72, None]


def test_of_two_primary_ones_none_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    """Autotask should have one; where it has more the log says so, and nobody is picked by chance."""
    twice = [{"id": n, "companyID": 5, "isPrimary": True, "primaryContact": True} for n in (81, 82)]
    record = one(world({"id": 5}, CompanyLocations=twice, Contacts=twice))
    assert (record["primary_location"], record["main_contact"], len(record["locations"])) == (None, None, 2)
    assert "Company 5 has 2 primary locations" in caplog.text
    assert "Company 5 has 2 primary contacts" in caplog.text


def test_a_parent_tells_who_it_is_and_no_more() -> None:
    """Its id, number and name, wherever it stands itself."""
    parent = {"id": 900, "companyNumber": "D1", "companyName": "Moeder", "phone": "1"}
    tables = world({"id": 5, "parentCompanyID": 900}, parent)
    assert one(tables)["parent"] == {"id": 900, "companyNumber": "D1", "companyName": "Moeder"}


def test_the_billing_address_has_the_names_of_other_addresses() -> None:
    """As the company has it, with its country; nothing is decided about which address counts."""
    record = one(
        billToAttention="Crediteuren",
        billingAddress1="Postbus 1",
        billToCity="Utrecht",
        billToZipCode="3500 AA",
        billToCountryID=23,
    )
    assert record["bill_to"] == {
        "attention": "Crediteuren",
        "additionalAddressInformation": None,
        "address1": "Postbus 1",
        "address2": None,
        "city": "Utrecht",
        "state": None,
        "postalCode": "3500 AA",
        "countryID": 23,
        "country": {"id": 23, "countryCode": "BE"},
        "location": None,
    }


@pytest.mark.parametrize(("number", "name"), [(41, "Magazijn"), (43, "Elders"), (99, None), (None, None)])
def test_the_location_to_bill_to_may_be_of_another_company(number: int | None, name: str | None) -> None:
    """It is found by its id, and has its country."""
    location = one(billToCompanyLocationID=number)["bill_to"]["location"] or {}
    assert location.get("name") == name
    assert ("country" in location) == bool(name)


def test_labels_are_the_picklists_words() -> None:
    """Of every picklist that the tenant's metadata has; a value without a label has none."""
    assert one(companyType=7, classification=9)["labels"] == {"companyType": "Vendor", "classification": None}
    assert one(companyType=1, classification=2)["labels"] == {"companyType": "Customer", "classification": "Goud"}
    assert one()["labels"] == {"companyType": None, "classification": None}


def test_the_company_tells_where_it_comes_from() -> None:
    """The tenant is the id of the database, and the link opens the company."""
    record = one()
    assert record["tenant"] == "123456"
    assert record["web_url"] == (
        "https://ww19.autotask.net/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenAccount&AccountID=5"
    )


def test_a_page_costs_a_handful_of_calls_whatever_its_size() -> None:
    """Nothing is read once for each company, and no location or contact by itself."""
    companies = [{"id": n, "invoiceTemplateID": 102, "countryID": 157, "parentCompanyID": 5} for n in range(1, 451)]
    run = Run(world(*companies), STREAM)
    assert len(run.records) == 450
    assert {path: run.calls.count(path) for path in run.calls} == {
        "zoneInformation": 1,
        "Contacts/query": 1 + 3,
        "Companies/query": 1 + 1,
        "CompanyLocations/query": 3,
        "Companies/entityInformation/fields": 1,
        "Countries/query": 1,
        "Currencies/query": 1,
        "InvoiceTemplates/query": 1,
        "PaymentTerms/query": 1,
    }
