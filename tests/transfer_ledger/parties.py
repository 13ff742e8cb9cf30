"""Two seeded lists of parties, as two systems hold them after years of typing, and the truth of who is who.

An *entity* is somebody one can send an invoice to. Each is written down in Autotask, in Exact, in both, or more than
once, every time with other slips. Groups share a VAT number and an address, branches share all numbers, twins share
a name. The truth is made before the slips and knows nothing of the rules that are tested with it.
"""

from __future__ import annotations

import random
import string
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import UUID

from stdnum import iban
from stdnum.be import vat as belgian
from stdnum.de import vat as german
from stdnum.fr import siren
from stdnum.gb import vat as british
from stdnum.iso7064 import mod_97_10

from sandbox import words
from transfer_ledger.documents import Address
from transfer_ledger.links.parties import Contact, Party

TRADES = (
    *words.TRADES, "Advies", "Bestratingen", "Beveiliging", "Bloemen", "Dakwerken", "Fietsen", "Grafimedia",
    "Hoveniers", "Internet", "Juweliers", "Koeltechniek", "Meubelen", "Montage", "Opleidingen", "Parket", "Schoonmaak",
    "Sloopwerken", "Tegels", "Tuinen", "Verhuur", "Vloeren", "Watersport", "Webdesign", "Zonwering",
)  # fmt: skip
SYLLABLES = (
    "ba",
    "cor",
    "del",
    "fen",
    "gra",
    "ho",
    "ki",
    "lum",
    "mar",
    "nex",
    "or",
    "pri",
    "quo",
    "rel",
    "sol",
    "ta",
    "vi",
)
TOWNS = (
    *words.CITIES, ("Haarlem", "2011"), ("Amersfoort", "3811"), ("Arnhem", "6811"), ("Maastricht", "6211"),
    ("Dordrecht", "3311"), ("Leiden", "2311"), ("Venlo", "5911"), ("Deventer", "7411"), ("Assen", "9401"),
    ("Middelburg", "4331"), ("Hoorn", "1621"), ("Emmen", "7811"), ("Gouda", "2801"), ("Roosendaal", "4701"),
)  # fmt: skip
FORMS = {
    "NL": ("B.V.", "B.V.", "B.V.", "V.O.F.", "N.V.", "", "Stichting"),
    "BE": ("BV", "NV"), "DE": ("GmbH", "AG"), "GB": ("Ltd", "PLC"), "FR": ("SARL", "SAS"), "US": ("Inc.", "LLC"),
}  # fmt: skip
SPELLINGS = {
    "B.V.": ("BV", "B.V", "b.v.", "B V", "Besloten Vennootschap"), "V.O.F.": ("VOF", "v.o.f."), "N.V.": ("NV", "n.v."),
    "BV": ("BVBA", "SRL"), "GmbH": ("Gmbh",), "Ltd": ("Limited", "Ltd."), "Inc.": ("Inc", "Incorporated"),
}  # fmt: skip
ABROAD = {
    "BE": (("Gent", "90{:02d}"), ("Antwerpen", "20{:02d}")), "DE": (("Köln", "506{:02d}"), ("Münster", "481{:02d}")),
    "GB": (("Leeds", "LS{} 4AP"), ("York", "YO{} 7HD")), "FR": (("Lille", "590{:02d}"),),
    "US": (("Boston", "021{:02d}"),),
}  # fmt: skip
PUBLIC_MAIL = ("gmail.com", "outlook.com", "kpnmail.nl", "hotmail.nl", "ziggo.nl", "planet.nl")
OTHER_TOWN_NAMES = {"'s-Gravenhage": "Den Haag", "'s-Hertogenbosch": "Den Bosch"}
SISTERS = (
    "Holding",
    "Beheer",
    "Vastgoed I",
    "Vastgoed II",
    "Services",
    "Groep",
    "Noord",
    "Zuid",
    "International",
    "Zorg",
)


