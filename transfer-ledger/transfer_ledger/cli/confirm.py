"""``transfers confirm``: say what became of documents whose outcome no system tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from transfer_ledger.cli.options import at_terminal, ledger_option, opened
from transfer_ledger.confirmation import Undecidable, confirm, in_doubt, release
from transfer_ledger.exceptions import Taken
from transfer_ledger.people import untouched
from transfer_ledger.summary import printable

if TYPE_CHECKING:
    from transfer_ledger.transfers import Transfer


@click.command(name="confirm")
@ledger_option
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
@click.option("--received-as", help="The number it has in the receiving system; for one document.")
@click.option("--not-there", is_flag=True, help="Say that it is not there: it is sent again on the next run.")
@click.option("--kind", help="Only this kind of document, for example sales_invoices.")
def command(
    url: str, documents: tuple[str, ...], received_as: str | None, kind: str | None, *, not_there: bool
) -> None:
    """Say that documents which are sent or unknown, or failed since they may be there, have arrived, or have not.

    DOCUMENT is a number, a reference or a source id, as `transfers log` shows it. Look in the receiving system first.
    """
    if received_as and (not_there or len(documents) > 1):
        raise click.UsageError("--received-as is for one document that is there.")
    person, ledger = at_terminal(), opened(url)
    try:
        chosen = {name: in_doubt(ledger, [name], kind) for name in documents}
        _check(chosen)
        for name, (found,) in chosen.items():
            transfer = untouched(ledger, found)
            if not_there:
                release(ledger, person, transfer)
            else:
                confirm(ledger, person, transfer, (received_as or "").strip() or None)
            click.echo(f"{name}: {'not there, to be sent again' if not_there else 'transferred'}.")
    except (Undecidable, Taken) as error:
        raise click.ClickException(printable(str(error))) from None
    finally:
        ledger.close()


def _check(chosen: dict[str, list[Transfer]]) -> None:
    """Refuse names of none or of several transfers before anything is written."""
    for name, found in chosen.items():
        if not found:
            message = f"No transfer {name} was sent without being settled; see `transfers log --state open`."
            raise click.ClickException(message)
        if len(found) > 1:
            message = f"{len(found)} transfers are called {name}; choose with --kind, or by source id."
            raise click.ClickException(message)
