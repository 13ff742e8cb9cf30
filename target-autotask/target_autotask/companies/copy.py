"""The kept copy of all companies with their main contacts, brought up to date by what changed since the last run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from tap_autotask.settings import WEB_URL
from target_autotask.client import stopping
from target_autotask.companies.fields import COMPANY_COLUMNS, CONTACT_COLUMNS, narrowed, values
from transfer_ledger.parties.held import Held, as_row, kept_parties

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_autotask.client import Condition, Row
    from target_autotask.client import WritingClient
    from target_autotask.companies.lists import NameLists
    from transfer_ledger.master_data import MasterData

FULL_READ = dt.timedelta(days=7)
"""Some changes move no date (Autotask REST docs do not say of which fields), so that all is read again now and then."""
OVERLAP = dt.timedelta(minutes=5)


class Stamp(msgspec.Struct, frozen=True):
    """How far the copy goes, by Autotask's clock."""

    until: dt.datetime
    full_read: dt.datetime


class CompanyCopy:
    """Reads companies.

    Args:
        client: Asks.
        lists: Says what ids are called.
        copy: The kept copy, ``transfer_ledger.parties.held.kept``.
    """

    def __init__(self, client: WritingClient, lists: NameLists, copy: MasterData) -> None:
        self._client, self._lists, self._copy = client, lists, copy

    def held(self) -> dict[str, Held]:
        """Return all companies but the tenant's own, brought up to date."""
        with stopping():
            self._refresh()
        return kept_parties(self._copy)

    def _refresh(self) -> None:
        text, now = self._copy.stamp(), self._client.now()
        stamp = None if text is None else msgspec.json.decode(text, type=Stamp)
        if stamp is None or now - stamp.full_read > FULL_READ:
            contacts = _by_company(self._rows("Contacts", CONTACT_COLUMNS, [PRIMARY]))
            companies = self._rows("Companies", COMPANY_COLUMNS, [])
            rows = [as_row(self.made(row, contacts.get(row["id"], []))) for row in companies if row["id"]]
            self._copy.replace(rows, _text(Stamp(now, now)))
            return
        since = stamp.until - OVERLAP
        changed = {row["id"]: row for row in self._rows("Companies", COMPANY_COLUMNS, [_since(COMPANY, since)])}
        people = list(self._rows("Contacts", CONTACT_COLUMNS, [_since(CONTACT, since)]))
        known = {key: held for key in {*changed, *(each["companyID"] for each in people)} if (held := self._kept(key))}
        rows = [as_row(each) for each in self._renewed(changed, people, known)]
        self._copy.apply(rows, (), _text(Stamp(now, stamp.full_read)))

    def _renewed(self, changed: Mapping[int, Row], people: list[Row], known: Mapping[int, Held]) -> Iterator[Held]:
        """Yield what changed companies and companies of changed contacts hold now."""
        for key in {*changed, *known} - {0}:
            before = known[key].extra if key in known else {"company": None, "contacts": []}
            contacts = {each["id"]: each for each in before["contacts"]}
            for each in people:
                contacts.pop(each["id"], None)
                if each["companyID"] == key and each.get("primaryContact"):
                    contacts[each["id"]] = each
            yield self.made(changed.get(key) or before["company"], list(contacts.values()))

    def made(self, company: Row, contacts: list[Row]) -> Held:
        """Return what a company holds; of several main contacts, which Autotask should not have, none is its."""
        contact = contacts[0] if len(contacts) == 1 else None
        held = values(company, contact, self._lists)
        return Held(
            id=str(company["id"]),
            code=held["code"],
            name=held["name"],
            url=self.url(company["id"]),
            values=held,
            extra={"company": company, "contacts": contacts},
        )

    def url(self, company_id: int) -> str:
        """Return the link by which a person opens a company."""
        return WEB_URL.format(web_url=self._client.zone.web_url, company_id=company_id)

    def _kept(self, key: int) -> Held | None:
        row = self._copy.by_id(str(key))
        return None if row is None else msgspec.convert(row.data, Held)

    def _rows(self, entity: str, columns: tuple[str, ...], conditions: list[Condition]) -> Iterator[Row]:
        for page in self._client.pages(entity, conditions):
            yield from (narrowed(row, columns) for row in page)


PRIMARY: Condition = {"op": "eq", "field": "primaryContact", "value": True}
COMPANY = ("lastTrackedModifiedDateTime", "createDate")
CONTACT = ("lastModifiedDate", "createDate")


def _since(fields: tuple[str, str], moment: dt.datetime) -> Condition:
    value = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"op": "or", "items": [{"op": "gte", "field": field, "value": value} for field in fields]}


def _by_company(contacts: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for contact in contacts:
        found.setdefault(contact["companyID"], []).append(contact)
    return found


def _text(stamp: Stamp) -> str:
    return msgspec.json.encode(stamp).decode()
