from __future__ import annotations

import pytest

from target_exact_online.advice import UNKNOWN, advice_on


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("Ongeldig: Klant (Type)", "prospects: promote"),
        ("Ongeldig: Factuur voor (Type)", "prospects: promote"),
        ("Invalid: Customer (Type)", "prospects: promote"),
        ("Ongeldige referentie: Btw-code", "mapping of VAT codes"),
        ("Not allowed: VAT-code", "not meant for sales"),
        ("Ongeldige referentie: Betalingsconditie", "payment condition"),
        ("Verplicht: Betalingsconditie", "payment condition"),
        ("Verplicht: Dagboek", "`journal`"),
        ("Ongeldige referentie: Journals", "`journal`"),
        ("Ongeldig: Dagboek (type)", "`journal`"),
        ("Mandatory: Diary", "`journal`"),
        ("Verplicht: Factuur voor / Besteld door", "link the customer again"),
        ("In gebruik: Boekstuknummer", "number is taken"),
        ("Boekstuknummer in gebruik", "number is taken"),
        ("Already exists - Entry number", "number is taken"),
        ("Gegeven bestaat reeds.", "exists already"),
        ("De periode is afgesloten", "period of the invoice date is closed"),
        ("Unknown: Financial year (Period-date table)", "financial year"),
        ("De boeking is niet in evenwicht. Verschil: EUR -0,01", "rounding line"),
        ("Niet herkende GUID-indeling", "report it"),
        ("Wrong Division", "`division`"),
        ("Document Type not allowed", "`attachment_type`"),
        ("Ongeldig: Btw-percentage []", "no percentage"),
        ("Ongeldig: E-mail []", "e-mail"),
        (
            "De klantenrekening 1300 is niet gelijk aan de rekening van het gebruikte verkoopdagboek",
            "receivables account",
        ),
        ("Ongeldig: Grootboekrekeningtype", "revenue account"),
        ("Invalid reference: Cost unit", "mapping of cost units"),
        ("Reeds verwerkt", "processed it already"),
        ("Iets heel anders", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_advice_on(message: str, says: str) -> None:
    """Each message that users of such links meet has an advice that says what to do."""
    assert says in advice_on(message)


def test_several_messages_get_several_advices() -> None:
    """Two messages in one answer are both explained, the same advice once."""
    advice = advice_on("Ongeldig: Dagboek; Verplicht: Dagboek; De periode is afgesloten")
    assert advice.count("`journal`") == 1
    assert "closed" in advice
