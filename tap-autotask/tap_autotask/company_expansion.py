"""Companies with all that belongs to them, put together page by page with a few calls for the whole page."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING

from tap_autotask.related import Lists, Related, currency

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_autotask.client import Condition, Row
    from tap_autotask.related import Reader

logger = logging.getLogger("tap-autotask.company_expansion")

PARENT = ("id", "companyNumber", "companyName")
"""What a company tells of its parent."""

PRIMARY = {"op": "eq", "field": "primaryContact", "value": True}

BILL_TO = {
    "attention": "billToAttention",
    "additionalAddressInformation": "billToAdditionalAddressInformation",
    "address1": "billingAddress1",
    "address2": "billingAddress2",
    "city": "billToCity",
    "state": "billToState",
    "postalCode": "billToZipCode",
    "countryID": "billToCountryID",
}
"""The billing address under the names that other addresses have: name to field of the company."""


class CompanyExpansion:
    """Adds to companies what the mapping of a company needs.

    Args:
        reader: Where everything comes from.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lists = Lists(reader)
        self._parents = Related(reader, "Companies")
        self._bill_to_locations = Related(reader, "CompanyLocations")

    def expand(self, companies: list[Row], *, again: bool = False) -> Iterator[Row]:
        """Yield each company of a page with its country, terms, parent, locations and main contact.

        Args:
            companies: Rows of Companies, some 500 at most: all that belongs to them is in memory at once.
            again: Earlier runs read all of them, so that remembered rows serve.
        """
        self._reader.again = again
        ids = [company["id"] for company in companies]
        locations, contacts = self._children("CompanyLocations", ids), self._children("Contacts", ids, [PRIMARY])
        here = {location["id"] for of_one in locations.values() for location in of_one}
        self._bill_to_locations.load({company.get("billToCompanyLocationID") for company in companies} - here)
        self._parents.load(company.get("parentCompanyID") for company in companies)
        for company in companies:
            its_locations = sorted((self._placed(row) for row in locations[company["id"]]), key=_place)
            primary = [location for location in its_locations if location.get("isPrimary")]
            yield company | {
                **self._listed(company),
                "parent": self._parent(company),
                "primary_location": _only(primary, "primary locations", company),
                "locations": its_locations,
                "main_contact": _only(contacts[company["id"]], "primary contacts", company),
                "bill_to": self._bill_to(company, its_locations),
            }

    def _children(
        self, entity: str, companies: list[int], conditions: Sequence[Condition] = ()
    ) -> defaultdict[int, list[Row]]:
        rows: defaultdict[int, list[Row]] = defaultdict(list)
        for row in self._reader.among(entity, companies, "companyID", conditions):
            rows[row["companyID"]].append(row)
        return rows

    def _listed(self, company: Row) -> Row:
        """Return the additions from short lists. Templates are read by every run: they decide the payment term."""
        picklists, number = self._lists.labels("Companies"), company.get("invoiceTemplateID")
        template = None if number is None else self._lists.read("InvoiceTemplates").get(number)
        term = template and self._lists.get("PaymentTerms", template.get("paymentTerms"))
        return {
            "country": self._lists.get("Countries", company.get("countryID")),
            "currency": currency(self._lists, company),
            "invoice_template": template and template | {"payment_term": term},
            "tax_region": self._lists.get("TaxRegions", company.get("taxRegionID")),
            "labels": {name: labels.get(str(company.get(name))) for name, labels in picklists.items()},
        }

    def _placed(self, row: Row) -> Row:
        return row | {"country": self._lists.get("Countries", row.get("countryID"))}

    def _parent(self, company: Row) -> Row | None:
        parent = self._parents.get(company.get("parentCompanyID"))
        return parent and {name: parent.get(name) for name in PARENT}

    def _bill_to(self, company: Row, locations: list[Row]) -> Row:
        """Return the billing address as the company has it, and the location that it may name instead."""
        number = company.get("billToCompanyLocationID")
        found = next((location for location in locations if location["id"] == number), None)
        if found is None and number is not None:
            elsewhere = self._bill_to_locations.get(number)
            found = elsewhere and self._placed(elsewhere)
        address = self._placed({name: company.get(field) for name, field in BILL_TO.items()})
        return address | {"location": found}


def _place(location: Row) -> tuple[bool, int]:
    return not location.get("isPrimary"), location["id"]


def _only(rows: list[Row], what: str, company: Row) -> Row | None:
    """Return the only row; of several, which Autotask should not have, none is taken."""
    if len(rows) > 1:
        logger.warning("Company %d has %d %s: none of them is used.", company["id"], len(rows), what)
    return rows[0] if len(rows) == 1 else None
