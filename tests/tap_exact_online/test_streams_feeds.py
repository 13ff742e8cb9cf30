from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tap_exact_online.exceptions import Forbidden, StopRun
from tests.tap_exact_online.running import signal_at
from tests.tap_exact_online.tables import Row, Tables, guid, refused, wire

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = "sync/CRM/Accounts"
LOW = 9_999_999_998
"""Two more and a digit is added: as texts, the order would be another."""


def account(number: int, timestamp: int, **more: Any) -> Row:
    return {"ID": guid(number), "Timestamp": str(timestamp), "Name": f"Account {number}", **more}


def deletion(number: int, timestamp: int, kind: int = 2, day: str = "2026-09-28T10:00:00") -> Row:
    return {
        "ID": guid(900 + timestamp),
        "Timestamp": str(timestamp),
        "EntityKey": guid(number),
        "EntityType": kind,
        "DeletedDate": wire(day),
    }


CONTACTS = "sync/CRM/Contacts"


def world(*accounts: Row, deleted: list[Row] | None = None, page: int = 1000) -> Tables:
    feeds = {ACCOUNTS: list(accounts), CONTACTS: [], "sync/CRM/Addresses": [], "sync/Deleted": deleted or []}
    return Tables(feeds, page)


def test_rowversions_are_integers_and_compared_as_such(tmp_path: Path) -> None:
    """The bookmark is the highest rowversion as a number, whatever the number of its digits."""
    tables = world(account(1, LOW), account(2, LOW + 2))
    run = tables.run(tmp_path, ["accounts"])
    assert [record["Timestamp"] for record in run.of("accounts")] == [LOW, LOW + 2]
    assert run.bookmark("accounts")["replication_key_value"] == LOW + 2


def test_the_next_run_reads_what_is_newer(tmp_path: Path) -> None:
    """A second run asks for the rows above the bookmark and gets nothing when there are none."""
    tables = world(account(1, LOW), account(2, LOW + 2))
    state = tables.run(tmp_path, ["accounts"]).state
    tables.rows[ACCOUNTS].append(account(1, LOW + 5, City="Breda"))
    second = tables.run(tmp_path, ["accounts"], state)
    assert tables.query(ACCOUNTS)["$filter"] == f"Timestamp gt {LOW + 2}L"
    assert [record["City"] for record in second.of("accounts")] == ["Breda"]
    assert tables.run(tmp_path, ["accounts"], second.state).of("accounts") == []


def test_a_bookmark_written_as_text_is_read_as_a_number(tmp_path: Path) -> None:
    """A state that other hands wrote as text does not stop the run, nor turn the order into that of texts."""
    tables = world(account(1, LOW), account(2, LOW + 2))
    state = tables.run(tmp_path, ["accounts"]).state
    state["bookmarks"]["accounts"]["partitions"][0]["replication_key_value"] = str(LOW)
    run = tables.run(tmp_path, ["accounts"], state)
    assert [record["ID"] for record in run.of("accounts")] == [guid(2)]
    assert run.bookmark("accounts")["replication_key_value"] == LOW + 2


def test_a_bookmark_that_is_no_number_is_named(tmp_path: Path) -> None:
    """A state that holds no rowversion stops the run and says where."""
    tables = world(account(1, LOW))
    state = tables.run(tmp_path, ["accounts"]).state
    state["bookmarks"]["accounts"]["partitions"][0]["replication_key_value"] = "2026-09-28"
    with pytest.raises(StopRun, match="accounts holds '2026-09-28' where a rowversion should be"):
        tables.run(tmp_path, ["accounts"], state)


def test_2500_accounts_cost_three_data_calls(tmp_path: Path) -> None:
    """Pages hold 1,000 rows, and no call is spent on finding the end."""
    tables = world(*(account(number, number + 10) for number in range(2500)))
    run = tables.run(tmp_path, ["accounts"])
    assert len(run.of("accounts")) == 2500
    assert tables.resources == ["system/Divisions", "sync/Deleted", ACCOUNTS, ACCOUNTS, ACCOUNTS]


