"""Business validation that all resources have in common. Everything is checked before anything is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.exact_online.errors import Invalid, Problem, not_simulated
from sandbox.exact_online.relations import REFERENCES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.store import Row

NOT_REVENUE = {10, 12, 14, 16, 20, 21, 22, 24, 25}
"""Types of G/L accounts that a sales line cannot be booked on: cash, bank, receivables, payables, VAT, payroll
(picqer/exact-php-client#121: accounts receivable and VAT are refused; the other balance accounts are inferred)."""
BOTH, SALES, PURCHASES = "B", "S", "P"


def refuse(problems: list[Problem]) -> None:
    """Raise what was found, if anything was.

    Raises:
        Invalid: There are problems.
    """
    if problems:
        raise Invalid(problems)


def missing(values: Values, names: Iterable[str]) -> list[Problem]:
    """Return a problem for every name without a value."""
    return [("mandatory", name) for name in names if values.get(name) in (None, "", [])]


def references(division: Division, resource: Resource, values: Values) -> list[Problem]:
    """Return a problem for every value that points at nothing. Guids of things not simulated point at nothing."""
    problems: list[Problem] = []
    for name, value in values.items():
        if value in (None, "") or isinstance(value, list):
            continue
        if name in REFERENCES:
            if division.relations.row(name, value) is None:
                problems.append(("invalid_reference", "Journals" if name == "Journal" else name))
        elif resource.properties[name].type == "Guid" or (name == "Country" and not _is_country(value)):
            problems.append(("invalid_reference", name))
    return problems


def _is_country(text: str) -> bool:
    code = text.strip()
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()


def sales_journal(division: Division, values: Values) -> list[Problem]:
    """Return a problem when the journal is none for sales."""
    journal = division.relations.row("Journal", values.get("Journal"))
    wrong = journal is not None and (journal["Type"] != 20 or journal.get("IsBlocked"))
    return [("invalid", "Journal")] if wrong else []


def customer(division: Division, name: str, account: Any) -> list[Problem]:
    """Return a problem when an account is no customer (picqer/exact-php-client#172)."""
    row = division.relations.row("Account", account)
    return [("not_customer", name)] if row is not None and row.get("Status") != "C" else []


def supplier(division: Division, name: str, account: Any) -> list[Problem]:
    """Return a problem when an account is no supplier (as for customers, picqer/exact-php-client#172)."""
    row = division.relations.row("Account", account)
    return [("not_customer", name)] if row is not None and not row.get("IsSupplier") else []


def revenue_account(division: Division, gl_account: Any) -> list[Problem]:
    """Return a problem when a G/L account is none that sales are booked on."""
    row = division.relations.row("GLAccount", gl_account)
    return [("invalid", "GLAccountType")] if row is not None and row.get("Type") in NOT_REVENUE else []


def cost_dimensions(division: Division, values: Values, gl_account: Any) -> list[Problem]:
    """Return a problem when the G/L account demands a cost centre or unit (Exact REST docs, GLAccounts)."""
    row = division.relations.row("GLAccount", gl_account) or {}
    demanded = [("UseCostcenter", "CostCenter"), ("UseCostunit", "CostUnit")]
    return missing(values, [name for flag, name in demanded if row.get(flag) == 1])


def sales_vat(row: Row | None) -> list[Problem]:
    """Return a problem when a VAT code may not be used for sales (exactonline-api-dotnet-client#138)."""
    return _vat(row, SALES)


def purchase_vat(row: Row | None) -> list[Problem]:
    """Return a problem when a VAT code may not be used for purchases."""
    return _vat(row, PURCHASES)


def _vat(row: Row | None, kind: str) -> list[Problem]:
    wrong = row is not None and (row.get("IsBlocked") or row.get("VATTransactionType", BOTH) not in (BOTH, kind))
    return [("not_allowed", "VATCode")] if wrong else []


def period(division: Division, date: dt.datetime) -> tuple[Row, list[Problem]]:
    """Return the financial period of a date, and a problem when it is closed or there is none."""
    rows = division.tables["FinancialPeriods"].find("FinYear", [date.year])
    found = next((row for row in rows if row["StartDate"] <= date <= row["EndDate"]), None)
    return (found, open_period(division, found)) if found else ({}, [("unknown_year", "")])


def open_period(division: Division, row: Row) -> list[Problem]:
    """Return a problem when a period is closed."""
    closed = division.switches.closed_until
    return [("closed_period", "")] if closed is not None and row["EndDate"].date() <= closed else []


def simulated(values: Values, names: Iterable[str]) -> None:
    """Refuse values whose effect on amounts the sandbox does not compute.

    Raises:
        Refusal: There is such a value.
    """
    for name in names:
        if values.get(name):
            raise not_simulated(name)
