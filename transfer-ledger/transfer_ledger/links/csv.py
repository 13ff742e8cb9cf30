"""Proposals as a file that opens in a spreadsheet, and the decisions a person typed into it.

UTF-8 with a byte order mark, by which Excel recognises it; with semicolons, which is what a Dutch Excel expects.
Spreadsheets save it in other ways than they were given it, so reading takes what Excel writes.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from transfer_ledger.links.decisions import STATES, Decision, DecisionsRefused, Known, Mistake, carry_out, mistakes
from transfer_ledger.links.numbers import code, codes_alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transfer_ledger.links.decisions import Verdict
    from transfer_ledger.links.parties import KnownLink, Party
    from transfer_ledger.links.propose import Candidate, Proposal, Proposals

Delimiter = Literal[";", ",", "\t"]
DELIMITERS: tuple[Delimiter, ...] = (";", ",", "\t")

COLUMNS = (
    "decision", "candidate", "score", "certain", "company_id", "company_code", "company_name", "company_town",
    "account_id", "account_code", "account_name", "account_town", "reasons", "counter_reasons", "doubts",
)  # fmt: skip
NEEDED = frozenset({"decision", "company_id", "account_id", "account_code"})
"""Columns that are read back; the others may be changed or removed."""

FORMULA = "=+\\-@\uff0b\uff0d\uff1d\uff20"
"""What makes a spreadsheet take a cell for a formula, full-width forms included (OWASP, CSV Injection)."""
START = r"(^|[;,\"] ?)"
"""Where a cell begins, or may begin for a spreadsheet that expects another delimiter."""
RISKY = re.compile(rf"{START}('*[{FORMULA}])")
DEFUSED = re.compile(rf"{START}'('*[{FORMULA}])")


def write(proposals: Proposals, delimiter: Delimiter = ";") -> bytes:
    """Return the file: a line per candidate, and one without an account for each company that has none.

    The companies with the likeliest candidates come first, those without any last. A cell that a spreadsheet would take
    for a formula gets an apostrophe in front.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for proposal in sorted(proposals.companies, key=lambda each: -each.best[0].score if each.best else 0):
        writer.writerows([defused(cell) for cell in row] for row in _rows(proposal))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def defused(text: str) -> str:
    """Return a text on one line that no spreadsheet takes for a formula."""
    return RISKY.sub(r"\1'\2", " ".join(re.sub(r"[\x00-\x20\x7f-\x9f]+", " ", text).split()))


def _rows(proposal: Proposal) -> Iterator[tuple[str, ...]]:
    company = _party_cells(proposal.company)
    if not proposal.candidates:
        yield ("", "none", "", "", *company, "", "", "", "", "", "", "")
    for candidate in proposal.candidates:
        yield (
            "",
            _place(candidate, proposal),
            str(int(candidate.score * 100)),
            "yes" if candidate.certain else "no",
            *company,
            *_party_cells(candidate.account),
            *("; ".join(texts) for texts in (candidate.reasons, candidate.counter_reasons, candidate.doubts)),
        )


def _place(candidate: Candidate, proposal: Proposal) -> str:
    """Return the place among the company's candidates; equal ones have the same."""
    above = sum(each.score > candidate.score for each in proposal.candidates)
    return f"{above + 1} of {len(proposal.candidates)}"


def _party_cells(party: Party) -> tuple[str, str, str, str]:
    return party.id, _code(party), party.name or "", party.address.city or ""


class Row(NamedTuple):
    """A line of the file: where it begins, and its cells by column."""

    line: int
    cells: Mapping[str, str]


def read(data: bytes, known: Known) -> list[KnownLink]:
    """Return the links that the decisions in a file ask for; lines without a decision are passed over.

    A pair is named by its ids. With an empty ``account_id`` the ``account_code`` names the account, so that a person
    can write down an account that was not proposed.

    Raises:
        DecisionsRefused: any line is wrong; nothing of the file is to be carried out.
    """
    wrong: list[Mistake] = []
    decisions: list[Decision] = []
    for row in _table(data):
        found = _decision(row, known)
        if isinstance(found, Mistake):
            wrong.append(found)
        elif found:
            decisions.append(found)
    wrong += mistakes(decisions, known)
    if wrong:
        raise DecisionsRefused(wrong)
    return carry_out(decisions, known)


