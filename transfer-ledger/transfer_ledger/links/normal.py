"""A party made comparable: every field in the one form in which two systems can agree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from transfer_ledger.links import domains, names, numbers, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from transfer_ledger.links.names import Name
    from transfer_ledger.links.numbers import Code, Kind, Number
    from transfer_ledger.links.parties import Party
    from transfer_ledger.links.places import Place

Key = tuple[str, str]
"""Kind of value and the value: what parties are looked up and counted by."""


class Normal(msgspec.Struct, frozen=True, kw_only=True):
    """What a party says, comparable. ``party`` is as it was given, for what people read."""

    party: Party
    name: Name
    place: Place
    numbers: dict[Kind, Number]
    branch: str | None
    code: Code | None
    emails: frozenset[str]
    domains: frozenset[str]
    phones: frozenset[str]


def normalise(party: Party) -> Normal:
    """Make a party comparable."""
    place = places.place(party.address)
    online = " ".join(filter(None, (party.email, party.contact.email, party.website)))
    phones = (places.phones(text or "", place.country) for text in (party.phone, party.contact.phone))
    fields: dict[Kind, str | None] = {
        "vat_number": party.vat_number,
        "chamber_of_commerce": party.chamber_of_commerce,
        "bank_account": party.bank_account,
    }
    return Normal(
        party=party,
        name=names.name(party.name or ""),
        place=place,
        numbers=numbers.identifying(fields, place.country),
        branch=numbers.branch(party.chamber_of_commerce or ""),
        code=numbers.code(party.code or ""),
        emails=domains.mail_addresses(online),
        domains=domains.own_domains(online),
        phones=frozenset().union(*phones),
    )


def keys(normal: Normal) -> Iterator[Key]:
    """Yield every value that another party may have too, once."""
    yield from ((kind, number.text) for kind, number in normal.numbers.items())
    if normal.code:
        yield "code", normal.code.digits or normal.code.text
    yield from (("email", address) for address in normal.emails)
    yield from (("domain", domain) for domain in normal.domains)
    yield from (("phone", phone) for phone in normal.phones)
    if normal.place.postcode:
        yield "postcode", normal.place.postcode
    if normal.place.door:
        yield "door", normal.place.door
    if normal.name.words:
        yield "name", normal.name.sorted
    yield from (("word", word) for word in set(normal.name.words))


def shares(*sides: Iterable[Normal]) -> Mapping[Key, int]:
    """Return how many parties have each value, on the side where more do."""
    shared: Counter[Key] = Counter()
    for side in sides:
        shared |= Counter(key for normal in side for key in keys(normal))
    return shared
