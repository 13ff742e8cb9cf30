"""What the bookkeeper of the demo does between two jobs: prints invoices in Exact Online and books the bank.

Ordered of the sandbox as a tester would, so that what Autotask holds afterwards can be compared with what is true.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import requests

PRINTED = 120
"""So many invoices are printed; those that nothing befalls stay open."""
EVENTS = (("pay", 60), ("pay_in_part", 12), ("pay_twice", 6), ("credit", 5), ("write_off", 4), ("reopen", 3))
"""What befalls them, and how many."""


def play(url: str) -> None:
    """Print invoices that were transferred, and let them be paid, in part too, credited, written off, opened again."""
    names = _printed(url)
    for event, count in EVENTS:
        for _ in range(count):
            _befall(url, event, names.pop())


def _printed(url: str) -> list[str]:
    """Print the latest invoices that nobody gave a paid date in Autotask; return their references."""
    state = requests.get(f"{url}/_sandbox/state/autotask", timeout=120).json()["Invoices"]
    dated = {row["invoiceNumber"] for row in state if row["paidDate"] or row["isVoided"] or not row["invoiceNumber"]}
    rows = requests.get(f"{url}/_sandbox/state/exact_online", timeout=120).json()["SalesInvoices"]
    names = [row["YourRef"] for row in rows if row["YourRef"] not in dated and row["AmountDC"] > 0]
    chosen = [name for name in names if not name.endswith("-void")][-PRINTED:]
    for name in chosen:
        _order(url, "process", name)
    return chosen


def _befall(url: str, event: str, name: str) -> None:
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=2)
    if event == "pay_in_part":
        _order(url, "pay", name, Decimal("10.00"), date=day)
    elif event == "pay_twice":
        _order(url, "pay", name, Decimal("10.00"), date=day - dt.timedelta(days=2))
        _order(url, "pay", name, date=day)
    else:
        _order(url, "pay" if event == "reopen" else event, name, date=day)
    if event == "reopen":
        _order(url, "unmatch", name)


def _order(url: str, event: str, name: str, amount: Decimal | None = None, date: dt.date | None = None) -> None:
    order: dict[str, Any] = {"event": event, "invoices": {name: amount if amount is None else str(amount)}}
    answer = requests.post(
        f"{url}/_sandbox/payments", json=order | ({"date": date.isoformat()} if date else {}), timeout=60
    )
    if not answer.ok:
        raise SystemExit(f"the sandbox refused {event} of {name}: {answer.text}")


def compare(url: str) -> tuple[int, list[str]]:
    """Lay the paid dates of Autotask beside what is true; return how many agree, and what differs."""
    held = {
        row["id"]: (row["paidDate"] or "")[:10]
        for row in requests.get(f"{url}/_sandbox/state/autotask", timeout=120).json()["Invoices"]
    }
    told = requests.get(f"{url}/_sandbox/truth/payments", timeout=60).json()
    known = [each for each in told if each["invoice_id"]]
    wrong = [
        f"{each['reference']}: {held[each['invoice_id']] or 'none'} in Autotask, {each['settled_on'] or 'none'} is true"
        for each in known
        if held[each["invoice_id"]] != (each["settled_on"] or "")
    ]
    return len(known) - len(wrong), wrong
