"""One invoice on its way to a document."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import case
from mapper_autotask_exact.facts import Facts, flag, where
from mapper_autotask_exact.templates import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.settings import InvoiceSettings
    from transfer_ledger.documents import Form


class Case(case.Case):
    """What mapping one invoice works with.

    Args:
        settings: Compiled settings.
        record: A row of ``expanded_invoices``.
        lookups: Takes every look into a table, for those who want to know why.
    """

    def __init__(
        self, settings: InvoiceSettings, record: Mapping[str, Any], lookups: list[case.Lookup] | None = None
    ) -> None:
        self.settings = settings
        self.id = str(record["id"])
        self.company: Mapping[str, Any] = record.get("company") or {}
        self.number = clean(str(record.get("invoiceNumber") or "")) or self.id
        self.scope = {**record, "number": self.number}
        super().__init__(record, self._facts(record), lookups)
        self.form: Form = self.chosen("form", settings.form, "sales_invoice")

    def _facts(self, record: Mapping[str, Any]) -> Facts:
        country = (self.company.get("country") or {}).get("countryCode")
        facts = Facts(record)
        facts["number"] = (self.number,)
        facts["credit"] = flag((record.get("invoiceTotal") or 0) < 0)
        facts["customer_in"] = where(country, self.settings.home_country)
        return facts

    def day(self, field: str, value: Any) -> dt.date | None:
        """Return the calendar date of a date field; Autotask keeps those at midnight, so no time zone shifts them."""
        if value is None:
            return None
        try:
            return dt.date.fromisoformat(str(value)[:10])
        except ValueError:
            self.problem(field, str(value), f"{value} is no date; correct it in Autotask")
            return None
