"""Where a party is: postcode, house number and town, and the telephone number that goes with the country."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from rapidfuzz import fuzz

from transfer_ledger.links.names import fold

if TYPE_CHECKING:
    from transfer_ledger.documents import Address

DUTCH_POSTCODE = re.compile(r"\b([1-9]\d{3})\s?([a-z]{2})\b")
TOWNS = {
    "s gravenhage": "den haag",
    "the hague": "den haag",
    "s hertogenbosch": "den bosch",
    "gravenhage": "den haag",
    "hertogenbosch": "den bosch",
    "a dam": "amsterdam",
    "r dam": "rotterdam",
    "gand": "gent",
    "ghent": "gent",
    "anvers": "antwerpen",
    "antwerp": "antwerpen",
    "bruxelles": "brussel",
    "brussels": "brussel",
    "liege": "luik",
    "cologne": "koln",
    "koeln": "koln",
}
"""Other name of a town to the one it is compared by."""
TOWN_ALIKE = 85
"""From this likeness (of 100) on, two spellings are one town."""

DIALLING = {
    "NL": "31", "BE": "32", "DE": "49", "FR": "33", "GB": "44", "LU": "352", "AT": "43", "CH": "41", "IT": "39",
    "ES": "34", "PT": "351", "IE": "353", "DK": "45", "SE": "46", "NO": "47", "FI": "358", "PL": "48", "US": "1",
    "CA": "1",
}  # fmt: skip
"""Country to the number it is dialled by (ITU E.164)."""
HOME = "NL"
"""Country of a telephone number whose party has none."""
FEWEST_DIGITS, MOST_DIGITS = 8, 15
"""A number with fewer digits lacks its area; E.164 allows no more."""


class Place(msgspec.Struct, frozen=True):
    """An address as it is compared; empty texts are not known."""

    country: str | None = None
    postcode: str = ""
    town: str = ""
    houses: frozenset[str] = frozenset()
    """The numbers in the street lines, among them the house number."""
    town_words: frozenset[str] = frozenset()
    """The words of the town, under both its names; some write them behind the name of a party."""

    @property
    def door(self) -> str | None:
        """Postcode and the lowest number in the street lines: what an address is looked up by."""
        return f"{self.postcode} {min(self.houses)}" if self.postcode and self.houses else None


def place(address: Address) -> Place:
    """Return an address as it is compared, also when postcode and town were typed in each other's field."""
    country = country_code(address.country)
    postcode, town = _plain(address.postcode), _plain(address.city)
    if not re.search(r"\d", postcode) and re.search(r"\d", town):
        postcode, town = town, postcode
    lines = _plain(f"{address.line1 or ''} {address.line2 or ''}")
    dutch = country in (None, "NL") and next(filter(None, map(DUTCH_POSTCODE.search, (postcode, town, lines))), None)
    if dutch:
        town = DUTCH_POSTCODE.sub("", town) or DUTCH_POSTCODE.sub("", postcode)
        postcode = (dutch[1] + dutch[2]).upper()
        lines = DUTCH_POSTCODE.sub("", lines)
    numbers = frozenset(number.lstrip("0") for number in re.findall(r"\d+", lines))
    written = " ".join(re.findall(r"[^\W\d_]+", town))
    town = TOWNS.get(written, written)
    return Place(country, postcode.replace(" ", "").upper(), town, numbers, frozenset(f"{written} {town}".split()))


def country_code(text: str | None) -> str | None:
    """Return the two-letter code, None for anything else."""
    code = (text or "").strip().upper()
    return code if re.fullmatch(r"[A-Z]{2}", code) else None


def _plain(text: str | None) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text or "")))


def towns_alike(one: str, other: str) -> bool:
    """Tell whether two towns are one: spelled alike, or one with its district behind it."""
    if set(one.split()) <= set(other.split()) or set(other.split()) <= set(one.split()):
        return bool(one and other)
    return fuzz.ratio(one, other) >= TOWN_ALIKE


def same_town(one: Place, other: Place) -> bool | None:
    """Tell whether two places are in one town; None when that cannot be known."""
    if one.postcode and one.postcode == other.postcode:
        return True
    if one.town and other.town:
        return towns_alike(one.town, other.town)
    if one.postcode and other.postcode:
        return None if one.country != other.country else _area(one) == _area(other)
    return None


def _area(place: Place) -> str:
    """Return the part of a postcode that towns are told apart by; in a Dutch one that is the digits."""
    return re.sub(r"\D", "", place.postcode) or place.postcode


def phones(text: str, country: str | None) -> frozenset[str]:
    """Return the telephone numbers in a text as country and number, digits only."""
    parts = re.split(r"\s/\s|[;,]", re.sub(r"(?i)\b(?:tst|toestel|ext|x)\b.*", "", text))
    return frozenset(filter(None, (_phone(part, country) for part in parts)))


def _phone(text: str, country: str | None) -> str | None:
    international = re.match(r"\s*(\+|00)", text.lstrip("( "))
    digits = re.sub(r"\D", "", text.replace("(0)", "") if international else text)
    if international:
        digits = digits.removeprefix("00")
    else:
        digits = DIALLING.get(country or HOME, "") + digits.removeprefix("0")
    return digits if FEWEST_DIGITS <= len(digits) <= MOST_DIGITS else None
