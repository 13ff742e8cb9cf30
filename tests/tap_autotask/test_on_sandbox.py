from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tap_autotask.entities import ENTITIES
from tap_autotask.exceptions import StopRun
from tests.tap_autotask.on_sandbox import Reading, kinds

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox

INVOICES = "Invoices/query"
THREADS = {"errors": ["The Autotask API thread threshold of 3 threads has been exceeded."]}


def stored(sandbox: Sandbox) -> dict[str, list[dict[str, Any]]]:
    return sandbox.state("autotask")


def test_a_month_of_invoices_costs_some_thirty_calls(sandbox: Sandbox) -> None:
    """400 invoices with 2,000 lines, each once, in at most 40 calls, and nothing is asked for each of them."""
    sandbox.reset(companies=150, invoices=400)
    reading = Reading(sandbox, start_date="2020-01-01")
    assert reading.ids == sorted(row["id"] for row in stored(sandbox)["Invoices"])
    assert sum(len(record["billing_items"]) for record in reading.records) >= 2000
    assert len(reading.calls) <= 40
    assert {call["status"] for call in reading.calls} == {200}
    rerun = Reading(sandbox, state=reading.state, start_date="2020-01-01")
    assert (rerun.ids, len(rerun.calls)) == ([], 2)


def test_however_many_are_open_the_queries_are_ones_that_autotask_takes(sandbox: Sandbox) -> None:
    """No query has more OR conditions than are allowed, and settings that leave out what is open change nothing."""
    sandbox.reset(invoices=650)
    first = Reading(sandbox)
    first.state["bookmarks"]["expanded_invoices"]["open"] = [str(number) for number in first.ids[:600]]
    second = Reading(sandbox, state=first.state, include_voided=False, start_date="2099-01-01")
    assert second.ids == first.ids[:600]
    assert {call["status"] for call in second.calls} == {200}
    assert {record["offered"] for record in second.records} == {600}


def test_what_is_read_is_what_is_there(sandbox: Sandbox) -> None:
    """Amounts to the last digit, every line under its invoice, and the rows that they point to."""
    reading, there = Reading(sandbox), stored(sandbox)
    items = {row["id"]: row for row in there["BillingItems"]}
    names = {row["id"]: row["companyName"] for row in there["Companies"]}
    for record, row in zip(reading.records, there["Invoices"], strict=True):
        assert Decimal(record["invoiceTotal"]) == row["invoiceTotal"]
        assert record["company"]["companyName"] == names[row["companyID"]].replace("\0", "")
        lines = [item["id"] for item in items.values() if item["invoiceID"] == row["id"]]
        assert sorted(item["id"] for item in record["billing_items"]) == sorted(lines)
        for item in record["billing_items"]:
            assert Decimal(item["extendedPrice"]) == items[item["id"]]["extendedPrice"]
            assert item["labels"]["billingItemType"]
            assert item["billing_code"]["id"] == item["billingCodeID"]
    assert "\0" not in str(reading.messages)


def test_a_new_release_of_rows_is_read_once(sandbox: Sandbox) -> None:
    """New, voided and open invoices come, each once; all others do not."""
    first = Reading(sandbox)
    old, voided, *_ = first.ids
    last = stored(sandbox)["Invoices"][-1]
    sandbox.put_row("autotask", "Invoices", last | {"id": last["id"] + 1})
    now = sandbox.clock(seconds=7200)
    sandbox.put_row("autotask", "Invoices", {"id": voided, "isVoided": True, "voidedDate": now})
    first.state["bookmarks"]["expanded_invoices"]["open"] = [str(old)]
    second = Reading(sandbox, state=first.state)
    assert second.ids == [old, voided, last["id"] + 1]
    assert {record["offered"] for record in second.records} == {3}
    second.state["bookmarks"]["expanded_invoices"]["open"] = []
    assert Reading(sandbox, state=second.state).ids == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "status": 429, "body": THREADS},
        {"kind": "error", "status": 503, "headers": {"Retry-After": "3"}},
        {"kind": "error", "status": 500, "body": {"errors": ["Transaction was deadlocked"]}},
        {"kind": "error", "status": 502, "body": "<html>Bad Gateway</html>"},
        {"kind": "drop"},
        {"kind": "truncate"},
    ],
)
@pytest.mark.parametrize("path", [INVOICES, "BillingItems/query", "zoneInformation"])
def test_one_fault_loses_nothing(sandbox: Sandbox, fault: dict[str, Any], path: str) -> None:
    """Whatever happens once, to whichever call, every invoice comes once."""
    sandbox.fault(system="autotask", path=path, **fault)
    reading = Reading(sandbox)
    assert reading.ids == sorted(row["id"] for row in stored(sandbox)["Invoices"])
    assert all(record["billing_items"] for record in reading.records if record["invoiceTotal"])


def test_one_401_in_the_middle_loses_nothing(sandbox: Sandbox) -> None:
    """The zone is asked for again, and the reading goes on."""
    sandbox.fault(system="autotask", path="BillingItems/query", kind="error", status=401)
    reading = Reading(sandbox)
    assert len(reading.ids) == len(stored(sandbox)["Invoices"])
    assert kinds(reading.calls)["zoneInformation"] == 2


