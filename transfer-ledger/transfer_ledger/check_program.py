"""The program of a target that tells what would fail whatever the documents are: ``meltano invoke TARGET:check``."""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from transfer_ledger.gaps import report_of, text
from transfer_ledger.rehearsal import lines_of
from transfer_ledger.summary import printable

if TYPE_CHECKING:
    from transfer_ledger.target import DocumentTarget

FROM_ENVIRONMENT = "ENV"


def check_program(target: type[DocumentTarget]) -> click.Command:
    """Return the program of a target: a dry run without documents, told as ``transfers check`` does."""

    @click.command(f"{target.name}-check", help=f"Tell what would fail in {target.name}, whatever the documents are.")
    @click.option(
        "--config",
        "configs",
        multiple=True,
        required=True,
        help="JSON file with the settings; ENV takes them from the environment, as Meltano gives them.",
    )
    def program(configs: tuple[str, ...]) -> None:
        report = _rehearsed(target, configs)
        click.echo("\n".join(map(printable, text(report))))
        sys.exit(0 if report.clean else 1)

    return program


def _rehearsed(target: type[DocumentTarget], configs: tuple[str, ...]) -> Any:
    settings: dict[str, Any] = {}
    for path in configs:
        if path != FROM_ENVIRONMENT:
            settings |= msgspec.json.decode(Path(path).read_bytes())
    with tempfile.TemporaryDirectory(prefix=f"{target.name}-check-") as folder:
        file = Path(folder, "rehearsal.jsonl")
        running = target(
            config=settings | {"dry_run": True, "dry_run_file": str(file)},
            parse_env_config=FROM_ENVIRONMENT in configs,
        )
        with suppress(SystemExit):  # The report says what stopped it.
            running.listen(io.BytesIO())  # type: ignore[arg-type]  # the reader reads bytes
        with file.open("rb") as lines:
            return report_of(lines_of(lines))
