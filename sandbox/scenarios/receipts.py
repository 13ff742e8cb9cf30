"""Half a year of goods receipts: played into Autotask's purchase orders, with all that goes wrong in a warehouse.

A receipt is what one person booked of one order in one go: rows seconds apart, under one vendor invoice number. What is
booked again under the same number is at least a quarter of an hour later, and another receipt.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.autotask.seed.ground import ENGINEERS, Ground
from sandbox.scenarios import receipt_rows
from sandbox.scenarios.goods import shelf
from sandbox.scenarios.receipt_rows import ZONE

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sandbox.context import Context
    from sandbox.scenarios.goods import Good, Shelf
    from sandbox.world import Company

FIRST_ORDER, FIRST_ITEM, FIRST_ROW = 4001, 9301, 12001
MOST_OF_AN_ORDER = 7
RECENT = (120, 300, 780)
"""How many seconds ago the last receipts were booked: two are not settled yet, one just is."""
APART = dt.timedelta(minutes=15)


@dataclass
class Item:
    """An item of an order; ``received`` and ``peak`` count what was booked on it so far."""

    good: Good
    id: int = 0
    received: int = 0
    peak: int = 0
    quantity: int = 0


@dataclass
class Booking:
    """A receiving row."""

    item: Item
    quantity: int
    seconds: float
    serial: str = ""
    id: int = 0


@dataclass
class Receipt:
    """Rows that were booked in one go."""

    order: Order
    at: dt.datetime
    by: int
    invoice_number: str
    bookings: list[Booking] = field(default_factory=list)

    @property
    def last(self) -> dt.datetime:
        """Return when the last row was booked."""
        return self.at + dt.timedelta(seconds=max(booking.seconds for booking in self.bookings))


@dataclass
class Order:
    """A purchase order."""

    number: int
    vendor: Company
    made: dt.datetime
    items: list[Item]
    freight: float
    customer: Company | None
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def id(self) -> int:
        """Return its id in Autotask."""
        return FIRST_ORDER + self.number


def play(context: Context) -> None:
    """Play the receipts that the options ask for, and offer their truth."""
    ground = Ground(context)
    chance = context.random("scenarios/receipts")
    division = context.halves["exact_online"].division
    orders = _orders(chance, ground, shelf(ground, division, chance), context.options.receipts)
    _number(orders)
    for order in orders:
        receipt_rows.store(ground, order)
    sums: Counter[int] = Counter()
    for receipt, booking in _in_time(orders):
        row = receipt_rows.received(receipt, booking, sums[booking.item.id])
        ground.put("PurchaseOrderItemReceiving", row)
        sums[booking.item.id] += booking.quantity
    context.truths["receipts"] = lambda: receipt_rows.truth(orders, context.clock.now())


def _orders(chance: random.Random, ground: Ground, goods: Shelf, total: int) -> list[Order]:
    """Plan all orders, oldest first, and their receipts, so many in all."""
    count = max(1, round(total * 5 / 12))
    sizes = [1] * min(count, total)
    while sum(sizes) < total:
        place = chance.randrange(len(sizes))
        sizes[place] += sizes[place] < MOST_OF_AN_ORDER
    now = ground.context.clock.now()
    orders = []
    for number, size in enumerate(sizes):
        made = now - dt.timedelta(days=180 - 168 * number / len(sizes), hours=chance.uniform(0, 9))
        order = _order(chance, ground, goods, number, made)
        for at in _moments(chance, order, now, size):
            order.receipts.append(_receipt(chance, order, at))
        orders.append(order)
    _make_recent(orders, now)
    return orders


def _order(chance: random.Random, ground: Ground, goods: Shelf, number: int, made: dt.datetime) -> Order:
    """Plan an order: every so many has something special on it, is for a customer, or costs freight."""
    vendors = goods.vendors
    vendor = vendors[-1 - number // 40 % 2] if number % 40 == 21 else chance.choice(vendors[:-2])
    chosen = chance.sample(goods.plain, chance.choice((1, 1, 2, 2, 3, 4, 5)))
    if number % 4 == 1:
        chosen.append(goods.special[number // 4 % len(goods.special)])
    if number % 17 == 3:
        chosen.append(chosen[0])  # a product may stand in an order twice (Autotask REST docs, PurchaseOrderItems)
    customers = ground.world.of_kind("customer")
    return Order(
        number=number,
        vendor=vendor,
        made=made,
        items=[Item(good) for good in chosen],
        freight=chance.choice((7.5, 12.5, 24.95)) if number % 5 == 2 else 0.0,
        customer=chance.choice(customers) if number % 12 == 7 else None,
    )


def _moments(chance: random.Random, order: Order, now: dt.datetime, count: int) -> list[dt.datetime]:
    """Return when an order's receipts were booked: days apart, hours, a quarter of an hour, or seconds."""
    found: list[dt.datetime] = []
    span = (now - dt.timedelta(days=1) - order.made) / (count + 1)
    for place in range(count):
        close = place and (order.number + place) % 6
        if place and close == 1:
            at = found[-1] + dt.timedelta(seconds=chance.randint(55, 75))
        elif place and close == 2:
            at = found[-1] + APART + dt.timedelta(seconds=chance.randint(60, 7200))
        else:
            at = order.made + span * (place + chance.uniform(0.5, 1))
            at = at.replace(microsecond=chance.randrange(1000) * 1000)
        if order.number % 25 == 9:
            at = _around_midnight(at, place)
        found.append(max(at, found[-1] + dt.timedelta(seconds=55)) if found else at)
    return found


def _around_midnight(at: dt.datetime, place: int) -> dt.datetime:
    """Move to just before or just after midnight where the MSP is."""
    time = dt.time(23, 59, 58) if place % 2 else dt.time(0, 0, 20)
    return dt.datetime.combine(at.astimezone(ZONE).date(), time, ZONE).astimezone(dt.UTC)


