"""First settings as a consultant has them made: from both systems, as Meltano's plugins read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from mapper_autotask_exact.settings import check
from tests.e2e.project import mapping_config

if TYPE_CHECKING:
    from tests.e2e.project import Project

CHOSEN = {"journal": "70", "Caribisch": "7", "Na afspraak": "30"}


def test_first_settings_are_those_of_the_demo_where_the_lists_say_so(project: Project) -> None:
    """What is certain or guessed agrees with the settings that people made; the rest is a gap; nothing is written."""
    file = project.folder / "first.yml"
    done = project.run("transfers", "init", "--output", str(file))
    assert done.returncode == 0, done.stdout
    written = yaml.safe_load(file.read_text())
    assert check(written) == []
    invoices, made = written["invoices"], mapping_config("invoices-to-exact")["invoices"]
    assert invoices["payment_conditions"][-1] == {"payment_term": "Na afspraak", "code": "?"}
    known = {row["payment_term"]: row["code"] for row in made["payment_conditions"]}
    assert {row["payment_term"]: row["code"] for row in invoices["payment_conditions"][:-1]} == known
    by_region = {(row["region"], row.get("tax_category")): row["code"] for row in invoices["vat_codes"]}
    assert by_region.pop(("Caribisch", None)) == "?"
    assert by_region == {(row["region"], row.get("tax_category")): row["code"] for row in made["vat_codes"]}
    items = {(row["billing_code"], row.get("product")): row for row in made["items"]}
    guessed = [row for row in invoices["items"] if "?" not in row.values()]
    assert len(guessed) >= 8
    assert [row for row in guessed if row != items[row["billing_code"], row.get("product")]] == []
    assert project.writes() == []
    again = project.run("transfers", "init", "--output", str(file))
    assert "is there already" in again.stdout
