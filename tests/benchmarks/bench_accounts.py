"""What keeping a whole administration in step costs in calls, both ways, at the size of the issue.

Run it with ``.venv/bin/python -m pytest tests/benchmarks/bench_accounts.py``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.pipeline.running import jobs
from tests.pipeline.test_accounts_both_ways import JOBS, MOST_CALLS, Both
from transfer_ledger.ledger import Ledger
from transfer_ledger.links.store import ACCOUNTS, Link
from transfer_ledger.parties.book import AUTOTASK, made
from transfer_ledger.parties.deciding import Office, the_sides
from transfer_ledger.people import Person

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.conftest import Sandbox

COMPANIES = 1_500
CHANGED = 100
FOR_OPEN = 1
"""Call by which the few documents that the seed makes fail are read again, with what belongs to them."""
UNFIT = 5
"""So few of those chosen are refused for another reason, which the seed has planted."""
OTHER_CALLS = 10
"""That 100 changed accounts may cost beside their writes, on the side that is written."""


def test_accounts(sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unchanged pairs cost a handful of calls at either side, changed ones a write each and a handful more."""
    sandbox.reset(companies=COMPANIES, invoices=0, exact_online={"limits": False}, autotask={"threshold": 10_000_000})
    both = Both(jobs(sandbox, tmp_path, **{"target-exact-online--accounts": {"prospects": "promote"}}))
    both.run(JOBS[0], code=None)
    _link_by_code(both.jobs.files["ledger_url"])
    for job in (*JOBS, *JOBS):
        both.run(job, code=None)
    unchanged = [both.run(job, code=None) for job in JOBS]
    pairs = _edit(both)
    changed = [both.run(job, code=None) for job in JOBS]
    with capsys.disabled():
        print(f"\n{pairs:,} linked pairs; unchanged, there and back: {list(map(dict, unchanged))}")  # noqa: T201
        print(f"{CHANGED} changed on each side: {list(map(dict, changed))}")  # noqa: T201
    for counts in unchanged:
        assert max(counts["autotask"], counts["exact_online"]) <= MOST_CALLS + FOR_OPEN
        assert counts["autotask writes"] + counts["exact_online writes"] == 0
    for counts, system in zip(changed, ("exact_online", "autotask"), strict=True):
        writes = counts[f"{system} writes"]
        assert CHANGED - UNFIT <= writes <= CHANGED
        assert counts[system] - writes <= OTHER_CALLS


def _edit(both: Both) -> int:
    """Change telephone numbers on both sides, each of another pair; return how many pairs there are."""
    pairs = sorted(both.links().items())
    for number, (company, _) in enumerate(pairs[:CHANGED]):
        both.sandbox.put_row("autotask", "Companies", {"id": company, "phone": f"+3130777{number:04}"})
    for number, (_, account) in enumerate(pairs[-CHANGED:]):
        both.sandbox.put_row("exact_online", "Accounts", {"ID": account, "Phone": f"+3130888{number:04}"})
    both.sandbox.clock(seconds=3600)
    return len(pairs)


def _link_by_code(url: str) -> None:
    """Link every company with the account of its code, and let one be made for each that has none."""
    ledger = Ledger.open(url)
    office = Office(ledger, the_sides(ledger, None), Person("anna"))
    codes = Counter(party.code for party in office.accounts.values())
    accounts = {party.code: party for party in office.accounts.values() if codes[party.code] == 1}
    linked = {link.source_id for link in office.links if link.state == "confirmed"}
    office.store.save(
        made(office.sides.tenant, company, accounts[company.code], "confirmed", ["the same code"])
        for company in office.companies.values()
        if company.id not in linked and company.code in accounts
    )
    linked = {link.source_id for link in office.links if link.state == "confirmed"}
    alone: dict[str, Any] = {
        "kind": ACCOUNTS,
        "source_system": AUTOTASK,
        "source_tenant": office.sides.tenant,
        "state": "new",
    }
    office.store.save(Link(**alone, source_id=key, receiver_id="") for key in office.companies.keys() - linked)
    ledger.close()
