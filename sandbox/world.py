"""The facts that all systems of the sandbox agree on: who the MSP is, what it sells, to whom and on which terms."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from typing import Literal

from sandbox import words
from sandbox.vat_numbers import vat_number


@dataclass(frozen=True)
class Currency:
    """A currency; ``rate``: euros for one unit."""

    id: int
    code: str
    name: str
    rate: Decimal


@dataclass(frozen=True)
class Country:
    """A country with its two-letter code."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class TaxRegion:
    """Which tax applies to a customer; ``rates``: a fraction per tax category."""

    id: int
    name: str
    rates: dict[str, Decimal]


@dataclass(frozen=True)
class TaxCategory:
    """Which tax applies to what is sold."""

    id: int
    name: str


@dataclass(frozen=True)
class PaymentTerm:
    """When an invoice is due; ``condition``: the code in Exact, None: nobody mapped it."""

    id: int
    name: str
    days: int
    condition: str | None


@dataclass(frozen=True)
class BillingCode:
    """What Autotask books a line on; ``use_type``: the picklist value of BillingCodes.useType."""

    id: int
    name: str
    use_type: int
    tax_category: str


@dataclass(frozen=True)
class Role:
    """What an engineer works as."""

    id: int
    name: str
    hourly_rate: Decimal


@dataclass(frozen=True)
class Department:
    """A part of the MSP; ``cost_centre``: the code in Exact."""

    id: int
    name: str
    cost_centre: str


@dataclass(frozen=True)
class Product:
    """Something in stock or ordered; ``sku`` is the item's code in Exact, unless it is missing there on purpose."""

    id: int
    sku: str
    name: str
    billing_code: str
    cost: Decimal
    price: Decimal
    in_exact: bool = True
    serialised: bool = False

    @property
    def part_number(self) -> str:
        """Return what its vendors call it."""
        return f"V-{self.id}"


@dataclass(frozen=True)
class Service:
    """Something that is invoiced every month."""

    id: int
    name: str
    billing_code: str
    price: Decimal


CompanyKind = Literal["own", "customer", "prospect", "vendor"]
AccountKind = Literal["customer", "supplier", "prospect", "none"]


@dataclass(frozen=True)
class Place:
    """What sets a company apart from a plain Dutch customer."""

    kind: CompanyKind = "customer"
    in_exact: AccountKind = "customer"
    country: str = "NL"
    tax_region: str = "NL"
    currency: str = "EUR"


@dataclass(frozen=True)
class Company:
    """A company: a row in Autotask, and an account in Exact as ``place.in_exact`` says."""

    id: int
    place: Place
    number: str
    """The account's code in Exact."""
    name: str
    address: str
    postcode: str
    city: str
    phone: str
    email: str
    website: str
    vat_number: str
    coc_number: str
    payment_term: int


def _rates(high: str, low: str) -> dict[str, Decimal]:
    return {"Hoog": Decimal(high), "Laag": Decimal(low), "Nul": Decimal(0)}


CURRENCIES = (
    Currency(1, "EUR", "Euro", Decimal(1)),
    Currency(2, "USD", "US dollar", Decimal("0.92")),
    Currency(3, "GBP", "Pond sterling", Decimal("1.17")),
)
COUNTRIES = (
    Country(157, "NL", "Nederland"),
    Country(21, "BE", "België"),
    Country(81, "DE", "Duitsland"),
    Country(232, "GB", "Verenigd Koninkrijk"),
    Country(237, "US", "Verenigde Staten"),
    Country(250, "BQ", "Caribisch Nederland"),
)
TAX_CATEGORIES = (TaxCategory(1, "Hoog"), TaxCategory(2, "Laag"), TaxCategory(3, "Nul"))
TAX_REGIONS = (
    TaxRegion(1, "NL", _rates("0.21", "0.09")),
    TaxRegion(2, "NL verlegd", _rates("0", "0")),
    TaxRegion(3, "EU", _rates("0", "0")),
    TaxRegion(4, "Buiten EU", _rates("0", "0")),
    TaxRegion(5, "Caribisch", _rates("0", "0")),
)
PAYMENT_TERMS = (
    PaymentTerm(1, "14 dagen", 14, "14"),
    PaymentTerm(2, "30 dagen", 30, "30"),
    PaymentTerm(3, "Direct", 0, "00"),
    PaymentTerm(4, "60 dagen", 60, "60"),
    PaymentTerm(5, "Na afspraak", 90, None),
)
BILLING_CODES = (
    BillingCode(29682801, "Werkzaamheden", 1, "Hoog"),
    BillingCode(29682802, "Werkzaamheden senior", 1, "Hoog"),
    BillingCode(29682803, "Reistijd", 1, "Hoog"),
    BillingCode(29682811, "Hardware", 7, "Hoog"),
    BillingCode(29682812, "Licenties", 7, "Hoog"),
    BillingCode(29682821, "Managed services", 5, "Hoog"),
    BillingCode(29682831, "Projectfase", 6, "Hoog"),
    BillingCode(29682841, "Onkosten", 2, "Hoog"),
    BillingCode(29682851, "Korting", 4, "Hoog"),
    BillingCode(29682899, "Oude code", 4, "Hoog"),
)
ROLES = (
    Role(29682834, "Engineer", Decimal(95)),
    Role(29682835, "Senior engineer", Decimal("122.50")),
    Role(29682836, "Projectleider", Decimal(135)),
)
DEPARTMENTS = (Department(29682901, "Servicedesk", "SD"), Department(29682902, "Projecten", "PRJ"))

