from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_ledger.links import numbers
from transfer_ledger.links.numbers import Number

VAT = "NL123456789B13"
IBAN = "NL91ABNA0417164300"
Texts = tuple[str | None, str | None, str | None]


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("NL123456789B13", "NL", Number(VAT, valid=True)),
        ("nl 1234.56.789.b13", None, Number(VAT, valid=True)),
        ("123456789B13", "NL", Number(VAT, valid=True)),
        ("123456789B13", None, Number(VAT, valid=True)),
        ("NL123456788B13", "NL", Number("NL123456788B13", valid=False)),
        ("BE 0403.019.261", "NL", Number("BE0403019261", valid=True)),
        ("403019261", "BE", Number("BE0403019261", valid=True)),
        ("CHE-107.787.577 IVA", "CH", Number("CHE107787577", valid=True)),
        ("CHE-107.787.577 MWST", "CH", Number("CHE107787577", valid=True)),
        ("GR094259216", "GR", Number("EL094259216", valid=True)),
        ("EL 094259216", "GR", Number("EL094259216", valid=True)),
        ("12-3456789", "US", Number("123456789", valid=False)),
        ("n.v.t.", "NL", None),
        ("NL000000000B00", "NL", None),
        ("", "NL", None),
    ],
)
def test_vat_numbers_are_written_one_way(text: str, country: str | None, number: Number | None) -> None:
    """A VAT number has its country in front, no punctuation, and is valid only when its check digits are right."""
    assert numbers.vat_number(text, country) == number


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("12345678", "NL", Number("12345678", valid=True)),
        ("KvK nr. 12 34 56 78", None, Number("12345678", valid=True)),
        ("12345678 0001", "NL", Number("12345678", valid=True)),
        ("000012345678", "NL", Number("000012345678", valid=False)),
        ("1234567", "NL", Number("1234567", valid=False)),
        ("00000000", "NL", None),
        ("0403.019.261", "BE", Number("BE0403019261", valid=True)),
        ("0403.019.262", "BE", Number("0403019262", valid=False)),
        ("HRB 123456", "DE", Number("HRB123456", valid=False)),
    ],
)
def test_trade_registers_are_told_apart(text: str, country: str | None, number: Number | None) -> None:
    """Only numbers of registers that number a whole country, in the form they have there, identify a party."""
    assert numbers.chamber_of_commerce(text, country) == number


def test_the_branch_is_read_from_behind_the_number() -> None:
    """Two branches of one chamber of commerce number are known by the four digits behind it."""
    assert numbers.branch("12345678-0002") == "0002"
    assert numbers.branch("12345678") is None


def test_bank_accounts_are_checked() -> None:
    """An IBAN with a wrong digit, or an account number of before the IBAN, identifies nobody."""
    assert numbers.bank_account("NL91 ABNA 0417 1643 00") == Number(IBAN, valid=True)
    assert numbers.bank_account("NL91 ABNA 0417 1643 01") == Number("NL91ABNA0417164301", valid=False)
    assert numbers.bank_account("41.71.64.300") == Number("417164300", valid=False)


@pytest.mark.parametrize(
    ("fields", "found"),  # VAT number, chamber of commerce, bank account
    [
        (("12345678", VAT, None), (VAT, "12345678", None)),
        ((IBAN, None, None), (None, None, IBAN)),
        ((VAT, "123456789", None), (VAT, None, None)),
        (("12345678", "87654321", None), ("12345678", "87654321", None)),
        ((None, "HRB 5", "417164300"), (None, None, "417164300")),
    ],
)
def test_numbers_in_the_wrong_field_are_found(fields: Texts, found: Texts) -> None:
    """A number typed in another number's field counts as what it is, and a right one is never displaced."""
    typed = dict(zip(numbers.READERS, fields, strict=True))
    read = numbers.identifying(typed, "NL")
    assert tuple(read[kind].text if kind in read else None for kind in numbers.READERS) == found


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("D10042", "             D10042", True),
        ("D10042", "10042", True),
        ("D10042", "00010042", True),
        ("10042", "0010042", True),
        ("d-10042", "D10042", True),
        ("D10042", "C10042", False),
        ("HW10042", "10042", False),
        ("1", "01", False),
        ("1", "1", True),
        ("BAKKER", "bakker", True),
        ("10042", "10043", False),
        ("10042", "100420", False),
    ],
)
def test_codes_may_differ_in_zeros_and_one_prefix(one: str, other: str, *, alike: bool) -> None:
    """Leading zeros and a lone debtor's letter are forgiven; two different letters or short numbers are not."""
    left, right = numbers.code(one), numbers.code(other)
    assert left
    assert right
    assert numbers.codes_alike(left, right) is alike
    assert numbers.codes_alike(right, left) is alike


def test_a_code_without_letters_or_digits_is_none() -> None:
    """Blanks and dashes are no code, so parties are not alike by having none."""
    assert numbers.code("  - ") is None


@given(st.text(max_size=40), st.sampled_from(["NL", "BE", "DE", "CH", "US", "XX", None]))
def test_any_text_can_be_read(text: str, country: str | None) -> None:
    """Whatever stands in the fields, reading it again from its own text gives the same number."""
    for read in numbers.READERS.values():
        number = read(text, country)
        if number and number.valid:
            assert read(number.text, country) == number
