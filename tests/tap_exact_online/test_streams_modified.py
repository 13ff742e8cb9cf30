from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_exact_online.exceptions import Malformed, NotFound
from tests.tap_exact_online.bookings import book_everything, client_of
from tests.tap_exact_online.running import Run, sandbox_settings, signal_at
from tests.tap_exact_online.tables import Row, Tables, guid, refused, wire

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.conftest import Sandbox

JOURNALS = "financial/Journals"
ENTRIES = "salesentry/SalesEntries"


def journal(number: int, modified: str | None, **more: Any) -> Row:
    return {"ID": guid(number), "Code": str(number), "Modified": modified and wire(modified), **more}


def world(*journals: Row, page: int = 60) -> Tables:
    """Noon in UTC is two in the afternoon on Exact's wall."""
    return Tables({JOURNALS: list(journals)}, page)


def codes(run: Run, stream: str = "journals") -> list[str]:
    return [record["Code"] for record in run.of(stream)]


def test_the_first_run_reads_all_in_order(tmp_path: Path) -> None:
    """Without a bookmark no filter is sent, so that rows without a date of change come too."""
    tables = world(journal(1, "2026-09-02"), journal(2, "2026-09-01"), journal(3, None))
    run = tables.run(tmp_path, ["journals"])
    assert codes(run) == ["3", "2", "1"]
    assert "$filter" not in tables.query(JOURNALS)
    assert tables.query(JOURNALS)["$orderby"] == "Modified"
    assert run.bookmark("journals")["replication_key_value"] == "2026-09-01T22:00:00.000Z"


def test_the_next_run_looks_two_hours_back(tmp_path: Path) -> None:
    """The filter is inclusive, in the time on Exact's wall, from two hours before the newest row known."""
    tables = world(journal(1, "2026-09-30T13:59:59.123"))
    run = tables.run(tmp_path, ["journals"])
    assert run.bookmark("journals")["replication_key_value"] == "2026-09-30T11:59:59.123Z"
    tables.run(tmp_path, ["journals"], run.state)
    assert tables.query(JOURNALS)["$filter"] == "Modified ge datetime'2026-09-30T11:59:59'"


def test_when_nothing_changed_for_long_a_day_is_looked_back(tmp_path: Path) -> None:
    """Old rows are not read again and again: the filter follows the last reading, a day and two hours behind."""
    tables = world(journal(1, "2026-08-01T12:00:00"))
    state = tables.run(tmp_path, ["journals"]).state
    tables.run(tmp_path, ["journals"], state)
    assert tables.query(JOURNALS)["$filter"] == "Modified ge datetime'2026-09-29T12:00:00'"


def test_a_zone_that_is_guessed_wrongly_loses_nothing(tmp_path: Path) -> None:
    """Should the wall hang in New York, a change made since the last reading still comes."""
    tables = world(journal(1, "2026-09-30T07:59:00"))
    state = tables.run(tmp_path, ["journals"]).state
    tables.time.local += 3600
    tables.rows[JOURNALS].append(journal(2, "2026-09-30T08:30:00"))
    assert codes(tables.run(tmp_path, ["journals"], state)) == ["2"]


def test_what_was_told_is_not_told_again(tmp_path: Path) -> None:
    """Rows of the look-back are read again, but told only when they changed since."""
    tables = world(journal(1, "2026-09-30T13:00:00"), journal(2, "2026-09-30T13:30:00"))
    state = tables.run(tmp_path, ["journals"]).state
    tables.rows[JOURNALS][0]["Modified"] = wire("2026-09-30T13:45:00")
    tables.rows[JOURNALS].append(journal(3, "2026-09-30T12:30:00"))
    assert codes(tables.run(tmp_path, ["journals"], state)) == ["3", "1"]


