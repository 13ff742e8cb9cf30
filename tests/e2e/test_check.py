"""The check as a consultant runs it: it names every planted gap and nothing else, and what it suggests works."""

from __future__ import annotations

import json
from typing import Any

import yaml

from sandbox.demo import ROOT, compare
from tests.e2e.project import JOB, Project

CHOSEN = {"invoices.vat_codes": "7", "invoices.payment_conditions": "30"}
"""What a person chooses where the suggestion has a question mark."""


def _check(project: Project, *options: str) -> tuple[int, list[dict[str, Any]]]:
    done = project.run("transfers", "check", JOB, "--json", *options)
    return done.returncode, json.loads(done.stdout[done.stdout.index("[") :])


def _paste(project: Project, gaps: list[dict[str, Any]]) -> None:
    """Put what the check suggests where it says, a person having chosen."""
    settings: dict[str, Any] = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (mapping,) = (row for row in settings["plugins"]["mappers"][0]["mappings"] if row["name"] == "invoices-to-exact")
    tables = {}
    for gap in gaps:
        pasted = yaml.safe_load(gap["paste"] or "null")
        if isinstance(pasted, list):
            table = gap["setting"].removeprefix("invoices.")
            rows = [{k: CHOSEN[gap["setting"]] if v == "?" else v for k, v in row.items()} for row in pasted]
            tables[table] = rows + mapping["config"]["invoices"][table]
        elif pasted:
            project.variables |= {f"TARGET_EXACT_ONLINE_{name}".upper(): value for name, value in pasted.items()}
    project.with_settings(**tables)


def test_the_check_finds_the_planted_gaps_and_its_suggestions_work(project: Project) -> None:
    """Six gaps, no refused call, no write; pasted, they leave only what a person has to correct in a system."""
    code, (report,) = _check(project)
    assert code == 1
    assert report["complete"]
    assert report["findings"] == []
    found = {(gap["field"], gap["values"][0]) for gap in report["gaps"]}
    assert found == {
        ("customer.code", "D10001"),
        ("customer.code", "D10002"),
        ("lines.vat_code", "region: Caribisch, tax_category: Hoog, rate: 0"),
        ("payment_condition", "payment_term: Na afspraak"),
        ("lines.item", "HW-1023"),
        *((gap["field"], gap["values"][0]) for gap in report["gaps"] if gap["field"].startswith("totals.")),
    }
    assert len(report["gaps"]) == 6
    assert [gap["documents"] for gap in report["gaps"]] == [1] * 6
    calls = project.sandbox.calls("exact_online")
    assert [call for call in calls if call["status"] not in (200, 201)] == []
    assert project.writes() == []
    _paste(project, report["gaps"])
    project.meltano_run()
    _, wrong, absent = compare(project.sandbox.state("autotask")["Invoices"], project.booked())
    assert wrong == []
    code, (after,) = _check(project, "--new")
    assert {(gap["field"].partition(".")[0], gap["documents"]) for gap in after["gaps"]} == {
        ("lines", 1),
        ("totals", 1),
    }
    assert len(absent) == 3  # those two, and the voided one


def test_what_cannot_begin_says_why(project: Project) -> None:
    """An unknown job, and settings that the mapper refuses, end with what Meltano and the plugin said."""
    done = project.run("transfers", "check", "nothing")
    assert done.returncode == 1
    assert "nothing" in done.stdout
    project.with_settings(form="letter")
    done = project.run("transfers", "check", JOB)
    assert done.returncode == 1
    assert "invoices.form" in done.stdout
