from __future__ import annotations

import contextlib
import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transfer_ledger.parties import make_truth
from transfer_ledger.documents import Address
from transfer_ledger.links import csv as sheet
from transfer_ledger.links.decisions import DecisionsRefused, known
from transfer_ledger.links.parties import KnownLink, Party
from transfer_ledger.links.propose import propose

if TYPE_CHECKING:
    from transfer_ledger.links.decisions import Known, Mistake

UTRECHT = Address(line1="Kade 12", postcode="3511 AB", city="Utrecht", country="NL")
COMPANIES = [
    Party(id="1", code="D1001", name="Bakker Bouw B.V.", vat_number="NL123456789B13", address=UTRECHT),
    Party(id="2", name="Café 'Nøk'", phone="020-1234567"),
    Party(id="3", name="Prins"),
]
ACCOUNTS = [
    Party(id="a", code="   001001", name="Bakker Bouw", vat_number="NL123456789B13", address=UTRECHT),
    Party(id="b", code="1002", name="Nok", phone="020-1234567"),
    Party(id="c", code="1003", name="Nok 2", phone="020-1234567"),
]
KNOWN = known(COMPANIES, ACCOUNTS, [])
HEADER = "decision;company_id;account_id;account_code"


def cells(data: bytes, delimiter: str = ";") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def decided(data: bytes, known: Known = KNOWN) -> list[tuple[str, str, str]]:
    return [(each.state, each.company_id, each.account_id) for each in sheet.read(data, known)]


def mistakes(text: str | bytes, known: Known = KNOWN) -> list[Mistake]:
    with pytest.raises(DecisionsRefused) as caught:
        sheet.read(text if isinstance(text, bytes) else text.encode(), known)
    return caught.value.mistakes


def test_every_candidate_has_a_line_with_its_reasons() -> None:
    """Pairs, scores, reasons and doubts stand beside an empty decision, and who has no candidate has a line too."""
    data = sheet.write(propose(COMPANIES, ACCOUNTS))
    assert data.startswith(b'\xef\xbb\xbf"decision";"candidate";')
    first, second, third, last = cells(data)
    assert first == {
        "decision": "",
        "candidate": "1 of 1",
        "score": "98",
        "certain": "yes",
        "company_id": "1",
        "company_code": "D1001",
        "company_name": "Bakker Bouw B.V.",
        "company_town": "Utrecht",
        "account_id": "a",
        "account_code": "001001",
        "account_name": "Bakker Bouw",
        "account_town": "Utrecht",
        "reasons": "same VAT number NL123456789B13; same name; same postcode and house number 3511AB 12; "
        "codes alike D1001 and 001001",
        "counter_reasons": "",
        "doubts": "",
    }
    assert [each["account_id"] for each in (second, third)] == ["b", "c"]
    assert second["company_name"] == "Café 'Nøk'"
    assert "the company has 1 other candidate" in second["doubts"]
    assert (last["company_id"], last["candidate"], last["account_id"]) == ("3", "none", "")


def test_equal_candidates_have_the_same_place() -> None:
    """Two candidates with one score are both the first, so that no order in the file tells them apart."""
    doubles = [Party(id=name, name="Prins Zorg", address=UTRECHT) for name in ("x", "y")]
    rows = cells(sheet.write(propose([Party(id="1", name="Prins Zorg", address=UTRECHT)], doubles)))
    assert [row["candidate"] for row in rows] == ["1 of 2", "1 of 2"]


@pytest.mark.parametrize("delimiter", sheet.DELIMITERS)
def test_decisions_come_back(delimiter: sheet.Delimiter) -> None:
    """What a person typed in the decision column is read back, whichever delimiter the file was made with."""
    lines = sheet.write(propose(COMPANIES, ACCOUNTS), delimiter).decode("utf-8-sig").split("\r\n")
    typed = [lines[0], '" Confirm "' + lines[1][2:], '"REJECT"' + lines[2][2:], *lines[3:]]
    assert decided("\r\n".join(typed).encode()) == [("confirmed", "1", "a"), ("refused", "2", "b")]


def test_an_untouched_file_decides_nothing() -> None:
    """A file that comes back as it went changes nothing, also for lists full of oddities."""
    truth = make_truth(5, companies=90, accounts=80)
    data = sheet.write(propose(truth.companies, truth.accounts))
    assert sheet.read(data, known(truth.companies, truth.accounts, [])) == []


