"""Invoices with all that belongs to them, put together page by page with a few calls for the whole page."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tap_autotask.related import Lists, Related, currency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_autotask.client import Row
    from tap_autotask.related import Reader

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


class InvoiceExpansion:
    """Adds to invoices what the mapping of an invoice needs.

    Args:
        reader: Where everything comes from.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lists = Lists(reader)
        entities = ["Companies", "Products", "Services", "ContractServices"]
        entities += [entity for *_, entity in (*LINKED, *CHARGES)]
        self._related = {entity: Related(reader, entity) for entity in entities}

    def expand(self, invoices: list[Row], *, again: bool = False) -> Iterator[Row]:
        """Yield each invoice of a page with its company, terms, template, tax region and billing items.

        Args:
            invoices: Rows of Invoices, some 500 at most: all that belongs to them is in memory at once.
            again: Earlier runs read all of them, so that remembered rows serve.
        """
        self._reader.again = again
        items = self._billing_items([invoice["id"] for invoice in invoices])
        self._related["Companies"].load(invoice.get("companyID") for invoice in invoices)
        for invoice in invoices:
            company = self._company(invoice.get("companyID"))
            region = invoice.get("taxRegionName")
            yield invoice | {
                "company": company,
                "currency": company and currency(self._lists, company),
                "payment_term": self._lists.get("PaymentTerms", invoice.get("paymentTerm")),
                "invoice_template": self._lists.get("InvoiceTemplates", invoice.get("invoiceEditorTemplateID")),
                "tax_region": self._lists.only("TaxRegions", "name", region) if region else None,
                "billing_items": items.get(invoice["id"], []),
            }

    def _company(self, number: int | None) -> Row | None:
        company = self._related["Companies"].get(number)
        return company and company | {"country": self._lists.get("Countries", company.get("countryID"))}

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
        charge, labels = self._charge(item), self._lists.labels("BillingItems")
        listed = {column: self._lists.get(entity, item.get(field)) for column, field, entity in LISTED}
        linked = {column: self._related[entity].get(item.get(field)) for column, field, entity in LINKED}
        tax_category = item.get("taxCategoryID") or (listed["billing_code"] or {}).get("taxCategoryID")
        return {
            **item,
            **listed,
            **linked,
            "labels": {name: labels.get(name, {}).get(str(item.get(name))) for name in LABELLED},
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
