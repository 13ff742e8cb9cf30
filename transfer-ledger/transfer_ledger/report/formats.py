"""The report as a file: HTML, text, JSON or CSV, always the same bytes for the same report."""

from __future__ import annotations

import csv
import io
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from transfer_ledger.documents import Problem
from transfer_ledger.links.csv import defused
from transfer_ledger.summary import printable
from transfer_ledger.wording.names import ENDS, KINDS, STANDINGS, administration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transfer_ledger.report.documents import Row
    from transfer_ledger.report.model import Report
    from transfer_ledger.report.problems import Told
    from transfer_ledger.wording import Words

WIDTH = 78
LISTED = 500
"""Documents that went over and are named in HTML and text; the rest is counted, and stands in JSON and CSV."""

NBSP = "\N{NO-BREAK SPACE}"
_PLAIN = re.compile(r"\w+(?:[ .]\w+)*")
_encode = msgspec.json.Encoder(decimal_format="string")
_decode_problems = msgspec.json.Decoder(list[Problem]).decode


def html(report: Report, words: Words) -> bytes:
    """Return one page that needs nothing else: no picture, no script, no other file."""
    from transfer_ledger.report.templates import environment  # noqa: PLC0415 - needs the extra page

    template = environment(Path(__file__).parent).get_template("report.html")
    return template.render(t=words, report=report, listed=LISTED).encode()


def text(report: Report, words: Words) -> bytes:
    """Return plain text, for a terminal or a mail."""
    return ("\n".join(map(printable, _lines(report, words))) + "\n").encode()


def headline(report: Report, words: Words) -> str:
    """Return the report in one line, without a name or an amount."""
    told = [words.count(len(report.over), "{count} document gone over", "{count} documents gone over")]
    if report.open:
        told.append(words.count(report.open, "{count} not", "{count} not"))
    if report.attention:
        told.append(words.count(report.attention, "{count} to be looked at", "{count} to be looked at"))
    if report.failed_runs or report.failed_before:
        told.insert(0, words("a run failed"))
    return ", ".join(told)


def _lines(report: Report, words: Words) -> Iterator[str]:
    yield f"Autotask – Exact, {words.moment(report.made_at)}"  # noqa: RUF001
    yield words("Since {moment}: {what}.", moment=words.moment(report.since), what=headline(report, words))
    if report.failed_before:
        yield ""
        yield words("The run ended with exit code {code} before anything went over; its log says why.",
                    code=report.exit_code)  # fmt: skip
    if report.told:
        yield from _heading(words("What is to be done"))
        for told in report.told:
            yield from _cause(report, told, words)
    if report.runs:
        yield from _heading(words("Runs"))
        for run in report.runs:
            counted = f"{words.number(run.over)} {words('gone over')}, {words.number(run.left)} {words('not')}"
            yield f"{words.moment(run.run.started_at)}  {words(ENDS[run.end])}: {counted}"
    if report.over:
        yield from _heading(words("Gone over"))
        yield from (_document(row, words) for row in report.over[:LISTED])
        if len(report.over) > LISTED:
            yield words("and {count} more", count=words.number(len(report.over) - LISTED))


def _heading(title: str) -> Iterator[str]:
    yield from ("", title.upper(), "")


def _cause(report: Report, told: Told, words: Words) -> Iterator[str]:
    group = told.group
    amounts = " + ".join(words.amount(amount, currency) for currency, amount in group.amounts.items())
    counted = words.count(group.count, "{count} document", "{count} documents")
    sums = ", ".join(filter(None, (counted, printable(amounts))))
    yield from textwrap.wrap(f"* {printable(group.title)}: {sums}", WIDTH, subsequent_indent="  ")
    yield from textwrap.wrap(printable(group.advice), WIDTH, initial_indent="  ", subsequent_indent="  ")
    for row in told.members:
        where = f" ({printable(administration(row.administration, words))})" if told.several else ""
        yield f"  - {_document(row, words)}{where}"
        if report.page_url:
            yield f"    {report.page_url}/documents/{row.id}"
    if group.count > len(told.members):
        yield "  " + words("and {count} more", count=words.number(group.count - len(told.members)))
    yield ""


def _document(row: Row, words: Words) -> str:
    parts = (row.name, row.customer_name, words.amount(row.gross, row.currency), row.receipt_number)
    return printable("  ".join(part for part in parts if part))


def json(report: Report, _: Words) -> bytes:
    """Return the report for programs: amounts as text, so that none is rounded; moments in UTC."""
    body: dict[str, Any] = {
        "made_at": report.made_at,
        "since": report.since,
        "exit_code": report.exit_code,
        "counts": dict(report.counts),
        "amounts": report.amounts,
        "to_do": [
            {
                "cause": told.group.name,
                "title": told.group.title,
                "advice": told.group.advice,
                "settings": list(told.group.settings),
                "amounts": dict(told.group.amounts),
                "documents": told.group.ids,
            }
            for told in report.told
        ],
        "runs": [
            {
                "id": row.run.id,
                "administration": row.run.administration,
                "target": row.run.target,
                "started_at": row.run.started_at,
                "finished_at": row.run.finished_at,
                "end": row.end,
                "exit_code": row.exit_code,
                "calls": row.calls,
                "counts": row.counts,
            }
            for row in report.runs
        ],
        "documents": [_fields(row) for row in report.rows],
    }
    return msgspec.json.format(_encode.encode(body), indent=2) + b"\n"


def _fields(row: Row) -> dict[str, Any]:
    fields = msgspec.structs.asdict(row)
    return fields | {"problems": _decode_problems(row.problems)}


COLUMNS = (
    *("Number", "Customer", "Date", "Currency", "Amount", "How it stands", "Number in Exact", "Kind"),
    *("Administration", "What is wrong", "What to do", "Message", "Last changed"),
)


def _csv(report: Report, words: Words) -> bytes:
    """Return a table for a spreadsheet: no cell of it is a formula, whatever a name or a message holds.

    In Dutch with semicolons and decimal commas, which is what a Dutch Excel expects.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if words.language == "nl" else ",", quoting=csv.QUOTE_ALL)
    writer.writerow([words(heading) for heading in COLUMNS])
    writer.writerows(_cells(row, words) for row in report.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(row: Row, words: Words) -> Iterator[str]:
    problems = [] if row.problems == "[]" else _decode_problems(row.problems)
    explained = [words.explain(problem.message) for problem in problems]
    yield from map(_safe, (row.name, row.customer_name))
    yield words.date(row.invoice_date).replace(NBSP, " ")
    yield _safe(row.currency)
    yield words.plain_amount(row.gross)
    yield words(STANDINGS[row.standing])
    yield _safe(row.receipt_number)
    yield words(KINDS[row.kind]) if row.kind in KINDS else _safe(row.kind)
    yield _safe(administration(row.administration, words))
    yield _safe("; ".join(dict.fromkeys(each.title for each in explained)))
    yield _safe(" ".join(dict.fromkeys(each.advice for each in explained)))
    yield _safe("; ".join(problem.message for problem in problems))
    yield words.moment(row.updated_at).replace(NBSP, " ")


def _safe(text: str | None) -> str:
    """Return a text that no spreadsheet takes for a formula; most are plain words, and are known to be harmless."""
    return "" if not text else text if _PLAIN.fullmatch(text) else defused(text)


FORMATS: dict[str, Callable[[Report, Words], bytes]] = {"html": html, "text": text, "json": json, "csv": _csv}
"""Name of a format to what makes it."""