def test_rows_that_share_their_date_of_change_are_not_lost(tmp_path: Path) -> None:
    """A row that became visible late, with the very stamp of the bookmark, still comes."""
    tables = world(journal(1, "2026-09-30T13:00:00"))
    state = tables.run(tmp_path, ["journals"]).state
    tables.rows[JOURNALS].append(journal(2, "2026-09-30T13:00:00"))
    assert codes(tables.run(tmp_path, ["journals"], state)) == ["2"]


def test_old_rows_leave_no_trace_in_the_state(tmp_path: Path) -> None:
    """Thousands of rows that changed at once, long ago, are neither kept in the state nor told again."""
    tables = world(*(journal(number, "2026-08-01T09:00:00") for number in range(1500)))
    run = tables.run(tmp_path, ["journals"])
    assert run.bookmark("journals")["recent"] == {}
    assert codes(tables.run(tmp_path, ["journals"], run.state)) == []


def test_a_clock_that_goes_back_loses_nothing(tmp_path: Path) -> None:
    """In the hour that is repeated a later change may carry an earlier time; it comes all the same."""
    tables = world(journal(1, "2026-10-25T02:50:00"))
    tables.time.local = 1_792_889_460.0  # 2026-10-25 00:51 UTC, 02:51 in summer time
    state = tables.run(tmp_path, ["journals"]).state
    tables.time.local += 1800  # 01:21 UTC, 02:21 in winter time
    tables.rows[JOURNALS].append(journal(2, "2026-10-25T02:20:00"))
    run = tables.run(tmp_path, ["journals"], state)
    assert codes(run) == ["2"]
    assert run.bookmark("journals")["replication_key_value"] == "2026-10-25T00:50:00.000Z"


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    """The bookmark moves with each page, so a signal costs at most a page and the look-back."""
    tables = world(*(journal(number, f"2026-09-{number:02d}T12:00:00") for number in range(1, 21)), page=5)
    cut = tables.run(tmp_path, ["journals"], after=signal_at(12))
    assert cut.exit_code == 143
    assert cut.bookmark("journals")["replication_key_value"] == "2026-09-10T10:00:00.000Z"
    rest = tables.run(tmp_path, ["journals"], cut.state)
    assert codes(rest) == [str(number) for number in range(11, 21)]


def test_a_row_that_changes_while_it_is_read_ends_as_its_newest(tmp_path: Path) -> None:
    """A row that moves to the end of the walk comes twice, the newest last."""
    tables = world(*(journal(number, f"2026-09-{number:02d}T12:00:00") for number in range(1, 5)), page=2)

    def change(resource: str, _query: Mapping[str, str]) -> None:
        if len(tables.asked) == 1 and resource == JOURNALS:
            tables.rows[JOURNALS] = [*tables.rows[JOURNALS][1:], journal(1, "2026-09-30T13:00:00", Description="new")]

    tables.before = change
    told = [(record["Code"], record["Description"]) for record in tables.run(tmp_path, ["journals"]).of("journals")]
    assert [each for each in told if each[0] == "1"] == [("1", None), ("1", "new")]


@pytest.mark.parametrize("start", ["2026-09-02", "2026-09-01T22:00:00Z", "2026-09-02T00:00:00+02:00"])
def test_a_start_date_bounds_the_first_run(tmp_path: Path, start: str) -> None:
    """With a start date only what changed since is read, in UTC when it names no zone."""
    tables = world(journal(1, "2026-09-01"), journal(2, "2026-09-03"))
    assert codes(tables.run(tmp_path, ["journals"], start_date=start)) == ["2"]
    wall = "T02:00:00" if len(start) == 10 else "T00:00:00"
    assert tables.query(JOURNALS)["$filter"] == f"Modified ge datetime'2026-09-02{wall}'"


def test_a_key_that_administrations_share_is_completed(tmp_path: Path) -> None:
    """Currencies are known by their code, which every administration has: the division is part of the key."""
    tables = Tables({"general/Currencies": [{"Code": "EUR", "Modified": None}]})
    run = tables.run(tmp_path, ["currencies"])
    assert run.tap.streams["currencies"].primary_keys == ("Code", "Division")
    assert run.of("currencies")[0]["Division"] == 1234567


