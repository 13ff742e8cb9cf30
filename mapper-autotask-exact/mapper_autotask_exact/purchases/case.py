"""One goods receipt on its way to a document."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import case
from mapper_autotask_exact.facts import Facts, flag, where
from mapper_autotask_exact.purchases.facts import LINE_FACTS, RECEIPT_FACTS, order_of, vendor_of
from mapper_autotask_exact.templates import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.purchases.settings import PurchaseSettings


class Case(case.Case):
    """What mapping one goods receipt works with.

    Args:
        settings: Compiled settings.
        record: A row of ``expanded_goods_receipts``.
        lookups: Takes every look into a table, for those who want to know why.
    """

    line_noun = "receiving row"

    def __init__(
        self, settings: PurchaseSettings, record: Mapping[str, Any], lookups: list[case.Lookup] | None = None
    ) -> None:
        self.settings = settings
        self.id = str(record["id"])
        self.order, self.vendor = order_of(record), vendor_of(record)
        self.order_number = clean(str(self.order.get("purchaseOrderNumber") or self.order.get("id") or ""))
        self.number = "/".join(part for part in (self.order_number, self.id) if part)
        super().__init__(record, self._facts(record), lookups)
        self.day = self._day(record.get("received_at"))
        self.scope = {
            **record,
            **{name: self.order.get(name) for name in ("vendor", "currency", "purchase_for")},
            "order": self.order,
            "number": self.number,
            "date": self.day,
        }

    def _facts(self, record: Mapping[str, Any]) -> Facts:
        country = (self.vendor.get("country") or {}).get("countryCode")
        facts = Facts(record, known=RECEIPT_FACTS, of_line=LINE_FACTS)
        facts["vendor_in"] = where(country, self.settings.home_country)
        rows = record.get("rows") or ()
        facts["takes_back"] = flag(any((row.get("quantityNowReceiving") or 0) < 0 for row in rows))
        return facts

    def line_facts(self, item: Mapping[str, Any]) -> Facts:
        """Return what tables can ask about a line.

        Args:
            item: A row of ``order_item``.
        """
        return Facts(item, self.facts, of_line=LINE_FACTS)

    def _day(self, value: Any) -> dt.date | None:
        """Return the day of a moment, where the user lives: Autotask tells moments in UTC."""
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            message = f"{value} is no moment" if value else "Autotask does not say when it was received"
            self.problem("order_date", str(value or ""), f"{message}; look at the purchase order in Autotask")
            return None
        known = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return known.astimezone(self.settings.zone).date()
