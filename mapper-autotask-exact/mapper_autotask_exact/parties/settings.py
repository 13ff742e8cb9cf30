"""The settings under ``accounts`` and ``companies``, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from typing_extensions import override

from mapper_autotask_exact.compiler import Compiler, with_defaults
from mapper_autotask_exact.parties import fields
from mapper_autotask_exact.parties.facts import ACCOUNT_FACTS, COMPANY_FACTS
from mapper_autotask_exact.parties.schema import ACCOUNTS, COMPANIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.facts import Fact
    from mapper_autotask_exact.fields import Words
    from mapper_autotask_exact.schema_parts import Schema
    from mapper_autotask_exact.tables import Table
    from mapper_autotask_exact.templates import Template
    from transfer_ledger.documents import Winner

TEMPLATES = ("name", "vat_number", "chamber_of_commerce", "phone", "email", "website", "bank_account")
CODES = {
    "language": "languages",
    "payment_condition": "payment_conditions",
    "currency": "currencies",
    "classification": "classifications",
}
"""Field of a document to the table that gives it."""


class Area(msgspec.Struct, frozen=True):
    """One direction: its settings and what they can ask and name."""

    name: str
    schema: Schema
    kinds: str
    """The table that says what becomes of a record."""
    facts: dict[str, Fact]
    words: Words


AREAS = (
    Area("accounts", ACCOUNTS, "statuses", COMPANY_FACTS, fields.COMPANY),
    Area("companies", COMPANIES, "company_types", ACCOUNT_FACTS, fields.ACCOUNT),
)


class PartySettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one direction; ``parties.schema`` says what each means."""

    area: str
    kinds: Table
    owner: Table
    when_missing: Table
    code: Table
    missing_code: Literal["problem", "receiver"]
    inactive: Literal["follow", "skip", "ignore"]
    skip: Table
    fields_won_by: Mapping[str, Winner]
    templates: Mapping[str, tuple[Template, ...]]
    udf: Mapping[str, tuple[Template, ...]]
    contact: bool
    address: Table
    wrong_values: Literal["problem", "leave_out"]
    phone_format: Literal["international", "keep"]
    home_country: str
    missing_country: Literal["problem", "home", "leave"]
    countries: Table | None
    codes: Mapping[str, Table]
    """Field of the document to its table, for those that there are."""

    def winner(self, field: str) -> Winner:
        """Return who wins a field."""
        return self.fields_won_by.get(field.partition(".")[0], self.fields_won_by["default"])


def compiled(area: Area, given: Mapping[str, Any]) -> tuple[PartySettings, list[str]]:
    """Return the settings of a direction, and what is wrong with them."""
    values = with_defaults(area.schema, given)
    compiler = _Compiler(area.name, values, area.facts.keys(), area.words)
    choices = {name: compiler.choice(name, name) for name in ("when_missing", "code", "address", "owner")}
    made: dict[str, Any] = {
        **choices,
        "area": area.name,
        "kinds": compiler.table(area.kinds),
        "skip": compiler.table("skip"),
        "templates": {name: compiler.named(name, values[name]) for name in TEMPLATES if name in values},
        "udf": {name: compiler.named(f"udf.{name}", text) for name, text in values.get("udf", {}).items()},
        "countries": compiler.table_or_none("countries"),
        "codes": {field: compiler.table(name) for field, name in CODES.items() if name in values},
    }
    plain = {name: values[name] for name in PartySettings.__struct_fields__ if name not in made}
    settings = PartySettings(**plain, **made)
    return settings, [*compiler.errors, *_contradictions(settings)]


class _Compiler(Compiler):
    """Compiles the settings of one direction."""

    def named(self, name: str, sources: str | list[str]) -> tuple[Template, ...]:
        """Compile the templates of one field."""
        return self.templates(f"{self.area}.{name}", sources)

    @override
    def result(self, path: str, name: str, value: Any) -> Any:
        return self.template(path, value) if path.startswith(f"{self.area}.code") and name == "code" else value


def _contradictions(settings: PartySettings) -> list[str]:
    creates = any(row.result["when_missing"] == "create" for row in settings.when_missing.rows)
    if settings.area == "companies" and creates and not settings.owner.rows:
        return ["companies.owner: missing; Autotask needs the owner of a company that is created: name a resource"]
    return []
