"""What is written about the settings is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mapper_autotask_exact import schema
from mapper_autotask_exact.settings import check
from mapper_autotask_exact.settings_reference import CHAPTERS, markdown
from tests.mapper_autotask_exact.records import config
from tests.settings_table import assert_in

ROOT = Path(__file__).parents[2]
README_FILE = ROOT / "mapper-autotask-exact" / "README.md"
README = README_FILE.read_text()
PAGE = (ROOT / "docs" / "mapping.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", README + PAGE, re.DOTALL)


@pytest.mark.parametrize("area", CHAPTERS)
def test_the_readme_holds_the_settings_of_the_schema(area: str) -> None:
    """The tables of the README are those of the schema (`make settings` writes them)."""
    block = "settings" if area == "invoices" else f"settings of {area}"
    assert_in(README_FILE, f"\n{markdown(area).strip()}\n\n", block)


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            name
            for area in ("invoices", "accounts", "companies", "payments", "purchases")
            for name in schema.CONFIG["properties"][area]["properties"]
        }
    ),
)
def test_every_setting_is_explained_to_the_bookkeeper(name: str) -> None:
    """Each setting stands on the page about the tables."""
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_can_be_used(example: str) -> None:
    """Every example on the pages is accepted by the mapper, on top of the least there must be."""
    written = yaml.safe_load(example)
    if {"accounts", "companies", "payments", "purchases"} & written.keys():
        assert check(written) == []
        return
    assert check(config(**written.get("invoices", written))) == []


def test_there_are_examples() -> None:
    """The examples are found."""
    assert len(EXAMPLES) >= 10
