"""Settings: checked against the schema, then compiled once, so that mapping a line costs no parsing.

``check`` returns everything that is wrong at once, each with its path, its value and what to do.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from jsonschema import Draft202012Validator

from mapper_autotask_exact import schema
from mapper_autotask_exact.facts import HEADER_FACTS, LINE_FACTS
from mapper_autotask_exact.mistakes import explain
from mapper_autotask_exact.tables import Row, Table, condition
from mapper_autotask_exact.templates import Style, Template, TemplateError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
_LINE_CODES = {"item", "gl_account", "unit", "cost_center", "cost_unit", "project_code"}
_LINE_TEXTS = {"description", "notes"}

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
    if "invoices" not in config:
        return Settings()
    compiler = _Compiler(_with_defaults(schema.INVOICES, config["invoices"]))
    settings = compiler.invoices()
    errors = [*compiler.errors, *_contradictions(settings)]
    if errors:
        raise SettingsError(errors)
    return Settings(settings)


def _with_defaults(node: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in defaults, also of groups that are left out."""
    filled = dict(values)
    for name, sub in node["properties"].items():
        if "properties" in sub and (name in values or "required" not in sub):
            filled[name] = _with_defaults(sub, values.get(name, {}))
        elif "default" in sub:
            filled.setdefault(name, sub["default"])
    return filled


class _Compiler:
    """Compiles the settings of invoices, and gathers what is wrong with tables and templates."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.style = Style(values["date_format"], values["decimal_mark"])
        self.errors: list[str] = []

    def invoices(self) -> InvoiceSettings:
        values = self.values
        compiled: dict[str, Any] = {
            **{name: self.choice(name, result) for name, result in _CHOICES.items()},
            **{name: self.table(name) for name in _TABLES},
            **{name: self.table(name) if name in values else None for name in ("payment_conditions", "currencies")},
            **{
                name: self.templates(f"invoices.{name}", values[name], line=False)
                for name in ("description", "remarks")
            },
            "reference": self.template("invoices.reference", values["reference"], line=False),
            "customer": {
                name: self.template(f"invoices.customer.{name}", source, line=False)
                for name, source in values["customer"].items()
            },
            "credit_notes": CreditNotes(**values["credit_notes"]),
            "tolerance": Tolerance(**_amounts(values["tolerance"], ("line", "document"))),
            "rounding": Rounding(**_amounts(values["rounding"], ("max_amount",))) if "rounding" in values else None,
        }
        plain = {name: values[name] for name in InvoiceSettings.__struct_fields__ if name not in compiled}
        return InvoiceSettings(**plain, **compiled)

    def choice(self, name: str, result: str) -> Table:
        """Compile a setting that is one value for all invoices, or a table."""
        value = self.values.get(name, [])
        if isinstance(value, list):
            return self.table(name)
        return Table(f"invoices.{name}", (Row(f"invoices.{name}", (), {result: value}),))

    def table(self, name: str) -> Table:
        """Compile a table, and look for rows that can never count."""
        path = f"invoices.{name}"
        rows = self.values.get(name, [])
        self.errors += _unreachable(path, rows)
        return Table(path, tuple(self.row(f"{path}[{place}]", row) for place, row in enumerate(rows)))

    def row(self, path: str, row: Mapping[str, Any]) -> Row:
        """Compile a row: what it asks, and what it gives."""
        conditions = tuple(condition(name, wanted) for name, wanted in row.items() if name in _CONDITIONS)
        result = {
            name: self.result(f"{path}.{name}", name, value) for name, value in row.items() if name not in _CONDITIONS
        }
        if "rate" in row:
            result["rate"] = Decimal(str(row["rate"])) / 100
        return Row(path, conditions, result)

    def result(self, path: str, name: str, value: Any) -> Any:
        """Compile what a row gives: a template, several, or a plain value."""
        if name in _LINE_CODES:
            return self.template(path, value, line=True)
        return self.templates(path, value, line=True) if name in _LINE_TEXTS else value

    def templates(self, path: str, sources: str | list[str], *, line: bool) -> tuple[Template, ...]:
        """Compile one or several templates."""
        if isinstance(sources, str):
            return (self.template(path, sources, line=line),)
        return tuple(self.template(f"{path}[{place}]", source, line=line) for place, source in enumerate(sources))

    def template(self, path: str, source: str, *, line: bool) -> Template:
        """Compile a template; one that is wrong is noted and left empty."""
        try:
            return parse(source, line=line, style=self.style)
        except TemplateError as error:
            self.errors.append(f"{path}: {error}")
            return Template(source, ())


def _amounts(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: Decimal(str(value)) if name in names else value for name, value in values.items()}


def _unreachable(path: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Name the rows below one that asks nothing, or the same."""
    seen: dict[str, int] = {}
    for place, row in enumerate(rows):
        asked = repr(sorted((name, wanted) for name, wanted in row.items() if name in _CONDITIONS))
        above = seen.get("[]", seen.get(asked))
        if above is not None:
            why = "asks nothing and always fits" if "[]" in seen else "asks the same"
            yield f"{path}[{place}]: never counts, since {path}[{above}] above it {why}; move it up or take one out"
        seen.setdefault(asked, place)


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
