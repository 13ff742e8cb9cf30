from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml
from click.testing import CliRunner

from mapper_autotask_exact.explain import explain, main, text
from tests.golden.cases import FOLDER, cases
from tests.mapper_autotask_exact.records import ROUNDING, config, line, record, settings

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

encoder = msgspec.json.Encoder(decimal_format="number")


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """The command, with the least settings in a YAML file."""
    path = tmp_path / "settings.yml"
    path.write_text(yaml.safe_dump(config()))

    def command(*arguments: str, data: bytes = b"", file: Path = path) -> Result:
        return CliRunner().invoke(main, ["--config", str(file), *arguments], input=data)

    return command


def test_every_field_tells_its_row() -> None:
    """Per field and line the text names the row that counts and what it asks."""
    told = text(explain(record(), settings(form=[{"country": "NL", "form": "sales_order"}])))
    assert "invoice 10850 for Voorbeeld BV: 142.50 net + 29.93 VAT = 172.43 EUR" in told
    assert "form: sales_order  <- invoices.form[0]  {country: NL}" in told
    assert "vat_code: 2, 21 %  <- invoices.vat_codes[0]  {region: NL, tax_category: Hoog, rate: 21}" in told
    assert "item: ARBEID, 8000  <- invoices.items[1]" in told
    assert told.endswith("It can be transferred.")


def test_where_no_row_fits_the_nearest_are_told() -> None:
    """When none fits, the text says why the nearest rows do not, and the problem with its setting."""
    told = text(explain(record(taxRegionName="Caribisch"), settings()))
    assert "vat_code: no row of invoices.vat_codes fits {region: Caribisch, tax_category: Hoog, rate: 21}" in told
    assert "invoices.vat_codes[0]: region is Caribisch, not NL" in told
    assert "and 1 more" in told
    assert "It cannot be transferred:" in told
    assert "[invoices.vat_codes]" in told


def test_the_text_tells_of_skips_voids_and_rounding() -> None:
    """What is skipped, voided or rounded is said in so many words."""
    assert "It is skipped: left out by invoices.skip[0]." in text(explain(record(), settings(skip=[{"number": "1*"}])))
    assert "It is voided in Autotask" in text(explain(record(isVoided=True), settings()))
    rounded = explain(record(line(), invoiceTotal=142.52), settings(rounding=ROUNDING))
    assert "added so that the totals agree (invoices.rounding)" in text(rounded)


def test_the_json_tells_all() -> None:
    """The JSON holds the document, every answer, and every row that does not fit."""
    explanation = explain(record(taxRegionName="Caribisch"), settings())
    found = json.loads(encoder.encode(explanation))
    assert found["document"]["number"] == "10850"
    (answer,) = (answer for answer in found["answers"] if answer["field"] == "vat_code")
    assert (answer["line"], answer["row"]) == ("1", None)
    assert {miss["path"] for miss in answer["misses"]} == {f"invoices.vat_codes[{row}]" for row in (0, 1, 2, 3)}
    assert answer["misses"][0]["failed"] == [["region", "NL", "Caribisch"]]


@pytest.mark.parametrize(
    "data",
    [
        encoder.encode(record()),
        encoder.encode([record()]),
        b"\n".join(
            encoder.encode(message)
            for message in (
                {"type": "SCHEMA", "stream": "expanded_invoices", "schema": {}, "key_properties": []},
                {"type": "RECORD", "stream": "companies", "record": {"id": 3}},
                {"type": "RECORD", "stream": "expanded_invoices", "record": record()},
                {"type": "STATE", "value": {}},
            )
        ),
        msgspec.json.format(encoder.encode(record())),
    ],
)
def test_it_reads_records_and_singer_lines(run: Any, data: bytes) -> None:
    """A record, a list of them, or the lines of a tap are all accepted."""
    result = run(data=data)
    assert result.exit_code == 0
    assert result.output.count("invoice 10850 for") == 1
    assert json.loads(run("--json", data=data).output)[0]["document"]["number"] == "10850"


def test_one_invoice_can_be_chosen(run: Any) -> None:
    """With a number only that invoice is explained, and a number that is not there is an error."""
    data = encoder.encode([record(), record(id=2, invoiceNumber="10851")])
    assert "10851" not in run("--number", "10850", data=data).output
    absent = run("--number", "7", data=data)
    assert absent.exit_code == 1
    assert "there is no such invoice in the input" in absent.output


def test_a_file_of_a_golden_case_can_be_explained(run: Any) -> None:
    """The records and settings of the golden cases are what the command reads."""
    (plain,) = (case for case in cases() if case.folder.name == "plain")
    result = run(str(plain.folder / "record.json"), file=FOLDER / "settings.yml")
    assert "item: ARBEID, 8000  <- invoices.items[3]  {billing_code: Werkzaamheden}" in result.output


def test_settings_can_stand_in_a_meltano_project(run: Any, tmp_path: Path) -> None:
    """The tables are found in meltano.yml; of several mappings one must be named."""
    path, data = tmp_path / "meltano.yml", encoder.encode(record())
    mappings = [{"name": "to-exact", "config": config()}]
    path.write_text(yaml.safe_dump({"plugins": {"mappers": [{"name": "m", "mappings": mappings}]}}))
    assert run(data=data, file=path).exit_code == 0
    mappings.append({"name": "other", "config": {}})
    path.write_text(yaml.safe_dump({"plugins": {"mappers": [{"name": "m", "mappings": mappings}]}}))
    assert "name one of the mappings with --mapping: to-exact, other" in run(data=data, file=path).output
    assert run("--mapping", "to-exact", data=data, file=path).exit_code == 0


def test_mistakes_are_said_plainly(run: Any, tmp_path: Path) -> None:
    """Bad settings and bad input end with one message and exit code 1."""
    path = tmp_path / "bad.yml"
    path.write_text(yaml.safe_dump(config(form="x")))
    bad_settings, bad_input = run(data=b"{}", file=path), run(data=b"{nonsense")
    assert (bad_settings.exit_code, bad_input.exit_code) == (1, 1)
    assert 'invoices.form: "x" is none of sales_invoice' in bad_settings.output
    assert "the input is not JSON" in bad_input.output
