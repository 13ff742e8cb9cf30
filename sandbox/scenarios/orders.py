"""What a tester orders of the sandbox's bookkeeper: ``POST /_sandbox/payments``."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sandbox.exact_online import times
from sandbox.exact_online.errors import Invalid
from sandbox.options import OptionsError
from sandbox.scenarios.payments import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.scenarios.payments import Followed, Payments

Event = Literal[
    "pay",
    "process",
    "receive",
    "match",
    "unmatch",
    "write_off",
    "credit",
    "offset",
    "split",
    "collect",
    "void",
    "remove",
]


class Instalment(msgspec.Struct, forbid_unknown_fields=True):
    """A part of an invoice with a day of its own."""

    amount: Decimal
    due: dt.date


class PaymentOrder(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One event; see sandbox/README.md, Half years, for what each needs."""

    event: Event
    invoices: dict[str, Decimal | None] = {}
    """Ids in Autotask, or references, to how much of each; null: all that is open."""
    date: dt.date | None = None
    """The day of the bank or of the entry; null: the clock's, in the Netherlands."""
    extra: Decimal = Decimal("0.00")
    payment: int | None = None
    """The number that an earlier event answered."""
    instalments: list[Instalment] = []
    status: Literal[20, 30, 40] = 40


def do(payments: Payments, order: PaymentOrder) -> dict[str, Any]:
    """Let an event happen.

    Returns:
        ``{"payment": number}``, the number being that of the match; null where there is none.

    Raises:
        OptionsError: It cannot happen; nothing did.
    """
    date = order.date or times.local(payments.context.clock.now()).date()
    try:
        if order.event == "process":
            for name in order.invoices:
                payments.process(name)
            return {"payment": None}
        wanted = {payments.find(name): amount for name, amount in order.invoices.items()}
        return {"payment": EVENTS[order.event](payments, order, wanted, date)}
    except NotPossibleError as error:
        raise OptionsError(f"{order.event}: {error}.") from error
    except Invalid as error:
        raise OptionsError(f"{order.event}: Exact refuses: {error.text('nl')}.") from error


Wanted = dict["Followed", "Decimal | None"]


def _number(order: PaymentOrder, wanted: Wanted) -> int:
    """Return the match that is meant: as ordered, else the last of the one invoice."""
    if order.payment is not None:
        return order.payment
    parts = [part.match for one in wanted for part in one.parts]
    if not parts:
        raise NotPossibleError("Name the payment, or an invoice that is matched")
    return parts[-1]


def _offset(payments: Payments, wanted: Wanted) -> int:
    notes = [one for one in wanted if one.amount < 0]
    others = [one for one in wanted if one.amount > 0]
    if len(notes) != 1 or len(others) != 1:
        raise NotPossibleError("Name one credit note and one invoice")
    return payments.offset(notes[0], others[0])


def _each(wanted: Wanted, event: Callable[[Followed], Any]) -> None:
    for one in wanted:
        event(one)


def _receive(payments: Payments, wanted: Wanted, date: dt.date) -> int:
    if len(wanted) != 1:
        raise NotPossibleError("Name one invoice of the customer who paid")
    ((one, amount),) = wanted.items()
    return payments.receive(one, amount or one.amount, date)


def _split(payments: Payments, order: PaymentOrder, wanted: Wanted) -> None:
    parts = [(each.amount, each.due) for each in order.instalments]
    _each(wanted, lambda one: payments.split(one, parts))


EVENTS: dict[str, Callable[[Payments, PaymentOrder, Wanted, dt.date], int | None]] = {
    "collect": lambda payments, order, wanted, _: _each(wanted, lambda one: payments.collect(one, order.status)),
    "credit": lambda payments, _, wanted, date: payments.credit(wanted, date),
    "match": lambda payments, order, wanted, _: payments.match(order.payment or 0, wanted),
    "offset": lambda payments, _order, wanted, _date: _offset(payments, wanted),
    "pay": lambda payments, order, wanted, date: payments.pay(wanted, date, order.extra),
    "receive": lambda payments, _, wanted, date: _receive(payments, wanted, date),
    "remove": lambda payments, _order, wanted, _date: _each(wanted, payments.remove),
    "split": lambda payments, order, wanted, _: _split(payments, order, wanted),
    "unmatch": lambda payments, order, wanted, _: payments.unmatch(_number(order, wanted)),
    "void": lambda payments, _order, wanted, _date: _each(wanted, payments.void),
    "write_off": lambda payments, _, wanted, date: payments.write_off(wanted, date),
}
