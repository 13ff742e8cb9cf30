"""What Exact Online's own messages mean, in Dutch and English, and what to do about each.

Texts as users of other links report them: help pages of Coachview, Streamtime, Spend Cloud, Simplicate, Informat and
Bookzo, and issues of picqer/exact-php-client. Exact answers in the language of the user who gave consent.
"""

from __future__ import annotations

import re

UNKNOWN = "Look at what Exact Online names, correct it at its source, in the settings or in Exact, and run again."

_SEEDS: tuple[tuple[str, str], ...] = (
    (
        r"(klant|factuur voor|besteld door|customer|invoice to|ordered by|client) ?\(type\)",
        "The account is no customer in Exact Online: change its status to customer, or set `prospects: promote`.",
    ),
    (
        r"(verplicht|mandatory|required).*(factuur voor|besteld door|relatie|invoice to|ordered by|relationship)",
        "The account is not known to Exact Online: link the customer again.",
    ),
    (
        r"(btw-percentage|vat percentage)",
        "The VAT code has no percentage on the invoice date: give it one in Exact Online.",
    ),
    (
        r"(not allowed|niet toegestaan).*(vat|btw)",
        "The VAT code is not meant for sales: map another one.",
    ),
    (
        r"(btw-code|vat[ -]code|vatcode)",
        "The VAT code does not exist or may not be used for this customer or country: check the mapping of VAT codes.",
    ),
    (
        r"(btw-nummer|vat number)",
        "The VAT number is none of the account's country: correct the number, or the country.",
    ),
    (
        r"(te lang|too long)",
        "A text is longer than Exact Online takes: shorten it at its source, or map something shorter.",
    ),
    (
        r"(voornaam|achternaam|first name|last name)",
        "A contact needs a first and a last name: fill in both at its source.",
    ),
    (
        r"(betalingsconditie|payment condition|payment terms)",
        "The payment condition does not exist in Exact Online: create it, or map another.",
    ),
    (
        r"(klantenrekening|accounts receivable)",
        "The customer's receivables account differs from that of the sales journal: make them equal in Exact Online.",
    ),
    (
        r"(dagboek|journal|diary)",
        "The journal is missing, blocked or no sales journal: check `journal` in the mapping.",
    ),
    (
        r"(in gebruik|already exists|in use|bestaat reeds).*(boekstuknummer|entry number)|boekstuknummer in gebruik",
        "The number is taken in Exact Online: let Exact number it, or look which document has it.",
    ),
    (
        r"(gegeven bestaat reeds|already exists|bestaat al)",
        "What is to be created exists already: look it up in Exact Online and link it.",
    ),
    (
        r"(periode is afgesloten|period is closed|closed period)",
        "The period of the invoice date is closed: open it in Exact Online, or date the invoice later.",
    ),
    (
        r"(financial year|boekjaar|periode-datumtabel|period-date)",
        "The financial year of the invoice date does not exist: create it in Exact Online.",
    ),
    (
        r"(niet in evenwicht|not in balance|out of balance)",
        "Amounts and VAT do not add up for Exact Online: set `vat_rounding`, or let the mapping add a rounding line.",
    ),
    (
        r"(guid-indeling|guid should contain|guid)",
        "An id in the request is none: this is a fault of this program, please report it with the message.",
    ),
    (
        r"(wrong division|verkeerde administratie)",
        "Something named here lives in another administration: check `division`.",
    ),
    (
        r"document type not allowed|documenttype",
        "Exact Online does not take attachments under this type: set `attachment_type` to another.",
    ),
    (
        r"e-?mail",
        "An e-mail address is not valid for Exact Online: correct it at the customer.",
    ),
    (
        r"(grootboekrekeningtype|g/l account type|gl account type)",
        "The G/L account is none for revenue: map a revenue account.",
    ),
    (
        r"(kostenplaats|cost cent)",
        "The cost centre is missing or does not exist: check the mapping of cost centres.",
    ),
    (
        r"(kostendrager|cost unit)",
        "The cost unit is missing or does not exist: check the mapping of cost units.",
    ),
    (
        r"(artikel|\bitem\b)",
        "The item does not exist or is not sold: check the mapping of items.",
    ),
    (
        r"(valuta|currency)",
        "The currency is not in use in this administration: add it in Exact Online.",
    ),
    (
        r"(reeds verwerkt|already processed)",
        "Exact Online processed it already: look it up there; it is not changed any more.",
    ),
    (
        r"(error processing request stream|query syntax)",
        "Exact Online does not understand the request: this is a fault of this program, please report the message.",
    ),
)
_PATTERNS = [(re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in _SEEDS]


def advice_on(message: str) -> str:
    """Return what to do about a message of Exact Online; several messages may stand in one text, apart by ``; ``."""
    parts = message.split("; ")
    found = (next((advice for pattern, advice in _PATTERNS if pattern.search(part)), None) for part in parts)
    return " ".join(dict.fromkeys(advice for advice in found if advice)) or UNKNOWN
