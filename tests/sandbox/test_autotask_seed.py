"""The seed of the Autotask half: believable, its sums coherent, its defects exactly those that are documented."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.app import Sandbox
from sandbox.autotask.seed.planted import BROKEN, PLANTS, ROOM, positions
from sandbox.world import MISSING_IN_EXACT, PRODUCTS

Rows = dict[str, list[dict[str, Any]]]
CENT = Decimal("0.01")
FOUR = Decimal("0.0001")
NOW = "2026-11-02T09:00:00Z"


def _seed(**options: Any) -> Rows:
    sandbox = Sandbox({"now": NOW, **options})
    return sandbox.halves["autotask"].state(sandbox.context)


@pytest.fixture(scope="module")
def rows() -> Rows:
    """All rows of the seed that a sandbox has without options."""
    return _seed()


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def _by_id(rows: Rows, entity: str) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in rows[entity]}


def _lines(rows: Rows) -> dict[int, list[dict[str, Any]]]:
    lines = defaultdict(list)
    for item in rows["BillingItems"]:
        lines[item["invoiceID"]].append(item)
    return lines


def _planted(rows: Rows) -> dict[str, dict[str, Any]]:
    """Return the planted invoices by what is odd about them."""
    spots = positions(len(rows["Invoices"]))
    names = dict(zip(spots, PLANTS, strict=True))
    return {names[number]: invoice for number, invoice in enumerate(rows["Invoices"]) if number in names}


def test_amounts(rows: Rows) -> None:
    """There are 150 companies besides the MSP's own, 400 invoices and 2,000 lines, a few items not yet invoiced."""
    assert len(rows["Companies"]) == 151
    assert len(rows["Invoices"]) == 400
    assert sum(item["invoiceID"] is not None for item in rows["BillingItems"]) == 2000
    assert 0 < sum(item["invoiceID"] is None for item in rows["BillingItems"]) < 10


def test_same_number_same_rows() -> None:
    """A seed number gives the same rows every time, another number others."""
    assert _seed(invoices=30) == _seed(invoices=30)
    assert _seed(invoices=30)["Invoices"] != _seed(invoices=30, seed=2)["Invoices"]


def test_lines_add_up(rows: Rows) -> None:
    """A line is quantity times rate to four decimals, its tax rate times that; invoices hold the sums."""
    rates = {(row["taxRegionID"], row["taxCategoryID"]): _decimal(row["taxRate"]) for row in rows["Taxes"]}
    regions = {row["name"]: row["id"] for row in rows["TaxRegions"]}
    differences = []
    lines = _lines(rows)
    for invoice in rows["Invoices"]:
        region = regions[invoice["taxRegionName"]]
        net = tax = Decimal(0)
        for item in lines[invoice["id"]]:
            extended = _decimal(item["extendedPrice"])
            product = _decimal(item["quantity"]) * _decimal(item["rate"])
            assert extended == product.quantize(FOUR, ROUND_HALF_UP)
            rate = rates[region, item["taxCategoryID"]]
            assert _decimal(item["taxDollars"]) == (extended * rate).quantize(FOUR, ROUND_HALF_UP)
            assert item["totalAmount"] == item["extendedPrice"]
            net, tax = net + extended, tax + _decimal(item["taxDollars"])
        assert _decimal(invoice["totalTaxValue"]) == tax
        differences.append(_decimal(invoice["invoiceTotal"]) - net)
    assert sorted(difference for difference in differences if difference) == [Decimal("1.00")]


def test_tax_agrees_to_the_cent(rows: Rows) -> None:
    """VAT computed once per rate from amounts in cents is Autotask's tax to the cent, on every invoice."""
    rates = {(row["taxRegionID"], row["taxCategoryID"]): _decimal(row["taxRate"]) for row in rows["Taxes"]}
    regions = {row["name"]: row["id"] for row in rows["TaxRegions"]}
    lines = _lines(rows)
    for invoice in rows["Invoices"]:
        bases: dict[Decimal, Decimal] = defaultdict(Decimal)
        for item in lines[invoice["id"]]:
            rate = rates[regions[invoice["taxRegionName"]], item["taxCategoryID"]]
            bases[rate] += _decimal(item["extendedPrice"])
        vat = sum(_cents(rate * _cents(base)) for rate, base in bases.items())
        net, tax = sum(bases.values(), Decimal(0)), _decimal(invoice["totalTaxValue"])
        assert vat == _cents(tax)
        assert _cents(net) + vat == _cents(net + tax)


