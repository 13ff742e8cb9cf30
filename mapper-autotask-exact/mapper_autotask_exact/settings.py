"""Settings: checked against the schema, then compiled once, so that mapping a line costs no parsing.

``check`` returns everything that is wrong at once, each with its path, its value and what to do.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from jsonschema import Draft202012Validator

from mapper_autotask_exact import fields, schema
from mapper_autotask_exact.compiler import Compiler, with_defaults
from mapper_autotask_exact.facts import HEADER_FACTS, LINE_FACTS
from mapper_autotask_exact.mistakes import explain
from mapper_autotask_exact.parties import settings as parties
from mapper_autotask_exact.payments import settings as payments
from mapper_autotask_exact.purchases import settings as purchases
from mapper_autotask_exact.templates import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mapper_autotask_exact.parties.settings import PartySettings
    from mapper_autotask_exact.payments.settings import PaymentSettings
    from mapper_autotask_exact.purchases.settings import PurchaseSettings
    from mapper_autotask_exact.tables import Table
    from mapper_autotask_exact.templates import Template
    from transfer_ledger.documents import Form, VoidPolicy

_VALIDATOR = Draft202012Validator(schema.CONFIG)
_CONDITIONS = {*HEADER_FACTS, *LINE_FACTS, "rate"}
_CHOICES = {
    "form": "form",
    "journal": "journal",
    "keep_number": "keep_number",
    "definitive": "definitive",
    "grouping": "by",
}
"""The settings that are one value or a table, and the result they give."""
_TABLES = ("vat_codes", "items", "cost_centers", "cost_units", "line_texts", "skip")

NEEDED_BY_FORM: dict[Form, str] = {"sales_invoice": "item", "sales_order": "item", "sales_entry": "gl_account"}
"""What every line of a form needs."""


class SettingsError(ValueError):
    """Settings that cannot be used; ``errors`` has a sentence for each mistake."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


class CreditNotes(msgspec.Struct, frozen=True):
    """What becomes of invoices below zero."""

    negative_total: Literal["credit_note", "invoice", "problem"]
    mixed_lines: Literal["allow", "problem"]


class Tolerance(msgspec.Struct, frozen=True):
    """Differences that count as none."""

    line: Decimal
    document: Decimal


class Rounding(msgspec.Struct, frozen=True):
    """The line that takes up a small difference."""

    vat_code: str
    description: str
    max_amount: Decimal
    item: str | None = None
    gl_account: str | None = None
    cost_center: str | None = None
    cost_unit: str | None = None


class InvoiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings under ``invoices``, compiled; ``schema.INVOICES`` says what each means."""

    form: Table
    journal: Table
    keep_number: Table
    definitive: Table
    reference: Template
    missing_number: Literal["id", "problem"]
    description: tuple[Template, ...]
    remarks: tuple[Template, ...]
    due_date: Literal["autotask", "payment_condition"]
    invoice_pdf: Literal["attach", "require", "leave"]
    customer: Mapping[str, Template]
    home_country: str
    vat_codes: Table
    vat_rounding: Literal["code", "line"]
    items: Table
    cost_centers: Table
    cost_units: Table
    line_texts: Table
    grouping: Table
    zero_lines: Literal["keep", "drop"]
    non_billable_lines: Literal["keep", "drop"]
    empty_invoices: Literal["problem", "skip"]
    line_amount: Literal["extendedPrice", "totalAmount"]
    payment_conditions: Table | None
    currencies: Table | None
    exchange_rate: Literal["receiver", "autotask"]
    credit_notes: CreditNotes
    voids: VoidPolicy
    invoice_total: Literal["net", "gross"]
    tolerance: Tolerance
    rounding: Rounding | None
    skip: Table


class Settings(msgspec.Struct, frozen=True):
    """All settings of the mapper; an area that is left out is not mapped."""

    invoices: InvoiceSettings | None = None
    accounts: PartySettings | None = None
    companies: PartySettings | None = None
    payments: PaymentSettings | None = None
    purchases: PurchaseSettings | None = None


def check(config: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the settings, a sentence each, sorted by place."""
    try:
        load(config)
    except SettingsError as error:
        return error.errors
    return []


