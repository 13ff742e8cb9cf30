"""``transfers report``: how things stand, as a file."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from transfer_ledger.cli.options import exit_code_option, language_option, ledger_option, opened, page_url_option
from transfer_ledger.ledger import utc_now
from transfer_ledger.report import model
from transfer_ledger.report.files import write_atomically
from transfer_ledger.report.formats import FORMATS
from transfer_ledger.wording import Words

if TYPE_CHECKING:
    from transfer_ledger.causes import Language

A_DAY = dt.timedelta(days=1)


@click.command(name="report")
@ledger_option
@language_option
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write.  [default: the terminal]"
)
@click.option(
    "--since", type=click.DateTime(), help="Report what happened since then, in local time.  [default: a day]"
)
@page_url_option
@exit_code_option
def command(
    url: str,
    language: Language,
    kind: str,
    output: Path | None,
    since: dt.datetime | None,
    page_url: str | None,
    exit_code: int | None,
) -> None:
    """Report what went over, what did not and why, and what is to be done."""
    words, ledger = Words(language), opened(url)
    begin = since.astimezone() if since else utc_now() - A_DAY
    told = model.read(ledger.engine, utc_now, words, begin, exit_code=exit_code, page_url=page_url)
    ledger.close()
    try:
        content = FORMATS[kind](told, words)
    except ImportError as error:
        raise click.ClickException(f"{error}. Install transfer-ledger[page].") from None
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        write_atomically(output, content)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
