from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.tap_autotask.fake import ok
from tests.tap_autotask.tables import Run, Tables

if TYPE_CHECKING:
    from pathlib import Path

PICKLISTS = {
    "fields": [
        {
            "name": "billingItemType",
            "picklistValues": [{"value": "1", "label": "Labor"}, {"value": 3, "label": "Ticket"}],
        },
        {"name": "subType", "picklistValues": None},
    ]
}


def world(**changes: list[dict[str, Any]]) -> Tables:
    """An invoice of one line, and all that a line can point to."""
    rows: dict[str, list[dict[str, Any]]] = {
        "Invoices": [
            {
                "id": 1,
                "companyID": 5,
                "createDateTime": "2026-06-01T08:00:00.5Z",
                "paymentTerm": 2,
                "invoiceEditorTemplateID": 102,
                "taxRegionName": "NL",
            }
        ],
        "Companies": [
            {"id": 5, "companyName": "C5", "countryID": 157, "currencyID": 2, "createDate": "2020-01-01T00:00:00Z"}
        ],
        "Countries": [{"id": 157, "countryCode": "NL"}],
        "Currencies": [{"id": 1, "name": "EUR", "isInternalCurrency": True}, {"id": 2, "name": "USD"}],
        "PaymentTerms": [{"id": 2, "name": "30 dagen"}],
        "InvoiceTemplates": [{"id": 102, "name": "Standaard"}],
        "TaxRegions": [{"id": 3, "name": "NL"}, {"id": 4, "name": "EU"}],
        "TaxCategories": [{"id": 1, "name": "Hoog"}, {"id": 2, "name": "Laag"}],
        "BillingItems": [line(11)],
        "BillingCodes": [{"id": 9, "name": "Werkzaamheden", "taxCategoryID": 1}],
        "Roles": [{"id": 8, "name": "Engineer"}],
        "Contracts": [{"id": 21, "contractName": "Beheer"}],
        "ContractServices": [{"id": 31, "serviceID": 41}],
        "Projects": [{"id": 22, "projectName": "Migratie"}],
        "Services": [{"id": 41, "name": "Werkplek"}, {"id": 42, "name": "Server"}],
        "ServiceBundles": [{"id": 43, "name": "Alles"}],
        "TicketCharges": [{"id": 51, "productID": 61}],
        "ProjectCharges": [{"id": 52, "productID": 62}],
        "ContractCharges": [{"id": 53, "productID": None}],
        "Products": [{"id": 61, "sku": "HW-1001"}, {"id": 62, "sku": "HW-1002"}],
    }
    return Tables(**rows | changes)


def line(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": number, "invoiceID": 1, "billingItemType": 1, "billingCodeID": 9, **fields}


def only_line(**fields: Any) -> dict[str, Any]:
    (record,) = Run(world(BillingItems=[line(11, **fields)])).records
    (item,) = record["billing_items"]
    return dict(item)


def test_the_header_has_its_rows() -> None:
    """Company with country, its currency, payment term, template, tax region: rows as the API has them."""
    (record,) = Run(world()).records
    assert record["company"]["companyName"] == "C5"
    assert record["company"]["country"] == {"id": 157, "countryCode": "NL"}
    assert record["currency"] == {"id": 2, "name": "USD"}
    assert record["payment_term"]["name"] == "30 dagen"
    assert record["invoice_template"]["name"] == "Standaard"
    assert record["tax_region"]["id"] == 3
    assert record["createDateTime"] == "2026-06-01T08:00:00.500Z"
    assert record["company"]["createDate"] == "2020-01-01T00:00:00.000Z"


def test_a_company_without_a_currency_has_the_internal_one() -> None:
    """Null means the tenant's own currency."""
    (record,) = Run(world(Companies=[{"id": 5, "currencyID": None, "countryID": None}])).records
    assert record["currency"]["name"] == "EUR"
    assert record["company"]["country"] is None


def test_what_autotask_does_not_show_is_null() -> None:
    """A company hidden from the API user, an unknown term or region: null, never a guess."""
    (record,) = Run(world(Companies=[], PaymentTerms=[], InvoiceTemplates=[], TaxRegions=[])).records
    names = ("company", "currency", "payment_term", "invoice_template", "tax_region")
    assert {name: record[name] for name in names} == dict.fromkeys(names)


def test_two_regions_of_one_name_are_none(caplog: pytest.LogCaptureFixture) -> None:
    """The invoice names its region by text only: where that fits two rows, none is taken, and the log says so once."""
    twice = [{"id": 3, "name": "NL"}, {"id": 4, "name": "NL"}]
    invoices = [{"id": n, "companyID": 5, "taxRegionName": "NL"} for n in (1, 2)]
    records = Run(world(TaxRegions=twice, Invoices=invoices)).records
    assert [record["tax_region"] for record in records] == [None, None]
    assert caplog.text.count("2 rows of TaxRegions") == 1


def test_labels_are_the_picklists_words() -> None:
    """Rows hold integers and the metadata text; a value without a label has none."""
    tables = world(BillingItems=[line(11, billingItemType=3, subType=1)])
    run = Run(lambda request: ok(PICKLISTS) if request.path_url.endswith("/fields") else tables(request))
    assert run.records[0]["billing_items"][0]["labels"] == {"billingItemType": "Ticket", "subType": None}


def test_lines_come_in_the_order_of_the_invoice() -> None:
    """By sort order, then by id; each invoice has its own, and one without lines has none."""
    lines = [line(14, sortOrderID=1), line(12, sortOrderID=2), line(13, sortOrderID=1), line(11), line(15, invoiceID=2)]
    invoices = [{"id": n, "companyID": 5} for n in (1, 2, 3)]
    records = Run(world(BillingItems=lines, Invoices=invoices)).records
    assert [[item["id"] for item in record["billing_items"]] for record in records] == [[11, 13, 14, 12], [15], []]


def test_a_line_has_what_it_points_to() -> None:
    """Billing code, role, contract, project and bundle by their ids."""
    item = only_line(roleID=8, contractID=21, projectID=22, serviceBundleID=43)
    assert item["billing_code"]["name"] == "Werkzaamheden"
    assert item["role"]["name"] == "Engineer"
    assert item["contract"]["contractName"] == "Beheer"
    assert item["project"]["projectName"] == "Migratie"
    assert item["service_bundle"]["name"] == "Alles"
    bare = only_line(billingCodeID=None)
    additions = ("billing_code", "role", "contract", "project", "service", "service_bundle", "charge", "product")
    assert {name: bare[name] for name in (*additions, "tax_category")} == dict.fromkeys((*additions, "tax_category"))


@pytest.mark.parametrize(
    ("field", "charge", "sku"),
    [("ticketChargeID", 51, "HW-1001"), ("projectChargeID", 52, "HW-1002"), ("contractChargeID", 53, None)],
)
def test_the_product_is_found_through_the_charge(field: str, charge: int, sku: str | None) -> None:
    """A line has no product of its own; a charge may have none either."""
    item = only_line(**{field: charge})
    assert item["charge"]["id"] == charge
    assert (item["product"] or {}).get("sku") == sku


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"serviceID": 42}, "Server"),
        ({"serviceID": 42, "contractServiceID": 31}, "Server"),
        ({"contractServiceID": 31}, "Werkplek"),
        ({"contractServiceID": 99}, None),
    ],
)
def test_the_service_is_found_directly_or_through_the_contract(fields: dict[str, int], name: str | None) -> None:
    """A line of a recurring service names the service, or only the contract's service."""
    assert (only_line(**fields)["service"] or {}).get("name") == name


