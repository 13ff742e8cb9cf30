"""Whole programs, measured: wall clock, processor and peak memory as the operating system counted them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.demo import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BIN = ROOT / ".venv" / "bin"


@dataclass(frozen=True)
class Measured:
    """One finished program.

    Attributes:
        wall: Seconds from start to end.
        cpu: Seconds of processor time, user and system.
        peak: Peak resident memory in MiB.
        code: Exit code.
    """

    wall: float
    cpu: float
    peak: float
    code: int


def measure(command: list[str], folder: Path, stdin: Path | None = None, stdout: Path | None = None) -> Measured:
    """Run a program to its end and say what it took; its log goes to `log` in the folder."""
    source = stdin.open("rb") if stdin else subprocess.DEVNULL
    with (stdout or folder / "out").open("wb") as output, (folder / "log").open("ab") as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=source, stdout=output, stderr=log, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def config(folder: Path, name: str, content: dict[str, Any]) -> str:
    """Write a plugin's config and return its path."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    return str(path)


def catalog(folder: Path, tap: str, config_path: str, stream: str) -> str:
    """Let a tap discover, select one stream and return the catalog's path."""
    found = subprocess.run([BIN / tap, "--config", config_path, "--discover"], capture_output=True, check=True)
    streams = [entry for entry in json.loads(found.stdout)["streams"] if entry["tap_stream_id"] == stream]
    for entry in streams:
        entry["metadata"] = [row for row in entry["metadata"] if row["breadcrumb"]]
        entry["metadata"].append({"breadcrumb": [], "metadata": {"selected": True}})
    return config(folder, f"catalog-{stream}", {"streams": streams})


def loop(module: str, *arguments: str) -> list[str]:
    """Return the command of a plain `requests` loop of this folder."""
    return [sys.executable, str(ROOT / "tests" / "benchmarks" / module), *arguments]
