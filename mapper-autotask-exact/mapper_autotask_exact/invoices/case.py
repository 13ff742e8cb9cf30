"""One invoice on its way to a document: its facts, and what was found missing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from mapper_autotask_exact.facts import Facts, flag, shown, where
from mapper_autotask_exact.tables import Row, Table, find
from mapper_autotask_exact.templates import clean
from transfer_ledger.documents import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.settings import InvoiceSettings
    from transfer_ledger.documents import Form


class Lookup(msgspec.Struct, frozen=True):
    """A question put to a table: for which field and line, and which row answered."""

    field: str
    table: Table
    facts: Facts
    row: Row | None
    line: str | None = None


class Case:
    """What mapping one invoice works with.

    Args:
        settings: Compiled settings.
        record: A row of ``expanded_invoices``.
        lookups: Takes every look into a table, for those who want to know why.
    """

    def __init__(
        self, settings: InvoiceSettings, record: Mapping[str, Any], lookups: list[Lookup] | None = None
    ) -> None:
        self.settings = settings
        self.record = record
        self.lookups = lookups
        self.rules: dict[str, str] = {}
        self._problems: dict[tuple[str, str, str, str | None], list[str]] = {}
        self.id = str(record["id"])
        self.company: Mapping[str, Any] = record.get("company") or {}
        self.number = clean(str(record.get("invoiceNumber") or "")) or self.id
        self.scope = {**record, "number": self.number}
        self.facts = self._facts()
        self.form: Form = self.chosen("form", settings.form, "sales_invoice")

    def _facts(self) -> Facts:
        country = (self.company.get("country") or {}).get("countryCode")
        facts = Facts(self.record)
        facts["number"] = (self.number,)
        facts["credit"] = flag((self.record.get("invoiceTotal") or 0) < 0)
        facts["customer_in"] = where(country, self.settings.home_country)
        return facts

    def look(self, field: str, table: Table, facts: Facts | None = None, line: str | None = None) -> Row | None:
        """Return the first row of a table that fits the invoice, or one of its lines."""
        facts = self.facts if facts is None else facts
        row = find(table, facts)
        if self.lookups is not None:
            self.lookups.append(Lookup(field, table, facts, row, line))
        if row is not None and line is None:
            self.rules[field] = row.path
        return row

    def need(self, field: str, table: Table, facts: Facts | None = None, line: str | None = None) -> Row | None:
        """Return the first row that fits; that none does is a problem."""
        row = self.look(field, table, facts, line)
        if row is None:
            found = described(table, self.facts if facts is None else facts)
            self.problem(
                field if line is None else f"lines.{field}",
                found,
                f"no row of {table.path} fits" + (f" {{{found}}}; add one for it" if found else "; add one"),
                table.path,
                line,
            )
        return row

    def chosen(self, name: str, table: Table, default: Any) -> Any:
        """Return what a setting says that is one value or a table."""
        row = self.need(name, table) if table.rows else None
        return default if row is None else row.result[name]

    def problem(
        self, field: str, value: str, message: str, setting: str | None = None, line: str | None = None
    ) -> None:
        """Note a gap; the same gap on several lines is one problem."""
        lines = self._problems.setdefault((field, clean(value), clean(message), setting), [])
        if line is not None:
            lines.append(line)

    def day(self, field: str, value: Any) -> dt.date | None:
        """Return the calendar date of a date field; Autotask keeps those at midnight, so no time zone shifts them."""
        if value is None:
            return None
        try:
            return dt.date.fromisoformat(str(value)[:10])
        except ValueError:
            self.problem(field, str(value), f"{value} is no date; correct it in Autotask")
            return None

    @property
    def problems(self) -> list[Problem]:
        """All gaps, each with the billing items that have it."""
        return [
            Problem(
                field=field,
                value=value,
                message=message + (f" (billing item {', '.join(lines)})" if lines else ""),
                setting=setting,
            )
            for (field, value, message, setting), lines in self._problems.items()
        ]


def described(table: Table, facts: Facts) -> str:
    """Return what a table could ask about these facts, as the conditions of a row are written."""
    return ", ".join(f"{name}: {text}" for name in table.names if (text := shown(facts[name])))
