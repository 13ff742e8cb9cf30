"""Numbers and addresses that can be wrong by themselves: written one way, and checked by the rules of their country."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stdnum import iban, vatin
from stdnum.be import vat as belgian_enterprise
from stdnum.exceptions import InvalidComponent, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

KVK = re.compile(r"\d{8}")
"""Dutch chamber of commerce number (kvk.nl)."""
MAIL = re.compile(r"[^\s@;,<>]+@(?:[\w-]+\.)+\w{2,}")
HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?")
LABEL = re.compile(r"^(?:(?:BTW|VAT|TVA)(?:NR|NO)?)+")
"""What people type in front of a VAT number."""
FEWEST_DIGITS = 4
"""A text with fewer is a remark such as n.v.t. rather than a number of a country whose rules are not known."""
GREECE = {"GR": "EL"}
"""How VAT numbers write Greece."""

DIALLING = {
    "AT": "43",
    "AU": "61",
    "BE": "32",
    "BG": "359",
    "CH": "41",
    "CY": "357",
    "CZ": "420",
    "DE": "49",
    "DK": "45",
    "EE": "372",
    "ES": "34",
    "FI": "358",
    "FR": "33",
    "GB": "44",
    "GR": "30",
    "HR": "385",
    "HU": "36",
    "IE": "353",
    "IT": "39",
    "LT": "370",
    "LU": "352",
    "LV": "371",
    "MT": "356",
    "NL": "31",
    "NO": "47",
    "PL": "48",
    "PT": "351",
    "RO": "40",
    "SE": "46",
    "SI": "386",
    "SK": "421",
    "US": "1",
}
"""Country to its calling code (ITU-T E.164)."""
NO_TRUNK_ZERO = frozenset({"CY", "CZ", "DK", "EE", "ES", "GR", "IT", "LU", "LV", "MT", "NO", "PL", "PT", "US"})
"""Countries whose numbers keep a leading zero, or never have one."""
MOST_DIGITS = 15


class WrongValueError(ValueError):
    """A value is not what its field holds; the message says what it should look like."""


def _compact(text: str) -> str:
    return re.sub(r"[\W_]", "", text).upper()


def vat_number(text: str, country: str | None) -> str:
    """Return a VAT number with its country before it; one of a country without rules is left as it is.

    Raises:
        WrongValueError: the rules of its country refuse it.
    """
    bare = LABEL.sub("", _compact(text))
    reading = bare if bare[:2].isalpha() else GREECE.get(country or "", country or "") + bare
    if not reading[:2].isalpha():
        raise WrongValueError("begins with no country; write it as NL123456782B90")
    try:
        vatin.validate(reading)
    except InvalidComponent:
        if len(re.sub(r"\D", "", reading)) < FEWEST_DIGITS:
            raise WrongValueError("is no VAT number") from None
    except ValidationError as error:
        raise WrongValueError(f"is no VAT number of {reading[:2]} ({str(error).rstrip('.')})") from None
    return reading


def chamber_of_commerce(text: str, country: str | None) -> str:
    """Return a chamber of commerce number; those of other countries than NL and BE are left as they are.

    Raises:
        WrongValueError: it is none of that country.
    """
    bare = _compact(text).removeprefix("KVK")
    if country == "NL" and not KVK.fullmatch(bare):
        raise WrongValueError("is no Dutch chamber of commerce number, which has 8 digits")
    if country == "BE":
        try:
            belgian_enterprise.validate(bare)
        except ValidationError:
            raise WrongValueError("is no Belgian enterprise number") from None
    return bare if country in {"NL", "BE"} else text


def bank_account(text: str, _country: str | None = None) -> str:
    """Return an IBAN without spaces.

    Raises:
        WrongValueError: it is none.
    """
    try:
        return str(iban.validate(_compact(text)))
    except ValidationError:
        raise WrongValueError("is no IBAN") from None


def email(text: str, _country: str | None = None) -> str:
    """Return an e-mail address.

    Raises:
        WrongValueError: it is none, or several.
    """
    if not MAIL.fullmatch(text):
        raise WrongValueError("is not one e-mail address")
    return text


def website(text: str, _country: str | None = None) -> str:
    """Return a website with its scheme, its host in small letters and without a last slash.

    Raises:
        WrongValueError: it has no host.
    """
    scheme, mark, rest = text.rpartition("://")
    host, slash, path = rest.partition("/")
    if not HOST.fullmatch(host):
        raise WrongValueError("is no website")
    return f"{scheme.lower() or 'https'}{mark or '://'}{host.lower()}{slash}{path}".rstrip("/")


def international(text: str, country: str | None) -> str:
    """Return a phone number as +31205550100; one that cannot be read so, such as one with an extension, as it is."""
    digits = re.sub(r"[\s().\-/]", "", text.replace("(0)", ""))
    digits = re.sub(r"^00", "+", digits)
    if not digits.startswith("+"):
        code = DIALLING.get(country or "")
        if code is None or (digits[:1] != "0" and country not in NO_TRUNK_ZERO):
            return text
        digits = f"+{code}{digits if country in NO_TRUNK_ZERO else digits[1:]}"
    return digits if re.fullmatch(rf"\+\d{{7,{MOST_DIGITS}}}", digits) else text


CHECKED: dict[str, Callable[[str, str | None], str]] = {
    "vat_number": vat_number,
    "chamber_of_commerce": chamber_of_commerce,
    "bank_account": bank_account,
    "email": email,
    "website": website,
}
"""Field to what reads it."""
