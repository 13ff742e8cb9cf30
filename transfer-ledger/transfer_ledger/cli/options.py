"""The options that several commands share."""

from __future__ import annotations

import click

from transfer_ledger.exceptions import StopRun
from transfer_ledger.ledger import Ledger

ledger_option = click.option(
    "--ledger",
    "url",
    envvar="TRANSFERS_LEDGER_URL",
    default="sqlite:///transfers.db",
    show_envvar=True,
    help="Database URL of the ledger, the setting ledger_url of the targets.  [default: sqlite:///transfers.db]",
)


def opened(url: str) -> Ledger:
    """Open a ledger that is there.

    Raises:
        click.ClickException: it cannot be used; the message says why.
    """
    try:
        return Ledger.open(url, create=False)
    except StopRun as error:
        raise click.ClickException(f"{error.message} {error.advice}") from None