@pytest.mark.parametrize("count", [0, 1, 3, 6])
def test_pages_of_any_fill(tmp_path: Path, count: int) -> None:
    """An empty feed, a page of one row and exactly full pages all come whole."""
    tables = world(*(account(number, number + 10) for number in range(count)), page=3)
    assert len(tables.run(tmp_path, ["accounts"]).of("accounts")) == count


def test_a_row_that_changes_while_it_is_read_ends_as_its_newest(tmp_path: Path) -> None:
    """Of a row that a walk repeats the newest version comes last, and once within a page."""
    tables = world(account(1, 10), account(2, 11), account(1, 20, City="new"), account(1, 15, City="old"), page=3)
    told = [(record["ID"], record["City"]) for record in tables.run(tmp_path, ["accounts"]).of("accounts")]
    assert told == [(guid(1), "new"), (guid(2), None)]


def test_an_older_version_does_not_follow_a_newer_one(tmp_path: Path) -> None:
    """Should a later page show an older version, it is left out and the bookmark does not go back."""
    tables = world(account(1, 20, City="new"), account(2, 11), account(1, 15, City="old"), account(3, 16), page=2)
    run = tables.run(tmp_path, ["accounts"])
    assert [record["City"] for record in run.of("accounts") if record["ID"] == guid(1)] == ["new"]
    assert {record["ID"] for record in run.of("accounts")} == {guid(1), guid(2), guid(3)}
    assert run.bookmark("accounts")["replication_key_value"] == 20


def test_the_bookmark_moves_with_each_page(tmp_path: Path) -> None:
    """A signal after some pages ends the run with the bookmark of the last whole page, and nothing is lost."""
    tables = world(*(account(number, number + 10) for number in range(10)), page=3)
    cut = tables.run(tmp_path, ["accounts"], after=signal_at(5))
    assert cut.exit_code == 128 + 15
    assert len(cut.of("accounts")) == 5
    assert cut.bookmark("accounts")["replication_key_value"] == 12
    rest = tables.run(tmp_path, ["accounts"], cut.state)
    assert {record["ID"] for record in cut.of("accounts") + rest.of("accounts")} == {guid(each) for each in range(10)}


def test_the_bookmark_of_an_unsorted_feed_moves_at_the_end_only(tmp_path: Path) -> None:
    """Where pages are out of order, an interrupted run starts again from where it had begun."""
    rows = [account(number, timestamp) for number, timestamp in enumerate([50, 51, 10, 11, 60, 61, 12, 13])]
    tables = world(*rows, page=2)
    cut = tables.run(tmp_path, ["accounts"], after=signal_at(6))
    assert cut.bookmark("accounts")["replication_key_value"] == 51
    whole = tables.run(tmp_path, ["accounts"])
    assert whole.bookmark("accounts")["replication_key_value"] == 61
    assert len(whole.of("accounts")) == 8


def test_states_come_often(tmp_path: Path) -> None:
    """A state is written at least every thousand records."""
    tables = world(*(account(number, number + 10) for number in range(2500)))
    run = tables.run(tmp_path, ["accounts"])
    kinds = [message["type"] for message in run.messages]
    gaps = "".join("R" if kind == "RECORD" else " " for kind in kinds).split()
    assert max(map(len, gaps)) <= 1000
    final = run.bookmark("accounts")
    assert "progress_markers" not in final
    assert "starting_replication_value" not in final


