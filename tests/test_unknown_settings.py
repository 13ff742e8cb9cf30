"""A setting that a plugin does not have is refused at the start, with the names it may mean."""

from __future__ import annotations

import importlib
import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner
from singer_sdk.exceptions import ConfigValidationError

from mapper_autotask_exact import schema
from tests.test_meltano_yml import PLUGINS, PROJECT, ROOT
from transfer_ledger import settings as ledger_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AUTOTASK = {"username": "api@msp.example", "secret": "s", "integration_code": "c"}
EXACT_ONLINE = {"division": 1, "client_id": "c", "client_secret": "s"}
LEAST: dict[str, dict[str, Any]] = {
    "tap-autotask": AUTOTASK | {"read_metadata": False},
    "tap-exact-online": EXACT_ONLINE,
    "target-autotask": AUTOTASK,
    "target-exact-globe": {"sql_server": "SQLSRV01", "company": "100"},
    "target-exact-online": EXACT_ONLINE,
}
CLASSES = {name: path for (_, name), path in PLUGINS.items()} | {
    "mapper-autotask-exact": "mapper_autotask_exact.mapper:MapperAutotaskExact"
}
PAGES = [*ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md"), ROOT / "README.md"]


def _class(name: str) -> Any:
    module, _, plugin = CLASSES[name].partition(":")
    return getattr(importlib.import_module(module), plugin)


def _wrong(name: str, config: dict[str, Any]) -> list[str]:
    """Return what a plugin says is wrong with settings."""
    try:
        _class(name)(config=LEAST.get(name, {}) | config)
    except ConfigValidationError as error:
        return error.errors
    return []


def _known(name: str) -> set[str]:
    return set(schema.CONFIG["properties"] if name not in LEAST else _class(name).config_jsonschema["properties"])


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("tap-autotask", "include_void", "include_voided"),
        ("tap-exact-online", "delete_records", "deleted_records"),
        ("target-autotask", "alow_open", "allow_open"),
        ("target-exact-globe", "adopt_form", "adopt_from"),
        ("target-exact-online", "Adopt_Form", "adopt_from"),
        ("mapper-autotask-exact", "invoice", "invoices"),
    ],
)
def test_a_misspelt_setting_stops_the_program(
    name: str, written: str, meant: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The program ends with 1 before it reads or asks anything, naming what stands there and what may be meant."""
    (tmp_path / "config.json").write_text(json.dumps(LEAST.get(name, {}) | {written: "2026-01-01"}))
    ended = CliRunner().invoke(_class(name).cli, ["--config", str(tmp_path / "config.json")], input="")
    assert ended.exit_code == 1
    assert re.search(rf"{written}: unknown.*did you mean (\w+ or )*{meant}\b", caplog.text)


def test_what_resembles_nothing_is_told_with_all_that_is_known() -> None:
    """Without a near name the known ones are listed, and a mistake of another kind is told in the same breath."""
    wrong, unknown = _wrong("target-exact-globe", {"zzz": 1, "documents_per_file": "x"})
    assert unknown.startswith("zzz: unknown setting; known are accepted_types, add_record_metadata, adopt_from")
    assert "'x' is not of type 'integer'" in wrong


def test_a_misspelt_required_setting_is_named() -> None:
    """One is not told only that `division` is missing where `divison` stands."""
    with pytest.raises(ConfigValidationError) as refused:
        _class("target-exact-online")(config={"client_id": "c", "client_secret": "s", "divison": 1})
    assert any("'division' is a required property" in each for each in refused.value.errors)
    assert any(each.startswith("divison: unknown setting; did you mean division") for each in refused.value.errors)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("tap-autotask", {"filters": {"companies": [{"op": "eq", "field": "isActive", "valeu": True}]}}),
        ("tap-autotask", {"filters": {"companies": [{"op": "or", "items": [{"op": "eq", "feild": "isActive"}]}]}}),
        ("target-exact-online", {"web_urls": {"sales_invoce": "{origin}"}}),
        ("mapper-autotask-exact", {"purchases": {"freight": {"polciy": "line"}}}),
        ("mapper-autotask-exact", {"purchases": {"items": [{"prodct": "*", "item": "X"}]}}),
    ],
)
def test_groups_within_settings_are_looked_into(name: str, config: dict[str, Any]) -> None:
    """A misspelt word in a condition, a link or a row of a table is refused too."""
    assert _wrong(name, config)


def test_a_nested_filter_is_taken() -> None:
    """A condition of Autotask's own form, with values of any kind and others within it, is no mistake."""
    within = [{"op": "in", "field": "id", "value": [1, 2]}, {"op": "eq", "field": "X", "udf": True, "value": "y"}]
    assert _wrong("tap-autotask", {"filters": {"companies": [{"op": "or", "items": within}]}}) == []


@pytest.mark.parametrize("name", LEAST)
def test_what_the_sdk_has_for_every_plugin_is_taken(name: str) -> None:
    """Settings of the SDK stay allowed, whether they mean something here or not."""
    of_taps = {"batch_config": {}, "flattening_enabled": False, "faker_config": {"seed": "1"}}
    of_targets = {"load_method": "upsert", "add_record_metadata": False, "batch_size_rows": 9, "validate_records": True}
    assert _wrong(name, {"stream_maps": {}, **(of_taps if name.startswith("tap") else of_targets)}) == []


def test_the_sdk_has_no_settings_that_are_forgotten() -> None:
    """What the SDK reads in targets is what is said to be of the SDK."""
    from singer_sdk.helpers import capabilities  # noqa: PLC0415

    groups = [getattr(capabilities, each) for each in dir(capabilities) if each.endswith("_CONFIG")]
    names = {name for group in groups for name in group["properties"]} - {"emit_activate_version_messages"}
    assert set(ledger_settings.SDK_SETTINGS) == names


def test_the_check_says_the_same(tmp_path: Path) -> None:
    """The programs beside a target refuse as it does, without a traceback."""
    (tmp_path / "config.json").write_text(json.dumps(LEAST["target-exact-globe"] | {"adopt_form": "2026-01-01"}))
    check = importlib.import_module("target_exact_globe.target").check_command
    ended = CliRunner().invoke(check, ["--config", str(tmp_path / "config.json")])
    assert (ended.exit_code, ended.stderr) == (1, "Error: adopt_form: unknown setting; did you mean adopt_from?\n")


def _configs(node: Any, plugin: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what stands under `config`, with the plugin it is for where that is said."""
    if isinstance(node, list):
        for each in node:
            yield from _configs(each, plugin)
    elif isinstance(node, dict):
        named = str(node.get("inherit_from", node.get("name", plugin))).partition("--")[0]
        plugin = named if named in CLASSES else plugin
        if isinstance(node.get("config"), dict) and "plugins" not in node["config"]:
            yield plugin, node["config"]
        for key, value in node.items():
            if key != "config" or "plugins" in value:
                yield from _configs(value, plugin)


def _singer_plugins() -> list[tuple[str, dict[str, Any]]]:
    return [(plugin, config) for plugin, config in _configs(PROJECT) if plugin]


def test_meltano_yml_has_no_unknown_setting() -> None:
    """Every setting of every plugin, environment and mapping is one that the plugin has."""
    found = _singer_plugins()
    assert {plugin for plugin, _ in found} == set(CLASSES)
    assert [(plugin, name) for plugin, config in found for name in config if name not in _known(plugin)] == []


def _examples(page: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the settings in the examples of a page; those without a plugin's name are of the page's own."""
    of_page = {"exact-globe": "target-exact-globe"}.get(page.stem, page.parent.name)
    for block in re.findall(r"^ *```(?:yaml|json)?\n(.*?)^ *```", page.read_text(), re.DOTALL | re.MULTILINE):
        try:
            example = yaml.safe_load(textwrap.dedent(block))
        except yaml.YAMLError:
            continue
        given = {"config": example} if isinstance(example, dict) and block.lstrip().startswith("{") else example
        yield from _configs(given, of_page)


def test_examples_have_no_unknown_setting() -> None:
    """What the pages tell to copy is not refused."""
    found = [(page, plugin, config) for page in PAGES for plugin, config in _examples(page) if plugin in CLASSES]
    assert {plugin for _, plugin, _ in found} >= set(LEAST)
    assert [
        (page.name, plugin, name)
        for page, plugin, config in found
        for name in config
        if name not in _known(plugin) and name != "stream_maps"
    ] == []
