from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from tap_exact_online.answers import Answer, error_of, message_of, read_answer, readable
from tap_exact_online.exceptions import (
    DayLimit,
    ExactOnlineError,
    Forbidden,
    Malformed,
    NotFound,
    RateLimited,
    Refused,
    StopRun,
    Unanswered,
    Unauthorized,
    Unavailable,
)

SAYS = "Ongeldige referentie: Leveren aan\r\nOngeldige referentie: Besteld door"
MINUTE = {"X-RateLimit-Minutely-Remaining": "0"}
DAY = {"x-ratelimit-remaining": "0"}


def message(text: str) -> bytes:
    return json.dumps({"error": {"code": "", "message": {"lang": "", "value": text}}}).encode()


def answer(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, CaseInsensitiveDict(headers or {}), body)


@pytest.mark.parametrize(
    ("method", "status", "headers", "body", "expected"),
    [
        pytest.param("POST", 500, {}, message(SAYS), Refused, id="validation comes with 500"),
        pytest.param("GET", 500, {}, message(SAYS), Refused, id="also for a read"),
        pytest.param("POST", 400, {}, message("Error processing request stream."), Malformed, id="malformed"),
        pytest.param("POST", 400, {}, b"<html>", Malformed, id="400 in HTML"),
        pytest.param("GET", 405, {}, b"", Malformed, id="method"),
        pytest.param("POST", 500, {}, b"", Unanswered, id="write, 500 without message"),
        pytest.param("POST", 502, {}, b"<html>Bad gateway</html>", Unanswered, id="write, gateway"),
        pytest.param("POST", 408, {}, message("x"), Unanswered, id="write, 408"),
        pytest.param("PUT", 503, {}, b"", Unanswered, id="change, maintenance"),
        pytest.param("GET", 500, {}, b"", Unavailable, id="read, 500 without message"),
        pytest.param("GET", 408, {}, b"", Unavailable, id="read, 408"),
        pytest.param("GET", 503, {}, b"", Unavailable, id="read, maintenance"),
        pytest.param("POST", 401, {}, b"", Unauthorized, id="token"),
        pytest.param("POST", 403, {"Reason": "NoDivisionAccess"}, message("Forbidden"), Forbidden, id="rights"),
        pytest.param("POST", 404, {}, b"", NotFound, id="not found"),
        pytest.param("POST", 429, MINUTE, b"", RateLimited, id="minute"),
        pytest.param("POST", 429, DAY, b"", DayLimit, id="day"),
        pytest.param("POST", 429, {}, b"", RateLimited, id="429 without headers"),
        pytest.param("POST", 302, {"Location": "https://elsewhere"}, b"", StopRun, id="redirect"),
    ],
)
def test_error_of(
    method: str, status: int, headers: dict[str, str], body: bytes, expected: type[ExactOnlineError]
) -> None:
    """Status, headers and body decide what the caller should do, and nothing else does."""
    error = error_of(method, "salesinvoice/SalesInvoices", answer(status, body, headers))
    assert type(error) is expected
    assert error.status == status
    with pytest.raises(expected):
        read_answer(method, "salesinvoice/SalesInvoices", answer(status, body, headers))


def test_forbidden_tells_exacts_reason() -> None:
    """The reason that Exact gives in a header reaches the person who has to repair the rights."""
    error = error_of("GET", "crm/Accounts", answer(403, message("Forbidden"), {"Reason": "LicenseExpired"}))
    assert error.reason == "LicenseExpired"
    assert "LicenseExpired" in str(error)
    assert "division" in str(error)


def test_several_messages_are_told_apart() -> None:
    """Exact joins messages by line ends; here they stand on one line, each whole."""
    error = error_of("POST", "x", answer(500, message(SAYS)))
    assert str(error) == error.text == "Ongeldige referentie: Leveren aan; Ongeldige referentie: Besteld door"


@pytest.mark.parametrize(
    ("method", "status", "body", "expected"),
    [("GET", 200, b'{"d":[{"A":1.10}]}', ["1.10"]), ("PUT", 204, b"", []), ("DELETE", 204, b"", [])],
    ids=["rows", "changed", "no content"],
)
def test_success(method: str, status: int, body: bytes, expected: list[str]) -> None:
    """A success is decoded with amounts as they stood on the wire; a change answers nothing."""
    assert expected == [str(row["A"]) for row in read_answer(method, "x", answer(status, body)).rows]


@pytest.mark.parametrize("body", [b"", b'{"d":{"InvoiceID":"5b1', b"<html>", b"\xff", b"\x00", b"{}"])
@pytest.mark.parametrize(("method", "expected"), [("GET", Unavailable), ("POST", Unanswered)])
def test_success_that_cannot_be_read(method: str, body: bytes, expected: type[ExactOnlineError]) -> None:
    """A write whose answer is cut off or garbled was perhaps carried out; a read can be done again."""
    with pytest.raises(expected):
        read_answer(method, "x", answer(201, body))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"error":null}',
        b'{"error":{"message":[]}}',
        b'{"error":{"message":{"value":1}}}',
        b"\xff",
    ],
)
def test_bodies_without_a_message(body: bytes) -> None:
    """Whatever else stands in a body is no message."""
    assert message_of(body) == ""


def test_message_as_plain_text_is_read_too() -> None:
    """Some gateways leave out the object around the text."""
    assert message_of(b'{"error":{"message":"Reeds verwerkt"}}') == "Reeds verwerkt"


@given(st.text())
def test_readable_fits_one_line(text: str) -> None:
    """A text from outside becomes one line without control characters."""
    assert "\n" not in readable(text)
    assert "\x00" not in readable(text)


def test_readable_tells_how_much_it_leaves_out() -> None:
    """A huge text is shortened, and says how long it was."""
    assert readable("x" * 5000).endswith("... (5000 characters)")
