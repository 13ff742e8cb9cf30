from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_autotask.exceptions import Refused, StopRun
from tests.tap_autotask.fake import failure, is_zone
from tests.tap_autotask.tables import Run, Tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    import requests

    from tests.tap_autotask.fake import Reply

NOON = "2026-11-02T12:00:00.000Z"


def company(number: int, edited: str | None = "2026-10-01T00:00:00.000Z", created: str = "2020-01-01T00:00:00Z") -> Any:
    return {"id": number, "companyName": f"C{number}", "lastTrackedModifiedDateTime": edited, "createDate": created}


def invoice(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": number, "createDateTime": "2026-01-01T00:00:00Z", **fields}


def numbered(count: int) -> Sequence[int]:
    return list(range(1, count + 1))


def test_a_first_run_reads_everything_by_id() -> None:
    """Rows without a marker and the company with id 0 are there too."""
    run = Run(Tables(Companies=[company(3), company(0), company(2, None)]), "companies")
    assert run.ids == [0, 2, 3]
    assert run.bookmark == {"replication_key": "lastTrackedModifiedDateTime", "replication_key_value": NOON}


def test_a_next_run_reads_what_was_edited_or_created_since() -> None:
    """Edited and created rows come, the others do not, and the overlap looks back before the last run."""
    autotask = Tables(Companies=[company(1), company(2), company(3)])
    first = Run(autotask, "companies")
    autotask.rows["Companies"] = [
        company(1),
        company(2, edited="2026-11-02T13:00:00.000Z"),
        company(3, edited="2026-11-02T11:50:00.000Z"),
        company(4, edited=None, created="2026-11-02T13:00:00.000Z"),
    ]
    autotask.now = "Mon, 02 Nov 2026 14:00:00 GMT"
    second = Run(autotask, "companies", first.state)
    assert second.ids == [2, 3, 4]
    assert second.bookmark["replication_key_value"] == "2026-11-02T14:00:00.000Z"


def test_contracts_that_never_got_a_marker_are_not_lost() -> None:
    """Where nothing tells when a row came into being, rows without a marker are read each time."""
    autotask = Tables(Contracts=[{"id": 1, "lastModifiedDateTime": "2026-01-01T00:00:00Z"}])
    first = Run(autotask, "contracts")
    autotask.rows["Contracts"].append({"id": 2, "lastModifiedDateTime": None})
    assert Run(autotask, "contracts", first.state).ids == [2]


def test_an_interrupted_reading_goes_on_where_it_stopped() -> None:
    """The next run reads the rest with the first run's bounds, and then what changed since."""
    autotask = Tables(Companies=[company(n) for n in numbered(1500)])
    first = Run(autotask, "companies", abort_after=1200)
    assert first.ids == numbered(1201)
    assert first.bookmark["scan"] == {"from": None, "to": NOON, "after": 1200}
    autotask.rows["Companies"][4]["lastTrackedModifiedDateTime"] = "2026-11-02T12:30:00.000Z"
    autotask.now = "Mon, 02 Nov 2026 13:00:00 GMT"
    second = Run(autotask, "companies", first.state)
    assert second.ids == [*range(1201, 1501), 5]
    assert second.bookmark["replication_key_value"] == "2026-11-02T13:00:00.000Z"
    assert "scan" not in second.bookmark


def test_a_start_date_leaves_out_what_did_not_change_since() -> None:
    """The first run begins at the start date."""
    rows = [company(1), company(2, edited="2026-10-20T00:00:00.000Z")]
    assert Run(Tables(Companies=rows), "companies", start_date="2026-10-15").ids == [2]


def test_a_tenant_without_the_marker_is_read_whole() -> None:
    """The catalogue may know a field that an older Autotask has not: then nothing is left out."""
    autotask = Tables(Contracts=[{"id": 1}, {"id": 2}])

    def handler(request: requests.PreparedRequest) -> Reply:
        if b"lastModifiedDateTime" in (request.body or b""):
            return failure(500, "Unable to find lastModifiedDateTime in the Contract Entity.")
        return autotask(request)

    first = Run(handler, "contracts")
    assert Run(handler, "contracts", first.state).ids == [1, 2]


def test_another_refusal_is_not_hidden() -> None:
    """Only the missing marker leads to another way of reading."""
    autotask = Tables(Contracts=[{"id": 1}])
    with pytest.raises(Refused, match="permissions"):
        Run(lambda request: autotask(request) if is_zone(request) else failure(500, "No permissions."), "contracts")


def test_small_tables_are_read_whole_each_time() -> None:
    """Without a marker there is no bookmark."""
    autotask = Tables(TaxRegions=[{"id": 1, "name": "NL"}])
    first = Run(autotask, "tax_regions", start_date="2026-01-01")
    assert (first.ids, Run(autotask, "tax_regions", first.state).ids) == ([1], [1])


def test_appended_rows_are_followed_by_id() -> None:
    """A next run reads what is new, again what is young, and again what was paid or voided late."""
    old = {"createDateTime": "2025-01-01T00:00:00Z"}
    autotask = Tables(Invoices=[invoice(1, **old), invoice(2, **old), invoice(3, **old), invoice(4)])
    first = Run(autotask, "invoices", rescan_days=400)
    assert first.ids == [1, 2, 3, 4]
    autotask.rows["Invoices"][0]["paidDate"] = "2026-11-02T00:00:00Z"
    autotask.rows["Invoices"][1]["voidedDate"] = "2026-11-02T13:00:00Z"
    autotask.rows["Invoices"].append(invoice(5))
    second = Run(autotask, "invoices", first.state, rescan_days=400)
    assert second.ids == [1, 2, 4, 5]
    assert second.bookmark["replication_key_value"] == 5


def test_receipts_are_only_ever_appended() -> None:
    """What was read of them is not read again, and nothing new costs no query."""
    autotask = Tables(PurchaseOrderItemReceiving=[{"id": 1}, {"id": 2}])
    first = Run(autotask, "purchase_order_item_receiving")
    second = Run(autotask, "purchase_order_item_receiving", first.state)
    assert (first.ids, second.ids) == ([1, 2], [])
    assert second.calls == ["zoneInformation", "PurchaseOrderItemReceiving/query/count"]


def test_appended_rows_go_on_where_a_run_stopped() -> None:
    """The bookmark moves with each row."""
    autotask = Tables(Invoices=[invoice(n) for n in numbered(700)])
    first = Run(autotask, "invoices", abort_after=600)
    assert first.bookmark["replication_key_value"] == 600
    second = Run(autotask, "invoices", first.state, rescan_days=0)
    assert second.ids == list(range(601, 701))


@pytest.mark.parametrize(
    ("count", "size", "queries"), [(0, 2, 0), (1, 2, 1), (2, 2, 2), (3, 2, 2), (4, 2, 3), (3, 1, 4)]
)
def test_every_row_comes_once_whatever_the_page(count: int, size: int, queries: int) -> None:
    """None, one, exactly full pages and pages of one row; an empty table costs its count only."""
    run = Run(Tables(Roles=[{"id": n} for n in numbered(count)]), "roles", page_size=size)
    assert run.ids == numbered(count)
    assert run.calls.count("Roles/query") == queries


def test_without_the_check_nothing_is_counted() -> None:
    """check_counts: false saves a call for each stream."""
    run = Run(Tables(Roles=[{"id": 1}]), "roles", check_counts=False)
    assert run.calls == ["zoneInformation", "Roles/query"]


def test_rows_that_are_counted_but_not_sent_stop_the_run() -> None:
    """A first page that pretends to be the last is noticed."""
    autotask = Tables(Roles=[{"id": n} for n in numbered(3)])

    def handler(request: requests.PreparedRequest) -> Reply:
        shown = Tables(Roles=autotask.rows["Roles"][:2])
        return shown(request) if request.path_url.endswith("/query") else autotask(request)

    with pytest.raises(StopRun, match=r"roles.*3 rows but sent 2.*check_counts"):
        Run(handler, "roles")
    assert Run(handler, "roles", check_counts=False).ids == [1, 2]


def test_rows_that_go_away_while_they_are_read_are_no_loss() -> None:
    """What was deleted between the count and the page is no reason to stop."""
    autotask = Tables(Roles=[{"id": 1}, {"id": 2}])

    def handler(request: requests.PreparedRequest) -> Reply:
        reply = autotask(request)
        autotask.rows["Roles"] = autotask.rows["Roles"][: None if is_zone(request) else 1]
        return reply

    assert Run(handler, "roles").ids == [1]


def test_filters_reach_the_server() -> None:
    """Conditions of the settings are added to the stream's own."""
    rows = [company(1) | {"isActive": True}, company(2) | {"isActive": False}]
    active = {"companies": [{"op": "eq", "field": "isActive", "value": True}]}
    assert Run(Tables(Companies=rows), "companies", filters=active).ids == [1]


def test_timestamps_have_one_width_and_fields_of_the_tenant_stay() -> None:
    """Trailing zeros that Autotask drops are put back; user-defined and unknown fields pass unchanged."""
    udf = [{"name": "ERP Debtor Code", "value": "D10042"}]
    rows = [company(1, "2026-10-01T09:47:15.5Z") | {"userDefinedFields": udf, "newInRelease": 1, "address1": "a\0b"}]
    (record,) = Run(Tables(Companies=rows), "companies").records
    assert record["lastTrackedModifiedDateTime"] == "2026-10-01T09:47:15.500Z"
    assert (record["userDefinedFields"], record["newInRelease"], record["address1"]) == (udf, 1, "ab")


def test_columns_that_are_not_selected_are_left_out() -> None:
    """Whole columns, and columns of the company in an invoice, as the catalog says."""
    columns = [("properties", "companyName"), ("properties", "phone")]
    run = Run(Tables(Companies=[company(1)]), "companies", deselected=columns)
    assert set(run.records[0]) == {"id", "lastTrackedModifiedDateTime", "createDate"}
    tables = Tables(Invoices=[invoice(1, companyID=2)], Companies=[company(2)], Currencies=[])
    inner = ("properties", "company", "properties", "id")
    (record,) = Run(tables, deselected=[inner, ("properties", "web_url")]).records
    assert "web_url" not in record
    assert (record["company"].get("id"), record["company"]["companyName"]) == (None, "C2")
