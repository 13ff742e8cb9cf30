from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml
from click.testing import CliRunner, Result

from tests.golden.cases import base_settings, cases
from tests.transfer_ledger.remote import Remote, invoice, protocol_for
from transfer_ledger.cli import main
from transfer_ledger.documents import SalesInvoice
from transfer_ledger.explanation import row_at
from transfer_ledger.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from tests.transfer_ledger.conftest import Clock

SETTINGS = base_settings()


def golden(name: str) -> SalesInvoice:
    (document,) = (case.document for case in cases() if case.folder.name == name)
    assert isinstance(document, SalesInvoice)
    return document


@pytest.fixture
def filled(new_sqlite: Any, clock: Clock) -> str:
    """A ledger with a transferred and a failed document of the golden cases, and two of one number."""
    url: str = new_sqlite()
    ledger = Ledger.open(url, clock)
    protocol = protocol_for(ledger, Remote())
    for name in ("plain", "vat_row_missing"):
        protocol.offer(golden(name))
    for source_id in (1, 2):
        protocol.offer(msgspec.structs.replace(invoice(source_id), number="77"))
    ledger.close()
    return url


def explain(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", "--ledger", url, *arguments])


def written(folder: Path, settings: dict[str, Any]) -> str:
    path = folder / "settings.yml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    return str(path)


def test_each_field_names_its_row(filled: str, tmp_path: Path) -> None:
    """Header and lines tell what they hold, by which row, and the row itself as it stands in the settings."""
    shown = explain(filled, golden("plain").number, "--settings", written(tmp_path, SETTINGS)).output
    document = golden("plain")
    rows = {**document.rules, **document.lines[0].rules}
    assert {"vat_code", "item", "description", "payment_condition", "journal"} <= rows.keys()
    for field, rule in rows.items():
        line = next(line for line in shown.splitlines() if line.strip().startswith(f"{field}: ") and rule in line)
        asked = row_at(SETTINGS, rule) if "[" in rule and not rule.startswith("invoices.line_texts") else None
        assert asked is None or all(str(name) in line for name in asked), line
    assert "was changed since" not in shown
    assert "item: ARBEID, 8000  <- invoices.items[3]  {billing_code: Werkzaamheden" in shown


def test_a_row_that_changed_since_says_so(filled: str, tmp_path: Path) -> None:
    """What a row gives today beside what it gave, and that a row is gone, is told instead of passed over."""
    settings = deepcopy(SETTINGS)
    document = golden("plain")
    row = row_at(settings, document.lines[0].rules["vat_code"])
    row["code"] = "9"
    del settings["invoices"]["payment_conditions"]
    shown = explain(filled, document.number, "--settings", written(tmp_path, settings)).output
    assert f"The row was changed since: it gives 9, not {document.lines[0].vat_code}." in shown
    assert "The settings have no such row any more." in shown


def test_without_settings_the_paths_are_told(filled: str) -> None:
    """The ledger alone knows which row it was; a failed document tells why, what to do, and its history."""
    shown = explain(filled, golden("vat_row_missing").number).output
    assert "payment_condition: 14  <- invoices.payment_conditions[1]\n" in shown
    assert "no row of invoices.vat_codes fits {region: Caribisch, tax_category: Hoog, rate: 0}" in shown
    assert "failed" in shown.splitlines()[0]
    assert "failed: " in shown.splitlines()[-1]


@pytest.mark.parametrize("asked", ["77", "2026-0001", "2", "autotask/1/expanded_invoices/1"])
def test_a_document_is_found_by_what_people_have_at_hand(filled: str, asked: str) -> None:
    """By number, reference, id or whole key; when several have it, each is told."""
    found = explain(filled, asked)
    assert found.exit_code == 0, found.output
    assert found.output.count("sales_invoices 77 to 1234567: transferred as") == (2 if asked == "77" else 1)


def test_json_holds_all_of_it(filled: str, tmp_path: Path) -> None:
    """With --json a program gets the rows, the problems and the history."""
    number = golden("vat_row_missing").number
    found = json.loads(explain(filled, number, "--json", "--settings", written(tmp_path, SETTINGS)).output)
    (told,) = found
    assert told["problems"][0]["setting"] == "invoices.vat_codes"
    assert [event["event"] for event in told["events"]] == ["failed"]
    (journal,) = (answer for answer in told["answers"] if answer["field"] == "journal")
    assert journal["row"] == {"journal": "70"}


def test_what_is_not_there_is_an_error(filled: str, tmp_path: Path) -> None:
    """An unknown document, a mapping that is not there and a file that is no settings end with a message."""
    assert "holds no transfer '88'" in explain(filled, "88").output
    project = {"plugins": {"mappers": [{"mappings": [{"name": "one", "config": {}}, {"name": "two", "config": {}}]}]}}
    file = written(tmp_path, project)
    assert "name one of the mappings with --mapping: one, two" in explain(filled, "77", "--settings", file).output
    assert explain(filled, "77", "--settings", file, "--mapping", "two").exit_code == 0
    (tmp_path / "settings.yml").write_text("{")
    assert "is no YAML" in explain(filled, "77", "--settings", file).output