@dataclass(frozen=True)
class Entity:
    """Somebody one can send an invoice to, without a slip."""

    number: int
    name: str
    form: str
    country: str
    town: str
    postcode: str
    street: str
    house: int
    vat: str
    kvk: str
    iban: str
    domain: str
    phone: str

    @property
    def full_name(self) -> str:
        """Name and legal form, where a Dutch foundation has it."""
        return f"{self.form} {self.name}" if self.form == "Stichting" else f"{self.name} {self.form}".strip()


@dataclass
class Truth:
    """Two lists, and which entity each party is."""

    companies: list[Party] = field(default_factory=list)
    accounts: list[Party] = field(default_factory=list)
    entity_of: dict[str, Entity] = field(default_factory=dict)
    """Id of a party of either list to what it really is."""

    def same(self, company_id: str, account_id: str) -> bool:
        """Tell whether both are the same entity."""
        return self.entity_of[company_id].number == self.entity_of[account_id].number

    def partners(self) -> dict[str, set[str]]:
        """Return the accounts of each company that has any, by id; several when there are doubles."""
        accounts: dict[int, set[str]] = defaultdict(set)
        for account in self.accounts:
            accounts[self.entity_of[account.id].number].add(account.id)
        owners = {company.id: accounts.get(self.entity_of[company.id].number) for company in self.companies}
        return {company_id: partners for company_id, partners in owners.items() if partners}


