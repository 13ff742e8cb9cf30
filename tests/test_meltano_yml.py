"""`meltano.yml` says the same as the plugins themselves."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tests.golden.cases import base_settings
from tests.settings_table import assert_in, table

ROOT = Path(__file__).parents[1]
PROJECT = yaml.safe_load((ROOT / "meltano.yml").read_text())
PLUGINS = {
    ("extractors", "tap-autotask"): "tap_autotask.tap:TapAutotask",
    ("extractors", "tap-exact-online"): "tap_exact_online.tap:TapExactOnline",
    ("loaders", "target-autotask"): "target_autotask.target:TargetAutotask",
    ("loaders", "target-exact-globe"): "target_exact_globe.target:TargetExactGlobe",
    ("loaders", "target-exact-online"): "target_exact_online.target:TargetExactOnline",
}


def _plugin(kind: str, name: str) -> dict[str, Any]:
    (found,) = (plugin for plugin in PROJECT["plugins"][kind] if plugin["name"] == name)
    assert isinstance(found, dict)
    return found


def _kind(schema: dict[str, Any]) -> str:
    kinds = {"type": schema.get("type", "string")}["type"]
    (kind,) = (name for name in ([kinds] if isinstance(kinds, str) else kinds) if name != "null")
    return str(kind)


def _class(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _own(path: str) -> dict[str, Any]:
    """Return the plugin's own settings; the SDK adds its own to the same schema once a plugin was made."""
    plugin = _class(path)
    of_the_sdk: dict[str, Any] = {"properties": {}}
    plugin.append_builtin_config(of_the_sdk)
    properties = plugin.config_jsonschema["properties"]
    return {name: schema for name, schema in properties.items() if name not in of_the_sdk["properties"]}


def _declared(path: str) -> dict[str, tuple[str, bool]]:
    return {name: (_kind(schema), bool(schema.get("secret"))) for name, schema in _own(path).items()}


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_settings_are_those_of_the_plugin(kind: str, name: str) -> None:
    """Each setting stands in meltano.yml with its kind, and every secret is marked sensitive."""
    listed = {
        setting["name"]: (setting.get("kind", "string"), setting.get("sensitive", False))
        for setting in _plugin(kind, name)["settings"]
    }
    assert listed == _declared(PLUGINS[kind, name])


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_the_readme_lists_the_settings(kind: str, name: str) -> None:
    """The table in the README of a plugin is the one that its schema gives (`make settings` writes it)."""
    own = _own(PLUGINS[kind, name])
    assert_in(ROOT / name / "README.md", table(_class(PLUGINS[kind, name]).config_jsonschema, own))


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_about_explains_every_setting(kind: str, name: str) -> None:
    """`--about` has each setting, with a sentence that says what it does."""
    about = CliRunner().invoke(_class(PLUGINS[kind, name]).cli, ["--about", "--format=json"])
    told = json.loads(about.stdout)["settings"]["properties"]
    assert [each for each in _own(PLUGINS[kind, name]) if len(told[each]["description"]) < len("Rows a page.")] == []


def test_every_singer_plugin_is_looked_at() -> None:
    """A plugin that this page does not know would be checked by nobody."""
    listed = {(kind, each["name"]) for kind in ("extractors", "loaders") for each in PROJECT["plugins"][kind]}
    assert {each for each in listed if "--" not in each[1]} == set(PLUGINS)


def test_mapping_is_the_one_the_golden_cases_are_judged_by() -> None:
    """The tables of the demo are those that a bookkeeper reads beside the golden cases."""
    (mapper,) = PROJECT["plugins"]["mappers"]
    for mapping in mapper["mappings"]:
        (area,) = mapping["config"]
        expected = base_settings(area)
        if mapping["name"] == "invoices-to-globe":
            expected[area]["form"] = "sales_order"
        assert mapping["config"] == expected


def test_no_plugin_of_this_repository_has_a_pip_url() -> None:
    """All live in the one environment."""
    assert [plugin["name"] for kind in PROJECT["plugins"].values() for plugin in kind if "pip_url" in plugin] == []


def test_each_job_has_plugin_names_of_its_own() -> None:
    """Meltano's state belongs to the pair of names, so no two jobs may share one."""
    names = [block for job in PROJECT["jobs"] for task in job["tasks"] for block in task.split()]
    assert len(names) == len(set(names))


def test_env_example_has_every_variable() -> None:
    """What meltano.yml takes from the environment stands in `.env.example`, explained, and no secret has a value."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    taken = re.findall(r"\$(?!MELTANO_)([A-Z_]+)|\benv: ([A-Z_]+)", (ROOT / "meltano.yml").read_text())
    given = {line.removeprefix("# ").partition("=")[0]: index for index, line in enumerate(lines) if "=" in line}
    assert {first or second for first, second in taken} - set(given) == set()
    assert {name for name, index in given.items() if not re.match("# [^=]+$", lines[index - 1])} == set()
    filled = {line for line in lines if re.fullmatch(r"[A-Z_]+=.+", line)}
    assert filled == {"MELTANO_ENVIRONMENT=prod", "EXACT_ONLINE_API_URL=https://start.exactonline.nl"}
    assert [line for line in lines if re.match(r"(# )?\w*(SECRET|PASSWORD|_CODE)=.", line)] == []
