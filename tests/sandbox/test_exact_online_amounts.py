"""Sales documents of the Exact Online half with any amounts: they are refused, or they add up."""

from __future__ import annotations

import datetime as dt
import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.context import Context
from sandbox.exact_online import bodies, sales_entries, sales_invoices
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.division import Division
from sandbox.exact_online.errors import Invalid, Refusal
from sandbox.exact_online.seed import fill
from sandbox.exact_online.switches import Switches
from sandbox.options import Options
from sandbox.world import build_world

JSON = dict[str, Any]
CENT = Decimal("0.01")
INVOICES = resource("salesinvoice/SalesInvoices")
AMOUNTS = st.decimals(-(10**6), 10**6, places=7)
CODES = st.sampled_from([f"{number}  " for number in range(1, 8)])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["1e-999", "0e9"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(INVOICES.properties)), inner),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def division() -> Division:
    """Return the seeded division, without a server around it."""
    context = Context(Options(), Clock(dt.datetime(2026, 10, 1, tzinfo=dt.UTC)), build_world(1, 12))
    seeded = Division(context, Switches())
    fill(seeded)
    return seeded


def guid(division: Division, table: str, column: str, value: Any) -> str:
    """Return the guid of the first row with a value."""
    row = division.find(table, column, value)
    assert row is not None
    return str(row["ID"])


@given(lines=st.lists(st.tuples(AMOUNTS, AMOUNTS, CODES), min_size=1, max_size=6))
def test_invoices_add_up(division: Division, lines: list[tuple[Decimal, Decimal, str]]) -> None:
    """Lines are price times quantity in cents; net is their sum, gross is net and VAT, and an entry books the same."""
    item = guid(division, "Items", "Code", "ARBEID")
    posted = [{"Item": item, "Quantity": one, "NetPrice": two, "VATCode": code} for one, two, code in lines]
    customer = guid(division, "Accounts", "Status", "C")
    head = sales_invoices.create(division, {"OrderedBy": customer, "Currency": "EUR", "SalesInvoiceLines": posted})
    products = [(one * two).quantize(CENT, ROUND_HALF_UP) for one, two, _ in lines]
    inclusive = sum((amount for amount, line in zip(products, lines, strict=True) if line[2] == "3  "), Decimal(0))
    inside = (inclusive * Decimal("0.21") / Decimal("1.21")).quantize(CENT, ROUND_HALF_UP)
    assert head["AmountFCExclVat"] == sum(products) - inside
    assert head["AmountFC"] == head["AmountFCExclVat"] + head["VATAmountFC"]
    assert head["AmountFC"] == head["AmountFC"].quantize(CENT)
    stored = division.tables["SalesInvoiceLines"].find("InvoiceID", [head["InvoiceID"]])
    entry = sales_entries.book_invoice(
        division, head | {"InvoiceNumber": 1}, stored, {"FinYear": 2026, "FinPeriod": 10}
    )
    assert (entry["AmountFC"], entry["VATAmountFC"]) == (head["AmountFC"], head["VATAmountFC"])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(body=st.dictionaries(st.sampled_from([*sorted(INVOICES.properties), "Klant"]), ANYTHING))
def test_no_body_breaks_the_sandbox(division: Division, body: JSON) -> None:
    """Whatever JSON is posted as an invoice is refused, or read and then refused by business rules."""
    before = len(division.tables["SalesInvoices"])
    with pytest.raises((Refusal, Invalid)):
        sales_invoices.create(division, bodies.read(json.dumps(body).encode(), INVOICES, Switches(), verb="post"))
    assert len(division.tables["SalesInvoices"]) == before
