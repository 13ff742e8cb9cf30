"""Exact's lists in memory, for checks without a server."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from target_exact_online import master_data
from target_exact_online.settings import SETTINGS
from transfer_ledger.ledger import MasterRow

if TYPE_CHECKING:
    from target_exact_online.master_data import MasterLists, Resource

DEFAULTS: dict[str, Any] = {name: setting.get("default") for name, setting in SETTINGS.to_dict()["properties"].items()}
"""The settings as they are when none is set."""

ROWS: dict[Resource, dict[str, dict[str, Any]]] = {
    master_data.ACCOUNTS: {"K100": {"Name": "'t Hoekje & Zn", "Status": "C", "Blocked": False}},
    master_data.ITEMS: {"ARBEID": {"IsSalesItem": True, "IsFractionAllowedItem": True}},
    master_data.GL_ACCOUNTS: {"8000": {"Type": 110, "IsBlocked": False, "UseCostcenter": 0, "UseCostunit": 0}},
    master_data.VAT_CODES: {
        "2": {"Type": "E", "Percentage": Decimal("0.21"), "IsBlocked": False, "VATTransactionType": "B"},
        "5": {"Type": "B", "Percentage": 0, "IsBlocked": False, "VATTransactionType": "B"},
    },
    master_data.PAYMENT_CONDITIONS: {"30": {}},
    master_data.JOURNALS: {"70": {"Type": 20, "IsBlocked": False, "Currency": "EUR", "AllowVariableCurrency": True}},
    master_data.COST_CENTERS: {"SD": {}},
    master_data.COST_UNITS: {"100": {}},
    master_data.UNITS: {"uur": {}},
    master_data.PROJECTS: {"P1": {}},
}


class Shelf:
    """The rows above, with changes; the id of a row is its resource and code."""

    def __init__(self) -> None:
        self._rows = {
            resource: [_row(resource, code, data) for code, data in rows.items()] for resource, rows in ROWS.items()
        }

    def change(self, resource: Resource, code: str, **columns: Any) -> Shelf:
        """Change a row, or add one like the first."""
        rows = self._rows[resource]
        known = next((row for row in rows if row.code == code), None)
        if known is None:
            rows.append(_row(resource, code, rows[0].data | columns))
        else:
            known.data |= columns
        return self

    def double(self, resource: Resource, code: str) -> Shelf:
        """Add another row with a code that there is already."""
        (row,) = self.rows(resource, code)
        self._rows[resource].append(MasterRow(id=f"other {row.id}", code=code, data=dict(row.data)))
        return self

    def rows(self, resource: Resource, code: str) -> list[MasterRow]:
        """Return the rows with a code."""
        return [row for row in self._rows[resource] if row.code == code.strip()]

    def row(self, resource: Resource, row_id: str) -> MasterRow | None:
        """Return the row with an id."""
        return next((row for row in self._rows[resource] if row.id == row_id), None)

    def as_lists(self) -> MasterLists:
        """Return this where the real lists are wanted."""
        return cast("MasterLists", self)


def _row(resource: Resource, code: str, data: dict[str, Any]) -> MasterRow:
    return MasterRow(id=f"{resource.name} {code}", code=code, data=dict(data))