def test_divisions_are_read_once(tmp_path: Path) -> None:
    """What is the same in every administration is read in one of them."""
    tables = Tables({"system/Divisions": [{"Code": 1234567}, {"Code": 2222222}]})
    run = tables.run(tmp_path, ["divisions"], divisions=[2222222])
    assert [record["Code"] for record in run.of("divisions")] == [1234567, 2222222]
    assert tables.resources == ["system/Divisions"]


def test_a_mandatory_filter_is_always_sent(tmp_path: Path) -> None:
    """Where Exact demands a filter, the first run has one that leaves nothing out."""
    tables = Tables({"logistics/Items": [{"ID": guid(1), "Modified": None}]})
    run = tables.run(tmp_path, ["logistics_items"], extra_endpoints=["logistics/Items"])
    assert tables.query("logistics/Items")["$filter"] == "ID gt guid'00000000-0000-0000-0000-000000000000'"
    assert len(run.of("logistics_items")) == 1


def test_a_list_that_cannot_be_filtered_by_date_is_read_whole(tmp_path: Path) -> None:
    """bulk/Cashflow/Receivables allows no filter on Modified: it is read whole, without one."""
    tables = Tables({"bulk/Cashflow/Receivables": [{"ID": guid(1), "Modified": wire("2026-09-01")}]})
    run = tables.run(tmp_path, ["receivables"])
    assert len(tables.run(tmp_path, ["receivables"], run.state).of("receivables")) == 1
    assert set(tables.query("bulk/Cashflow/Receivables")) == {"$select"}


def test_lines_come_with_their_header(tmp_path: Path) -> None:
    """The lines of an entry are read along, as a list of records of their own."""
    lines = {"results": [{"ID": guid(2), "VATCode": "2  ", "AmountFC": 1.10}]}
    tables = Tables({ENTRIES: [{"EntryID": guid(1), "EntryDate": wire("2026-09-01"), "SalesEntryLines": lines}]})
    (record,) = tables.run(tmp_path, ["sales_entries"]).of("sales_entries")
    assert tables.query(ENTRIES)["$expand"] == "SalesEntryLines"
    assert record["EntryDate"] == "2026-09-01"
    (line,) = record["SalesEntryLines"]
    assert (line["VATCode"], str(line["AmountFC"]), line["Notes"]) == ("2", "1.1", None)


def test_lines_can_be_left_out(tmp_path: Path) -> None:
    """Without the column no lines are asked for."""
    tables = Tables({ENTRIES: [{"EntryID": guid(1)}]})
    run = tables.run(tmp_path, ["sales_entries"], deselect=["sales_entries.SalesEntryLines"])
    assert "SalesEntryLines" not in run.of("sales_entries")[0]
    assert "$expand" not in tables.query(ENTRIES)


def test_only_selected_columns_are_asked_for(tmp_path: Path) -> None:
    """A column that is not selected is not read, but key and bookmark are."""
    tables = world(journal(1, "2026-09-01"))
    run = tables.run(tmp_path, ["journals"])
    others = [name for name in run.tap.streams["journals"].schema["properties"] if name != "Code"]
    run = tables.run(tmp_path, ["journals"], deselect=[f"journals.{name}" for name in others])
    assert tables.query(JOURNALS)["$select"] == "Code,ID,Modified"
    assert set(run.of("journals")[0]) == {"Code", "ID", "Modified"}


def test_bytes_are_read_on_request_only(tmp_path: Path) -> None:
    """Logos and pictures are left out unless the setting asks for them."""
    tables = Tables({"crm/Accounts": [{"ID": guid(1), "Logo": "aGk="}]})
    plain = tables.run(tmp_path, ["crm_accounts"], extra_endpoints=["crm/Accounts"])
    assert "Logo" not in plain.of("crm_accounts")[0]
    whole = tables.run(tmp_path, ["crm_accounts"], extra_endpoints=["crm/Accounts"], binary_columns=True)
    assert whole.of("crm_accounts")[0]["Logo"] == "aGk="