def test_a_wrong_secret_costs_two_sign_ins(sandbox: Sandbox) -> None:
    """The zone is asked for again once, then the run stops: ten refusals would lock the user."""
    with pytest.raises(StopRun, match="lock"):
        Reading(sandbox, secret="wrong")
    assert [call["status"] for call in sandbox.calls("autotask")] == [200, 401, 200, 401]


def test_a_wrong_integration_code_costs_one(sandbox: Sandbox) -> None:
    """The text of the 500 says that nothing else can succeed, and the message names the setting."""
    with pytest.raises(StopRun, match="integration_code"):
        Reading(sandbox, integration_code="WRONGWRONGWRONGWRONGWRONG12")
    assert [call["status"] for call in sandbox.calls("autotask")] == [200, 500]


def test_an_unknown_user_stops_before_any_credentials_travel(sandbox: Sandbox) -> None:
    """Zone information knows nobody of that name."""
    with pytest.raises(StopRun, match="username"):
        Reading(sandbox, username="nobody@demo-msp.example")
    assert len(sandbox.calls("autotask")) == 1


def test_a_full_hour_is_waited_out(sandbox: Sandbox) -> None:
    """When other integrations used up the hour, the tap waits by the minute and then stops in good order."""
    sandbox.reset(autotask={"threshold": 100, "threshold_used": 100})
    with pytest.raises(StopRun, match="max_wait_minutes"):
        Reading(sandbox, max_wait_minutes=5)


def test_the_calls_slow_down_before_the_hour_is_full(sandbox: Sandbox) -> None:
    """Above the percentage of the settings each call waits, longer as less is left."""
    sandbox.reset(autotask={"threshold": 1000, "threshold_used": 800})
    reading = Reading(sandbox, hourly_check_calls=5)
    assert len(reading.waits) > 5
    assert all(0 < wait <= 60 for wait in reading.waits)
    assert reading.waits == sorted(reading.waits)


@pytest.mark.parametrize("forbidden", ["Invoices", "BillingItems", "Companies"])
def test_a_missing_right_is_a_clear_error(sandbox: Sandbox, forbidden: str) -> None:
    """What the API user may not see stops the run with what to do; it is never taken for an empty table."""
    sandbox.reset(autotask={"forbidden": [forbidden]})
    with pytest.raises(Exception, match=rf"{forbidden}.*security level"):
        Reading(sandbox)


@pytest.mark.parametrize("size", [1, 10, 20, 21])
def test_any_page_size_reads_the_same(sandbox: Sandbox, size: int) -> None:
    """Pages of one row, exactly full ones, and one that is not."""
    assert Reading(sandbox, page_size=size).records == Reading(sandbox).records


def test_entities_follow_the_tenants_changes(sandbox: Sandbox) -> None:
    """A company that was edited comes again, the others do not."""
    first = Reading(sandbox, "companies")
    assert 0 in first.ids
    now = sandbox.clock(seconds=86_400)
    sandbox.put_row("autotask", "Companies", {"id": first.ids[3], "lastTrackedModifiedDateTime": now})
    assert Reading(sandbox, "companies", first.state).ids == [first.ids[3]]


def receipts_there(there: dict[str, Any]) -> set[Any]:
    """Return what tells one receipt of the seed from another: order and minute."""
    orders = {item["id"]: item["orderID"] for item in there["PurchaseOrderItems"]}
    rows = there["PurchaseOrderItemReceiving"]
    return {(orders[row["purchaseOrderItemID"]], row["receiveDate"][:16]) for row in rows}


def test_every_stream_can_be_read(sandbox: Sandbox) -> None:
    """With the columns of the tenant's own metadata no stream fails or loses a row."""
    reading, there = Reading(sandbox, stream=None, read_metadata=True), stored(sandbox)
    read = Counter(message["stream"] for message in reading.messages if message["type"] == "RECORD")
    expected = {entity.stream: len(there[entity.name]) for entity in ENTITIES}
    expected |= {"expanded_companies": expected["companies"] - 1, "expanded_invoices": 20}
    expected |= {"expanded_goods_receipts": len(receipts_there(there))}
    assert read == Counter(expected)
    assert sum("entityInformation" in kind for kind in kinds(reading.calls).elements()) <= 41


def test_the_pdf_comes_from_autotask(sandbox: Sandbox) -> None:
    """One call for each invoice, and only when the setting asks for it."""
    reading = Reading(sandbox, invoice_pdf=True)
    assert all(record["invoice_pdf"]["data"].startswith("JVBER") for record in reading.records)
    assert sum(kind.endswith("InvoicePDF") for kind in kinds(reading.calls).elements()) == len(reading.ids)


COMPANIES = "expanded_companies"


