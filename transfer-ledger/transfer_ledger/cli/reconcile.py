"""``transfers reconcile``: both systems side by side for a period, in a file that an accountant can sign off."""

from __future__ import annotations

import calendar
import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from transfer_ledger import books, meltano
from transfer_ledger.cli.options import refusal
from transfer_ledger.documents import decode
from transfer_ledger.exceptions import StopRun
from transfer_ledger.ledger import utc_now
from transfer_ledger.reconciliation import KINDS, Period, held_of, reconcile
from transfer_ledger.rehearsal import STOPPED, Ended, Finding, Rehearsed, lines_of
from transfer_ledger.report.files import write_atomically
from transfer_ledger.report.reconciliation import html
from transfer_ledger.summary import printable
from transfer_ledger.wording import LANGUAGES

if TYPE_CHECKING:
    from transfer_ledger.books import Booked
    from transfer_ledger.causes import Language
    from transfer_ledger.reconciliation import Held, Reconciliation

MARGIN = dt.timedelta(days=31)
"""So far around the period documents are read: one that is dated otherwise on the other side is found there."""
KIND = "sales_invoices"
SHOWN = 10
"""Numbers of a kind of difference that stand in a line of the terminal; all stand in the file."""
_encode = msgspec.json.Encoder(decimal_format="number").encode


@click.command("reconcile")
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="The month, as 2026-10.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="The first day, instead of a month.")
@click.option("--until", "last", type=click.DateTime(["%Y-%m-%d"]), help="The last day, instead of a month.")
@click.option("--output", type=click.Path(path_type=Path), help="The file: .html, or .json.  [default: by the period]")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True)
@click.argument("job", default="invoices-to-exact-online")
def reconcile_command(
    job: str,
    *,
    month: dt.datetime | None,
    first: dt.datetime | None,
    last: dt.datetime | None,
    output: Path | None,
    language: Language,
) -> None:
    """Lay the invoices that JOB transfers beside those in the books, by their dates, and write what does not agree.

    Both systems are read, nothing is written in either. The exit code is 0 when both sides agree.
    """
    period = _period(month, first, last)
    path = output or Path(f"reconciliation-{period.first}-{period.last}.html")
    try:
        found, administration = _compared(job, period)
    except StopRun as error:
        raise refusal(error) from None
    content = (
        _encode(found)
        if path.suffix == ".json"
        else html(found, language, administration=administration, now=utc_now()).encode()
    )
    try:
        write_atomically(path, content)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
    for kind in KINDS:
        told = [each for each in found.differences if each.kind == kind]
        if told:
            numbers = ", ".join(each.number for each in told[:SHOWN])
            more = " …" if len(told) > SHOWN else ""
            click.echo(printable(f"{kind.replace('_', ' ')}: {len(told):,} ({numbers}{more})"))
    click.echo(f"{found.here:,} here, {found.there:,} there, {found.agreed:,} agree in everything: {path}")
    raise SystemExit(1 if found.differences else 0)


def _period(month: dt.datetime | None, first: dt.datetime | None, last: dt.datetime | None) -> Period:
    """Return the days that are asked for.

    Raises:
        click.UsageError: they are not said, or said twice.
    """
    if month and not (first or last):
        days = calendar.monthrange(month.year, month.month)[1]
        return Period(month.date(), month.date().replace(day=days))
    if first and last and not month and first <= last:
        return Period(first.date(), last.date())
    raise click.UsageError("say which days: --month 2026-10, or --from and --until")


def _compared(job: str, period: Period) -> tuple[Reconciliation, str]:
    around = Period(period.first - MARGIN, period.last + MARGIN)
    tasks = meltano.blocks(job)
    if len(tasks) != 1:
        raise StopRun(f"{job} has {len(tasks)} tasks.", "Name a job of one tap, one mapper and one target.")
    (tap, *_, target) = tasks[0]
    here, administration = _here(job, tap, target, around)
    return reconcile(period, here, _there(target, around)), administration


def _here(job: str, tap: str, target: str, around: Period) -> tuple[list[Held], str]:
    """Return the documents of the source system, made by the job's own tap and mapper in a dry run."""
    with tempfile.TemporaryDirectory(prefix="transfers-reconcile-") as folder:
        file = Path(folder, "rehearsal.jsonl")
        settings = {
            (tap, "dated_from"): str(around.first),
            (tap, "dated_until"): str(around.last),
            (target, "dry_run"): "true",
            (target, "dry_run_file"): str(file),
        }
        variables = {meltano.variable(*name): value for name, value in settings.items()}
        outcome = meltano.run(job, "--no-state-update", variables=variables)
        lines = list(lines_of(file.read_bytes().splitlines())) if file.exists() else []
    ends = [line for line in lines if isinstance(line, Ended)]
    if not ends or any(isinstance(line, Finding) and line.problem.field == STOPPED for line in lines):
        raise StopRun(f"{job} could not be read through:\n{outcome.said}")
    told = [line for line in lines if isinstance(line, Rehearsed) and line.kind == KIND]
    if unread := [line.label for line in told if not line.document]:
        raise StopRun(f"{len(unread):,} records are no documents: {', '.join(unread[:5])}.", "Correct the mapper.")
    return [_held(line) for line in told], ends[0].administration


def _held(line: Rehearsed) -> Held:
    document = decode(line.kind, line.document)
    return held_of(document, "" if line.settled else line.reason)


def _there(target: str, around: Period) -> list[Booked]:
    output = meltano.invoke(f"{target}:books", "--from", str(around.first), "--until", str(around.last))
    try:
        return list(books.read(output.splitlines()))
    except msgspec.DecodeError as error:
        raise StopRun(f"What {target} holds cannot be read: {error}.", "Look into its log.") from None
