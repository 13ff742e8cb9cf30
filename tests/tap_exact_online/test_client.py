from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import NewConnectionError

from tap_exact_online import odata
from tap_exact_online.exceptions import (
    Blocked,
    ConsentNeeded,
    DayLimit,
    Forbidden,
    RateLimited,
    Refused,
    SignInFailed,
    StopRun,
    Unanswered,
    Unauthorized,
    Unavailable,
)
from tests.tap_exact_online.fake import NOON, ORIGIN, Reply, Time, client_of, pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNTS = "/api/v1/1234567/crm/Accounts"
MESSAGE = {"error": {"code": "", "message": {"lang": "", "value": "Ongeldig: Dagboek"}}}
NEVER_SENT = requests.ConnectionError(NewConnectionError(HTTPSConnection("x"), "refused"))
DROPPED = requests.ConnectionError("Connection aborted.", ConnectionResetError())


def replies(*script: Reply | Exception) -> Any:
    """Return a handler that gives these in a row."""
    left: Iterator[Reply | Exception] = iter(script)

    def handler(_: requests.PreparedRequest) -> Reply:
        reply = next(left)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return handler


def created(**row: Any) -> Reply:
    return 201, {}, {"d": {"ID": "1", **row}}


def test_reads_page_by_page(tmp_path: Path) -> None:
    """The next link is followed as it is, the token and the Accept header go along, and amounts keep their digits."""
    following = f"{ORIGIN}{ACCOUNTS}?$select=ID&$skiptoken=guid'8c0d7f22-11de-4b7e-b0f7-54ce0a2f9d31'"
    pages = replies(
        (200, {}, b'{"d":{"results":[{"ID":"a","Amount":0.10}],"__next":"%s"}}' % following.encode()),
        (200, {}, {"d": {"results": [{"ID": "b"}]}}),
    )
    client, exact = client_of(tmp_path, Time(), pages)
    rows = list(client.read("crm/Accounts", select=["ID", "Amount"], where="Code eq 'x'", order="Modified", top=100))
    assert rows == [{"ID": "a", "Amount": Decimal("0.10")}, {"ID": "b"}]
    _, first, second = exact.seen
    assert parse_qs(urlsplit(first.url or "").query) == {
        "$select": ["ID,Amount"],
        "$filter": ["Code eq 'x'"],
        "$orderby": ["Modified"],
        "$top": ["100"],
    }
    assert second.url == following
    assert first.headers["Accept"] == second.headers["Accept"] == "application/json"
    assert first.headers["Authorization"] == "Bearer access-1"


@pytest.mark.parametrize("name", ["O'Neill & Zn + 50% #1", "Café ☕"])
def test_a_filter_survives_the_url(tmp_path: Path, name: str) -> None:
    """A quote, an ampersand, a plus and other signs in a value reach Exact as they are."""
    client, exact = client_of(tmp_path, Time(), replies((200, {}, {"d": []})))
    list(client.read("crm/Accounts", select=["ID"], where=f"Name eq {odata.literal(name)}"))
    doubled = name.replace("'", "''")
    assert parse_qs(urlsplit(exact.seen[-1].url or "").query)["$filter"] == [f"Name eq '{doubled}'"]


def test_a_next_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """Tokens go to the configured origin only, whatever an answer says."""
    page = {"d": {"results": [], "__next": "https://start.exactonline.nl.example/api/v1/x"}}
    client, exact = client_of(tmp_path, Time(), replies((200, {}, page)))
    with pytest.raises(StopRun, match="credentials go to"):
        list(client.read("crm/Accounts", select=["ID"]))
    assert exact.paths() == ["POST /api/oauth2/token", f"GET {ACCOUNTS}"]


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    """An answer that points elsewhere ends the run and names the setting."""
    client, exact = client_of(tmp_path, Time(), replies((302, {"Location": "https://elsewhere.example"}, b"")))
    with pytest.raises(StopRun, match="api_url"):
        list(client.read("crm/Accounts", select=["ID"]))
    assert len(exact.seen) == 2


def test_a_loop_of_pages_ends(tmp_path: Path) -> None:
    """A next link that was followed before stops the run instead of going round for ever."""
    page: Reply = (200, {}, {"d": {"results": [{"ID": "a"}], "__next": f"{ORIGIN}{ACCOUNTS}?$skiptoken=1"}})
    client, exact = client_of(tmp_path, Time(), replies(*[page] * 9))
    with pytest.raises(StopRun, match="same page twice"):
        list(client.read("crm/Accounts", select=["ID"]))
    assert len(exact.seen) == 3


