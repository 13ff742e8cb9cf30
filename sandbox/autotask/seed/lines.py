"""Lines of invoices, a function per kind: what was done or sold, before it is billed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from sandbox.autotask.seed.ground import API_USER, ENGINEERS
from sandbox.autotask.seed.products import BUNDLE
from sandbox.world import MISSING_IN_EXACT

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sandbox.autotask.seed.ground import Ground
    from sandbox.autotask.seed.work import Origin
    from sandbox.store import Row
    from sandbox.world import Product

FOUR = Decimal("0.0001")
CENT = Decimal("0.01")
WORK = (
    "Storing verholpen", "Update uitgevoerd en getest", "Nieuwe werkplek ingericht", "Rechten aangepast",
    "Firewallregel toegevoegd", "Herstel uit back-up", "Overleg met leverancier", "Onderhoud server buiten kantoortijd",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """The row that a line was billed from, stored with it under an id of its own; ``column`` of the line holds it."""

    entity: str
    column: str
    row: Row


@dataclass(frozen=True)
class Line:
    """A line to be billed. ``row`` holds its type, codes, texts and origin; amounts follow from the rest."""

    row: Row
    quantity: Decimal
    rate: Decimal
    cost: Decimal = Decimal(0)
    category: str = "Hoog"
    source: Source | None = None

    @property
    def amount(self) -> Decimal:
        """Return quantity times rate, to four decimals as Autotask keeps it."""
        return (self.quantity * self.rate).quantize(FOUR, ROUND_HALF_UP)


class Bench:
    """Makes lines for one customer after another, from one stream of chance."""

    def __init__(self, ground: Ground, chance: random.Random) -> None:
        self.ground = ground
        self.chance = chance
        self.codes = ground.code_ids
        self.roles = {role.name: role for role in ground.world.roles}
        self.products = {product.sku: product for product in ground.world.products}
        self.known = [product for product in ground.world.products if product.in_exact]
        self.services = ground.world.services
        self._deck: list[str] = []

    def kind(self) -> str:
        """Draw a kind from a deck that holds each as often as it occurs, so that all come by."""
        if not self._deck:
            self._deck = [kind for kind, (_, often) in KINDS.items() for _ in range(often)]
            self.chance.shuffle(self._deck)
        return self._deck.pop()

    def make(self, kind: str, origin: Origin) -> Line:
        """Make a line of a kind."""
        return KINDS[kind][0](self, origin)


def _labour(bench: Bench, origin: Origin, code: str, role_name: str, quantity: Decimal) -> Line:
    role, ticket = bench.roles[role_name], bench.chance.choice(origin.tickets)
    person, text = bench.chance.choice(ENGINEERS), bench.chance.choice(WORK)
    common = {"ticketID": ticket, "roleID": role.id, "billingCodeID": bench.codes[code], "contractID": origin.contract}
    return Line(
        {"billingItemType": 1, "subType": 1, "itemName": text, "description": text, **common},
        quantity,
        role.hourly_rate,
        cost=Decimal(48),
        source=Source("TimeEntries", "timeEntryID", {"resourceID": person, "summaryNotes": text, **common}),
    )


def labour(bench: Bench, origin: Origin) -> Line:
    """An engineer's hours, by the quarter."""
    return _labour(bench, origin, "Werkzaamheden", "Engineer", Decimal(bench.chance.randint(1, 32)) / 4)


def senior_labour(bench: Bench, origin: Origin) -> Line:
    """A senior engineer's hours."""
    return _labour(bench, origin, "Werkzaamheden senior", "Senior engineer", Decimal(bench.chance.randint(1, 16)) / 2)


def minutes(bench: Bench, origin: Origin) -> Line:
    """An engineer's minutes, as hours in seven decimals."""
    hours = (Decimal(bench.chance.choice((5, 10, 20, 25, 35, 50))) / 60).quantize(Decimal("0.0000001"))
    return _labour(bench, origin, "Werkzaamheden", "Engineer", hours)


def travel(bench: Bench, origin: Origin) -> Line:
    """A call-out."""
    line = _labour(bench, origin, "Reistijd", "Engineer", Decimal(1))
    return replace(line, rate=Decimal("42.50"), row=line.row | {"itemName": "Voorrijkosten", "description": "Retour"})


def project_labour(bench: Bench, origin: Origin) -> Line:
    """A project leader's hours."""
    line = _labour(bench, origin, "Projectfase", "Projectleider", Decimal(bench.chance.randint(2, 24)) / 4)
    return replace(line, row=line.row | {"projectID": origin.project, "itemName": "Projectleiding"})


