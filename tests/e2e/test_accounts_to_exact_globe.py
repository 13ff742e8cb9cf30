"""Companies to Exact Globe as its users run it: over both routes the same accounts, each once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo import environment
from tests.e2e.project import Project
from tests.e2e.test_invoices_to_exact_globe import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox

JOB = "accounts-to-exact-globe"
SAME = (
    *("AccountName", "CustomerType", "CustomerStatus", "DebtorNumber", "CreditorNumber", "PhoneNumber", "EmailAddress"),
    *("WebAddress", "VATNumber", "ChamberofCommerceNumber", "PaymentCondition", "CurrencyCode", "ContactLastName"),
    *("ContactFirstName", "ContactLanguage", "MailingAddress1", "MailingPostcode", "MailingCity", "MailingCountry"),
    *("InvoiceAddress", "InvoiceCity", "InvoiceCountry"),
)
FILES = {
    "TARGET_EXACT_GLOBE_ROUTE": "xml",
    "TARGET_EXACT_GLOBE_IMPORT_COMMAND": json.dumps(COMMAND),
}


def _accounts(sandbox: Sandbox, folder: Path, runs: int, **variables: str) -> tuple[dict[str, Any], str]:
    """Run the job on the seed; return the accounts by code, and what is still open."""
    folder.mkdir()
    project = Project(sandbox, folder, environment(sandbox.url, folder))
    project.reset(companies=40, invoices=5)
    project.variables |= {"GLOBE_SANDBOX_URL": sandbox.url, "TARGET_EXACT_GLOBE_XML_FOLDER": str(folder / "drop")}
    for _ in range(runs):
        project.meltano_run(JOB, **variables)
    held = sandbox.state("exact_globe")["Account"]
    found = {row["AccountCode"].strip(): {name: row.get(name) for name in SAME} for row in held}
    assert len(found) == len(held)
    return found, project.run("transfers", "log", "--state", "open", "--limit", "0").stdout


@pytest.mark.xdist_group("globe")
def test_both_routes_end_in_the_same(sandbox: Sandbox, tmp_path: Path) -> None:
    """Every company of the seed that may be written is one account, the same over services and files."""
    services, opened = _accounts(sandbox, tmp_path / "services", 1)
    files, waiting = _accounts(sandbox, tmp_path / "files", 2, **FILES)
    assert len(services) >= 35
    different = {code: (services.get(code), files.get(code)) for code in services if services[code] != files.get(code)}
    assert different == {}
    assert services.keys() == files.keys()
    assert "refused it" not in opened + waiting