def load(config: Mapping[str, Any]) -> Settings:
    """Check and compile the settings.

    Raises:
        SettingsError: with everything that is wrong.
    """
    mistakes = sorted(_VALIDATOR.iter_errors(dict(config)), key=lambda error: [str(step) for step in error.path])
    if mistakes:
        raise SettingsError(list(dict.fromkeys(text for mistake in mistakes for text in explain(mistake))))
    errors: list[str] = []
    compiled: dict[str, Any] = {}
    for area in parties.AREAS:
        if area.name in config:
            compiled[area.name], wrong = parties.compiled(area, config[area.name])
            errors += wrong
    if "invoices" in config:
        compiled["invoices"], wrong = _invoices(config["invoices"])
        errors += wrong
    if "payments" in config:
        compiled["payments"], wrong = payments.compiled(config["payments"])
        errors += wrong
    if "purchases" in config:
        compiled["purchases"], wrong = purchases.compiled(config["purchases"])
        errors += wrong
    if errors:
        raise SettingsError(errors)
    return Settings(**compiled)


def _invoices(given: Mapping[str, Any]) -> tuple[InvoiceSettings, list[str]]:
    """Return the settings of invoices, and what is wrong with them."""
    values = with_defaults(schema.INVOICES, given)
    style = Style(values["date_format"], values["decimal_mark"])
    compiler = _Compiler("invoices", values, _CONDITIONS, fields.INVOICES, style)
    settings = compiler.invoices()
    return settings, [*compiler.errors, *_contradictions(settings)]


class _Compiler(Compiler):
    """Compiles the settings of invoices."""

    codes = frozenset({"item", "gl_account", "unit", "cost_center", "cost_unit", "project_code"})
    texts = frozenset({"description", "notes"})
    about_lines = True

    def invoices(self) -> InvoiceSettings:
        """Return the settings; what is wrong stands in ``errors``."""
        values = self.values
        compiled: dict[str, Any] = {
            **{name: self.choice(name, result) for name, result in _CHOICES.items()},
            **{name: self.table(name) for name in _TABLES},
            **{name: self.table_or_none(name) for name in ("payment_conditions", "currencies")},
            **{name: self.templates(f"invoices.{name}", values[name]) for name in ("description", "remarks")},
            "reference": self.template("invoices.reference", values["reference"]),
            "customer": {
                name: self.template(f"invoices.customer.{name}", source) for name, source in values["customer"].items()
            },
            "credit_notes": CreditNotes(**values["credit_notes"]),
            "tolerance": Tolerance(**_amounts(values["tolerance"], ("line", "document"))),
            "rounding": Rounding(**_amounts(values["rounding"], ("max_amount",))) if "rounding" in values else None,
        }
        plain = {name: values[name] for name in InvoiceSettings.__struct_fields__ if name not in compiled}
        return InvoiceSettings(**plain, **compiled)


def _amounts(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: Decimal(str(value)) if name in names else value for name, value in values.items()}


def _contradictions(settings: InvoiceSettings) -> Iterator[str]:
    """Name settings that cannot work together."""
    forms = list(dict.fromkeys(row.result["form"] for row in settings.form.rows))
    if "sales_entry" in forms and not settings.journal.rows:
        yield 'invoices.journal: missing; a sales entry needs a journal: name one, such as "70"'
    if forms == ["sales_invoice"] and any(row.result["keep_number"] for row in settings.keep_number.rows):
        yield (
            "invoices.keep_number: true, but Exact numbers a sales_invoice itself (picqer/exact-php-client#176); "
            "set form to sales_entry, or keep_number to false"
        )
    for form in forms if settings.rounding else ():
        if getattr(settings.rounding, NEEDED_BY_FORM[form]) is None:
            yield f"invoices.rounding.{NEEDED_BY_FORM[form]}: missing; a {form} needs it on every line"
