"""``transfers check``: what would fail in a run of a job, all of it at once, before anything is sent."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from transfer_ledger import meltano
from transfer_ledger.cli.options import refusal
from transfer_ledger.exceptions import StopRun
from transfer_ledger.gaps import Report, report_of, text
from transfer_ledger.rehearsal import lines_of
from transfer_ledger.summary import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_encode = msgspec.json.Encoder(decimal_format="number").encode


@click.command()
@click.option("--new", is_flag=True, help="Only what the next run would read; otherwise everything since start_date.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with all that is known.")
@click.argument("job")
def check(job: str, *, new: bool, as_json: bool) -> None:
    """Rehearse JOB and list what would fail, by what one change would solve.

    Its own tap, mapper and target run, with the settings that meltano.yml gives them and dry_run set: nothing is
    written. The exit code is 0 when nothing is in the way.
    """
    try:
        tasks = meltano.blocks(job)
        reports = rehearsed(job, [task[-1] for task in tasks], new=new)
    except StopRun as error:
        raise refusal(error) from None
    if as_json:
        click.echo(msgspec.json.format(_encode(reports)))
    else:
        mappings = [" ".join(task[1:-1]) for task in tasks]
        parts = ["\n".join(map(printable, text(*pair))) for pair in zip(reports, mappings, strict=True)]
        click.echo("\n\n".join(parts))
    if not all(report.clean for report in reports):
        raise SystemExit(1)


def rehearsed(job: str, targets: Sequence[str], *, new: bool) -> list[Report]:
    """Return what a dry run of each target of a job says.

    Raises:
        StopRun: it did not begin; what the programs said last is told.
    """
    with tempfile.TemporaryDirectory(prefix="transfers-check-") as folder:
        files = {target: Path(folder, f"{target}.jsonl") for target in targets}
        variables = {
            meltano.variable(target, name): value
            for target, file in files.items()
            for name, value in (("dry_run", "true"), ("dry_run_file", str(file)))
        }
        outcome = meltano.run(job, *([] if new else ["--no-state-update"]), variables=variables)
        if not all(file.exists() for file in files.values()):
            raise StopRun(f"{job} could not be rehearsed:\n{outcome.said}")
        return [_report(file) for file in files.values()]


def _report(file: Path) -> Report:
    with file.open("rb") as lines:
        return report_of(lines_of(lines))
