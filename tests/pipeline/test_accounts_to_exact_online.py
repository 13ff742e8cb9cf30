"""Companies become accounts: linked, created, and kept in step by the least of writes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.pipeline.running import jobs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.conftest import Sandbox

JOB = "accounts-to-exact-online"
SUPPLIER = 7


def _accounts(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """Return the accounts by their codes."""
    return {row["Code"].strip(): row for row in sandbox.state("exact_online")["Accounts"]}


def _companies(sandbox: Sandbox, **values: Any) -> list[dict[str, Any]]:
    rows = sandbox.state("autotask")["Companies"]
    return [row for row in rows if row["id"] and all(row[name] == value for name, value in values.items())]


def _wrote(sandbox: Sandbox) -> Counter[str]:
    found = Counter(
        f"{call['method']} {call['path'].partition('(')[0].rpartition('/')[2]}"
        for call in sandbox.calls("exact_online")
        if call["method"] != "GET" and "/oauth2/" not in call["path"]
    )
    sandbox.clear_calls()
    return found


def test_companies_and_accounts_are_kept_in_step(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first run links and creates, the next writes what was edited in one call, the next after it nothing."""
    sandbox.reset(exact_online={"minute_limit": 10_000})
    job = jobs(sandbox, tmp_path)
    job.run(JOB)
    assert _wrote(sandbox)["POST Accounts"] == 1
    (absent,) = _companies(sandbox, companyNumber="D10001")
    made = _accounts(sandbox)["D10001"]
    assert (made["Name"], made["Status"], made["VATNumber"]) == (absent["companyName"], "C", absent["taxID"])
    sandbox.put_row("autotask", "Companies", {"id": absent["id"], "city": "Delft", "phone": "015 212 3456"})
    caplog.set_level("INFO")
    assert job.run(JOB) == 1
    assert _wrote(sandbox) == {"PUT Accounts": 1}
    made = _accounts(sandbox)["D10001"]
    assert (made["City"], made["Phone"]) == ("Delft", "+31152123456")
    assert "is a prospect and would become a customer" in caplog.text
    suppliers = {code for code, row in _accounts(sandbox).items() if row["IsSupplier"]}
    assert suppliers == {row["companyNumber"] for row in _companies(sandbox, companyType=SUPPLIER)}
    job.run(JOB)
    assert _wrote(sandbox) == {}
