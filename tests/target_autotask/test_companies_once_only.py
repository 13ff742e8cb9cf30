from __future__ import annotations

import os
import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tap_autotask.client import AutotaskClient
from tests.target_autotask.yard import company
from transfer_ledger.documents import Contact

if TYPE_CHECKING:
    from tests.target_autotask.yard import Yard
    from transfer_ledger.documents import Company

WRITES = {"/V1.0/Companies": 2, "/Contacts": 3}
"""Path of a create to its place among the posts to it: the queries come first."""
LOST = {
    "drop": {},
    "drop_after_commit": {},
    "error_after_commit": {"status": 502, "body": "Bad Gateway"},
    "truncate": {},
}


def _new(yard: Yard) -> tuple[Counter[str], Counter[str]]:
    """Return how often each new company and each of their contacts is there."""
    companies = {row["id"]: row["companyNumber"] for row in yard.rows("Companies")}
    new = Counter(code for code in companies.values() if str(code).startswith("X"))
    people = Counter(companies[row["companyID"]] for row in yard.rows("Contacts") if row["companyID"] in companies)
    return new, Counter({code: number for code, number in people.items() if code in new})


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("kind", LOST)
def test_a_lost_answer_makes_nothing_twice(yard: Yard, path: str, kind: str) -> None:
    """However an answer gets lost, the next run finds what arrived, or makes it: one company with one contact."""
    yard.sandbox.fault(system="autotask", method="POST", path=path, nth=WRITES[path], kind=kind, **LOST[kind])
    assert yard.offer(company("1")).code == 1
    yard.sandbox.clear_faults()
    run = yard.offer(company("1"))
    assert run.code == 0, run.log
    assert _new(yard) == (Counter(X1=1), Counter(X1=1))
    assert len(yard.links()) == 1
    again = yard.offer(company("1"))
    assert again.count("PATCH") + again.count("POST Companies ") + again.count("/Contacts ") == 0, again.calls


def _killed_at(yard: Yard, offered: Company, moment: int) -> None:
    """Run the target in a process that dies at a moment: before or after the calls from the first create on."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    whole, passed = AutotaskClient._send, [-1]

    def send(client: AutotaskClient, request: Any) -> Any:
        if passed[0] >= 0 or (request.method == "POST" and not request.what.endswith("query")):
            passed[0] += 1
        for after in (0, 1):
            answer = whole(client, request) if after else None
            if passed[0] * 2 + after == moment:
                os.kill(os.getpid(), signal.SIGKILL)
        return answer

    AutotaskClient._send = send  # type: ignore[assignment,method-assign]
    try:
        yard.offer(offered)
    finally:
        os._exit(1)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_kill_between_any_two_calls_makes_nothing_twice(yard: Yard) -> None:
    """Killed around its creates, or before it is written down what was read back, a company is there once."""
    moments = (0, 1, 4, 5, 9)
    for moment in moments:
        _killed_at(yard, company(f"K{moment}"), moment)
    offered = [company(f"K{moment}") for moment in moments]
    for _ in range(2):
        run = yard.offer(*offered)
    assert run.code == 0, run.log
    assert _new(yard) == (Counter(f"XK{moment}" for moment in moments),) * 2
    assert len(yard.links()) == len(offered)


def test_a_namesake_is_not_taken_for_what_was_lost(yard: Yard) -> None:
    """A create that never arrived, of a company without a code, is not linked with another one of that name."""
    yard.sandbox.put_row("autotask", "Companies", yard.rows("Companies")[1] | {"companyName": "Nieuw Bedrijf 1 B.V."})
    named = company("1", code=None, vat_number=None)
    yard.sandbox.fault(system="autotask", method="POST", path="/V1.0/Companies", nth=2, kind="drop")
    yard.offer(named, alike_percent=100)
    yard.sandbox.clear_faults()
    yard.offer(named, alike_percent=100)
    assert len(yard.rows("Companies", companyName="Nieuw Bedrijf 1 B.V.")) == 2
    assert len(yard.links()) == 1


def test_another_main_contact_is_another_person(yard: Yard) -> None:
    """The former main contact keeps its name; somebody who is there already is made the main one, and not doubled."""
    yard.offer(company("1"))
    row = yard.row("Companies", companyNumber="X1")
    for first, last in (("Ben", "van Dam"), ("Ans", "de Boer")):
        contact = Contact(first_name=first, last_name=last, email=f"{first}@nieuw-1.example")
        run = yard.offer(company("1", contact=contact))
        assert run.code == 0, run.log
        mains = yard.rows("Contacts", companyID=row["id"], primaryContact=True)
        assert [main["lastName"] for main in mains] == [last]
    names = [(each["firstName"], each["lastName"]) for each in yard.rows("Contacts", companyID=row["id"])]
    assert sorted(names) == [("Ans", "de Boer"), ("Ben", "van Dam")]
