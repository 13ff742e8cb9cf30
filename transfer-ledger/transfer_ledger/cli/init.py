"""``transfers init``: first settings, guessed from what both systems hold."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from transfer_ledger import meltano
from transfer_ledger.cli.options import refusal
from transfer_ledger.exceptions import StopRun
from transfer_ledger.report.files import write_atomically


@click.command()
@click.option("--output", type=click.Path(path_type=Path), help="The file; otherwise the settings are shown.")
@click.option("--source", default="tap-autotask--lists", show_default=True, help="Plugin that reads the source system.")
@click.option(
    "--receiver", default="tap-exact-online--lists", show_default=True, help="Plugin that reads the receiving system."
)
@click.option(
    "--guesser", default="first-settings", show_default=True, help="Plugin that makes settings of what both wrote."
)
def init(output: Path | None, source: str, receiver: str, guesser: str) -> None:
    """Write first settings of the mapper: VAT, items, G/L accounts and payment conditions, doubtful rows marked.

    Both systems are read and nothing is written in either.
    """
    if output is not None and output.exists():
        raise click.ClickException(f"{output} is there already; name another file")
    try:
        settings = _guessed(source, receiver, guesser)
    except StopRun as error:
        raise refusal(error) from None
    if output is None:
        click.echo(settings, nl=False)
        return
    try:
        write_atomically(output, settings)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
    click.echo(f"{output}: look at every row with a remark, then paste it as `config` of a mapping in meltano.yml.")


def _guessed(source: str, receiver: str, guesser: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="transfers-init-") as folder:
        files = []
        for plugin in (source, receiver):
            file = Path(folder, f"{plugin}.singer")
            file.write_bytes(meltano.invoke(plugin))
            files.append(str(file))
        return meltano.invoke(guesser, *files)
