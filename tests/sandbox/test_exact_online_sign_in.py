"""Consent, tokens and their rotation at the Exact Online half."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.exact_online_calls import (
    CALLBACK,
    CLIENT,
    FIRST_TOKEN,
    Exact,
    ask_token,
    code,
    consent,
    redeem,
    refresh,
)

if TYPE_CHECKING:
    from tests.conftest import Sandbox


def test_consent_sends_the_browser_back(sandbox: Sandbox) -> None:
    """The browser returns with a code that needs decoding, and with the state it came with."""
    location = consent(sandbox).headers["location"]
    assert location.startswith(f"{CALLBACK}&")
    assert parse_qs(urlsplit(location).query)["state"] == ["a/b"]
    assert "!" not in location
    assert "!" in code(sandbox)


@pytest.mark.parametrize(
    "changes", [{"client_id": "{x}"}, {"response_type": "token"}, {"redirect_uri": "javascript:alert(1)"}]
)
def test_consent_refuses_what_is_not_of_the_app(sandbox: Sandbox, changes: dict[str, str]) -> None:
    """A wrong app, answer or address never gets a redirect."""
    answer = consent(sandbox, **changes)
    assert (answer.status_code, answer.text) == (400, f"Invalid: {next(iter(changes))}")


def test_a_code_works_once(sandbox: Sandbox) -> None:
    """The first exchange gives tokens that work, the second is an invalid grant."""
    given = code(sandbox)
    tokens = redeem(sandbox, given).json()
    me = requests.get(
        f"{sandbox.url}/api/v1/current/Me",
        headers={"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/json"},
        timeout=20,
    )
    assert me.status_code == 200
    again = redeem(sandbox, given)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_a_code_belongs_to_its_address(sandbox: Sandbox) -> None:
    """With another redirect address, or after three minutes, a code is worth nothing."""
    assert redeem(sandbox, code(sandbox), "http://127.0.0.1:1/").json() == {"error": "invalid_grant"}
    late = code(sandbox)
    sandbox.clock(seconds=180)
    assert redeem(sandbox, late).json() == {"error": "invalid_grant"}


def test_tokens_look_as_exact_sends_them(sandbox: Sandbox) -> None:
    """Tokens are a kilobyte each and their life is told as a text."""
    answer = refresh(sandbox.url)
    tokens = answer.json()
    assert answer.status_code == 200
    assert {"token_type": "bearer", "expires_in": "600"}.items() <= tokens.items()
    assert min(len(tokens["access_token"]), len(tokens["refresh_token"])) >= 1000


def test_a_refresh_that_is_too_early(sandbox: Sandbox) -> None:
    """Before 570 seconds a refresh is refused with its Reason, and both tokens stay good."""
    tokens = refresh(sandbox.url).json()
    sandbox.clock(seconds=560)
    early = refresh(sandbox.url, tokens["refresh_token"])
    text = "Rate limit exceeded: access_token not expired"
    assert (early.status_code, early.json()) == (400, {"error": "access_denied", "error_description": text})
    assert early.headers["Reason"] == f"TooEarlyToRefreshTokens: {text}"
    sandbox.clock(seconds=12)
    assert refresh(sandbox.url, tokens["refresh_token"]).status_code == 200


def test_a_refresh_token_works_once(sandbox: Sandbox) -> None:
    """The loser of two refreshes is told so; the winner's chain lives on."""
    winner = refresh(sandbox.url).json()
    loser = refresh(sandbox.url)
    expected = {"error": "unauthorized_client", "error_description": "Old refresh token used."}
    assert (loser.status_code, loser.json()) == (401, expected)
    sandbox.clock(seconds=600)
    assert refresh(sandbox.url, winner["refresh_token"]).status_code == 200


def test_reuse_can_break_the_chain(sandbox: Sandbox) -> None:
    """With the switch, a second use of a token makes its successors worthless."""
    sandbox.reset(exact_online={"reuse_revokes_chain": True, "used_token_status": 400})
    winner = refresh(sandbox.url).json()
    assert refresh(sandbox.url).status_code == 400
    sandbox.clock(seconds=600)
    broken = refresh(sandbox.url, winner["refresh_token"])
    text = "Token is not allowed, because of invalid or empty chainId"
    assert (broken.status_code, broken.json()) == (400, {"error": "invalid_grant", "error_description": text})


