"""Half a year at the bank: what becomes of every invoice, planned by chance and played in the order of time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sandbox.autotask import moments
from sandbox.exact_online import matching
from sandbox.scenarios.documents import CENT, ZERO, made_at, reference
from sandbox.scenarios.payments import Followed

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sandbox.scenarios.documents import Form
    from sandbox.scenarios.payments import Payments
    from sandbox.store import Row

ZONE = ZoneInfo("Europe/Amsterdam")
FORMS: tuple[Form, ...] = ("sales_invoice", "sales_entry", "sales_order")
TIMES = (dt.time(9, 12), dt.time(14, 40), dt.time(0, 0), dt.time(23, 59, 59))
"""When the bookkeeper works: midnight is when a day is easily the wrong one."""
GROUP = (2, 3, 4)
"""How many invoices are paid by one payment."""


class Plan:
    """The days to come.

    Args:
        payments: The bookkeeper.
        chance: The seed's.
    """

    def __init__(self, payments: Payments, chance: random.Random) -> None:
        self.payments = payments
        self.chance = chance
        self.now = payments.context.clock.now()
        self.events: list[tuple[dt.datetime, int, Callable[[], Any]]] = []
        self.together: dict[str, list[tuple[Followed, dt.date]]] = defaultdict(list)
        self.credits: dict[str, Followed] = {}
        """By customer the credit note that waits for an invoice to be matched with."""
        self.earliest = dt.datetime.min.replace(tzinfo=dt.UTC)
        """When the invoice that is planned is booked: nothing befalls it before."""
        self.ends: set[tuple[str, dt.date]] = set()
        self.changes = sorted(_last_sunday(year, month) for year in _years(self.now) for month in (3, 10))

    def at(self, moment: dt.datetime, event: Callable[[], Any]) -> None:
        """Let something happen, if it is not in the future."""
        at = max(moment, self.earliest)
        if at <= self.now:
            self.events.append((at, len(self.events), event))

    def after(self, date: dt.date, event: Callable[[], Any], days: int | None = None) -> None:
        """Let something be booked some days after its date, when the bookkeeper finds it."""
        late = self.chance.randint(0, 3) if days is None else days
        time = self.chance.choice(TIMES)
        moment = dt.datetime.combine(date + dt.timedelta(days=late), time, ZONE)
        self.at(moment.astimezone(dt.UTC), event)

    def end_of(self, customer: str, date: dt.date) -> dt.date:
        """Return a day on which nothing else of a customer is credited or written off: no one could tell which was."""
        while (customer, date) in self.ends:
            date += dt.timedelta(days=1)
        self.ends.add((customer, date))
        return date

    def play(self) -> None:
        """Let everything happen."""
        for waiting in self.together.values():
            _pay_together(self, waiting)
        for credit in self.credits.values():
            _pay(self, credit, self.now.date() - dt.timedelta(days=3))
        for moment, _, event in sorted(self.events, key=lambda each: each[:2]):
            with self.payments.context.clock.at(moment):
                event()


def _years(now: dt.datetime) -> range:
    return range(now.year - 1, now.year + 1)


def _last_sunday(year: int, month: int) -> dt.date:
    """Return the day on which summer time begins or ends."""
    last = dt.date(year, month, 31)
    return last - dt.timedelta(days=(last.weekday() + 1) % 7)


def play(payments: Payments) -> None:
    """Book every invoice of Autotask in Exact, and let time pass."""
    context = payments.context
    plan = Plan(payments, context.random("scenarios/payments"))
    table = context.store.table("autotask", "Invoices")
    for number, invoice in enumerate(sorted(table, key=made_at)):
        if invoice.get("paidDate"):
            table.put({"id": invoice["id"], "paidDate": None})
        _plan_invoice(plan, number, invoice)
    _plan_strangers(plan)
    plan.play()


def _plan_invoice(plan: Plan, number: int, invoice: Row) -> None:
    payments, plan.earliest = plan.payments, made_at(invoice)
    account = payments.office.customer(invoice)
    one = payments.follow(Followed(invoice["id"], reference(invoice), payments.office.gross(invoice)))
    if account is None or number % 200 == 77:
        if account is not None:
            _plan_namesake(plan, number, one, invoice)
        return
    form = one.form = _form(plan, number, invoice)

    def book() -> None:
        one.entry = payments.office.book(invoice, account, form)

    plan.at(made_at(invoice), book)
    if form != "concept":
        _plan_fate(plan, number, one, invoice)
    if number % 300 == 123:
        one.dated_by_hand = _date(invoice["invoiceDateTime"])
        row = {"id": invoice["id"], "paidDate": invoice["invoiceDateTime"]}
        plan.at(made_at(invoice), lambda: payments.context.store.table("autotask", "Invoices").put(row))


def _form(plan: Plan, number: int, invoice: Row) -> Form:
    recent = (plan.now - made_at(invoice)).days < 30
    if number % 40 == 33 and recent:
        return "concept"
    if number % 50 == 21 and reference(invoice).isdecimal():
        return "by_hand"
    return FORMS[number % len(FORMS)]


def _plan_fate(plan: Plan, number: int, one: Followed, invoice: Row) -> None:
    """Draw what becomes of an invoice; whatever is due in the future is open."""
    made, due = _date(invoice["invoiceDateTime"]), _date(invoice["dueDate"])
    if one.amount < ZERO:
        plan.credits[str(invoice["companyID"])] = one
        return
    paid = max(made, due + dt.timedelta(days=plan.chance.randint(-12, 6)))
    change = next((day for day in plan.changes if made <= day <= plan.now.date()), None)
    if change is not None and number % 9 == 4:
        _pay(plan, one, change)
        return
    credit = plan.credits.get(str(invoice["companyID"]))
    if credit is not None and one.amount >= -credit.amount:
        _offset(plan, plan.credits.pop(str(invoice["companyID"])), one, paid)
        return
    (fate,) = plan.chance.choices([fate for fate, _ in FATES], [weight for _, weight in FATES])
    fate(plan, one, str(invoice["companyID"]), made, paid)


def _date(text: str) -> dt.date:
    return moments.parse(text).date()


def _pay(plan: Plan, one: Followed, date: dt.date, amount: Decimal | None = None, extra: Decimal = ZERO) -> None:
    plan.after(date, lambda: plan.payments.pay({one: amount}, date, extra))


def _days(plan: Plan, date: dt.date, least: int, most: int) -> dt.date:
    return date + dt.timedelta(days=plan.chance.randint(least, most))


def _in_full(plan: Plan, one: Followed, _customer: str, _made: dt.date, paid: dt.date) -> None:
    _pay(plan, one, paid)


def _late(plan: Plan, one: Followed, _customer: str, _made: dt.date, paid: dt.date) -> None:
    _pay(plan, one, _days(plan, paid, 20, 75))


def _never(_plan: Plan, _one: Followed, _customer: str, _made: dt.date, _paid: dt.date) -> None:
    """Nothing happens."""


def _in_parts(plan: Plan, one: Followed, _customer: str, _made: dt.date, paid: dt.date) -> None:
    """Two or three payments, of which the last may be long in coming."""
    share = (one.amount / 3).quantize(CENT)
    for place, amount in enumerate(plan.chance.choice(([share], [share, None], [share, share, None]))):
        _pay(plan, one, paid + dt.timedelta(days=4 + 15 * place), amount)


def _twice(plan: Plan, one: Followed, _customer: str, _made: dt.date, paid: dt.date) -> None:
    """Paid twice: what came the second time is matched with nothing."""
    _pay(plan, one, paid)
    again = paid + dt.timedelta(days=9)
    plan.after(again, lambda: plan.payments.receive(one, one.amount, again), days=4)


def _too_much(plan: Plan, one: Followed, _customer: str, _made: dt.date, paid: dt.date) -> None:
    _pay(plan, one, paid, extra=Decimal("2.50"))


def _with_others(plan: Plan, one: Followed, customer: str, _made: dt.date, paid: dt.date) -> None:
    """One payment for several invoices of a customer."""
    waiting = plan.together[customer]
    waiting.append((one, paid))
    if len(waiting) >= plan.chance.choice(GROUP):
        _pay_together(plan, waiting)
        plan.together[customer] = []


def _pay_together(plan: Plan, waiting: list[tuple[Followed, dt.date]]) -> None:
    if waiting:
        date = max(paid for _, paid in waiting)
        amounts = dict.fromkeys([one for one, _ in waiting])
        plan.after(date, lambda: plan.payments.pay(amounts, date), days=2)


def _in_instalments(plan: Plan, one: Followed, _customer: str, made: dt.date, paid: dt.date) -> None:
    """Three terms a month apart, each paid by itself if it is time."""
    share = (one.amount / 3).quantize(CENT)
    dues = [made + dt.timedelta(days=30 * place) for place in (1, 2)]
    plan.after(made, lambda: plan.payments.split(one, [(share, due) for due in dues]), days=1)
    for place, amount in enumerate((share, share, None)):
        _pay(plan, one, _days(plan, paid, 1, 4) + dt.timedelta(days=30 * place), amount)


def _credited(plan: Plan, one: Followed, customer: str, made: dt.date, _paid: dt.date) -> None:
    date = plan.end_of(customer, _days(plan, made, 2, 20))
    plan.after(date, lambda: plan.payments.credit({one: None}, date))


def _credited_in_part(plan: Plan, one: Followed, customer: str, made: dt.date, _paid: dt.date) -> None:
    """Some of it is credited, the rest is paid later."""
    date = plan.end_of(customer, _days(plan, made, 2, 20))
    amount = (one.amount / 4).quantize(CENT)
    plan.after(date, lambda: plan.payments.credit({one: amount}, date))
    _pay(plan, one, _days(plan, date, 5, 25), one.amount - amount)


def _written_off(plan: Plan, one: Followed, customer: str, _made: dt.date, paid: dt.date) -> None:
    date = plan.end_of(customer, _days(plan, paid, 30, 60))
    plan.after(date, lambda: plan.payments.write_off({one: None}, date))


def _short(plan: Plan, one: Followed, customer: str, _made: dt.date, paid: dt.date) -> None:
    """Five cents too few were paid, and are written off later."""
    _pay(plan, one, paid, one.amount - Decimal("0.05"))
    date = plan.end_of(customer, _days(plan, paid, 6, 20))
    plan.after(date, lambda: plan.payments.write_off({one: None}, date))


def _reopened(plan: Plan, one: Followed, _customer: str, _made: dt.date, paid: dt.date) -> None:
    """The payment was somebody else's: the match is undone, and some pay in the end."""
    matched: list[int] = []
    plan.after(paid, lambda: matched.append(plan.payments.pay({one: None}, paid)), days=1)
    plan.after(paid, lambda: plan.payments.unmatch(matched[0]), days=12)
    if plan.chance.random() < 0.4:
        _pay(plan, one, _days(plan, paid, 20, 30))