_PRODUCTS = (
    ("Laptop 14 inch, 16 GB, 512 GB", "Hardware", "742.00", "949.00"),
    ("Laptop 16 inch, 32 GB, 1 TB", "Hardware", "1184.50", "1489.00"),
    ("Mini-pc i5", "Hardware", "418.25", "549.00"),
    ("Beeldscherm 27 inch", "Hardware", "171.80", "229.95"),
    ("Dockingstation USB-C", "Hardware", "128.40", "179.00"),
    ("Toetsenbord en muis, draadloos", "Hardware", "31.15", "49.95"),
    ("Headset, ruisonderdrukkend", "Hardware", "83.60", "119.00"),
    ("Switch 24-poorts PoE", "Hardware", "356.00", "465.00"),
    ("Accesspoint wifi 6", "Hardware", "104.75", "149.00"),
    ("Firewall, tot 50 gebruikers", "Hardware", "611.20", "795.00"),
    ("NAS 4-bay", "Hardware", "402.90", "525.00"),
    ("Harde schijf 8 TB", "Hardware", "158.30", "209.00"),
    ("Netwerkkabel 2 m", "Hardware", "2.1850", "4.95"),
    ("UPS 1500 VA", "Hardware", "287.45", "379.00"),
    ("Labelprinter", "Hardware", "118.00", "159.00"),
    ("Office-pakket per gebruiker", "Licenties", "9.4300", "11.70"),
    ("Virusscanner per werkplek", "Licenties", "1.8750", "3.25"),
    ("Back-up per 100 GB", "Licenties", "4.1125", "7.50"),
    ("Wachtwoordkluis per gebruiker", "Licenties", "2.9900", "4.50"),
    ("Telefonie per toestel", "Licenties", "6.2500", "9.75"),
    ("Serverlicentie 16 cores", "Licenties", "712.00", "889.00"),
    ("CAD-pakket per jaar", "Licenties", "1630.00", "1895.00"),
    ("Tekenpen (uitlopend artikel)", "Hardware", "11.35", "19.95"),
)
MISSING_IN_EXACT = "HW-1023"
"""The SKU that a planted invoice uses and that Exact does not know."""

PRODUCTS = tuple(
    Product(
        id=29682950 + number,
        sku=f"HW-{1000 + number}",
        name=name,
        billing_code=code,
        cost=Decimal(cost),
        price=Decimal(price),
        in_exact=f"HW-{1000 + number}" != MISSING_IN_EXACT,
    )
    for number, (name, code, cost, price) in enumerate(_PRODUCTS, start=1)
)
SERVICES = (
    Service(301, "Werkplekbeheer per werkplek", "Managed services", Decimal("34.50")),
    Service(302, "Serverbeheer per server", "Managed services", Decimal("89.00")),
    Service(303, "Netwerkbeheer per locatie", "Managed services", Decimal("125.00")),
    Service(304, "Bewaking 24x7", "Managed services", Decimal("210.00")),
    Service(305, "Kantoorlicentie per gebruiker", "Licenties", Decimal("11.70")),
    Service(306, "Back-up naar de cloud per TB", "Licenties", Decimal("42.1667")),
)


