"""Numbers that identify a party: which one a text holds, written one way, and whether it can be right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec
from stdnum import iban, vatin
from stdnum.be import vat as belgian_enterprise
from stdnum.exceptions import ValidationError

from transfer_ledger.links.names import fold

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["vat_number", "chamber_of_commerce", "bank_account"]

DUTCH_VAT = re.compile(r"\d{9}B\d{2}")
KVK = re.compile(r"(?:KVK)?(?:NR)?(\d{8})(\d{4})?")
"""Dutch chamber of commerce number, with the four digits of a branch as they were written until 2008."""
FEWEST_DIGITS = 6
"""A text with fewer digits is a remark such as "n.v.t." rather than a number."""
SWISS_SUFFIX = re.compile(r"(MWST|TVA|IVA|TPV)$")
"""One Swiss number is written with the word for VAT in any of its languages (stdnum.ch.vat)."""
CODE = re.compile(r"([a-z]*)0*([1-9]\d*)")
PREFIXES = frozenset({"d", "deb", "c", "cust", "k", "kl"})
"""What stands before a customer's number in one system and is left out in the other."""
FEWEST_CODE_DIGITS = 3
"""Codes shorter than this only count when they are written alike: everybody has a customer 1."""


class Number(msgspec.Struct, frozen=True):
    """A number written one way; one that is not ``valid`` identifies nobody, but two alike still say something."""

    text: str
    valid: bool


class Code(msgspec.Struct, frozen=True):
    """A business code: as it is written, and its parts when it is letters before digits."""

    text: str
    prefix: str = ""
    digits: str = ""


def compact(text: str) -> str:
    """Return the capitals and digits of a text."""
    return re.sub(r"[^A-Z0-9]", "", fold(text).upper())


def vat_number(text: str, country: str | None) -> Number | None:
    """Return the VAT number with its country before it; ``country`` serves for one written without."""
    bare = compact(text)
    readings = [bare] if bare[:2].isalpha() else []
    readings += [country + bare] if country else []
    readings += ["NL" + bare] if DUTCH_VAT.fullmatch(bare) else []
    for reading in readings:
        try:
            valid = vatin.validate(reading)
        except ValidationError:
            continue
        prefix = "EL" if reading.startswith("GR") else reading[:2]
        rest = valid[2:] if valid.startswith(reading[:2]) else valid
        return Number(prefix + SWISS_SUFFIX.sub("", rest), valid=True)
    return _doubtful(bare)


def chamber_of_commerce(text: str, country: str | None) -> Number | None:
    """Return the number in the trade register of the country.

    Only Dutch and Belgian numbers can be judged; of a German one, say, the same exists at every court.
    """
    bare = compact(text)
    if country == "BE":
        try:
            return Number("BE" + belgian_enterprise.validate(bare), valid=True)
        except ValidationError:
            return _doubtful(bare)
    dutch = KVK.fullmatch(bare) if country in (None, "NL") else None
    if dutch and len(set(dutch[1])) > 1 and not (dutch[2] and dutch[1].startswith("0000")):
        return Number(dutch[1], valid=True)
    return _doubtful(bare)


def branch(text: str) -> str | None:
    """Return the branch behind a Dutch chamber of commerce number."""
    found = KVK.fullmatch(compact(text))
    return found[2] if found else None


def bank_account(text: str, _country: str | None = None) -> Number | None:
    """Return the IBAN; an account number of before the IBAN is not valid."""
    bare = compact(text)
    try:
        return Number(iban.validate(bare), valid=True)
    except ValidationError:
        return _doubtful(bare)


def _doubtful(bare: str) -> Number | None:
    digits = re.sub(r"\D", "", bare)
    if len(digits) < FEWEST_DIGITS or len(set(digits)) == 1:
        return None
    return Number(bare, valid=False)


READERS: dict[Kind, Callable[[str, str | None], Number | None]] = {
    "vat_number": vat_number,
    "chamber_of_commerce": chamber_of_commerce,
    "bank_account": bank_account,
}
"""Field to what reads it."""


def identifying(fields: dict[Kind, str | None], country: str | None) -> dict[Kind, Number]:
    """Return the numbers in these fields, each under its own kind, also when it was typed in another's field.

    A number that is valid in its own field stays there; what a field cannot have meant is tried as the other kinds.
    """
    found: dict[Kind, Number] = {}
    astray: dict[Kind, Number] = {}
    for field, text in fields.items():
        number = READERS[field](text, country) if text else None
        if number:
            found[field] = number
        if text and not (number and number.valid):
            astray |= _elsewhere(field, text, country)
    for kind, number in astray.items():
        if not (kind in found and found[kind].valid):
            found[kind] = number
    return {kind: found[kind] for kind in READERS if kind in found and not _strayed(found, kind)}


def _elsewhere(field: Kind, text: str, country: str | None) -> dict[Kind, Number]:
    others = {kind: read(text, country) for kind, read in READERS.items() if kind != field}
    return {kind: number for kind, number in others.items() if number and number.valid}


def _strayed(found: dict[Kind, Number], kind: Kind) -> bool:
    """Tell whether an invalid number is only the trace of a valid one that was typed in the wrong field."""
    number = found[kind]
    return not number.valid and any(other.valid and _digits(number) in _digits(other) for other in found.values())


def _digits(number: Number) -> str:
    return re.sub(r"\D", "", number.text)


def code(text: str) -> Code | None:
    """Return a business code; Exact pads its codes with blanks on the left (picqer/exact-php-client PR 129)."""
    bare = re.sub(r"[\s._/-]", "", fold(text))
    parts = CODE.fullmatch(bare)
    if parts and len(parts[2]) >= FEWEST_CODE_DIGITS:
        return Code(bare, parts[1], parts[2])
    return Code(bare) if bare else None


def codes_alike(one: Code, other: Code) -> bool:
    """Tell whether codes differ in leading zeros or in one known prefix at most: D10042, 0010042 and 10042.

    D10042 and C10042 are not alike: the letter tells debtors from creditors.
    """
    if one.text == other.text:
        return True
    prefixes = {one.prefix, other.prefix} - {""}
    return bool(one.digits) and one.digits == other.digits and len(prefixes) <= 1 and prefixes <= PREFIXES
