"""The stream ``expanded_companies``: companies with all that belongs to them, again when they or a contact changed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th
from typing_extensions import override

from tap_autotask.client import batches
from tap_autotask.company_expansion import CompanyExpansion
from tap_autotask.entities import COMPANIES, CONTACTS, date_fields, expanded
from tap_autotask.reading import PAGE, Choice, Reading, open_keys
from tap_autotask.related import Reader
from tap_autotask.settings import WEB_URL
from tap_autotask.streams import MarkedStream, changed_since
from tap_autotask.timestamps import moment, stamp, widen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context

    from tap_autotask.client import Condition, Row
    from tap_autotask.entities import Entity
    from tap_autotask.tap import TapAutotask

MAX_RECENT = 5000
"""How many emitted changes the state holds at most; beyond it the oldest may be emitted once more."""

CONTACT_FIELDS = ("id", "companyID", "lastModifiedDate", "createDate")
ROW = th.ObjectType(th.Property("id", th.IntegerType), nullable=True)
ADDITIONS = th.PropertiesList(
    th.Property("country", ROW),
    th.Property("currency", ROW),
    th.Property("invoice_template", ROW),
    th.Property("tax_region", ROW),
    th.Property("parent", ROW),
    th.Property("primary_location", ROW),
    th.Property("locations", th.ArrayType(th.ObjectType(th.Property("id", th.IntegerType)))),
    th.Property("main_contact", ROW),
    th.Property("bill_to", th.ObjectType(th.Property("location", ROW))),
    th.Property("labels", th.ObjectType(additional_properties=th.StringType(nullable=True))),
    th.Property("tenant", th.StringType),
    th.Property("web_url", th.StringType),
    th.Property("offered", th.IntegerType),
)


class ExpandedCompanies(MarkedStream):
    """Every company once, with all that the mapping of a company needs, and again when it or a contact changed.

    Beside the bookmark and ``scan`` the state holds ``recent``, the changes emitted that the overlap of the next run
    will meet again, and ``open``, which a target adds: ids it wants to have again, whatever the settings say of which
    companies to read.
    """

    STATE_MSG_FREQUENCY = 50

    def __init__(self, tap: TapAutotask) -> None:
        super().__init__(tap, COMPANIES, expanded(COMPANIES, ADDITIONS), "expanded_companies")
        self._open: set[int] = set()
        self._after = -1
        self._offered = 0

    @property
    @override
    def wanted(self) -> list[Condition]:
        others = [] if self.config["include_own_company"] else [{"op": "gt", "field": "id", "value": 0}]
        return super().wanted + others

    @override
    def get_records(self, context: Context | None) -> Iterator[Row]:
        self._open = open_keys(self.name, self.progress)
        yield from self.changes()
        self.tap.remembered.close()

    @override
    def scanned(self, scan: dict[str, Any]) -> Iterator[Row]:
        recent = self.progress["recent"] = list(self.progress.get("recent", ()))
        known = frozenset(recent)
        horizon = stamp(moment(scan["to"]) - dt.timedelta(minutes=self.config["overlap_minutes"]))
        touched, contacts = self._touched(scan, known, horizon)
        behind = [{"op": "gt", "field": "id", "value": scan["after"]}] if scan["after"] >= 0 else []
        choice = Choice(self._open, [*self.wanted, *behind], touched, changed_since(COMPANIES, scan["from"]))
        reading = Reading(self.client, COMPANIES.name, choice, lambda row: mark(COMPANIES, row) in known)
        self._offered += reading.offered
        self.logger.info("%d companies are offered, %d of them because they are open.", self._offered, len(self._open))

        for record in self._expanded(reading, scan):
            its_mark = mark(COMPANIES, record)
            yield record
            recent += young([its_mark], horizon)  # now that it is written
            del recent[:-MAX_RECENT]
        self.progress["recent"] = young(dict.fromkeys([*recent, *contacts]), horizon)[-MAX_RECENT:]
        if reading.missing:
            self.logger.warning("Companies %s are open, but Autotask does not show them.", sorted(reading.missing))
        self.check(reading.conditions, -1, reading.count, reading.expected)
        self._open = set()

    def _touched(self, scan: dict[str, Any], known: frozenset[str], horizon: str) -> tuple[set[int], list[str]]:
        """Return the companies of which a contact changed, and the marks of the changes the next run will meet again.

        A company that an interrupted run was through with is left to the reading after this one.
        """
        companies: set[int] = set()
        marks: list[str] = []
        since = changed_since(CONTACTS, scan["from"] or horizon)
        for page in self.client.pages(CONTACTS.name, since, fields=CONTACT_FIELDS):
            widen(page, date_fields(CONTACTS.name))
            found = {mark(CONTACTS, row): row["companyID"] for row in page if (row["companyID"] or 0) > scan["after"]}
            companies.update(company for its_mark, company in found.items() if its_mark not in known)
            marks += young(found, horizon)
        return companies, marks

    def _expanded(self, reading: Reading, scan: dict[str, Any]) -> Iterator[Row]:
        expansion = CompanyExpansion(Reader(self.client, self.tap.remembered))
        earlier = scan["from"] if "replication_key_value" in self.progress else ""
        self._after = scan["after"]
        for page in batches(reading.apart(), PAGE):
            yield from self._page(expansion, page, earlier)
        for page in batches(reading.rows(), PAGE):
            for record in self._page(expansion, [row for row in page if reading.emits(row)], earlier):
                self._after = max(self._after, record["id"])
                yield record

    def _page(self, expansion: CompanyExpansion, page: list[Row], earlier: str) -> Iterator[Row]:
        """Yield companies with what belongs to them; remembered rows serve where all were there at an earlier run."""
        zone = self.client.zone
        again = all(row["id"] in self._open or (row.get("createDate") or "") < earlier for row in page)
        for row in expansion.expand(page, again=again):
            yield row | {
                "tenant": zone.tenant,
                "web_url": WEB_URL.format(web_url=zone.web_url, company_id=row["id"]),
                "offered": self._offered,
            }

    @override
    def remember(self, row: Row) -> None:
        if scan := self.progress.get("scan"):
            scan["after"] = self._after


def mark(entity: Entity, row: Row) -> str:
    """Return what tells a change of a company or contact from others: ``c29683412@2026-11-02T11:58:00.000Z``."""
    moments = (row.get(field or "") for field in (entity.marker, entity.dated))
    kind = "c" if entity is COMPANIES else "p"
    return f"{kind}{row['id']}@{max(filter(None, moments), default='')}"


def young(marks: Iterable[str], horizon: str) -> list[str]:
    """Return the marks of changes since a moment."""
    return [each for each in marks if each.partition("@")[2] >= horizon]
