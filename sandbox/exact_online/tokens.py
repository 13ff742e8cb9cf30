"""Tokens and the rules of their exchange, without HTTP.

A token describes itself: a signed text that holds what it is, when it was issued and to which chain of consent it
belongs. So a token from before a restart of the sandbox still works. Answers and their bodies are as users reported
them; each names its source.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

from sandbox.exact_online import user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock
    from sandbox.exact_online.switches import Switches

Kind = Literal["access", "refresh", "code"]

PREFIX = "stampNL001."
SIGNING_KEY = b"the sandbox keeps no secrets"
PADDING = 640
"""Tokens are about a kilobyte long (picqer/exact-php-client#449)."""
ACCESS_LIFE = 600
EARLIEST_REFRESH = 570
REFRESH_LIFE = 30 * 86_400
CODE_LIFE = 180


class Token(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a token says."""

    kind: Kind
    serial: str
    chain: str
    issued: float
    redirect_uri: str = ""


class TokenError(Exception):
    """The token endpoint says no."""

    def __init__(self, status: int, error: str, description: str | None = None, reason: str | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error} | ({"error_description": description} if description else {})
        self.reason = reason


def sign(token: Token) -> str:
    """Write a token, with the exclamation mark that must be escaped in an address."""
    payload = base64.urlsafe_b64encode(msgspec.json.encode(token)).decode()
    filler = base64.urlsafe_b64encode(hashlib.shake_256(payload.encode()).digest(PADDING)).decode()
    signature = hmac.digest(SIGNING_KEY, f"{payload}{filler}".encode(), "sha256").hex()
    return f"{PREFIX}{payload}!{filler}!{signature}"


def verify(text: str, kind: Kind) -> Token | None:
    """Read a token of a kind; None: it is no such token."""
    payload, _, rest = text.removeprefix(PREFIX).partition("!")
    filler, _, signature = rest.partition("!")
    expected = hmac.digest(SIGNING_KEY, f"{payload}{filler}".encode(), "sha256").hex()
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    token = msgspec.json.decode(base64.urlsafe_b64decode(payload), type=Token)
    return token if token.kind == kind else None


@dataclass
class Issuer:
    """Gives out tokens and remembers which were used, until the next reset."""

    clock: Clock
    switches: Switches
    used: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)

    def code(self, redirect_uri: str) -> str:
        """Return a new authorization code."""
        return sign(self._token("code", secrets.token_hex(8), redirect_uri))

    def access(self, text: str) -> bool:
        """Tell whether an access token is valid now."""
        token = verify(text, "access")
        return token is not None and 0 <= self.clock.epoch() - token.issued < self.clock.span(ACCESS_LIFE)

    def exchange(self, form: Mapping[str, str]) -> dict[str, str]:
        """Answer a call of the token endpoint.

        Raises:
            TokenError: It is refused; nothing has changed.
        """
        if (form.get("client_id"), form.get("client_secret")) != (user.CLIENT_ID, user.CLIENT_SECRET):
            raise TokenError(400, "invalid_request")  # picqer/exact-php-client#553
        match form.get("grant_type"):
            case "authorization_code":
                return self._redeem(form)
            case "refresh_token":
                return self._refresh(form.get("refresh_token", ""))
        raise TokenError(400, "invalid_request")

    def _redeem(self, form: Mapping[str, str]) -> dict[str, str]:
        code = verify(form.get("code", ""), "code")
        if (
            code is None
            or code.serial in self.used
            or code.redirect_uri != form.get("redirect_uri")
            or self.clock.epoch() - code.issued >= self.clock.span(CODE_LIFE)
        ):
            raise TokenError(400, "invalid_grant")  # picqer/exact-php-client#14
        self.used.add(code.serial)
        return self._answer(code.chain)

    def _refresh(self, text: str) -> dict[str, str]:
        first = Token(kind="refresh", serial="first", chain="first", issued=float("-inf"))
        token = first if text == user.FIRST_REFRESH_TOKEN else verify(text, "refresh")
        if token is None:
            raise TokenError(400, "invalid_grant")
        self._check_use(token)
        if token is not first:
            self._check_age(token)
        self.used.add(token.serial)
        return self._answer(token.chain)

    def _check_use(self, token: Token) -> None:
        if token.serial in self.used:
            if self.switches.reuse_revokes_chain:
                self.revoked.add(token.chain)
            # picqer/exact-php-client#644 and #640: 401 in 2024; forums.invantive.com topic 1838: 400 in 2021
            raise TokenError(self.switches.used_token_status, "unauthorized_client", "Old refresh token used.")
        if token.chain in self.revoked:  # websmurf/laravel-exact-online#25
            raise TokenError(400, "invalid_grant", "Token is not allowed, because of invalid or empty chainId")

    def _check_age(self, token: Token) -> None:
        age = self.clock.epoch() - token.issued
        if age < self.clock.span(EARLIEST_REFRESH):  # websmurf/laravel-exact-online#31
            text = "Rate limit exceeded: access_token not expired"
            raise TokenError(400, "access_denied", text, f"TooEarlyToRefreshTokens: {text}")
        if age > self.clock.span(REFRESH_LIFE):  # websmurf/laravel-exact-online#23
            expired = token.issued + self.clock.span(REFRESH_LIFE)
            raise TokenError(
                400,
                "invalid_request",
                f"The refresh token expired at {_us_date(expired)} and it is now {_us_date(self.clock.epoch())}.",
            )

    def _token(self, kind: Kind, chain: str, redirect_uri: str = "") -> Token:
        return Token(
            kind=kind, serial=secrets.token_hex(8), chain=chain, issued=self.clock.epoch(), redirect_uri=redirect_uri
        )

    def _answer(self, chain: str) -> dict[str, str]:
        """Return a new pair; ``expires_in`` is a text (ossobv/exactonline, picqer/exact-php-client)."""
        return {
            "access_token": sign(self._token("access", chain)),
            "token_type": "bearer",
            "expires_in": str(max(int(self.clock.span(ACCESS_LIFE)), 1)),
            "refresh_token": sign(self._token("refresh", chain)),
        }


def _us_date(epoch: float) -> str:
    moment = dt.datetime.fromtimestamp(epoch, dt.UTC)
    hour = moment.hour % 12 or 12
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {'AM' if moment.hour < 12 else 'PM'}"
