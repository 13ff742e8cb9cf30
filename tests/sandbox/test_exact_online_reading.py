"""Reading from the Exact Online half: envelopes, types, padding, rules."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from tests.sandbox.exact_online_calls import ANY_ID, DIVISION, NOWHERE, Exact, content, refusal

if TYPE_CHECKING:
    from tests.conftest import Sandbox

SYNTAX = (400, ["Bad Request - Error in query syntax."])
NEEDS_SELECT = (400, ["Please add a $select or a $top=1 statement to the query string."])


def test_me(sandbox: Sandbox) -> None:
    """Me tells the division and the server's wall clock, with its distance to UTC in seconds."""
    sandbox.reset(now="2026-10-01T08:51:25Z")
    exact = Exact(sandbox)
    select = "CurrentDivision,UserID,Legislation,ServerTime,ServerUtcOffset"
    (me,) = content(exact.send("GET", f"{exact.root}/current/Me", select=select))["d"]["results"]
    assert me.pop("__metadata") == {
        "uri": f"{exact.root}/current/Me(guid'{me['UserID']}')",
        "type": "Exact.Web.Api.Models.System.Me",
    }
    assert me == {
        "CurrentDivision": DIVISION,
        "UserID": me["UserID"],
        "Legislation": "1",
        "ServerTime": "2026-10-01T10:51:25",
        "ServerUtcOffset": 7200,
    }
    assert exact.row("system/Me", select="UserID")["UserID"] == me["UserID"]


@pytest.mark.parametrize(("path", "number"), [("system/Divisions", "Hid"), ("hrm/Divisions", "HID")])
def test_divisions(sandbox: Sandbox, path: str, number: str) -> None:
    """The division is known by its code, and to people by a number that is sent as text."""
    exact = Exact(sandbox)
    division = exact.row(path)
    assert (division["Code"], division[number], division["Status"]) == (DIVISION, "1001", 1)
    assert content(exact.send("GET", f"{path}({DIVISION})"))["d"]["Description"] == "Demo MSP B.V."


def test_a_page_of_accounts(sandbox: Sandbox) -> None:
    """A page holds 60 rows and the address of the next, which begins behind the last; links lead to all, once."""
    sandbox.reset(companies=150)
    exact = Exact(sandbox)
    query: dict[str, Any] = {
        "filter": "Modified gt datetime'2026-09-30T00:00:00'",
        "select": "ID,Code,Modified",
        "orderby": "Modified",
    }
    page = content(exact.send("GET", "crm/Accounts", **query))["d"]
    assert len(page["results"]) == 60
    last = page["results"][-1]
    link = page["__next"]
    assert link.startswith(
        f"{exact.root}/{DIVISION}/crm/Accounts?$filter=Modified%20gt%20datetime'2026-09-30T00%3A00%3A00'"
        "&$select=ID,Code,Modified&$orderby=Modified&$skiptoken=datetime'"
    )
    assert link.endswith(f"',guid'{last['ID']}'")
    assert set(last) == {"__metadata", "ID", "Code", "Modified"}
    found = exact.all_rows("crm/Accounts", **query)
    assert [row["ID"] for row in found] == sorted(row["ID"] for row in exact.table("Accounts"))


def test_a_link_by_key(sandbox: Sandbox) -> None:
    """Without an order the next page begins behind a guid alone."""
    sandbox.reset(companies=150)
    exact = Exact(sandbox)
    page = content(exact.send("GET", "crm/Accounts", filter=ANY_ID, select="ID"))["d"]
    assert unquote(page["__next"]).endswith(f"&$select=ID&$skiptoken=guid'{page['results'][-1]['ID']}'")


def test_envelopes(sandbox: Sandbox) -> None:
    """A $top within the page gets a bare array, everything else a wrapper; a full last page has no link."""
    exact = Exact(sandbox)
    path = "financial/FinancialPeriods"
    bare = content(exact.send("GET", path, top=60))
    assert len(bare["d"]) == 60
    assert content(exact.send("GET", path, top=2, filter="FinYear eq 1900")) == {"d": []}
    assert content(exact.send("GET", path, filter="FinYear eq 1900")) == {"d": {"results": []}}
    full = content(exact.send("GET", path))["d"]
    assert (len(full["results"]), set(full)) == (60, {"results"})


def test_top_beyond_a_page(sandbox: Sandbox) -> None:
    """Of a $top of 100 the link asks for the remaining 40, still in a wrapper."""
    sandbox.reset(companies=150)
    exact = Exact(sandbox)
    page = content(exact.send("GET", "crm/Accounts", filter=ANY_ID, select="ID", top=100))["d"]
    assert (
        "&$top=40&" in page["__next"] or page["__next"].endswith("&$top=40") or "$top=40&$skiptoken" in page["__next"]
    )
    rest = content(exact.send("GET", page["__next"]))["d"]
    assert (len(rest["results"]), set(rest)) == (40, {"results"})


