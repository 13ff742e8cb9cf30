"""The stream ``expanded_invoices``: every invoice once, whole, and again when it is asked for or voided."""

from __future__ import annotations

import datetime as dt
from base64 import b64decode, b64encode
from itertools import islice
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th
from typing_extensions import override

from tap_autotask.entities import INVOICES, known_fields, schema
from tap_autotask.exceptions import Refused, StopRun
from tap_autotask.expansion import Expansion
from tap_autotask.streams import AppendedStream, day_before, up_to
from tap_autotask.timestamps import moment, stamp, widen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_autotask.client import Condition, Row
    from tap_autotask.tap import TapAutotask

MAX_RECENT = 1000
"""How many emitted keys the state holds at most; beyond it the oldest may be emitted once more."""

PAGE = 500
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


def expanded_schema() -> dict[str, Any]:
    """Return the JSON Schema of the stream: the columns of Invoices and the additions."""
    plain = schema(known_fields()[INVOICES.name])
    return plain | {"properties": plain["properties"] | ADDITIONS.to_dict()["properties"]}


class ExpandedInvoices(AppendedStream):
    """Every invoice once, with all that the mapping of an invoice needs.

    Beside the bookmark and ``upper_bound`` the state holds ``recent``, the keys emitted that the overlap of the next
    run will meet again, and ``open``, which a target adds: ids it wants to have again, whatever the settings say of
    which invoices to read. Those, late arrivals and new voids are emitted first and leave the bookmark where it is.
    """

    STATE_MSG_FREQUENCY = 50

    def __init__(self, tap: TapAutotask) -> None:
        super().__init__(tap, INVOICES, expanded_schema(), "expanded_invoices")
        self._offered: int | None = None

    @property
    @override
    def wanted(self) -> list[Condition]:
        voided = [] if self.config["include_voided"] else [{"op": "eq", "field": "isVoided", "value": False}]
        return super().wanted + voided

    @override
    def changes(self) -> Iterator[Row]:
        state, until = self.stream_state, self.client.now()
        self._position = state.get("replication_key_value", -1)
        since = moment(state.get("upper_bound", stamp(until)))
        overlap = dt.timedelta(minutes=self.config["overlap_minutes"])
        touched = list(self._touched(since - overlap)) if self._position >= 0 else []
        known = set(state.get("recent", ()))
        again = self._open_keys() | {row["id"] for row in touched if key(row) not in known}
        new = self.client.count(INVOICES.name, self.wanted, after=self._position)
        self._offered = sum(number <= self._position for number in again) + new
        self.logger.info("%d invoices are new, %d are read again.", new, len(again))

        expansion = Expansion(self.client)
        yield from self._again(expansion, again)
        horizon = until - overlap
        recent = [key(row) for row in touched if is_recent(row, horizon)]
        state.update(upper_bound=stamp(until), recent=recent[-MAX_RECENT:])
        yield from self._new(expansion, again, new, horizon)

    def _open_keys(self) -> set[int]:
        """Return the ids a target wants again.

        Raises:
            StopRun: The state holds something that is no id of an invoice.
        """
        keys = self.stream_state.get("open", ())
        wrong = [item for item in keys if not str(item).isdecimal()]
        if wrong:
            raise StopRun(
                f"The state names {wrong[:5]} under bookmarks.{self.name}.open, which are no ids of invoices."
                " Correct the state; Meltano shows it with `meltano state get`."
            )
        return {int(item) for item in keys}

    def _touched(self, since: dt.datetime) -> Iterator[Row]:
        """Yield, short, the invoices up to the bookmark that came or were voided since."""
        came = {"op": "gte", "field": "createDateTime", "value": stamp(since)}
        voided = {"op": "gte", "field": "voidedDate", "value": day_before(since)}
        conditions = [*self.wanted, up_to(self._position), {"op": "or", "items": [came, voided]}]
        fields = ("id", "isVoided", "createDateTime", "voidedDate")
        for page in self.client.pages(INVOICES.name, conditions, fields=fields):
            yield from page

    def _again(self, expansion: Expansion, ids: set[int]) -> Iterator[Row]:
        found = set()
        for page in batches(self.client.among(INVOICES.name, ids)):
            for row in self._expanded(expansion, page):
                found.add(row["id"])
                yield row
        if ids - found:
            self.logger.warning("Invoices %s were asked for but Autotask does not show them.", sorted(ids - found))

    def _new(self, expansion: Expansion, again: set[int], expected: int, horizon: dt.datetime) -> Iterator[Row]:
        recent = self.stream_state["recent"]
        for page in batches(self.read_expected(self.wanted, self._position, expected)):
            for row in self._expanded(expansion, [row for row in page if row["id"] not in again]):
                self._position = row["id"]
                if is_recent(row, horizon):
                    recent.append(key(row))
                    del recent[:-MAX_RECENT]
                yield row
            self._position = page[-1]["id"]
            self.remember(page[-1])

    def _expanded(self, expansion: Expansion, page: list[Row]) -> Iterator[Row]:
        widen(page, self._timestamps)
        for row in expansion.expand(page):
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


def key(invoice: Row) -> str:
    """Return what tells an emitted state of an invoice from another: its id, and whether it is voided."""
    return f"{invoice['id']}v" if invoice.get("isVoided") else str(invoice["id"])


def is_recent(invoice: Row, horizon: dt.datetime) -> bool:
    """Tell whether the next run will meet this invoice in its overlap."""
    dates = ((invoice.get("createDateTime"), stamp(horizon)), (invoice.get("voidedDate"), day_before(horizon)))
    return any(date is not None and moment(date) >= moment(lower) for date, lower in dates)


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows in lists of a page each."""
    iterator = iter(rows)
    while page := list(islice(iterator, PAGE)):
        yield page
