"""Invoices with all that belongs to them, put together page by page with a few calls for the whole page."""

from __future__ import annotations

import logging
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tap_autotask.entities import known_fields
from tap_autotask.timestamps import widen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_autotask.client import AutotaskClient, Row

logger = logging.getLogger("tap-autotask.expansion")

KEPT = 250
"""Related rows kept from page to page, for each entity: enough to save calls, few enough to keep memory flat."""

LISTED = (("billing_code", "billingCodeID", "BillingCodes"), ("role", "roleID", "Roles"))
"""Additions to a billing item from lists that are read whole: (column, field of the item, entity)."""

LINKED = (
    ("contract", "contractID", "Contracts"),
    ("project", "projectID", "Projects"),
    ("service_bundle", "serviceBundleID", "ServiceBundles"),
)
"""Additions to a billing item that are read by id: (column, field of the item, entity)."""

CHARGES = (
    ("ticketChargeID", "TicketCharges"),
    ("projectChargeID", "ProjectCharges"),
    ("contractChargeID", "ContractCharges"),
)
"""An item that was sold has one of these charges, and only the charge knows the product."""

LABELLED = ("billingItemType", "subType")


class Reader:
    """Reads rows with timestamps of full width."""

    def __init__(self, client: AutotaskClient) -> None:
        self.client = client

    def among(self, entity: str, ids: Iterable[int], field: str = "id") -> Iterator[Row]:
        """Yield the rows whose field has one of the values."""
        return _widened(entity, self.client.among(entity, ids, field))

    def whole(self, entity: str) -> dict[int, Row]:
        """Return all rows of an entity by id."""
        return {row["id"]: row for page in self.client.pages(entity) for row in _widened(entity, page)}


def _widened(entity: str, rows: Iterable[Row]) -> Iterator[Row]:
    fields = [name for name, kind in known_fields()[entity].items() if kind == "date-time"]
    for row in rows:
        widen((row,), fields)
        yield row


class Related:
    """Rows of one entity that others point to; the latest `KEPT` are remembered.

    Args:
        reader: Where they come from.
        entity: ``Companies``.
    """

    def __init__(self, reader: Reader, entity: str) -> None:
        self._reader = reader
        self._entity = entity
        self._rows: dict[int, Row | None] = {}

    def load(self, ids: Iterable[int | None]) -> None:
        """See to it that these rows are at hand; what Autotask does not show becomes None."""
        needed = {number for number in ids if number is not None}
        for number in list(self._rows)[: max(0, len(self._rows) - KEPT)]:
            del self._rows[number]
        missing = needed - self._rows.keys()
        self._rows.update(dict.fromkeys(missing))
        self._rows.update((row["id"], row) for row in self._reader.among(self._entity, missing))

    def get(self, number: int | None) -> Row | None:
        """Return a row that was loaded; None when there is none."""
        return None if number is None else self._rows[number]