def covered(bench: Bench, origin: Origin) -> Line:
    """Hours that the contract covers: on the invoice for information, at no charge."""
    line = labour(bench, origin)
    return replace(line, rate=Decimal(0), row=line.row | {"nonBillable": 1})


def free_of_charge(bench: Bench, origin: Origin) -> Line:
    """Goods that are given away: a zero line that is billable."""
    return replace(_charge(bench, origin, bench.products["HW-1013"], TICKET, Decimal(2)), rate=Decimal(0))


@dataclass(frozen=True)
class ChargeKind:
    """One of the three kinds of charges; ``parent``: its column, and the attribute of the origin that it refers to."""

    entity: str
    column: str
    parent: str
    item_type: int
    sub_type: int


TICKET = ChargeKind("TicketCharges", "ticketChargeID", "ticketID", 3, 6)
PROJECT = ChargeKind("ProjectCharges", "projectChargeID", "projectID", 2, 4)
CONTRACT = ChargeKind("ContractCharges", "contractChargeID", "contractID", 14, 10)


def _charge(
    bench: Bench, origin: Origin, product: Product | None, kind: ChargeKind, quantity: Decimal, name: str = ""
) -> Line:
    parents = {"ticketID": origin.tickets[-1], "projectID": origin.project, "contractID": origin.contract}
    code = product.billing_code if product else "Licenties"
    text = product.name if product else name
    common = {kind.parent: parents[kind.parent], "billingCodeID": bench.codes[code]}
    charge = {"name": text, "chargeType": 1, "status": 7, "isBillableToCompany": True, "isBilled": True, **common}
    if product:
        charge["productID"] = product.id
    return Line(
        {"billingItemType": kind.item_type, "subType": kind.sub_type, "itemName": text, "description": text, **common},
        quantity,
        product.price if product else Decimal(0),
        cost=product.cost if product else Decimal(0),
        source=Source(kind.entity, kind.column, charge),
    )


def goods(bench: Bench, origin: Origin) -> Line:
    """A product on a ticket."""
    return _charge(bench, origin, bench.chance.choice(bench.known), TICKET, Decimal(bench.chance.randint(1, 6)))


def project_goods(bench: Bench, origin: Origin) -> Line:
    """Products of a project, by the dozen."""
    return _charge(bench, origin, bench.chance.choice(bench.known), PROJECT, Decimal(bench.chance.randint(4, 20)))


def licences(bench: Bench, origin: Origin) -> Line:
    """Licences on a contract."""
    licence = bench.chance.choice([product for product in bench.known if product.billing_code == "Licenties"])
    return _charge(bench, origin, licence, CONTRACT, Decimal(bench.chance.randint(1, 60)))


def usage(bench: Bench, origin: Origin) -> Line:
    """Metered use: a quantity and a price of seven decimals, no product."""
    quantity = Decimal(bench.chance.randint(10**9, 10**10)).scaleb(-7)
    line = _charge(bench, origin, None, CONTRACT, quantity, "Verbruik opslag (GB)")
    return replace(line, rate=Decimal("0.0419375"))


def missing_product(bench: Bench, origin: Origin) -> Line:
    """A product that Exact does not know: broken on purpose."""
    return _charge(bench, origin, bench.products[MISSING_IN_EXACT], TICKET, Decimal(1))


def service(bench: Bench, origin: Origin) -> Line:
    """A recurring service of the contract."""
    chosen = bench.chance.choice(bench.services)
    return Line(
        {
            "billingItemType": 7,
            "subType": 12,
            "billingCodeID": bench.codes[chosen.billing_code],
            "itemName": chosen.name,
            "description": f"{chosen.name}, maandelijks",
            "serviceID": chosen.id,
            "contractID": origin.contract,
            "contractServiceID": origin.contract_services[chosen.id],
        },
        Decimal(bench.chance.randint(1, 45)),
        chosen.price,
        cost=(chosen.price * Decimal("0.6")).quantize(CENT),
    )


def service_adjustment(bench: Bench, origin: Origin) -> Line:
    """Units added to a service in the course of the month."""
    line = service(bench, origin)
    row = line.row | {"billingItemType": 8, "subType": 13, "description": f"{line.row['itemName']}, bijgekomen"}
    return replace(line, row=row, quantity=Decimal(bench.chance.randint(1, 3)))


