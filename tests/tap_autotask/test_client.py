from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tap_autotask.exceptions import Refused, StopRun
from tap_autotask.limits import Limits
from tests.tap_autotask.fake import API, NOON, ZONE, client_of, failure, is_zone, ok, page, scripted

if TYPE_CHECKING:
    from tests.tap_autotask.fake import Handler, Reply

INVOICES = "POST /ATServicesRest/V1.0/Invoices/query"
UNAUTHORIZED = failure(401, "Authentication failed")


def ids(pages: Any) -> list[int]:
    return [row["id"] for rows in pages for row in rows]


def test_the_zone_is_asked_once_and_without_credentials() -> None:
    """Zone information is found with the user name alone, and serves the whole run."""
    client, autotask, _ = client_of(scripted([page(1), page(1)]))
    ids(client.pages("Invoices"))
    ids(client.pages("Invoices"))
    zone, *rest = autotask.seen
    assert [is_zone(request) for request in autotask.seen] == [True, False, False]
    assert (zone.url or "").startswith(API)
    assert not {"UserName", "Secret", "ApiIntegrationCode", "Authorization"} & set(zone.headers)
    assert all(request.headers["Secret"] == "very-secret" for request in rest)
    assert all((request.url or "").startswith(ZONE["url"]) for request in rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        pytest.param([page()], [], id="none"),
        pytest.param([page(7)], [7], id="one"),
        pytest.param([page(1, 2), page()], [1, 2], id="exactly full"),
        pytest.param([page(0, 2), page(5)], [0, 2, 5], id="company 0, then a rest"),
        pytest.param([page(1, 2), page(3, 4), page()], [1, 2, 3, 4], id="two exactly full"),
        pytest.param([page(1, more=True), page(9)], [1, 9], id="a short page that is not the last"),
    ],
)
def test_pages_follow_each_other_by_id(replies: list[Reply], expected: list[int]) -> None:
    """Every row comes once, whatever the last page looks like, and each page asks for ids after the last one."""
    client, autotask, _ = client_of(scripted(replies), page_size=2)
    pages = list(client.pages("Invoices"))
    assert ids(pages) == expected
    lasts = [-1, *(rows[-1]["id"] for rows in pages)][: len(replies)]
    assert [body["filter"][0] for body in autotask.bodies] == [{"op": "gt", "field": "id", "value": n} for n in lasts]
    assert {body["MaxRecords"] for body in autotask.bodies} == {2}
    assert set(autotask.paths[1:]) == {INVOICES}


def test_a_quote_in_a_name_is_just_a_character() -> None:
    """Conditions travel as JSON, so that no value can break out of them."""
    condition = {"op": "eq", "field": "companyName", "value": 'O\'Brien & "Zn" \\ 😀'}
    client, autotask, _ = client_of(scripted([page()]))
    ids(client.pages("Companies", [condition], fields=("id",)))
    assert autotask.bodies[0]["filter"][1] == condition
    assert autotask.bodies[0]["IncludeFields"] == ["id"]


@pytest.mark.parametrize("rows", [(2, 1), (3, 3), (0,)])
def test_rows_out_of_order_stop_the_run(rows: tuple[int, ...]) -> None:
    """Reading page by page would lose rows of a server that does not sort by id, so it is not done."""
    client, _, _ = client_of(scripted([page(*rows)]))
    with pytest.raises(StopRun, match="ascending id"):
        list(client.pages("Invoices", after=0))


def test_in_lists_are_short_and_have_no_repeats() -> None:
    """Ids are asked 200 at a time, each once."""
    client, autotask, _ = client_of(scripted([page(*range(200)), page(200), page()]))
    rows = client.among("Products", [*range(201), *range(201)])
    assert [row["id"] for row in rows] == list(range(201))
    asked = [body["filter"][1]["value"] for body in autotask.bodies]
    assert asked == [list(range(200)), [200]]


def test_nothing_is_asked_for_no_ids() -> None:
    """An empty list costs no call."""
    client, autotask, _ = client_of(scripted([]))
    assert list(client.among("Products", [])) == []
    assert autotask.seen == []


def test_counting() -> None:
    """The server counts rows that meet all conditions after an id."""
    client, autotask, _ = client_of(scripted([ok({"queryCount": 1287})]))
    assert client.count("Invoices", [{"op": "exist", "field": "paidDate"}], after=5) == 1287
    assert autotask.bodies[0]["filter"] == [
        {"op": "gt", "field": "id", "value": 5},
        {"op": "exist", "field": "paidDate"},
    ]


