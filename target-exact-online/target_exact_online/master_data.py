"""The codes of Exact Online that documents name: read with few calls, kept in the ledger, up to date once a run.

Accounts, items and projects come as changes since a rowversion, 1,000 a call; what has no such feed, or is short, is
read whole, but bank accounts, which are many and come by the date of change. None of these tells what was deleted, so
a kept copy is read anew from time to time, and always after Exact moved the division to another database, where
rowversions start anew (Exact REST docs, sync API).
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from tap_exact_online import exceptions, odata
from tap_exact_online.endpoints import known
from transfer_ledger.exceptions import StopRun
from transfer_ledger.ledger import MasterRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_exact_online.client import Client
    from transfer_ledger.ledger import Ledger, MasterData

logger = logging.getLogger(__name__)

FULL_READ_DAYS = 7
OVERLAP = dt.timedelta(hours=2)
"""A row may become visible some time after its date; and the hour that the clock repeats in autumn comes twice."""
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
    deletions: bool = False
    """Whether each run asks what was deleted, with one call more."""
    dated: bool = False
    """Whether what changed is asked for by ``Modified``."""
    key: str = "ID"
    """The column that identifies a row."""
    code: str = "Code"
    """The column by which rows are looked up."""
    where: str = ""
    """A filter; where a feed of changes exists, some filter is mandatory (picqer/exact-php-client#591)."""
    instead: str = "or map to another"
    """What to do when a row is missing, beside creating it."""

    @property
    def probe(self) -> str:
        """A filter with which reading one row is harmless."""
        return f"Timestamp gt {odata.literal(_FIRST_TIMESTAMP)}" if self.changes else self.where

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
VAT_CODES = Resource(
    "VATCodes", "vat/VATCodes", ("Description", "Type", "Percentage", "IsBlocked", "VATTransactionType"), "VAT code"
)
PAYMENT_CONDITIONS = Resource("PaymentConditions", "cashflow/PaymentConditions", ("Description",), "payment condition")
JOURNALS = Resource(
    "Journals",
    "financial/Journals",
    ("Description", "Type", "IsBlocked", "Currency", "AllowVariableCurrency"),
    "journal",
)
COST_CENTERS = Resource("Costcenters", "hrm/Costcenters", ("Description", "EndDate"), "cost centre")
COST_UNITS = Resource("Costunits", "hrm/Costunits", ("Description", "EndDate"), "cost unit")
UNITS = Resource("Units", "logistics/Units", (), "unit")
CURRENCIES = Resource("Currencies", "general/Currencies", (), "currency", key="Code")
CLASSIFICATIONS = Resource(
    "AccountClassifications", "crm/AccountClassifications", ("AccountClassificationName",), "account classification"
)
CLASSIFICATION_NAMES = Resource(
    "AccountClassificationNames",
    "crm/AccountClassificationNames",
    ("Description",),
    "name of account classifications",
    code="SequenceNumber",
)


class Division(msgspec.Struct, frozen=True):
    """The administration that is written to."""

    name: str
    moved: str | None
    """When Exact moved it to another database."""


class Stamp(msgspec.Struct, frozen=True):
    """How far a kept copy goes; stored with it as JSON."""

    timestamp: int
    """The highest rowversion; of what is asked for by date the latest date, in milliseconds of Exact's wall clock."""
    moved: str | None
    full_read: dt.datetime
    deletions: bool = True
    """Whether what was deleted may be read; asked again after each full read."""


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

    @property
    def refreshed(self) -> frozenset[Resource]:
        """The lists that were brought up to date in this run."""
        return frozenset(self._refreshed)

    def refresh(self, resources: Iterable[Resource]) -> bool:
        """Bring copies up to date that were not yet in this run; whether there were any."""
        stale = [resource for resource in resources if resource not in self._refreshed]
        for resource in sorted(stale, key=lambda resource: resource.name):
            self._read(resource)
            self._refreshed.add(resource)
        if stale:
            self.forget()
        return bool(stale)

    def every(self, resource: Resource) -> list[MasterRow]:
        """Return all rows of a list, by code."""
        return sorted(self._copy(resource).rows(), key=lambda row: row.code or "")

    def forget(self) -> None:
        """Look codes up in the ledger again."""
        self.rows.cache_clear()
        self.row.cache_clear()

    def note(self, resource: Resource, row: dict[str, Any]) -> None:
        """Add a row that was just written to the kept copy."""
        copy = self._copy(resource)
        copy.apply([_master_row(resource, row)], (), copy.stamp())
        self.forget()

    def all(self, resource: Resource) -> Iterator[MasterRow]:
        """Yield all rows of the kept copy, by id."""
        return self._copy(resource).rows()

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
        columns = dict.fromkeys((resource.key, resource.code, *resource.columns))
        if not (resource.changes or resource.dated):
            rows = self._client.read(resource.path, select=list(columns), where=resource.where)
            copy.replace([_master_row(resource, row) for row in rows], _text(Stamp(0, moved, now)))
            return
        stamp = _stamp(copy.stamp())
        whole = stamp is None or stamp.moved != moved or now - stamp.full_read > dt.timedelta(days=FULL_READ_DAYS)
        version = "Timestamp" if resource.changes else "Modified"
        since = None if stamp is None or whole else stamp.timestamp
        rows = self._client.read(resource.path, select=[version, *columns], where=_changed_since(resource, since))
        latest = _latest(rows, resource.key, version)
        reached = max((number for number, _ in latest.values()), default=since or _FIRST_TIMESTAMP)
        changed = (_master_row(resource, row) for _, row in latest.values())
        if stamp is None or whole:
            copy.replace(changed, _text(Stamp(reached, moved, now)))
        else:
            asked = resource.deletions and stamp.deletions
            deleted = self._deleted(resource, stamp.timestamp) if asked else ()
            allowed = stamp.deletions and deleted is not None
            copy.apply(changed, deleted or (), _text(Stamp(reached, moved, stamp.full_read, allowed)))

    def _deleted(self, resource: Resource, since: int) -> list[str] | None:
        """Return what was deleted since a rowversion, None without the right of its own that this needs.

        Exact blocks an endpoint after ten errors an hour, so what it forbade is not asked again on every run.
        """
        kind = known()[resource.path].deleted_as
        where = f"Timestamp gt {odata.literal(since)} and EntityType eq {kind}"
        try:
            rows = self._client.read("sync/Deleted", select=("Timestamp", "EntityKey"), where=where)
            return [row["EntityKey"] for row in rows]
        except exceptions.Forbidden:
            logger.info(
                "Exact Online does not let this user read what was deleted; a deleted %s is noticed within %s days.",
                resource.what,
                FULL_READ_DAYS,
            )
            return None


def _changed_since(resource: Resource, since: int | None) -> str:
    """Return the filter for what changed; dates with some overlap, since rows become visible after their date."""
    if resource.changes:
        return f"Timestamp gt {odata.literal(_FIRST_TIMESTAMP if since is None else since)}"
    if since is None:
        return ""
    moment = odata.wall_clock(f"/Date({since})/")
    assert moment is not None  # only None gives None
    return f"Modified ge {odata.literal(moment - OVERLAP)}"


def _latest(rows: Iterable[dict[str, Any]], key: str, version: str) -> dict[str, tuple[int, dict[str, Any]]]:
    """Keep the newest state of each row with its version: one that changes while it is read comes twice."""
    latest: dict[str, tuple[int, dict[str, Any]]] = {}
    for row in rows:
        known, number = latest.get(row[key]), _version(row[version])
        if known is None or number > known[0]:
            latest[row[key]] = (number, row)
    return latest


def _version(value: Any) -> int:
    """Return a rowversion, or the milliseconds of a date such as ``/Date(1790812800000)/``."""
    return int(str(value or 0).removeprefix("/Date(").removesuffix(")/"))


def _master_row(resource: Resource, row: dict[str, Any]) -> MasterRow:
    data = {name: row.get(name) for name in resource.columns}
    code = row[resource.code]
    return MasterRow(id=row[resource.key], code=None if code is None else odata.trimmed(str(code)), data=data)


def _text(stamp: Stamp) -> str:
    return msgspec.json.encode(stamp).decode()


def _stamp(text: str | None) -> Stamp | None:
    return None if text is None else msgspec.json.decode(text, type=Stamp)