def test_a_moved_division_is_read_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After a move all rowversions are new: everything is read, and the log says why."""
    tables = world(account(1, 500), account(2, 501))
    state = tables.run(tmp_path, ["accounts"]).state
    tables.rows["system/Divisions"] = [{"Code": 1234567, "DivisionMoveDate": wire("2026-09-29")}]
    tables.rows[ACCOUNTS] = [account(1, 7), account(2, 8)]
    moved = tables.run(tmp_path, ["accounts"], state)
    assert tables.query(ACCOUNTS)["$filter"] == "Timestamp gt 1"
    assert len(moved.of("accounts")) == 2
    assert moved.bookmark("accounts")["replication_key_value"] == 8
    assert "moved division 1234567 to another database (2026-09-28T22:00:00.000Z)" in caplog.text
    assert tables.run(tmp_path, ["accounts"], moved.state).of("accounts") == []


def test_a_move_is_not_forgotten_by_an_interrupted_run(tmp_path: Path) -> None:
    """When the first run after a move is cut short, the next one still reads everything."""
    tables = world(*(account(number, 500 + number) for number in range(6)), page=2)
    state = tables.run(tmp_path, ["accounts"]).state
    tables.rows["system/Divisions"] = [{"Code": 1234567, "DivisionMoveDate": wire("2026-09-29")}]
    tables.rows[ACCOUNTS] = [account(number, 10 + number) for number in range(6)]
    cut = tables.run(tmp_path, ["accounts"], state, after=signal_at(1))
    rest = tables.run(tmp_path, ["accounts"], cut.state)
    assert {record["ID"] for record in cut.of("accounts") + rest.of("accounts")} == {guid(each) for each in range(6)}


def test_what_was_deleted_comes_as_a_record(tmp_path: Path) -> None:
    """A deleted row is told once: its key and when, in UTC, everything else null."""
    tables = world(account(1, 10), account(2, 11))
    state = tables.run(tmp_path, ["accounts"]).state
    del tables.rows[ACCOUNTS][0]
    tables.rows["sync/Deleted"] = [deletion(1, 12), deletion(7, 13, kind=9)]
    run = tables.run(tmp_path, ["accounts"], state)
    (record,) = run.of("accounts")
    told = {column: value for column, value in record.items() if value is not None}
    assert told == {"ID": guid(1), "Division": 1234567, "_sdc_deleted_at": "2026-09-28T08:00:00.000Z"}
    assert tables.run(tmp_path, ["accounts"], run.state).of("accounts") == []
    assert tables.query("sync/Deleted")["$filter"] == "Timestamp gt 13"


def test_the_first_run_tells_of_no_deletions(tmp_path: Path) -> None:
    """Whoever starts has none of the rows that are gone; the log is only followed from its end on."""
    tables = world(account(1, 10), deleted=[deletion(5, 9)])
    run = tables.run(tmp_path, ["accounts"])
    assert [record["ID"] for record in run.of("accounts")] == [guid(1)]
    assert run.bookmark("accounts")["deleted_timestamp"] == 9


def test_a_deletion_between_a_cut_first_run_and_the_next_is_told(tmp_path: Path) -> None:
    """A row that went out before a first run was cut short, and was then deleted, does not stay for ever."""
    tables = world(*(account(number, 10 + number) for number in range(6)), deleted=[deletion(50, 5)], page=2)
    cut = tables.run(tmp_path, ["accounts"], after=signal_at(5))
    del tables.rows[ACCOUNTS][0]
    tables.rows["sync/Deleted"].append(deletion(0, 30))
    rest = tables.run(tmp_path, ["accounts"], cut.state).of("accounts")
    assert [record["ID"] for record in rest if record["_sdc_deleted_at"]] == [guid(0)]


def test_a_row_that_came_back_is_not_deleted(tmp_path: Path) -> None:
    """A deletion older than the row that was read is of no account."""
    tables = world(account(1, 10))
    state = tables.run(tmp_path, ["accounts"]).state
    tables.rows["sync/Deleted"] = [deletion(1, 12), deletion(2, 15)]
    tables.rows[ACCOUNTS] = [account(1, 14), account(2, 13)]
    told = tables.run(tmp_path, ["accounts"], state).of("accounts")
    assert [(record["ID"], record["_sdc_deleted_at"] is None) for record in told] == [
        (guid(2), True),
        (guid(1), True),
        (guid(2), False),
    ]


def test_deletions_cost_one_call_for_all_streams(tmp_path: Path) -> None:
    """The log of deletions and the list of divisions are read once a run, however many streams want them."""
    tables = world(account(1, 10))
    tables.run(tmp_path, ["accounts", "contacts", "addresses"])
    assert tables.resources.count("sync/Deleted") == 1
    assert tables.resources.count("system/Divisions") == 1


def test_a_stream_that_joins_later_reads_the_log_from_its_own_place(tmp_path: Path) -> None:
    """Two streams with different bookmarks in the log each get their own deletions."""
    tables = world(account(1, 10))
    tables.rows[CONTACTS] = [account(3, 10)]
    state = tables.run(tmp_path, ["accounts", "contacts"]).state
    tables.rows["sync/Deleted"] = [deletion(1, 20), deletion(3, 21, kind=5)]
    state = tables.run(tmp_path, ["accounts"], state).state
    run = tables.run(tmp_path, ["accounts", "contacts"], state)
    assert [record["ID"] for record in run.of("contacts")] == [guid(3)]
    assert run.of("accounts") == []


def test_deletions_can_be_left_to_their_own_stream(tmp_path: Path) -> None:
    """With deleted_records off only the stream `deleted` tells, and no call is spent for the others."""
    tables = world(account(1, 10), deleted=[deletion(1, 12)])
    run = tables.run(tmp_path, ["accounts", "deleted"], deleted_records=False)
    assert "_sdc_deleted_at" not in run.of("accounts")[0]
    (record,) = run.of("deleted")
    assert (record["EntityKey"], record["EntityType"]) == (guid(1), 2)
    assert tables.resources == ["system/Divisions", ACCOUNTS, "sync/Deleted"]


@pytest.mark.parametrize(("days", "warnings"), [(54, 0), (56, 1)])
def test_a_long_pause_is_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: int, warnings: int
) -> None:
    """Exact forgets deletions after two months, and a run after that says so."""
    tables = world(account(1, 10))
    state = tables.run(tmp_path, ["accounts"]).state
    tables.time.local += dt.timedelta(days=days).total_seconds()
    tables.run(tmp_path, ["accounts"], state)
    assert caplog.text.count("for two months only") == warnings


def test_divisions_are_partitions(tmp_path: Path) -> None:
    """Each administration has a bookmark of its own, and its rows say whose they are."""
    codes = [{"Code": code, "DivisionMoveDate": None} for code in (1234567, 2222222)]
    tables = Tables(
        {
            f"{ACCOUNTS}@1234567": [account(1, 10)],
            f"{ACCOUNTS}@2222222": [account(2, 500)],
            "sync/Deleted": [],
            "system/Divisions": codes,
        }
    )
    run = tables.run(tmp_path, ["accounts"], divisions=[2222222])
    assert [(record["ID"], record["Division"]) for record in run.of("accounts")] == [
        (guid(1), 1234567),
        (guid(2), 2222222),
    ]
    assert [run.bookmark("accounts", place)["replication_key_value"] for place in (0, 1)] == [10, 500]
    tables.rows[f"{ACCOUNTS}@1234567"].append(account(3, 11))
    again = tables.run(tmp_path, ["accounts"], run.state, divisions=[2222222])
    assert [record["ID"] for record in again.of("accounts")] == [guid(3)]


def test_a_division_without_access_is_named(tmp_path: Path) -> None:
    """A code that the user cannot read stops the run before anything of it is read."""
    tables = world(account(1, 10))
    with pytest.raises(StopRun, match=r"no access to division 7: correct `division` or `divisions`"):
        tables.run(tmp_path, ["accounts"], divisions=[7])


def test_a_full_refresh_by_the_catalog_leaves_the_bookmark_alone(tmp_path: Path) -> None:
    """A stream that the catalog sets to FULL_TABLE is read whole, each time."""
    tables = world(account(1, 10))
    state = tables.run(tmp_path, ["accounts"]).state
    catalog = tables.run(tmp_path, []).tap.catalog_dict
    entry = next(each for each in catalog["streams"] if each["tap_stream_id"] == "accounts")
    entry["replication_method"] = "FULL_TABLE"
    next(row for row in entry["metadata"] if not row["breadcrumb"])["metadata"]["selected"] = True
    run = tables.run(tmp_path, ["accounts"], state, catalog=catalog)
    assert len(run.of("accounts")) == 1
    assert run.bookmark("accounts")["replication_key_value"] == 10


def test_a_missing_right_stops_the_run_with_a_way_out(tmp_path: Path) -> None:
    """The message names the stream and what can be done."""
    tables = world(account(1, 10))
    tables.refused[ACCOUNTS] = refused(403, "Forbidden", "NoDivisionAccess")
    with pytest.raises(
        Forbidden, match=r"^accounts in division 1234567: .*Deselect the stream, or set `skip_forbidden`"
    ):
        tables.run(tmp_path, ["accounts"])


def test_a_missing_right_can_be_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With skip_forbidden the other streams go on, and the log tells which one did not."""
    tables = world(account(1, 10))
    tables.refused[ACCOUNTS] = refused(403, "Forbidden", "NoDivisionAccess")
    tables.rows[CONTACTS] = [account(5, 10)]
    run = tables.run(tmp_path, ["accounts", "contacts"], skip_forbidden=True)
    assert run.of("accounts") == []
    assert len(run.of("contacts")) == 1
    assert "accounts in division 1234567: " in caplog.text
    assert "It is skipped" in caplog.text


