"""The Meltano project around us, used as its users use it: by the program ``meltano``.

The ledger knows no tap, mapper or target. What a command needs of a system it gets from the plugin that knows the
system, run with the settings that Meltano gives it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DRAWN = "│╭╰╮╯─"
LAST_LINES = 25
"""So much of what a program said is shown when it fails."""


class Outcome(msgspec.Struct, kw_only=True):
    """How a program ended."""

    code: int
    said: str
    """The last of what it wrote to its log."""


def blocks(job: str) -> list[list[str]]:
    """Return the plugins of each task of a job, in order.

    Raises:
        StopRun: there is no such job, or no project here.
    """
    done = _run(["job", "list", job, "--format=json"], {})
    try:
        tasks: list[str | list[str]] = msgspec.json.decode(done.stdout)["tasks"]
    except (msgspec.DecodeError, KeyError, TypeError):
        said = _last(done.stdout + done.stderr)
        raise StopRun(f"Meltano lists no job {job!r:.80}: {said}", "Name a job of this meltano.yml.") from None
    return [
        task.split() if isinstance(task, str) else [word for part in task for word in part.split()] for task in tasks
    ]


def run(job: str, *options: str, variables: Mapping[str, str]) -> Outcome:
    """Run a job with further settings in its environment."""
    with tempfile.TemporaryFile() as log:
        command = [_program(), "run", *options, job]
        done = subprocess.run(command, env=os.environ | variables, stdout=log, stderr=log, check=False)  # noqa: S603 - the project around us
        log.seek(0)
        return Outcome(code=done.returncode, said=_last(log.read()))


def invoke(plugin: str, *arguments: str, variables: Mapping[str, str] | None = None) -> bytes:
    """Return what a plugin writes to its output.

    Raises:
        StopRun: it failed.
    """
    done = _run(["invoke", plugin, *arguments], variables or {})
    if done.returncode:
        raise StopRun(f"{plugin} ended with exit code {done.returncode}:\n{_last(done.stderr)}")
    return done.stdout


def variable(plugin: str, setting: str) -> str:
    """Return the environment variable that sets a setting of a plugin (Meltano docs, Plugin configuration)."""
    return f"{plugin}_{setting}".replace("-", "_").upper()


def _run(arguments: Sequence[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    command = [_program(), *arguments]
    return subprocess.run(command, env=os.environ | variables, capture_output=True, check=False)  # noqa: S603 - see above


def _program() -> str:
    """Return Meltano: the one beside this program, else the one on the path.

    Raises:
        StopRun: there is none.
    """
    beside = Path(sys.executable).with_name("meltano")
    found = str(beside) if beside.exists() else shutil.which("meltano")
    if found is None:
        raise StopRun("The program meltano is not there.", "Install it, or put its folder on the path.")
    return found


def _last(said: bytes) -> str:
    """Return the last lines, without the frames of tracebacks that Meltano draws around an error it reported before."""
    lines = (line for line in said.decode(errors="replace").splitlines() if line.strip() and line[0] not in _DRAWN)
    return "\n".join(list(lines)[-LAST_LINES:])