@dataclass(frozen=True)
class World:
    """All of it. Companies are ordered by id, the MSP itself (id 0) first."""

    companies: tuple[Company, ...]
    currencies: tuple[Currency, ...] = CURRENCIES
    countries: tuple[Country, ...] = COUNTRIES
    tax_categories: tuple[TaxCategory, ...] = TAX_CATEGORIES
    tax_regions: tuple[TaxRegion, ...] = TAX_REGIONS
    payment_terms: tuple[PaymentTerm, ...] = PAYMENT_TERMS
    billing_codes: tuple[BillingCode, ...] = BILLING_CODES
    roles: tuple[Role, ...] = ROLES
    departments: tuple[Department, ...] = DEPARTMENTS
    products: tuple[Product, ...] = PRODUCTS
    services: tuple[Service, ...] = SERVICES

    def vendors_of(self, product: Product) -> tuple[Company, Company]:
        """Return who sells a product, the one it is usually bought of first."""
        vendors, number = self.of_kind("vendor"), self.products.index(product)
        return vendors[number % len(vendors)], vendors[(number + 1) % len(vendors)]

    def of_kind(self, kind: CompanyKind) -> list[Company]:
        """Return the companies of one kind."""
        return [company for company in self.companies if company.place.kind == kind]


PLAIN = Place()
DOLLARS = Place(country="US", tax_region="Buiten EU", currency="USD")
REVERSE_CHARGE = Place(tax_region="NL verlegd")
PLACES = (
    Place(in_exact="none"),
    Place(in_exact="prospect"),
    Place(country="BQ", tax_region="Caribisch"),
    DOLLARS,
    Place(country="GB", tax_region="Buiten EU", currency="GBP"),
    Place(country="DE", tax_region="EU"),
    REVERSE_CHARGE,
    PLAIN,
    PLAIN,
)
"""The first customers."""

BROKEN_PLACES = PLACES[:3]
"""One customer each, whose one invoice can not be transferred."""

LATER_PLACES = (*((PLAIN,) * 22), *PLACES[3:7], Place(country="BE", tax_region="EU"), DOLLARS, REVERSE_CHARGE)
"""What further customers are drawn from."""


def build_world(seed: int, companies: int) -> World:
    """Return the world of a seed number.

    Args:
        seed: Same number, same world.
        companies: How many besides the MSP itself, at least 12.
    """
    chance = random.Random(f"{seed}/world")
    vendors, prospects = max(2, companies * 6 // 100), max(1, companies * 7 // 100)
    places = list(PLACES)
    places += chance.choices(LATER_PLACES, k=companies - vendors - prospects - len(places))
    places += [Place(kind="prospect", in_exact="none")] * prospects
    places += [Place(kind="vendor", in_exact="supplier")] * vendors
    names = _names(chance, places)
    own = make_company(chance, 0, "Demo MSP B.V.", Place(kind="own", in_exact="none"))
    rows = zip(names, places, strict=True)
    return World(
        (own, *(make_company(chance, number, name, place) for number, (name, place) in enumerate(rows, start=1)))
    )


def _names(chance: random.Random, places: list[Place]) -> list[str]:
    """Return a name for every place, each once."""
    foreign = {country: cycle(names) for country, (names, _) in words.FOREIGN.items()}
    vendors, odd = cycle(words.VENDORS), iter(words.ODD_NAMES)
    names: dict[str, None] = {}
    for number, place in enumerate(places):
        if place.kind == "vendor":
            name = next(vendors)
        elif place.country in foreign:
            name = next(foreign[place.country])
        elif number % 9 == 8:
            name = next(odd, "") or _dutch_name(chance)
        else:
            name = _dutch_name(chance)
        while name in names:
            name = f"{_capital(chance.choice(words.SURNAMES))} & {name}"
        names[name] = None
    return list(names)


def _dutch_name(chance: random.Random) -> str:
    return f"{_capital(chance.choice(words.SURNAMES))} {chance.choice(words.TRADES)} {chance.choice(words.FORMS)}"


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


def make_company(chance: random.Random, number: int, name: str, place: Place) -> Company:
    """Return a company with an address, numbers and terms; ``number`` makes its ids."""
    city, start = chance.choice(words.CITIES)
    postcode, phone = f"{start} {''.join(chance.choices(words.LETTERS, k=2))}", f"+31 {start[:2]} 555"
    if place.country in words.FOREIGN:
        city, postcode, phone = words.FOREIGN[place.country][1]
    domain = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())[:24] + ".example"
    return Company(
        id=29683000 + number if number else 0,
        place=place,
        number=f"D{10000 + number}",
        name=name,
        address=f"{chance.choice(words.STREETS)} {chance.randint(1, 240)}",
        postcode=postcode,
        city=city,
        phone=f"{phone} {chance.randint(1000, 9999)}",
        email=f"administratie@{domain}",
        website=f"https://{domain}",
        vat_number=vat_number(place.country, number),
        coc_number=f"{10000000 + 7919 * number:08d}" if place.country == "NL" else "",
        payment_term=chance.choices((1, 2, 3, 4), (55, 35, 5, 5))[0],
    )