def test_a_company_is_what_is_there(sandbox: Sandbox) -> None:
    """Every company but the tenant's own, with its locations, its main contact and its terms."""
    reading, there = Reading(sandbox, COMPANIES), stored(sandbox)
    names = {row["id"]: row["companyName"].replace("\0", "") for row in there["Companies"] if row["id"]}
    assert {record["id"]: record["companyName"] for record in reading.records} == names
    for record in reading.records:
        rows = [row["id"] for row in there["CompanyLocations"] if row["companyID"] == record["id"]]
        assert sorted(location["id"] for location in record["locations"]) == sorted(rows)
        assert record["primary_location"]["country"]["id"] == record["countryID"]
        assert record["main_contact"]["companyID"] == record["id"]
        assert record["invoice_template"]["payment_term"]["paymentDueInDays"] >= 0
        assert record["labels"]["companyType"] in {"Customer", "Prospect", "Vendor"}
        assert record["bill_to"]["country"]["id"] == record["billToCountryID"]
    assert "\0" not in str(reading.messages)


def test_many_companies_cost_few_calls(sandbox: Sandbox, tmp_path: Path) -> None:
    """Unchanged ones three, a hundred changed ones ten at most, and all of them new some thirty."""
    sandbox.reset(companies=1000, invoices=0)
    settings: dict[str, Any] = {"remember_file": str(tmp_path / "remembered.json")}
    first = Reading(sandbox, COMPANIES, **settings)
    assert (len(first.ids), len(first.calls) <= 30) == (1000, True)
    rerun = Reading(sandbox, COMPANIES, first.state, **settings)
    assert (rerun.ids, len(rerun.calls)) == ([], 3)
    now = sandbox.clock(seconds=1800)
    for number in first.ids[:100]:
        sandbox.put_row("autotask", "Companies", {"id": number, "lastTrackedModifiedDateTime": now})
    changed = Reading(sandbox, COMPANIES, rerun.state, **settings)
    assert (changed.ids, len(changed.calls) <= 10) == (first.ids[:100], True)
    assert len(Reading(sandbox, COMPANIES, rerun.state).calls) <= 12


def test_a_company_follows_its_contact(sandbox: Sandbox) -> None:
    """An edit of a contact in Autotask brings the company again, whole; one of a location alone does not."""
    first = Reading(sandbox, COMPANIES)
    person = stored(sandbox)["Contacts"][4]
    now = sandbox.clock(seconds=3600)
    sandbox.put_row("autotask", "Contacts", {"id": person["id"], "lastName": "Nieuw", "lastModifiedDate": now})
    sandbox.put_row("autotask", "CompanyLocations", stored(sandbox)["CompanyLocations"][-1] | {"city": "Assen"})
    second = Reading(sandbox, COMPANIES, first.state)
    assert second.ids == [person["companyID"]]
    assert Reading(sandbox, COMPANIES, second.state).ids == []


def test_what_decides_a_companys_terms_is_never_remembered(sandbox: Sandbox, tmp_path: Path) -> None:
    """A template that got another payment term is seen in the next run, whatever earlier runs remember."""
    settings: dict[str, Any] = {"remember_file": str(tmp_path / "remembered.json")}
    first = Reading(sandbox, COMPANIES, **settings)
    before = first.records[0]["invoice_template"]
    term = next(row for row in stored(sandbox)["PaymentTerms"] if row["id"] != before["paymentTerms"])
    sandbox.put_row("autotask", "InvoiceTemplates", {"id": before["id"], "paymentTerms": term["id"]})
    first.state["bookmarks"][COMPANIES]["open"] = [str(first.ids[0])]
    (record,) = Reading(sandbox, COMPANIES, first.state, **settings).records
    assert record["invoice_template"]["payment_term"]["name"] == term["name"]


def test_a_period_is_read_by_the_dates_of_its_invoices(sandbox: Sandbox) -> None:
    """Both days belong to it, in either stream of invoices, beside other conditions; one bound alone will do."""
    days = sorted(row["invoiceDateTime"][:10] for row in stored(sandbox)["Invoices"])
    first, last = days[5], days[12]
    for stream in ("expanded_invoices", "invoices"):
        wanted = {row["id"] for row in stored(sandbox)["Invoices"] if first <= row["invoiceDateTime"][:10] <= last}
        assert {*Reading(sandbox, stream, dated_from=first, dated_until=last).ids} == wanted
    later = {row["id"] for row in stored(sandbox)["Invoices"] if row["invoiceDateTime"][:10] >= first}
    assert {*Reading(sandbox, dated_from=first).ids} == later
    mine = {"expanded_invoices": [{"op": "eq", "field": "id", "value": min(later)}]}
    assert Reading(sandbox, dated_from=first, filters=mine).ids == [min(later)]


@pytest.mark.parametrize("period", [{"dated_from": "2026-09-15"}, {"dated_until": "2026-09-15"}])
def test_a_period_leaves_no_state(sandbox: Sandbox, period: dict[str, Any]) -> None:
    """What a period leaves out is read by the next run without it, whichever other streams were read beside it."""
    part = Reading(sandbox, None, **period)
    assert part.records
    assert part.state == {}
    everything = {row["id"] for row in stored(sandbox)["Invoices"]}
    assert {*Reading(sandbox, state=part.state).ids} == everything
