"""The codes of Globe that documents name: each list is read whole, when it is first asked for, once a run.

Entity services have no feed of changes, and Globe's lists of codes are short; accounts and items come page by page.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_exact_globe.answers import Row, trimmed

if TYPE_CHECKING:
    from target_exact_globe.client import Client


@dataclass(frozen=True)
class Codes:
    """One list: where it is, by which property its rows are looked up, and what else the checks need."""

    entity: str
    code: str
    what: str
    """What people call one row."""
    columns: tuple[str, ...] = ()

    @property
    def select(self) -> tuple[str, ...]:
        """What is read."""
        return (self.code, *self.columns)


_ACCOUNT = ("ID", "AccountCode", "AccountName", "DebtorCode", "DebtorNumber", "CreditorCode", "CreditorNumber")
_STATUS = ("CustomerType", "CustomerStatus", "Blocked")


def accounts_by(code: str) -> Codes:
    """Return the accounts, to be looked up by one of their codes."""
    return Codes("Account", code, "account", tuple(name for name in (*_ACCOUNT, *_STATUS) if name != code))


ITEMS = Codes(
    "Item", "ItemCode", "item", ("Condition", "Blocked", "IsSalesItem", "IsPurchaseItem", "IsFractionAllowedItem")
)
SUPPLIER_ITEMS = Codes("ItemAccount", "ItemCodeAccount", "item of a supplier", ("ItemCode", "CreditorNumber"))
VAT_CODES = Codes("VAT", "VATCode", "VAT code", ("SalesPurchase", "Excluded", "Percentage", "VATCharged"))
PAYMENT_CONDITIONS = Codes("PaymentCondition", "PaymentConditionCode", "payment condition")
COST_CENTERS = Codes("CostCenter", "Code", "cost centre")
COST_UNITS = Codes("CostUnit", "Code", "cost unit")
WAREHOUSES = Codes("Warehouse", "Code", "warehouse", ("Blocked",))
CURRENCIES = Codes("Currency", "CurrencyCode", "currency", ("Enabled",))
PROJECTS = Codes("Project", "ProjectNumber", "project")


class Lists:
    """Looks codes up; a list is kept in memory for the run."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._read: dict[str, list[Row]] = {}
        self._indices: dict[tuple[str, str], dict[str, list[Row]]] = {}

    def rows(self, codes: Codes, code: str) -> list[Row]:
        """Return the rows with a code, whatever spaces and small letters it is written with.

        Raises:
            StopRun: the list cannot be read.
        """
        return self._index(codes).get(_key(code), [])

    def all(self, codes: Codes) -> list[Row]:
        """Return every row of a list."""
        if codes.entity not in self._read:
            self._read[codes.entity] = list(self._client.read(codes.entity, select=codes.select))
        return self._read[codes.entity]

    def fill(self, entity: str, rows: list[Row]) -> None:
        """Take in a list that was read for another reason."""
        self._read[entity] = rows
        self._indices = {key: index for key, index in self._indices.items() if key[0] != entity}

    def note(self, entity: str, row: Row) -> None:
        """Add a row that was just written, in the place of the one with its ID."""
        if entity not in self._read:
            return
        rows = [known for known in self._read.get(entity, []) if known.get("ID") != row.get("ID")]
        self.fill(entity, [*rows, row])

    def _index(self, codes: Codes) -> dict[str, list[Row]]:
        place = (codes.entity, codes.code)
        if place not in self._indices:
            index: defaultdict[str, list[Row]] = defaultdict(list)
            for row in self.all(codes):
                if trimmed(row.get(codes.code)):
                    index[_key(row[codes.code])].append(row)
            self._indices[place] = dict(index)
        return self._indices[place]


def _key(code: Any) -> str:
    return trimmed(code).upper()
