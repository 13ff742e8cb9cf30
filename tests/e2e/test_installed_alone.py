"""Each plugin stands alone: another Meltano project installs it by pip_url, in a virtual environment of its own."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sandbox.demo import ROOT
from tests.e2e.project import mapping_config, plugin_config

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox


def _plugin(name: str, namespace: str, config: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": namespace,
        "pip_url": f"-e {ROOT / name}",
        "executable": name,
        "config": config,
        **more,
    }


@pytest.fixture
def elsewhere(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A Meltano project of somebody else that names our plugins by pip_url."""
    tap = plugin_config("extractors", "tap-autotask--invoices") | {"api_url": f"{sandbox.url}/ATServicesRest"}
    target = plugin_config("loaders", "target-exact-online--invoices") | {
        "api_url": sandbox.url,
        "token_file": str(tmp_path / "token.json"),
        "ledger_url": f"sqlite:///{tmp_path / 'transfers.db'}",
    }
    mappings = [{"name": "to-exact", "config": mapping_config("invoices-to-exact")}]
    project = {
        "project_id": "elsewhere",
        "send_anonymous_usage_stats": False,
        "default_environment": "dev",
        "environments": [{"name": "dev"}],
        "plugins": {
            "extractors": [
                _plugin(
                    "tap-autotask",
                    "tap_autotask",
                    tap,
                    capabilities=["catalog", "discover", "state"],
                    select=["expanded_invoices.*"],
                )
            ],
            "mappers": [_plugin("mapper-autotask-exact", "mapper_autotask_exact", {}, mappings=mappings)],
            "loaders": [_plugin("target-exact-online", "target_exact_online", target)],
        },
    }
    (tmp_path / "meltano.yml").write_text(yaml.safe_dump(project, sort_keys=False))
    return tmp_path


def test_plugins_installed_one_by_one_run_together(elsewhere: Path, sandbox: Sandbox) -> None:
    """Installed apart from each other and from this repository's environment, the three still move the invoices."""
    variables = os.environ | {"PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    for command in (("meltano", "install"), ("meltano", "run", "tap-autotask", "to-exact", "target-exact-online")):
        outcome = subprocess.run(
            command, cwd=elsewhere, env=variables, check=False, capture_output=True, text=True, timeout=280
        )
        assert outcome.returncode in {0, 1}, outcome.stderr
    for plugin in ("extractors/tap-autotask", "mappers/mapper-autotask-exact", "loaders/target-exact-online"):
        assert (elsewhere / ".meltano" / plugin / "venv" / "bin" / plugin.split("/")[1]).exists()
    booked = sandbox.state("exact_online")["SalesInvoices"]
    assert len(booked) > 5
    assert len({row["YourRef"] for row in booked}) == len(booked)
