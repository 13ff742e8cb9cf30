from __future__ import annotations

from typing import Any

import pytest

from tap_autotask.exceptions import StopRun
from tests.tap_autotask.tables import Run as AnyRun
from tests.tap_autotask.tables import Tables

OLD = "2026-06-01T08:00:00.000Z"
JUST = "2026-11-02T11:58:00.000Z"
LATER = "Mon, 02 Nov 2026 14:00:00 GMT"
AFTER = "2026-11-02T13:00:00.000Z"


class Run(AnyRun):
    """One run for companies."""

    def __init__(self, tables: Any, **options: Any) -> None:
        super().__init__(tables, "expanded_companies", **options)


def company(number: int, edited: str | None = OLD, created: str = OLD, **fields: Any) -> dict[str, Any]:
    return {"id": number, "lastTrackedModifiedDateTime": edited, "createDate": created, **fields}


def contact(number: int, of: int, edited: str = OLD, **fields: Any) -> dict[str, Any]:
    times = {"lastModifiedDate": edited, "createDate": OLD}
    return {"id": number, "companyID": of, "primaryContact": True, **times, **fields}


def autotask(*companies: dict[str, Any], contacts: list[dict[str, Any]] | None = None) -> Tables:
    return Tables(
        Companies=list(companies),
        Contacts=contacts or [],
        Currencies=[{"id": 1, "name": "EUR", "isInternalCurrency": True}],
    )


