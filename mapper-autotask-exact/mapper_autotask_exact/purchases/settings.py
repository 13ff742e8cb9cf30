"""The settings under ``purchases``, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from mapper_autotask_exact.compiler import Compiler, with_defaults
from mapper_autotask_exact.purchases.fields import RECEIPT
from mapper_autotask_exact.purchases.schema import ANY_FACT, PURCHASES
from mapper_autotask_exact.templates import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mapper_autotask_exact.tables import Table
    from mapper_autotask_exact.templates import Template

_CHOICES = ("goods_receipt", "drop_shipment", "corrections")
_TABLES = ("items", "vat_codes", "warehouses", "cost_centers", "cost_units", "projects", "line_texts", "skip")


UNIQUE = frozenset({"number", "id", "receipt.number", "receipt.id"})
"""Fields of which one has to be in a reference."""


class Freight(msgspec.Struct, frozen=True):
    """What becomes of freight."""

    policy: Literal["line", "leave", "problem"]
    description: str


class PurchaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings under ``purchases``; ``purchases.schema`` says what each means."""

    reference: Template
    supplier_reference: tuple[Template, ...]
    description: tuple[Template, ...]
    remarks: tuple[Template, ...]
    zone: ZoneInfo
    goods_receipt: Table
    drop_shipment: Table
    corrections: Table
    skip: Table
    supplier: Mapping[str, Template]
    home_country: str
    payment_conditions: Table | None
    currencies: Table | None
    items: Table
    warehouses: Table
    vat_codes: Table
    cost_centers: Table
    cost_units: Table
    projects: Table
    line_texts: Table
    unit_cost: Literal["order", "vendor", "product"]
    zero_costs: Literal["keep", "drop", "problem"]
    freight: Freight


def compiled(given: Mapping[str, Any]) -> tuple[PurchaseSettings, list[str]]:
    """Return the settings of purchases, and what is wrong with them."""
    values = with_defaults(PURCHASES, given)
    style = Style(values["date_format"], values["decimal_mark"])
    compiler = _Compiler("purchases", values, ANY_FACT, RECEIPT, style)
    made: dict[str, Any] = {
        **{name: compiler.choice(name, name) for name in _CHOICES},
        **{name: compiler.table(name) for name in _TABLES},
        **{name: compiler.table_or_none(name) for name in ("payment_conditions", "currencies")},
        **{
            name: compiler.templates(f"purchases.{name}", values[name])
            for name in ("supplier_reference", "description", "remarks")
        },
        "reference": compiler.template("purchases.reference", values["reference"]),
        "supplier": {
            name: compiler.template(f"purchases.supplier.{name}", source) for name, source in values["supplier"].items()
        },
        "zone": compiler.zone(values["time_zone"]),
        "freight": Freight(**values["freight"]),
    }
    plain = {name: values[name] for name in PurchaseSettings.__struct_fields__ if name not in made}
    return PurchaseSettings(**plain, **made), [*compiler.errors, *_alike(made["reference"])]


def _alike(reference: Template) -> Iterator[str]:
    """Name a reference that several receipts of one order would share."""
    named = {part.source for part in reference.parts if not isinstance(part, str)}
    if reference.parts and not named & UNIQUE:
        yield (
            f"purchases.reference: {reference.source!r} would be the same for several receipts of one order; name "
            "{number} or {id} in it"
        )


class _Compiler(Compiler):
    """Compiles the settings of purchases."""

    codes = frozenset({"gl_account", "unit", "cost_center", "cost_unit", "project_code"})
    texts = frozenset({"item", "supplier_item", "description", "notes"})
    about_lines = True

    def zone(self, name: str) -> ZoneInfo:
        """Return a time zone; one that does not exist is noted."""
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.errors.append(f"purchases.time_zone: there is no time zone {name!r}; write it like Europe/Amsterdam")
            return ZoneInfo("UTC")
