"""The settings under ``payments``, compiled."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from mapper_autotask_exact.compiler import Compiler, with_defaults
from mapper_autotask_exact.fields import Words
from mapper_autotask_exact.payments.facts import PAYMENT_FACTS
from mapper_autotask_exact.payments.schema import PAYMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.tables import Table
    from transfer_ledger.documents import WhenDated, WhenNotFound, WhenReopened

Settles = Literal["settles", "without_date"]

NO_TEMPLATES = Words(itself="payment", roots=frozenset(), rows={})


class PaymentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of payments; ``payments.schema`` says what each means."""

    date: Literal["settlement", "last_payment", "noticed"]
    credited: Settles
    written_off: Settles
    reopened: WhenReopened
    other_dates: WhenDated
    invoices_from: dt.date | None
    window_days: Decimal | None
    partial: Literal["report", "quiet"]
    not_found: WhenNotFound
    skip: Table

    def settles(self, ended_by: str | None) -> bool:
        """Tell whether a term that ended so counts as settled."""
        ways: dict[str | None, Settles] = {"credit_note": self.credited, "write_off": self.written_off}
        return ways.get(ended_by, "settles") == "settles"


def compiled(given: Mapping[str, Any]) -> tuple[PaymentSettings, list[str]]:
    """Return the settings of payments, and what is wrong with them."""
    values = with_defaults(PAYMENTS, given)
    compiler = Compiler("payments", values, PAYMENT_FACTS.keys(), NO_TEMPLATES)
    days, since = values.get("window_days"), values.get("invoices_from")
    made: dict[str, Any] = {
        "skip": compiler.table("skip"),
        "window_days": None if days is None else Decimal(str(days)),
        "invoices_from": _day(since),
    }
    plain = {name: values[name] for name in PaymentSettings.__struct_fields__ if name not in made}
    settings = PaymentSettings(**plain, **made)
    if since is not None and settings.invoices_from is None:
        compiler.errors.append(f"payments.invoices_from: {since!r} is no date; write it as 2026-01-31")
    return settings, compiler.errors


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
