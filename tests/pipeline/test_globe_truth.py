"""The three jobs to Exact Globe on the default seed, over both routes, against Autotask's own rows."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import sqlalchemy as sa

from tests.pipeline import half_year
from tests.pipeline.bookkeeping import FREIGHT, UNKNOWN, Autotask, Globe, Row, Rows, differences
from tests.pipeline.running import Jobs
from transfer_ledger.ledger import Ledger
from transfer_ledger.schema import transfers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Sandbox, SandboxServer

ACCOUNTS, INVOICES, PURCHASES = (f"{kind}-to-exact-globe" for kind in ("accounts", "invoices", "purchases"))
DEFAULT = {"companies": 150, "invoices": 400}
"""The sandbox's own seed, whole."""
NOON = "2026-11-02T11:00:00Z"
COMMAND = [
    *(sys.executable, "-m", "sandbox.exact_globe.asimport", "-r{server}", "-D{database}", "-u", "-~", "I"),
    *("-URL{file}", "-T{topic}", "-Oauto"),
]
LEFT = {
    "10056": "no row of invoices.vat_codes fits {region: Caribisch",
    "10078": "no row of invoices.payment_conditions fits {payment_term: Na afspraak}",
    "10101": "Exact Globe has no item HW-1023",
    "10123": "a difference of 1.00; look at the invoice in Autotask",
}
"""What of the seed cannot go over, and why: account and prospect are put right by the job before."""
KEPT = ("PaymentCondition", "VATNumber", "BankAccount")
"""Of an account that was there, what is Exact's to say or a person's."""
OWN_OF_ROUTES = {"docnumber", "ID", "SalesOrderNumber", "PurchaseOrderNumber"}
"""Numbers that Globe gives, and the reference of a purchase order, which the importer keeps a second time."""
HANDSHAKE = 401
PAGE = 100
ORDERS = {
    "SalesOrder": ("SalesOrderNumber", "YourReference"),
    "PurchaseOrder": ("PurchaseOrderNumber", "Description"),
}


class Books(NamedTuple):
    """What a route brought to Globe, and what its ledger says of every document."""

    before: Rows
    globe: Rows
    autotask: Rows
    told: dict[tuple[str, str], tuple[str, str]]
    """Kind and number of a document to its state and reason."""
    calls: dict[str, Counter[str]]
    """Job to how often Globe was called in its first run, by method and entity."""


def _jobs(sandbox: Sandbox, folder: Path, route: str) -> Jobs:
    settings: dict[str, Any] = {
        "services_url": f"{sandbox.globe_url}/Services/Exact.Entity.REST.EG",
        "ledger_url": f"sqlite:///{folder / 'transfers.db'}",
    }
    if route == "xml":
        drop = folder / "drop"
        drop.mkdir()
        files = {"xml_folder": str(drop), "documents_per_file": 200, "import_command": COMMAND}
        settings |= {"route": route, **files}
    loaders = [f"target-exact-globe--{kind}" for kind in ("accounts", "invoices", "purchases")]
    return Jobs(sandbox, {"remember_file": str(folder / "rows.json")}, dict.fromkeys(loaders, settings))


def _books(sandbox: Sandbox, folder: Path, route: str, *jobs: str) -> Books:
    """Run jobs until files are followed to their end."""
    before = sandbox.state("exact_globe")
    running = _jobs(sandbox, folder, route)
    calls = {}
    for job in jobs:
        sandbox.clear_calls()
        running.run(job)
        calls[job] = Counter(f"{call['method']} {call['path'].rpartition('/')[2]}" for call in _answered(sandbox))
        if route == "xml":
            running.run(job)
    ledger = Ledger.open(f"sqlite:///{folder / 'transfers.db'}")
    with ledger.engine.connect() as connection:
        rows = connection.execute(sa.select(transfers)).mappings().all()
    told = {(row["kind"], row["reference"]): (row["state"], row["problems"]) for row in rows}
    ledger.close()
    return Books(before, sandbox.state("exact_globe"), sandbox.state("autotask"), told, calls)