def make_truth(seed: int, companies: int = 1500, accounts: int = 1400) -> Truth:
    """Return the lists of a seed number: same number, same lists."""
    chance = random.Random(f"{seed}/parties")
    truth = Truth()
    entities = _entities(chance, max(companies, accounts) + accounts // 4)
    chance.shuffle(entities)
    for entity in entities:
        in_autotask, in_exact = chance.choices(((1, 1), (1, 0), (0, 1), (2, 1), (1, 2), (2, 2)), (74, 12, 8, 2, 3, 1))[
            0
        ]
        for _ in range(in_autotask if len(truth.companies) < companies else 0):
            _add(truth, truth.companies, _company(chance, entity, entities), entity)
        for _ in range(in_exact if len(truth.accounts) < accounts else 0):
            _add(truth, truth.accounts, _account(chance, entity, entities), entity)
    del truth.companies[companies:], truth.accounts[accounts:]
    chance.shuffle(truth.companies)
    chance.shuffle(truth.accounts)
    return truth


def _add(truth: Truth, side: list[Party], party: Party, entity: Entity) -> None:
    side.append(party)
    truth.entity_of[party.id] = entity


def _entities(chance: random.Random, count: int) -> list[Entity]:
    entities: list[Entity] = []
    while len(entities) < count:
        first = _entity(chance, len(entities))
        more = chance.choices((_alone, _group, _branches, _twins), (82, 8, 3, 7))[0]
        entities += more(chance, first)
    return entities


def _alone(_: random.Random, first: Entity) -> list[Entity]:
    return [first]


def _group(chance: random.Random, first: Entity) -> list[Entity]:
    """A parent and what it owns: one VAT number, address and domain, own names and chamber of commerce numbers."""
    sisters = chance.sample(SISTERS, chance.randint(1, 3))
    family = first.name.partition(" & ")[0].removesuffix(f" {first.name.split()[-1]}")
    return [first] + [
        replace(first, number=first.number + place, name=f"{family} {word}", kvk=_kvk(chance, first.country))
        for place, word in enumerate(sisters, start=1)
    ]


def _branches(chance: random.Random, first: Entity) -> list[Entity]:
    """One legal entity in two towns, invoiced apart."""
    return [first, _elsewhere(chance, first)]


def _twins(chance: random.Random, first: Entity) -> list[Entity]:
    """Two that only share a name, and sometimes a web site, as franchises do."""
    other = _entity(chance, first.number + 1, first.country)
    domain = first.domain if chance.random() < 0.5 else other.domain
    twin = replace(other, name=first.name, domain=domain)
    return [first, twin if twin.town != first.town else _elsewhere(chance, twin, first.town)]


def _elsewhere(chance: random.Random, entity: Entity, besides: str = "") -> Entity:
    while True:
        town, postcode = _town(chance, "NL")
        if town not in (entity.town, besides):
            moved = replace(entity, country="NL", town=town, postcode=postcode, house=chance.randint(1, 240))
            return moved if besides else replace(moved, number=entity.number + 1)


def _entity(chance: random.Random, number: int, country: str = "") -> Entity:
    country = country or chance.choices(("NL", "BE", "DE", "GB", "FR", "US"), (90, 4, 3, 1, 1, 1))[0]
    town, postcode = _town(chance, country)
    name = _name(chance)
    return Entity(
        number=number,
        name=name,
        form=chance.choice(FORMS[country]),
        country=country,
        town=town,
        postcode=postcode,
        street=chance.choice(words.STREETS),
        house=chance.randint(1, 240),
        vat=_vat(chance, country),
        kvk=_kvk(chance, country),
        iban=_iban(chance) if country == "NL" else "",
        domain="".join(letter for letter in name.lower() if letter in string.ascii_lowercase)
        + chance.choice((".nl", ".com")),
        phone=f"{chance.randint(10, 79)}{chance.randint(1000000, 9999999)}",
    )


def _name(chance: random.Random) -> str:
    surname, trade = chance.choice(words.SURNAMES), chance.choice(TRADES)
    brand = "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).capitalize()
    return chance.choice(
        (f"{surname} {trade}", f"{brand} {trade}", f"{brand}", f"{surname} & {chance.choice(words.SURNAMES)}")
    )


def _town(chance: random.Random, country: str) -> tuple[str, str]:
    if country in ABROAD:
        town, postcode = chance.choice(ABROAD[country])
        return town, postcode.format(chance.randint(1, 99))
    town, start = chance.choice(TOWNS)
    return town, f"{int(start) + chance.randint(0, 40)} {''.join(chance.choices(words.LETTERS, k=2))}"


def _digits(chance: random.Random, count: int) -> str:
    return str(chance.randint(10 ** (count - 1), 10**count - 1))


def _valid(chance: random.Random, count: int, is_valid: Callable[[str], bool]) -> str:
    """Draw digits until the country's checksum holds."""
    while not is_valid(drawn := _digits(chance, count)):
        pass
    return drawn


def _vat(chance: random.Random, country: str) -> str:
    if country == "NL":
        number = f"NL{_digits(chance, 9)}B"
        return number + mod_97_10.calc_check_digits(number)
    if country == "BE":
        return f"BE{_valid(chance, 10, belgian.is_valid)}"
    if country == "FR":
        number = _valid(chance, 9, siren.is_valid)
        return f"FR{siren.to_tva(number).replace(' ', '')}"
    if country in ("DE", "GB"):
        return country + _valid(chance, 9, {"DE": german, "GB": british}[country].is_valid)
    return ""


def _kvk(chance: random.Random, country: str) -> str:
    return _digits(chance, 8) if country == "NL" else ""


def _iban(chance: random.Random) -> str:
    account = f"{chance.choice(('ABNA', 'INGB', 'RABO'))}0{_digits(chance, 9)}"
    number = f"NL{mod_97_10.calc_check_digits(account + 'NL')}{account}"
    return iban.validate(number)


@dataclass
class Draft:
    """What is about to be typed about an entity; slips change it."""

    entity: Entity
    name: str
    address: dict[str, str]
    fields: dict[str, str]


Slip = Callable[[random.Random, Draft], None]


def _draft(chance: random.Random, entity: Entity) -> Draft:
    mail = f"{chance.choice(('info', 'administratie', 'factuur'))}@{entity.domain}"
    return Draft(
        entity,
        entity.full_name,
        {
            "line1": f"{entity.street} {entity.house}{chance.choice(('', '', 'A', '-2'))}",
            "postcode": chance.choice((entity.postcode, entity.postcode.replace(" ", "").lower())),
            "city": OTHER_TOWN_NAMES.get(entity.town, entity.town) if chance.random() < 0.5 else entity.town,
            "country": entity.country,
        },
        {
            "vat_number": chance.choice((entity.vat, entity.vat.lower(), f"{entity.vat[:2]} {entity.vat[2:]}")),
            "chamber_of_commerce": entity.kvk,
            "bank_account": entity.iban,
            "phone": chance.choice(("0{}", "0{}", "+31 {}")).format(entity.phone) if entity.country == "NL" else "",
            "email": mail,
            "website": chance.choice(("https://www.{}/", "www.{}", "{}", "https://{}/index.html")).format(
                entity.domain
            ),
        },
    )


def _respell_form(chance: random.Random, draft: Draft) -> None:
    form = draft.entity.form
    if form and form in draft.name:
        draft.name = draft.name.replace(form, chance.choice(("", *SPELLINGS.get(form, ())))).strip()


def _mistype(chance: random.Random, draft: Draft) -> None:
    """Change, drop, double or swap a letter of a word that is long enough to be mistyped unnoticed."""
    spots = [spot for spot in range(1, len(draft.name) - 1) if _inside_word(draft.name, spot)]
    if spots:
        spot = chance.choice(spots)
        two = draft.name[spot : spot + 2]
        typed = chance.choice((two[1], two[0] * 2 + two[1], two[::-1], chance.choice(string.ascii_lowercase) + two[1]))
        draft.name = draft.name[:spot] + typed + draft.name[spot + 2 :]


def _inside_word(text: str, spot: int) -> bool:
    start, end = text.rfind(" ", 0, spot) + 1, text.find(" ", spot)
    return (end if end > 0 else len(text)) - start > 4 and start < spot < (end if end > 0 else len(text)) - 1


def _abbreviate(chance: random.Random, draft: Draft) -> None:
    long = [word for word in draft.name.split() if len(word) > 8]
    if long:
        word = chance.choice(long)
        draft.name = draft.name.replace(word, word[: chance.randint(4, 6)] + chance.choice((".", "")))


def _turn_round(_: random.Random, draft: Draft) -> None:
    first, _blank, rest = draft.name.partition(" ")
    draft.name = f"{rest}, {first}" if rest else first


def _and(_: random.Random, draft: Draft) -> None:
    draft.name = draft.name.replace("&", "en")


def _shout(_: random.Random, draft: Draft) -> None:
    draft.name = draft.name.upper()


def _add_town(_: random.Random, draft: Draft) -> None:
    draft.name += f" {draft.entity.town}"


def _use_trade_name(chance: random.Random, draft: Draft) -> None:
    draft.name = f"De {chance.choice(words.FIRST_NAMES)}hoeve"


def _leave_out(*names: str, chance: random.Random, draft: Draft) -> None:
    del chance
    for name in names:
        draft.fields[name] = ""


def _mistype_number(name: str, chance: random.Random, draft: Draft) -> None:
    text = draft.fields[name]
    spots = [spot for spot, letter in enumerate(text) if letter.isdigit()]
    if spots:
        spot = chance.choice(spots)
        draft.fields[name] = text[:spot] + chance.choice(string.digits) + text[spot + 1 :]


def _swap(one: str, other: str, chance: random.Random, draft: Draft) -> None:
    del chance
    draft.fields[one], draft.fields[other] = draft.fields[other], draft.fields[one]


def _swap_place(_: random.Random, draft: Draft) -> None:
    draft.address["postcode"], draft.address["city"] = draft.address["city"], draft.address["postcode"]


def _move(chance: random.Random, draft: Draft) -> None:
    """Another address, mostly in the same town."""
    other_town, other_postcode = _town(chance, draft.entity.country)
    draft.address["line1"] = f"Postbus {chance.randint(100, 999)}"
    if chance.random() < 0.3:
        draft.address |= {"city": other_town, "postcode": other_postcode}
    else:
        draft.address["postcode"] = ""


def _leave_out_address(chance: random.Random, draft: Draft) -> None:
    for name in chance.choice((("line1",), ("postcode",), ("city",), ("country",), ("line1", "postcode", "city"))):
        draft.address[name] = ""


def _use_public_mail(chance: random.Random, draft: Draft) -> None:
    draft.fields |= {
        "email": f"{draft.entity.domain[:6]}{chance.randint(1, 99)}@{chance.choice(PUBLIC_MAIL)}",
        "website": "",
    }


def _other_phone(chance: random.Random, draft: Draft) -> None:
    draft.fields["phone"] = f"06-{_digits(chance, 8)}"


SLIPS: tuple[tuple[float, Slip], ...] = (
    (0.45, _respell_form),
    (0.12, _mistype),
    (0.05, _mistype),
    (0.08, _abbreviate),
    (0.05, _turn_round),
    (0.30, _and),
    (0.10, _shout),
    (0.05, _add_town),
    (0.02, _use_trade_name),
    (0.04, partial(_mistype_number, "vat_number")),
    (0.02, partial(_mistype_number, "chamber_of_commerce")),
    (0.03, partial(_swap, "vat_number", "chamber_of_commerce")),
    (0.02, partial(_swap, "email", "website")),
    (0.02, _swap_place),
    (0.08, _move),
    (0.08, _leave_out_address),
    (0.15, _use_public_mail),
    (0.10, _other_phone),
)
"""How often, and what goes wrong in either system."""

BLANKS = {
    "autotask": (
        ("vat_number", 0.25),
        ("chamber_of_commerce", 0.6),
        ("bank_account", 0.9),
        ("email", 0.3),
        ("phone", 0.1),
    ),
    "exact": (
        ("vat_number", 0.1),
        ("chamber_of_commerce", 0.35),
        ("bank_account", 0.4),
        ("website", 0.5),
        ("phone", 0.4),
    ),
}
"""What is often not filled in, per system."""


def _typed(chance: random.Random, entity: Entity, entities: list[Entity], system: str) -> Draft:
    draft = _draft(chance, entity)
    for often, slip in SLIPS:
        if chance.random() < often:
            slip(chance, draft)
    for name, often in BLANKS[system]:
        if chance.random() < often:
            draft.fields[name] = ""
    if chance.random() < 0.02:
        _copy_numbers(chance, draft, entities)
    return draft


def _copy_numbers(chance: random.Random, draft: Draft, entities: list[Entity]) -> None:
    """Keep the numbers of the card that this one was copied from: a namesake's, where there is one."""
    first = draft.entity.name.split()[0]
    near = [each for each in entities if each.name.split()[0] == first and each.number != draft.entity.number]
    template = chance.choice(near or entities)
    draft.fields |= {"vat_number": template.vat, "chamber_of_commerce": template.kvk, "bank_account": template.iban}


def _party(party_id: str, code: str, draft: Draft, status: str, *, active: bool) -> Party:
    texts = {name: text or None for name, text in draft.fields.items()}
    return Party(
        id=party_id,
        code=code or None,
        name=draft.name,
        status=(status,),
        address=Address(**{name: text or None for name, text in draft.address.items()}),
        contact=Contact(),
        active=active,
        **texts,
    )


def _company(chance: random.Random, entity: Entity, entities: list[Entity]) -> Party:
    code = chance.choice((f"D{10000 + entity.number}", f"{10000 + entity.number}", ""))
    draft = _typed(chance, entity, entities, "autotask")
    return _party(_digits(chance, 8), code, draft, "customer", active=chance.random() > 0.03)


def _account(chance: random.Random, entity: Entity, entities: list[Entity]) -> Party:
    """Half of the accounts carry the company's number, the others one that may well be somebody else's."""
    number = entity.number if chance.random() < 0.5 else chance.randrange(len(entities))
    code = chance.choice((f"{10000 + number}", f"D{10000 + number}".rjust(18), f"{10000 + number}".zfill(8)))
    draft = _typed(chance, entity, entities, "exact")
    status = chance.choices(("customer", "supplier", "prospect"), (92, 4, 4))[0]
    return _party(str(UUID(int=chance.getrandbits(128))), code, draft, status, active=chance.random() > 0.03)
