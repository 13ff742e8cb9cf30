"""Changes to sales entries: of their header, of their lines, and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online import checks, postings, rates
from sandbox.exact_online.sales_entries import (
    HEADERS,
    NOT_SIMULATED,
    POSTED,
    line_problems,
    line_row,
    lines_of,
    period_of,
    store,
)
from sandbox.exact_online.sales_lines import OVERRIDE
from sandbox.exact_online.vat import cents

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

FIXED = ("EntryNumber", "InvoiceNumber", "Journal")
KEPT = ("Currency", "Customer", "EntryDate", "PaymentCondition", "Rate", "VATAmountFC")
"""What an entry cannot be without: null does not empty it."""
PERIOD = ("ReportingYear", "ReportingPeriod")


def change(division: Division, head: Row, values: Values) -> None:
    """Change the header of an entry; its journal, numbers and lines stay.

    Raises:
        Invalid: Its period is closed, or a value is wrong.
    """
    wanted = {
        name: value
        for name, value in values.items()
        if not isinstance(value, list) and name not in FIXED and (value is not None or name not in KEPT)
    }
    checks.simulated(wanted, NOT_SIMULATED)
    changed = {**head, **wanted}
    dated = {"EntryDate": changed["EntryDate"]} if "EntryDate" in wanted else changed
    period, problems = period_of(division, dated | {name: wanted[name] for name in PERIOD if name in wanted})
    problems += check_period(division, head) + checks.references(division, HEADERS, wanted)
    problems += checks.customer(division, "Customer", changed["Customer"])
    checks.refuse(problems)
    changed |= {"ReportingYear": period["FinYear"], "ReportingPeriod": period["FinPeriod"]}
    if "VATAmountFC" in wanted:
        changed[OVERRIDE] = cents(wanted["VATAmountFC"])
    moved = any(changed[name] != head[name] for name in ("EntryDate", "PaymentCondition"))
    if changed.get("DueDate") is None or (moved and "DueDate" not in wanted):
        changed["DueDate"] = rates.due_date(division, changed["PaymentCondition"], changed["EntryDate"])
    store(division, changed, lines_of(division, head))


def check_period(division: Division, head: Row) -> list[Problem]:
    """Return a problem when the period an entry stands in is closed."""
    return period_of(division, head)[1]


def remove(division: Division, head: Row) -> None:
    """Remove an entry with its lines and terms.

    Raises:
        Invalid: Its period is closed, or it is matched with a payment.
    """
    paid: list[Problem] = [("processed", "")] if postings.is_matched(division, head) else []
    checks.refuse(check_period(division, head) + paid)
    for line in lines_of(division, head):
        division.delete("SalesEntryLines", line["ID"])
    postings.withdraw(division, head)
    division.delete("SalesEntries", head["EntryID"])


def create_line(division: Division, values: Values) -> Row:
    """Add a line to an entry.

    Raises:
        Invalid: The entry is unknown, its period is closed, or a value is wrong.
    """
    head = division.tables["SalesEntries"].get(values.get("EntryID"))
    closed = check_period(division, head) if head else []
    checks.refuse(checks.missing(values, ["EntryID"]) + line_problems(division, values) + closed)
    assert head is not None
    row = line_row(division, head, values)
    store(division, head, [*lines_of(division, head), row])
    return division.tables["SalesEntryLines"].get(row["ID"]) or {}


def change_line(division: Division, line: Row, values: Values) -> None:
    """Change a line of an entry.

    Raises:
        Invalid: The period is closed, or a value is wrong.
    """
    head = division.tables["SalesEntries"].get(line["EntryID"]) or {}
    wanted = {name: value for name, value in values.items() if value is not None and name != "EntryID"}
    checks.refuse(line_problems(division, wanted, add=False) + check_period(division, head))
    amount = {} if "AmountFC" in wanted else {"AmountFC": line.get(POSTED, line["AmountFC"])}
    override = {"VATAmountFC": line[OVERRIDE]} if OVERRIDE in line and "VATAmountFC" not in wanted else {}
    kept = {name: value for name, value in line.items() if name not in (POSTED, OVERRIDE, "VATAmountFC")}
    changed = line_row(division, head, {**kept, **amount, **override, **wanted}) | {"ID": line["ID"]}
    lines = [changed if other["ID"] == line["ID"] else other for other in lines_of(division, head)]
    store(division, head, lines)


def remove_line(division: Division, line: Row) -> None:
    """Remove a line; with the last one goes the entry (ossobv/exactonline).

    Raises:
        Invalid: The period is closed.
    """
    head = division.tables["SalesEntries"].get(line["EntryID"]) or {}
    rest = [other for other in lines_of(division, head) if other["ID"] != line["ID"]]
    if not rest:
        remove(division, head)
        return
    checks.refuse(check_period(division, head))
    division.delete("SalesEntryLines", line["ID"])
    store(division, head, rest)