@pytest.fixture(scope="module")
def both(sandbox_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Books]]:
    """Run all three jobs on the default seed, over each route."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLOBE_SANDBOX_URL", sandbox_server.url)
        for route in ("entity-services", "xml"):
            sandbox_server.reset(now=NOON, **DEFAULT)
            folder = tmp_path_factory.mktemp(route)
            found[route] = _books(sandbox_server, folder, route, ACCOUNTS, INVOICES, PURCHASES)
        yield found


def _answered(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [call for call in sandbox.calls("exact_globe") if call["status"] != HANDSHAKE]


def _truth(books: Books) -> Autotask:
    return Autotask(books.autotask, frozenset(row["ItemCode"] for row in books.before["Item"]))


@pytest.mark.parametrize("route", ["entity-services", "xml"])
def test_every_invoice_is_the_order_a_bookkeeper_expects(both: dict[str, Books], route: str) -> None:
    """Debtor, date, condition, lines, codes and amounts of 395 orders, to the cent; what is absent has its reason."""
    books = both[route]
    wanted, found = _truth(books).invoices(), Globe(books.globe).sales()
    assert {name: wrong for name, order in found.items() if (wrong := differences(wanted[name], order))} == {}
    assert wanted.keys() - found.keys() == LEFT.keys()
    for number, reason in LEFT.items():
        state, told = books.told["sales_invoices", number]
        assert state == "failed"
        assert reason in told
    assert len(found) == 395
    assert books.globe["EntityTransactions"] == []


@pytest.mark.parametrize("route", ["entity-services", "xml"])
def test_every_receipt_is_the_order_a_buyer_expects(both: dict[str, Books], route: str) -> None:
    """Supplier, day, goods, quantities, costs and freight; goods that Globe lacks are named on their line."""
    books = both[route]
    wanted, found = _truth(books).receipts(), Globe(books.globe).purchases()
    assert wanted.keys() == found.keys()
    assert {name: wrong for name, order in found.items() if (wrong := differences(wanted[name], order))} == {}
    assert any(line.item == "INKOOP" for order in found.values() for line in order.lines)


@pytest.mark.parametrize("route", ["entity-services", "xml"])
def test_every_company_is_the_account_it_should_be(both: dict[str, Books], route: str) -> None:
    """Each company is one account with all its fields, or the log says why a person has to look first."""
    books = both[route]
    wanted, found = _truth(books).accounts(), Globe(books.globe).accounts()
    held = Globe(books.before).accounts()
    apart: dict[str, Any] = {}
    for code, fields in wanted.items():
        state, reason = books.told["accounts", code]
        if state == "transferred":
            apart[code] = {
                name: found[code].get(name) for name, value in fields.items() if _other(found[code], name, value)
            }
            apart[code] |= {
                name: "changed" for name in KEPT if code in held and held[code].get(name) != found[code].get(name)
            }
        else:
            assert state == "failed"
            assert "is not linked" in reason
            assert found.get(code) == held.get(code)
    assert {code: fields for code, fields in apart.items() if fields} == {}
    assert len(apart) == 115


def _other(account: Row, name: str, value: Any) -> bool:
    return (value or None) != account.get(name)


@pytest.mark.parametrize("kind", ORDERS)
def test_both_routes_hold_the_same_orders(both: dict[str, Books], kind: str) -> None:
    """Every column of every header and line is the same, but for what a route gives by itself."""
    services, files = (_orders(books.globe, kind) for books in both.values())
    assert services == files


def _orders(rows: Rows, kind: str) -> dict[str, list[Row]]:
    number, reference = ORDERS[kind]
    found = {row[number]: row for row in rows[f"{kind}Header"]}
    orders = {row[reference]: [_plain(row)] for row in found.values()}
    for line in sorted(rows[f"{kind}Line"], key=lambda row: int(row["LineNumber"])):
        orders[found[line[number]][reference]].append(_plain(line))
    return orders


def _plain(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in OWN_OF_ROUTES}


def test_both_routes_hold_the_same_accounts(both: dict[str, Books]) -> None:
    """Accounts are the same to the last column that says no time."""
    services, files = (
        {code: {name: row[name] for name in row if not name.endswith(("Date", "Since", "ID"))} for code, row in found}
        for found in (Globe(books.globe).accounts().items() for books in both.values())
    )
    assert services == files


@pytest.mark.parametrize("route", ["entity-services", "xml"])
def test_half_a_year_of_receipts_is_what_is_known_to_be_true(
    sandbox: Sandbox, tmp_path: Path, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrivals, exchanges and what went back: goods, costs, freight, day and supplier are those that were played."""
    monkeypatch.setenv("GLOBE_SANDBOX_URL", sandbox.url)
    sandbox.reset(now=NOON, receipts=120)
    books = _books(sandbox, tmp_path, route, PURCHASES)
    globe = books.globe
    truth = {f"{row['purchase_order_number']}/{row['id']}": row for row in sandbox.truth("receipts")}
    found = Globe(globe).purchases()
    wanted = {name for name, row in truth.items() if row["settled"] and row["kind"] != "nothing"}
    assert found.keys() <= wanted
    for name in wanted - found.keys():
        assert truth[name]["supplier_code"] is None
        assert "is no creditor" in books.told["purchase_orders", name][1]
    goods = _goods(globe)
    for name, order in found.items():
        told = truth[name]
        assert (order.date, order.party) == (told["received_on"], told["supplier_code"] or order.party)
        carried = Decimal(str(told["freight"])) if told["first_of_order"] else Decimal(0)
        assert sum(line.amount for line in order.lines if line.item == FREIGHT) == carried
        assert goods[name] == half_year.told(told)
        sold = {row["ItemCode"] for row in globe["ItemAccount"] if row["CreditorNumber"].strip() == order.party}
        codes = {row["item_code"] for row in told["rows"]} & ({row["sku"] for row in told["rows"]} | sold)
        assert {line.item for line in order.lines} - {FREIGHT, UNKNOWN} == codes - {None}