def _receipt(chance: random.Random, order: Order, at: dt.datetime) -> Receipt:
    """Plan a receipt. One that is close to the one before is of another person or has another invoice number."""
    before = order.receipts[-1] if order.receipts else None
    receipt = Receipt(order, at, chance.choice(ENGINEERS), _invoice_number(chance, order))
    if before is not None:
        if at - before.last >= APART:
            receipt.invoice_number = chance.choice((receipt.invoice_number, before.invoice_number))
        elif chance.random() < 0.5:
            receipt.by, receipt.invoice_number = _other(ENGINEERS, before.by), before.invoice_number
        else:
            receipt.by, receipt.invoice_number = before.by, f"{before.invoice_number}-{len(order.receipts) + 1}"
    (happening,) = chance.choices(KINDS, WEIGHTS) if before else (_arrival,)
    happening(chance, receipt)
    if not receipt.bookings:
        _arrival(chance, receipt)
    _spread(chance, receipt)
    return receipt


def _invoice_number(chance: random.Random, order: Order) -> str:
    return "" if order.number % 7 == 4 else f"F{order.vendor.id % 1000}-{chance.randint(10000, 99999)}"


def _other(people: tuple[int, ...], one: int) -> int:
    return people[(people.index(one) + 1) % len(people)]


def _book(receipt: Receipt, item: Item, quantity: int, serial: str = "") -> None:
    item.received += quantity
    item.peak = max(item.peak, item.received)
    receipt.bookings.append(Booking(item, quantity, 0, serial))


def _arrival(chance: random.Random, receipt: Receipt) -> None:
    """Some of the items came in; of what has serial numbers every piece is a row."""
    items = receipt.order.items
    for item in sorted(chance.sample(range(len(items)), chance.randint(1, len(items)))):
        if items[item].good.serialised:
            for _ in range(chance.randint(1, 3)):
                _book(receipt, items[item], 1, f"SN{chance.randrange(10**8):08d}")
        else:
            _book(receipt, items[item], chance.randint(1, 8))


def _undo(chance: random.Random, receipt: Receipt) -> None:
    """What an earlier receipt brought is taken back, in whole or in part."""
    back = chance.choice(receipt.order.receipts)
    for booking in back.bookings:
        quantity = min(booking.quantity, booking.item.received, _held(receipt.order, booking))
        if quantity > 0:
            _book(receipt, booking.item, -chance.randint(1, quantity), booking.serial)


def _held(order: Order, booking: Booking) -> int:
    """Return how much of what was booked is still there: of a piece with a serial number, one or none."""
    if not booking.serial:
        return booking.quantity
    rows = (row for receipt in order.receipts for row in receipt.bookings if row.item is booking.item)
    return sum(row.quantity for row in rows if row.serial == booking.serial)


def _exchange(chance: random.Random, receipt: Receipt) -> None:
    """One item was taken for another: some of one is taken back and some of another comes in, in one go."""
    held = [item for item in receipt.order.items if item.received and not item.good.serialised]
    others = [item for item in receipt.order.items if not item.good.serialised]
    if held and len(others) > 1:
        wrong = chance.choice(held)
        right = chance.choice([item for item in others if item is not wrong])
        quantity = chance.randint(1, wrong.received)
        _book(receipt, wrong, -quantity)
        _book(receipt, right, quantity)


def _mistype(chance: random.Random, receipt: Receipt) -> None:
    """A quantity was typed wrong, taken back and typed again within the minute."""
    item = next((item for item in receipt.order.items if not item.good.serialised), None)
    if item is not None:
        wrong, right = chance.randint(10, 20), chance.randint(1, 6)
        for quantity in (wrong, -wrong, right):
            _book(receipt, item, quantity)


def _nothing(chance: random.Random, receipt: Receipt) -> None:
    """What was booked is taken back in the same go: nothing came in."""
    item = chance.choice(receipt.order.items)
    _book(receipt, item, 2, "SN00000000" if item.good.serialised else "")
    _book(receipt, item, -2, "SN00000000" if item.good.serialised else "")


KINDS: tuple[Callable[[random.Random, Receipt], None], ...] = (_arrival, _undo, _exchange, _mistype, _nothing)
WEIGHTS = (74, 12, 6, 5, 3)


def _spread(chance: random.Random, receipt: Receipt) -> None:
    """Let the rows be booked at the same moment, or seconds after each other."""
    step = chance.choice((0, 0, 1, 3))
    seconds = 0.0
    for booking in receipt.bookings:
        booking.seconds = seconds
        seconds += chance.choice((0.27, 1.113, 2, 4.5)) if step else 0


def _make_recent(orders: list[Order], now: dt.datetime) -> None:
    """Let the last receipts of some orders be so recent that they are not settled."""
    for order, seconds in zip(reversed(orders), RECENT, strict=False):
        receipt = order.receipts[-1]
        receipt.at += now - dt.timedelta(seconds=seconds) - receipt.last


def _number(orders: list[Order]) -> None:
    """Give ids: items by order, rows in the order in which they were booked."""
    for number, item in enumerate(item for order in orders for item in order.items):
        item.id = FIRST_ITEM + number
        item.quantity = max(item.peak, 1) + (2 if number % 6 == 0 else 0)
    for number, (_, booking) in enumerate(_in_time(orders)):
        booking.id = FIRST_ROW + number


def _in_time(orders: list[Order]) -> list[tuple[Receipt, Booking]]:
    rows = [(receipt, booking) for order in orders for receipt in order.receipts for booking in receipt.bookings]
    return sorted(rows, key=lambda row: row[0].at + dt.timedelta(seconds=row[1].seconds))