def _before(plan: Plan, one: Followed, _customer: str, made: dt.date, _paid: dt.date) -> None:
    """Paid before the invoice was made."""
    date = made - dt.timedelta(days=3)
    plan.after(date, lambda: plan.payments.pay({one: None}, date), days=6)


def _collected(plan: Plan, one: Followed, _customer: str, _made: dt.date, paid: dt.date) -> None:
    """Collected by the bank: selected, sent, and received in the end."""
    plan.after(paid, lambda: plan.payments.collect(one, matching.SELECTED), days=1)
    plan.after(paid, lambda: plan.payments.collect(one, matching.PROCESSED), days=3)
    _pay(plan, one, paid + dt.timedelta(days=8))


def _voided(plan: Plan, one: Followed, _customer: str, _made: dt.date, paid: dt.date) -> None:
    """Voided in Autotask, yet paid in Exact."""
    plan.after(paid, lambda: plan.payments.void(one), days=0)
    _pay(plan, one, paid + dt.timedelta(days=5))


def _removed(plan: Plan, one: Followed, _customer: str, made: dt.date, _paid: dt.date) -> None:
    """The entry is removed from Exact."""
    plan.after(made, lambda: plan.payments.remove(one), days=5)


FATES: tuple[tuple[Callable[[Plan, Followed, str, dt.date, dt.date], None], int], ...] = (
    (_in_full, 46),
    (_late, 10),
    (_never, 3),
    (_in_parts, 9),
    (_twice, 2),
    (_too_much, 2),
    (_with_others, 9),
    (_in_instalments, 4),
    (_credited, 3),
    (_credited_in_part, 2),
    (_written_off, 2),
    (_short, 2),
    (_reopened, 3),
    (_before, 1),
    (_collected, 2),
    (_voided, 1),
    (_removed, 1),
)


