"""Companies to Exact Globe as its users run it; tests/pipeline judges what arrives over either route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pipeline.running import going_on

if TYPE_CHECKING:
    from tests.e2e.project import Project

JOB = "accounts-to-exact-globe"


def test_companies_become_accounts_once(project: Project) -> None:
    """The companies of the seed are accounts, none twice; a run with nothing new writes nothing."""
    project.reset(companies=40, invoices=5)
    first = project.meltano_run(JOB)
    held = project.sandbox.state("exact_globe")["Account"]
    codes = [row["AccountCode"].strip() for row in held]
    assert len(codes) == len(set(codes)) >= 35, first.stdout
    assert "refused it" not in project.run("transfers", "log", "--state", "open", "--limit", "0").stdout
    project.sandbox.clear_calls()
    going_on(project, JOB).run(JOB)
    calls = project.sandbox.calls("exact_globe")
    assert [call["path"] for call in calls if call["method"] != "GET" and call["status"] != 401] == []
