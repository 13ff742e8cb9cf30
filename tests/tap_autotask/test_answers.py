from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_autotask.answers import errors, judge, parse, retry_after, shown
from tap_autotask.exceptions import PassingFault, Refused, SignInRefused, StopRun
from tests.tap_autotask.fake import NOON

THREADS = "The Autotask API thread threshold of 3 threads has been exceeded."
HOUR = "The request threshold has been reached."
RIGHTS = "The logged in Resource does not have the adequate permissions to query this entity type."


def errors_body(*texts: str) -> bytes:
    return json.dumps({"errors": texts}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(401, errors_body("Authentication failed"), SignInRefused, id="sign-in"),
        pytest.param(429, errors_body(THREADS), PassingFault, id="threads"),
        pytest.param(429, b"", PassingFault, id="429 without a text"),
        pytest.param(500, errors_body(THREADS), PassingFault, id="threads as 500"),
        pytest.param(500, errors_body(HOUR), PassingFault, id="hour as 500"),
        pytest.param(500, errors_body("Transaction was deadlocked on resources"), PassingFault, id="deadlock"),
        pytest.param(500, errors_body("Execution Timeout Expired."), PassingFault, id="timeout"),
        pytest.param(500, errors_body("The operation has timed out"), PassingFault, id="timed out"),
        pytest.param(500, b"<html>Runtime Error</html>", PassingFault, id="500 in HTML"),
        pytest.param(502, b"", PassingFault, id="502"),
        pytest.param(503, b"<html>maintenance</html>", PassingFault, id="503"),
        pytest.param(504, b"", PassingFault, id="504"),
        pytest.param(500, errors_body("Unable to find foo in the Invoice Entity."), Refused, id="unknown field"),
        pytest.param(500, errors_body(RIGHTS), Refused, id="rights"),
        pytest.param(500, errors_body("IntegrationCode is invalid."), StopRun, id="integration code"),
        pytest.param(500, errors_body("Zone information could not be determined"), StopRun, id="unknown user"),
        pytest.param(404, b"<!DOCTYPE html><html>404 - not found</html>", Refused, id="404 in HTML"),
        pytest.param(405, b'{"Message":"does not support http method"}', Refused, id="405"),
        pytest.param(400, errors_body("bad"), Refused, id="400"),
        pytest.param(302, b"", StopRun, id="redirect"),
        pytest.param(308, b"", StopRun, id="permanent redirect"),
    ],
)
def test_failures_are_judged_by_what_can_be_done(status: int, body: bytes, expected: type[Exception]) -> None:
    """Nearly everything is a 500, so the text decides between waiting, stopping and giving up this one request."""
    with pytest.raises(expected, match="POST Invoices/query") as error:
        judge("POST Invoices/query", status, {}, body)
    assert type(error.value) is expected


def test_a_good_answer_passes() -> None:
    """200 is good whatever the body."""
    judge("GET Version", 200, {}, b"errors")


@pytest.mark.parametrize(("text", "hourly"), [(THREADS, False), (HOUR, True)])
def test_a_full_hour_is_not_a_full_set_of_threads(text: str, *, hourly: bool) -> None:
    """Threads are free in a moment, an hour takes long: the texts tell them apart."""
    with pytest.raises(PassingFault) as fault:
        judge("x", 429, {}, errors_body(text))
    assert fault.value.hourly is hourly


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (500, errors_body("IntegrationCode is invalid."), "integration_code"),
        (500, errors_body("Zone information could not be determined"), "username"),
        (500, errors_body(RIGHTS), "security level"),
    ],
)
def test_messages_say_what_to_change(status: int, body: bytes, advice: str) -> None:
    """Each message that a person can act upon names the next step."""
    with pytest.raises((StopRun, Refused), match=advice):
        judge("x", status, {}, body)


def test_a_redirect_is_named_without_its_query() -> None:
    """Where a redirect leads is told, but not what it carries."""
    with pytest.raises(StopRun, match=r"elsewhere\.example") as stop:
        judge("x", 307, {"Location": "https://elsewhere.example/a?token=hush"}, b"")
    assert "hush" not in str(stop.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("Mon, 02 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 02 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 40, None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    """Seconds, or a date that is compared with the server's own clock; nonsense is no advice."""
    assert retry_after({"Retry-After": header, "Date": NOON}) == seconds


def test_money_keeps_the_text_of_the_wire() -> None:
    """Fractions become Decimal with every digit, whole numbers stay whole."""
    assert str(parse(b'{"a": 179.70, "b": [0.0000001], "c": 3}')) == str(
        {"a": Decimal("179.70"), "b": [Decimal("1E-7")], "c": 3}
    )


def test_nul_is_stripped_and_a_literal_escape_is_not() -> None:
    """NUL characters go, but text that only looks like one stays."""
    assert parse(rb'{"a": "x\u0000y", "b": ["\u0000"], "c": "\\u0000"}') == {"a": "xy", "b": [""], "c": r"\u0000"}


def test_half_an_emoji_does_not_lose_the_page() -> None:
    """A text cut in the middle of an emoji is no valid Unicode; it is mended, the rest is as it was."""
    assert parse(rb'{"items": [{"a": "caf\u00e9 \ud83d", "b": 1.10}]}') == {
        "items": [{"a": "café �", "b": Decimal("1.10")}]
    }


def test_bytes_that_are_no_utf_8_do_not_lose_the_page() -> None:
    """A wrong byte becomes the replacement character."""
    assert parse(b'{"a": "\xef"}') == {"a": "�"}


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    )
)
def test_parsing_returns_what_was_written(value: object) -> None:
    """Whatever JSON can hold comes back as it was, in both ways of writing it."""
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.text())
def test_no_text_breaks_what_is_read(text: str) -> None:
    """With NUL or half an emoji in it a text is still one that UTF-8 and PostgreSQL take."""
    read = parse(json.dumps({"a": text, "b": 1}).encode())
    assert "\0" not in read["a"].encode().decode()
    assert read["b"] == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error_body(body: bytes) -> None:
    """Reading the texts of an error never fails, and what it gives fits a log line."""
    assert all("\n" not in text for text in errors(body))


@given(st.text())
def test_a_strangers_text_is_fit_to_show(text: str) -> None:
    """Control characters, line breaks and endless texts stay out of messages."""
    line = shown(text)
    assert line.isprintable()
    assert len(line) <= 501