def test_foreign_currency(rows: Rows) -> None:
    """Lines of a foreign customer hold the internal amounts beside their own."""
    companies, currencies = _by_id(rows, "Companies"), _by_id(rows, "Currencies")
    seen: Counter[str] = Counter()
    for item in rows["BillingItems"]:
        currency = currencies[companies[item["companyID"]]["currencyID"] or 1]
        seen[currency["name"]] += 1
        expected = (_decimal(item["extendedPrice"]) * _decimal(currency["exchangeRate"])).quantize(FOUR, ROUND_HALF_UP)
        assert _decimal(item["internalCurrencyExtendedPrice"]) == expected
    assert set(seen) == {"EUR", "USD", "GBP"}


def test_every_kind_of_line(rows: Rows) -> None:
    """Labour, products, services, milestones, expenses, discounts, zero lines and seven decimals all occur."""
    items = rows["BillingItems"]
    assert {item["billingItemType"] for item in items} >= {1, 2, 3, 4, 6, 7, 8, 9, 11, 14}
    assert any(item["extendedPrice"] < 0 and item["subType"] == 5 for item in items)
    assert any(item["nonBillable"] == 1 and item["extendedPrice"] == 0 for item in items)
    assert any(item["nonBillable"] == 0 and item["extendedPrice"] == 0 for item in items)
    assert any(-_exponent(item["quantity"]) == 7 for item in items)
    assert any(-_exponent(item["rate"]) == 7 for item in items)
    assert Counter(len(lines) for lines in _lines(rows).values())[1] > 10


def _exponent(value: float) -> int:
    exponent = _decimal(value).as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def test_sources_belong_to_their_lines(rows: Rows) -> None:
    """A line's charge, time entry, expense or milestone is there, once, with the line's quantity or amount."""
    sources = {
        "ticketChargeID": "TicketCharges", "projectChargeID": "ProjectCharges", "contractChargeID": "ContractCharges",
        "timeEntryID": "TimeEntries", "expenseItemID": "ExpenseItems", "milestoneID": "ContractMilestones",
    }  # fmt: skip
    for column, entity in sources.items():
        used = [item[column] for item in rows["BillingItems"] if item[column] is not None]
        assert sorted(used) == sorted(row["id"] for row in rows[entity])
    charges = _by_id(rows, "TicketCharges")
    for item in rows["BillingItems"]:
        if item["ticketChargeID"]:
            assert charges[item["ticketChargeID"]]["unitQuantity"] == item["quantity"]


def test_ids_grow_with_the_making(rows: Rows) -> None:
    """Invoices were made over the last half year, in the order of their ids, and there are gaps."""
    made = [invoice["createDateTime"][:19] for invoice in rows["Invoices"]]
    assert made == sorted(made)
    assert dt.date.fromisoformat(made[0][:10]) > dt.date(2026, 5, 1)
    assert made[-1] < NOW
    ids = [invoice["id"] for invoice in rows["Invoices"]]
    assert len(ids) < ids[-1] - ids[0]


def test_planted_defects(rows: Rows) -> None:
    """Each defect stands on one invoice: what is missing in Exact, what has no mapping, and a wrong total."""
    planted, companies = _planted(rows), _by_id(rows, "Companies")
    lines = _lines(rows)
    numbers = {name: companies[invoice["companyID"]]["companyNumber"] for name, invoice in planted.items()}
    assert (numbers["account missing"], numbers["account is a prospect"]) == ("D10001", "D10002")
    assert planted["tax region without VAT row"]["taxRegionName"] == "Caribisch"
    assert planted["payment term without condition"]["paymentTerm"] == 5
    charges, products = _by_id(rows, "TicketCharges"), _by_id(rows, "Products")
    used = [charges[item["ticketChargeID"]].get("productID") for item in rows["BillingItems"] if item["ticketChargeID"]]
    skus = Counter(products[product]["sku"] for product in used if product)
    assert skus[MISSING_IN_EXACT] == 1
    assert [product.sku for product in PRODUCTS if not product.in_exact] == [MISSING_IN_EXACT]
    assert all(lines[invoice["id"]] for invoice in planted.values())


