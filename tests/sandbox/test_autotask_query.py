"""The query grammar of the Autotask half, compared with a reading of all rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.autotask_calls import ALL, JSON, call, ids, item, items, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Sandbox


def condition(op: str, field: str, value: Any = None, **more: Any) -> JSON:
    """Write a condition."""
    return {"op": op, "field": field} | ({} if value is None else {"value": value}) | more


NUMBERS: list[tuple[str, Any, Callable[[JSON], bool]]] = [
    ("eq", 3, lambda row: row["companyType"] == 3),
    ("noteq", 1, lambda row: row["companyType"] != 1),
    ("gt", 1, lambda row: row["companyType"] > 1),
    ("gte", 3, lambda row: row["companyType"] >= 3),
    ("lt", 3, lambda row: row["companyType"] < 3),
    ("lte", 3, lambda row: row["companyType"] <= 3),
    ("in", [3, 7], lambda row: row["companyType"] in (3, 7)),
    ("notIn", [3, 7], lambda row: row["companyType"] not in (3, 7)),
    ("exist", None, lambda row: row["companyType"] is not None),
    ("notExist", None, lambda row: row["companyType"] is None),
]


@pytest.mark.parametrize(("op", "value", "expected"), NUMBERS, ids=[entry[0] for entry in NUMBERS])
def test_operators_on_numbers(sandbox: Sandbox, op: str, value: Any, expected: Callable[[JSON], bool]) -> None:
    """Every operator on a number returns what reading all rows would."""
    everything = items(sandbox, "Companies")
    assert ids(sandbox, "Companies", condition(op, "companyType", value)) == [
        row["id"] for row in everything if expected(row)
    ]


@pytest.mark.parametrize(
    ("op", "value"),
    [("eq", "demo msp b.v."), ("beginsWith", "DEMO"), ("endsWith", "msp B.V."), ("contains", "o MSP")],
)
def test_operators_on_text_ignore_case(sandbox: Sandbox, op: str, value: str) -> None:
    """Text compares without regard to case."""
    assert ids(sandbox, "Companies", condition(op, "companyName", value)) == [0]


def test_null_is_neither_equal_nor_unequal(sandbox: Sandbox) -> None:
    """A null passes neither eq nor noteq nor notIn, only notExist."""
    without = ids(sandbox, "Companies", condition("notExist", "currencyID"))
    assert without
    assert not set(without) & set(ids(sandbox, "Companies", condition("noteq", "currencyID", 2)))
    assert not set(without) & set(ids(sandbox, "Companies", condition("notIn", "currencyID", [2])))


def test_company_zero_is_lost_by_gt_zero(sandbox: Sandbox) -> None:
    """The tenant's own company has id 0: `gt 0` loses it, `gte 0` and `exist` do not."""
    assert 0 not in ids(sandbox, "Companies", condition("gt", "id", 0))
    assert ids(sandbox, "Companies", condition("gte", "id", 0)) == ids(sandbox, "Companies")


def test_groups_nest(sandbox: Sandbox) -> None:
    """The top level is an AND, and groups of AND and OR nest."""
    found = items(
        sandbox,
        "BillingItems",
        condition("gt", "extendedPrice", 0),
        {
            "op": "or",
            "items": [
                condition("eq", "billingItemType", 7),
                {"op": "and", "items": [condition("eq", "billingItemType", 1), condition("gt", "quantity", 4)]},
            ],
        },
    )
    everything = items(sandbox, "BillingItems")
    assert [row["id"] for row in found] == [
        row["id"]
        for row in everything
        if row["extendedPrice"] > 0
        and (row["billingItemType"] == 7 or (row["billingItemType"] == 1 and row["quantity"] > 4))
    ]
    assert 0 < len(found) < len(everything)


def test_property_and_field_names_in_any_case(sandbox: Sandbox) -> None:
    """Names of properties and fields may be written in any case."""
    body = {"MAXRECORDS": 1, "Filter": [{"OP": "eq", "Field": "COMPANYTYPE", "Value": 7}]}
    answer = call(sandbox, "POST", "companies/QUERY", body)
    assert [row["companyType"] for row in answer.json()["items"]] == [7]


