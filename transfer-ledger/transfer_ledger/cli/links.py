"""``transfers links``: which company is which account, for people to decide."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from transfer_ledger.cli.log import wide_console
from transfer_ledger.cli.options import at_terminal, ledger_option, opened, refusal
from transfer_ledger.exceptions import LedgerError
from transfer_ledger.links import csv
from transfer_ledger.parties.deciding import Office, the_sides
from transfer_ledger.schema import LINK_STATES
from transfer_ledger.summary import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from transfer_ledger.ledger import Link
    from transfer_ledger.links.propose import Candidate, Proposals

Pair = tuple[str, str]
"""The ids of a company and an account."""
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def links() -> None:
    """Say which company of Autotask is which account of Exact.

    All of it works from the ledger: run the accounts job once, so that it knows both sides.
    """


def _command(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command has."""
    administration = click.option("--administration", help="Such as exact_online/1234567, where there are several.")
    return ledger_option(administration(function))


@contextmanager
def _office(url: str, administration: str | None) -> Iterator[Office]:
    ledger = opened(url)
    try:
        yield Office(ledger, the_sides(ledger, administration), at_terminal())
    except LedgerError as error:
        raise refusal(error) from None
    finally:
        ledger.close()


@links.command()
@_command
def propose(url: str, administration: str | None) -> None:
    """Compare all that are not linked yet, and keep every candidate for a person to decide."""
    with _office(url, administration) as office:
        found = office.propose()
    click.echo("\n".join(_counted(found)))


def _counted(found: Proposals) -> Iterator[str]:
    several = sum(len(proposal.best) > 1 for proposal in found.companies)
    none = sum(not proposal.candidates for proposal in found.companies)
    yield f"{len(found.companies):,} companies are not linked."
    yield f"  {len(found.certain):,} have one certain candidate"
    yield f"  {several:,} have several that are equal"
    yield f"  {none:,} have none"
    yield f"{len(found.lone_accounts):,} accounts are nobody's candidate."
    yield "See `transfers links list --state proposed`, or decide in a spreadsheet: `transfers links export FILE`."


@links.command(name="list")
@_command
@click.option("--state", "states", multiple=True, type=click.Choice(list(LINK_STATES)), help="Only these.")
def list_(url: str, administration: str | None, states: tuple[str, ...]) -> None:
    """Show the links, the proposed and the refused pairs; of proposals the likeliest companies first."""
    with _office(url, administration) as office:
        shown = [link for link in office.links if not states or link.state in states]
        judged = _judged(office) if any(link.state == "proposed" for link in shown) else {}
    if not shown:
        click.echo("There are none.")
        return
    wide_console().print(_table(_likeliest_first(shown, judged), judged))


def _judged(office: Office) -> dict[Pair, Candidate]:
    candidates = (candidate for proposal in office.compare().companies for candidate in proposal.candidates)
    return {(candidate.company.id, candidate.account.id): candidate for candidate in candidates}


def _likeliest_first(shown: list[Link], judged: Mapping[Pair, Candidate]) -> list[Link]:
    """Return links by state, a company's proposals together, the best of each first."""
    best: dict[str, float] = {}
    for (company, _), candidate in judged.items():
        best[company] = max(best.get(company, 0), candidate.score)

    def place(link: Link) -> tuple[int, float, str, float]:
        candidate = judged.get((link.source_id, link.receiver_id))
        score = candidate.score if candidate else 0
        return list(LINK_STATES).index(link.state), -best.get(link.source_id, 0), link.source_id, -score

    return sorted(shown, key=place)


def _table(shown: list[Link], judged: Mapping[Pair, Candidate]) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for heading in ("Company", "Account", "State", "Alike"):
        table.add_column(heading, overflow="fold")
    for heading in ("Why", "Against"):
        table.add_column(heading, overflow="fold", ratio=1)
    for link in shown:
        candidate = judged.get((link.source_id, link.receiver_id))
        ours = f"{link.source_code or link.source_id} {link.source_name or ''}"
        theirs = f"{link.receiver_code or link.receiver_id} {link.receiver_name or ''}"
        alike = f"{int(candidate.score * 100)} %" if candidate else ""
        against = (*candidate.counter_reasons, *candidate.doubts) if candidate else ()
        table.add_row(*map(_cell, (ours, theirs, link.state, alike, ", ".join(link.reasons), ", ".join(against))))
    return table


def _cell(text: str) -> Text:
    return Text(printable(text.strip()), overflow="fold")


def _told(written: list[Link]) -> str:
    if not written:
        return "It was decided so already."
    return "\n".join(
        printable(f"{link.source_name or link.source_id} and {link.receiver_name or link.receiver_id}: {link.state}.")
        for link in written
    )


@links.command()
@_command
@click.argument("company")
@click.argument("account")
def confirm(url: str, administration: str | None, company: str, account: str) -> None:
    """Say that COMPANY and ACCOUNT, by id or code, are the same."""
    with _office(url, administration) as office:
        click.echo(_told(office.decide("confirm", company, account)))


@links.command()
@_command
@click.argument("company")
@click.argument("account")
def reject(url: str, administration: str | None, company: str, account: str) -> None:
    """Say that COMPANY and ACCOUNT are not the same; the pair is not proposed again."""
    with _office(url, administration) as office:
        click.echo(_told(office.decide("reject", company, account)))


@links.command()
@_command
@click.argument("party")
def create(url: str, administration: str | None, party: str) -> None:
    """Say that PARTY is on one side only: it is created on the other by the next run, whatever it looks like."""
    with _office(url, administration) as office:
        made = office.allow(party)
        click.echo(printable(f"{made.source_name or made.receiver_name} is created by the next run."))


@links.command()
@_command
@click.argument("company")
def end(url: str, administration: str | None, company: str) -> None:
    """End the link of COMPANY: both stay as they are, and the next run compares them anew."""
    with _office(url, administration) as office:
        click.echo(_told([office.end(company)]))


@links.command()
@_command
@click.argument("file", type=FILE)
@click.option("--delimiter", type=click.Choice([";", ",", "tab"]), default=";", show_default=True)
def export(url: str, administration: str | None, file: Path, delimiter: Any) -> None:
    """Write all candidates to FILE (CSV), with the reasons beside each pair, to be decided in a spreadsheet."""
    with _office(url, administration) as office:
        found = office.propose()
        file.write_bytes(csv.write(found, "\t" if delimiter == "tab" else delimiter))
    click.echo(
        f"{sum(len(each.candidates) for each in found.companies):,} candidates of {len(found.companies):,} "
        f"companies. Write confirm or reject into the column `decision`, then `transfers links import {file}`."
    )


@links.command(name="import")
@_command
@click.argument("file", type=FILE)
def import_(url: str, administration: str | None, file: Path) -> None:
    """Carry out the decisions in FILE: all of them, or none when one is wrong."""
    with _office(url, administration) as office:
        written = office.write(csv.read(file.read_bytes(), office.known))
    if not written:
        click.echo("Nothing new: no line has a decision in the column `decision` that was not carried out already.")
        return
    confirmed = sum(link.state == "confirmed" for link in written)
    click.echo(f"{confirmed:,} confirmed, {len(written) - confirmed:,} rejected.")


@links.command()
@_command
def review(url: str, administration: str | None) -> None:
    """Tell what became of linked companies and accounts: gone, merged, renamed, not active any more."""
    with _office(url, administration) as office:
        changes = office.review()
    for change in changes:
        click.echo(printable(f"{change.kind}: {change.message}"))
    click.echo(
        f"{len(changes):,} of the links have something to look at." if changes else "All links are as they were."
    )