def test_creates_once(tmp_path: Path) -> None:
    """A POST asks for the whole entity and carries exact amounts."""
    client, exact = client_of(tmp_path, Time(), replies(created(AmountFC=1.5)))
    assert client.create("salesinvoice/SalesInvoices", {"NetPrice": Decimal("1.10")}) == {
        "ID": "1",
        "AmountFC": Decimal("1.5"),
    }
    post = exact.seen[-1]
    assert post.body == b'{"NetPrice":1.10}'
    assert post.headers["Prefer"] == "return=representation"
    assert post.headers["Content-Type"] == "application/json"
    assert client.calls == {"POST oauth2/token": 1, "POST 1234567/salesinvoice/SalesInvoices": 1}


def test_changes_by_key(tmp_path: Path) -> None:
    """A PUT names the entity by its key and wants no answer."""
    client, exact = client_of(tmp_path, Time(), replies((204, {}, b"")))
    client.update("crm/Accounts", UUID(int=1), {"Status": "C"})
    assert exact.paths()[-1] == f"PUT {ACCOUNTS}(guid'00000000-0000-0000-0000-000000000001')"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param((500, {}, MESSAGE), Refused, id="refused"),
        pytest.param((500, {}, b""), Unanswered, id="500 without message"),
        pytest.param((504, {}, b"<html>"), Unanswered, id="gateway"),
        pytest.param((201, {}, b'{"d":{"ID'), Unanswered, id="cut off"),
        pytest.param((201, {}, b""), Unanswered, id="empty"),
        pytest.param((201, {}, {"d": []}), Unanswered, id="no entity"),
        pytest.param(DROPPED, Unanswered, id="dropped"),
        pytest.param(requests.ReadTimeout("read"), Unanswered, id="timeout"),
        pytest.param(requests.exceptions.ChunkedEncodingError("short"), Unanswered, id="shorter than promised"),
        pytest.param((403, {"Reason": "NoDivisionAccess"}, MESSAGE), Forbidden, id="rights"),
    ],
)
def test_a_write_is_never_repeated(tmp_path: Path, reply: Reply | Exception, expected: type[Exception]) -> None:
    """Whatever comes after a write was sent, it is sent once."""
    client, exact = client_of(tmp_path, Time(), replies(reply, created()))
    with pytest.raises(expected):
        client.create("salesinvoice/SalesInvoices", {})
    assert len(exact.seen) == 2


@pytest.mark.parametrize("error", [NEVER_SENT, requests.ConnectTimeout(NEVER_SENT)])
def test_a_write_that_was_not_sent_is_tried_again(tmp_path: Path, error: Exception) -> None:
    """Without a connection nothing was carried out, so the write may be sent when there is one."""
    time = Time()
    client, _ = client_of(tmp_path, time, replies(error, error, created()))
    assert client.create("crm/Accounts", {}) == {"ID": "1"}
    assert time.waits == [1, 2]


def test_no_connection_at_all(tmp_path: Path) -> None:
    """A write that never found a connection stops the run and is known not to be done."""
    client, _ = client_of(tmp_path, Time(), replies(*[NEVER_SENT] * 6))
    with pytest.raises(Unavailable, match="no connection"):
        client.create("crm/Accounts", {})


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param((500, {}, b""), id="500"),
        pytest.param((408, {}, b""), id="408"),
        pytest.param((200, {}, b'{"d":[{'), id="cut off"),
        pytest.param((200, {}, {"x": 1}), id="no rows"),
        pytest.param(DROPPED, id="dropped"),
        pytest.param(requests.ReadTimeout("read"), id="timeout"),
    ],
)
def test_a_read_is_repeated(tmp_path: Path, reply: Reply | Exception) -> None:
    """A read that gave nothing usable is done again after a while."""
    time = Time()
    client, _ = client_of(tmp_path, time, replies(reply, reply, (200, {}, {"d": [{"ID": "a"}]})))
    assert list(client.read("crm/Accounts", select=["ID"])) == [{"ID": "a"}]
    assert time.waits == [1, 2]


def test_a_read_that_keeps_failing_stops(tmp_path: Path) -> None:
    """After six attempts it is enough."""
    client, exact = client_of(tmp_path, Time(), replies(*[(503, {}, b"")] * 9))
    with pytest.raises(Unavailable, match="503"):
        list(client.read("crm/Accounts", select=["ID"]))
    assert len(exact.seen) == 7


