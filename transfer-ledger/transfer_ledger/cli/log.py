"""``transfers log``: what was transferred and what was not, for a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from rich.console import Console

from transfer_ledger.cli.options import ledger_option, opened
from transfer_ledger.transfer_log import WANTED, Filter, entries, paragraphs, table

if TYPE_CHECKING:
    import datetime as dt

PIPE_WIDTH = 160
"""Columns when the output is no terminal and COLUMNS does not say otherwise."""

TABLE_WIDTH = 120
"""Narrower terminals get a paragraph for each transfer instead of a table."""


@click.command()
@ledger_option
@click.option(
    "--state",
    "wanted",
    multiple=True,
    type=click.Choice(WANTED),
    help="Only these: a state, open (any that is not settled) or attention (transferred, but a person must look).",
)
@click.option("--kind", help="Only this kind of document, for example sales_invoices.")
@click.option("--number", help="Only what is called so, exactly: number here or there, reference, or source id.")
@click.option("--since", type=click.DateTime(), help="Only what changed since then, in local time.")
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many at most; 0 for all.")
def log(
    url: str, wanted: tuple[str, ...], kind: str | None, number: str | None, since: dt.datetime | None, limit: int
) -> None:
    """Show what was transferred and what was not, and why; the latest change comes last."""
    ledger = opened(url)
    chosen = Filter(wanted=wanted, kind=kind, number=number, since=since and since.astimezone())
    shown, total = entries(ledger.engine, chosen, limit)
    ledger.close()
    if not shown:
        click.echo("No transfers match." if chosen.conditions() else "The ledger holds no transfers yet.")
        return
    console = wide_console()
    if console.width < TABLE_WIDTH:
        console.print(*paragraphs(shown), sep="\n")
    else:
        console.print(table(shown))
    if len(shown) < total:
        click.echo(f"The last {len(shown):,} of {total:,}; --limit 0 shows all.")


def wide_console() -> Console:
    """Return a console that does not fold for a terminal that is not there."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console
