"""No account, contact or bank account twice: under lost answers, kills at any write, and two runs at once."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_online.papers import singer
from tests.target_exact_online.registry import account, belonging, company, writes

if TYPE_CHECKING:
    from tests.target_exact_online.papers import Office
    from transfer_ledger.documents import Account

FAULTS: dict[str, dict[str, Any]] = {
    "answer lost": {"kind": "drop_after_commit"},
    "error after commit": {"kind": "error_after_commit", "status": 500, "body": ""},
    "cut off": {"kind": "truncate"},
    "never done": {"kind": "drop"},
}
MORTAL = """
import json, os, sys
from tap_exact_online.client import Client
from target_exact_online.target import TargetExactOnline

config, nth, moment = json.loads(sys.argv[1])
count = 0

def deadly(method):
    def write(client, *arguments):
        global count
        count += 1
        if (count, moment) == (nth, "before"):
            os._exit(9)
        answer = method(client, *arguments)
        if count == nth:
            os._exit(9)
        return answer
    return write

Client.create, Client.update = deadly(Client.create), deadly(Client.update)
TargetExactOnline(config=config).listen(sys.stdin.buffer)
"""


def by_exact(number: int) -> Account:
    """Return a company whose code Exact gives."""
    document = company(number, code=None, code_rule="receiver")
    del document.fields_won_by["code"]
    return document


def _assert_once(office: Office, *names: str) -> None:
    """There is one account of each name, with one contact that is its main one and one bank account."""
    for name in names:
        (row,) = (row for row in office.held("Accounts") if row["Name"] == name)
        (contact,) = belonging(office, "Contacts", row["ID"])
        assert row["MainContact"] == contact["ID"]
        assert len(belonging(office, "BankAccounts", row["ID"])) == 1


@pytest.mark.parametrize("path", ["crm/Accounts", "crm/Contacts", "crm/BankAccounts"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_whatever_happens_to_an_answer(office: Office, path: str, fault: dict[str, Any]) -> None:
    """After a lost answer of any of the writes, a rerun finds what there is and writes what is missing."""
    documents = [company(1), by_exact(2)]
    office.sandbox.fault(system="exact_online", method="POST", path=path, nth=2, **fault)
    office.run(*documents)
    assert office.run(*documents) == 0
    _assert_once(office, *(document.name for document in documents))
    writes(office)
    assert office.run(*documents) == 0
    assert writes(office) == []


@pytest.mark.parametrize(("nth", "moment"), [(1, "before"), (1, "after"), (2, "after"), (4, "after")])
def test_killed_at_any_write(office: Office, nth: int, moment: str) -> None:
    """A target that dies just before or after one of the four writes of a company leaves work for the next run."""
    documents = [by_exact(1)]
    died = subprocess.run(
        [sys.executable, "-c", MORTAL, json.dumps([office.settings, nth, moment])],
        input=singer(documents),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == 9, died.stderr.decode()
    assert office.run(*documents) == 0
    _assert_once(office, documents[0].name)


def test_a_supplier_that_has_the_number_since_is_not_adopted(office: Office) -> None:
    """After a lost create that never arrived, an account with our number but another name is none of ours."""
    office.sandbox.fault(system="exact_online", method="POST", path="crm/Accounts", kind="drop")
    office.run(company())
    office.sandbox.clear_faults()
    office.account("D00001", Name="Leverancier", Status="A", IsSupplier=True)
    assert office.run(company()) == 1
    row = account(office, "D00001")
    assert (row["Name"], row["Status"]) == ("Leverancier", "A")
    assert office.open() == ["1"]


def test_of_two_alike_each_is_found(office: Office) -> None:
    """Two companies that are written alike, with codes of Exact's, become two accounts though an answer is lost."""
    documents = [by_exact(number) for number in (1, 2)]
    documents[1].name = documents[0].name
    documents[1].phone, documents[1].email = documents[0].phone, documents[0].email
    documents[1].website, documents[1].chamber_of_commerce = documents[0].website, documents[0].chamber_of_commerce
    documents[1].address = documents[0].address
    office.sandbox.fault(system="exact_online", method="POST", path="crm/Accounts", nth=2, kind="drop_after_commit")
    office.run(*documents)
    assert office.run(*documents) == 0
    assert sum(row["Name"] == documents[0].name for row in office.held("Accounts")) == 2


def test_two_runs_at_once(office: Office) -> None:
    """Two targets started together make each account once; one waits for the other or says that it is busy."""
    documents = [company(number) for number in range(1, 5)]
    command = [sys.executable, "-m", "target_exact_online", "--config", "/dev/stdin"]
    config = office.folder / "config.json"
    config.write_text(json.dumps(office.settings))
    config.chmod(0o600)
    command[-1] = str(config)
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for each in running:
        assert each.stdin is not None
        each.stdin.write(singer(documents))
        each.stdin.close()
    ended = [each.wait(timeout=60) for each in running]
    for each in running:
        assert each.stderr is not None
        each.stderr.close()
    assert 0 in ended
    _assert_once(office, *(document.name for document in documents))