def minutes(limit: int, time: Time) -> Any:
    """Return a handler that allows so many calls in each minute of its clock, as Exact does."""
    used: dict[int, int] = {}

    def handler(_: requests.PreparedRequest) -> Reply:
        now = time.now() + time.ahead
        minute = int(now // 60)
        used[minute] = used.get(minute, 0) + 1
        headers = {
            "X-RateLimit-Minutely-Limit": str(limit),
            "X-RateLimit-Minutely-Remaining": str(max(0, limit - used[minute])),
            "X-RateLimit-Minutely-Reset": str((minute + 1) * 60_000),
        }
        time.local += 0.1
        return (429, headers, b"") if used[minute] > limit else (201, headers, {"d": {"ID": str(sum(used.values()))}})

    return handler


@pytest.mark.parametrize("ahead", [0, -245, 90])
def test_keeps_below_the_minute_limit(tmp_path: Path, ahead: float) -> None:
    """Two hundred writes at sixty a minute are all done without one refusal, with a clock that is off by minutes."""
    time = Time(ahead=ahead)
    client, exact = client_of(tmp_path, time, minutes(60, time))
    for _ in range(200):
        client.create("crm/Accounts", {})
    assert exact.paths().count(f"POST {ACCOUNTS}") == 200
    assert time.local - NOON < 260


def test_a_reserve_is_kept(tmp_path: Path) -> None:
    """With a reserve of ten, fifty calls fit in a minute."""
    time = Time()
    client, exact = client_of(tmp_path, time, minutes(60, time), minute_reserve=10)
    for _ in range(100):
        client.create("crm/Accounts", {})
    assert len(exact.seen) == 101
    assert 60 <= time.local - NOON < 70


def test_others_on_the_same_quota_are_waited_for(tmp_path: Path) -> None:
    """A refusal that comes although calls were left is waited out, and the write is done once."""
    headers = {"X-RateLimit-Minutely-Remaining": "0", "X-RateLimit-Minutely-Reset": str(int(NOON + 30) * 1000)}
    time = Time()
    client, _ = client_of(tmp_path, time, replies((429, headers, b""), created()))
    assert client.create("crm/Accounts", {}) == {"ID": "1"}
    assert sum(time.waits) == pytest.approx(30, abs=1.1)


def test_429_without_headers_is_waited_out_some_times(tmp_path: Path) -> None:
    """When nothing tells how long, the waits grow, and in the end the run stops."""
    time = Time()
    client, exact = client_of(tmp_path, time, replies(*[(429, {}, b"")] * 20))
    with pytest.raises(RateLimited, match="after several waits"):
        client.create("crm/Accounts", {})
    assert time.waits == [5, 10, 20, 40, 60, 60, 60, 60]
    assert len(exact.seen) == 10


def test_day_limit_stops_at_once(tmp_path: Path) -> None:
    """A used up day is not waited for, and no further call is made."""
    time = Time()
    headers = {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(NOON + 43200) * 1000),
    }
    client, exact = client_of(tmp_path, time, replies((429, headers, b"")))
    for _ in range(2):
        with pytest.raises(DayLimit, match="2026-10-01 00:00 UTC"):
            client.create("crm/Accounts", {})
    assert time.waits == []
    assert len(exact.seen) == 2


def test_stops_before_exact_blocks_the_key(tmp_path: Path) -> None:
    """After eight errors at one endpoint it is left alone, other endpoints go on, and the next run remembers."""
    time = Time()
    answers: list[Reply] = [*[(400, {}, MESSAGE)] * 8, created()]
    client, exact = client_of(tmp_path, time, replies(*answers))
    for _ in range(8):
        with pytest.raises(Refused):
            client.create("crm/Accounts", {})
    with pytest.raises(Blocked, match="1234567/crm/Accounts gave 8 errors"):
        client.create("crm/Accounts", {})
    client.create("crm/Contacts", {})
    assert exact.paths().count(f"POST {ACCOUNTS}") == 8
    again, _ = client_of(tmp_path, time, replies(created()))
    with pytest.raises(Blocked):
        again.create("crm/Accounts", {})
    time.local += 3601
    assert again.create("crm/Accounts", {}) == {"ID": "1"}


def test_business_refusals_do_not_count(tmp_path: Path) -> None:
    """Validation answers with 500 lie outside Exact's counter."""
    client, _ = client_of(tmp_path, Time(), replies(*[(500, {}, MESSAGE)] * 12))
    for _ in range(12):
        with pytest.raises(Refused):
            client.create("crm/Accounts", {})


def test_a_token_that_expires_in_the_middle_is_replaced(tmp_path: Path) -> None:
    """After ten minutes the next token is fetched before the call, so there is no 401 at all."""
    time = Time()
    client, exact = client_of(tmp_path, time, replies(created(), created()))
    client.create("crm/Accounts", {})
    time.local += 601
    client.create("crm/Accounts", {})
    assert exact.paths() == ["POST /api/oauth2/token", f"POST {ACCOUNTS}"] * 2
    assert exact.seen[-1].headers["Authorization"] == "Bearer access-2"


