"""A job of `meltano.yml` in this process: tap, mapper and target one after the other, with the state between runs."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.mapper import MapperAutotaskExact
from tap_autotask.tap import TapAutotask
from tap_exact_online.tap import TapExactOnline
from target_autotask.target import TargetAutotask
from target_exact_globe.target import TargetExactGlobe
from target_exact_online.target import TargetExactOnline
from tests.e2e.project import DOUBT_SECONDS, mapping_config, meltano_yml, plugin_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Sandbox
    from tests.e2e.project import Project

PLUGINS: dict[str, Any] = {
    "tap-autotask": TapAutotask,
    "tap-exact-online": TapExactOnline,
    "target-autotask": TargetAutotask,
    "target-exact-globe": TargetExactGlobe,
    "target-exact-online": TargetExactOnline,
}


@dataclass
class Jobs:
    """Runs jobs as `meltano.yml` wires them, without the programs around them.

    Attributes:
        sandbox: The simulated systems.
        files: Settings that name files and addresses, in place of those of `meltano.yml`.
        more: Further settings, by plugin name; those of a mapping by its name, part by part.
        states: The state that each job left.
    """

    sandbox: Sandbox
    files: dict[str, Any]
    more: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)

    def run(self, job: str) -> int:
        """Run a job to its end and return the exit code of its target."""
        tap, mapping, target = _tasks(job)
        records = _written(lambda: self._tap(tap, job).sync_all())
        mapper = MapperAutotaskExact(config=self.mapping(mapping))
        documents = _written(lambda: mapper.listen(io.BytesIO(records)))  # type: ignore[arg-type] # it reads bytes
        code = 0
        written = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        loader = PLUGINS[_plain(target)](config=self._config("loaders", target), parse_env_config=False)
        with contextlib.redirect_stdout(written):
            try:
                loader.listen(io.BytesIO(documents))
            except SystemExit as end:
                code = int(end.code or 0)
        written.flush()
        lines = written.buffer.getvalue().splitlines()
        if lines:
            self.states[job] = json.loads(lines[-1])
        return code

    def mapping(self, name: str) -> dict[str, Any]:
        """Return the settings of a mapping."""
        config = mapping_config(name)
        return config | {part: config[part] | settings for part, settings in self.more.get(name, {}).items()}

    def _tap(self, name: str, job: str) -> Any:
        config = self._config("extractors", name)
        tap = PLUGINS[_plain(name)](config=config, state=self.states.get(job), parse_env_config=False)
        (wanted,) = (pattern.removesuffix(".*") for pattern in _plugin("extractors", name)["select"])
        for stream in tap.streams.values():
            stream.selected = stream.name == wanted
        return tap

    def _config(self, kind: str, name: str) -> dict[str, Any]:
        config = plugin_config(kind, name) | self.more.get(name, {})
        api_url = f"{self.sandbox.url}/ATServicesRest" if "autotask" in name else self.sandbox.url
        places = {"api_url": api_url, **self.files}
        return config | {key: value for key, value in places.items() if key in config}


def jobs(sandbox: Sandbox, folder: Path, **more: dict[str, Any]) -> Jobs:
    """Return jobs whose ledger, tokens and remembered rows are in a folder.

    Args:
        sandbox: The simulated systems.
        folder: Takes the files.
        more: As `Jobs` has it; a name with dashes is given as ``**{"name": settings}``.
    """
    files = {
        "ledger_url": f"sqlite:///{folder / 'transfers.db'}",
        "token_file": str(folder / "exact-online-token.json"),
        "remember_file": str(folder / "tap-autotask-rows.json"),
        "services_url": f"{sandbox.globe_url}/Services/Exact.Entity.REST.EG",
    }
    return Jobs(sandbox, files, more)


def going_on(project: Project, job: str, **more: dict[str, Any]) -> Jobs:
    """Return the job on the files of programs that ran before, and from the state that Meltano kept of them."""
    tap, _, target = _tasks(job)
    if _plain(target) == "target-exact-online":
        more[target] = {"doubt_seconds": DOUBT_SECONDS} | more.get(target, {})
    found = jobs(project.sandbox, project.folder, **more)
    found.states[job] = project.state(tap, target)
    return found


def _written(work: Callable[[], object]) -> bytes:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        work()
    out.flush()
    text: bytes = out.buffer.getvalue()
    return text


def _tasks(job: str) -> list[str]:
    (tasks,) = next(each["tasks"] for each in meltano_yml()["jobs"] if each["name"] == job)
    return str(tasks).split()


def _plugin(kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in meltano_yml()["plugins"][kind] if each["name"] == name)
    return _plugin(kind, found["inherit_from"]) | found if "inherit_from" in found else found


def _plain(name: str) -> str:
    return name.partition("--")[0]