def test_a_refresh_token_dies_after_thirty_days(sandbox: Sandbox) -> None:
    """An unused token is refused with the day it died and today, as Americans write them."""
    sandbox.reset(now="2026-09-11T21:18:20Z")
    token = refresh(sandbox.url).json()["refresh_token"]
    sandbox.clock(now="2026-10-28T16:15:50Z")
    dead = refresh(sandbox.url, token)
    assert dead.status_code == 400
    assert dead.json()["error"] == "invalid_request"
    assert dead.json()["error_description"].startswith("The refresh token expired at 10/11/2026 9:18:2")
    assert "PM and it is now 10/28/2026 4:15:5" in dead.json()["error_description"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong", "grant_type": "refresh_token", "refresh_token": FIRST_TOKEN}, "invalid_request"),
        ({"client_id": "wrong", "grant_type": "refresh_token", "refresh_token": FIRST_TOKEN}, "invalid_request"),
        ({"grant_type": "password"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "stampNL001.e30=!x!y"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "\0é\U0001f511"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": FIRST_TOKEN, "redirect_uri": CALLBACK}, "invalid_grant"),
    ],
)
def test_what_the_token_endpoint_refuses(sandbox: Sandbox, form: dict[str, str], error: str) -> None:
    """Wrong clients, grants and tokens are 400 with the error of their kind."""
    answer = ask_token(sandbox.url, **form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_the_token_endpoint_wants_a_form(sandbox: Sandbox) -> None:
    """JSON, or the secret in a Basic header, is a malformed request."""
    body = CLIENT | {"grant_type": "refresh_token", "refresh_token": FIRST_TOKEN}
    assert requests.post(f"{sandbox.url}/api/oauth2/token", json=body, timeout=20).json() == {
        "error": "invalid_request"
    }
    basic = base64.b64encode(":".join(CLIENT.values()).encode()).decode()
    answer = requests.post(
        f"{sandbox.url}/api/oauth2/token",
        data={"grant_type": "refresh_token", "refresh_token": FIRST_TOKEN},
        headers={"Authorization": f"Basic {basic}"},
        timeout=20,
    )
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_an_access_token_lives_ten_minutes(sandbox: Sandbox) -> None:
    """After 600 seconds, or with a refresh token in its place, data calls are 401 with a Reason."""
    exact = Exact(sandbox)
    sandbox.clock(seconds=590)
    assert exact.send("GET", "system/Divisions").status_code == 200
    sandbox.clock(seconds=10)
    answer = exact.send("GET", "system/Divisions")
    assert (answer.status_code, "Reason" in answer.headers) == (401, True)
    wrong = {"Authorization": f"Bearer {FIRST_TOKEN}"}
    assert exact.send("GET", "system/Divisions", headers={**wrong}).status_code == 401
    assert exact.send("GET", "system/Divisions", headers={"Authorization": None}).status_code == 401


def test_time_scale_shortens_lives(sandbox: Sandbox) -> None:
    """With a minute in a second a token lives ten seconds, and says so."""
    sandbox.reset(time_scale=60)
    tokens = refresh(sandbox.url).json()
    assert tokens["expires_in"] == "10"
    assert refresh(sandbox.url, tokens["refresh_token"]).json()["error"] == "access_denied"
    sandbox.clock(seconds=9.5)
    assert refresh(sandbox.url, tokens["refresh_token"]).status_code == 200


def test_an_answer_can_be_lost_after_the_exchange(sandbox: Sandbox) -> None:
    """With the switch the connection breaks once, and the token that was sent is spent all the same."""
    sandbox.reset(exact_online={"lose_token_answers": 1})
    with pytest.raises(requests.ConnectionError):
        refresh(sandbox.url)
    assert refresh(sandbox.url).json()["error_description"] == "Old refresh token used."


def test_tokens_outlive_a_restart(sandbox: Sandbox) -> None:
    """A token from before a reset, which forgets all that is not in the token itself, works once."""
    token = refresh(sandbox.url).json()["refresh_token"]
    sandbox.reset()
    sandbox.clock(seconds=600)
    assert refresh(sandbox.url, token).status_code == 200
    assert refresh(sandbox.url, token).status_code == 401
