"""Accounts and companies kept in step by both jobs, one after the other, with people editing on both sides."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.pipeline.running import Jobs, jobs
from transfer_ledger.ledger import Ledger
from transfer_ledger.parties.deciding import Office, the_sides
from transfer_ledger.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Sandbox

JOBS = ("accounts-to-exact-online", "accounts-to-autotask")
ROUNDS = 5
EDITS = 6
"""On each side in each round; each of another company."""
MOST_CALLS = 6
"""That a run may cost at either side when nothing changed."""

IN_EXACT = {"phone": "Phone", "city": "City", "website": "Website", "name": "Name"}
IN_AUTOTASK = {"phone": "phone", "city": "city", "website": "webAddress", "name": "companyName"}


class Both:
    """Both systems and both jobs."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs, self.sandbox = jobs, jobs.sandbox
        self.chance = random.Random(20261128)

    def run(self, job: str, code: int | None = 0) -> Counter[str]:
        """Run a job; return its calls by system, and its writes as ``exact_online writes``."""
        self.sandbox.clear_calls()
        ended = self.jobs.run(job)
        assert code in (None, ended)
        calls = self.sandbox.calls()
        counts = Counter(call["system"] for call in calls if not call["path"].endswith("/token"))
        writes = [call for call in calls if call["method"] in {"PUT", "PATCH", "DELETE"} or _creates(call)]
        return counts + Counter(f"{call['system']} writes" for call in writes)

    def links(self) -> dict[int, str]:
        """Return the account of each linked company."""
        ledger = Ledger.open(self.jobs.files["ledger_url"])
        found = ledger.links("exact_online/1234567", "accounts").values()
        ledger.close()
        return {int(link.source_id): link.receiver_id for link in found}

    def decide_the_rest(self) -> None:
        """Confirm what a person would: the candidate with the company's own code; create what has none."""
        ledger = Ledger.open(self.jobs.files["ledger_url"])
        office = Office(ledger, the_sides(ledger, None), Person("anna"))
        linked = {link.source_id for link in office.links if link.state == "confirmed"}
        accounts = {party.code: party.id for party in office.accounts.values()}
        for company in office.companies.values():
            if company.id not in linked and company.code in accounts:
                office.decide("confirm", company.id, accounts[company.code])
            elif company.id not in linked:
                office.allow(company.id)
        ledger.close()

    def edit(self, round_number: int) -> None:
        """Change a field of some linked companies in Autotask, and of other ones in Exact."""
        pairs = sorted(self.links().items())
        chosen = self.chance.sample(pairs, 2 * EDITS)
        for number, (company, account) in enumerate(chosen):
            field = self.chance.choice(sorted(IN_EXACT))
            value = _value(field, round_number, number)
            if number < EDITS:
                self.sandbox.put_row("autotask", "Companies", {"id": company, IN_AUTOTASK[field]: value})
            else:
                self.sandbox.put_row("exact_online", "Accounts", {"ID": account, IN_EXACT[field]: value})

    def differences(self) -> Iterator[str]:
        """Yield each field in which a linked pair is not the same."""
        companies = {row["id"]: row for row in self.sandbox.state("autotask")["Companies"]}
        accounts = {row["ID"]: row for row in self.sandbox.state("exact_online")["Accounts"]}
        for company, account in self.links().items():
            for field, here in IN_AUTOTASK.items():
                ours, theirs = companies[company][here] or "", accounts[account][IN_EXACT[field]] or ""
                if _plain(field, ours) != _plain(field, theirs):
                    yield f"{companies[company]['companyNumber']} {field}: {ours!r} and {theirs!r}"


def _creates(call: dict[str, Any]) -> bool:
    return call["method"] == "POST" and not call["path"].endswith(("/query", "/token", "/query/count"))


def _value(field: str, round_number: int, number: int) -> str:
    return {
        "phone": f"+3130555{round_number}{number:03}",
        "city": f"Plaats {round_number}-{number}",
        "website": f"https://www.nieuw-{round_number}-{number}.example",
        "name": f"Hernoemd {round_number}-{number} B.V.",
    }[field]


def _plain(field: str, value: str) -> str:
    if field == "website":
        return value.removeprefix("https://").removeprefix("http://").rstrip("/").casefold()
    if field == "phone":
        return "".join(character for character in value if character.isdigit())[-9:]
    return value.strip()


@pytest.fixture
def both(sandbox: Sandbox, tmp_path: Path) -> Both:
    """All customers linked, as a person would have it after the first day."""
    sandbox.reset(companies=60, invoices=0, exact_online={"minute_limit": 10_000})
    both = Both(jobs(sandbox, tmp_path, **{"target-exact-online--accounts": {"prospects": "promote"}}))
    both.run(JOBS[0], code=1)
    both.decide_the_rest()
    for job in (*JOBS, *JOBS):
        both.run(job)
    return both


def test_five_rounds_of_edits_on_both_sides_end_in_the_same_data(both: Both) -> None:
    """Whatever is edited on one side reaches the other, no edit is lost or echoed, and then nothing is written."""
    assert list(both.differences()) == []
    for round_number in range(ROUNDS):
        both.edit(round_number)
        both.sandbox.clock(seconds=3600)
        there, back = (both.run(job) for job in JOBS)
        assert there["exact_online writes"] == EDITS
        assert back["autotask writes"] == EDITS
        assert list(both.differences()) == []
    for job in JOBS:
        counts = both.run(job)
        assert (counts["exact_online writes"], counts["autotask writes"]) == (0, 0)
    for job in JOBS:
        counts = both.run(job)
        assert max(counts["autotask"], counts["exact_online"]) <= MOST_CALLS, counts
