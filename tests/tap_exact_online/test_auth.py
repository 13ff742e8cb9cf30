from __future__ import annotations

import json
import logging
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

from tap_exact_online.answers import Answer
from tap_exact_online.auth import Ask, Credentials, Keep, Read, Step, Wait, exchange, renewal
from tap_exact_online.exceptions import ConsentNeeded, ExactOnlineError, SignInFailed
from tap_exact_online.limits import ServerClock
from tap_exact_online.token_endpoint import verdict_on
from tap_exact_online.token_store import Tokens
from tests.tap_exact_online.fake import NOON, ORIGIN, pair

if TYPE_CHECKING:
    from collections.abc import Generator

WHO = Credentials(client_id="{client}", client_secret="very-secret", origin=ORIGIN)
SEEDED = replace(WHO, refresh_token="refresh-0")
OLD = Tokens(
    refresh_token="refresh-1", access_token="access-1", issued_at=NOON, expires_at=NOON + 600, renew_from=NOON + 570
)


def says(error: str, description: str = "", status: int = 400, reason: str = "") -> Answer:
    body = {"error": error, "error_description": description}
    return Answer(status, {"Reason": reason} if reason else {}, json.dumps(body).encode())


def gives(number: int, status: int = 200, **more: Any) -> Answer:
    return Answer(status, {}, json.dumps(pair(number, **more)).encode())


TOO_EARLY = says("access_denied", "Rate limit exceeded: access_token not expired", reason="TooEarlyToRefreshTokens: x")
USED = says("unauthorized_client", "Old refresh token used.", 401)
EXPIRED = says("invalid_request", "The refresh token expired at 10/11/2026 9:18:20 PM and it is now 10/28/2026.")


def clock(after: float = 0.0) -> ServerClock:
    """Return Exact's clock so many seconds after the token was issued."""
    learned = ServerClock(lambda: NOON + after)
    learned.observe(formatdate(NOON + after, usegmt=True), NOON + after, NOON + after)
    return learned


class Talk:
    """Plays the other side of a conversation: a store in memory and answers in a row."""

    def __init__(self, stored: Tokens | None, *answers: Answer | None) -> None:
        self.stored = stored
        self.answers = list(answers)
        self.steps: list[Step] = []
        self.appears: Tokens | None = None

    def hold(self, conversation: Generator[Step, Any, Tokens]) -> Tokens:
        """Answer every step and return what the conversation ends with."""
        result: Any = None
        while True:
            try:
                step = conversation.send(result)
            except StopIteration as end:
                tokens: Tokens = end.value
                return tokens
            self.steps.append(step)
            result = self._react(step)

    def _react(self, step: Step) -> Any:
        if isinstance(step, Read):
            return self.stored
        if isinstance(step, Keep):
            self.stored = step.tokens
        if isinstance(step, Ask):
            if self.appears is not None:
                self.stored = self.appears
            return self.answers.pop(0)
        return None

    def asked(self) -> list[str]:
        """Return the refresh tokens that were sent."""
        return [step.form["refresh_token"] for step in self.steps if isinstance(step, Ask)]

    def names(self) -> list[str]:
        """Return the kinds of step, in order."""
        return [type(step).__name__ for step in self.steps]


@pytest.mark.parametrize("after", [0, 300, 569])
def test_a_token_is_used_until_exact_gives_the_next(after: float) -> None:
    """In the first 570 of 600 seconds nothing is asked: a renewal would be refused and counted."""
    talk = Talk(OLD)
    assert talk.hold(renewal(WHO, clock(after))) == OLD
    assert talk.names() == ["Read"]


@pytest.mark.parametrize("after", [570, 599, 601, 86_400])
def test_a_token_is_renewed_in_its_last_seconds_or_after(after: float) -> None:
    """The next pair is on disk before the conversation ends with it, and the store was tried before the call."""
    talk = Talk(OLD, gives(2))
    tokens = talk.hold(renewal(WHO, clock(after)))
    assert talk.names() == ["Read", "Keep", "Ask", "Keep"]
    assert talk.asked() == ["refresh-1"]
    assert talk.stored == tokens
    assert tokens.access_token == "access-2"
    assert NOON + after + 570 <= tokens.renew_from <= NOON + after + 571


def test_a_pair_is_kept_whatever_the_status() -> None:
    """A pair that comes with an error status is a pair: the old one is dead."""
    talk = Talk(OLD, gives(2, status=429))
    assert talk.hold(renewal(WHO, clock(600))).refresh_token == "refresh-2"
    assert talk.stored is not None
    assert talk.stored.refresh_token == "refresh-2"


def test_too_early_means_carry_on() -> None:
    """When Exact's clock disagrees, the current token serves on and the next try is half a minute later."""
    talk = Talk(OLD, TOO_EARLY)
    tokens = talk.hold(renewal(WHO, clock(580)))
    assert tokens.access_token == "access-1"
    assert tokens.renew_from >= NOON + 610
    assert talk.stored == tokens


