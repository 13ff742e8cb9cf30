"""What half a year of receipts needs beside the seed: odd vendors, odd products, goods without a product."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.autotask.seed import companies, products
from sandbox.exact_globe.seed import put_account as put_globe_account
from sandbox.exact_globe.seed import put_product as put_globe_product
from sandbox.exact_globe.seed import put_supplier_item as put_globe_supplier_item
from sandbox.exact_online.seed import put_account, put_product, put_supplier_item
from sandbox.world import Place, Product, make_company

if TYPE_CHECKING:
    import random

    from sandbox.autotask.seed.ground import Ground
    from sandbox.exact_globe.company import Company as Books
    from sandbox.exact_online.division import Division
    from sandbox.world import Company

NO_SUPPLIERS = (
    ("Groothandel Onbekend B.V.", Place(kind="vendor", in_exact="none")),
    ("Tweedehands & Zn.", Place(kind="vendor", in_exact="customer")),
)
"""Vendors that Exact does not know at all, or knows as no supplier."""

FIRST_PRODUCT = 29682981
SPECIAL = (
    ("HW-2001", "Glasvezelmodule 10G", "48.2500", None, False),
    ("HW-2002", "Rackplank 19 inch", "27.90", None, False),
    ("HW-2003", "Monitorarm dubbel", "64.3333", "ART-90013", False),
    ("HW-2004", "Webcam 4K", "91.15", "ART-90014", False),
    ("HW-2005", "Server 2U, 64 GB", "2890.00", "HW-2005", True),
    ("HW-2006", "Tablet 11 inch", "388.7550", "HW-2006", True),
)
"""SKU, name, cost, the item's code in Exact (None: it is no item there), whether every piece has a serial number."""
CHARGES = (("Kabelgoot op maat", "18.40"), ("Reserveonderdeel UPS", "7.1250"))
"""What is bought for a ticket and is no product."""
FIRST_CHARGE = 58001


@dataclass(frozen=True)
class Good:
    """Something that can be ordered: a product, or a charge of a ticket.

    Args:
        name: As people call it.
        cost: What a piece costs, to four decimals.
        product: Its id in Autotask, or None.
        charge: The id of the charge in Autotask, or None.
        item_code: The item's code in Exact, None when there is none.
        serialised: Whether every piece has a number of its own.
    """

    name: str
    cost: Decimal
    product: int | None = None
    charge: int | None = None
    sku: str | None = None
    item_code: str | None = None
    serialised: bool = False


@dataclass(frozen=True)
class Shelf:
    """Who sells, and what can be ordered."""

    vendors: tuple[Company, ...]
    plain: tuple[Good, ...]
    special: tuple[Good, ...]


def shelf(ground: Ground, division: Division, chance: random.Random) -> Shelf:
    """Add the odd vendors and goods to Autotask and both Exact products; return them with the plain ones."""
    vendors = [*ground.world.of_kind("vendor"), *_odd_vendors(ground, division, chance)]
    plain = [
        Good(
            product.name, product.cost, product.id, sku=product.sku, item_code=product.sku if product.in_exact else None
        )
        for product in ground.world.products
        if product.billing_code == "Hardware"
    ]
    special = [*_special(ground, division), *_charges(ground)]
    return Shelf(tuple(vendors), tuple(plain), tuple(special))


def _odd_vendors(ground: Ground, division: Division, chance: random.Random) -> list[Company]:
    first = len(ground.world.companies)
    found = []
    for number, (name, place) in enumerate(NO_SUPPLIERS, start=first):
        company = make_company(chance, number, name, place)
        companies.put(ground, chance, number, company)
        if place.in_exact != "none":
            put_account(division, company)
            put_globe_account(_globe_books(ground), company)
        found.append(company)
    return found


def _special(ground: Ground, division: Division) -> list[Good]:
    group = division.find("ItemGroups", "IsDefault", 1) or {}
    seller = ground.world.of_kind("vendor")[0]
    found = []
    for number, (sku, name, cost, code, serialised) in enumerate(SPECIAL):
        price = (Decimal(cost) * 2).quantize(Decimal("0.01"))
        product = Product(
            FIRST_PRODUCT + number, sku, name, "Hardware", Decimal(cost), price, code is not None, serialised
        )
        products.put(ground, len(ground.world.products) + number, product, (seller,))
        if code is not None:
            put_product(division, group, code, product)
            put_supplier_item(division, code, seller, product)
            put_globe_product(_globe_books(ground), code, product)
            put_globe_supplier_item(_globe_books(ground), code, seller, product)
        found.append(Good(name, product.cost, product.id, sku=sku, item_code=code, serialised=serialised))
    return found


def _globe_books(ground: Ground) -> Books:
    books: Books = ground.context.halves["exact_globe"].company
    return books


def _charges(ground: Ground) -> list[Good]:
    found = []
    ticket = next(iter(ground.context.store.table("autotask", "Tickets")))
    for number, (name, cost) in enumerate(CHARGES, start=FIRST_CHARGE):
        ground.put(
            "TicketCharges",
            {"id": number, "ticketID": ticket["id"], "name": name, "description": name, "chargeType": 1, "status": 1,
             "datePurchased": ground.date(170), "unitQuantity": 500.0, "unitCost": float(cost), "isBilled": False,
             "isBillableToCompany": False, "billingCodeID": ground.code_ids["Hardware"]},
        )  # fmt: skip
        found.append(Good(name, Decimal(cost), charge=number))
    return found
