"""What a dry run finds at Autotask before anything is sent, with documents and without."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from target_autotask.target import check_command
from tests.target_autotask.yard import company
from transfer_ledger.gaps import report_of
from transfer_ledger.rehearsal import lines_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_autotask.loading import Dock
    from tests.target_autotask.tills import Till
    from tests.target_autotask.yard import Yard
    from transfer_ledger.gaps import Report


@pytest.fixture
def checked(dock: Dock, tmp_path: Path) -> Any:
    """Return the program, over a sandbox and a ledger that is not there yet."""

    def run(*options: str, **settings: Any) -> tuple[int, str, list[str]]:
        path = tmp_path / "settings.json"
        path.write_text(json.dumps(dock.settings(ledger_url=f"sqlite:///{tmp_path / 'none.db'}", **settings)))
        dock.sandbox.clear_calls()
        done = CliRunner().invoke(check_command, ["--config", str(path), *options])
        return done.exit_code, done.output, [f"{call['method']} {call['status']}" for call in dock.sandbox.calls()]

    return run


def report(path: Path) -> Report:
    with path.open("rb") as lines:
        return report_of(lines_of(lines))


def test_all_is_well(checked: Any) -> None:
    """It tells the tenant and the hour's calls, no call is refused and nothing is written."""
    code, said, calls = checked()
    assert (code, "Nothing is in the way." in said, "tenant 123456" in said) == (0, True, True)
    assert "of 10,000 calls of this hour are used" in said
    assert {call.split()[1] for call in calls} == {"200"}
    assert not any(call.startswith(("PATCH", "PUT", "DELETE")) for call in calls)


def test_every_right_that_lacks_is_told_at_once(checked: Any, dock: Dock) -> None:
    """What may not be seen, changed or created is told in one run, with the stream that needs it; none is tried."""
    dock.sandbox.reset(autotask={"forbidden": ["Invoices", "Contacts"], "forbidden_metadata": "told"})
    code, said, calls = checked()
    assert code == 1
    for entity, done in (("Invoices", "changed"), ("Contacts", "created"), ("Contacts", "seen")):
        assert f"{entity} may not be {done} by the API user" in said
    assert "invoice_payments needs it: extend the security level" in said
    assert "Companies may not" not in said
    assert {call.split()[1] for call in calls} == {"200"}


@pytest.mark.parametrize("levels", ["names", "numbers"])
def test_only_what_a_stream_needs_is_looked_at(checked: Any, dock: Dock, levels: str) -> None:
    """Who sends payments only is not told of rights for companies, and the other way round."""
    dock.sandbox.reset(autotask={"forbidden": ["Contacts"], "access_levels": levels, "forbidden_metadata": "told"})
    assert checked("--stream", "invoice_payments")[0] == 0
    code, said, _ = checked("--stream", "companies")
    assert (code, "Contacts may not be changed" in said) == (1, True)


def test_metadata_that_is_refused_is_a_right_that_lacks(checked: Any, dock: Dock) -> None:
    """Where Autotask does not even tell about an entity, that is one finding for it, in Autotask's words."""
    dock.sandbox.reset(autotask={"forbidden": ["Invoices"]})
    code, said, _ = checked()
    assert code == 1
    assert "Invoices/entityInformation" in said
    assert "adequate permissions" in said
    assert "2. " not in said


def test_what_metadata_does_not_tell_is_found_by_reading(checked: Any, dock: Dock) -> None:
    """A right that lacks though the metadata says otherwise shows in Autotask's own words."""
    body = {"errors": ["The logged in Resource does not have the adequate permissions to query this entity type."]}
    dock.sandbox.fault(system="autotask", method="POST", path="Companies/query", kind="error", status=500,
                       body=json.dumps(body), times=9)  # fmt: skip
    code, said, _ = checked("--stream", "companies")
    assert code == 1
    assert "adequate permissions to query this entity type" in said


def test_rows_that_may_be_hidden_are_told(checked: Any, dock: Dock) -> None:
    """Where the user sees some rows only nothing is in the way, and the danger is told."""
    dock.sandbox.reset(autotask={"restricted": ["Companies"]})
    code, said, _ = checked("--stream", "invoice_payments")
    assert code == 0
    assert "not all Companies can be seen: what is hidden is taken for not being there" in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"secret": "wrong"}, "secret"),
        ({"api_url": "http://127.0.0.1:9/none", "max_retries": 0}, "no answer from 127.0.0.1:9"),
    ],
)
def test_who_is_not_let_in_is_one_finding(checked: Any, settings: dict[str, Any], said: str) -> None:
    """A secret or an address that is wrong is told once, and the secret is not."""
    code, output, _ = checked(**settings)
    assert code == 1
    assert said in output
    assert "2. " not in output
    assert "wrong" not in output
    assert "SANDBOXINTEGRATIONCODE" not in output


def test_a_dry_run_of_companies_looks_at_their_rights(yard: Yard, tmp_path: Path) -> None:
    """With documents the rights for these are looked at, and what would be created is told."""
    file = tmp_path / "rehearsal.jsonl"
    yard.offer(company("7"), dry_run=True, dry_run_file=str(file))
    told = report(file)
    assert (told.outcomes, told.gaps) == ({"would be transferred": 1}, [])
    assert "tenant 123456" in told.facts


def test_a_dry_run_of_payments_does_not_ask_for_contacts(till: Till, tmp_path: Path) -> None:
    """The right to contacts lacks, and no payment needs it."""
    till.dock.sandbox.reset(autotask={"forbidden": ["Contacts"]})
    row = till.invoices()[0]
    till.sent([row])
    file = tmp_path / "rehearsal.jsonl"
    till.offer(till.payment(row), dry_run=True, dry_run_file=str(file))
    assert report(file).gaps == []