def test_too_early_without_a_current_token() -> None:
    """A configured refresh token that was renewed elsewhere just now leaves nothing to carry on with."""
    with pytest.raises(SignInFailed, match="less than ten minutes ago"):
        Talk(None, TOO_EARLY).hold(renewal(SEEDED, clock()))


@pytest.mark.parametrize("refusal", [USED, EXPIRED, says("invalid_grant", "empty chainId"), says("invalid_grant")])
def test_a_dead_refresh_token_is_never_tried_again(refusal: Answer) -> None:
    """The message tells how to consent again; the next run knows it from the store and asks nothing."""
    talk = Talk(OLD, refusal)
    with pytest.raises(ConsentNeeded, match=r"tap-exact-online-login.*start\.exactonline\.nl"):
        talk.hold(renewal(WHO, clock(600)))
    again = Talk(talk.stored)
    with pytest.raises(ConsentNeeded, match="no longer takes the refresh token"):
        again.hold(renewal(WHO, clock(700)))
    assert again.names() == ["Read"]


def test_used_elsewhere_goes_on_with_what_is_stored_now() -> None:
    """When another process stored a newer pair meanwhile, that one is used without another call."""
    talk = Talk(OLD, USED)
    talk.appears = replace(OLD, refresh_token="refresh-9", access_token="access-9", renew_from=NOON + 1200)
    assert talk.hold(renewal(WHO, clock(600))).access_token == "access-9"
    assert talk.asked() == ["refresh-1"]


def test_used_elsewhere_renews_what_is_stored_now() -> None:
    """A newer pair that is old by now is renewed in its turn."""
    talk = Talk(OLD, USED, gives(10))
    talk.appears = replace(OLD, refresh_token="refresh-9", access_token="access-9")
    assert talk.hold(renewal(WHO, clock(600))).access_token == "access-10"
    assert talk.asked() == ["refresh-1", "refresh-9"]


@pytest.mark.parametrize("hiccup", [None, Answer(200, {}, b""), Answer(200, {}, b"<html>"), Answer(503, {}, b"{}")])
def test_a_hiccup_is_tried_again_after_a_while(hiccup: Answer | None) -> None:
    """No answer, an empty one and one that is no JSON are tried again, more slowly each time."""
    talk = Talk(OLD, hiccup, hiccup, gives(2))
    assert talk.hold(renewal(WHO, clock(600))).access_token == "access-2"
    assert [step.seconds for step in talk.steps if isinstance(step, Wait)] == [1, 2]


def test_a_lasting_hiccup_stops_the_run() -> None:
    """After six tries it is said what came, and the stored pair is as it was."""
    talk = Talk(OLD, *[Answer(502, {}, b"")] * 6)
    with pytest.raises(SignInFailed, match="status 502"):
        talk.hold(renewal(WHO, clock(600)))
    assert talk.stored == OLD


def test_wrong_client_is_named_as_such() -> None:
    """Id and secret are what to check, and the secret is not in the message."""
    with pytest.raises(SignInFailed, match="client_secret") as raised:
        Talk(OLD, says("invalid_request")).hold(renewal(WHO, clock(600)))
    assert "very-secret" not in str(raised.value)


def test_a_refused_token_is_replaced_by_what_another_process_stored() -> None:
    """After a 401 the store is read before anything is asked."""
    talk = Talk(OLD)
    assert talk.hold(renewal(WHO, clock(10), refused="access-0")) == OLD
    assert talk.names() == ["Read"]


def test_a_refused_token_that_is_young_is_not_renewed() -> None:
    """A 401 on a young token is not cured by a renewal that Exact would refuse."""
    talk = Talk(OLD)
    with pytest.raises(SignInFailed, match=r"next in 4(68|69|70) s"):
        talk.hold(renewal(WHO, clock(101), refused="access-1"))
    assert talk.names() == ["Read"]


def test_a_refused_token_is_renewed_as_soon_as_exact_allows() -> None:
    """Shortly before that moment, the moment is waited for."""
    talk = Talk(OLD, gives(2))
    talk.hold(renewal(WHO, clock(560), refused="access-1"))
    assert talk.names() == ["Read", "Wait", "Keep", "Ask", "Keep"]
    waited = [step.seconds for step in talk.steps if isinstance(step, Wait)]
    assert waited == pytest.approx([10], abs=1)


def test_nothing_stored_and_nothing_configured() -> None:
    """A first run without consent says how to give it."""
    with pytest.raises(ConsentNeeded, match="no sign-in"):
        Talk(None).hold(renewal(WHO, clock()))


def test_a_configured_token_seeds_an_empty_store() -> None:
    """It is used once; on the next run the stored pair goes on."""
    talk = Talk(None, gives(1))
    first = talk.hold(renewal(SEEDED, clock()))
    assert talk.asked() == ["refresh-0"]
    assert Talk(first).hold(renewal(SEEDED, clock(5))) == first


