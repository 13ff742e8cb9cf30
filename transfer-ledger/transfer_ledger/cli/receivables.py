"""``transfers receivables``: what is paid, partly paid and overdue, for a terminal."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from transfer_ledger.cli.log import wide_console
from transfer_ledger.cli.options import ledger_option, opened
from transfer_ledger.receivables import LABELS, Age, Receivable, ages, outstanding, receivables
from transfer_ledger.summary import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

STATES = {
    "paid": "paid",
    "credited": "credited",
    "written_off": "written off",
    "partial": "partly paid",
    "open": "not paid",
}


@click.command(name="receivables")
@ledger_option
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As of this day.  [default: today, on this machine]")
@click.option("--overdue", is_flag=True, help="Only invoices of which something should have been paid before that day.")
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many at most; 0 for all.")
def command(url: str, on: dt.datetime | None, limit: int, *, overdue: bool) -> None:
    """Show what is not yet paid of the invoices that are followed, the oldest first, and totals by age.

    An age counts the days since an invoice, or a part of it, fell due.
    """
    today = on.date() if on else dt.datetime.now().astimezone().date()
    ledger = opened(url)
    found = receivables(ledger.engine)
    ledger.close()
    if not found:
        click.echo("The ledger follows no payments yet.")
        return
    chosen = [each for each in outstanding(found) if not overdue or each.days_overdue(today)]
    shown = chosen[:limit] if limit else chosen
    console = wide_console()
    if shown:
        console.print(_table(shown, today))
    if len(shown) < len(chosen):
        click.echo(f"The first {len(shown):,} of {len(chosen):,}; --limit 0 shows all.")
    click.echo("")
    console.print(_ages(ages(found, today)))
    click.echo("")
    for line in _sums(found, today):
        click.echo(printable(line))


def _table(shown: Iterable[Receivable], today: dt.date) -> Table:
    result = Table(show_edge=False, pad_edge=False, header_style="bold")
    for heading in ("Invoice", "Reference", "Customer"):
        result.add_column(heading, overflow="fold")
    for heading in ("Amount", "Open"):
        result.add_column(heading, overflow="fold", justify="right")
    for heading in ("State", "Due", "Days overdue"):
        result.add_column(heading, overflow="fold")
    for each in shown:
        late = each.days_overdue(today)
        cells = (
            *(each.number, each.reference or "", each.customer),
            *(_amount(each.currency, each.amount), _amount(each.currency, each.open_amount)),
            *(STATES[each.state], ", ".join(dict.fromkeys(str(due or "?") for due, _ in each.open_terms))),
            str(late or ""),
        )
        result.add_row(*(Text(printable(cell), overflow="fold") for cell in cells), style="red" if late else "")
    return result


def _ages(found: Sequence[Age]) -> Table:
    result = Table(show_edge=False, pad_edge=False, header_style="bold")
    result.add_column("Days overdue")
    for label in LABELS:
        result.add_column(label, justify="right")
    for currency in dict.fromkeys(age.currency for age in found):
        row = [age for age in found if age.currency == currency]
        result.add_row(Text(printable(currency)), *(f"{age.open_amount:,.2f} ({age.invoices:,})" for age in row))
    return result


def _sums(found: Sequence[Receivable], today: dt.date) -> Iterator[str]:
    """Yield how many invoices there are of each state, and what is open and overdue of them."""
    counts: Counter[str] = Counter(each.state for each in found)
    late = sum(each.days_overdue(today) > 0 for each in found)
    told = [f"{counts[state]:,} {word}" for state, word in STATES.items() if counts[state]]
    yield f"{len(found):,} invoices: {', '.join(told)}; {late:,} overdue on {today}."
    for currency in sorted({each.currency for each in found}):
        own = [each for each in found if each.currency == currency]
        open_amount = sum(each.open_amount for each in own)
        overdue = sum(each.overdue(today) for each in own)
        yield f"{currency}: {open_amount:,.2f} open, of which {overdue:,.2f} overdue."


def _amount(currency: str, amount: Decimal) -> str:
    return f"{currency} {amount:,.2f}"