@pytest.mark.parametrize(
    "answer", [ok({}), ok([]), ok({"items": {}}), ok({"items": [3]}), ok({"items": [{"id": None}]})]
)
def test_an_answer_that_is_no_page_stops_the_run(answer: Reply) -> None:
    """What is no page is never taken for an empty one."""
    client, _, _ = client_of(scripted([answer]))
    with pytest.raises(StopRun, match="Invoices/query"):
        list(client.pages("Invoices"))


@pytest.mark.parametrize("answer", [None, [], {}, {"queryCount": "7"}, {"fields": {}}])
def test_an_answer_that_is_no_count_and_no_metadata_stops_the_run(answer: Any) -> None:
    """Nothing is guessed from an answer of another form."""
    with pytest.raises(StopRun, match="queryCount"):
        client_of(scripted([ok(answer)]))[0].count("Invoices")
    with pytest.raises(StopRun, match="entityInformation"):
        client_of(scripted([ok(answer)]))[0].metadata("Invoices")


def test_a_401_asks_for_the_zone_again_once() -> None:
    """A tenant that moved is found in its new zone, and the call is repeated there."""
    moved = ZONE | {"url": "https://webservices24.autotask.net/ATServicesRest/"}
    zones, replies = iter([ZONE, moved]), iter([UNAUTHORIZED, page(1)])
    client, autotask, waits = client_of(lambda request: ok(next(zones)) if is_zone(request) else next(replies))
    assert ids(client.pages("Invoices")) == [1]
    assert (autotask.seen[-1].url or "").startswith(moved["url"])  # type: ignore[arg-type]
    assert waits == []


def test_a_second_401_stops_everything() -> None:
    """Two refusals are all Autotask ever gets from a run: more would lock the API user."""
    client, autotask, _ = client_of(scripted([UNAUTHORIZED] * 9))
    for _ in range(3):
        with pytest.raises(StopRun, match="lock"):
            client.get("Version")
    assert sum(not is_zone(request) for request in autotask.seen) == 2


def test_a_401_later_in_the_run_is_not_forgiven_twice() -> None:
    """The zone is rediscovered once in a run, not once for each call."""
    client, autotask, _ = client_of(scripted([UNAUTHORIZED, ok({}), UNAUTHORIZED, ok({})]))
    client.get("Version")
    with pytest.raises(StopRun):
        client.get("Version")
    assert sum(not is_zone(request) for request in autotask.seen) == 3


def test_a_pinned_zone_that_is_wrong_stops_at_the_first_401() -> None:
    """Nothing can be rediscovered there, and the message names zone_url."""
    client, autotask, _ = client_of(
        scripted([UNAUTHORIZED] * 3), zone_url="https://webservices5.autotask.net/ATServicesRest"
    )
    with pytest.raises(StopRun, match="zone_url"):
        client.get("Version")
    assert autotask.paths == ["GET /ATServicesRest/V1.0/zoneInformation", "GET /ATServicesRest/V1.0/Version"]


@pytest.mark.parametrize(
    "reply", [UNAUTHORIZED, failure(404), failure(500, "Zone information could not be determined")]
)
def test_a_zone_that_cannot_be_found_stops_the_run(reply: Reply) -> None:
    """Without a zone nothing is sent that has credentials."""
    client, autotask, _ = client_of(lambda _: reply)
    with pytest.raises(StopRun):
        client.get("Version")
    assert len(autotask.seen) == 1


def test_a_redirect_is_not_followed() -> None:
    """Credentials stay with the discovered origin, also when the server itself points elsewhere."""
    client, autotask, _ = client_of(scripted([(302, {"Location": "https://evil.example/V1.0/Version"}, b"")]))
    with pytest.raises(StopRun, match=r"evil\.example"):
        client.get("Version")
    assert len(autotask.seen) == 2


THREADS = "The Autotask API thread threshold of 3 threads has been exceeded."


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        pytest.param(failure(429, THREADS), 2.0, id="threads"),
        pytest.param(failure(429, "busy", headers={"Retry-After": "5"}), 5.0, id="Retry-After in seconds"),
        pytest.param(
            failure(503, headers={"Retry-After": "Mon, 02 Nov 2026 12:00:09 GMT"}), 9.0, id="Retry-After as a date"
        ),
        pytest.param(failure(500, "The hourly request threshold was exceeded"), 60.0, id="full hour"),
        pytest.param((502, {}, b"<html>"), 2.0, id="gateway"),
        pytest.param(requests.ReadTimeout("slow"), 2.0, id="timeout"),
        pytest.param(requests.ConnectionError("gone"), 2.0, id="connection"),
        pytest.param(requests.exceptions.ChunkedEncodingError("cut"), 2.0, id="cut short"),
        pytest.param(requests.exceptions.SSLError("EOF occurred"), 2.0, id="cut short in TLS"),
        pytest.param((200, {}, b'{"items": ['), 2.0, id="half a body"),
    ],
)
def test_passing_faults_are_waited_for(fault: Reply, wait: float) -> None:
    """The call is repeated after a wait, and the run does not notice."""
    client, _, waits = client_of(scripted([fault, page(1)]))
    assert ids(client.pages("Invoices")) == [1]
    assert waits == [wait]


