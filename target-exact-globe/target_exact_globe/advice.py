"""What a refusal of Exact Globe means, and what to do about it.

No text of Globe is documented; these patterns follow the grammar of its sibling Exact Online, in Dutch and English.
"""

from __future__ import annotations

import re

UNKNOWN = "Look at the message of Exact Globe, correct the document, the settings or the master data, and run again."
_ADVICE: tuple[tuple[str, str], ...] = (
    (r"already exists|bestaat al", "Globe holds it already: look there, then `transfers confirm` it or renumber it."),
    (r"period|periode|boekjaar|financial year", "Open the period in Globe, or correct the date."),
    (r"debtor|debiteur|customer|klant", "Make the account a debtor in Globe, active and not blocked."),
    (
        r"creditor|crediteur|supplier|leverancier|orderedat",
        "Make the account an active creditor in Globe.",
    ),
    (r"item ?code|artikel|\bitem\b", "Create or unblock the item in Globe, or map to another."),
    (r"vat|btw", "Check the VAT code in Globe and in the mapping: for this side, and excluding VAT."),
    (r"payment ?condition|betalingsconditie", "Create the payment condition in Globe, or map to another."),
    (r"cost ?cent|kostenplaats", "Create the cost centre in Globe, or map to another."),
    (r"warehouse|magazijn", "Create the warehouse in Globe, or change the setting warehouse."),
    (r"resource|medewerker|employee", "Set `resource` to the number of an active employee in Globe."),
    (r"currency|valuta", "Create the currency in Globe, with an exchange rate."),
    (r"rights|rechten|not allowed|niet toegestaan", "Give the user the function rights for it in Globe."),
)


def advice_on(text: str) -> str:
    """Return what to do about a refusal with this text."""
    return next((advice for pattern, advice in _ADVICE if re.search(pattern, text, re.IGNORECASE)), UNKNOWN)
