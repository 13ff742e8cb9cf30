"""Starting Globe's own import program on a file, once.

Globe Next has ``AsImport.exe``, of which the command line is known from public code alone; Globe+ has
``Exact.XML.Launcher.exe``, of which it is not. So the command is a setting: a list of arguments, started without a
shell. Its exit code says nothing (public wrappers ignore it), so it is told and not believed.
"""

from __future__ import annotations

import logging
import subprocess
from typing import TYPE_CHECKING

from target_exact_globe.outbox import OUT
from transfer_ledger.exceptions import StopRun
from transfer_ledger.summary import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from target_exact_globe.outbox import Outbox

STARTED, ENDED, KILLED = ".started", ".ended", ".killed"
OUTPUT = "importer.log"
ASIMPORT = (
    *(r"C:\Program Files (x86)\Exact Software\bin\AsImport.exe", "-r{server}", "-D{database}", "-u", "-~", "I"),
    *("-URL{file}", "-T{topic}", "-Oauto"),
)
"""The attested form for Globe Next, each value glued to its switch; to be put into ``import_command``."""
PLACES = frozenset({"server", "database", "file", "topic"})

logger = logging.getLogger(__name__)


def command_line(template: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """Return the arguments with the values in their places.

    Raises:
        StopRun: it names a place that there is not.
    """
    try:
        return [part.format_map(values) for part in template]
    except (KeyError, ValueError, IndexError) as error:
        raise StopRun(
            f"The setting import_command cannot be filled in: {error}.",
            f"Its places are {', '.join(f'{{{place}}}' for place in sorted(PLACES))}; write {{{{ for a brace.",
        ) from error


class Importer:
    """Starts the command on each file that was handed over and on which it was not started before.

    Args:
        outbox: whose files.
        template: the command.
        values: server and database.
        seconds: after which it is ended.
    """

    def __init__(self, outbox: Outbox, template: Sequence[str], values: Mapping[str, str], seconds: float) -> None:
        self._outbox = outbox
        self._template = template
        self._values = values
        self._seconds = seconds

    def run(self) -> None:
        """Import what waits.

        Raises:
            StopRun: the command cannot be started; nothing was imported with it.
        """
        for record in self._outbox.records(OUT) if self._template else ():
            self._import(record)

    def killed(self, name: str) -> bool:
        """Tell whether the import of a file was cut short, so that it does nothing any more."""
        record = self._outbox.record_of(name)
        return record is not None and record.suffix == KILLED

    def _import(self, record: Path) -> None:
        started = record.with_suffix(STARTED)
        path, topic = started / f"{record.stem}.xml", record.stem.partition("_")[0]
        arguments = command_line(self._template, {**self._values, "file": str(path), "topic": topic})
        try:
            # Whoever takes the file, and then renames its record, starts the command: of two runs, or of a run and a
            # scheduled job, only one can.
            if not self._outbox.take(record):
                return
            record.rename(started)
        except FileNotFoundError:
            return
        with (started / OUTPUT).open("wb") as output:
            code = self._start(arguments, output, started)
        cut_short = code is None or code < 0
        started.rename(started.with_suffix(KILLED if cut_short else ENDED))
        logger.info(
            "The importer has ended on %s with exit code %s, which says nothing of its outcome.", path.name, code
        )

    def _start(self, arguments: list[str], output: object, started: Path) -> int | None:
        try:
            done = subprocess.run(  # noqa: S603 - the command is the operator's own setting
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,  # type: ignore[call-overload]
                stderr=subprocess.STDOUT,
                timeout=self._seconds,
                check=False,
                start_new_session=True,  # a Ctrl-C is for the run, which lets an import that began come to its end
            )
        except subprocess.TimeoutExpired:
            logger.warning("The importer did not end within %g seconds and was stopped.", self._seconds)
            return None
        except OSError as error:
            started.rename(started.with_suffix(OUT))
            raise StopRun(
                f"The importer cannot be started: {printable(arguments[0])}: {error.strerror or error}.",
                "Correct the setting import_command; the file is imported on the next run.",
            ) from error
        return int(done.returncode)
