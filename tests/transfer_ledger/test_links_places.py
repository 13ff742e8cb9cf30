from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_ledger.documents import Address
from transfer_ledger.links import domains, places


@pytest.mark.parametrize(
    "address",
    [
        Address(line1="Kade 12-A", postcode="1015 AB", city="Amsterdam", country="NL"),
        Address(line1="Kade 12", postcode="1015ab", city="AMSTERDAM"),
        Address(line1="Kade 12", postcode="Amsterdam", city="1015 AB"),
        Address(line1="Kade 12", line2="1015 AB", city="Amsterdam", country="nl"),
        Address(line1="Kade 012", city="1015 AB Amsterdam", country="NL"),
    ],
)
def test_an_address_is_found_wherever_it_was_typed(address: Address) -> None:
    """Postcode, town and house number are recognised in each other's fields."""
    place = places.place(address)
    assert (place.postcode, place.town, *place.houses) == ("1015AB", "amsterdam", "12")


def test_foreign_postcodes_are_left_as_they_are() -> None:
    """Outside the Netherlands a postcode is letters and digits, blanks left out."""
    place = places.place(Address(line1="1 Mill Road", postcode="LS1 4AP", city="Leeds", country="GB"))
    assert (place.country, place.postcode, place.town) == ("GB", "LS14AP", "leeds")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Address(city="'s-Gravenhage"), Address(city="Den Haag"), True),
        (Address(city="Amsterdm"), Address(city="Amsterdam"), True),
        (Address(city="Utrecht"), Address(city="Utrecht (Leidsche Rijn)"), True),
        (Address(city="Utrecht", postcode="3511 AB"), Address(city="Bunnik", postcode="3511AB"), True),
        (Address(city="Utrecht", postcode="3511 AB"), Address(city="Utrecht", postcode="3584 CD"), True),
        (Address(city="Utrecht"), Address(city="Zwolle"), False),
        (Address(postcode="3511 AB"), Address(city="Zwolle", postcode="8011 CD"), False),
        (Address(postcode="3511 AB"), Address(postcode="3511 CD"), True),
        (Address(city="Utrecht"), Address(postcode="3511 AB"), None),
        (Address(postcode="1010", country="AT"), Address(postcode="1010", country="BE", city="Brussel"), True),
        (Address(postcode="1010", country="AT"), Address(postcode="1011", country="BE"), None),
        (Address(), Address(city="Utrecht"), None),
    ],
)
def test_towns_are_compared_as_far_as_they_are_known(one: Address, other: Address, *, same: bool | None) -> None:
    """Two addresses are in one town, in two, or it cannot be known."""
    assert places.same_town(places.place(one), places.place(other)) is same
    assert places.same_town(places.place(other), places.place(one)) is same


@pytest.mark.parametrize("text", ["NL", " nl "])
def test_countries_are_codes(text: str) -> None:
    """A country is its two-letter code, and anything longer is not known."""
    assert places.country_code(text) == "NL"
    assert places.country_code("Nederland") is None


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("020-1234567", "NL", {"31201234567"}),
        ("020-1234567", None, {"31201234567"}),
        ("+31 (0)20 123 45 67", "BE", {"31201234567"}),
        ("0031 20 1234567", None, {"31201234567"}),
        ("(020) 123 4567 tst. 12", "NL", {"31201234567"}),
        ("020-1234567 / 06-12345678", "NL", {"31201234567", "31612345678"}),
        ("09/123.45.67", "BE", {"3291234567"}),
        ("12345", "NL", set()),
        ("geen", "NL", set()),
    ],
)
def test_telephone_numbers_get_their_country(text: str, country: str | None, found: set[str]) -> None:
    """A telephone number is its country and digits, however it was typed."""
    assert places.phones(text, country) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("info@bakker.nl", {"bakker.nl"}),
        ("Jan.Jansen_1@mail.Bakker.nl", {"bakker.nl"}),
        ("https://www.bakker.co.uk/over-ons/index.html", {"bakker.co.uk"}),
        ("www.bakker.nl info@gmail.com", {"bakker.nl"}),
        ("bakker@kpnmail.nl", set()),
        ("https://www.facebook.com/bakker", set()),
        ("n.v.t.", set()),
        ("geen website", set()),
    ],
)
def test_only_own_domains_count(text: str, found: set[str]) -> None:
    """The registered domain of a mail address or site is found, and public providers are nobody's own."""
    assert domains.own_domains(text) == found


def test_mail_addresses_are_compared_whole() -> None:
    """A mail address counts also at a public provider, where its domain does not."""
    assert domains.mail_addresses("Jan <J.Jansen@Gmail.com>; geen") == {"j.jansen@gmail.com"}


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_a_place(one: str, other: str) -> None:
    """Whatever stands in the fields, it is read without an error and is in the same town as itself."""
    place = places.place(Address(line1=other, postcode=one, city=other))
    assert places.same_town(place, place) is (True if place.town or place.postcode else None)
    assert all(phone.isdigit() for phone in places.phones(one, "NL"))
    assert not domains.own_domains(one) & domains.PUBLIC
