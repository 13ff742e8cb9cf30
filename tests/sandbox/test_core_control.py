"""The control routes: what tests and people steer the sandbox with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.autotask_calls import call, ids, items

if TYPE_CHECKING:
    from tests.conftest import Sandbox


def test_calls_are_recorded_in_order(sandbox: Sandbox) -> None:
    """Every request to a system is recorded with what it was and what it got."""
    requests.get(f"{sandbox.url}/ATServicesRest/VersionInformation?a=b%20c", timeout=5)
    requests.post(f"{sandbox.url}/atservicesrest/nothing", data=b"12345", timeout=5)
    first, second = sandbox.calls("autotask")
    assert first | {"at": ""} == {
        "system": "autotask",
        "method": "GET",
        "path": "/ATServicesRest/VersionInformation",
        "query": "a=b c",
        "status": 200,
        "request_bytes": 0,
        "response_bytes": 23,
        "at": "",
    }
    assert (second["method"], second["status"], second["request_bytes"]) == ("POST", 404, 5)
    sandbox.clear_calls()
    assert sandbox.calls() == []


def test_state_tells_all_rows(sandbox: Sandbox) -> None:
    """The state holds every row of every resource, numbers with their own digits."""
    state = sandbox.state("autotask")
    assert len(state["Invoices"]) == 20
    assert state["Currencies"][1]["exchangeRate"] == Decimal("0.92")


def test_unknown_system(sandbox: Sandbox) -> None:
    """A system that is not there is told with those that are."""
    answer = requests.get(f"{sandbox.url}/_sandbox/state/nothing", timeout=5)
    assert answer.status_code == 400
    assert "autotask" in answer.json()["error"]


def test_reset_with_options(sandbox: Sandbox) -> None:
    """A reset reseeds with the options given, and forgets calls and edits."""
    call(sandbox, "PATCH", "Companies", {"id": 0, "city": "Delft"})
    sandbox.reset(companies=15, invoices=3)
    assert sandbox.calls() == []
    state = sandbox.state("autotask")
    assert (len(state["Companies"]), len(state["Invoices"])) == (16, 3)
    assert state["Companies"][0]["city"] != "Delft"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"companys": 5}, "companys"),
        ({"companies": 5}, "$.companies"),
        ({"autotask": {"thread": 5}}, "under `autotask`"),
        ({"autotask": {"missing_row": "maybe"}}, "$.missing_row"),
        ({"autotask": {"fields": {"Nothing": ""}}}, "autotask.fields"),
        ({"now": "2026-11-02T09:00:00"}, "$.now"),
    ],
)
def test_wrong_options(sandbox: Sandbox, options: dict[str, Any], named: str) -> None:
    """A wrong option is named and changes nothing."""
    call(sandbox, "PATCH", "Companies", {"id": 0, "city": "Delft"})
    answer = requests.post(f"{sandbox.url}/_sandbox/reset", json=options, timeout=5)
    assert answer.status_code == 400
    assert named in answer.json()["error"]
    assert sandbox.state("autotask")["Companies"][0]["city"] == "Delft"


def test_body_that_is_no_json(sandbox: Sandbox) -> None:
    """An order that can not be read is told so."""
    answer = requests.post(f"{sandbox.url}/_sandbox/faults", data=b"{", timeout=5)
    assert (answer.status_code, "is not JSON" in answer.text) == (400, True)


def test_clock_is_set_and_moved(sandbox: Sandbox) -> None:
    """The clock is set, then moved, runs on, and dates the answers and the record."""
    assert sandbox.clock(now="2031-05-01T10:00:00Z").startswith("2031-05-01T10:00:0")
    assert sandbox.clock(seconds=3600).startswith("2031-05-01T11:00:0")
    answer = call(sandbox, "GET", "Companies/0")
    assert answer.headers["Date"].startswith("Thu, 01 May 2031 11:00:0")
    assert sandbox.calls()[-1]["at"].startswith("2031-05-01T11:00:0")


def test_rows_are_edited_behind_the_api(sandbox: Sandbox) -> None:
    """A test voids an invoice, adds one and deletes one; queries and indexes see it, the record does not."""
    first, second = ids(sandbox, "Invoices")[:2]
    line = items(sandbox, "BillingItems", {"op": "eq", "field": "invoiceID", "value": first})[0]
    sandbox.clear_calls()
    voided = {"id": first, "isVoided": True, "voidedDate": "2026-11-02T10:00:00+01:00", "invoiceTotal": "x"}
    row = sandbox.put_row("autotask", "Invoices", voided | {"invoiceTotal": 1.5})
    assert (row["voidedDate"], row["invoiceTotal"]) == ("2026-11-02T09:00:00.0Z", Decimal("1.5"))
    sandbox.put_row("autotask", "Invoices", {"id": 7000, "companyID": 0, "isVoided": True})
    sandbox.put_row("autotask", "BillingItems", {"id": line["id"], "invoiceID": 7000})
    sandbox.delete_row("autotask", "Invoices", second)
    assert sandbox.calls() == []
    assert {first, 7000} <= set(ids(sandbox, "Invoices", {"op": "eq", "field": "isVoided", "value": True}))
    assert ids(sandbox, "BillingItems", {"op": "eq", "field": "invoiceID", "value": 7000}) == [line["id"]]
    assert second not in ids(sandbox, "Invoices")


def test_edits_move_the_modified_date(sandbox: Sandbox) -> None:
    """An edit behind the API is an edit in the screens: the modified date moves."""
    sandbox.clock(now="2031-05-01T10:00:00Z")
    row = sandbox.put_row("autotask", "Companies", {"id": 0, "companyNumber": "X"})
    assert row["lastTrackedModifiedDateTime"].startswith("2031-05-01T10:00:0")


@pytest.mark.parametrize(
    ("method", "order", "named"),
    [
        ("POST", {"system": "x", "resource": "Invoices", "row": {"id": 1}}, "'x' has no 'Invoices'"),
        ("POST", {"system": "autotask", "resource": "Bills", "row": {"id": 1}}, "has no 'Bills'"),
        ("POST", {"system": "autotask", "resource": "Invoices", "row": {}}, "needs its key 'id'"),
        ("DELETE", {"system": "autotask", "resource": "Invoices", "key": 1}, "has no row 1"),
        ("POST", {"resource": "Invoices"}, "system"),
    ],
)
def test_wrong_edits(sandbox: Sandbox, method: str, order: dict[str, Any], named: str) -> None:
    """An edit of what is not there is told so."""
    answer = requests.request(method, f"{sandbox.url}/_sandbox/rows", json=order, timeout=5)
    assert answer.status_code == 400
    assert named in answer.json()["error"]


def test_page_shows_what_arrived(sandbox: Sandbox) -> None:
    """A person sees what was written since the seed, markup as text, and how much there is."""
    empty = requests.get(f"{sandbox.url}/_sandbox/", timeout=5)
    assert empty.headers["content-type"] == "text/html; charset=utf-8"
    assert "Nothing arrived yet." in empty.text
    assert "Invoices: 20" in empty.text
    call(sandbox, "PATCH", "Companies", {"id": 0, "companyName": "<script>x</script>\x00"})
    shown = requests.get(f"{sandbox.url}/_sandbox", timeout=5).text
    assert "<script>" not in shown
    assert "&lt;script&gt;x&lt;/script&gt;␀" in shown
    assert "1 arrived" in shown
    assert shown.index("Exact Online") < shown.index("Autotask")


def test_nothing_else_is_recorded(sandbox: Sandbox) -> None:
    """Control routes and paths of no system are no calls."""
    assert requests.get(f"{sandbox.url}/elsewhere", timeout=5).status_code == 404
    assert sandbox.calls() == []
