"""Currencies, payment conditions and numbers: what every sales document needs of the division's settings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.exact_online import times
from sandbox.exact_online.vat import cents

if TYPE_CHECKING:
    import datetime as dt
    from typing import Any

    from sandbox.exact_online.division import Division
    from sandbox.store import Row

HOME_CURRENCY = "EUR"
HOUSE_CONDITION = "30"
"""The payment condition of accounts that have none: a company setting."""


def exchange_rate(division: Division, currency: str, date: dt.datetime) -> Decimal:
    """Return how many units of the division's currency one unit of another is on a date."""
    if currency == HOME_CURRENCY:
        return Decimal(1)
    rows = division.tables["ExchangeRates"].find("SourceCurrency", [currency])
    valid = [row for row in rows if row["StartDate"] <= date] or rows
    rate: Decimal = max(valid, key=lambda row: row["StartDate"])["Rate"]
    return rate


def at_rate(amount: Decimal, rate: Decimal) -> Decimal:
    """Return an amount in the division's currency, in cents."""
    return amount if rate == 1 else cents(amount * rate)


def condition_of(account: Row) -> str:
    """Return the payment condition for sales to an account."""
    return str(account.get("PaymentConditionSales") or HOUSE_CONDITION)


def due_date(division: Division, condition: Any, date: dt.datetime) -> dt.datetime:
    """Return when a document of a date is due."""
    row = division.relations.row("PaymentCondition", condition) or {}
    return times.due_date(date, row.get("PaymentEndOfMonths") or 0, row.get("PaymentDays") or 0)


def first_number(journal: str, year: int) -> int:
    """Return the first number of a journal in a year: year, journal and four digits (the default, YYJJNNNN)."""
    digits = journal if journal.isdecimal() else "0"
    return int(f"{year % 100:02}{digits:0>2}0001")


def next_number(division: Division, journal: str, year: int) -> int:
    """Use the next number of a journal."""
    return division.next_number((journal, year), first_number(journal, year))