def test_another_configured_token_replaces_the_store() -> None:
    """A new value of the setting is taken over although the stored token is alive."""
    first = Talk(None, gives(1)).hold(renewal(SEEDED, clock()))
    talk = Talk(first, gives(7))
    tokens = talk.hold(renewal(replace(SEEDED, refresh_token="another"), clock(5)))
    assert talk.asked() == ["another"]
    assert tokens.access_token == "access-7"


def test_a_configured_token_that_is_dead_does_not_cost_the_stored_one() -> None:
    """A stale value in the settings is tried once; the sign-in there was goes on."""
    talk = Talk(OLD, USED)
    tokens = talk.hold(renewal(SEEDED, clock(5)))
    assert tokens.access_token == "access-1"
    assert Talk(talk.stored).hold(renewal(SEEDED, clock(6))) == tokens


def test_two_settings_do_not_take_turns() -> None:
    """A tap and a target with different seeds each use theirs once only."""
    other = replace(SEEDED, refresh_token="another")
    first = Talk(None, gives(1)).hold(renewal(SEEDED, clock()))
    second = Talk(first, gives(2)).hold(renewal(other, clock(5)))
    assert Talk(second).hold(renewal(SEEDED, clock(6))) == second
    assert Talk(second).hold(renewal(other, clock(7))) == second


@pytest.mark.parametrize(("days", "warned"), [(19, False), (20, True), (29, True)])
def test_age_is_warned_of(days: int, *, warned: bool, caplog: pytest.LogCaptureFixture) -> None:
    """From the twentieth day without use the log says when the refresh token dies."""
    with caplog.at_level(logging.WARNING):
        Talk(OLD, gives(2)).hold(renewal(WHO, clock(days * 86_400 + 60)))
    assert warned == (f"not used for {days} days" in caplog.text)


def test_consent_is_exchanged() -> None:
    """The code goes out with the redirect address, and the pair is on disk."""
    talk = Talk(None, gives(1))
    talk.hold(exchange(WHO, clock(), "the code", "http://localhost:8400/"))
    (ask,) = (step for step in talk.steps if isinstance(step, Ask))
    assert ask.form == {
        "grant_type": "authorization_code",
        "code": "the code",
        "redirect_uri": "http://localhost:8400/",
        "client_id": "{client}",
        "client_secret": "very-secret",
    }
    assert talk.stored is not None
    assert talk.stored.refresh_token == "refresh-1"


def test_refused_consent_names_what_to_check() -> None:
    """A code that does not work says why it may not, and costs no stored pair."""
    talk = Talk(OLD, says("invalid_grant"))
    with pytest.raises(SignInFailed, match="three minutes"):
        talk.hold(exchange(WHO, clock(), "the code", "http://localhost:8400/"))
    assert talk.stored == OLD


def test_consent_after_death_lives() -> None:
    """A consent takes the place of a dead token, and the configured one is not tried again."""
    dead = replace(OLD, dead="dead", seeds=[])
    talk = Talk(dead, gives(3))
    fresh = talk.hold(exchange(SEEDED, clock(), "the code", "http://localhost:8400/"))
    assert Talk(talk.stored).hold(renewal(SEEDED, clock(5))) == fresh


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (TOO_EARLY, "early"),
        (says("x", "Access Token not expired", 401), "early"),
        (USED, "used"),
        (says("invalid_grant", "Old refresh token used."), "used"),
        (EXPIRED, "dead"),
        (says("invalid_grant"), "dead"),
        (says("invalid_request"), "client"),
        (says("server_error"), "refused"),
        (says("server_error", status=500), "again"),
        (says("slow_down", status=429), "again"),
        (Answer(200, {}, b"[]"), "again"),
    ],
)
def test_verdict_on(answer: Answer, expected: str) -> None:
    """What Exact says about a renewal is told apart by its words."""
    assert expected == verdict_on(answer)


@pytest.mark.parametrize("expires_in", ["600", 600, "", None, "soon", "-1", "inf"], ids=repr)
def test_odd_lifetimes(expires_in: object) -> None:
    """The lifetime is text, and when it is nothing sensible it is ten minutes."""
    tokens = Talk(OLD, gives(2, expires_in=expires_in)).hold(renewal(WHO, clock(600)))
    assert tokens.expires_at - tokens.issued_at == 600


def test_nothing_secret_is_in_a_repr() -> None:
    """Tokens and secrets do not show where objects are printed."""
    shown = repr([SEEDED, OLD, Ask({"refresh_token": "refresh-1"}), Keep(OLD), gives(2)])
    assert not [secret for secret in ("refresh-", "access-", "very-secret") if secret in shown]


def test_errors_are_errors_of_exact_online() -> None:
    """One class catches them all."""
    assert issubclass(ConsentNeeded, ExactOnlineError)
    assert issubclass(SignInFailed, ExactOnlineError)
