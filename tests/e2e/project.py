"""This repository's Meltano project, run as its users run it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sandbox.demo import ROOT, compare

if TYPE_CHECKING:
    from tests.conftest import Sandbox

JOB = "invoices-to-exact-online"
DOUBT_SECONDS = 1
"""The sandbox answers within a fraction of it."""
BIN = ROOT / ".venv" / "bin"


@cache
def meltano_yml() -> dict[str, Any]:
    """Return what stands in `meltano.yml`; it is read once, so change none of it."""
    project: dict[str, Any] = yaml.safe_load((ROOT / "meltano.yml").read_text())
    return project


def plugin_config(kind: str, name: str) -> dict[str, Any]:
    """Return a plugin's config in the `sandbox` environment, as `meltano.yml` spells it, inherited parts included."""
    project = meltano_yml()
    (environment,) = (entry for entry in project["environments"] if entry["name"] == "sandbox")
    plugins = {plugin["name"]: plugin for plugin in project["plugins"][kind]}
    overrides = {plugin["name"]: plugin["config"] for plugin in environment["config"]["plugins"].get(kind, [])}
    plugin = plugins[name]
    inherited = plugin_config(kind, plugin["inherit_from"]) if "inherit_from" in plugin else {}
    config: dict[str, Any] = inherited | plugin.get("config", {}) | overrides.get(name, {})
    return config


def mapping_config(name: str) -> dict[str, Any]:
    """Return the settings of a mapping in `meltano.yml`."""
    project = meltano_yml()
    (mapping,) = (
        mapping for mapper in project["plugins"]["mappers"] for mapping in mapper["mappings"] if mapping["name"] == name
    )
    config: dict[str, Any] = mapping["config"]
    return config


@dataclass
class Project:
    """This repository's Meltano project, with files of its own and a sandbox.

    Attributes:
        sandbox: The simulated systems.
        folder: Holds Meltano's system folder, the token store and the ledger.
        variables: The environment in which every program runs.
        root: Where `meltano.yml` is.
        started: The programs that were started.
    """

    sandbox: Sandbox
    folder: Path
    variables: dict[str, str]
    root: Path = ROOT
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def reset(self, **options: Any) -> None:
        """Begin anew in the sandbox, with a minute limit that no test waits for."""
        self.sandbox.reset(exact_online={"minute_limit": 10_000}, **options)

    def with_settings(self, **invoices: Any) -> None:
        """Go on with a `meltano.yml` of its own, in which these settings of the mapping are others."""
        project = yaml.safe_load((ROOT / "meltano.yml").read_text())
        (mapper,) = project["plugins"]["mappers"]
        (mapping,) = (mapping for mapping in mapper["mappings"] if mapping["name"] == "invoices-to-exact")
        mapping["config"]["invoices"] |= invoices
        self.root = self.folder / "project"
        self.root.mkdir(exist_ok=True)
        if not (self.root / ".venv").exists():
            (self.root / ".venv").symlink_to(ROOT / ".venv")
        (self.root / "meltano.yml").write_text(yaml.safe_dump(project, sort_keys=False))

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a program in a process group of its own."""
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self) -> str:
        """Kill what is still running and return what it said."""
        said = ""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                said += process.communicate()[0]
        return said

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        process = self.start(*command)
        output, _ = process.communicate(timeout=240)
        return subprocess.CompletedProcess(command, process.returncode, output)

    def meltano_run(self, job: str = JOB, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a job to its end, with further settings from the environment."""
        self.variables = self.variables | variables
        return self.run("meltano", "run", job)

    def state(self, tap: str, target: str) -> Any:
        """Return the Singer state that Meltano keeps of a pair of plugins; None: of no run.

        It is in the table ``state`` of the system database (docs.meltano.com/concepts/state_backends).
        """
        database = Path(self.variables["MELTANO_SYS_DIR_ROOT"]) / "meltano.db"
        with closing(sqlite3.connect(database)) as connection:
            kept = connection.execute(
                "SELECT completed_state, partial_state FROM state WHERE state_id = ?", [f"sandbox:{tap}-to-{target}"]
            ).fetchone()
        if kept is None:
            return None
        completed, partial = (json.loads(text or "{}") for text in kept)
        assert partial == {}
        return completed["singer_state"]

    def booked(self, resource: str = "SalesInvoices") -> list[dict[str, Any]]:
        """What Exact Online holds."""
        return self.sandbox.state("exact_online")[resource]

    def absent(self) -> set[str]:
        """Return the invoices that Exact Online does not hold; all that it holds are there once and to the cent."""
        agree, wrong, absent = compare(self.sandbox.state("autotask")["Invoices"], self.booked())
        assert wrong == []
        assert agree > 0
        return set(absent)

    def writes(self) -> list[dict[str, Any]]:
        """The writes that reached Exact Online, sign-in aside."""
        return [
            call
            for call in self.sandbox.calls("exact_online")
            if call["method"] != "GET" and "/oauth2/" not in call["path"]
        ]

    def _config(self, name: str, config: dict[str, Any]) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(config))
        return str(path)

    def documents(self, **settings: Any) -> Path:
        """Run tap and mapper without Meltano and keep what they hand to the target."""
        tap = plugin_config("extractors", "tap-autotask--invoices") | {
            "api_url": self.variables["TAP_AUTOTASK_API_URL"]
        }
        mapping = mapping_config("invoices-to-exact")
        mapping["invoices"] |= settings
        tap_config = self._config("tap", tap)
        mapper_config = self._config("mapper", mapping)
        catalog = self.folder / "catalog.json"
        with catalog.open("w") as file:
            subprocess.run([str(BIN / "tap-autotask"), "--config", tap_config, "--discover"], stdout=file, check=True)
        selected = json.loads(catalog.read_text())
        selected["streams"] = [row for row in selected["streams"] if row["tap_stream_id"] == "expanded_invoices"]
        for entry in selected["streams"]:
            entry["metadata"].append({"breadcrumb": [], "metadata": {"selected": True}})
        catalog.write_text(json.dumps(selected))
        records, documents = self.folder / "records.singer", self.folder / "documents.singer"
        with records.open("w") as file:
            command = [str(BIN / "tap-autotask"), "--config", tap_config, "--catalog", str(catalog)]
            subprocess.run(command, stdout=file, check=True)
        with records.open() as source, documents.open("w") as file:
            command = [str(BIN / "mapper-autotask-exact"), "--config", mapper_config]
            subprocess.run(command, stdin=source, stdout=file, check=True)
        return documents

    def load(self, documents: Path, **settings: Any) -> subprocess.Popen[bytes]:
        """Start the target alone on documents from a file."""
        state, log = self.folder / "state.jsonl", self.folder / "target.log"
        with documents.open() as source, state.open("w") as output, log.open("a") as errors:
            command = [str(BIN / "target-exact-online"), "--config", self._config("target", self.target(**settings))]
            return subprocess.Popen(command, stdin=source, stdout=output, stderr=errors)

    def target(self, **settings: Any) -> dict[str, Any]:
        """Return the settings of the target."""
        return plugin_config("loaders", "target-exact-online--invoices") | {
            "api_url": self.sandbox.url,
            "token_file": self.variables["TARGET_EXACT_ONLINE_TOKEN_FILE"],
            "ledger_url": self.variables["TARGET_EXACT_ONLINE_LEDGER_URL"],
            "doubt_seconds": DOUBT_SECONDS,
            **settings,
        }