def _table(data: bytes) -> list[Row]:
    lines = _lines(_text(data))
    header_line, header = next(lines, (1, []))
    columns = [cell.strip().casefold() for cell in header]
    absent = sorted(NEEDED - set(columns))
    if absent:
        raise DecisionsRefused([Mistake(header_line, f"there is no column {', '.join(absent)}; export again")])
    double = sorted({column for column in columns if column in NEEDED and columns.count(column) > 1})
    if double:
        raise DecisionsRefused([Mistake(header_line, f"there is more than one column {', '.join(double)}")])
    rows = [(line, cells) for line, cells in lines if any(cell.strip() for cell in cells)]
    long = [line for line, cells in rows if any(cell.strip() for cell in cells[len(columns) :])]
    if long:
        raise DecisionsRefused(Mistake(line, "it has more cells than there are columns") for line in long)
    return [Row(line, dict(zip(columns, map(plain, cells), strict=False))) for line, cells in rows]


def plain(cell: str) -> str:
    """Return what was in a cell before it was defused."""
    return DEFUSED.sub(r"\1\2", cell.strip())


def _text(data: bytes) -> str:
    """Decode what spreadsheets save: UTF-8, UTF-16 as "Unicode text", or the code page of Western Windows."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if wide else ["utf-8-sig", "cp1252"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DecisionsRefused([Mistake(1, "this is no text; save it as CSV UTF-8")])


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line, with the number of the line they begin on."""
    first, _, rest = text.partition("\n")
    start = 1
    if first.strip().casefold().startswith("sep="):
        text, first, start = rest, rest.partition("\n")[0], 2
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = start
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DecisionsRefused([Mistake(line, f"it cannot be read: {error}")]) from None
        if cells is None:
            return
        yield line, cells
        line = start + reader.line_num


def _decision(row: Row, known: Known) -> Decision | Mistake | None:
    typed = row.cells.get("decision", "").casefold()
    if not typed:
        return None
    verdict = next((each for each in STATES if each == typed), None)
    if verdict is None:
        return Mistake(row.line, f'the decision is "{typed}"; write {" or ".join(STATES)}, or leave it empty')
    account_id = row.cells.get("account_id", "")
    return _of_id(row, verdict, account_id, known) if account_id else _of_code(row, verdict, known)


def _of_id(row: Row, verdict: Verdict, account_id: str, known: Known) -> Decision | Mistake:
    """Take the account by its id, unless the code beside it was changed to another account's."""
    typed, account = row.cells.get("account_code", ""), known.accounts.get(account_id)
    if typed and account and not _has_code(account, typed):
        own = _code(account) or "none"
        return Mistake(row.line, f"account_id is that of code {own}, but account_code is {typed}; empty the wrong one")
    return Decision(row.line, verdict, row.cells.get("company_id", ""), account_id)


def _of_code(row: Row, verdict: Verdict, known: Known) -> Decision | Mistake:
    """Take the account by the code a person wrote."""
    typed = row.cells.get("account_code", "")
    if not typed:
        return Mistake(row.line, f"{verdict} what? Fill in account_id or account_code")
    found = [account for account in known.accounts.values() if _has_code(account, typed)]
    exact = [account for account in found if _code(account) == typed]
    match exact or found:
        case []:
            return Mistake(row.line, f"there is no account with code {typed} in Exact")
        case [account]:
            return Decision(row.line, verdict, row.cells.get("company_id", ""), account.id)
        case several:
            titles = ", ".join(sorted(account.title for account in several))
            return Mistake(row.line, f"several accounts have code {typed}: {titles}; fill in account_id")


def _code(party: Party) -> str:
    return (party.code or "").strip()


def _has_code(account: Party, typed: str) -> bool:
    """Compare codes as spreadsheets leave them: without leading zeros."""
    if _code(account) == typed:
        return True
    own, other = code(account.code or ""), code(typed)
    return own is not None and other is not None and own.prefix == other.prefix and codes_alike(own, other)
