"""The books of Demo MSP B.V., as any Exact product keeps them: what the sandbox's Exact halves seed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Administration:
    """A company in Exact."""

    code: int
    name: str
    hid: int


@dataclass(frozen=True)
class Journal:
    """A daybook; ``kind`` as people call it."""

    code: str
    name: str
    kind: Literal["sales", "purchase", "cash", "bank", "general"]


@dataclass(frozen=True)
class GLAccount:
    """A general ledger account."""

    code: str
    name: str
    kind: Literal["receivable", "vat", "payable", "revenue", "discount", "rounding"]


@dataclass(frozen=True)
class VATCode:
    """A VAT code; ``rate`` is a percentage."""

    code: str
    name: str
    rate: int
    inclusive: bool = False


@dataclass(frozen=True)
class PaymentCondition:
    """When an invoice is due."""

    code: str
    name: str
    days: int


@dataclass(frozen=True)
class CostDimension:
    """A cost centre or a cost unit."""

    code: str
    name: str


@dataclass(frozen=True)
class Item:
    """Something that is sold; ``unit`` as Exact's unit codes are described here."""

    code: str
    name: str
    gl_account: str
    unit: Literal["uur", "stuk", "maand"]


ADMINISTRATION = Administration(1234567, "Demo MSP B.V.", 1001)

JOURNALS = (
    Journal("10", "Kas", "cash"),
    Journal("20", "Bank", "bank"),
    Journal("60", "Inkoopboek", "purchase"),
    Journal("70", "Verkoopboek", "sales"),
    Journal("71", "Verkoopboek export", "sales"),
    Journal("90", "Memoriaal", "general"),
)

GL_ACCOUNTS = (
    GLAccount("1300", "Debiteuren", "receivable"),
    GLAccount("1520", "BTW hoog", "vat"),
    GLAccount("1521", "BTW laag", "vat"),
    GLAccount("1600", "Crediteuren", "payable"),
    GLAccount("8000", "Omzet arbeid", "revenue"),
    GLAccount("8010", "Omzet managed services", "revenue"),
    GLAccount("8020", "Omzet hardware", "revenue"),
    GLAccount("8030", "Omzet licenties", "revenue"),
    GLAccount("8040", "Doorbelaste kosten", "revenue"),
    GLAccount("8050", "Omzet projecten", "revenue"),
    GLAccount("8090", "Verleende kortingen", "discount"),
    GLAccount("9990", "Afrondingsverschillen", "rounding"),
)

VAT_CODES = (
    VATCode("1", "BTW laag 9 % exclusief", 9),
    VATCode("2", "BTW hoog 21 % exclusief", 21),
    VATCode("3", "BTW hoog 21 % inclusief", 21, inclusive=True),
    VATCode("4", "Geen BTW", 0),
    VATCode("5", "BTW verlegd", 0),
    VATCode("6", "ICP diensten EU", 0),
    VATCode("7", "Export buiten EU", 0),
)

PAYMENT_CONDITIONS = (
    PaymentCondition("00", "Contant", 0),
    PaymentCondition("14", "14 dagen", 14),
    PaymentCondition("30", "30 dagen", 30),
    PaymentCondition("60", "60 dagen", 60),
)

COST_CENTRES = (
    CostDimension("SD", "Servicedesk"),
    CostDimension("PRJ", "Projecten"),
    CostDimension("MS", "Managed services"),
)

CLASSIFICATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "Klantgroep": (("NPO", "Non-profit"), ("ZAK", "Zakelijk")),
    "Regio": (("MID", "Midden"), ("NRD", "Noord"), ("OST", "Oost"), ("WST", "West"), ("ZUI", "Zuid")),
}
"""Names of what accounts are classified by, in the order of their numbers, and the classes of each: code and name."""

COST_UNITS = (CostDimension("100", "Diensten"), CostDimension("200", "Handel"))

ITEMS = (
    Item("ARBEID", "Arbeid engineer", "8000", "uur"),
    Item("ARBEID-SR", "Arbeid senior engineer", "8000", "uur"),
    Item("REIS", "Reistijd en voorrijkosten", "8040", "stuk"),
    Item("DIENST", "Managed services", "8010", "maand"),
    Item("LICENTIE", "Licenties", "8030", "maand"),
    Item("HARDWARE", "Hardware", "8020", "stuk"),
    Item("ONKOSTEN", "Doorbelaste onkosten", "8040", "stuk"),
    Item("PROJECT", "Projectfase", "8050", "stuk"),
    Item("KORTING", "Korting", "8090", "stuk"),
    Item("AFRONDING", "Afronding", "9990", "stuk"),
)
"""Besides these there is an item for every product, see `sandbox.world.Product`."""

PURCHASE_ITEMS = (
    Item("VRACHT", "Vrachtkosten", "8040", "stuk"),
    Item("INKOOP", "Diverse inkoop", "8020", "stuk"),
)
"""What is bought and is no product: freight, and what has no item of its own."""
