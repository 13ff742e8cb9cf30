"""logistics/SupplierItem: which supplier sells an item, under which code, at which price."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.exact_online import checks
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.rates import HOME_CURRENCY

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

RESOURCE = resource("logistics/SupplierItem")
MANDATORY = ("Item", "ItemUnit", "PurchasePrice", "PurchaseUnit", "Supplier")


def create(division: Division, values: Values) -> Row:
    """Link an item to a supplier; the first of an item is its main supplier.

    Raises:
        Invalid: Something mandatory is missing, the pair exists already (inferred), or a value is wrong.
    """
    values = {name: value for name, value in values.items() if value is not None}
    checks.refuse(checks.missing(values, MANDATORY) + _problems(division, values))
    first = not division.tables["SupplierItem"].find("Item", [values["Item"]])
    row: Row = {
        "Currency": HOME_CURRENCY,
        "MainSupplier": first,
        "PurchaseUnitFactor": Decimal(1),
        **values,
        "ID": division.new_id(),
        "StartDate": division.today(),
    }
    _only_main(division, row)
    return division.tables["SupplierItem"].put(row)


def _problems(division: Division, values: Values, own: Row | None = None) -> list[Problem]:
    problems = checks.references(division, RESOURCE, values)
    problems += checks.supplier(division, "Supplier", values.get("Supplier"))
    known = own or {}
    pair = known | values
    others = division.tables["SupplierItem"].find("Item", [pair.get("Item")])
    taken = any(row["Supplier"] == pair.get("Supplier") and row["ID"] != known.get("ID") for row in others)
    return [*problems, ("exists", "")] if taken else problems


def change(division: Division, row: Row, values: Values) -> None:
    """Change a link.

    Raises:
        Invalid: Something mandatory would be missing, or a value is wrong.
    """
    checks.refuse(checks.missing(row | values, MANDATORY) + _problems(division, values, row))
    _only_main(division, row | values)
    division.tables["SupplierItem"].put({"ID": row["ID"], **values})


def _only_main(division: Division, row: Row) -> None:
    """Leave an item one main supplier, the last that became it (inferred)."""
    for other in division.tables["SupplierItem"].find("Item", [row["Item"]] if row.get("MainSupplier") else []):
        if other["ID"] != row["ID"] and other.get("MainSupplier"):
            division.tables["SupplierItem"].put({"ID": other["ID"], "MainSupplier": False})


def remove(division: Division, row: Row) -> None:
    """Remove a link."""
    division.delete("SupplierItem", row["ID"])