def test_counts(sandbox: Sandbox) -> None:
    """An inline count is text in a wrapper, even of nothing; $count is a plain number in any format."""
    exact = Exact(sandbox)
    accounts = len(exact.table("Accounts"))
    query: dict[str, Any] = {"filter": ANY_ID, "select": "ID", "inlinecount": "allpages"}
    assert content(exact.send("GET", "crm/Accounts", **query, top=0))["d"] == {"results": [], "__count": str(accounts)}
    assert content(exact.send("GET", "crm/Accounts", **query, top=2))["d"]["__count"] == str(accounts)
    plain = exact.send("GET", "crm/Accounts/$count", headers={"Accept": "*/*"})
    assert (plain.status_code, plain.text) == (200, str(accounts))


def test_codes_are_padded(sandbox: Sandbox) -> None:
    """Account codes have spaces on the left, VAT codes and countries on the right; without them nothing is found."""
    exact = Exact(sandbox)
    code = exact.customer()["Code"].strip()
    account = exact.row("crm/Accounts", filter=f"Code eq '{code:>18}'", select="ID,Code,Country")
    assert (account["Code"], account["Country"]) == (f"{code:>18}", "NL ")
    assert exact.rows("crm/Accounts", filter=f"Code eq '{code}'", select="ID") == []
    assert exact.row("crm/Accounts", filter=f"trim(Code) eq '{code}'", select="ID")["ID"] == account["ID"]
    codes = [row["Code"] for row in exact.rows("vat/VATCodes", select="Code")]
    assert codes == ["1  ", "2  ", "3  ", "4  ", "5  ", "6  ", "7  "]
    assert {row["Code"] for row in exact.rows("financial/Journals")} == {"10", "20", "60", "70", "71", "90"}


def test_one_row(sandbox: Sandbox) -> None:
    """A row by its key needs no $select, has every property, and defers its collections."""
    exact = Exact(sandbox)
    guid = exact.coded("VATCodes", "2")
    row = exact.entity("vat/VATCodes", guid)
    assert (row["Type"], row["Percentage"], row["CreatorFullName"]) == ("E", Decimal("0.21"), "Sanne de Vries")
    uri = f"{exact.root}/{DIVISION}/vat/VATCodes(guid'{guid}')"
    assert row["__metadata"] == {"uri": uri, "type": "Exact.Web.Api.Models.VATCode"}
    assert row["VATPercentages"] == {"__deferred": {"uri": f"{uri}/VATPercentages"}}
    deferred = content(exact.send("GET", f"{uri}/VATPercentages"))["d"]["results"]
    assert [line["VATCodeID"] for line in deferred] == [guid]
    expanded = exact.entity("vat/VATCodes", guid, expand="VATPercentages", select="Code,VATPercentages")
    assert set(expanded) == {"__metadata", "Code", "VATPercentages"}
    assert expanded["VATPercentages"]["results"] == deferred


def test_key_that_leads_nowhere(sandbox: Sandbox) -> None:
    """An unknown guid is 404, a key of another form an error in syntax."""
    exact = Exact(sandbox)
    assert exact.send("GET", f"crm/Accounts(guid'{NOWHERE}')").status_code == 404
    for key in ("'255'", "5", "guid'5'", f"guid'{NOWHERE}',5"):
        assert refusal(exact.send("GET", f"crm/Accounts({key})")) == SYNTAX


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("crm/Accounts", {"filter": ANY_ID}, NEEDS_SELECT),
        ("bulk/Financial/GLAccounts", {"filter": ANY_ID}, NEEDS_SELECT),
        (
            "bulk/Cashflow/Receivables",
            {"filter": "Modified gt datetime'2026-01-01'", "select": "ID"},
            (400, ["Filtering on these fields is not supported: Modified"]),
        ),
        (
            "sync/CRM/Accounts",
            {"filter": "Timestamp gt 1 and Code eq '1' and Name eq 'x'"},
            (400, ["Filtering on these fields is not supported: Code,Name"]),
        ),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID,Klant"}, SYNTAX),
        ("crm/Accounts", {"filter": f"{ANY_ID} and Klant eq 1", "select": "ID"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID", "orderby": "Klant"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID", "orderby": "BankAccounts"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID", "orderby": "ID up"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID", "expand": "Code"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "BankAccounts/Nummer"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID", "top": "-1"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID", "skiptoken": "'x'"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID", "skiptoken": "guid"}, SYNTAX),
        ("crm/Accounts", {"filter": ANY_ID, "select": "ID", "groupby": "ID"}, SYNTAX),
        ("crm/Accounts", {"filter": " or ".join([ANY_ID] * 300), "select": "ID"}, SYNTAX),
    ],
)
def test_rules_of_reading(sandbox: Sandbox, path: str, query: dict[str, Any], expected: tuple[int, list[str]]) -> None:
    """What a resource does not allow, or nobody can understand, is 400 with the text of its kind."""
    assert refusal(Exact(sandbox).send("GET", path, **query)) == expected