@pytest.mark.parametrize(("own", "name"), [(2, "Laag"), (None, "Hoog")])
def test_the_lines_own_tax_category_goes_before_the_billing_codes(own: int | None, name: str) -> None:
    """Without one of its own a line has the tax category of its billing code."""
    assert only_line(taxCategoryID=own)["tax_category"]["name"] == name


def test_a_page_costs_a_handful_of_calls_whatever_its_size() -> None:
    """Nothing is read once for each invoice or line, and nothing at all that no line points to."""
    invoices = [{"id": n, "companyID": n % 7, "paymentTerm": 2} for n in range(1, 451)]
    lines = [line(n, invoiceID=n % 450 + 1, ticketChargeID=51 if n % 3 else None) for n in range(1, 1201)]
    companies = [{"id": n} for n in range(7)]
    run = Run(world(Invoices=invoices, BillingItems=lines, Companies=companies))
    assert len(run.records) == 450
    counted = {path: run.calls.count(path) for path in run.calls}
    assert counted == {
        "zoneInformation": 1,
        "Invoices/query": 1,
        "BillingItems/query": 5,
        "BillingItems/entityInformation/fields": 1,
        "Companies/query": 1,
        "Currencies/query": 1,
        "PaymentTerms/query": 1,
        "BillingCodes/query": 1,
        "TaxCategories/query": 1,
        "TicketCharges/query": 1,
        "Products/query": 1,
    }


def test_related_rows_are_remembered_from_page_to_page_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second page asks only for what the first had not, and what is remembered does not grow without end."""
    monkeypatch.setattr("tap_autotask.expanded_invoices.PAGE", 2)
    monkeypatch.setattr("tap_autotask.related.KEPT", 3)
    owners = [1, 2, 1, 3, 2, 3, 4, 5, 1, 1]
    invoices = [{"id": n, "companyID": owner} for n, owner in enumerate(owners, 1)]
    run = Run(world(Invoices=invoices, Companies=[{"id": n} for n in range(1, 6)], BillingItems=[]))
    asked = [
        body["filter"][1]["value"]
        for body, path in zip(run.autotask.bodies, run.calls[1:], strict=True)
        if path == "Companies/query"
    ]
    assert asked == [[1, 2], [3], [4, 5], [1]]
    assert [record["company"]["id"] for record in run.records] == owners


def test_only_what_was_read_before_uses_what_is_remembered(tmp_path: Path) -> None:
    """An open or voided invoice does; one that became visible late is new, whatever its id."""
    settings: dict[str, Any] = {"remember_file": str(tmp_path / "remembered.json")}
    young = {"companyID": 5, "createDateTime": "2026-11-02T11:58:00Z"}
    tables = world(Invoices=[{"id": 1, "companyID": 5}, {"id": 3, **young}])
    state = Run(tables, **settings).state
    tables.rows["Countries"][0]["countryCode"] = "XX"

    def codes(state: dict[str, Any]) -> list[str]:
        return [record["company"]["country"]["countryCode"] for record in Run(tables, state=state, **settings).records]

    asked: dict[str, Any] = json.loads(json.dumps(state))
    asked["bookmarks"]["expanded_invoices"]["open"] = ["1"]
    assert codes(asked) == ["NL"]
    tables.rows["Invoices"][0].update(isVoided=True, voidedDate="2026-11-02T11:59:00Z")
    assert codes(state) == ["NL"]
    tables.rows["Invoices"].append({"id": 2, **young})
    assert codes(state) == ["XX", "XX"]
