"""Programs of a target beside the loading of documents, as Meltano invokes them: ``meltano invoke TARGET:check``.

Each takes the target's settings: ``--config FILE``, or ``--config ENV`` for those that Meltano puts in the environment.
"""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from singer_sdk.exceptions import ConfigValidationError

from transfer_ledger.books import written
from transfer_ledger.exceptions import LedgerError
from transfer_ledger.gaps import report_of, text
from transfer_ledger.rehearsal import lines_of
from transfer_ledger.summary import printable, sentences

if TYPE_CHECKING:
    import datetime as dt

    from transfer_ledger.gaps import Report
    from transfer_ledger.target import DocumentTarget

FROM_ENVIRONMENT = "ENV"
_config = click.option(
    "--config",
    "configs",
    multiple=True,
    required=True,
    help="JSON file with the settings; ENV takes them from the environment, as Meltano gives them.",
)


def check_program(target: type[DocumentTarget]) -> click.Command:
    """Return the program that tells what would fail whatever the documents are: a dry run without any."""

    @click.command(f"{target.name}-check", help=f"Tell what would fail in {target.name}, whatever the documents are.")
    @_config
    @click.option(
        "--stream",
        "streams",
        multiple=True,
        type=click.Choice(sorted(target.sink_classes)),
        help="Look only at what this stream needs, where the target can tell; may be given more than once.",
    )
    def program(configs: tuple[str, ...], streams: tuple[str, ...]) -> None:
        report = _rehearsed(target, configs, streams)
        click.echo("\n".join(map(printable, text(report))))
        sys.exit(0 if report.clean else 1)

    return program


def books_program(target: type[DocumentTarget]) -> click.Command:
    """Return the program that writes what the receiving system holds of a period, a JSON line for each document."""

    @click.command(f"{target.name}-books", help="Write the documents of a period, a JSON line each.")
    @_config
    @click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day.")
    @click.option("--until", "last", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day.")
    def program(configs: tuple[str, ...], first: dt.datetime, last: dt.datetime) -> None:
        running = _configured(target, configs)
        try:
            for document in running.booked(first.date(), last.date()):
                click.echo(written(document), nl=False)
        except LedgerError as error:
            raise click.ClickException(printable(sentences(error.message, error.advice))) from None
        finally:
            running.ledger.close()

    return program


def _configured(target: type[DocumentTarget], configs: tuple[str, ...], **more: Any) -> DocumentTarget:
    settings: dict[str, Any] = {}
    for path in configs:
        if path != FROM_ENVIRONMENT:
            settings |= msgspec.json.decode(Path(path).read_bytes())
    try:
        return target(config=settings | more, parse_env_config=FROM_ENVIRONMENT in configs)
    except ConfigValidationError as error:
        raise click.ClickException("\n".join(error.errors)) from None


def _rehearsed(target: type[DocumentTarget], configs: tuple[str, ...], streams: tuple[str, ...]) -> Report:
    with tempfile.TemporaryDirectory(prefix=f"{target.name}-check-") as folder:
        file = Path(folder, "rehearsal.jsonl")
        running = _configured(target, configs, dry_run=True, dry_run_file=str(file))
        for stream in streams:
            running.expect(stream)
        with suppress(SystemExit):  # The report says what stopped it.
            running.listen(io.BytesIO())  # type: ignore[arg-type]  # the reader reads bytes
        with file.open("rb") as lines:
            return report_of(lines_of(lines))