def test_a_certificate_that_is_not_trusted_stops_the_run() -> None:
    """No waiting makes a stranger's certificate good."""
    fault = requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    client, _, waits = client_of(scripted([fault]))
    with pytest.raises(StopRun, match="certificate"):
        client.get("Version")
    assert waits == []


def test_a_refused_request_is_not_repeated() -> None:
    """A 500 that is about the data is final for this request, and the client goes on with others."""
    client, autotask, waits = client_of(scripted([failure(500, "Unable to find foo in the Invoice Entity."), page(3)]))
    with pytest.raises(Refused, match="Unable to find foo"):
        list(client.pages("Invoices"))
    assert ids(client.pages("Invoices")) == [3]
    assert (len(autotask.seen), waits) == (3, [])


def test_secrets_stay_out_of_messages(caplog: pytest.LogCaptureFixture) -> None:
    """Not even a server that repeats what it was sent brings a secret into an error or a log line."""
    echo = failure(500, "deadlock for very-secret and TRACKINGCODE")
    client, _, _ = client_of(scripted([echo] * 9), limits=Limits(max_retries=2))
    with caplog.at_level(logging.DEBUG), pytest.raises(StopRun) as stop:
        client.get("Version")
    told = f"{stop.value} {stop.value.__cause__!r} {client!r} {caplog.text}"
    assert "deadlock for ***" in told
    assert "very-secret" not in told
    assert "TRACKINGCODE" not in told


def with_hours(*hours: Reply) -> Handler:
    """Answer questions for the hour's count from a list, and all else with nothing."""
    looks = iter(hours)

    def handler(request: requests.PreparedRequest) -> Reply:
        if is_zone(request):
            return ok(ZONE)
        return next(looks) if "ThresholdInformation" in request.path_url else ok({})

    return handler


def test_the_hour_is_looked_at_now_and_then() -> None:
    """After every so many calls the tenant's count is read: a full hour slows the calls down, a calm one frees them."""
    hour = {"externalRequestThreshold": 10_000, "requestThresholdTimeframe": 60, "currentTimeframeRequestCount": 9_000}
    calm = hour | {"currentTimeframeRequestCount": 10}
    client, autotask, waits = client_of(with_hours(ok(hour), ok(calm)), limits=Limits(threshold_every=3))
    for _ in range(6):
        client.get("Version")
    looked = [index for index, path in enumerate(autotask.paths) if "Threshold" in path]
    assert looked == [3, 6]
    assert [round(wait, 1) for wait in waits] == [3.6, 3.6]


def test_a_tenant_that_hides_its_count_is_read_at_full_speed() -> None:
    """Without the right to see the hour's count the reading goes on; it is asked for no second time."""
    client, autotask, waits = client_of(with_hours(failure(500, "no permissions")), limits=Limits(threshold_every=2))
    for _ in range(6):
        client.get("Version")
    assert sum("Threshold" in path for path in autotask.paths) == 1
    assert waits == []


def test_now_is_the_servers_time() -> None:
    """Bounds come from the server's Date header, not from this machine's clock."""
    client, _, _ = client_of(scripted([]))
    assert client.now().strftime("%a, %d %b %Y %H:%M:%S GMT") == NOON


def test_an_answer_beyond_all_bounds_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that never ends does not fill the memory."""
    monkeypatch.setattr("tap_autotask.client.MAX_BODY", 10)
    client, _, _ = client_of(scripted([(200, {}, b"[" + b" " * 100)]))
    with pytest.raises(StopRun, match="page_size"):
        client.zone  # noqa: B018


def test_metadata_is_read_in_both_spellings() -> None:
    """Property names are PascalCase in old answers and camelCase today."""
    client, _, _ = client_of(scripted([ok({"fields": [{"Name": "id", "IsPickList": False, "dataType": "long"}]})]))
    assert client.metadata("Invoices") == [{"name": "id", "isPickList": False, "dataType": "long"}]
