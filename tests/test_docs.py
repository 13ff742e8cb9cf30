"""What the pages say to copy works, and their links lead somewhere."""

from __future__ import annotations

import re
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.test_meltano_yml import PROJECT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "running.md").read_text()
MELTANO = """#!/bin/sh
echo "$@" >> calls
case "$2" in fails) exit 1;; stopped) exit 143;; esac
"""


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def _run(folder: Path, *jobs: str) -> tuple[int, list[str]]:
    """Run the page's script in a folder where `meltano` only notes down how it was called."""
    for path, text in (("run-jobs", _block("sh")), (".venv/bin/meltano", MELTANO)):
        program = folder / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text.replace("/srv/autotask-exact", str(folder)))
        program.chmod(0o700)
    code = subprocess.run([folder / "run-jobs", *jobs], check=False).returncode
    return code, (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(
    ("jobs", "code", "run"),
    [
        (["one", "two"], 0, ["one", "two"]),
        (["fails", "two"], 1, ["fails", "two"]),
        (["fails", "stopped", "two"], 143, ["fails", "stopped"]),
    ],
)
def test_the_script_runs_all_and_says_the_worst(tmp_path: Path, jobs: list[str], code: int, run: list[str]) -> None:
    """A job that fails stops no other, one that is stopped does, and the mail gets the worst code once."""
    assert _run(tmp_path, *jobs) == (
        code,
        [*(f"run {job}" for job in run), f"invoke transfers:mail --exit-code {code}"],
    )
    assert stat.S_IMODE((tmp_path / "run.log").stat().st_mode) == 0o600


def test_the_crontab_has_every_job_and_parties_before_what_needs_them() -> None:
    """All eight jobs are there once, in lines that cron takes, and no line has an invoice before its customer."""
    lines = [line.split() for line in _block("cron").splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\d,*/-]+", field) for line in lines for field in line[:5])
    jobs = [job for line in lines for job in line[6:]]
    assert sorted(jobs) == sorted(job["name"] for job in PROJECT["jobs"])
    for line in lines:
        parties = [index for index, job in enumerate(line) if job.startswith("accounts-")]
        papers = [index for index, job in enumerate(line) if job.startswith(("invoices-", "purchases-"))]
        assert not parties or not papers or max(parties) < min(papers)


def test_every_job_has_a_schedule() -> None:
    """An orchestrator finds all jobs, accounts before the invoices of the same system."""
    when = {entry["job"]: entry["interval"].split() for entry in PROJECT["schedules"]}
    assert sorted(when) == sorted(job["name"] for job in PROJECT["jobs"])
    for system in ("exact-online", "exact-globe"):
        first, then = (
            [int(field) for field in when[f"{kind}-to-{system}"][1::-1]] for kind in ("accounts", "invoices")
        )
        assert first < then


def test_the_readme_lists_every_job() -> None:
    """The table of jobs is that of meltano.yml."""
    table = re.findall(r"^\| `([\w-]+)` \| \w", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(table) == sorted(job["name"] for job in PROJECT["jobs"])


def _anchors(page: Path) -> set[str]:
    """Return the names by which links reach the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_between_pages_lead_somewhere() -> None:
    """Every file and every heading that a page leads to is there."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("*/*/README.md")]
    lost = []
    for page in pages:
        for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
            file, _, anchor = link.partition("#")
            to = page.parent / file if file else page
            if not to.exists() or (anchor and anchor not in _anchors(to)):
                lost.append(f"{page.relative_to(ROOT)}: {link}")
    assert len(pages) > 15
    assert lost == []