def test_every_exported_pair_can_be_rejected() -> None:
    """Ids and codes survive the way through the file, whatever people typed as a code."""
    codes = ("=1", "-", "'+2", "A;@b", "007", " x,  -y")
    accounts = [Party(id=f"={place}", code=code, name="Prins", address=UTRECHT) for place, code in enumerate(codes)]
    company = Party(id="-1", name="Prins", address=UTRECHT)
    header, *lines = sheet.write(propose([company], accounts)).decode().splitlines(keepends=True)
    data = header + "".join(line.replace('""', '"reject"', 1) for line in lines)
    found = decided(data.encode(), known([company], accounts, []))
    assert sorted(found) == [("refused", "-1", f"={place}") for place in range(len(codes))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_save_is_read(encoding: str, ends: str) -> None:
    """UTF-8 with or without mark, Windows' own code page, "Unicode text" and all ends of lines are understood."""
    text = ends.join([f"{HEADER};company_name", "confirm;1;a;;Café", ""])
    assert decided(text.encode(encoding)) == [("confirmed", "1", "a")]


def test_columns_may_be_moved_and_removed() -> None:
    """Only the columns that name a pair are needed, in any order, among any others; so says Excel's own first line."""
    text = "sep=,\r\naccount_code,Remark,ACCOUNT_ID,company_id, Decision\r\n,looks fine,a,1,confirm\r\n\r\n"
    assert decided(text.encode()) == [("confirmed", "1", "a")]


def test_an_account_can_be_named_by_its_code() -> None:
    """A person may write down an account that was not proposed, with or without its leading zeros."""
    assert decided(f"{HEADER}\nconfirm;3;;1003\nconfirm;1;;1001\n".encode()) == [
        ("confirmed", "3", "c"),
        ("confirmed", "1", "a"),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("maybe;1;a;", 'the decision is "maybe"; write confirm or reject, or leave it empty'),
        ("confirm;9;a;", "there is no company 9 in Autotask; export again"),
        ("confirm;;a;", "there is no company  in Autotask; export again"),
        ("confirm;1;z;", "there is no account z in Exact; export again"),
        ("confirm;1;;", "confirm what? Fill in account_id or account_code"),
        ("confirm;1;;77", "there is no account with code 77 in Exact"),
        ("confirm;1;a;1002", "account_id is that of code 001001, but account_code is 1002; empty the wrong one"),
        ("confirm;1;a;;x", "it has more cells than there are columns"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_and_nothing_is_done(row: str, message: str) -> None:
    """One wrong line keeps the whole file from being carried out, and is named by its number."""
    assert mistakes(f"{HEADER}\nconfirm;2;b;\n\n{row}\n") == [(4, message)]


def test_all_mistakes_are_told_at_once() -> None:
    """Form and content are judged together, in the order of the lines, also behind a cell of two lines."""
    text = f'{HEADER}\nconfirm;9;a;\nyes;1;b;\n"reject";"2";"b";"10\n02"\nconfirm;3;c;\nconfirm;2;c;\n'
    assert [line for line, _ in mistakes(text)] == [2, 3, 7]


def test_a_code_that_two_accounts_have_is_not_guessed() -> None:
    """An account named by a code that fits several is refused with all of them."""
    accounts = [Party(id="x", code="01001", name="Bakker"), Party(id="y", code="001001", name="Prins")]
    (mistake,) = mistakes(f"{HEADER}\nconfirm;1;;1001\n", known(COMPANIES, accounts, []))
    assert mistake == (2, "several accounts have code 1001: 001001 Prins, 01001 Bakker; fill in account_id")
    assert decided(f"{HEADER}\nconfirm;1;;01001\n".encode(), known(COMPANIES, accounts, [])) == [
        ("confirmed", "1", "x")
    ]


def test_links_there_are_count() -> None:
    """A file made before somebody else linked the company is refused, with who it is linked to."""
    linked = known(COMPANIES, ACCOUNTS, [KnownLink(company_id="1", account_id="b")])
    text = f"{HEADER}\nconfirm;1;a;\n"
    assert mistakes(text, linked) == [(2, "company D1001 Bakker Bouw B.V. is linked to account 1002 Nok already")]


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", 1, "there is no column account_code, account_id, company_id, decision; export again"),
        (b"decision;company_id\n", 1, "there is no column account_code, account_id; export again"),
        (f"{HEADER};decision\n".encode(), 1, "there is more than one column decision"),
        (b"\x81\x8d\x8f\x90", 1, "this is no text; save it as CSV UTF-8"),
        (HEADER.encode() + b"\n" + b"x" * 200_000, 2, "it cannot be read: field larger than field limit (131072)"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused(data: bytes, line: int, message: str) -> None:
    """What is no list of proposals is told as such, not read as far as it goes."""
    assert mistakes(data) == [(line, message)]


@given(st.text(max_size=40) | st.text(alphabet="=+-@'\";, \t\r\nA\uff1d", max_size=12))
def test_no_cell_is_a_formula(text: str) -> None:
    """Whatever a name holds, no cell begins as a formula under any delimiter, and it can be read back."""
    safe = sheet.defused(text)
    assert not any(
        part.strip().startswith(("=", "+", "-", "@", "\uff1d")) for part in safe.replace(",", ";").split(";")
    )
    assert safe.isprintable() or not text.isprintable()
    assert "\n" not in safe
    assert "\t" not in safe
    assert sheet.plain(safe) == sheet.plain(sheet.defused(sheet.plain(safe)))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("\t=1", "'=1"),
        ("\r+31", "'+31"),
        ("-5", "'-5"),
        ("@x", "'@x"),
        ("'=1", "''=1"),
        ("Bakker;=1", "Bakker;'=1"),
        ('Bakker", =1', "Bakker\", '=1"),
        ("\uff1d1", "'\uff1d1"),
        ("'s-Gravenhage", "'s-Gravenhage"),
        ("Prins - Zorg", "Prins - Zorg"),
        ("a\nb\x00c", "a b c"),
        ("a\x9b2Jb", "a 2Jb"),
    ],
)
def test_formulas_are_defused(text: str, safe: str) -> None:
    """What would be a formula gets an apostrophe, names keep theirs, and reading takes it off again."""
    assert sheet.defused(text) == safe
    assert sheet.plain(safe) == " ".join(re.sub("[\x00\x9b]", " ", text).split())


@given(
    st.binary(max_size=200)
    | st.text(alphabet='";,\t\r\n=confirm1a', max_size=60).map(lambda text: f"{HEADER}\n{text}".encode())
)
def test_any_file_is_read_or_refused(data: bytes) -> None:
    """Whatever the bytes, they are refused as such or ask for links of parties there are."""
    with contextlib.suppress(DecisionsRefused):
        links = sheet.read(data, KNOWN)
        assert all(each.company_id in KNOWN.companies and each.account_id in KNOWN.accounts for each in links)
