"""Feeds by rowversion, and the seed of the Exact Online half."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import requests

from sandbox import books
from sandbox.exact_online.catalogue import resources
from tests.sandbox.exact_online_calls import ANY_ID, Exact, content, invoice_line, refusal, sales_invoice

if TYPE_CHECKING:
    from tests.conftest import Sandbox

INVOICES = "salesinvoice/SalesInvoices"
FEED = "sync/SalesInvoice/SalesInvoices"
READABLE = [
    resource for resource in resources().values() if "GET" in resource.methods and resource.name != "SyncTimestamp"
]


def stamps(rows: list[dict[str, Any]]) -> list[int]:
    """Return rowversions, which are sent as text."""
    assert all(isinstance(row["Timestamp"], str) for row in rows)
    return [int(row["Timestamp"]) for row in rows]


def test_headers_and_lines_are_one_feed(sandbox: Sandbox) -> None:
    """A feed holds header and lines as rows, the header as line 0, each with a rowversion and an ID of its own."""
    exact = Exact(sandbox)
    head = exact.post(INVOICES, sales_invoice(exact, invoice_line(exact), invoice_line(exact, Quantity=1)))
    rows = exact.rows(FEED, filter="Timestamp gt 1")
    assert [(row["LineNumber"], row["AmountFC"]) for row in rows] == [(0, Decimal("181.5")), (1, 100), (2, 50)]
    assert {row["InvoiceID"] for row in rows} == {head["InvoiceID"]}
    assert len({row["ID"] for row in rows}) == 3
    assert [row["YourRef"] for row in rows] == [head["YourRef"]] * 3
    assert [row["AmountFCExclVat"] for row in rows] == [150, None, None]
    assert stamps(rows) == sorted(set(stamps(rows)))
    rest = exact.rows(FEED, filter=f"Timestamp gt {rows[0]['Timestamp']}L")
    assert rest == rows[1:]
    assert content(exact.send("GET", rest[0]["__metadata"]["uri"]))["d"] == rest[0]


def test_a_change_anywhere_renews_header_and_lines(sandbox: Sandbox) -> None:
    """A changed line makes the whole invoice stand at the end of the feed, once."""
    exact = Exact(sandbox)
    first, second = (exact.post(INVOICES, sales_invoice(exact))["InvoiceID"] for _ in range(2))
    bookmark = stamps(exact.rows(FEED, filter="Timestamp gt 1"))[-1]
    line = next(row["ID"] for row in exact.table("SalesInvoiceLines") if row["InvoiceID"] == first)
    exact.send("PUT", f"salesinvoice/SalesInvoiceLines(guid'{line}')", {"Quantity": 3})
    assert [row["InvoiceID"] for row in exact.rows(FEED, filter=f"Timestamp gt {bookmark}L")] == [first, first]
    assert [row["InvoiceID"] for row in exact.rows(FEED, filter="Timestamp gt 1")] == [second, second, first, first]


def test_feeds_have_long_pages(sandbox: Sandbox) -> None:
    """A feed gives a thousand rows and a link behind the last rowversion; a larger $top does not stop the walk."""
    sandbox.reset(exact_online={"limits": False})
    exact = Exact(sandbox)
    body = sales_invoice(exact, *[invoice_line(exact)] * 250)
    for _ in range(5):
        exact.post(INVOICES, body)
    page = content(exact.send("GET", FEED, filter="Timestamp gt 1", select="ID,Timestamp", top=2000))["d"]
    assert len(page["results"]) == 1000
    assert page["__next"].endswith(f"&$skiptoken={page['results'][-1]['Timestamp']}L")
    rows = exact.all_rows(FEED, filter="Timestamp gt 1", select="ID,Timestamp")
    assert len({row["ID"] for row in rows}) == len(rows) == 5 * 251
    assert stamps(rows) == sorted(stamps(rows))
    bare = content(exact.send("GET", FEED, filter="Timestamp gt 1", select="ID", top=5))["d"]
    assert isinstance(bare, list)


def test_deletions_are_forgotten(sandbox: Sandbox) -> None:
    """The log of deletions is kept for two months."""
    exact = Exact(sandbox)
    guid = exact.post(INVOICES, sales_invoice(exact))["InvoiceID"]
    exact.send("DELETE", f"{INVOICES}(guid'{guid}')")
    assert len(exact.rows("sync/Deleted", filter="Timestamp gt 1")) == 2
    sandbox.clock(seconds=62 * 86_400)
    exact.sign_in_again()
    assert exact.rows("sync/Deleted", filter="Timestamp gt 1") == []


def test_from_which_rowversion_to_read(sandbox: Sandbox) -> None:
    """SyncTimestamp tells the first row that was modified since a date, for the feeds that know it."""
    sandbox.reset(now="2026-10-01T10:00:00Z")
    exact = Exact(sandbox)
    exact.post(INVOICES, sales_invoice(exact))
    sandbox.clock(now="2026-10-02T10:00:00Z")
    exact.sign_in_again()
    exact.post(INVOICES, sales_invoice(exact))
    url = f"{exact.root}/1234567/read/sync/Sync/SyncTimestamp"

    def ask(**query: str) -> requests.Response:
        return requests.get(url, params=query, headers=exact.headers, timeout=20)

    (found,) = content(ask(modified="datetime'2026-10-02'", endPoint="'SalesInvoices'"))["d"]["results"]
    rows = exact.rows(FEED, filter=f"Timestamp gt {int(found['TimeStampAsBigInt']) - 1}L")
    assert (len(rows), rows[0]["Modified"]) == (2, found["Modified"])
    assert content(ask(modified="datetime'2027-01-01'", endPoint="'SalesInvoices'"))["d"]["results"] == []
    for query in ({"modified": "datetime'2026-10-02'"}, {"modified": "datetime'2026-10-02'", "endPoint": "'Items'"}):
        assert refusal(ask(**query))[0] == 400


def test_a_moved_division(sandbox: Sandbox) -> None:
    """A division that moved tells when, and its rowversions are new."""
    sandbox.reset(exact_online={"division_moved": "2026-10-01", "first_timestamp": 5})
    exact = Exact(sandbox)
    assert exact.row("system/Divisions")["DivisionMoveDate"] == "/Date(1790812800000)/"
    assert 5 < stamps(exact.rows("sync/CRM/Accounts", filter="Timestamp gt 1", select="Timestamp"))[0] < 1000


def test_the_seed_is_the_accounting_world(sandbox: Sandbox) -> None:
    """Master data is that of the demo MSP, one item is missing on purpose, and nothing is booked yet."""
    state = sandbox.state("exact_online")

    def codes(name: str) -> set[str]:
        return {row["Code"].strip() for row in state[name]}

    assert codes("GLAccounts") == {account.code for account in books.GL_ACCOUNTS}
    assert codes("Journals") == {journal.code for journal in books.JOURNALS}
    assert codes("PaymentConditions") == {"00", "14", "30", "60"}
    assert (codes("Costcenters"), codes("Costunits")) == ({"SD", "PRJ", "MS"}, {"100", "200"})
    assert {item.code for item in books.ITEMS} < codes("Items")
    products = {code for code in codes("Items") if code.startswith("HW-")}
    assert products == {f"HW-{number}" for number in range(1001, 1023)}
    assert "".join(row["Type"] for row in state["VATCodes"]) == "EEINBBB"
    assert {row["Status"] for row in state["Accounts"]} == {"A", "C", "P"}
    assert {row["Currency"] for row in state["SalesInvoices"]} == set()
    for name in ("SalesInvoices", "SalesEntries", "SalesOrders", "PaymentTerms", "Documents", "TransactionLines"):
        assert state[name] == []


def test_the_seed_is_the_same_every_time(sandbox: Sandbox) -> None:
    """One seed number gives one world, guids included; another number another."""
    sandbox.reset(seed=7, now="2026-10-01T00:00:00Z")
    first = [(row["ID"], row["Name"]) for row in sandbox.state("exact_online")["Accounts"]]
    sandbox.reset(seed=7, now="2026-10-01T00:00:00Z")
    assert [(row["ID"], row["Name"]) for row in sandbox.state("exact_online")["Accounts"]] == first
    sandbox.reset(seed=8, now="2026-10-01T00:00:00Z")
    assert [(row["ID"], row["Name"]) for row in sandbox.state("exact_online")["Accounts"]] != first


def test_every_resource_can_be_read(sandbox: Sandbox) -> None:
    """Every resource of the catalogue answers a well-formed GET with all that was selected."""
    sandbox.reset(exact_online={"limits": False})
    exact = Exact(sandbox)
    guid = exact.post(INVOICES, sales_invoice(exact))["InvoiceID"]
    exact.post("salesinvoice/PrintedSalesInvoices", {"InvoiceID": guid})
    empty = set()
    for resource in READABLE:
        condition = "Timestamp gt 1" if resource.is_sync else ANY_ID.replace("ID", resource.key, 1)
        select = ",".join(name for name, column in resource.properties.items() if not column.is_collection)
        url = f"{exact.root}/{resource.path}" if resource.path.startswith("current/") else resource.path
        needs = {"filter": condition} if resource.filter_by or resource.is_sync else {}
        rows = exact.rows(url, select=select, **needs)
        assert all(set(row) == {"__metadata", *select.split(",")} for row in rows), resource.path
        empty |= set() if rows else {resource.table}
    purchases = {"PurchaseOrderFeed", "PurchaseOrderLines", "PurchaseOrders"}
    receipts = {"GoodsReceiptLines", "GoodsReceipts", "StockSerialNumbers"}
    sales = {"SalesOrderLines", "SalesOrders"}
    assert empty == {"BankAccounts", "Contacts", "Deleted"} | purchases | receipts | sales


def test_a_person_sees_what_arrived(sandbox: Sandbox) -> None:
    """The sandbox's page shows invoices with their reference and amount."""
    exact = Exact(sandbox)
    exact.post(INVOICES, sales_invoice(exact, YourRef="T<1>"))
    page = requests.get(f"{sandbox.url}/_sandbox/", timeout=20).text
    assert "T&lt;1&gt;" in page
    assert "121.00" in page