def opened(state: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return a state as a target hands it on."""
    state["bookmarks"]["expanded_companies"]["open"] = list(keys)
    return state


def test_a_first_run_emits_every_company_once() -> None:
    """By id, each with the number of all companies of the run; the bookmark is the server's time at the start."""
    run = Run(autotask(company(3), company(1), company(2, None)))
    assert run.ids == [1, 2, 3]
    assert {record["offered"] for record in run.records} == {3}
    assert run.bookmark["replication_key_value"] == "2026-11-02T12:00:00.000Z"
    assert run.bookmark["replication_key"] == "lastTrackedModifiedDateTime"
    assert "scan" not in run.bookmark


def test_a_rerun_with_nothing_new_emits_nothing_and_costs_three_calls() -> None:
    """The zone, contacts that changed, and companies that did; also where all of them were edited a moment before."""
    tables = autotask(company(1), company(2, JUST), company(3, None, JUST), contacts=[contact(7, 1, JUST)])
    first = Run(tables)
    second = Run(tables, state=first.state)
    assert second.ids == []
    assert second.calls == ["zoneInformation", "Contacts/query", "Companies/query"]
    third = Run(tables, state=second.state)
    assert (third.ids, third.bookmark["recent"]) == ([], second.bookmark["recent"])


def test_what_was_edited_or_created_follows() -> None:
    """A company that was edited comes again each time, also right after it was read; the others do not."""
    tables = autotask(company(1), company(2, JUST))
    first = Run(tables)
    tables.rows["Companies"][1]["lastTrackedModifiedDateTime"] = "2026-11-02T11:59:30.000Z"
    tables.rows["Companies"].append(company(3, None, "2026-11-02T12:00:30.000Z"))
    second = Run(tables, state=first.state)
    assert second.ids == [2, 3]
    assert {record["offered"] for record in second.records} == {2}
    assert Run(tables, state=second.state).ids == []


def test_a_contact_brings_its_company_along() -> None:
    """An edit of any contact, for it may have been the main one; once, and only that company."""
    tables = autotask(company(1), company(2), company(3), contacts=[contact(7, 2), contact(8, 3)])
    first = Run(tables)
    tables.now = LATER
    tables.rows["Contacts"][0].update(lastModifiedDate=AFTER, emailAddress="new@example.nl")
    second = Run(tables, state=first.state)
    assert [(record["id"], record["main_contact"]["emailAddress"]) for record in second.records] == [
        (2, "new@example.nl")
    ]
    assert second.calls.count("Companies/query") == 1
    assert Run(tables, state=second.state).ids == []
    tables.rows["Contacts"].append(contact(9, 1, "2026-11-02T13:50:00.000Z"))
    assert Run(tables, state=second.state).ids == [1]


def test_a_contact_edited_twice_brings_its_company_twice() -> None:
    """What the overlap meets again is told from what is new by the time of the edit."""
    tables = autotask(company(1), contacts=[contact(7, 1, JUST)])
    first = Run(tables)
    tables.rows["Contacts"][0]["lastModifiedDate"] = "2026-11-02T11:59:00.000Z"
    assert Run(tables, state=first.state).ids == [1]


def test_more_contacts_than_a_query_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many contacts changed, each company comes once."""
    monkeypatch.setattr("tap_autotask.reading.MAX_IN", 2)
    tables = autotask(*(company(n) for n in range(1, 10)), contacts=[contact(20 + n, n) for n in range(1, 10)])
    first = Run(tables)
    tables.now = LATER
    for row in tables.rows["Contacts"][:7]:
        row["lastModifiedDate"] = AFTER
    second = Run(tables, state=opened(first.state, "1", "8", "9"))
    assert sorted(second.ids) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert {record["offered"] for record in second.records} == {9}
    assert Run(tables, state=opened(second.state)).ids == []


def test_open_keys_are_read_again_until_they_are_named_no_more() -> None:
    """Whatever the settings say today, and the bookmark moves on all the same."""
    tables = autotask(company(0), company(1, isActive=False), company(2))
    first = Run(tables, include_own_company=True)
    tables.now = LATER
    active = {"expanded_companies": [{"op": "eq", "field": "isActive", "value": True}]}
    second = Run(tables, state=opened(first.state, "0", "1"), filters=active, start_date="2026-11-02")
    assert second.ids == [0, 1]
    assert second.bookmark["replication_key_value"] == "2026-11-02T14:00:00.000Z"
    assert Run(tables, state=opened(second.state)).ids == []


def test_fifteen_hundred_companies_cost_few_calls() -> None:
    """All of them new some thirty, and three when none of them changed, though some did just before the last run."""
    tables = autotask(
        *(company(n, OLD if n % 4 else JUST) for n in range(1, 1501)),
        contacts=[contact(2000 + n, n, OLD if n % 4 else JUST) for n in range(1, 1501)],
    )
    first = Run(tables)
    assert (len(first.ids), len(first.calls) <= 35) == (1500, True)
    second = Run(tables, state=first.state)
    assert (second.ids, len(second.calls)) == ([], 3)


def test_an_open_key_that_is_gone_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The run goes on and the log names what Autotask no longer shows."""
    tables = autotask(company(1))
    assert Run(tables, state=opened(Run(tables).state, "1", "99")).ids == [1]
    assert "[99]" in caplog.text


def test_a_state_that_names_no_ids_stops_the_run() -> None:
    """The message names the value and where it stands."""
    tables = autotask(company(1))
    with pytest.raises(StopRun, match=r"abc.*bookmarks\.expanded_companies\.open"):
        Run(tables, state=opened(Run(tables).state, "abc"))


@pytest.mark.parametrize(("included", "ids"), [(False, [1]), (True, [0, 1])])
def test_the_tenants_own_company_comes_only_when_asked_for(included: bool, ids: list[int]) -> None:  # noqa: FBT001
    """The company with id 0 is no customer; neither it nor one of its contacts brings it along."""
    tables = autotask(company(0), company(1), contacts=[contact(7, 0), contact(8, 1)])
    first = Run(tables, include_own_company=included)
    tables.now = LATER
    for row in (*tables.rows["Companies"], *tables.rows["Contacts"]):
        row.update(lastTrackedModifiedDateTime=AFTER, lastModifiedDate=AFTER)
    assert (first.ids, Run(tables, state=first.state, include_own_company=included).ids) == (ids, ids)


def test_a_start_date_leaves_out_what_did_not_change_since() -> None:
    """A company counts as changed when one of its contacts did."""
    tables = autotask(company(1), company(2, AFTER), company(3), contacts=[contact(7, 3, AFTER)])
    tables.now = LATER
    assert Run(tables, start_date="2026-11-01").ids == [2, 3]


def test_an_interrupted_run_goes_on_where_it_stopped() -> None:
    """The next run reads the rest, and then what changed since, of companies and of contacts."""
    tables = autotask(*(company(n) for n in range(1, 131)), contacts=[contact(7, 5), contact(8, 120)])
    first = Run(tables, abort_after=60)
    assert first.ids == list(range(1, 62))
    assert first.bookmark["scan"] == {"from": None, "to": "2026-11-02T12:00:00.000Z", "after": 60}
    tables.now = LATER
    tables.rows["Contacts"][0]["lastModifiedDate"] = AFTER
    tables.rows["Companies"][8]["lastTrackedModifiedDateTime"] = AFTER
    second = Run(tables, state=opened(first.state, "3"))
    assert second.ids == [3, *range(61, 131), 5, 9]
    assert "scan" not in second.bookmark
    assert Run(tables, state=opened(second.state)).ids == []


def test_every_state_is_a_place_to_go_on_from() -> None:
    """Whichever STATE a target kept before it was killed: with what came before it, the next run makes all complete."""
    contacts = [contact(1000 + n, n, JUST) for n in range(1, 171, 3)]
    tables = autotask(*(company(n, JUST if n % 2 else OLD) for n in range(1, 171)), contacts=contacts)
    before: set[int] = set()
    states = 0
    for message in Run(tables).messages:
        if message["type"] == "RECORD":
            before.add(message["record"]["id"])
        elif message["type"] == "STATE":
            states += 1
            assert before | set(Run(tables, state=message["value"]).ids) == set(range(1, 171))
    assert states > 3


def test_the_state_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds what the next run will meet again, no more than that, and never more than a bounded number."""
    tables = autotask(*(company(n, JUST if n > 4 else OLD) for n in range(1, 8)), contacts=[contact(9, 1, JUST)])
    first = Run(tables)
    assert first.bookmark["recent"] == [f"c5@{JUST}", f"c6@{JUST}", f"c7@{JUST}", f"p9@{JUST}"]
    tables.now = LATER
    assert Run(tables, state=first.state).bookmark["recent"] == []
    monkeypatch.setattr("tap_autotask.expanded_companies.MAX_RECENT", 2)
    assert len(Run(autotask(*(company(n, JUST) for n in range(1, 8)))).bookmark["recent"]) == 2


def test_a_full_read_is_expanded_too_and_leaves_no_bookmark() -> None:
    """A catalog that asks for everything gets everything, with what belongs to it, each time."""
    tables = autotask(company(1), company(2), contacts=[contact(7, 1)])
    for _ in range(2):
        run = Run(tables, full=True)
        assert [(record["id"], bool(record["main_contact"])) for record in run.records] == [(1, True), (2, False)]
        assert "replication_key_value" not in str(run.state)


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_any_page_size_reads_the_same(size: int) -> None:
    """Pages of one row, exactly full ones, and one that is not."""
    tables = autotask(*(company(n) for n in range(1, 7)), contacts=[contact(7, 1)])
    first = Run(tables, page_size=size)
    assert first.records == Run(tables).records
    tables.now = LATER
    tables.rows["Companies"][3]["lastTrackedModifiedDateTime"] = AFTER
    tables.rows["Contacts"][0]["lastModifiedDate"] = AFTER
    assert Run(tables, state=first.state, page_size=size).ids == [1, 4]


def test_rows_that_never_come_stop_the_run() -> None:
    """A page that pretends to be the last is noticed, and the bookmark does not move."""
    tables = autotask(*(company(n) for n in range(1, 6)))
    shown = autotask(*(company(n) for n in range(1, 4)))

    def handler(request: Any) -> Any:
        return (shown if request.path_url.endswith("Companies/query") else tables)(request)

    with pytest.raises(StopRun, match="5 rows but sent 3"):
        Run(handler, page_size=2)
