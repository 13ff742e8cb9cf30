"""The rules by which a company of Autotask and an account of Exact are compared, with their weights.

A rule for a pair says how far it holds and why; a rule against it says why not. Each rule for it closes its part of
the distance to 1, each rule against it takes its part off, so the order of the table has no influence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from transfer_ledger.links import names, numbers, places
from transfer_ledger.links.normal import Key, Normal

if TYPE_CHECKING:
    from transfer_ledger.links.numbers import Kind

Shares = Mapping[Key, int]
"""How many parties have a value, on the side where more do."""

LABELS: dict[Kind, str] = {
    "vat_number": "VAT number",
    "chamber_of_commerce": "chamber of commerce number",
    "bank_account": "bank account",
}
"""The numbers that identify a party, as people call them."""

INVALID = 0.3
"""Part of its weight that a number keeps which is equal but cannot be right."""
NAMES_FROM = 0.6
"""Above this likeness names speak for a pair; the weight grows evenly up to equal names."""
NAMES_DIFFER = 0.45
"""Below this likeness two names have nothing to do with each other."""
POSTCODE_ONLY, TOWN_ONLY = 0.6, 0.25
"""Parts of the weight of an address when only so much of it agrees."""


class Agreement(NamedTuple):
    """How far a rule holds, above 0 up to 1, and why."""

    likeness: float
    reason: str


class Rule(NamedTuple):
    """Speaks for a pair; ``weight``: the score it would give alone if it held fully."""

    weight: float
    judge: Callable[[Normal, Normal, Shares], Agreement | None]


class Objection(NamedTuple):
    """Speaks against a pair; ``weight``: the part of the score it takes off."""

    weight: float
    judge: Callable[[Normal, Normal], str | None]


class Judgement(NamedTuple):
    """What all rules together say of one pair."""

    score: float
    reasons: tuple[str, ...]
    objections: tuple[str, ...]


def _same_number(kind: Kind, company: Normal, account: Normal, shared: Shares) -> Agreement | None:
    one, other = company.numbers.get(kind), account.numbers.get(kind)
    if not one or not other or one.text != other.text:
        return None
    crowd = shared.get((kind, one.text), 1)
    reason = f"same {LABELS[kind]} {one.text}" + _crowd(crowd)
    return Agreement(1 / crowd, reason) if one.valid else Agreement(INVALID / crowd, f"{reason} (not a valid one)")


def _same_code(company: Normal, account: Normal, shared: Shares) -> Agreement | None:
    one, other = company.code, account.code
    if not one or not other or not numbers.codes_alike(one, other):
        return None
    crowd = shared.get(("code", one.digits or one.text), 1)
    same = company.party.code == account.party.code
    texts = company.party.code if same else f"{company.party.code} and {account.party.code}"
    return Agreement(1 / crowd, f"{'same code' if same else 'codes alike'} {texts}{_crowd(crowd)}")


def _same_online(company: Normal, account: Normal, shared: Shares) -> Agreement | None:
    """Judge mail addresses and domains by the one that fewest others have."""
    found = [("email", text) for text in company.emails & account.emails]
    found += [("domain", text) for text in company.domains & account.domains]
    if not found:
        return None
    crowd, kind, text = min((shared.get(key, 1), *key) for key in found)
    what = "e-mail address" if kind == "email" else "internet domain"
    return Agreement(1 / crowd, f"same {what} {text}{_crowd(crowd)}")


def _same_phone(company: Normal, account: Normal, shared: Shares) -> Agreement | None:
    found = [(shared.get(("phone", phone), 1), phone) for phone in company.phones & account.phones]
    if not found:
        return None
    crowd, phone = min(found)
    return Agreement(1 / crowd, f"same telephone number +{phone}{_crowd(crowd)}")


def _same_name(company: Normal, account: Normal, _: Shares) -> Agreement | None:
    if not company.name.words or not account.name.words:
        return None
    likeness = names.likeness(company.name, account.name)
    if likeness <= NAMES_FROM:
        return None
    reason = "same name" if likeness == 1 else f"name alike {likeness:.0%}".replace("%", " %")
    return Agreement((likeness - NAMES_FROM) / (1 - NAMES_FROM), reason)


def _same_address(company: Normal, account: Normal, _: Shares) -> Agreement | None:
    one, other = company.place, account.place
    if one.postcode and one.postcode == other.postcode:
        if one.houses & other.houses:
            return Agreement(1, f"same postcode and house number {one.postcode} {min(one.houses & other.houses)}")
        return Agreement(POSTCODE_ONLY, f"same postcode {one.postcode}")
    if one.town and other.town and places.towns_alike(one.town, other.town):
        return Agreement(TOWN_ONLY, f"same town {account.party.address.city}")
    return None


def _crowd(crowd: int) -> str:
    return f" (shared by {crowd})" if crowd > 1 else ""


RULES = (
    Rule(0.90, partial(_same_number, "vat_number")),
    Rule(0.90, partial(_same_number, "chamber_of_commerce")),
    Rule(0.80, partial(_same_number, "bank_account")),
    Rule(0.65, _same_name),
    Rule(0.45, _same_address),
    Rule(0.45, _same_online),
    Rule(0.40, _same_phone),
    Rule(0.30, _same_code),
)


def _other_number(kind: Kind, company: Normal, account: Normal) -> str | None:
    one, other = company.numbers.get(kind), account.numbers.get(kind)
    if not one or not other or one.text == other.text or not (one.valid and other.valid):
        return None
    return f"other {LABELS[kind]}: {one.text} in Autotask, {other.text} in Exact"


def _doubtful_number(kind: Kind, company: Normal, account: Normal) -> str | None:
    one, other = company.numbers.get(kind), account.numbers.get(kind)
    if not one or not other or one.text == other.text or (one.valid and other.valid):
        return None
    wrong = " and ".join(number.text for number in (one, other) if not number.valid)
    return f"other {LABELS[kind]}: {one.text} in Autotask, {other.text} in Exact; not valid: {wrong}"


def _other_branch(company: Normal, account: Normal) -> str | None:
    one, other = company.branch, account.branch
    if not one or not other or one == other:
        return None
    return f"other branch of the chamber of commerce number: {one} in Autotask, {other} in Exact"


def _other_country(company: Normal, account: Normal) -> str | None:
    one, other = company.place.country, account.place.country
    return f"different country: {one} in Autotask, {other} in Exact" if one and other and one != other else None


def _other_town(company: Normal, account: Normal) -> str | None:
    if places.same_town(company.place, account.place) is not False:
        return None
    return f"different town: {_where(company)} in Autotask, {_where(account)} in Exact"


def _where(normal: Normal) -> str:
    return normal.party.address.city or normal.place.postcode


def _other_name(company: Normal, account: Normal) -> str | None:
    if not company.name.words or not account.name.words:
        return None
    likeness = names.likeness(company.name, account.name)
    return f"names entirely different ({likeness:.0%})".replace("%", " %") if likeness < NAMES_DIFFER else None


def _other_group(company: Normal, account: Normal) -> str | None:
    odd = sorted(company.name.group ^ account.name.group)
    return f"only one of them is called {' and '.join(odd)}" if odd else None


def _other_form(company: Normal, account: Normal) -> str | None:
    one, other = company.name.forms, account.name.forms
    if not one or not other or one & other:
        return None
    return f"different legal form: {'/'.join(sorted(one))} in Autotask, {'/'.join(sorted(other))} in Exact"


def _other_status(company: Normal, account: Normal) -> str | None:
    one, other = set(company.party.status), set(account.party.status)
    if not one or not other or one & other or "prospect" in one | other:
        return None
    return f"a {' and '.join(sorted(one))} in Autotask, a {' and '.join(sorted(other))} in Exact"


def _not_active(company: Normal, account: Normal) -> str | None:
    idle = [system for system, normal in (("Autotask", company), ("Exact", account)) if not normal.party.active]
    return f"not active in {' and '.join(idle)}" if idle else None


CONTRADICTIONS = (
    Objection(0.40, partial(_other_number, "vat_number")),
    Objection(0.40, partial(_other_number, "chamber_of_commerce")),
    Objection(0.10, partial(_other_number, "bank_account")),
    Objection(0.50, _other_country),
)
"""What cannot be true of one party in both systems."""

OBJECTIONS = (
    *CONTRADICTIONS,
    *(Objection(0.10, partial(_doubtful_number, kind)) for kind in LABELS),
    Objection(0.30, _other_branch),
    Objection(0.35, _other_town),
    Objection(0.25, _other_name),
    Objection(0.25, _other_group),
    Objection(0.10, _other_form),
    Objection(0.15, _other_status),
    Objection(0.10, _not_active),
)


def contradictions(company: Normal, account: Normal) -> list[str]:
    """Return what cannot be true of one party in both systems."""
    found = (objection.judge(company, account) for objection in CONTRADICTIONS)
    return [text for text in found if text]


def judge(company: Normal, account: Normal, shared: Shares) -> Judgement:
    """Compare a pair by all rules; the score has four decimals, so that equal evidence gives equal scores."""
    missing = 1.0
    reasons = []
    for rule in RULES:
        agreement = rule.judge(company, account, shared)
        if agreement:
            missing *= 1 - rule.weight * agreement.likeness
            reasons.append(agreement.reason)
    score = 1 - missing
    objections = []
    for objection in OBJECTIONS:
        against = objection.judge(company, account)
        if against:
            score *= 1 - objection.weight
            objections.append(against)
    return Judgement(round(score, 4), tuple(reasons), tuple(objections))
