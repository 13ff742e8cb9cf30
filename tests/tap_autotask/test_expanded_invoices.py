from __future__ import annotations

from typing import Any

import pytest

from tap_autotask.exceptions import StopRun
from tests.tap_autotask.fake import failure, ok
from tests.tap_autotask.tables import Run, Tables

OLD = "2026-06-01T08:00:00Z"
LATER = "Mon, 02 Nov 2026 14:00:00 GMT"


def invoice(number: int, created: str = OLD, **fields: Any) -> dict[str, Any]:
    return {"id": number, "companyID": 0, "createDateTime": created, "isVoided": False, "voidedDate": None, **fields}


def autotask(*invoices: dict[str, Any]) -> Tables:
    return Tables(
        Invoices=list(invoices),
        Companies=[{"id": 0, "companyName": "Demo MSP"}],
        BillingItems=[{"id": 10 * row["id"], "invoiceID": row["id"], "billingItemType": 1} for row in invoices],
        Currencies=[{"id": 1, "name": "EUR", "isInternalCurrency": True}],
    )


def opened(state: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return a state as a target hands it on."""
    state["bookmarks"]["expanded_invoices"]["open"] = list(keys)
    return state


def test_a_first_run_emits_every_invoice_once() -> None:
    """By id, each with the number of all invoices of the run, and the bookmark at the last."""
    run = Run(autotask(invoice(3), invoice(1), invoice(2)))
    assert run.ids == [1, 2, 3]
    assert {record["offered"] for record in run.records} == {3}
    assert run.bookmark["replication_key_value"] == 3
    assert run.bookmark["replication_key"] == "id"


def test_a_rerun_with_nothing_new_emits_nothing_and_costs_two_calls() -> None:
    """The zone, and one query for what is new, late or voided; a page that is not full needs no count."""
    tables = autotask(invoice(1), invoice(2, created="2026-11-02T11:58:00Z"))
    first = Run(tables)
    second = Run(tables, state=first.state)
    assert second.ids == []
    assert second.calls == ["zoneInformation", "Invoices/query"]
    assert Run(tables, state=second.state).ids == []


def test_new_invoices_follow() -> None:
    """Only ids after the bookmark are read whole."""
    tables = autotask(invoice(1), invoice(2))
    first = Run(tables)
    tables.rows["Invoices"].append(invoice(3))
    second = Run(tables, state=first.state)
    assert second.ids == [3]
    assert second.records[0]["offered"] == 1


def test_open_keys_are_read_again_and_the_bookmark_stays() -> None:
    """What the target names comes again, before the new, until it is named no more."""
    tables = autotask(invoice(1), invoice(2), invoice(3))
    first = Run(tables)
    tables.rows["Invoices"].append(invoice(4))
    second = Run(tables, state=opened(first.state, "1", "3"))
    assert second.ids == [1, 3, 4]
    assert {record["offered"] for record in second.records} == {3}
    assert second.bookmark["replication_key_value"] == 4
    third = Run(tables, state=opened(second.state, "3"))
    assert (third.ids, third.bookmark["replication_key_value"]) == ([3], 4)
    assert Run(tables, state=opened(third.state)).ids == []


def test_open_keys_ignore_what_the_settings_leave_out() -> None:
    """What was offered once has to be settled, whatever start_date and filters say today."""
    tables = autotask(invoice(1), invoice(2, isVoided=True), invoice(3))
    first = Run(tables)
    second = Run(tables, state=opened(first.state, "1", "2"), start_date="2026-10-01", include_voided=False)
    assert second.ids == [1, 2]


def test_open_late_voided_and_new_ones_come_from_one_query() -> None:
    """In one page by id, each once, told apart by what they are: only the new one moves the bookmark."""
    tables = autotask(invoice(1), invoice(2), invoice(4, created="2026-11-02T11:59:00Z"))
    first = Run(tables)
    tables.rows["Invoices"] += [invoice(3, created="2026-11-02T11:58:00Z"), invoice(5)]
    tables.rows["Invoices"][1].update(isVoided=True, voidedDate="2026-11-02T12:00:00Z")
    second = Run(tables, state=opened(first.state, "1", "2"))
    assert second.ids == [1, 2, 3, 5]
    assert second.calls.count("Invoices/query") == 1
    assert {record["offered"] for record in second.records} == {4}
    assert second.bookmark["replication_key_value"] == 5
    assert sorted(second.bookmark["recent"]) == ["2v", "3", "4"]
    assert Run(tables, state=opened(second.state)).ids == []


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_any_page_size_offers_the_same(size: int) -> None:
    """Where the first page is full a count tells how many are offered; what is known is not among them."""
    young = {"created": "2026-11-02T11:58:00Z"}
    tables = autotask(invoice(1, **young), *(invoice(n) for n in range(2, 9)))
    first = Run(tables, page_size=size)
    tables.rows["Invoices"] += [invoice(9), invoice(10), invoice(11)]
    second = Run(tables, state=opened(first.state, "4", "6"), page_size=size)
    assert second.ids == [4, 6, 9, 10, 11]
    assert {record["offered"] for record in second.records} == {5}


def test_more_open_keys_than_a_query_takes_are_read_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes twice and nothing is forgotten, also where open ones are new at the same time."""
    monkeypatch.setattr("tap_autotask.reading.MAX_IN", 2)
    tables = autotask(*(invoice(n) for n in range(1, 10)))
    first = Run(tables)
    tables.rows["Invoices"] += [invoice(10), invoice(11)]
    second = Run(tables, state=opened(first.state, "1", "2", "5", "6", "8", "10", "11"))
    assert second.ids == [1, 2, 5, 6, 8, 10, 11]
    assert {record["offered"] for record in second.records} == {7}
    assert second.bookmark["replication_key_value"] == 11
    assert Run(tables, state=opened(second.state)).ids == []


def test_a_full_read_is_expanded_too_and_leaves_no_bookmark() -> None:
    """A catalog that asks for everything gets everything, with what belongs to it, each time."""
    tables = autotask(invoice(1), invoice(2))
    for _ in range(2):
        run = Run(tables, full=True)
        assert [(record["id"], record["company"]["id"]) for record in run.records] == [(1, 0), (2, 0)]
        assert "replication_key_value" not in str(run.state)


def test_an_open_key_beyond_the_bookmark_comes_once() -> None:
    """Also when the state was tampered with no invoice is emitted twice in a run, and none is left behind."""
    tables = autotask(invoice(1), invoice(2), invoice(3))
    first = Run(tables, abort_after=0)
    assert first.bookmark.get("replication_key_value") in {None, 1}
    second = Run(tables, state=opened(first.state, "1", "3"))
    assert sorted(second.ids) == [1, 2, 3]
    assert second.bookmark["replication_key_value"] == 3


def test_an_open_key_that_is_gone_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The run goes on and the log names what Autotask no longer shows."""
    tables = autotask(invoice(1))
    first = Run(tables)
    assert Run(tables, state=opened(first.state, "1", "99")).ids == [1]
    assert "[99]" in caplog.text


def test_a_state_that_names_no_ids_stops_the_run() -> None:
    """The message names the value and where it stands."""
    tables = autotask(invoice(1))
    state = opened(Run(tables).state, "abc")
    with pytest.raises(StopRun, match=r"abc.*bookmarks\.expanded_invoices\.open"):
        Run(tables, state=state)


def test_a_void_after_the_run_comes_again_once() -> None:
    """An invoice of any age that was voided is emitted once more, and then no more."""
    tables = autotask(invoice(1), invoice(2))
    first = Run(tables)
    tables.rows["Invoices"][0].update(isVoided=True, voidedDate="2026-11-02T13:00:00Z")
    tables.now = LATER
    second = Run(tables, state=first.state)
    assert (second.ids, second.records[0]["isVoided"]) == ([1], True)
    assert second.bookmark["replication_key_value"] == 2
    assert Run(tables, state=second.state).ids == []


def test_a_void_that_has_a_date_but_no_time_is_not_missed() -> None:
    """A void of today that is dated at midnight lies before the last run, and still comes once."""
    tables = autotask(invoice(1))
    first = Run(tables)
    tables.rows["Invoices"][0].update(isVoided=True, voidedDate="2026-11-02T00:00:00Z")
    second = Run(tables, state=first.state)
    assert second.ids == [1]
    third = Run(tables, state=second.state)
    assert (third.ids, Run(tables, state=third.state).ids) == ([], [])


def test_a_void_before_the_first_run_comes_once() -> None:
    """It is read as it is, and what the next runs meet again is known to them."""
    tables = autotask(invoice(1, isVoided=True, voidedDate="2026-11-02T00:00:00Z"))
    first = Run(tables)
    assert (first.ids, Run(tables, state=first.state).ids) == ([1], [])


def test_voids_can_be_left_out() -> None:
    """include_voided: false neither reads voided invoices nor voids of known ones."""
    tables = autotask(invoice(1), invoice(2, isVoided=True))
    first = Run(tables, include_voided=False)
    tables.rows["Invoices"][0].update(isVoided=True, voidedDate="2026-11-02T13:00:00Z")
    assert (first.ids, Run(tables, state=first.state, include_voided=False).ids) == ([1], [])


def test_an_invoice_that_became_visible_late_is_found() -> None:
    """An id below the bookmark that was not there at the last run comes once, and the bookmark stays."""
    tables = autotask(invoice(1), invoice(3, created="2026-11-02T11:59:00Z"))
    first = Run(tables)
    tables.rows["Invoices"].append(invoice(2, created="2026-11-02T11:58:00Z"))
    second = Run(tables, state=first.state)
    assert (second.ids, second.bookmark["replication_key_value"]) == ([2], 3)
    assert Run(tables, state=second.state).ids == []


def test_the_state_forgets_what_no_next_run_can_meet() -> None:
    """The list of recent keys is no longer than the overlap."""
    tables = autotask(invoice(1), invoice(2, created="2026-11-02T11:58:00Z"))
    first = Run(tables)
    assert first.bookmark["recent"] == ["2"]
    tables.now = LATER
    assert Run(tables, state=first.state).bookmark["recent"] == []


def test_the_state_stays_small_when_all_is_recent(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many invoices are made in a minute, the state holds a bounded number of them."""
    monkeypatch.setattr("tap_autotask.expanded_invoices.MAX_RECENT", 3)
    tables = autotask(*(invoice(n, created="2026-11-02T11:58:00Z") for n in range(1, 8)))
    assert Run(tables).bookmark["recent"] == ["5", "6", "7"]


def test_a_run_that_was_stopped_goes_on_with_the_next_invoice() -> None:
    """STATE comes every 50 invoices and at the signal; none is lost, only the last may come again."""
    tables = autotask(*(invoice(n) for n in range(1, 131)))
    first = Run(tables, abort_after=60)
    assert first.ids == list(range(1, 62))
    states = [message for message in first.messages if message["type"] == "STATE"]
    assert [state["value"]["bookmarks"]["expanded_invoices"]["replication_key_value"] for state in states] == [50, 60]
    assert Run(tables, state=first.state).ids == list(range(61, 131))


def test_every_state_is_a_place_to_go_on_from() -> None:
    """Whichever STATE a target kept before it was killed: with what came before it, the next run makes all complete."""
    tables = autotask(*(invoice(n) for n in range(1, 171)))
    run = Run(tables, state=opened(Run(autotask(invoice(1), invoice(2), invoice(3))).state, "1", "2"))
    before: set[int] = set()
    for message in run.messages:
        if message["type"] == "RECORD":
            before.add(message["record"]["id"])
        elif message["type"] == "STATE":
            after = Run(tables, state=message["value"]).ids
            assert before | set(after) | {3} == set(range(1, 171))
            assert len(after) == len(set(after))


def test_a_run_stopped_among_open_keys_reads_them_again() -> None:
    """Before the open keys are through, neither the bookmark nor the bound of late changes moves."""
    tables = autotask(invoice(1), invoice(2), invoice(3))
    first = Run(tables)
    tables.now = LATER
    second = Run(tables, state=opened(first.state, "1", "2"), abort_after=0)
    assert second.bookmark["upper_bound"] == first.bookmark["upper_bound"]
    assert Run(tables, state=second.state).ids == [1, 2]


def test_a_start_date_holds_for_all_but_open_keys() -> None:
    """Older invoices are not read, not even when one of them is voided."""
    tables = autotask(invoice(1), invoice(2, created="2026-10-20T00:00:00Z"))
    first = Run(tables, start_date="2026-10-15")
    tables.rows["Invoices"][0].update(isVoided=True, voidedDate="2026-11-02T13:00:00Z")
    assert (first.ids, Run(tables, state=first.state, start_date="2026-10-15").ids) == ([2], [])


def test_the_invoice_tells_where_it_comes_from() -> None:
    """The tenant is the id of the database, and the link opens the customer."""
    (record,) = Run(autotask(invoice(7))).records
    assert record["tenant"] == "123456"
    assert record["web_url"] == (
        "https://ww19.autotask.net/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenAccount&AccountID=0"
    )
    (record,) = Run(autotask(invoice(7)), web_url_template="{web_url}Invoice?id={invoice_id}").records
    assert record["web_url"] == "https://ww19.autotask.net/Invoice?id=7"


def with_pdf(tables: Tables, reply: Any) -> Any:
    return lambda request: reply if request.path_url.endswith("InvoicePDF") else tables(request)


PDF = {"id": 1, "fileName": "Invoice 1.pdf", "contentType": "application/pdf", "fileSize": 4, "data": "JVBERg=="}


@pytest.mark.parametrize("data", ["JVBERg==", [0x25, 0x50, 0x44, 0x46]])
def test_the_pdf_comes_along_when_asked_for(data: Any) -> None:
    """With its name, its type and its bytes in base64, in whichever way the bytes come; else there is none."""
    (record,) = Run(with_pdf(autotask(invoice(1)), ok(PDF | {"data": data})), invoice_pdf=True).records
    assert record["invoice_pdf"] == {"fileName": "Invoice 1.pdf", "contentType": "application/pdf", "data": "JVBERg=="}
    assert Run(autotask(invoice(1))).records[0]["invoice_pdf"] is None


@pytest.mark.parametrize(
    "reply",
    [
        failure(500, "No right to view invoices"),
        failure(404),
        ok({"id": 1}),
        ok(None),
        ok(PDF | {"data": "no base64!"}),
        ok(PDF | {"data": [1000]}),
        ok(PDF | {"data": None}),
    ],
)
def test_a_pdf_that_does_not_come_holds_up_nothing(reply: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The invoice goes on without it, and the log says so."""
    (record,) = Run(with_pdf(autotask(invoice(1)), reply), invoice_pdf=True).records
    assert record["invoice_pdf"] is None
    assert "without its PDF" in caplog.text
