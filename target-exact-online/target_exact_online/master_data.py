"""The codes of Exact Online that documents name: read with few calls, kept in the ledger, up to date once a run.

Accounts, items and projects come as changes since a rowversion, 1,000 a call; what has no such feed, or is short, is
read whole. The feed does not tell what was deleted, so a kept copy is read anew from time to time, and always after
Exact moved the division to another database, where rowversions start anew (Exact REST docs, sync API).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from tap_exact_online import odata
from transfer_ledger.exceptions import StopRun
from transfer_ledger.ledger import MasterRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_exact_online.client import Client
    from transfer_ledger.ledger import Ledger, MasterData

FULL_READ_DAYS = 7
REMEMBERED = 20_000
"""So many codes are looked up in the ledger once a run only."""
ACTIVE = 1
"""Status of a division (Exact REST docs, Divisions)."""
_FIRST_TIMESTAMP = 1


@dataclass(frozen=True)
class Resource:
    """One list of codes: where it is, and which columns the checks need."""

    name: str
    path: str
    columns: tuple[str, ...]
    what: str
    """What people call one row."""
    changes: bool = False
    """Whether it is a feed of changes by ``Timestamp``."""
    where: str = ""
    """A filter; where a feed of changes exists, some filter is mandatory (picqer/exact-php-client#591)."""
    instead: str = "or map to another"
    """What to do when a row is missing, beside creating it."""

    @property
    def title(self) -> str:
        """What people call one row, at the start of a sentence."""
        return f"{self.what[0].upper()}{self.what[1:]}"


ACCOUNTS = Resource(
    "Accounts",
    "sync/CRM/Accounts",
    ("Name", "Status", "Blocked", "StartDate", "EndDate"),
    "account",
    changes=True,
    instead="correct the number of the company in Autotask, or set `missing_customer: create` on the target",
)
ITEMS = Resource(
    "Items",
    "sync/Logistics/Items",
    ("IsSalesItem", "IsFractionAllowedItem", "StartDate", "EndDate"),
    "item",
    changes=True,
)
PROJECTS = Resource("Projects", "sync/Project/Projects", ("EndDate",), "project", changes=True)
GL_ACCOUNTS = Resource(
    "GLAccounts",
    "bulk/Financial/GLAccounts",
    ("Type", "IsBlocked", "UseCostcenter", "UseCostunit"),
    "G/L account",
    where=f"ID gt {odata.literal(UUID(int=0))}",
)
VAT_CODES = Resource("VATCodes", "vat/VATCodes", ("Type", "Percentage", "IsBlocked", "VATTransactionType"), "VAT code")
PAYMENT_CONDITIONS = Resource("PaymentConditions", "cashflow/PaymentConditions", (), "payment condition")
JOURNALS = Resource(
    "Journals", "financial/Journals", ("Type", "IsBlocked", "Currency", "AllowVariableCurrency"), "journal"
)
COST_CENTERS = Resource("Costcenters", "hrm/Costcenters", ("EndDate",), "cost centre")
COST_UNITS = Resource("Costunits", "hrm/Costunits", ("EndDate",), "cost unit")
UNITS = Resource("Units", "logistics/Units", (), "unit")


class Division(msgspec.Struct, frozen=True):
    """The administration that is written to."""

    name: str
    moved: str | None
    """When Exact moved it to another database."""


class Stamp(msgspec.Struct, frozen=True):
    """How far a kept copy goes; stored with it as JSON."""

    timestamp: int
    moved: str | None
    full_read: dt.datetime


class MasterLists:
    """Looks codes up in kept copies, and brings a copy up to date at most once a run."""

    def __init__(self, client: Client, ledger: Ledger, administration: str, clock: Callable[[], dt.datetime]) -> None:
        self._client = client
        self._ledger = ledger
        self._administration = administration
        self._clock = clock
        self._copies: dict[str, MasterData] = {}
        self._refreshed: set[Resource] = set()
        self._division: Division | None = None
        self.rows = lru_cache(maxsize=REMEMBERED)(self._rows)
        self.row = lru_cache(maxsize=REMEMBERED)(self._row)

    def refresh(self, resources: Iterable[Resource]) -> bool:
        """Bring copies up to date that were not yet in this run; whether there were any."""
        stale = [resource for resource in resources if resource not in self._refreshed]
        for resource in sorted(stale, key=lambda resource: resource.name):
            self._read(resource)
            self._refreshed.add(resource)
        if stale:
            self.forget()
        return bool(stale)

    def forget(self) -> None:
        """Look codes up in the ledger again."""
        self.rows.cache_clear()
        self.row.cache_clear()

    def note(self, resource: Resource, row: dict[str, Any]) -> None:
        """Add a row that was just written to the kept copy."""
        copy = self._copy(resource)
        copy.apply([_master_row(resource, row)], (), copy.stamp())
        self.forget()

    def division(self) -> Division:
        """Return the administration, asked once a run.

        Raises:
            StopRun: this user has no such administration.
        """
        if self._division is None:
            self._division = self._read_division()
        return self._division

    def _rows(self, resource: Resource, code: str) -> list[MasterRow]:
        return self._copy(resource).by_code(code.strip())

    def _row(self, resource: Resource, row_id: str) -> MasterRow | None:
        return self._copy(resource).by_id(row_id)

    def _copy(self, resource: Resource) -> MasterData:
        if resource.name not in self._copies:
            self._copies[resource.name] = self._ledger.master_data(self._administration, resource.name)
        return self._copies[resource.name]

    def _read_division(self) -> Division:
        number = self._client.division
        columns = ("Code", "Description", "Status", "BlockingStatus", "DivisionMoveDate")
        where = f"Code eq {odata.literal(number)}"
        row = next(self._client.read("system/Divisions", select=columns, where=where), None)
        if row is None:
            raise StopRun(
                f"Exact Online shows this user no division {number}.",
                "Set `division` to a code that `tap-exact-online-login` lists, or give the user access to it.",
            )
        name = odata.trimmed(row["Description"])
        if row["Status"] not in (None, ACTIVE) or row["BlockingStatus"]:
            raise StopRun(
                f"Division {number} ({name}) is archived, inactive or being converted by Exact Online "
                f"(status {row['Status']}, blocking status {row['BlockingStatus']}).",
                "Run again when it is open, or set `division` to another.",
            )
        return Division(name, row["DivisionMoveDate"])

    def _read(self, resource: Resource) -> None:
        copy, moved, now = self._copy(resource), self.division().moved, self._clock()
        stamp = _stamp(copy.stamp())
        columns = ("ID", "Code", *resource.columns)
        if not resource.changes:
            rows = self._client.read(resource.path, select=columns, where=resource.where)
            copy.replace([_master_row(resource, row) for row in rows], _text(Stamp(0, moved, now)))
            return
        whole = stamp is None or stamp.moved != moved or now - stamp.full_read > dt.timedelta(days=FULL_READ_DAYS)
        since = _FIRST_TIMESTAMP if stamp is None or whole else stamp.timestamp
        where = f"Timestamp gt {odata.literal(since)}"
        latest = _latest(self._client.read(resource.path, select=("Timestamp", *columns), where=where))
        reached = max((int(row["Timestamp"]) for row in latest.values()), default=since)
        changed = (_master_row(resource, row) for row in latest.values())
        if stamp is None or whole:
            copy.replace(changed, _text(Stamp(reached, moved, now)))
        else:
            copy.apply(changed, (), _text(Stamp(reached, moved, stamp.full_read)))


def _latest(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Keep the newest state of each row: one that changes while it is read comes twice."""
    latest: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = latest.get(row["ID"])
        if known is None or int(row["Timestamp"]) > int(known["Timestamp"]):
            latest[row["ID"]] = row
    return latest


def _master_row(resource: Resource, row: dict[str, Any]) -> MasterRow:
    data = {name: row.get(name) for name in resource.columns}
    return MasterRow(id=row["ID"], code=odata.trimmed(row["Code"]), data=data)


def _text(stamp: Stamp) -> str:
    return msgspec.json.encode(stamp).decode()


def _stamp(text: str | None) -> Stamp | None:
    return None if text is None else msgspec.json.decode(text, type=Stamp)