def _goods(globe: Rows) -> dict[str, Counter[tuple[str, Decimal]]]:
    """Return by reference how much there is of each good at each cost."""
    references = {row["PurchaseOrderNumber"]: row["Description"] for row in globe["PurchaseOrderHeader"]}
    sums: defaultdict[str, Counter[tuple[str, Decimal]]] = defaultdict(Counter)
    for row in globe["PurchaseOrderLine"]:
        if row["ItemCode"] != FREIGHT:
            sums[references[row["PurchaseOrderNumber"]]][row["Description"], row["Price"]] += int(row["Quantity"])
    return sums


def test_four_hundred_invoices_cost_their_writes_and_each_list_once(both: dict[str, Books]) -> None:
    """A call for each line and each order, one look at what was there, one for each page of a list, and no other."""
    books = both["entity-services"]
    calls, globe = books.calls[INVOICES], books.globe
    writes = {
        "POST SalesOrderLine": len(globe["SalesOrderLine"]),
        "POST SalesOrderHeader": len(globe["SalesOrderHeader"]),
    }
    assert writes == {name: count for name, count in calls.items() if not name.startswith("GET ")}
    reads = {name.removeprefix("GET "): count for name, count in calls.items() if name.startswith("GET ")}
    pages = {name: -(-len(globe[name]) // PAGE) for name in reads if name in globe}
    assert reads == pages | {"$metadata": 1, "SalesOrderHeader": 1}


def test_files_cost_the_lists_alone(both: dict[str, Books]) -> None:
    """While files are filled no order is looked up: only what was there before, and the last one once it is in."""
    calls = both["xml"].calls[INVOICES]
    assert {name for name in calls if not name.startswith("GET ")} == set()
    assert calls["GET SalesOrderHeader"] <= 1 + 2
