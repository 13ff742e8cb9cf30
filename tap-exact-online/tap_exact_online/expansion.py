"""What belongs to accounts: read in bulk, and put with them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from tap_exact_online import odata
from tap_exact_online.columns import RowReader, row_list, row_object
from tap_exact_online.divisions import ALL, TERMS, after
from tap_exact_online.endpoints import known
from tap_exact_online.reading import pages, permitted
from tap_exact_online.settings import WEB_URL
from tap_exact_online.streams import modified_since
from tap_exact_online.versions import RecentVersions, Versions, changed_since

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from tap_exact_online.columns import Row
    from tap_exact_online.divisions import Divisions
    from tap_exact_online.endpoints import Endpoint

MANY = 200
"""From so many accounts at once on, all rows that belong to accounts are read instead of those of each 40."""

CLASSIFICATIONS = tuple(f"Classification{number}" for number in range(1, 9))


class Belonging(NamedTuple):
    """Rows with an ``Account``: where all of them are read, and where those of some accounts are."""

    feed: Endpoint
    some: Endpoint

    @property
    def columns(self) -> dict[str, str]:
        """The columns that both show."""
        return {name: kind for name, kind in self.some.columns.items() if kind != "binary"}

    @property
    def version(self) -> str:
        """The column that tells of changes."""
        return "Timestamp" if self.feed.is_feed else "Modified"


class Listed(NamedTuple):
    """A short list that is read whole, and the column by which accounts refer to it."""

    endpoint: Endpoint
    by: str


BELONGING = {
    "main_contact": Belonging(known()["sync/CRM/Contacts"], known()["bulk/CRM/Contacts"]),
    "addresses": Belonging(known()["sync/CRM/Addresses"], known()["bulk/CRM/Addresses"]),
    "bank_accounts": Belonging(known()["crm/BankAccounts"], known()["crm/BankAccounts"]),
}
CONDITIONS = Listed(known()["cashflow/PaymentConditions"], "Code")
VAT_CODES = Listed(known()["vat/VATCodes"], "Code")
CLASSES = Listed(known()["crm/AccountClassifications"], "ID")

REFERENCES: dict[str, tuple[str, Listed]] = {
    "payment_condition_sales": ("PaymentConditionSales", CONDITIONS),
    "payment_condition_purchase": ("PaymentConditionPurchase", CONDITIONS),
    "sales_vat_code": ("SalesVATCode", VAT_CODES),
    "purchase_vat_code": ("PurchaseVATCode", VAT_CODES),
}
"""Additions that are one row of a list, and the column of the account that names it."""

NEEDED = ("ID", "MainContact", *CLASSIFICATIONS, *(column for column, _ in REFERENCES.values()))
"""The columns of an account by which the rest is found."""


def additions() -> dict[str, Any]:
    """Return the JSON Schema of what an expanded account has beside its columns."""
    return {
        "main_contact": row_object(BELONGING["main_contact"].columns),
        "addresses": row_list(BELONGING["addresses"].columns),
        "bank_accounts": row_list(BELONGING["bank_accounts"].columns),
        **{name: row_object(listed.endpoint.columns) for name, (_, listed) in REFERENCES.items()},
        "classifications": row_list(CLASSES.endpoint.columns),
        "web_url": {"type": ["string", "null"]},
    }


class Expansion:
    """Reads what belongs to the accounts of one administration.

    Args:
        divisions: The administrations of this run.
        division: The one.
        wanted: Tells of an addition whether it is selected.
        logger: The logger of the stream.
        bookmarks: Up to where each feed was read, by addition; changed when `touched` or `read_all` is done.
    """

    def __init__(
        self,
        divisions: Divisions,
        division: int,
        wanted: Callable[[str], bool],
        logger: logging.Logger,
        bookmarks: dict[str, Any],
    ) -> None:
        self.bookmarks = bookmarks
        self._divisions = divisions
        self._division = division
        self._client = divisions.client(division)
        self._began = self._client.now()
        self._wanted = wanted
        self._logger = logger
        self._belonging = {name: each for name, each in BELONGING.items() if wanted(name)}
        self._all: dict[str, dict[str, list[Row]]] | None = None
        self._lists: dict[str, dict[str, Row]] = {}

    def touched(self) -> set[str]:
        """Return the accounts of which a contact, an address or a bank account changed since the last run."""
        found: set[str | None] = set()
        for name, belonging in self._belonging.items():
            columns = ("ID", "Account", belonging.version)
            kinds = {column: belonging.feed.columns[column] for column in columns}
            found.update(row["Account"] for row in self._changed(name, belonging, kinds))
        return {account for account in found if account}

    def read_all(self) -> None:
        """Read all rows that belong to accounts."""
        self._all = {}
        for name, belonging in self._belonging.items():
            self.bookmarks.pop(name, None)
            kinds = belonging.columns | {belonging.version: belonging.feed.columns[belonging.version]}
            self._all[name] = by_account(self._changed(name, belonging, kinds))

    def expect(self, count: int) -> None:
        """Prepare for so many accounts."""
        if self._all is None and count > MANY:
            self.read_all()

    def _changed(self, name: str, belonging: Belonging, kinds: Mapping[str, str]) -> Iterator[Row]:
        """Yield the rows of a feed that changed since its bookmark, and move that."""
        state, is_feed = self.bookmarks.setdefault(name, {}), belonging.feed.is_feed
        versions = Versions() if is_feed else RecentVersions(state)
        newest = state.get("replication_key_value", 0 if is_feed else "")
        for record in self.rows(belonging.feed, kinds, self._since(belonging, state)):
            version = record[belonging.version] or ""
            newest = max(newest, version)
            if versions.is_newer(record["ID"], version):
                yield record
        if newest:
            versions.keep(state, belonging.version, newest)
        if isinstance(versions, RecentVersions):
            versions.finish(state, self._began)

    def _since(self, belonging: Belonging, state: Mapping[str, Any]) -> str:
        if belonging.feed.is_feed:
            return after(state.get("replication_key_value", ALL))
        since = changed_since(state)
        return modified_since(since, self._divisions.zone) if since else ""

    def expand(self, accounts: list[Row]) -> Iterator[Row]:
        """Yield accounts with what belongs to them; the lists are read when an account first refers to them."""
        self.expect(len(accounts))
        belonging = self._all
        if belonging is None:
            ids = [account["ID"] for account in accounts]
            belonging = {name: by_account(self._some(each, ids)) for name, each in self._belonging.items()}
        for account in accounts:
            yield account | self._additions(account, belonging)

    def _additions(self, account: Row, belonging: dict[str, dict[str, list[Row]]]) -> Row:
        rows = {name: found.get(account["ID"], []) for name, found in belonging.items()}
        contacts = rows.pop("main_contact", [])
        added: Row = {name: sorted(found, key=ORDER[name]) for name, found in rows.items()}
        main = (contact for contact in contacts if contact["ID"] == account["MainContact"])
        added["main_contact"] = next(main, None)
        for name, (column, listed) in REFERENCES.items():
            added[name] = self._listed(listed, account[column]) if self._wanted(name) else None
        if self._wanted("classifications"):
            classes = (self._listed(CLASSES, account[column]) for column in CLASSIFICATIONS)
            added["classifications"] = [row for row in classes if row is not None]
        added["web_url"] = WEB_URL.format(origin=self._divisions.origin, division=self._division, id=account["ID"])
        return added

    def _listed(self, listed: Listed, reference: str | None) -> Row | None:
        """Return the row of a list that an account refers to; one that is not there is null."""
        if not reference:
            return None
        name = listed.endpoint.resource
        if name not in self._lists:
            rows = self.rows(listed.endpoint, listed.endpoint.columns)
            self._lists[name] = {row[listed.by]: row for row in rows}
        return self._lists[name].get(reference)

    def _some(self, belonging: Belonging, accounts: list[str]) -> Iterator[Row]:
        for keys in batches(accounts, TERMS):
            yield from self.rows(belonging.some, belonging.columns, among("Account", keys))

    def rows(self, endpoint: Endpoint, columns: Mapping[str, str], where: str = "") -> Iterator[Row]:
        """Yield records of an endpoint."""
        reader = RowReader(columns, self._divisions.zone, endpoint.resource, self._logger)
        found = pages(self._client, endpoint.resource, reader, self._logger, where)
        advice = f"Deselect what expanded_accounts takes from {endpoint.resource}, or set `skip_forbidden`."
        skip = self._divisions.skip_forbidden
        for page in permitted(found, "expanded_accounts", advice, self._logger, skip=skip):
            yield from page


ORDER: dict[str, Callable[[Row], Any]] = {
    "addresses": lambda row: (row["Type"] or 0, not row["Main"], row["ID"]),
    "bank_accounts": lambda row: (not row["Main"], row["ID"]),
}
"""The main address of a type and the main bank account come first."""


def by_account(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return rows by their account, of a row that comes twice the last."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(row["Account"], {})[row["ID"]] = row
    return {account: list(of.values()) for account, of in found.items()}


def among(column: str, keys: Collection[str]) -> str:
    """Return the filter for rows of which a column is one of these GUIDs."""
    return " or ".join(f"{column} eq {odata.literal(UUID(key))}" for key in keys)


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield items in lists of at most this size."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