def bundle(bench: Bench, origin: Origin) -> Line:
    """A bundle of services."""
    row = {
        "billingItemType": 9, "subType": 14, "billingCodeID": bench.codes["Managed services"],
        "itemName": "Werkplek compleet", "description": "Bundel per werkplek", "serviceBundleID": BUNDLE,
        "contractID": origin.contract,
    }  # fmt: skip
    return Line(row, Decimal(bench.chance.randint(2, 20)), Decimal("57.50"), cost=Decimal(31))


def setup_fee(bench: Bench, origin: Origin) -> Line:
    """What a new contract costs once."""
    row = {
        "billingItemType": 6, "subType": 11, "billingCodeID": bench.codes["Managed services"],
        "itemName": "Eenmalige inrichting", "description": "Eenmalige inrichting", "contractID": origin.contract,
    }  # fmt: skip
    return Line(row, Decimal(1), Decimal(bench.chance.randint(2, 8) * 125))


def milestone(bench: Bench, origin: Origin) -> Line:
    """A phase of a project at a fixed price."""
    amount = Decimal(bench.chance.randint(4, 30) * 250)
    code = bench.codes["Projectfase"]
    name = f"Fase {bench.chance.randint(1, 5)} opgeleverd"
    return Line(
        {"billingItemType": 11, "subType": 16, "billingCodeID": code, "itemName": name, "description": name,
         "contractID": origin.contract, "projectID": origin.project},
        Decimal(1),
        amount,
        source=Source(
            "ContractMilestones",
            "milestoneID",
            {"contractID": origin.contract, "title": name, "amount": float(amount), "status": 2,
             "billingCodeID": code, "internalCurrencyAmount": float(amount), "creatorResourceID": API_USER},
        ),
    )  # fmt: skip


EXPENSES = (("Parkeren", 3, "Hoog"), ("Hotelovernachting", 2, "Laag"), ("Postzegels", 4, "Nul"), ("Taxi", 1, "Laag"))
"""Name, expense category, tax category."""


def expense(bench: Bench, origin: Origin, category: str = "") -> Line:
    """What an engineer paid for the customer; some bear the low rate or none."""
    name, number, tax = bench.chance.choice([entry for entry in EXPENSES if category in ("", entry[2])])
    amount = Decimal(bench.chance.randint(400, 18000)) / 100
    code = bench.codes["Onkosten"]
    return Line(
        {"billingItemType": 4, "subType": 7, "billingCodeID": code, "itemName": name, "description": name,
         "ticketID": origin.tickets[0]},
        Decimal(1),
        amount,
        cost=amount,
        category=tax,
        source=Source(
            "ExpenseItems",
            "expenseItemID",
            {"description": name, "expenseCategory": number, "ticketID": origin.tickets[0], "paymentType": 2,
             "isBillableToCompany": True, "haveReceipt": True, "isReimbursable": False,
             "expenseCurrencyExpenseAmount": float(amount), "internalCurrencyExpenseAmount": float(amount)},
        ),
    )  # fmt: skip


def low_rate_expense(bench: Bench, origin: Origin) -> Line:
    """An expense at the low rate."""
    return expense(bench, origin, "Laag")


def untaxed_expense(bench: Bench, origin: Origin) -> Line:
    """An expense without tax."""
    return expense(bench, origin, "Nul")


def discount(bench: Bench, origin: Origin) -> Line:
    """A deduction: a negative line."""
    row = {
        "billingItemType": 3, "subType": 5, "billingCodeID": bench.codes["Korting"], "itemName": "Korting",
        "description": "Relatiekorting", "ticketID": origin.tickets[0],
    }  # fmt: skip
    return Line(row, Decimal(1), Decimal(-bench.chance.randint(100, 2500)) / 100)


KINDS: dict[str, tuple[Callable[[Bench, Origin], Line], int]] = {
    "labour": (labour, 26),
    "senior_labour": (senior_labour, 8),
    "minutes": (minutes, 1),
    "travel": (travel, 5),
    "project_labour": (project_labour, 3),
    "covered": (covered, 1),
    "free_of_charge": (free_of_charge, 1),
    "goods": (goods, 17),
    "project_goods": (project_goods, 5),
    "licences": (licences, 6),
    "usage": (usage, 1),
    "service": (service, 15),
    "service_adjustment": (service_adjustment, 2),
    "bundle": (bundle, 1),
    "setup_fee": (setup_fee, 1),
    "milestone": (milestone, 2),
    "expense": (expense, 3),
    "discount": (discount, 2),
    "low_rate_expense": (low_rate_expense, 0),
    "untaxed_expense": (untaxed_expense, 0),
    "missing_product": (missing_product, 0),
}
"""Of a hundred lines how many are of each kind; those with none are planted."""