def test_without_the_right_to_deletions_the_setting_is_named(tmp_path: Path) -> None:
    """The log of deletions needs a right of its own; the message says how to go on without."""
    tables = world(account(1, 10))
    tables.refused["sync/Deleted"] = refused(403, "Forbidden")
    with pytest.raises(Forbidden, match=r"^What was deleted: .*set `deleted_records` to false"):
        tables.run(tmp_path, ["accounts"])
    assert len(tables.run(tmp_path, ["accounts"], skip_forbidden=True).of("accounts")) == 1


LINES = "sync/Financial/TransactionLines"
FUNCTION = "read/sync/Sync/SyncTimestamp"


def test_a_start_date_is_looked_up(tmp_path: Path) -> None:
    """Where Exact can tell, a first run begins at the first row that changed since the date."""
    tables = Tables({LINES: [account(1, 10), account(2, 20)], FUNCTION: [{"TimeStampAsBigInt": "20"}]})
    tables.rows["sync/Deleted"] = []
    run = tables.run(tmp_path, ["transaction_lines"], start_date="2026-09-01")
    assert tables.query(FUNCTION) == {"modified": "datetime'2026-09-01T02:00:00'", "endPoint": "'TransactionLines'"}
    assert tables.query(LINES)["$filter"] == "Timestamp gt 19"
    assert [record["ID"] for record in run.of("transaction_lines")] == [guid(2)]
    tables.run(tmp_path, ["transaction_lines"], run.state, start_date="2026-09-01")
    assert FUNCTION not in tables.resources


def test_nothing_since_the_start_date(tmp_path: Path) -> None:
    """When nothing changed since the date, nothing is read."""
    tables = Tables({LINES: [account(1, 10)], FUNCTION: [], "sync/Deleted": []})
    assert tables.run(tmp_path, ["transaction_lines"], start_date="2026-09-01").of("transaction_lines") == []
    assert LINES not in tables.resources


def test_a_feed_that_cannot_be_dated_is_read_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Exact cannot date accounts: all are read, and the log says so."""
    caplog.set_level("INFO")
    tables = world(account(1, 10))
    assert len(tables.run(tmp_path, ["accounts"], start_date="2026-09-01").of("accounts")) == 1
    assert "accounts is read whole" in caplog.text