def test_a_401_is_cured_once(tmp_path: Path) -> None:
    """An old token that Exact does not accept is renewed, and the call is made again: it was not carried out."""
    time = Time()
    client, exact = client_of(tmp_path, time, replies(created(), (401, {}, b""), created(ID="2")))
    client.create("crm/Accounts", {})
    time.ahead = 580
    assert client.create("crm/Accounts", {}) == {"ID": "2"}
    assert [request.headers.get("Authorization") for request in exact.seen[-3:]] == [
        "Bearer access-1",
        None,
        "Bearer access-2",
    ]


def test_a_second_401_stops(tmp_path: Path) -> None:
    """A new token that is not accepted either is no reason for a third."""
    time = Time()
    client, exact = client_of(tmp_path, time, replies(created(), (401, {}, b""), (401, {}, b"")))
    client.create("crm/Accounts", {})
    time.ahead = 580
    with pytest.raises(Unauthorized):
        client.create("crm/Accounts", {})
    assert exact.paths().count("POST /api/oauth2/token") == 2


def test_a_401_on_a_young_token_stops(tmp_path: Path) -> None:
    """A token that was just given is not renewed: Exact would refuse that as too early."""
    client, exact = client_of(tmp_path, Time(), replies((401, {}, b"")))
    with pytest.raises(SignInFailed, match="does not accept a token"):
        client.create("crm/Accounts", {})
    assert exact.paths().count("POST /api/oauth2/token") == 1


def test_the_token_endpoint_gets_no_bearer(tmp_path: Path) -> None:
    """The form holds what the token endpoint wants, and nothing of it is in the URL."""
    client, exact = client_of(tmp_path, Time(), replies(created()))
    client.create("crm/Accounts", {})
    token_call = exact.seen[0]
    assert "Authorization" not in token_call.headers
    assert parse_qs(str(token_call.body)) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["refresh-0"],
        "client_id": ["{client}"],
        "client_secret": ["very-secret"],
    }
    assert token_call.url == f"{ORIGIN}/api/oauth2/token"


def test_nothing_secret_is_logged_or_raised(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No token and no secret is in any log line, message or exception chain of a run full of trouble."""
    errors: list[Reply | Exception] = [(401, {}, b""), DROPPED, (503, {}, b""), (429, {}, b""), (500, {}, MESSAGE)]
    with caplog.at_level(logging.DEBUG):
        for number, error in enumerate(errors):
            folder = tmp_path / str(number)
            client, _ = client_of(folder, Time(), replies(*[error] * 20))
            with pytest.raises((StopRun, Refused)) as raised:
                list(client.read("crm/Accounts", select=["ID"]))
            logging.getLogger().error("failed: %r", client.__dict__, exc_info=raised.value)
        client, _ = client_of(tmp_path, Time(), lambda _: (400, {}, {"error": "invalid_grant"}), own_tokens=True)
        with pytest.raises(ConsentNeeded) as dead:
            list(client.read("crm/Accounts", select=["ID"]))
        logging.getLogger().error("failed", exc_info=dead.value)
    for secret in ("very-secret", "refresh-0", "refresh-1", "access-1"):
        assert secret not in caplog.text


def test_current_division(tmp_path: Path) -> None:
    """The one resource without a division in its path tells which division the user chose last."""
    client, exact = client_of(tmp_path, Time(), replies((200, {}, {"d": {"results": [{"CurrentDivision": 3456789}]}})))
    assert client.current_division() == 3456789
    assert exact.paths()[-1] == "GET /api/v1/current/Me"


@pytest.mark.parametrize("api_url", ["", "start.exactonline.nl", "http://start.exactonline.nl", "ftp://x", "https://"])
def test_an_address_that_is_not_encrypted_is_refused(tmp_path: Path, api_url: str) -> None:
    """Secrets travel encrypted, so the setting says what an address looks like."""
    with pytest.raises(SignInFailed, match="api_url"):
        client_of(tmp_path, Time(), replies(), api_url=api_url)


def test_stored_tokens_belong_to_an_origin(tmp_path: Path) -> None:
    """The tokens of one address are not sent to another one that is configured later."""
    client, _ = client_of(tmp_path, Time(), replies(created()))
    client.create("crm/Accounts", {})
    other, _ = client_of(tmp_path, Time(), replies(), api_url="https://start.exactonline.be", refresh_token="")
    with pytest.raises(ConsentNeeded):
        other.create("crm/Accounts", {})


def test_the_lost_answer_of_a_renewal_is_tried_again(tmp_path: Path) -> None:
    """A token endpoint that does not answer at first delays the run, no more."""
    time = Time()
    script = replies(DROPPED, (200, {}, b""), (200, {}, pair(1)), created())
    client, _ = client_of(tmp_path, time, script, own_tokens=True)
    assert client.create("crm/Accounts", {}) == {"ID": "1"}
    assert time.waits == [1, 2]
