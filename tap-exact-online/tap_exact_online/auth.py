"""Signing in at Exact Online: which token to use, and when to ask for the next.

The rules are conversations without I/O: a generator yields what is to be done next and is sent what came of it, so each
step can be tried without a server. ``SignIn`` does what they ask, with the store locked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tap_exact_online.exceptions import ConsentNeeded, SignInFailed
from tap_exact_online.token_endpoint import holds_pair, pair_in, said, verdict_on
from tap_exact_online.token_store import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tap_exact_online.answers import Answer
    from tap_exact_online.limits import ServerClock
    from tap_exact_online.token_store import TokenStore

REFRESH_TOKEN_DAYS = 30
"""A refresh token that is not used for so long is dead (websmurf/laravel-exact-online#19)."""
WARN_DAYS = 20
SHORT_WAIT = 60.0
"""A renewal that is allowed this soon is waited for."""
KEPT_SEEDS = 20

_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The app, as registered in the Exact App Centre, and the refresh token to start from, if one is configured."""

    client_id: str
    client_secret: str = field(repr=False)
    origin: str
    refresh_token: str = field(default="", repr=False)

    def consent_url(self, redirect_uri: str, state: str) -> str:
        """Return the page on which a person gives consent."""
        asked = {"client_id": self.client_id, "redirect_uri": redirect_uri, "response_type": "code", "state": state}
        return f"{self.origin}/api/oauth2/auth?{urlencode(asked)}"


@dataclass(frozen=True)
class Read:
    """Read the store; answered with ``Tokens`` or None."""


@dataclass(frozen=True)
class Keep:
    """Put these tokens on disk before going on."""

    tokens: Tokens


@dataclass(frozen=True)
class Ask:
    """Post this form to the token endpoint; answered with an ``Answer``, or None when none came."""

    form: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Wait:
    """Wait so many seconds."""

    seconds: float


Step = Read | Keep | Ask | Wait


def renewal(who: Credentials, clock: ServerClock, refused: str = "") -> Generator[Step, Any, Tokens]:
    """Find a token to use: the stored one, or the next.

    Args:
        who: the client.
        clock: Exact's clock.
        refused: an access token that a data call did not accept.

    Raises:
        ConsentNeeded: no refresh token is left that works.
        SignInFailed: Exact refuses the client, or gives no usable answer.
    """
    stored: Tokens | None = yield Read()
    if stored is not None:
        clock.assume(stored.clock_difference)
    tokens = _seeded(who, stored)
    if tokens is None:
        raise ConsentNeeded(f"There is no sign-in for {who.client_id} yet. {_consent(who)}")
    if _usable(tokens, clock.now(), refused):
        return tokens
    if tokens.dead:
        raise ConsentNeeded(f"{tokens.dead} {_consent(who)}")
    yield from _until_renewable(tokens, clock)
    _warn_of_age(tokens, clock.now())
    yield Keep(stored or tokens)  # a store that cannot be written is noticed while the old token still works
    return (yield from _renewed(who, clock, tokens, stored))


def exchange(who: Credentials, clock: ServerClock, code: str, redirect_uri: str) -> Generator[Step, Any, Tokens]:
    """Turn the code of a consent into tokens and keep them.

    Raises:
        SignInFailed: Exact refuses the code or the client.
    """
    stored: Tokens | None = yield Read()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri} | _client(who)
    answer = yield from _ask(form)
    if not holds_pair(answer):
        raise SignInFailed(
            f"Exact Online does not take the code of this consent ({said(answer)}). A code works once and for three "
            f"minutes, and the redirect address must be the one of the app's registration: {redirect_uri}"
        )
    pair = pair_in(answer, clock, _seeds(who, stored))
    yield Keep(pair)
    return pair


def _renewed(
    who: Credentials, clock: ServerClock, tokens: Tokens, stored: Tokens | None
) -> Generator[Step, Any, Tokens]:
    answer = yield from _ask({"grant_type": "refresh_token", "refresh_token": tokens.refresh_token} | _client(who))
    if holds_pair(answer):
        pair = pair_in(answer, clock, tokens.seeds)
        yield Keep(pair)
        return pair
    verdict = verdict_on(answer)
    if verdict == "early":
        return (yield from _carry_on(who, clock, tokens))
    if verdict in ("used", "dead"):
        return (yield from _without(who, clock, tokens, stored, said(answer)))
    hint = "check `client_id` and `client_secret`" if verdict == "client" else "run again later"
    raise SignInFailed(f"Exact Online gives {who.client_id} no new token ({said(answer)}): {hint}")


def _carry_on(who: Credentials, clock: ServerClock, tokens: Tokens) -> Generator[Step, Any, Tokens]:
    """After a renewal that came too early the current token keeps working (websmurf/laravel-exact-online#31)."""
    if not tokens.access_token:
        raise SignInFailed(
            f"Exact Online gave {who.client_id} a token less than ten minutes ago, elsewhere; wait so long, run again"
        )
    kept = replace(tokens, renew_from=clock.latest() + SHORT_WAIT / 2, clock_difference=clock.difference)
    yield Keep(kept)
    return kept


def _without(
    who: Credentials, clock: ServerClock, tokens: Tokens, stored: Tokens | None, what: str
) -> Generator[Step, Any, Tokens]:
    """Go on after a refused refresh token: with what another process stored, or what there was before a new setting."""
    latest: Tokens | None = yield Read()
    other = latest if latest != (stored or tokens) else None
    if other is None and stored is not None and stored.refresh_token != tokens.refresh_token:
        other = replace(stored, seeds=tokens.seeds)
        yield Keep(other)
    if other is None or other.dead:
        reason = f"Exact Online no longer takes the refresh token of {who.client_id} ({what})."
        yield Keep(replace(tokens, dead=reason))
        raise ConsentNeeded(f"{reason} {_consent(who)}")
    if _usable(other, clock.now()):
        return other
    return (yield from _renewed(who, clock, other, other))


def _ask(form: dict[str, str]) -> Generator[Step, Any, Answer]:
    """Post a form until an answer says something; an empty one, or none, is tried again after a while."""
    answer: Answer | None = None
    for wait in (*_WAITS, None):
        answer = yield Ask(form)
        if answer is not None and (holds_pair(answer) or verdict_on(answer) != "again"):
            return answer
        if wait is not None:
            yield Wait(wait)
    what = "no answer" if answer is None else f"status {answer.status} without an explanation"
    raise SignInFailed(f"Exact Online's token endpoint gives {what}, {len(_WAITS) + 1} times in a row; run again later")


def _until_renewable(tokens: Tokens, clock: ServerClock) -> Generator[Step, Any, None]:
    missing = tokens.renew_from - clock.now()
    if missing > SHORT_WAIT:
        raise SignInFailed(
            f"Exact Online does not accept a token that it gave {clock.now() - tokens.issued_at:.0f} s ago, and gives "
            f"the next in {missing:.0f} s: check that the consent was not withdrawn, and run again after that"
        )
    if missing > 0:
        yield Wait(missing)


def _warn_of_age(tokens: Tokens, now: float) -> None:
    days = int((now - tokens.issued_at) // dt.timedelta(days=1).total_seconds())
    if tokens.issued_at and days >= WARN_DAYS:
        _logger.warning(
            "The refresh token of Exact Online was not used for %d days and dies after %d. Run a job, or "
            "`tap-exact-online-login --refresh`, more often.",
            days,
            REFRESH_TOKEN_DAYS,
        )


def _seeded(who: Credentials, stored: Tokens | None) -> Tokens | None:
    """Start from the configured refresh token when it was never used: for an empty store, or because it changed."""
    seeds = _seeds(who, stored)
    if not who.refresh_token or (stored is not None and seeds == stored.seeds):
        return stored
    return Tokens(refresh_token=who.refresh_token, seeds=seeds)


def _seeds(who: Credentials, stored: Tokens | None) -> list[str]:
    """Return the digests of the configured refresh tokens that are or were used, the present one among them."""
    known = stored.seeds if stored is not None else []
    digest = hashlib.sha256(who.refresh_token.encode()).hexdigest()
    return known if digest in known or not who.refresh_token else [*known, digest][-KEPT_SEEDS:]


def _usable(tokens: Tokens, now: float, refused: str = "") -> bool:
    return bool(tokens.access_token) and tokens.access_token != refused and now < tokens.renew_from


def _client(who: Credentials) -> dict[str, str]:
    return {"client_id": who.client_id, "client_secret": who.client_secret}


def _consent(who: Credentials) -> str:
    return f"Consent again: run `tap-exact-online-login`, which opens {who.origin}/api/oauth2/auth in the browser."


class SignIn:
    """Gives the access token to use now, renewing it when it is time; every renewal is one for all processes."""

    def __init__(
        self,
        who: Credentials,
        store: TokenStore,
        clock: ServerClock,
        post: Callable[[dict[str, str]], Answer | None],
        sleep: Callable[[float], None],
    ) -> None:
        self.who = who
        self.store = store
        self._clock = clock
        self._post = post
        self._sleep = sleep
        self._tokens: Tokens | None = None

    def access_token(self) -> str:
        """Return a token that Exact accepts now."""
        if self._tokens is None or not _usable(self._tokens, self._clock.now()):
            self._tokens = self._hold(renewal(self.who, self._clock))
        return self._tokens.access_token

    def replace(self, refused: str) -> str:
        """Return another token than this one, which a data call did not accept."""
        self._tokens = self._hold(renewal(self.who, self._clock, refused))
        return self._tokens.access_token

    def obtain(self, code: str, redirect_uri: str) -> None:
        """Turn the code of a consent into tokens, in the place of those there are."""
        self._tokens = self._hold(exchange(self.who, self._clock, code, redirect_uri))

    def _hold(self, conversation: Generator[Step, Any, Tokens]) -> Tokens:
        """Do what a conversation asks, with the store locked, and return what it ends with."""
        with self.store.locked():
            result: Any = None
            while True:
                try:
                    step = conversation.send(result)
                except StopIteration as end:
                    tokens: Tokens = end.value
                    return tokens
                result = self._do(step)

    def _do(self, step: Step) -> Tokens | Answer | None:
        match step:
            case Read():
                return self.store.read()
            case Keep(tokens):
                self.store.write(tokens)
            case Wait(seconds):
                self._sleep(seconds)
            case Ask(form):
                return self._post(form)
        return None
