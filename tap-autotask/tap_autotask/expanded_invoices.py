"""The stream ``expanded_invoices``: every invoice once, whole, and again when it is asked for or voided."""

from __future__ import annotations

import datetime as dt
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from singer_sdk import typing as th
from typing_extensions import override

from tap_autotask.client import batches
from tap_autotask.entities import INVOICES, expanded
from tap_autotask.exceptions import Refused
from tap_autotask.invoice_expansion import InvoiceExpansion
from tap_autotask.reading import PAGE, Choice, Reading, open_keys
from tap_autotask.related import Reader
from tap_autotask.streams import AppendedStream, day_before
from tap_autotask.timestamps import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Context

    from tap_autotask.client import Condition, Row
    from tap_autotask.tap import TapAutotask

MAX_RECENT = 1000
"""How many emitted keys the state holds at most; beyond it the oldest may be emitted once more."""

ROW = th.ObjectType(th.Property("id", th.IntegerType), nullable=True)
ADDITIONS = th.PropertiesList(
    th.Property("company", ROW),
    th.Property("currency", ROW),
    th.Property("payment_term", ROW),
    th.Property("invoice_template", ROW),
    th.Property("tax_region", ROW),
    th.Property("billing_items", th.ArrayType(th.ObjectType(th.Property("id", th.IntegerType)))),
    th.Property(
        "invoice_pdf",
        th.ObjectType(
            th.Property("fileName", th.StringType),
            th.Property("contentType", th.StringType),
            th.Property("data", th.StringType),
            nullable=True,
        ),
    ),
    th.Property("tenant", th.StringType),
    th.Property("web_url", th.StringType),
    th.Property("offered", th.IntegerType),
)


class ExpandedInvoices(AppendedStream):
    """Every invoice once, with all that the mapping of an invoice needs.

    Beside the bookmark and ``upper_bound`` the state holds ``recent``, the keys emitted that the overlap of the next
    run will meet again, and ``open``, which a target adds: ids it wants to have again, whatever the settings say of
    which invoices to read. Those, late arrivals and new voids leave the bookmark where it is.
    """

    STATE_MSG_FREQUENCY = 50

    def __init__(self, tap: TapAutotask) -> None:
        super().__init__(tap, INVOICES, expanded(INVOICES, ADDITIONS), "expanded_invoices")
        self._offered: int | None = None

    @property
    @override
    def wanted(self) -> list[Condition]:
        voided = [] if self.config["include_voided"] else [{"op": "eq", "field": "isVoided", "value": False}]
        return super().wanted + voided

    @override
    def get_records(self, context: Context | None) -> Iterator[Row]:
        return self.changes()

    @override
    def changes(self) -> Iterator[Row]:
        until, overlap = self.client.now(), dt.timedelta(minutes=self.config["overlap_minutes"])
        bookmark = self._position = self.progress.get("replication_key_value", -1)
        known = set(self.progress.get("recent", ()))
        since = moment(self.progress.get("upper_bound", stamp(until))) - overlap
        choice = Choice(open_keys(self.name, self.progress), self.wanted, changed=changed(bookmark, since))
        reading = Reading(self.client, INVOICES.name, choice, lambda row: row["id"] <= bookmark and key(row) in known)
        self._offered = reading.offered
        self.logger.info("%d invoices are offered, %d of them because they are open.", self._offered, len(choice.asked))

        expansion = InvoiceExpansion(Reader(self.client, self.tap.remembered))
        for page in batches(reading.apart(), PAGE):
            yield from self._expanded(expansion, page, again=True)
        yield from self._in_order(expansion, reading, stamp(until), until - overlap)
        if reading.missing:
            self.logger.warning("Invoices %s are open, but Autotask does not show them.", sorted(reading.missing))
        self.check(reading.conditions, -1, reading.count, reading.expected)
        self.tap.remembered.close()

    def _in_order(
        self, expansion: InvoiceExpansion, reading: Reading, until: str, horizon: dt.datetime
    ) -> Iterator[Row]:
        """Yield invoices by id: those up to the bookmark first, and when they are through the state moves on."""
        bookmark, recent = self._position, list[str]()
        for page in batches(reading.rows(), PAGE):
            recent += [key(row) for row in page if row["id"] <= bookmark and is_recent(row, horizon)]
            rows = [row for row in page if reading.emits(row)]
            again = all(row["id"] in reading.asked or (row["id"] <= bookmark and row.get("isVoided")) for row in rows)
            for record in self._expanded(expansion, rows, again=again):
                if record["id"] > bookmark:
                    self._position = record["id"]
                    recent += [key(record)] if is_recent(record, horizon) else []
                    self.progress.update(upper_bound=until, recent=recent)
                yield record
            self._position = max(self._position, page[-1]["id"])
            del recent[:-MAX_RECENT]
        self.progress.update(upper_bound=until, recent=recent)
        self.remember({})

    def _expanded(self, expansion: InvoiceExpansion, page: list[Row], *, again: bool) -> Iterator[Row]:
        for row in expansion.expand(page, again=again):
            yield row | self._own_additions(row)

    def _own_additions(self, invoice: Row) -> Row:
        zone = self.client.zone
        return {
            "invoice_pdf": self._pdf(invoice["id"]) if self.config["invoice_pdf"] else None,
            "tenant": zone.tenant,
            "web_url": self.config["web_url_template"].format(
                web_url=zone.web_url, company_id=invoice.get("companyID"), invoice_id=invoice["id"]
            ),
            "offered": self._offered,
        }

    def _pdf(self, number: int) -> Row | None:
        try:
            answer = self.client.get(f"Invoices/{number}/InvoicePDF")
            return {
                "fileName": answer["fileName"],
                "contentType": answer["contentType"],
                "data": base64(answer["data"]),
            }
        except (Refused, KeyError, TypeError, ValueError) as error:
            self.logger.warning("The invoice with id %d goes on without its PDF: %r", number, error)
            return None


def base64(data: str | list[int]) -> str:
    """Return bytes of the wire in base64, which is how they most likely come; a list of numbers is another way.

    Raises:
        ValueError: The data is neither.
        TypeError: The data is neither.
    """
    content = b64decode(data, validate=True) if isinstance(data, str) else bytes(data)
    return b64encode(content).decode()


def changed(bookmark: int, since: dt.datetime) -> list[Condition]:
    """Return the conditions for invoices that are new, came late or were voided since, one of which has to be met."""
    if bookmark < 0:
        return []
    return [
        {"op": "gt", "field": "id", "value": bookmark},
        {"op": "gte", "field": "createDateTime", "value": stamp(since)},
        {"op": "gte", "field": "voidedDate", "value": day_before(since)},
    ]


def key(invoice: Row) -> str:
    """Return what tells an emitted state of an invoice from another: its id, and whether it is voided."""
    return f"{invoice['id']}v" if invoice.get("isVoided") else str(invoice["id"])


def is_recent(invoice: Row, horizon: dt.datetime) -> bool:
    """Tell whether the next run will meet this invoice in its overlap."""
    dates = ((invoice.get("createDateTime"), stamp(horizon)), (invoice.get("voidedDate"), day_before(horizon)))
    return any(date is not None and moment(date) >= moment(lower) for date, lower in dates)
