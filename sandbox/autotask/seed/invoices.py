"""Invoices with their billing items and what those were billed from.

Amounts hang together: an extended price is quantity times rate to four decimals, tax is rate times extended price, and
the invoice holds both sums. Every invoice is such that VAT computed once per rate from amounts in cents gives
Autotask's tax to the cent, and that net and tax in cents add up to the gross.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import count, cycle
from typing import TYPE_CHECKING

from sandbox.autotask import moments
from sandbox.autotask.seed import planted
from sandbox.autotask.seed.ground import API_USER, ENGINEERS, MIDNIGHT
from sandbox.autotask.seed.lines import CENT, FOUR, Bench, Line
from sandbox.autotask.seed.master import TEMPLATE_BASE
from sandbox.world import BROKEN_PLACES

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from sandbox.autotask.seed.ground import Ground
    from sandbox.autotask.seed.planted import Plant
    from sandbox.autotask.seed.work import Origin
    from sandbox.store import Row
    from sandbox.world import Company

SIZES = (1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 12)
"""How many lines invoices have: five on average."""
AVERAGE = 5
SPREAD = 170
"""Days before today over which invoices were made; the last is a day old."""
PAID_AFTER = 120
ORDINARY = planted.Plant()
TRIES = 200


class Issuer:
    """Issues invoices in the order of their making, ids growing with it."""

    def __init__(self, ground: Ground, origins: dict[int, Origin]) -> None:
        self.ground = ground
        self.world = ground.world
        self.origins = origins
        self.chance = ground.chance("invoices")
        self.bench = Bench(ground, self.chance)
        self.item_ids = count(880001)
        self.source_ids: dict[str, Iterator[int]] = defaultdict(lambda: count(50001))
        self.regions = {region.name: region for region in self.world.tax_regions}
        self.categories = {category.name: category.id for category in self.world.tax_categories}
        self.currencies = {currency.code: currency for currency in self.world.currencies}

    def issue(self, number: int, invoice_id: int, made: dt.datetime, company: Company, plan: Plan) -> None:
        """Make one invoice and all that belongs to it."""
        lines = self._lines(company, plan)
        dates = _dates(made)
        items = [self._item(company, line, dates) for line in lines]
        for order, (item, line) in enumerate(zip(items, lines, strict=True), start=1):
            item |= {"invoiceID": invoice_id, "sortOrderID": order, "purchaseOrderNumber": _order(number)}
            self._store(item, line, dates)
        row = {"id": invoice_id, "invoiceNumber": "" if plan.plant.unnumbered else str(10001 + number)}
        row |= {"orderNumber": _order(number)} | self._header(made, company, plan.plant) | _totals(items, plan.plant)
        self.ground.put("Invoices", row | self._afterwards(made, plan.plant))

    def _header(self, made: dt.datetime, company: Company, plant: Plant) -> Row:
        term_id = plant.payment_term or company.payment_term
        term = next(term for term in self.world.payment_terms if term.id == term_id)
        dates = _dates(made)
        return {
            "batchID": 700 + SPREAD - (self.ground.today - made.date()).days,
            "comments": "",
            "companyID": company.id,
            "createDateTime": dates["created"],
            "creatorResourceID": ENGINEERS[0],
            "dueDate": moments.wire_date(made.date() + dt.timedelta(days=term.days)),
            "fromDate": dates["from"],
            "toDate": dates["to"],
            "invoiceDateTime": dates["invoiced"],
            "invoiceEditorTemplateID": TEMPLATE_BASE + term_id,
            "invoiceStatus": 1,
            "isVoided": plant.voided,
            "paymentTerm": term_id,
            "taxRegionName": company.place.tax_region,
        }

    def uninvoiced(self, company: Company) -> None:
        """Make an item that is approved and posted, and on no invoice yet."""
        line, dates = self.bench.make("labour", self.origins[company.id]), _dates(_day(self.ground, 1))
        self._store(self._item(company, line, dates), line, dates)

    def _afterwards(self, made: dt.datetime, plant: Plant) -> Row:
        """Return what happened to an invoice later: voided, or paid long ago."""
        later = made + dt.timedelta(days=1)
        if plant.voided:
            return {"voidedDate": moments.wire(later), "voidedByResourceID": ENGINEERS[0]}
        if (self.ground.today - made.date()).days > PAID_AFTER and plant is ORDINARY:
            return {"paidDate": moments.wire_date(made.date() + dt.timedelta(days=28))}
        return {}

    def _lines(self, company: Company, plan: Plan) -> list[Line]:
        """Draw lines until VAT agrees and the total is worth an invoice."""
        origin = self.origins[company.id]
        for _ in range(TRIES):
            kinds = plan.plant.kinds or tuple(self.bench.kind() for _ in range(plan.size))
            lines = plan.plant.edit([self.bench.make(kind, origin) for kind in kinds])
            if _one_sign(lines) and self._vat_agrees(company, lines):
                return lines
        raise AssertionError(f"No {plan.plant} in {TRIES} tries")

    def _rate(self, company: Company, line: Line) -> Decimal:
        return self.regions[company.place.tax_region].rates[line.category]

    def _vat_agrees(self, company: Company, lines: list[Line]) -> bool:
        bases: dict[Decimal, Decimal] = defaultdict(Decimal)
        for line in lines:
            bases[self._rate(company, line)] += line.amount
        if len(bases) > 1 and any(line.amount != _cents(line.amount) for line in lines):
            return False
        tax = sum(
            ((self._rate(company, line) * line.amount).quantize(FOUR, ROUND_HALF_UP) for line in lines), Decimal()
        )
        net = sum(bases.values(), Decimal(0))
        by_rate = sum(_cents(rate * _cents(base)) for rate, base in bases.items())
        return _cents(net) + _cents(tax) == _cents(net) + by_rate == _cents(net + tax)

    def _item(self, company: Company, line: Line, dates: dict[str, str]) -> Row:
        amount = line.amount
        tax = (self._rate(company, line) * amount).quantize(FOUR, ROUND_HALF_UP)
        in_own = self.currencies[company.place.currency].rate
        money = {"ExtendedPrice": amount, "Rate": line.rate, "TaxDollars": tax, "TotalAmount": amount}
        return {
            "id": next(self.item_ids),
            "companyID": company.id,
            "accountManagerWhenApprovedID": ENGINEERS[0],
            "itemApproverID": ENGINEERS[1],
            "itemDate": dates["worked"],
            "postedDate": dates["invoiced"],
            "postedOnTime": dates["posted"],
            "quantity": float(line.quantity),
            "ourCost": float((line.quantity * line.cost).quantize(FOUR, ROUND_HALF_UP)),
            "nonBillable": 0,
            "lineItemGroupDescription": "",
            "lineItemFullDescription": line.row["description"],
            "taxCategoryID": self.categories[line.category],
            **{name[0].lower() + name[1:]: float(value) for name, value in money.items()},
            **{f"internalCurrency{name}": _float(value * in_own) for name, value in money.items()},
            **line.row,
        }

    def _store(self, item: Row, line: Line, dates: dict[str, str]) -> None:
        if line.source is not None:
            source = line.source
            row = {
                "id": next(self.source_ids[source.entity]),
                **source.row,
                **_source_facts(source.entity, item, dates),
            }
            self.ground.put(source.entity, row)
            item[source.column] = row["id"]
        self.ground.put("BillingItems", item)


class Plan:
    """What one invoice is to be: planted or ordinary, and of how many lines."""

    def __init__(self, plant: Plant, size: int) -> None:
        self.plant = plant
        self.size = size


def fill(ground: Ground, origins: dict[int, Origin]) -> None:
    """Fill invoices, billing items and their sources."""
    options = ground.context.options
    issuer = Issuer(ground, origins)
    plants = planted.positions(options.invoices) if options.planted else {}
    customers = [company for company in ground.world.of_kind("customer") if company.place not in BROKEN_PLACES]
    invoice_id, total = 1500, options.invoices
    for number, plan in enumerate(_plans(issuer.chance, plants, total)):
        invoice_id += issuer.chance.choice((1, 1, 1, 2, 5))
        chosen = planted.customer(ground.world, plan.plant.place, number) if number in plants else None
        made = _day(ground, SPREAD - (SPREAD - 1) * (number + 1) / total).replace(
            microsecond=number * 337_000 % 1_000_000
        )
        issuer.issue(number, invoice_id, made, chosen or issuer.chance.choice(customers), plan)
    for company in customers[: len(plants) // 4]:
        issuer.uninvoiced(company)


def _plans(chance: random.Random, plants: dict[int, Plant], total: int) -> list[Plan]:
    """Plan all invoices: `AVERAGE` lines each on average, exactly."""
    blocks = [chance.sample(SIZES, len(SIZES)) for _ in range(total // len(SIZES))]
    sizes = [size for block in blocks for size in block] + [AVERAGE] * (total % len(SIZES))
    return _balanced([Plan(plants.get(number, ORDINARY), size) for number, size in enumerate(sizes)])


def _balanced(plans: list[Plan]) -> list[Plan]:
    """Let the other invoices take over the lines that planted ones have fewer or more of, a line at a time."""
    left = 0
    for plan in plans:
        if plan.plant.kinds:
            left += plan.size - len(plan.plant.kinds)
            plan.size = len(plan.plant.kinds)
    step = 1 if left > 0 else -1
    takers = cycle([plan for plan in plans if not plan.plant.kinds])
    while left:
        taker = next(takers)
        if taker.size + step > 0:
            taker.size += step
            left -= step
    return plans


def _day(ground: Ground, days_ago: float) -> dt.datetime:
    """Return the moment so many days before today."""
    return dt.datetime.combine(ground.today, MIDNIGHT) - dt.timedelta(days=days_ago)


def _dates(made: dt.datetime) -> dict[str, str]:
    """Return the dates of an invoice and its items: it is about the month before."""
    last = made.date().replace(day=1) - dt.timedelta(days=1)
    return {
        "created": moments.wire(made),
        "posted": moments.wire(made - dt.timedelta(minutes=7, milliseconds=117)),
        "invoiced": moments.wire_date(made.date()),
        "worked": moments.wire_date(last.replace(day=1 + made.microsecond % 28)),
        "from": moments.wire_date(last.replace(day=1)),
        "to": moments.wire_date(last),
    }


def _source_facts(entity: str, item: Row, dates: dict[str, str]) -> Row:
    """Return what a source shares with the item that was billed from it."""
    quantity, rate = item["quantity"], item["rate"]
    if entity == "TimeEntries":
        return {"dateWorked": dates["worked"], "hoursWorked": quantity, "hoursToBill": quantity, "showOnInvoice": True,
                "isNonBillable": bool(item["nonBillable"]), "createDateTime": dates["posted"], "timeEntryType": 2,
                "creatorUserID": API_USER, "lastModifiedDateTime": dates["posted"]}  # fmt: skip
    if entity == "ContractMilestones":
        return {"dateDue": dates["to"], "createDate": dates["from"], "isInitialPayment": False}
    if entity == "ExpenseItems":
        return {"companyID": item["companyID"], "expenseDate": dates["worked"], "expenseReportID": 1,
                "expenseCurrencyID": 1, "isRejected": False}  # fmt: skip
    return {"datePurchased": dates["worked"], "createDate": dates["posted"], "creatorResourceID": API_USER,
            "unitQuantity": quantity, "unitPrice": rate, "unitCost": round(item["ourCost"] / (quantity or 1), 4),
            "billableAmount": item["extendedPrice"], "internalCurrencyBillableAmount": item["extendedPrice"],
            "extendedCost": item["ourCost"], "internalCurrencyUnitPrice": rate}  # fmt: skip


def _one_sign(lines: list[Line]) -> bool:
    """Tell whether an invoice's total has the sign of its first line that is not zero: discounts stay smaller."""
    first = next((line.quantity for line in lines if line.amount), Decimal(0))
    return sum((line.amount for line in lines), Decimal(0)) * first > 0


def _totals(items: list[Row], plant: Plant) -> Row:
    net = sum((Decimal(str(item["extendedPrice"])) for item in items), plant.off_by)
    tax = sum((Decimal(str(item["taxDollars"])) for item in items), Decimal(0))
    return {"invoiceTotal": float(net), "totalTaxValue": float(tax)}


def _order(number: int) -> str:
    """Return the customer's order number; every third has one."""
    return f"PO-{20000 + number}" if number % 3 == 0 else ""


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _float(amount: Decimal) -> float:
    return float(amount.quantize(FOUR, ROUND_HALF_UP))