class Lists:
    """Small tables, each read whole at its first use and kept for the run."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lists: dict[str, dict[int, Row]] = {}
        self._only: dict[tuple[str, str, Any], Row | None] = {}

    def all(self, entity: str) -> dict[int, Row]:
        """Return the rows of an entity by id."""
        if entity not in self._lists:
            self._lists[entity] = self._reader.whole(entity)
        return self._lists[entity]

    def get(self, entity: str, number: int | None) -> Row | None:
        """Return one row; None when there is none."""
        return None if number is None else self.all(entity).get(number)

    def only(self, entity: str, field: str, value: Any) -> Row | None:
        """Return the one row with this value; None when there is none or when it is not the only one."""
        if (entity, field, value) not in self._only:
            found = [row for row in self.all(entity).values() if row.get(field) == value]
            if len(found) > 1:
                logger.warning("%d rows of %s have %s %r: none of them is used.", len(found), entity, field, value)
            self._only[entity, field, value] = found[0] if len(found) == 1 else None
        return self._only[entity, field, value]

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """Return the labels of BillingItems' picklists by the value's text: rows hold integers, metadata text."""
        described = {field["name"]: field for field in self._reader.client.metadata("BillingItems")}
        return {
            name: {str(entry["value"]): entry["label"] for entry in described.get(name, {}).get("picklistValues") or ()}
            for name in LABELLED
        }


class Expansion:
    """Adds to invoices what the mapping of an invoice needs.

    Args:
        client: Where everything comes from.
    """

    def __init__(self, client: AutotaskClient) -> None:
        self._reader = reader = Reader(client)
        self._lists = Lists(reader)
        entities = ["Companies", "Products", "Services", "ContractServices"]
        entities += [entity for *_, entity in (*LINKED, *CHARGES)]
        self._related = {entity: Related(reader, entity) for entity in entities}

    def expand(self, invoices: list[Row]) -> Iterator[Row]:
        """Yield each invoice of a page with its company, terms, template, tax region and billing items.

        Args:
            invoices: Rows of Invoices, some 500 at most: all that belongs to them is in memory at once.
        """
        items = self._billing_items([invoice["id"] for invoice in invoices])
        self._related["Companies"].load(invoice.get("companyID") for invoice in invoices)
        for invoice in invoices:
            company = self._company(invoice.get("companyID"))
            region = invoice.get("taxRegionName")
            yield invoice | {
                "company": company,
                "currency": self._currency(company),
                "payment_term": self._lists.get("PaymentTerms", invoice.get("paymentTerm")),
                "invoice_template": self._lists.get("InvoiceTemplates", invoice.get("invoiceEditorTemplateID")),
                "tax_region": self._lists.only("TaxRegions", "name", region) if region else None,
                "billing_items": items.get(invoice["id"], []),
            }

    def _company(self, number: int | None) -> Row | None:
        company = self._related["Companies"].get(number)
        return company and company | {"country": self._lists.get("Countries", company.get("countryID"))}

    def _currency(self, company: Row | None) -> Row | None:
        """Return the company's currency, which its invoices have too (Autotask REST docs); null is the internal one."""
        if company is None:
            return None
        if company.get("currencyID") is None:
            return self._lists.only("Currencies", "isInternalCurrency", value=True)
        return self._lists.get("Currencies", company["currencyID"])

    def _billing_items(self, invoices: list[int]) -> dict[int, list[Row]]:
        rows = list(self._reader.among("BillingItems", invoices, "invoiceID"))
        self._load(rows)
        items: defaultdict[int, list[Row]] = defaultdict(list)
        for row in sorted(rows, key=_place):
            items[row["invoiceID"]].append(self._expanded_item(row))
        return items

    def _load(self, items: list[Row]) -> None:
        """Read what the items of a page point to, entity by entity."""
        related = self._related
        for _, field, entity in LINKED:
            related[entity].load(item.get(field) for item in items)
        for field, entity in CHARGES:
            related[entity].load(item.get(field) for item in items)
        related["ContractServices"].load(item.get("contractServiceID") for item in items if not item.get("serviceID"))
        related["Services"].load([self._service_id(item) for item in items])
        related["Products"].load((self._charge(item) or {}).get("productID") for item in items)

    def _expanded_item(self, item: Row) -> Row:
        charge = self._charge(item)
        listed = {column: self._lists.get(entity, item.get(field)) for column, field, entity in LISTED}
        linked = {column: self._related[entity].get(item.get(field)) for column, field, entity in LINKED}
        tax_category = item.get("taxCategoryID") or (listed["billing_code"] or {}).get("taxCategoryID")
        return {
            **item,
            **listed,
            **linked,
            "labels": {name: self._lists.labels[name].get(str(item.get(name))) for name in LABELLED},
            "tax_category": self._lists.get("TaxCategories", tax_category),
            "service": self._related["Services"].get(self._service_id(item)),
            "charge": charge,
            "product": self._related["Products"].get((charge or {}).get("productID")),
        }

    def _charge(self, item: Row) -> Row | None:
        found = (self._related[entity].get(item.get(field)) for field, entity in CHARGES)
        return next((charge for charge in found if charge), None)

    def _service_id(self, item: Row) -> int | None:
        if item.get("serviceID"):
            return int(item["serviceID"])
        contract_service = self._related["ContractServices"].get(item.get("contractServiceID"))
        return (contract_service or {}).get("serviceID")


def _place(item: Row) -> tuple[int, int]:
    return item.get("sortOrderID") or 0, item["id"]
