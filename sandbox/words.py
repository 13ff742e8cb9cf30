"""Words from which believable Dutch companies and people are made."""

from __future__ import annotations

SURNAMES = (
    "de Vries", "Jansen", "van den Berg", "Bakker", "Visser", "Smit", "Meijer", "de Boer", "Mulder", "de Groot",
    "Bos", "Vos", "Peters", "Hendriks", "van Leeuwen", "Dekker", "Brouwer", "de Wit", "Dijkstra", "Smits",
    "van der Meer", "Kok", "Jacobs", "Schouten", "Willems", "Hoekstra", "Prins", "Koster", "Verhoeven", "Postma",
    "Wiersma", "van Dam", "Kuipers", "Groen", "Huisman", "Terpstra", "Blom", "van Vliet", "Molenaar", "Scholten",
)  # fmt: skip

FIRST_NAMES = (
    "Anna", "Daan", "Sanne", "Bram", "Lotte", "Thijs", "Femke", "Joost", "Maaike", "Ruben", "Inge", "Sven", "Noor",
    "Wouter", "Eline", "Koen", "Mirjam", "Jeroen", "Chaïma", "Loïs", "Youssef", "Zoë",
)  # fmt: skip

TRADES = (
    "Accountants", "Advocaten", "Architecten", "Bakkerijen", "Bouw", "Drukkerij", "Elektrotechniek", "Fysiotherapie",
    "Groothandel", "Horeca", "Installatietechniek", "Interieur", "Kinderopvang", "Kwekerijen", "Logistiek",
    "Makelaardij", "Metaalbewerking", "Notarissen", "Optiek", "Reizen", "Schilderwerken", "Tandartsen", "Textiel",
    "Transport", "Uitzendbureau", "Vastgoed", "Verzekeringen", "Zorg", "Zuivel", "Machinefabriek",
)  # fmt: skip

FORMS = ("B.V.", "B.V.", "B.V.", "B.V.", "V.O.F.", "Groep", "Holding B.V.", "N.V.")

ODD_NAMES = (
    "Café 't Hoekje V.O.F.",
    'Stichting "De Brug" & Partners',
    "Müller & Søn Île-de-France Handelsonderneming B.V.",
    "Verzorgingshuis 'De Rank' ❤ Thuiszorg",
    "Coöperatieve Inkoopvereniging voor Zelfstandige Tuincentra en Hoveniersbedrijven in Midden-Nederland",
    "A<B> Consultants",
)
"""Names that break careless programs; the long one has the 100 characters that fit."""

STREETS = (
    "Keizersgracht", "Stationsweg", "Industrieweg", "Dorpsstraat", "Kerkstraat", "Havenkade", "Energieweg",
    "Marktplein", "Nijverheidsstraat", "Burgemeester Reigerstraat", "Oude Delft", "Wilhelminapark",
    "Laan van Meerdervoort",
)  # fmt: skip

CITIES = (
    ("Amsterdam", "1015"), ("Utrecht", "3511"), ("Rotterdam", "3011"), ("'s-Gravenhage", "2511"), ("Groningen", "9711"),
    ("Eindhoven", "5611"), ("Tilburg", "5038"), ("Zwolle", "8011"), ("Nijmegen", "6511"), ("Leeuwarden", "8911"),
    ("Apeldoorn", "7311"), ("Breda", "4811"), ("Alkmaar", "1811"), ("'s-Hertogenbosch", "5211"), ("Enschede", "7511"),
)  # fmt: skip

FOREIGN = {
    "US": (("Lakeside Analytics Inc.", "Brightwater Foods LLC", "Fairmont Inc."), ("Boston", "02110", "+1 617 555")),
    "GB": (("Harrow & Finch Ltd", "Pennine Textiles Ltd", "Cobalt Marine Ltd"), ("Leeds", "LS1 4AP", "+44 113 555")),
    "DE": (("Rheintal Werkzeuge GmbH", "Süddeutsche Möbel GmbH", "Brückner KG"), ("Köln", "50667", "+49 221 555")),
    "BE": (("Brouwerij Ten Dorpe NV", "Vlaamse Glashandel BV", "Atelier du Sablon SRL"), ("Gent", "9000", "+32 9 555")),
    "BQ": (("Bonaire Dive Resort N.V.", "Kralendijk Trading N.V."), ("Kralendijk", "", "+599 717 555")),
}  # fmt: skip
"""By country: names, and city, postcode, start of a telephone number."""

VENDORS = (
    "Hartman Distributie B.V.", "NetSource Benelux B.V.", "Licentiehuis Nederland B.V.", "Orion Hardware Supply B.V.",
    "Datakabel Groothandel B.V.", "CloudLine Europe B.V.", "Veldkamp Serverbouw B.V.", "Printserve Nederland B.V.",
)  # fmt: skip

LETTERS = "ABCDEFGHJKLMNPRSTVWXZ"
