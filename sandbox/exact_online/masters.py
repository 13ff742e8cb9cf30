"""Master data that needs no rules of its own: items, ledger and VAT codes, conditions, cost centres and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online import checks
from sandbox.exact_online.errors import Invalid

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

MANDATORY = {"ExchangeRates": ("Rate", "SourceCurrency"), "Journals": ("Code", "Description", "Type")}
MANDATORY_ELSEWHERE = ("Code", "Description")
FIXED = {"Costcenters": ("Code",), "Costunits": ("Code",)}
"""Columns that the API cannot change (Exact REST docs, hrm/Costcenters)."""
USED_BY: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Items": (
        ("ID", "PurchaseOrderLines", "Item"),
        ("ID", "SalesInvoiceLines", "Item"),
        ("ID", "SalesOrderLines", "Item"),
    ),
    "GLAccounts": (("ID", "SalesInvoiceLines", "GLAccount"), ("ID", "SalesEntryLines", "GLAccount")),
    "Journals": (("Code", "SalesInvoices", "Journal"), ("Code", "SalesEntries", "Journal")),
    "VATCodes": (("Code", "SalesInvoiceLines", "VATCode"), ("Code", "SalesEntryLines", "VATCode")),
}
"""Where rows are used: by which of their columns, in which table, in which column."""
STARTING: dict[str, Row] = {
    "ExchangeRates": {"TargetCurrency": "EUR"},
    "Items": {"IsSalesItem": True, "IsPurchaseItem": False, "IsFractionAllowedItem": True},
}
"""That a new item is not bought until somebody says so is inferred."""


def create(division: Division, resource: Resource, values: Values) -> Row:
    """Create a row; its code must be new.

    Raises:
        Invalid: Something mandatory is missing, its code is taken, or a value is wrong.
    """
    values = {name: value for name, value in values.items() if value is not None and not isinstance(value, list)}
    table = resource.table
    problems = checks.missing(values, MANDATORY.get(table, MANDATORY_ELSEWHERE))
    checks.refuse(problems + checks.references(division, resource, values) + _taken(division, table, values))
    starting = STARTING.get(table, {}) | (_item_defaults(division) if table == "Items" else {})
    return division.tables[table].put({**starting, **values, "ID": division.new_id()})


def _item_defaults(division: Division) -> Row:
    """Return what a new item has of the company's settings: the default group, the main unit (inferred)."""
    group = division.find("ItemGroups", "IsDefault", 1) or {}
    unit = division.find("Units", "Main", 1) or {}
    return {"ItemGroup": group.get("ID"), "Unit": unit.get("Code")}


def _taken(division: Division, table: str, values: Values, own: str | None = None) -> list[Problem]:
    row = division.find(table, "Code", values["Code"]) if values.get("Code") else None
    return [("exists", "")] if row is not None and row["ID"] != own else []


def change(division: Division, resource: Resource, row: Row, values: Values) -> None:
    """Change a row.

    Raises:
        Invalid: Its code is taken, or a value is wrong.
    """
    fixed = FIXED.get(resource.table, ())
    wanted = {name: value for name, value in values.items() if name not in fixed and not isinstance(value, list)}
    demanded = [name for name in MANDATORY.get(resource.table, MANDATORY_ELSEWHERE) if name in wanted]
    problems = checks.missing(wanted, demanded) + checks.references(division, resource, wanted)
    checks.refuse(problems + _taken(division, resource.table, wanted, own=row["ID"]))
    division.tables[resource.table].put({"ID": row["ID"], **wanted})


def remove(division: Division, resource: Resource, row: Row) -> None:
    """Remove a row that nothing uses.

    Raises:
        Invalid: It is used.
    """
    for own, table, column in USED_BY.get(resource.table, ()):
        if division.find(table, column, row[own]) is not None:
            raise Invalid([("in_use", row.get("Code", ""))])
    division.delete(resource.table, row["ID"])