def _offset(plan: Plan, credit: Followed, one: Followed, paid: dt.date) -> None:
    """A credit note of Autotask's is matched with the customer's next invoice, of which the rest is paid."""
    plan.after(paid, lambda: plan.payments.offset(credit, one), days=1)
    if one.amount > -credit.amount:
        _pay(plan, one, paid + dt.timedelta(days=5))


def _plan_namesake(plan: Plan, number: int, one: Followed, invoice: Row) -> None:
    """Let an invoice that never reached Exact have the number of somebody else's there."""
    office = plan.payments.office
    accounts = list(office.division.tables["Accounts"].find("Status", ["C"]))
    account = accounts[number % len(accounts)]
    if account["ID"] == (office.customer(invoice) or {}).get("ID"):
        account = accounts[(number + 1) % len(accounts)]
    _plan_stranger(plan, invoice, account, f"namesake of {one.reference}")


def _plan_stranger(plan: Plan, invoice: Row, account: Row, name: str) -> None:
    """Let an invoice like one of Autotask's be booked by hand, for somebody else, and be paid."""
    payments = plan.payments
    other = payments.follow(Followed(None, name, payments.office.gross(invoice), "by_hand"))

    def book() -> None:
        other.entry = payments.office.book(invoice, account, "by_hand")

    plan.at(made_at(invoice), book)
    _pay(plan, other, _date(invoice["dueDate"]))


def _plan_strangers(plan: Plan) -> None:
    """Let suppliers be owed and paid as well: their terms travel in the same feed."""
    division = plan.payments.division
    suppliers = division.tables["Accounts"].find("IsSupplier", [True])
    for number in range(30):
        date = (plan.now - dt.timedelta(days=5 * number + 1)).date()
        account, amount = suppliers[number % len(suppliers)], Decimal(plan.chance.randint(1000, 90000)) / 100
        when = dt.datetime.combine(date, dt.time())
        plan.after(date, _owe(division, account, amount, when, number), days=0)


def _owe(division: Any, account: Row, amount: Decimal, when: dt.datetime, number: int) -> Callable[[], Any]:
    return lambda: matching.payable(division, account, amount, when, f"INK{number}")