def test_by_date(sandbox: Sandbox) -> None:
    """Dates compare as moments, with or without a zone and milliseconds."""
    rows = items(sandbox, "Invoices")
    middle = rows[len(rows) // 2]
    later = [row["id"] for row in rows[len(rows) // 2 :]]
    assert ids(sandbox, "Invoices", condition("gte", "createDateTime", middle["createDateTime"])) == later
    assert ids(sandbox, "Invoices", condition("gt", "createDateTime", middle["createDateTime"])) == later[1:]
    day = middle["invoiceDateTime"][:10]
    assert ids(sandbox, "Invoices", condition("lt", "invoiceDateTime", day)) == [
        row["id"] for row in rows if row["invoiceDateTime"][:10] < day
    ]
    assert middle["id"] in ids(sandbox, "Invoices", condition("eq", "invoiceDateTime", f"{day}T02:00:00+02:00"))


def test_lines_of_invoices_by_in(sandbox: Sandbox) -> None:
    """`in` on a reference returns the lines of those invoices, in the order of ids."""
    invoices = ids(sandbox, "Invoices")[3:6]
    found = items(sandbox, "BillingItems", condition("in", "invoiceID", invoices))
    assert {row["invoiceID"] for row in found} == set(invoices)
    assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    assert len(found) == sum(row["invoiceID"] in invoices for row in items(sandbox, "BillingItems"))


def test_user_defined_field(sandbox: Sandbox) -> None:
    """A user-defined field is asked for with `udf`, by its name."""
    found = items(sandbox, "Contacts", condition("eq", "nieuwsbrief", "j", udf=True))
    assert found
    assert all(row["userDefinedFields"] == [{"name": "Nieuwsbrief", "value": "J"}] for row in found)


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ([condition("eq", "foo", 1)], "Unable to find foo in the Invoice Entity."),
        ([condition("eq", "foo", "x", udf=True)], "Unable to find foo in the Invoice Entity."),
        ([condition("exist", "dueDate")], "The field dueDate of the Invoice Entity can not be queried."),
        ([condition("in", "id", list(range(501)))], "limited to 500 or fewer 'OR' conditions."),
        (
            [{"op": "or", "items": [condition("eq", "id", number) for number in range(501)]}],
            "limited to 500 or fewer 'OR' conditions.",
        ),
        ([condition("in", "id", [])], "needs a list"),
        ([condition("in", "id", 5)], "needs a list"),
        ([condition("eq", "id")], "The value for id is missing"),
        ([condition("contains", "id", "5")], "contains does not apply to id"),
        ([condition("eq", "isVoided", "true")], "Conversion failed when converting the varchar value 'true'"),
        ([condition("eq", "paymentTerm", "30 dagen")], "converting the varchar value '30 dagen' to data type int."),
        ([condition("gt", "createDateTime", "soon")], "Conversion failed when converting date and/or time"),
        ([condition("EQ", "id", 1)], "'EQ' is not an operator"),
        ([{"op": "eq", "value": 1}], "needs a field"),
        ([], "at least one condition"),
        ([{"op": "or", "items": []}], "at least one condition"),
        ("id", "at least one condition"),
    ],
)
def test_refused_filters(sandbox: Sandbox, conditions: Any, text: str) -> None:
    """What the API does not take is a 500 whose text says why."""
    (error,) = refused(call(sandbox, "POST", "Invoices/query", {"filter": conditions}))
    assert text in error


def test_filter_is_needed(sandbox: Sandbox) -> None:
    """A query without a filter, or a body that is no object, is refused."""
    assert "at least one condition" in refused(call(sandbox, "POST", "Invoices/query", {}))[0]
    assert "could not be read" in refused(call(sandbox, "POST", "Invoices/query", [1]))[0]


def test_text_against_a_number_matches_nothing(sandbox: Sandbox) -> None:
    """A text against a numeric id is no error and no match, even when it reads like the number."""
    first = ids(sandbox, "Invoices")[0]
    assert ids(sandbox, "Invoices", condition("eq", "id", str(first))) == []
    assert ids(sandbox, "Invoices", condition("in", "id", [str(first)])) == []
    assert ids(sandbox, "Invoices", condition("eq", "id", first)) == [first]


def test_picklist_takes_a_number_in_text(sandbox: Sandbox) -> None:
    """The metadata tells picklist values as text, and a filter takes them so."""
    assert ids(sandbox, "Invoices", condition("eq", "paymentTerm", "1")) == ids(
        sandbox, "Invoices", condition("eq", "paymentTerm", 1)
    )


def test_one_condition_on_user_defined_fields(sandbox: Sandbox) -> None:
    """Only one user-defined field may be asked for in a query."""
    twice = [condition("exist", "KvK-nummer", udf=True), condition("exist", "Klantgroep", udf=True)]
    (error,) = refused(call(sandbox, "POST", "Companies/query", {"filter": twice}))
    assert "one user-defined field" in error


def test_encrypted_field_can_not_be_asked_for(sandbox: Sandbox) -> None:
    """A user-defined field that is encrypted can not stand in a filter."""
    sandbox.put_row("autotask", "UserDefinedFieldDefinitions", {"id": 1, "isEncrypted": True})
    (error,) = refused(
        call(sandbox, "POST", "Companies/query", {"filter": [condition("exist", "KvK-nummer", udf=True)]})
    )
    assert "encrypted" in error


@pytest.mark.parametrize("size", [0, 501, -1, "5"])
def test_page_size_out_of_range(sandbox: Sandbox, size: Any) -> None:
    """MaxRecords goes from 1 to 500."""
    answer = call(sandbox, "POST", "Invoices/query", ALL | {"MaxRecords": size})
    assert refused(answer) == ["maxCountOfRecordsToReturn must be between 1 and 500"]


def test_include_fields(sandbox: Sandbox) -> None:
    """Only the fields asked for come back, besides the user-defined ones."""
    (row,) = items(sandbox, "Companies", IncludeFields=["ID", "companyName"], MaxRecords=1)
    assert row == {"id": 0, "companyName": "Demo MSP B.V.", "userDefinedFields": []}
    (row,) = items(sandbox, "Companies", IncludeFields=["id", "klantgroep"], MaxRecords=1)
    assert row == {"id": 0, "userDefinedFields": [{"name": "Klantgroep", "value": "ZAK"}]}
    answer = call(sandbox, "POST", "Companies/query", ALL | {"IncludeFields": ["foo"]})
    assert refused(answer) == ["Unable to find foo in the Company Entity."]


def test_count(sandbox: Sandbox) -> None:
    """The count of a filter, by POST and by GET, is the number of its rows."""
    filtered = {"filter": [condition("eq", "companyType", 7)]}
    expected = {"queryCount": len(items(sandbox, "Companies", *filtered["filter"]))}
    assert call(sandbox, "POST", "Companies/query/count", filtered).json() == expected
    assert call(sandbox, "GET", f"Companies/query/count?search={json.dumps(filtered)}").json() == expected


def test_get_by_id(sandbox: Sandbox) -> None:
    """A row by its id holds every field, null or not, and no paging."""
    row = item(sandbox, "Invoices", ids(sandbox, "Invoices")[0])
    assert set(row) == {
        "batchID", "comments", "companyID", "createDateTime", "creatorResourceID", "dueDate", "fromDate", "id",
        "invoiceDateTime", "invoiceEditorTemplateID", "invoiceNumber", "invoiceStatus", "invoiceTaxMethodExternalCode",
        "invoiceTotal", "isVoided", "orderNumber", "paidDate", "paymentTerm", "taxGroup", "taxRegionName", "toDate",
        "totalTaxValue", "userDefinedFields", "voidedByResourceID", "voidedDate", "webServiceDate",
    }  # fmt: skip


def test_missing_row_is_a_switch(sandbox: Sandbox) -> None:
    """An unknown id is a 404 or a null item; users saw both."""
    assert call(sandbox, "GET", "Invoices/1").status_code == 404
    sandbox.reset(autotask={"missing_row": "null"})
    answer = call(sandbox, "GET", "Invoices/1")
    assert (answer.status_code, answer.json()) == (200, {"item": None})


def test_children_of_a_parent(sandbox: Sandbox) -> None:
    """A child route gives the children of one parent, all or one, and knows no other parent's."""
    company = ids(sandbox, "Companies")[1]
    contacts = call(sandbox, "GET", f"companies/{company}/contacts").json()["items"]
    assert [row["id"] for row in contacts] == ids(sandbox, "Contacts", condition("eq", "companyID", company))
    one = contacts[0]["id"]
    assert call(sandbox, "GET", f"Companies/{company}/Contacts/{one}").json()["item"] == contacts[0]
    assert call(sandbox, "GET", f"Companies/0/Contacts/{one}").status_code == 404
    assert call(sandbox, "GET", "Companies/1/Contacts").status_code == 404


def test_get_query(sandbox: Sandbox) -> None:
    """A query by GET carries its filter in the URL and gives the same rows."""
    search = json.dumps(ALL)
    answer = requests.get(
        f"{sandbox.url}/ATServicesRest/V1.0/Currencies/query",
        params={"search": search},
        headers=sandbox.autotask_headers,
        timeout=5,
    )
    assert answer.json()["items"] == items(sandbox, "Currencies")
