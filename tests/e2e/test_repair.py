"""What failed is read again by its key, under the settings of that day, and nothing else is touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.demo import compare
from tests.e2e.project import mapping_config

if TYPE_CHECKING:
    from tests.e2e.project import Project

STATE_ID = "sandbox:tap-autotask--invoices-to-target-exact-online--invoices"


def _bookmark(project: Project) -> dict[str, Any]:
    state = project.run("meltano", "--log-level", "error", "state", "get", STATE_ID).stdout
    bookmark: dict[str, Any] = json.loads(state[state.index("{") :])["singer_state"]["bookmarks"]["expanded_invoices"]
    return bookmark


def _absent(project: Project) -> set[str]:
    _, wrong, absent = compare(project.sandbox.state("autotask")["Invoices"], project.booked())
    assert wrong == []
    return set(absent)


def test_a_changed_setting_writes_only_what_it_repairs(project: Project) -> None:
    """After two rows are added to the tables, the next run writes the two invoices that lacked them, and no other."""
    project.meltano_run()
    before, state = _absent(project), _bookmark(project)
    assert state["replication_key_value"] == max(row["id"] for row in project.sandbox.state("autotask")["Invoices"])
    assert len(state["open"]) == len(before) - 1  # the voided one is settled
    tables = mapping_config("invoices-to-exact")["invoices"]
    project.with_settings(
        vat_codes=[*tables["vat_codes"], {"region": "Caribisch", "rate": 0, "code": "7"}],
        payment_conditions=[*tables["payment_conditions"], {"payment_term": "Na afspraak", "code": "30"}],
    )
    project.sandbox.clear_calls()
    project.meltano_run()
    repaired = before - _absent(project)
    assert len(repaired) == 2
    assert len(project.writes()) == 2
    looks = [call for call in project.sandbox.calls("exact_online") if "SalesInvoices" in call["path"]]
    assert [call["method"] for call in looks] == ["POST", "POST"]
    assert len(_bookmark(project)["open"]) == len(state["open"]) - 2