def test_a_function_is_read_with_its_parameters(tmp_path: Path) -> None:
    """A function keeps its name as a stream and gets the parameters of the setting."""
    resource = "read/financial/AgingOverviewByAccount"
    tables = Tables({resource: [{"AgeGroup": 1, "AmountPayable": 5}]})
    endpoint = f"{resource}?accountId=guid'{guid(1)}'"
    run = tables.run(tmp_path, ["read_financial_aging_overview_by_account"], extra_endpoints=[endpoint])
    assert len(run.of("read_financial_aging_overview_by_account")) == 1
    assert tables.query(resource)["accountId"] == f"guid'{guid(1)}'"


def without(column: str, tables: Tables) -> None:
    """Have a column disappear: asking for it is an error."""

    def forget(resource: str, query: Mapping[str, str]) -> None:
        unknown = column in query["$select"].split(",")
        tables.refused = {resource: refused(400, "Bad Request - Error in query syntax.")} if unknown else {}

    tables.before = forget
    for row in tables.rows[JOURNALS]:
        row.pop(column, None)


def test_a_column_that_exact_no_longer_knows_is_null(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """When a column is refused all are read, the run goes on, and the log names what to deselect."""
    full = dict.fromkeys(Tables().run(tmp_path, []).tap.streams["journals"].schema["properties"])
    tables = world({**full, **journal(1, "2026-09-01")}, {**full, **journal(2, "2026-09-02")}, page=1)
    without("BankName", tables)
    run = tables.run(tmp_path, ["journals"])
    assert codes(run) == ["1", "2"]
    assert run.of("journals")[0]["BankName"] is None
    assert "has no such columns, which are null; deselect them: BankName" in caplog.text
    assert [query["$select"] for _, query in tables.asked[1:]] == ["*", "*"]


def test_a_query_that_is_refused_whatever_it_selects_stops_the_run(tmp_path: Path) -> None:
    """The message names the stream and Exact's own words; a filter that is refused is not tried twice."""
    tables = world(journal(1, "2026-09-01"))
    tables.refused[JOURNALS] = refused(400, "Bad Request - Error in query syntax.")
    with pytest.raises(Malformed, match=r"^journals: Bad Request - Error in query syntax\. Deselect the stream"):
        tables.run(tmp_path, ["journals"])
    tables.refused[JOURNALS] = refused(400, "Filtering on these fields is not supported: Modified")
    with pytest.raises(Malformed, match=r"^journals: Filtering on these fields is not supported"):
        tables.run(tmp_path, ["journals"])
    assert tables.resources == [JOURNALS]


def test_an_endpoint_that_the_licence_lacks_stops_the_run(tmp_path: Path) -> None:
    """An answer 404 is told with the stream's name and the way to go on without it."""
    with pytest.raises(NotFound, match=r"^projects in division 1234567: .*skip_forbidden"):
        Tables({"sync/Deleted": []}).run(tmp_path, ["projects"])


def test_entries_of_the_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    """Against the sandbox an entry comes once, with its lines, and again after it changed."""
    client = client_of(sandbox, tmp_path)
    book_everything(client, sandbox)
    first = Run(sandbox_settings(sandbox, tmp_path), ["sales_entries", "journals"])
    (entry,) = first.of("sales_entries")
    assert [line["AmountFC"] for line in entry["SalesEntryLines"]] == [100]
    assert first.of("journals")
    second = Run(sandbox_settings(sandbox, tmp_path), ["sales_entries", "journals"], first.state)
    assert second.of("sales_entries") == second.of("journals") == []
    sandbox.put_row("exact_online", "SalesEntries", {"EntryID": entry["EntryID"], "Description": "changed"})
    third = Run(sandbox_settings(sandbox, tmp_path), ["sales_entries", "journals"], second.state)
    assert [record["Description"] for record in third.of("sales_entries")] == ["changed"]
    assert {call["status"] for call in sandbox.calls("exact_online")} <= {200, 201, 204}
