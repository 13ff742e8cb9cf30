"""Taps with another people's target, and targets with a Singer file that no tap of ours wrote: no mapper between."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo import ROOT
from tests.e2e.project import BIN, plugin_config

if TYPE_CHECKING:
    from tests.conftest import Sandbox

UV = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
COMPANIES = 15


@pytest.fixture(scope="session")
def target_jsonl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of that name, in an environment of its own as its README and ours say."""
    folder = tmp_path_factory.mktemp("target-jsonl")
    subprocess.run([UV, "venv", "--quiet", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run([UV, "pip", "install", "--quiet", "--python", str(python), "target-jsonl"], check=True)
    return folder / "bin" / "target-jsonl"


def _config(name: str, sandbox: Sandbox, folder: Path) -> str:
    config = plugin_config("extractors" if name.startswith("tap") else "loaders", name)
    config |= {"api_url": f"{sandbox.url}/ATServicesRest" if name.endswith("autotask") else sandbox.url}
    config |= {
        key: value
        for key, value in {
            "token_file": str(folder / "token.json"),
            "ledger_url": f"sqlite:///{folder / 'transfers.db'}",
            "remember_file": str(folder / "rows.json"),
        }.items()
        if key in config
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(config))
    return str(path)


def _catalog(tap: str, config: str, wanted: str, folder: Path) -> str:
    found = subprocess.run([str(BIN / tap), "--config", config, "--discover"], capture_output=True, check=True)
    catalog = json.loads(found.stdout)
    for stream in catalog["streams"]:
        root = next(entry for entry in stream["metadata"] if entry["breadcrumb"] == [])
        root["metadata"]["selected"] = stream["tap_stream_id"] == wanted
    path = folder / "catalog.json"
    path.write_text(json.dumps(catalog))
    return str(path)


@pytest.mark.parametrize(
    ("tap", "stream", "system", "resource"),
    [
        ("tap-autotask", "companies", "autotask", "Companies"),
        ("tap-exact-online", "accounts", "exact_online", "Accounts"),
    ],
)
def test_a_tap_fills_the_files_of_target_jsonl(
    sandbox: Sandbox, target_jsonl: Path, tmp_path: Path, tap: str, stream: str, system: str, resource: str
) -> None:
    """Every row of the system is a line of the file, under the names that the system itself gives its fields."""
    sandbox.reset(companies=COMPANIES, invoices=0)
    config = _config(tap, sandbox, tmp_path)
    catalog = _catalog(tap, config, stream, tmp_path)
    lines = subprocess.run(
        [str(BIN / tap), "--config", config, "--catalog", catalog], capture_output=True, check=True
    ).stdout
    (tmp_path / "target.json").write_text(json.dumps({"destination_path": str(tmp_path)}))
    command = [str(target_jsonl), "--config", str(tmp_path / "target.json")]
    subprocess.run(command, input=lines, check=True, capture_output=True)
    (file,) = tmp_path.glob(f"{stream}*.jsonl")
    loaded = [json.loads(line) for line in file.read_text().splitlines()]
    held = sandbox.state(system)[resource]
    key = "id" if system == "autotask" else "ID"
    assert {row[key] for row in loaded} == {row[key] for row in held}


def _singer(stream: str, *records: dict[str, Any]) -> bytes:
    """Return a Singer file as anybody may write it by hand."""
    messages = [
        {"type": "SCHEMA", "stream": stream, "schema": {"type": "object", "properties": {}}, "key_properties": []},
        *({"type": "RECORD", "stream": stream, "record": record} for record in records),
    ]
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


@pytest.mark.parametrize(
    ("target", "stream", "keys", "record", "held"),
    [
        (
            "target-autotask",
            "companies",
            {"companies": ["companyNumber"]},
            {"companyNumber": "D10003", "phone": "+31 30 555 4444"},
            ("autotask", "Companies", "companyNumber", "phone"),
        ),
        (
            "target-exact-online",
            "Accounts",
            {"Accounts": ["Code"]},
            {"Code": "D10003", "Phone": "030 555 4444"},
            ("exact_online", "Accounts", "Code", "Phone"),
        ),
    ],
)
def test_a_target_loads_a_file_written_by_hand(
    sandbox: Sandbox, tmp_path: Path, target: str, stream: str, keys: Any, record: dict[str, Any], held: tuple[str, ...]
) -> None:
    """A record of the system's own fields changes the row that its key names, and nothing else."""
    sandbox.reset(companies=COMPANIES, invoices=0)
    system, resource, key, field = held
    before = {row["id" if system == "autotask" else "ID"]: row for row in sandbox.state(system)[resource]}
    path = tmp_path / f"{target}.json"
    config = json.loads(Path(_config(target, sandbox, tmp_path)).read_text())
    path.write_text(json.dumps(config | {"keys": keys}))
    command = [str(BIN / target), "--config", str(path)]
    done = subprocess.run(command, input=_singer(stream, record), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    after = {row["id" if system == "autotask" else "ID"]: row for row in sandbox.state(system)[resource]}
    changed = [row for row_id, row in after.items() if row[field] != before[row_id][field]]
    assert [(row[key].strip(), row[field]) for row in changed] == [(record[key], record[field])]
    assert after.keys() == before.keys()