def test_a_filter_is_mandatory_where_there_is_a_feed(sandbox: Sandbox) -> None:
    """The refusal lists the fields that count; $top=1 replaces a $select but no filter; switches lift both rules."""
    exact = Exact(sandbox)
    status, (text,) = refusal(exact.send("GET", "crm/Accounts", select="ID"))
    assert status == 400
    assert text.startswith(
        "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a $filter parameter "
        "with one of the following fields in the url:AccountManager,Accountant,"
    )
    assert text.endswith(",VATNumber.")
    assert len(exact.rows("crm/Accounts", filter=ANY_ID, top=1)) == 1
    assert exact.send("GET", "crm/Accounts", filter="CountryName eq 'x'", select="ID").status_code == 400
    sandbox.reset(exact_online={"mandatory_filter": False, "mandatory_select": False})
    assert Exact(sandbox).send("GET", "crm/Accounts").status_code == 200


def test_bulk_pages_are_larger(sandbox: Sandbox) -> None:
    """A bulk resource shows the same rows, a thousand to a page."""
    sandbox.reset(companies=150)
    exact = Exact(sandbox)
    page = content(exact.send("GET", "bulk/CRM/Accounts", filter=ANY_ID, select="ID,Code"))["d"]
    assert len(page["results"]) == len(exact.table("Accounts")) > 60
    assert "__next" not in page
    assert isinstance(content(exact.send("GET", "bulk/CRM/Accounts", filter=ANY_ID, select="ID", top=61))["d"], list)


def test_paths_in_any_case(sandbox: Sandbox) -> None:
    """Capitals in a path do not matter; a resource that is not there, or not simulated, is 404."""
    exact = Exact(sandbox)
    assert exact.send("GET", "CRM/accounts", filter=ANY_ID, select="ID").status_code == 200
    assert exact.send("GET", "crm/Klanten").status_code == 404
    assert exact.send("GET", f"vat/VATCodes(guid'{exact.coded('VATCodes', '2')}')/Nothing").status_code == 404


def test_atom_is_refused(sandbox: Sandbox) -> None:
    """Exact sends Atom to who does not ask for JSON; the sandbox says so."""
    answer = Exact(sandbox).send("GET", "system/Divisions", headers={"Accept": "*/*"})
    assert (answer.status_code, "Accept: application/json" in answer.text) == (406, True)


def test_rights(sandbox: Sandbox) -> None:
    """Another division, or a resource that a switch forbids, is 403 with the Reason."""
    exact = Exact(sandbox)
    stranger = exact.send("GET", f"{exact.root}/7654321/system/Divisions")
    assert (*refusal(stranger), stranger.headers["Reason"]) == (403, ["Forbidden"], "NoDivisionAccess")
    sandbox.reset(exact_online={"forbidden": {"SalesEntry/": "LicenseExpired"}})
    exact = Exact(sandbox)
    forbidden = exact.send("POST", "salesentry/SalesEntries", {})
    assert (forbidden.status_code, forbidden.headers["Reason"]) == (403, "LicenseExpired")
    assert exact.send("GET", "system/Divisions").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "bulk/CRM/Accounts"),
        ("POST", "system/Divisions"),
        ("PATCH", "crm/Accounts"),
        ("PUT", "crm/Accounts"),
        ("DELETE", "crm/Accounts"),
        ("POST", f"crm/Accounts(guid'{NOWHERE}')"),
        ("POST", f"crm/Accounts(guid'{NOWHERE}')/BankAccounts"),
        ("GET", "salesinvoice/PrintedSalesInvoices"),
    ],
)
def test_methods_that_do_not_exist(sandbox: Sandbox, method: str, path: str) -> None:
    """A method that a resource does not know, or not without a key, is 405."""
    assert Exact(sandbox).send(method, path, {}).status_code == 405


def test_wrong_switches(sandbox: Sandbox) -> None:
    """A switch that does not exist is refused by its name."""
    with pytest.raises(AssertionError, match=r"exact_online.*unknown field `minutes`"):
        sandbox.reset(exact_online={"minutes": 5})
