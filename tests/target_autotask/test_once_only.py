"""No row twice: whatever happens to a create or its answer, a row is looked for before another is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.target_autotask.loading import company, stream

if TYPE_CHECKING:
    from tests.target_autotask.loading import Dock

BUSY = {"errors": ["The Autotask API thread threshold of 3 threads has been exceeded."]}
LATER = {"kind": "error", "status": 503, "body": ""}
LOST: dict[str, dict[str, Any]] = {
    "dropped after": {"kind": "drop_after_commit"},
    "dropped before": {"kind": "drop"},
    "500 after": {"kind": "error_after_commit", "status": 500, "body": ""},
    "500 before": {"kind": "error", "status": 500, "body": ""},
    "502 after": {"kind": "error_after_commit", "status": 502, "body": "<html>"},
    "timeout after": {"kind": "error_after_commit", "status": 500, "body": {"errors": ["Execution Timeout Expired."]}},
    "cut": {"kind": "truncate"},
    "no id": {"kind": "error_after_commit", "status": 200, "body": {}},
}


def strike(dock: Dock, method: str, path: str, **fault: Any) -> None:
    dock.sandbox.fault(system="autotask", method=method, path=path, **fault)


@pytest.mark.parametrize("lost", LOST)
def test_a_lost_answer_makes_no_second_row(dock: Dock, lost: str) -> None:
    """When the answer to a create is lost, in any way, the row is looked up and made again only if it is not there."""
    strike(dock, "POST", "Companies", nth=2, **LOST[lost])
    loaded = dock.load(stream("companies", company("K-1"), company("K-2")))
    there = lost.partition(" ")[2] != "before"
    assert [len(dock.rows("Companies", companyNumber=number)) for number in ("K-1", "K-2")] == [1, 1]
    assert (loaded.code, loaded.failures) == (0, [])
    creates = [call for call in loaded.calls if call.startswith("POST Companies ")]
    assert (len(creates), loaded.count("Companies/query")) == ((2 if there else 3), 3)
    assert loaded.waits == [1.0, 1.0]


def test_a_lost_answer_of_a_child(dock: Dock) -> None:
    """A contact whose create was not answered is found again below its company."""
    owner = dock.rows("Companies")[1]["id"]
    strike(dock, "POST", "Contacts", nth=2, kind="drop_after_commit")
    record = {"companyID": owner, "firstName": "A", "lastName": "B", "isActive": 1, "externalID": "X"}
    loaded = dock.load(stream("contacts", record), keys={"contacts": ["externalID"]})
    assert (loaded.code, len(dock.rows("Contacts", externalID="X"))) == (0, 1)


def test_what_another_made_meanwhile_is_compared(dock: Dock) -> None:
    """A row that is found in place of a lost create counts only when it is as it was sent."""
    row = dock.row("Companies", companyNumber="D10003")
    nothing = {"items": [], "pageDetails": {"nextPageUrl": None}}
    strike(dock, "POST", "Companies/query", kind="error", status=200, body=nothing)
    strike(dock, "POST", "Companies", nth=2, kind="drop")
    loaded = dock.load(stream("companies", company("D10003")))
    (failure,) = loaded.failures
    assert f"companyName: 'Bedrijf D10003' was sent, {row['companyName']!r} was kept" in failure
    assert len(dock.rows("Companies", companyNumber="D10003")) == 1


def test_a_create_that_is_never_answered_fails_alone(dock: Dock) -> None:
    """A create that is lost three times and never there fails its record; the next one goes on."""
    strike(dock, "POST", "Companies", nth=2, kind="drop")
    strike(dock, "POST", "Companies", nth=4, kind="drop")
    strike(dock, "POST", "Companies", nth=6, kind="drop")
    loaded = dock.load(stream("companies", company("K-1"), company("K-2")))
    (failure,) = loaded.failures
    assert "record 1" in failure
    assert "Sent 3 times, and it is not there" in failure
    assert loaded.waits == [1.0] * (2 + 4 + 6)
    assert (dock.rows("Companies", companyNumber="K-1"), loaded.code) == ([], 1)
    assert dock.row("Companies", companyNumber="K-2")


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop"])
def test_without_a_key_a_lost_answer_is_a_failure(dock: Dock, kind: str) -> None:
    """A record that has no key is never sent twice: when its answer is lost, a person has to look."""
    strike(dock, "POST", "Companies", nth=1, kind=kind)
    loaded = dock.load(stream("companies", company("K-1")), keys={}, create_without_key=True)
    (failure,) = loaded.failures
    assert "It may have been created or not: look before you offer it again" in failure
    assert loaded.count("POST Companies ") == 1
    assert len(dock.rows("Companies", companyNumber="K-1")) == (kind == "drop_after_commit")


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize("keys", [["companyNumber"], []])
def test_what_was_turned_away_is_sent_again(dock: Dock, status: int, keys: list[str]) -> None:
    """A create above the thread limit was not carried out: it waits and goes again, with a key or without."""
    strike(dock, "POST", "Companies", nth=1 + bool(keys), times=2, kind="error", status=status, body=BUSY)
    loaded = dock.load(stream("companies", company("K-1")), keys={"companies": keys}, create_without_key=True)
    assert (loaded.code, len(dock.rows("Companies", companyNumber="K-1"))) == (0, 1)
    assert loaded.count("POST Companies ") == 3
    assert loaded.count("Companies/query") == 1 + bool(keys)
    assert 2 <= sum(loaded.waits) <= 6


@pytest.mark.parametrize("fault", [{"kind": "drop_after_commit"}, {"kind": "drop"}, LATER, {"kind": "truncate"}])
def test_an_update_may_be_sent_again(dock: Dock, fault: dict[str, Any]) -> None:
    """A change whose answer is lost is simply sent again, for it does no harm twice."""
    strike(dock, "PATCH", "Companies", **fault)
    loaded = dock.load(stream("companies", {"companyNumber": "D10003", "city": "Delft"}))
    assert (loaded.code, loaded.count("PATCH Companies")) == (0, 2)
    assert dock.row("Companies", companyNumber="D10003")["city"] == "Delft"


def test_a_look_up_that_fails_for_good_writes_nothing(dock: Dock) -> None:
    """Without an answer to what is there, nothing is created: the run stops, and its state stays where it was."""
    strike(dock, "POST", "Companies/query", times=99, **LATER)
    loaded = dock.load(stream("companies", company("K-1")), max_retries=2)
    assert (loaded.code, loaded.states) == (1, [])
    assert loaded.count("Companies/query") == 3
    assert dock.rows("Companies", companyNumber="K-1") == []
    assert any("Gave up after 3 faults" in line for line in loaded.log)


def test_a_refused_sign_in_stops_before_the_lock_out(dock: Dock) -> None:
    """A wrong secret is tried twice, the second time with the zone asked anew, and then the run stops without it."""
    loaded = dock.load(stream("companies", company("K-1"), company("K-2")), secret="not-this-one")
    assert (loaded.code, loaded.states) == (1, [])
    assert [call for call in loaded.calls if call.endswith("401")] == ["GET Companies/entityInformation 401"] * 2
    assert any("more attempts would lock the API user" in line for line in loaded.log)
    assert "not-this-one" not in "".join(loaded.log)


def test_a_sign_in_that_ends_midway_keeps_the_state(dock: Dock) -> None:
    """A 401 between two creates stops the run: what was written is told as unread, and the state does not cover it."""
    strike(dock, "POST", "Companies", nth=3, times=9, kind="error", status=401, body=None)
    messages = stream("companies", company("K-1"), company("K-2"), company("K-3"))
    loaded = dock.load(messages)
    assert (loaded.code, loaded.states) == (1, [])
    assert "companies: 1 record; 1 written, but not read back." in loaded.log
    assert loaded.count("401") == 2
    dock.sandbox.clear_faults()
    again = dock.load(messages)
    assert "companies: 3 records; 2 created, 1 unchanged." in again.log
    assert [len(dock.rows("Companies", companyNumber=f"K-{number}")) for number in (1, 2, 3)] == [1, 1, 1]


def test_a_read_back_that_cannot_be_had_stops(dock: Dock) -> None:
    """When nothing can be read back any more, the run ends with 1 and the records come again."""
    strike(dock, "POST", "Companies/query", nth=2, times=9, kind="error", status=401, body=None)
    loaded = dock.load(stream("companies", company("K-1")))
    assert (loaded.code, loaded.states) == (1, [])
    assert "companies: 1 record; 1 written, but not read back." in loaded.log
    dock.sandbox.clear_faults()
    assert dock.load(stream("companies", company("K-1"))).code == 0
    assert len(dock.rows("Companies", companyNumber="K-1")) == 1


def test_a_keyless_row_is_not_sent_again(dock: Dock) -> None:
    """A row without a key that could not be read back is not sent again when the run ends."""
    strike(dock, "POST", "Companies/query", nth=1, times=9, kind="error", status=401, body=None)
    loaded = dock.load(stream("companies", company("K-1")), keys={}, create_without_key=True)
    assert (loaded.code, loaded.count("POST Companies ")) == (1, 1)
    assert len(dock.rows("Companies", companyNumber="K-1")) == 1


def test_loading_again_changes_nothing(dock: Dock) -> None:
    """A file loaded a second time finds all its rows and writes none."""
    messages = stream("companies", *(company(f"K-{number}", city="Delft") for number in range(20)))
    assert dock.load(messages).count("POST Companies ") == 20
    again = dock.load(messages)
    assert "companies: 20 records; 20 unchanged." in again.log
    assert again.count("Companies/query") == 1
    assert again.count("POST Companies ") == again.count("PATCH") == 0
