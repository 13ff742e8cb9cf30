"""The sandbox's bookkeeper under any sequence of events: terms in Exact and what is said to be true never part."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.app import Sandbox
from sandbox.exact_online.postings import TERM_MATCHED
from sandbox.scenarios.payments import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.scenarios.payments import Followed, Payments

DAY = dt.date(2026, 10, 1)
CENT = Decimal("0.01")
OPTIONS = {"companies": 12, "invoices": 60, "payments": True, "now": "2026-11-02T09:00:00Z"}
SWITCHES = st.fixed_dictionaries(
    {
        "fully_paid": st.sampled_from(["row", "transaction"]),
        "split_keeps": st.sampled_from(["part", "rest"]),
        "unmatch_merges": st.booleans(),
    }
)


def share(one: Followed, percent: int) -> Decimal | None:
    """Return so much of what is open, in cents; None: all of it."""
    return None if percent == 100 else (one.open * percent / 100).quantize(CENT)


EVENTS: dict[str, Callable[[Payments, Followed, Followed, int, dt.date], Any]] = {
    "pay": lambda books, one, _, percent, day: books.pay({one: share(one, percent)}, day, Decimal(percent)),
    "pay both": lambda books, one, other, percent, day: books.pay({one: share(one, percent), other: None}, day),
    "credit": lambda books, one, _, percent, day: books.credit({one: share(one, percent)}, day),
    "write off": lambda books, one, _, percent, day: books.write_off({one: share(one, percent)}, day),
    "split": lambda books, one, _, percent, day: books.split(one, [(share(one, percent) or CENT, day)]),
    "undo": lambda books, one, _o, _p, _d: books.unmatch(one.parts[-1].match if one.parts else 0),
    "match again": lambda books, one, _, percent, _d: books.match(
        max(books.receipts, default=0), {one: share(one, percent)}
    ),
    "collect": lambda books, one, _o, _p, _d: books.collect(one, 40),
    "remove": lambda books, one, _o, _p, _d: books.remove(one),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(EVENTS)),
        st.integers(0, 5),
        st.integers(0, 5),
        st.integers(1, 100),
        st.integers(0, 30),
    ),
    max_size=25,
)


def check(books: Payments) -> None:
    """Compare all terms in Exact with the bookkeeper's notes."""
    by_entry: dict[str, list[Any]] = defaultdict(list)
    by_match: dict[Any, Decimal] = defaultdict(Decimal)
    for row in books.division.tables["PaymentTerms"]:
        by_entry[row["TransactionEntryID"]].append(row)
        by_match[row.get("_Match")] += row["AmountFC"]
    by_match.pop(None, None)
    assert set(by_match.values()) <= {Decimal(0)}
    for one in books.followed.values():
        rows = by_entry[one.entry or ""]
        if one.entry is None or one.is_removed:
            assert rows == []
            continue
        still_open = [row for row in rows if row["Status"] != TERM_MATCHED]
        assert -sum(row["AmountFC"] for row in rows) == one.amount
        assert -sum(row["AmountFC"] for row in still_open) == one.open
        assert -sum(row["AmountDC"] for row in rows) == rows[0]["TransactionAmountDC"]
        assert len({row["_HID"] for row in rows}) == len(rows)


@settings(max_examples=30, deadline=None)
@given(switches=SWITCHES, currency=st.sampled_from(["EUR", "USD"]), steps=STEPS)
def test_terms_and_truth_never_part(
    switches: dict[str, Any], currency: str, steps: list[tuple[str, int, int, int, int]]
) -> None:
    """Whatever happens in whatever order, terms add up to their invoice, and what is matched to nothing."""
    books: Payments = _begin(switches)
    customers = defaultdict(list)
    for one in books.followed.values():
        entry = books.division.tables["SalesEntries"].get(one.entry) if one.entry and not one.is_removed else None
        if entry and entry["Currency"] == currency:
            customers[entry["Customer"]].append(one)
    known = max(customers.values(), key=len)
    for event, first, second, percent, days in steps:
        one, other = known[first % len(known)], known[second % len(known)]
        before = len(list(books.division.tables["PaymentTerms"]))
        try:
            EVENTS[event](books, one, other, percent, DAY + dt.timedelta(days=days))
        except NotPossibleError:
            assert len(list(books.division.tables["PaymentTerms"])) == before
        check(books)


def _begin(switches: dict[str, Any]) -> Payments:
    begun: Payments = Sandbox(OPTIONS | {"exact_online": switches}).context.payments
    return begun