def test_defects_stand_once(rows: Rows) -> None:
    """Nothing else has a planted defect, so that all but six invoices, and the voided one, can be transferred."""
    companies = _by_id(rows, "Companies")
    found = Counter(companies[invoice["companyID"]]["companyNumber"] for invoice in rows["Invoices"])
    assert (found["D10001"], found["D10002"], found["D10003"]) == (1, 1, 1)
    assert sum(invoice["paymentTerm"] == 5 for invoice in rows["Invoices"]) == 1
    assert sum(invoice["isVoided"] for invoice in rows["Invoices"]) == 1
    assert sum(invoice["invoiceTotal"] < 0 for invoice in rows["Invoices"]) == 1
    assert len(BROKEN) == 6


def test_planted_oddities(rows: Rows) -> None:
    """Quotes, emoji, NUL and texts of 4,000 characters occur; one invoice has no number."""
    planted, lines = _planted(rows), _lines(rows)
    texts = "".join(item["description"] for item in lines[planted["odd texts"]["id"]])
    assert "\x00" in texts
    long = lines[planted["long texts"]["id"]][0]
    assert [len(long[name]) for name in ("itemName", "description", "lineItemFullDescription")] == [255, 2000, 4000]
    assert [invoice["id"] for invoice in rows["Invoices"] if not invoice["invoiceNumber"]] == [
        planted["unnumbered"]["id"]
    ]
    assert {_by_id(rows, "Companies")[planted[name]["companyID"]]["currencyID"] for name in ("dollars", "pounds")} == {
        2,
        3,
    }


def test_small_seed_is_planted_too() -> None:
    """The seed of the tests' fixture holds every planted invoice, and every line's kind of tax region."""
    rows = _seed(companies=12, invoices=ROOM)
    assert set(_planted(rows)) == set(PLANTS)
    assert {invoice["taxRegionName"] for invoice in rows["Invoices"]} == {
        "NL", "NL verlegd", "EU", "Buiten EU", "Caribisch",
    }  # fmt: skip
    assert sum(item["invoiceID"] is not None for item in rows["BillingItems"]) == 5 * ROOM


@pytest.mark.parametrize("options", [{"invoices": 19}, {"invoices": 60, "planted": False}])
def test_without_planted_ones(options: dict[str, Any]) -> None:
    """A handful of invoices, or a scenario that says so, holds nothing odd or broken."""
    rows = _seed(companies=12, **options)
    assert len(rows["Invoices"]) == options["invoices"]
    broken = {row["id"] for row in rows["Companies"] if row["companyNumber"] in ("D10001", "D10002", "D10003")}
    assert not broken & {invoice["companyID"] for invoice in rows["Invoices"]}
    assert all(invoice["invoiceNumber"] and not invoice["isVoided"] for invoice in rows["Invoices"])


@pytest.mark.parametrize("invoices", [0, 1])
def test_hardly_any_invoices(invoices: int) -> None:
    """A tenant with no invoice, or with one, is possible."""
    assert len(_seed(companies=12, invoices=invoices)["Invoices"]) == invoices


def test_purchase_orders_hang_together(rows: Rows) -> None:
    """What was received fits the order's status: all of it, a part, or nothing."""
    received = Counter[int]()
    for row in rows["PurchaseOrderItemReceiving"]:
        assert row["quantityPreviouslyReceived"] == received[row["purchaseOrderItemID"]]
        received[row["purchaseOrderItemID"]] += row["quantityNowReceiving"]
    orders = _by_id(rows, "PurchaseOrders")
    for item in rows["PurchaseOrderItems"]:
        status, left = orders[item["orderID"]]["status"], item["quantity"] - received[item["id"]]
        expected = {4: left == 0, 3: 0 < left < item["quantity"]}.get(status, left == item["quantity"])
        assert expected
    assert {order["status"] for order in orders.values()} == {1, 2, 3, 4, 5}


@given(seed=st.integers(0, 10**6), invoices=st.integers(0, 60), companies=st.integers(12, 40))
@settings(max_examples=15, deadline=None)
def test_any_seed_holds_five_lines_an_invoice(seed: int, invoices: int, companies: int) -> None:
    """Whatever the seed and the numbers, there are as many invoices as asked for and five times as many lines."""
    rows = _seed(seed=seed, invoices=invoices, companies=companies)
    assert len(rows["Invoices"]) == invoices
    assert sum(item["invoiceID"] is not None for item in rows["BillingItems"]) == 5 * invoices
    assert all(lines for lines in _lines(rows).values())
