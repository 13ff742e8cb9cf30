from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper_autotask_exact.parties.numbers import CHECKED, WrongValueError, international


@pytest.mark.parametrize(
    ("field", "typed", "country", "written"),
    [
        ("vat_number", "NL 8234.56.782.B17", "NL", "NL823456782B17"),
        ("vat_number", "823456782B17", "NL", "NL823456782B17"),
        ("vat_number", "be 0123.456.749", "NL", "BE0123456749"),
        ("vat_number", "BTW-nr. NL823456782B17", "BE", "NL823456782B17"),
        ("vat_number", "DE136695976", None, "DE136695976"),
        ("vat_number", "094259216", "GR", "EL094259216"),
        ("vat_number", "SR 12-34", "SR", "SR1234"),
        ("chamber_of_commerce", "KvK 34 12 34 56", "NL", "34123456"),
        ("chamber_of_commerce", "0123.456.749", "BE", "0123456749"),
        ("chamber_of_commerce", "HRB 4711 (Köln)", "DE", "HRB 4711 (Köln)"),
        ("bank_account", "nl91 abna 0417 1643 00", None, "NL91ABNA0417164300"),
        ("email", "a.b+c@sub.voorbeeld.example", None, "a.b+c@sub.voorbeeld.example"),
        ("website", "WWW.Voorbeeld.example/Nl/", None, "https://www.voorbeeld.example/Nl"),
        ("website", "HTTP://voorbeeld.example", None, "http://voorbeeld.example"),
    ],
)
def test_a_value_is_written_one_way(field: str, typed: str, country: str | None, written: str) -> None:
    """However it was typed, a right value has one form; what no rule knows stays as it is."""
    assert CHECKED[field](typed, country) == written


@pytest.mark.parametrize(
    ("field", "typed", "country", "why"),
    [
        ("vat_number", "NL123456789B01", "NL", "is no VAT number of NL"),
        ("vat_number", "BE0123456748", "NL", "is no VAT number of BE"),
        ("vat_number", "12345", None, "begins with no country"),
        ("vat_number", "n.v.t.", "NL", "is no VAT number"),
        ("vat_number", "onbekend", None, "is no VAT number"),
        ("chamber_of_commerce", "1234567", "NL", "has 8 digits"),
        ("chamber_of_commerce", "0123456748", "BE", "is no Belgian enterprise number"),
        ("bank_account", "NL00BANK0123456789", None, "is no IBAN"),
        ("email", "a@b.example; c@d.example", None, "is not one e-mail address"),
        ("email", "facturen@typefout", None, "is not one e-mail address"),
        ("website", "n.v.t.", None, "is no website"),
        ("website", "geen website", None, "is no website"),
    ],
)
def test_a_wrong_value_is_refused(field: str, typed: str, country: str | None, why: str) -> None:
    """A value that its field cannot hold is refused with what it should look like."""
    with pytest.raises(WrongValueError, match=why):
        CHECKED[field](typed, country)


@pytest.mark.parametrize(
    ("typed", "country", "written"),
    [
        ("020 - 555 01 00", "NL", "+31205550100"),
        ("+31 (0)20 555 01 00", "BE", "+31205550100"),
        ("0031205550100", None, "+31205550100"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("020 5550100 toestel 12", "NL", "020 5550100 toestel 12"),
        ("5550100", "NL", "5550100"),
        ("020 5550100", "SR", "020 5550100"),
        ("020 5550100", None, "020 5550100"),
    ],
)
def test_phone_numbers_as_the_world_dials_them(typed: str, country: str | None, written: str) -> None:
    """A number of a known country is written internationally; any other stays as it was typed."""
    assert international(typed, country) == written


@given(st.text(), st.sampled_from([None, "NL", "BE", "GR", "US", "XX"]), st.sampled_from(sorted(CHECKED)))
def test_any_text_is_right_or_refused(text: str, country: str | None, field: str) -> None:
    """Nothing but a refusal comes out of a check, and what is right stays right when it is checked again."""
    try:
        once = CHECKED[field](text, country)
    except WrongValueError:
        return
    assert CHECKED[field](once, country) == once
    assert international(international(text, country), country) == international(text, country)
